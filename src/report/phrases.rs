//! The few phrases that formats for people share. English, short, safe to print.

use std::collections::BTreeSet;

use super::{DataUse, Judged, Report, Verdict, identity::from_root};
use crate::{
    model::{
        Certainty, Epss, Finding, Timestamp,
        timestamp::{DAY, HOUR},
    },
    policy::{
        Clock, Deadline, Deadlines, ExploitedRule, Policy, PolicySource, Stage, Standing, Tier, TierReason,
        deadline::Origin,
        judge::{JudgedBy, NoDeadline},
        length,
        reading::AgeRule,
        tier::{Example, TierExample},
    },
};

/// Text from advisories and file names with everything taken out that could move a cursor, colour a terminal, break or
/// reverse a line, or that cannot be seen.
#[must_use]
pub fn safe(text: &str) -> String {
    text.chars()
        .map(|c| {
            let unseen = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
            if c.is_control() || unseen { '\u{fffd}' } else { c }
        })
        .collect()
}

/// The text in at most so many characters, with `…` where something was cut off.
#[must_use]
pub fn shorten(text: &str, most: usize) -> String {
    if text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A way of dependencies, the middle of a long one left out.
#[must_use]
pub fn way(path: &[String]) -> String {
    const ENDS: usize = 4;
    let shown = |part: &[String]| part.iter().map(|name| shorten(name, LONGEST_NAME)).collect::<Vec<_>>().join(" > ");
    if path.len() <= 2 * ENDS + 1 {
        return shown(path);
    }
    let between = path.len() - 2 * ENDS;
    format!("{} > … {between} more … > {}", shown(&path[..ENDS]), shown(&path[path.len() - ENDS..]))
}

/// Names longer than this are nobody's; they would fill a page.
pub const LONGEST_NAME: usize = 200;
/// Sentences longer than this are not read.
pub const LONGEST_TEXT: usize = 2000;

/// A CVSS score, given in tenths.
#[must_use]
pub fn score(tenths: u8) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The tier of a finding, or its kind where it is informational.
#[must_use]
pub fn tier(judged: &Judged) -> &'static str {
    if judged.finding.kind.is_security() { judged.judgement.tier.as_str() } else { judged.finding.kind.as_str() }
}

/// `1 package`, `2 packages`.
#[must_use]
pub fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A length of time in its largest whole unit: `3 days`, `5 hours`.
#[must_use]
pub fn duration(seconds: i64) -> String {
    let (number, unit) = match seconds.max(0) {
        s if s >= DAY => (s / DAY, "day"),
        s if s >= HOUR => (s / HOUR, "hour"),
        s => (s / 60, "minute"),
    };
    count(number.unsigned_abs(), unit)
}

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
    let by_example = judgement.example.as_ref().map(example);
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

/// A path in a target as a person would open it from here.
#[must_use]
pub fn place(report: &Report, target: usize, path: &str) -> String {
    let place = report.targets.get(target);
    let Some(target) = place.filter(|_| !path.starts_with("--")) else { return path.to_owned() };
    if let Some(release) = &target.release {
        // As `git show` takes it.
        let place = from_root(&release.folder, path);
        return if matches!(place.as_str(), "" | ".") { release.tag.clone() } else { format!("{}:{place}", release.tag) };
    }
    match (target.kind, target.path.trim_end_matches('/')) {
        (_, "." | "") => path.to_owned(),
        (_, whole) if path == "." => whole.to_owned(),
        ("directory" | "rootfs" | "environment", folder) => format!("{}/{path}", folder.strip_prefix("./").unwrap_or(folder)),
        (_, file) => match file.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{path}"),
            None => path.to_owned(),
        },
    }
}

/// The dependency files that findings are in, as a person would open them from here.
#[must_use]
pub fn manifests(report: &Report) -> BTreeSet<String> {
    report.findings.iter().map(|f| place(report, f.finding.target, &f.finding.manifest)).collect()
}

