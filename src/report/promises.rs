//! Phrases about what was promised: of a policy, of a finding, by whose word, and what stands in the place of a day.

use std::collections::BTreeSet;

use super::{
    Judged, Report,
    phrases::{LONGEST_NAME, duration, headline, safe, shorten, tier},
};
use crate::{
    model::Timestamp,
    policy::{
        Clock, Deadline, Deadlines, ExploitedRule, Policy, PolicySource, Stage, Standing, Tier, TierReason,
        deadline::Origin,
        judge::{JudgedBy, NoDeadline},
        length,
        reading::AgeRule,
        tier::{Example, TierExample},
    },
};

/// When a finding was or is due, in its section's words: a date for what is late, `in 3 days` for what is near.
#[must_use]
pub fn due(judged: &Judged, as_of: Timestamp) -> String {
    let judgement = &judged.judgement;
    if let Some(exception) = &judgement.exception {
        return format!("until {}", exception.expires.date());
    }
    let due = match judgement.judged_by.as_ref().and_then(|by| by.stage) {
        Some(Stage::Respond) => judgement.respond_by,
        _ => judgement.fix_by.or(judgement.respond_by),
    };
    let Some(due) = due else {
        return if judgement.standing == Standing::OnTrack { "next release".to_owned() } else { String::new() };
    };
    match judgement.standing {
        Standing::Overdue | Standing::OnTrack => due.date(),
        Standing::DueSoon => format!("in {}", duration(due.seconds() - as_of.seconds())),
        Standing::NoDeadline | Standing::Excepted => String::new(),
    }
}

/// The file and line whose word a finding is judged by: of a policy, or of the exception that covers it. Empty where that
/// is the built-in policy.
#[must_use]
pub fn by_file(judged: &Judged) -> String {
    let judgement = &judged.judgement;
    if let Some(exception) = &judgement.exception {
        return safe(&format!("{}:{}", exception.file, exception.line));
    }
    let by = judgement.judged_by.as_ref().filter(|by| by.origin.as_ref().is_some_and(|origin| origin.path().is_some()));
    by.and_then(stated_by).unwrap_or_default()
}

/// What a finding is about, behind what its standing is for, where that is not told by a day.
#[must_use]
pub fn story(judged: &Judged) -> String {
    let judgement = &judged.judgement;
    let headline = headline(&judged.finding);
    let because = match (&judgement.exception, &judgement.release, &judgement.no_deadline) {
        (Some(exception), ..) => Some(safe(&exception.reason)),
        (None, Some(release), _) => Some(format!("still shipped by {}", safe(&release.tag))),
        (None, None, Some(reason)) => no_deadline(reason),
        _ => None,
    };
    let by_example = judgement.example.as_deref().map(example);
    because.into_iter().chain([headline]).chain(by_example).collect::<Vec<_>>().join("; ")
}

/// Why a finding has no deadline, unless that goes without saying.
#[must_use]
pub fn no_deadline(reason: &NoDeadline) -> Option<String> {
    Some(match reason {
        NoDeadline::Informational => return None,
        NoDeadline::NotPromised => "the policy says nothing of its tier".to_owned(),
        NoDeadline::NoFigure => "the policy has no figure for its tier".to_owned(),
        NoDeadline::Undated => "the advisory has no date".to_owned(),
        NoDeadline::NoFix => "there is no fix yet".to_owned(),
        NoDeadline::Answered => "it was answered for".to_owned(),
        NoDeadline::ReleasesUnknown(why) => format!("promised for the next release: {}", safe(why)),
    })
}

/// The example of a policy that gave a finding its tier.
#[must_use]
pub fn example(example: &TierExample) -> String {
    let Example { text, line, origin, .. } = &example.example;
    let place = match (origin.path(), line) {
        (Some(path), Some(line)) => format!("{path}:{line}: "),
        _ => String::new(),
    };
    safe(&format!("{} by the example {place}{}", example.tier.as_str(), shorten(text, LONGEST_NAME)))
}

/// The tiers that what nobody has graded is judged as.
#[must_use]
pub fn unscored_as(report: &Report) -> String {
    let unscored = report.findings.iter().filter(|judged| judged.judgement.tier_reason == TierReason::Unscored);
    let tiers: BTreeSet<Tier> = unscored.map(|judged| judged.judgement.tier).collect();
    tiers.into_iter().map(Tier::as_str).collect::<Vec<_>>().join(" or ")
}

/// The policies of a report, a line each; where there are several, with what each of them judges.
#[must_use]
pub fn policies(report: &Report) -> Vec<String> {
    let several = report.policies.len() > 1;
    let line = |(at, own): (usize, &Policy)| {
        let targets: Vec<String> = report
            .targets
            .iter()
            .filter(|target| target.policy == at)
            .map(|target| target.release.as_ref().map_or_else(|| target.path.clone(), |release| release.tag.clone()))
            .collect();
        let whose = own.scope.clone().map_or_else(|| targets.join(", "), |scope| format!("what is in {scope}"));
        if several && !whose.is_empty() { format!("{}: judges {}", policy(own), safe(&whose)) } else { policy(own) }
    };
    report.policies.iter().enumerate().map(line).collect()
}

