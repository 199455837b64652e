//! What is wrong with the configuration of a scan, as far as the findings show it.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use super::{
    ScanError, ScanRequest,
    policies::Applied,
    subject::{Subject, given},
};
use crate::{
    advisory::Store,
    model::Timestamp,
    policy::{
        Accepted, Basis, Exception, Judgement, Policy,
        exception::{Lapsed, bears},
        judge::NoDeadline,
        pattern,
        stated::Section,
    },
    report::{Check, CheckKind, DependencyFile, Judged, Placed, model::Parts, phrases::count},
};

/// Everything that is wrong. `parts` has the findings and what was not checked.
///
/// # Errors
/// When the advisory data at hand is damaged.
pub(super) fn all(request: &ScanRequest, subjects: &[Subject<'_>], applied: &Applied<'_>, parts: &Parts) -> Result<Vec<Check>, ScanError> {
    let mut checks = request.policies.checks.clone();
    let place = |exception: &Exception| (Arc::clone(&exception.file), exception.line);
    let judgements = || parts.findings.iter().map(|judged| &judged.judgement);
    let used: HashSet<_> = judgements().filter_map(|judgement| judgement.exception.as_deref()).map(place).collect();
    let lapsed: HashMap<_, _> = parts
        .findings
        .iter()
        .filter_map(|judged| judged.judgement.lapsed.as_deref().map(|(exception, why)| (place(exception), (judged, *why))))
        .collect();
    let used_up: HashSet<_> = parts.accepted.values().map(|item| (Arc::clone(&item.file), item.line)).collect();
    let is_looked_through =
        !request.is_narrow() && parts.excluded == 0 && parts.unchecked.iter().all(|placed| !placed.item.reason.may_hide_findings());
    let mut idle: Vec<(&Exception, bool)> = Vec::new();
    for (at, project) in request.policies.projects.iter().enumerate() {
        checks
            .extend(request.policies.untrusted.iter().filter(|(of, _)| *of == at).map(|(_, own)| untrusted(subjects, applied, own, parts)));
        let Some(config) = project.layered.config() else { continue };
        // One that says what another one says as well is used, too.
        let covers = |exception: &&Exception| {
            let is_its = |judged: &&Judged| {
                judged.judgement.exception.is_some()
                    && exception.speaks_of(&judged.finding, &applied.manifest(subjects, &judged.finding))
                    && exception.lapsed(&judged.finding, request.as_of).is_none()
            };
            used.contains(&place(exception)) || parts.findings.iter().any(|judged| is_its(&judged))
        };
        let unused = config.exceptions.iter().filter(|exception| !covers(exception));
        let is_whole = project.is_whole && is_looked_through;
        idle.extend(unused.map(|exception| (exception, is_whole)));
        let path = config.source.file().map(|(path, _)| path);
        let sections = config.sections.iter().filter(|_| is_whole);
        checks.extend(sections.filter_map(|section| idle_section(subjects, applied, (at, path, section), parts)));
        let needless = config.accepted.iter().filter(|item| !used_up.contains(&(Arc::clone(&item.file), item.line)));
        checks.extend(needless.filter_map(|item| unneeded(item, request.as_of, project.is_whole && !request.is_narrow())));
    }
    // One that holds for something may have ended for something else.
    let ended = lapsed.iter().filter(|(_, (_, why))| *why == Lapsed::Fixed).filter(|(place, _)| used.contains(*place));
    let mut ended: Vec<_> = ended.filter_map(|(_, (judged, why))| Some((judged.judgement.lapsed.as_deref()?, *judged, *why))).collect();
    ended.sort_by_key(|((exception, _), ..)| place(exception));
    for ((exception, _), judged, why) in ended {
        checks.extend(idle_check(exception, (Some((judged, why)), None), true, false, request.as_of));
    }
    let known = known(&request.store, idle.iter().map(|(exception, _)| exception.id.as_str()))?;
    for (exception, is_whole) in idle {
        let is_known = known.contains(&exception.id.to_ascii_uppercase());
        let missed = parts.findings.iter().find(|judged| bears(&judged.finding, &exception.id));
        checks.extend(idle_check(exception, (lapsed.get(&place(exception)).copied(), missed), is_known, is_whole, request.as_of));
    }
    checks.extend(clocks(applied, parts));
    checks.extend(deadlines(request, applied, parts));
    Ok(checks)
}

/// A section about what is not there, as one that is misspelt.
fn idle_section(
    subjects: &[Subject<'_>],
    applied: &Applied<'_>,
    (project, path, section): (usize, Option<&str>, &Section),
    parts: &Parts,
) -> Option<Check> {
    let is_in = |placed: &Placed<DependencyFile>| {
        let given = given(subjects, placed.target);
        let is_its = applied.project(given).is_some_and(|(at, ..)| at == project);
        is_its && pattern::encloses(&section.path, &applied.below_policy(given, &placed.item.path))
    };
    (!parts.files_read.iter().any(is_in)).then(|| Check {
        path: path.map(str::to_owned),
        line: Some(section.line),
        kind: CheckKind::SectionUnused,
        subject: section.path.clone(),
        message: format!("the section about {} is about no dependency file here", section.path),
        cure: "correct its path, from the folder of this file, or take it out".to_owned(),
    })
}

/// Why an exception covers no finding.
fn idle_check(
    exception: &Exception,
    (lapsed, missed): (Option<(&Judged, Lapsed)>, Option<&Judged>),
    is_known: bool,
    is_whole: bool,
    as_of: Timestamp,
) -> Option<Check> {
    let check = |kind, message: String, cure: &str| Check {
        path: Some(exception.file.to_string()),
        line: Some(exception.line),
        kind,
        subject: exception.subject(),
        message,
        cure: cure.to_owned(),
    };
    if exception.has_expired(as_of) {
        let counts = if lapsed.is_some() { ", and what it covered counts again" } else { "" };
        let message = format!("the exception of {} ended on {}{counts}", exception.subject(), exception.expires.date());
        return Some(check(CheckKind::ExceptionExpired, message, "fix it, or decide anew: with a reason and a new day"));
    }
    if let Some((judged, Lapsed::Fixed)) = lapsed {
        let finding = &judged.finding;
        let fix = finding.cure.as_deref().or(finding.fixed_versions.first().map(String::as_str)).unwrap_or("another version");
        let message = format!("the exception of {} was to hold until there is a fix, and there is: {fix}", exception.subject());
        return Some(check(CheckKind::ExceptionFixed, message, "update the package, and take the exception out"));
    }
    if !is_known {
        let message = format!("nothing at hand bears the id {}, which is excepted", exception.id);
        return Some(check(CheckKind::ExceptionUnknownId, message, "correct the id, or take the exception out"));
    }
    if let Some(Judged { finding, .. }) = missed {
        let what = format!("{} {} in {}", finding.name, finding.wanted, finding.manifest);
        let message = format!("the exception of {} covers no finding, and not that of {what}", exception.subject());
        return Some(check(CheckKind::ExceptionUnused, message, "correct its package, versions or path, or take it out"));
    }
    let message = format!("the exception of {} covers no finding", exception.subject());
    is_whole.then(|| check(CheckKind::ExceptionUnused, message, "take it out: what it was about is gone"))
}

/// Which of these ids any advisory at hand bears, in capitals; all of them found in one go.
fn known<'a>(store: &Store, ids: impl Iterator<Item = &'a str>) -> Result<HashSet<String>, ScanError> {
    let asked: HashSet<String> = ids.map(str::to_ascii_uppercase).collect();
    let mut known = HashSet::new();
    if asked.is_empty() {
        return Ok(known);
    }
    // What cannot even be listed is told where it is opened.
    for ecosystem in store.at_hand().unwrap_or_default() {
        let Some(index) = store.open(&ecosystem)? else { continue };
        index.each_record(&mut |record| {
            let ids = std::iter::once(&record.id).chain(&record.group).chain(&record.aliases).chain(&record.upstream);
            known.extend(ids.map(|own| own.0.to_ascii_uppercase()).filter(|id| asked.contains(id)));
        })?;
    }
    Ok(known)
}

/// An acceptance that has run out, or that nothing needs.
fn unneeded(item: &Accepted, as_of: Timestamp, is_whole: bool) -> Option<Check> {
    let (kind, message, cure) = if item.has_expired(as_of) {
        let message = format!("{} was accepted as unchecked until {}", item.subject(), item.expires.date());
        (CheckKind::AcceptedExpired, message, "have it checked, or decide anew: with a reason and a new day")
    } else if is_whole {
        let message = format!("{} is accepted as unchecked, and there is nothing of it", item.subject());
        (CheckKind::AcceptedUnused, message, "take it out")
    } else {
        return None;
    };
    let (path, line, subject) = (Some(item.file.to_string()), Some(item.line), item.subject());
    Some(Check { path, line, kind, subject, message, cure: cure.to_owned() })
}

/// An exception that only the files at hand have.
fn untrusted(subjects: &[Subject<'_>], applied: &Applied<'_>, exception: &Exception, parts: &Parts) -> Check {
    let would = parts.findings.iter().find(|judged| exception.speaks_of(&judged.finding, &applied.manifest(subjects, &judged.finding)));
    let what = would.map_or_else(String::new, |judged| format!(" of {} {} ", judged.finding.name, judged.finding.wanted));
    let covers = if what.is_empty() { "; it would cover no finding" } else { ", and does not hold yet" };
    let message = format!("the exception of {}{} is new here{covers}", exception.subject(), what.trim_end());
    Check {
        path: Some(exception.file.to_string()),
        line: Some(exception.line),
        kind: CheckKind::ExceptionUntrusted,
        subject: exception.subject(),
        message,
        cure: "have it looked at: it holds once it is in what this is compared with".to_owned(),
    }
}

/// Clocks that are not what the policy asks for, and promises for a release that nothing is known of.
fn clocks(applied: &Applied<'_>, parts: &Parts) -> Vec<Check> {
    let mut reasons: BTreeMap<(CheckKind, &str, &str), u64> = BTreeMap::new();
    for judged in parts.findings.iter().filter(|judged| judged.finding.kind.is_security()) {
        let clock = applied.policy(judged.policy).judging.clock;
        let Judgement { fallback, basis, no_deadline, .. } = &judged.judgement;
        if let Some(why) = fallback {
            let kind = if *basis == Basis::FirstSeen { CheckKind::NotRecorded } else { CheckKind::ClockFallback };
            *reasons.entry((kind, clock.as_str(), why)).or_default() += 1;
        }
        if let Some(NoDeadline::ReleasesUnknown(why)) = no_deadline {
            *reasons.entry((CheckKind::ReleasesUnknown, clock.as_str(), why)).or_default() += 1;
        }
    }
    let check = |((kind, clock, why), number): ((CheckKind, &str, &str), u64)| {
        let (findings, s) = (count(number, "finding"), if number == 1 { "s" } else { "" });
        let (message, cure) = match kind {
            CheckKind::NotRecorded => (
                format!("{findings} count{s} from now: {why}"),
                "run `overdue --record` where the state file is committed, as in a job on the main branch",
            ),
            CheckKind::ReleasesUnknown => (
                format!("{findings} should be fixed at the next release, and nothing tells whether that was: {why}"),
                "fetch all tags and the whole history (fetch-depth: 0)",
            ),
            _ => (
                format!("{findings} count{s} from the publication, and not by the clock {clock}: {why}"),
                "mend that, or choose another clock in [judging]",
            ),
        };
        Check { path: None, line: None, kind, subject: "clock".to_owned(), message, cure: cure.to_owned() }
    };
    reasons.into_iter().map(check).collect()
}

/// Where the gate asks for what is overdue, and nothing can ever be: no file has a deadline, or none for some tiers.
fn deadlines(request: &ScanRequest, applied: &Applied<'_>, parts: &Parts) -> Vec<Check> {
    let mut used: Vec<usize> =
        parts.targets.iter().map(|target| target.policy).chain(parts.findings.iter().map(|judged| judged.policy)).collect();
    used.sort_unstable();
    used.dedup();
    let of = |at: usize| {
        let policy = applied.policy(at);
        let asks = request.fail_on.as_ref().or(policy.gate.fail_on.as_ref()).is_some_and(crate::policy::FailOn::asks_for_overdue);
        let message = if asks { lack(at, policy, parts)? } else { return None };
        let path = policy.sources.iter().find_map(|source| source.file()).map(|(path, _)| path.to_owned());
        let cure = "state by when each tier is fixed, as \"Critical: fixed within 7 days\", or add other words to fail-on".to_owned();
        Some(Check { subject: path.clone().unwrap_or_default(), path, line: None, kind: CheckKind::NoDeadline, message, cure })
    };
    used.into_iter().filter_map(of).collect()
}

fn lack(at: usize, policy: &Policy, parts: &Parts) -> Option<String> {
    let has_files = policy.sources.iter().any(|source| source.file().is_some());
    if policy.sources.iter().any(|source| source.file().is_none()) {
        let whose = if has_files { "no file here says by when anything is answered for or fixed" } else { "there is no policy here" };
        return Some(format!("--fail-on overdue: {whose}, so the built-in deadlines decide"));
    }
    let silent: Vec<&str> = policy.tiers.iter().filter(|row| !policy.has_deadline(row.tier)).map(|row| row.tier.as_str()).collect();
    let is_silent =
        |judged: &&Judged| judged.policy == at && judged.finding.kind.is_security() && silent.contains(&judged.judgement.tier.as_str());
    let open = parts.findings.iter().filter(is_silent).count();
    (!silent.is_empty()).then(|| {
        let of = if open > 0 { format!(" ({open} of the findings here)") } else { String::new() };
        format!("--fail-on overdue: nothing is promised of {}{of}, which can never be overdue", silent.join(", "))
    })
}