/// What a finding is about: the advisory's summary, else facts: categories and weaknesses, else its kind.
#[must_use]
pub fn headline(finding: &Finding) -> String {
    let exploited = finding.exploited.as_ref().map(|entry| format!("known to be exploited since {}", entry.added.date()));
    let mut parts: Vec<String> = exploited.into_iter().chain(let_in(finding)).collect();
    let subject = subject(finding);
    // That it is a vulnerability goes without saying where there is something to say.
    if parts.is_empty() || subject != finding.kind.as_str() {
        parts.push(subject);
    }
    parts.join("; ")
}

/// Of a requirement, what it lets in of what the advisory affects: `lets in 3.9.0 to 3.9.1`.
#[must_use]
pub fn let_in(finding: &Finding) -> Option<String> {
    let admitted = finding.admitted.as_ref()?;
    let what = match &admitted.ends {
        None => admitted.range.clone(),
        Some((one, _)) if admitted.releases == 1 => one.clone(),
        Some((first, last)) => format!("{first} to {last}"),
    };
    Some(safe(&match finding.certainty {
        Certainty::Admitted => format!("lets in {what}"),
        Certainty::Affected => format!("lets in nothing but affected versions ({what})"),
    }))
}

/// What a package is wanted for and under which circumstances, where either is known: `for dev, if python_version < "3.8"`.
#[must_use]
pub fn wanted_when(finding: &Finding) -> Option<String> {
    let groups: Vec<&str> = finding.groups.iter().map(|group| group.as_str()).collect();
    let groups = (!groups.is_empty()).then(|| format!("for {}", groups.join(" and ")));
    let marker = finding.marker.as_ref().map(|marker| safe(&format!("if {}", shorten(marker, LONGEST_NAME))));
    let parts: Vec<String> = groups.into_iter().chain(marker).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn subject(finding: &Finding) -> String {
    if let Some(summary) = &finding.summary {
        return safe(summary.trim());
    }
    let facts: Vec<&str> = finding.categories.iter().chain(&finding.cwes).map(String::as_str).collect();
    if facts.is_empty() { finding.kind.as_str().to_owned() } else { safe(&facts.join(", ")) }
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

/// The advisory data of an ecosystem in a phrase: its age, its origin, and whether that is too old.
#[must_use]
pub fn data(data: &DataUse, as_of: Timestamp) -> String {
    let metadata = &data.metadata;
    let age = metadata.data_date.map_or("of unknown date".to_owned(), |date| format!("{} old", duration(as_of.seconds() - date.seconds())));
    let origin = match metadata.origin.as_str() {
        "snapshot" => "built-in snapshot",
        other => other,
    };
    let stale = if data.stale { ", too old to rely on" } else { "" };
    let set_aside = match metadata.set_aside_count {
        0 => String::new(),
        bad => format!(", {} set aside", count(bad, "record")),
    };
    format!("{} {age} ({origin}{stale}{set_aside})", metadata.ecosystem)
}

/// What a finding is, in a sentence that stands alone: package, advisory, tier and the day that was promised.
#[must_use]
pub fn title(judged: &Judged) -> String {
    let (finding, judgement) = (&judged.finding, &judged.judgement);
    let (name, version) = (shorten(&finding.name, LONGEST_NAME), shorten(&finding.wanted.to_string(), LONGEST_NAME));
    let subject = safe(&format!("{name} {version}: {}", shorten(&finding.id.0, LONGEST_NAME)));
    if !finding.kind.is_security() {
        return format!("{subject}, {}", finding.kind.as_str());
    }
    let grade = match (finding.grade.score, judgement.tier_reason) {
        (_, TierReason::Malicious) => "critical, a malicious package".to_owned(),
        (Some(tenths), _) => format!("{} {}", judgement.tier.as_str(), score(tenths)),
        (None, TierReason::Unscored) => format!("{} (unscored)", judgement.tier.as_str()),
        (None, _) => judgement.tier.as_str().to_owned(),
    };
    format!("{subject}, {grade}, {}", promise(judged))
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

/// An estimate of exploitation, with its day.
#[must_use]
pub fn epss(estimate: Epss) -> String {
    // Hundredths of a per cent.
    let (share, rank) = (estimate.probability / 100, estimate.percentile / 10_000);
    format!("EPSS {}.{:02} % as of {}, above {rank} % of all CVEs", share / 100, share % 100, estimate.date.date())
}

/// What was promised about a finding, by when, and by whom.
fn promise(judged: &Judged) -> String {
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

/// The gate in a phrase: whether it tripped, and by what.
#[must_use]
pub fn gate(report: &Report) -> String {
    let gate = &report.gate;
    let what = if report.compared.is_some() { "new finding" } else { "finding" };
    let mut by = Vec::new();
    if gate.counted > 0 {
        by.push(count(gate.counted as u64, what));
    }
    if gate.checks > 0 {
        by.push(count(gate.checks as u64, "fault") + " of the configuration");
    }
    if by.is_empty() {
        return format!("not tripped: no {what} counts (--fail-on {})", gate.fail_on);
    }
    format!("tripped by {} (--fail-on {})", by.join(" and "), gate.fail_on)
}

/// The verdict in a line, with what keeps it from being complete.
#[must_use]
pub fn whole_verdict(report: &Report) -> String {
    let mut text = verdict(report);
    if !report.complete && report.verdict != Verdict::Incomplete {
        text.push_str("; incomplete");
    }
    if !report.complete && report.data.iter().any(|data| data.stale) {
        text.push_str(": the advisory data is too old");
    } else if !report.complete && report.unchecked.is_empty() {
        text.push_str(": the catalogue of known exploited vulnerabilities is too old");
    }
    text
}

/// The verdict in a line. The word for a spotless result stands only where everything was looked at.
#[must_use]
pub fn verdict(report: &Report) -> String {
    let standing = |standing| report.standing(standing).count();
    let (late, soon) = (standing(Standing::Overdue), standing(Standing::DueSoon));
    let (on_track, undated) = (standing(Standing::OnTrack), standing(Standing::NoDeadline));
    let open = late + soon + on_track + undated;
    let excepted = standing(Standing::Excepted);
    let informational = report.informational().count();
    let mut parts = Vec::new();
    if late > 0 {
        parts.push(format!("{late} overdue, {soon} due soon, {on_track} on track"));
        if undated > 0 {
            parts.push(format!("{undated} without a deadline"));
        }
    } else if open + informational + excepted > 0 {
        parts.push(format!("within policy: {open} open, 0 overdue"));
    } else if report.complete {
        parts.push("clean: nothing found".to_owned());
    } else {
        parts.push("incomplete: nothing found, but not everything was looked at".to_owned());
    }
    if excepted > 0 {
        parts.push(format!("{excepted} excepted"));
    }
    if informational > 0 {
        parts.push(format!("{informational} informational"));
    }
    let left_out = if report.excluded > 0 { format!(", {} left out as was asked for", report.excluded) } else { String::new() };
    let checked = format!("{} checked in {}{left_out}", count(report.packages.checked, "package"), count(report.files.checked, "file"));
    format!("{}; {checked}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{duration, safe};

    #[test]
    fn terminal_escapes_do_not_get_through() {
        assert_eq!(safe("a\u{1b}[31mb\u{202e}c\n"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}");
    }

    #[test]
    fn durations_use_the_largest_whole_unit() {
        for (seconds, text) in
            [(-5, "0 minutes"), (59, "0 minutes"), (60, "1 minute"), (7_199, "1 hour"), (86_400, "1 day"), (200_000, "2 days")]
        {
            assert_eq!(duration(seconds), text);
        }
    }
}