/// The policy in a line: where it is from, and what it promises by when.
#[must_use]
pub fn policy(policy: &Policy) -> String {
    let name = |source: &PolicySource| match source {
        PolicySource::SecurityMd { path, .. } | PolicySource::Config { path, .. } => safe(path),
        PolicySource::Builtin => "built-in".to_owned(),
    };
    let from: Vec<String> = policy.sources.iter().map(name).collect();
    let judging = |whose: &'static str, deadlines: &Deadlines| {
        let stages = [Stage::Respond, Stage::Fix].into_iter().filter_map(|stage| deadlines.get(&stage).map(|deadline| (stage, deadline)));
        stages.map(|(stage, deadline)| format!("{whose} {} {}", stage.as_str(), promised(deadline))).collect::<Vec<_>>()
    };
    let mut promises: Vec<String> = policy.tiers.iter().flat_map(|row| judging(row.tier.as_str(), &row.deadlines)).collect();
    promises.extend(judging("all", &policy.general));
    let rule = |rule: &AgeRule| format!("{} and above at most {} old", rule.min_tier.as_str(), length::shown(rule.max_age_hours, false));
    promises.extend(policy.rules.iter().map(rule));
    let silent: Vec<&str> = Tier::ALL.into_iter().filter(|tier| !policy.has_deadline(*tier)).map(Tier::as_str).collect();
    if !silent.is_empty() {
        promises.push(format!("nothing about {}", silent.join(", ")));
    }
    promises.extend(policy.exploited.as_ref().and_then(exploited));
    if policy.judging.clock != Clock::Published {
        promises.push(format!("from {}", policy.judging.clock.as_str()));
    }
    format!("{} ({})", from.join(", "), safe(&promises.join(" · ")).replace(" fix within", ""))
}

/// What is promised, in a word or two: a text's own words would be whole sentences.
fn promised(deadline: &Deadline) -> String {
    let until = deadline.until.map(|_| "at the next release".to_owned());
    let within = deadline.limit_hours.map(|hours| match &deadline.origin {
        Origin::File(_) => format!("within {}", length::shown(hours, deadline.business_days)),
        Origin::Config(_) | Origin::Builtin => format!("within {}", deadline.text),
    });
    match (within, until) {
        (Some(within), Some(until)) => format!("{within} or {until}"),
        (within, until) => within.or(until).unwrap_or_else(|| "without a figure".to_owned()),
    }
}

/// What a policy of the project's own says of what is known to be exploited.
fn exploited(rule: &ExploitedRule) -> Option<String> {
    let fix = rule.fix.as_ref();
    if rule.tier.is_none() && fix.is_none_or(|deadline| deadline.origin == Origin::Builtin) {
        return None;
    }
    let parts = rule.tier.map(|tier| format!("at least {}", tier.as_str())).into_iter().chain(fix.map(|deadline| deadline.text.clone()));
    Some(format!("known to be exploited {}", parts.collect::<Vec<_>>().join(", ")))
}

/// The tier of a finding with its reason, and what was promised about it.
#[must_use]
pub fn tier_and_promise(judged: &Judged) -> String {
    let why = match judged.judgement.tier_reason {
        TierReason::Score => "by its score",
        TierReason::Malicious => "a malicious package",
        TierReason::Exploited => "known to be exploited",
        TierReason::Label => "by its label",
        TierReason::Example => "by an example of the policy",
        TierReason::Unscored => "graded by nobody",
        TierReason::Informational => "informational",
    };
    format!("{} ({why}), {}, {}", tier(judged), promise(judged), judged.judgement.standing.as_str())
}

/// What was promised about a finding, by when, and by whom.
pub(super) fn promise(judged: &Judged) -> String {
    let judgement = &judged.judgement;
    if let Some(exception) = &judgement.exception {
        return format!("excepted until {}", exception.expires.date());
    }
    let Some(by) = &judgement.judged_by else { return "no deadline".to_owned() };
    if let (Some(NoDeadline::Answered), Some(response)) = (&judgement.no_deadline, &judgement.response) {
        return format!("answered on {}", response.at.date());
    }
    let late = match by.stage {
        Some(Stage::Respond) => judgement.respond_by,
        _ => judgement.fix_by,
    };
    if let Some(since) = late.filter(|_| judgement.standing == Standing::Overdue && judgement.release.is_none()) {
        let whose = stated_by(by).map_or_else(String::new, |whose| format!(" ({whose})"));
        return format!("overdue since {}{whose}", since.date());
    }
    let due = match by.stage {
        Some(Stage::Fix | Stage::Rule) if judgement.release.is_some() => {
            judgement.release.as_ref().map(|release| format!("to be fixed before {} of {}", safe(&release.tag), release.at.date()))
        }
        Some(Stage::Fix | Stage::Rule) => judgement
            .fix_by
            .map(|due| format!("to be fixed by {}", due.date()))
            .or_else(|| (judgement.standing == Standing::OnTrack).then(|| "to be fixed at the next release".to_owned())),
        Some(Stage::Respond) => judgement.respond_by.map(|due| format!("to be answered by {}", due.date())),
        // The other stages judge no dependency.
        Some(Stage::Acknowledge | Stage::Assess | Stage::StatusUpdate | Stage::Disclose) | None => None,
    };
    match (due, stated_by(by)) {
        (Some(due), Some(whose)) => format!("{due} ({whose})"),
        (Some(due), None) => due,
        (None, _) => "no deadline".to_owned(),
    }
}

/// Who states what a finding is judged by: a line of a file, or the built-in policy. `None` where nobody does.
#[must_use]
pub fn stated_by(by: &JudgedBy) -> Option<String> {
    by.origin.as_ref().map(|origin| match origin {
        Origin::Builtin => "built-in policy".to_owned(),
        Origin::File(path) | Origin::Config(path) => format!("{}{}", safe(path), by.line.map_or(String::new(), |line| format!(":{line}"))),
    })
}
