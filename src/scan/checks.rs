//! What is wrong with the configuration of a scan, as far as the findings show it.

use super::{ScanError, ScanRequest, policies::Applied, subject::Subject};
use crate::{
    advisory::Store,
    model::{Ecosystem, Timestamp},
    policy::{Accepted, Exception, Policy, Standing, clock::Clock, exception::Lapsed},
    report::{Check, CheckKind, Judged, model::Parts},
};

/// Everything that is wrong. `parts` has the findings and what was not checked.
///
/// # Errors
/// When the advisory data at hand is damaged.
pub(super) fn all(request: &ScanRequest, subjects: &[Subject<'_>], applied: &Applied<'_>, parts: &Parts) -> Result<Vec<Check>, ScanError> {
    let mut checks = request.policies.checks.clone();
    for (at, project) in request.policies.projects.iter().enumerate() {
        let Some(config) = project.layered.config() else { continue };
        let is_looked_through = project.is_whole && parts.unchecked.iter().all(|placed| !placed.item.reason.may_hide_findings());
        for exception in &config.exceptions {
            let used = |judged: &&Judged| {
                judged.judgement.exception.as_ref().is_some_and(|own| own.line == exception.line && own.file == exception.file)
            };
            if parts.findings.iter().any(|judged| used(&judged)) {
                continue;
            }
            checks.extend(idle(request, exception, parts, is_looked_through)?);
        }
        let accepted = |item: &Accepted| parts.accepted.values().any(|used| used.line == item.line && used.file == item.file);
        checks.extend(
            config.accepted.iter().filter(|item| !accepted(item)).filter_map(|item| unneeded(item, request.as_of, project.is_whole)),
        );
        checks.extend(
            request
                .policies
                .untrusted
                .iter()
                .filter(|(of, _)| *of == at)
                .map(|(_, exception)| untrusted(subjects, applied, exception, parts)),
        );
    }
    checks.extend(clocks(applied, parts));
    checks.extend(deadlines(request, applied, parts));
    Ok(checks)
}

/// Why an exception covers no finding.
fn idle(request: &ScanRequest, exception: &Exception, parts: &Parts, is_looked_through: bool) -> Result<Option<Check>, ScanError> {
    let check = |kind, message: String, cure: &str| Check {
        path: Some(exception.file.to_string()),
        line: Some(exception.line),
        kind,
        subject: exception.subject(),
        message,
        cure: cure.to_owned(),
    };
    let lapsed = parts.findings.iter().filter_map(|judged| judged.judgement.lapsed.as_ref().map(|lapsed| (judged, lapsed)));
    let lapsed = lapsed.into_iter().find(|(_, (own, _))| own.line == exception.line && own.file == exception.file);
    if exception.has_expired(request.as_of) {
        let counts = if lapsed.is_some() { ", and what it covered counts again" } else { "" };
        let message = format!("the exception of {} ended on {}{counts}", exception.subject(), exception.expires.date());
        return Ok(Some(check(CheckKind::ExceptionExpired, message, "fix it, or decide anew: with a reason and a new day")));
    }
    if let Some((judged, (_, Lapsed::Fixed))) = lapsed {
        let finding = &judged.finding;
        let fix = finding.cure.as_deref().or(finding.fixed_versions.first().map(String::as_str)).unwrap_or("another version");
        let message = format!("the exception of {} was to hold until there is a fix, and there is: {fix}", exception.subject());
        return Ok(Some(check(CheckKind::ExceptionFixed, message, "update the package, and take the exception out")));
    }
    if !is_known(&request.store, &exception.id)? {
        let message = format!("nothing at hand bears the id {}, which is excepted", exception.id);
        return Ok(Some(check(CheckKind::ExceptionUnknownId, message, "correct the id, or take the exception out")));
    }
    let message = format!("the exception of {} covers no finding", exception.subject());
    Ok(is_looked_through.then(|| check(CheckKind::ExceptionUnused, message, "take it out: what it was about is gone")))
}

/// Whether any advisory at hand bears an id.
fn is_known(store: &Store, id: &str) -> Result<bool, ScanError> {
    for ecosystem in [Ecosystem::CRATES_IO, Ecosystem::PYPI, Ecosystem::RUST_TOOLCHAIN].map(Ecosystem::new) {
        let Some(index) = store.open(&ecosystem)? else { continue };
        let mut known = false;
        index.each_record(&mut |record| {
            let mut ids = std::iter::once(&record.id).chain(&record.group).chain(&record.aliases).chain(&record.upstream);
            known |= ids.any(|own| own.0.eq_ignore_ascii_case(id));
        })?;
        if known {
            return Ok(true);
        }
    }
    Ok(false)
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
    let would = parts.findings.iter().find(|judged| {
        let given = subjects.get(judged.finding.target).map_or(0, |subject| subject.given);
        let path = applied.from_policy(given, &judged.finding.manifest);
        exception.speaks_of(&judged.finding, &path)
    });
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

/// Clocks that are not what the policy asks for.
fn clocks(applied: &Applied<'_>, parts: &Parts) -> Vec<Check> {
    let mut reasons: std::collections::BTreeMap<(&str, bool), usize> = std::collections::BTreeMap::new();
    for judged in parts.findings.iter().filter(|judged| judged.finding.kind.is_security()) {
        let Some(why) = &judged.judgement.fallback else { continue };
        let is_recording =
            applied.policy(judged.policy).judging.clock == Clock::FirstSeen && judged.judgement.basis.as_str() == "first-seen";
        *reasons.entry((why, is_recording)).or_default() += 1;
    }
    let check = |((why, is_recording), count): ((&str, bool), usize)| {
        let findings = if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
        let (kind, message) = if is_recording {
            (CheckKind::NotRecorded, format!("{findings} count from now: {why}"))
        } else {
            (CheckKind::ClockFallback, format!("{findings} count from the publication: {why}"))
        };
        Check { path: None, line: None, kind, subject: "clock".to_owned(), message, cure: why.to_owned() }
    };
    reasons.into_iter().map(check).collect()
}

/// Where the gate asks for what is overdue, and nothing can ever be: no file has a deadline, or none for some tiers.
fn deadlines(request: &ScanRequest, applied: &Applied<'_>, parts: &Parts) -> Vec<Check> {
    let mut used: Vec<usize> =
        parts.targets.iter().map(|target| target.policy).chain(parts.findings.iter().map(|judged| judged.policy)).collect();
    used.sort_unstable();
    used.dedup();
    let of = |policy: &Policy| {
        let asks = request.fail_on.as_ref().or(policy.gate.fail_on.as_ref()).is_some_and(crate::policy::FailOn::asks_for_overdue);
        let message = if asks { lack(policy, parts)? } else { return None };
        let path = policy.sources.iter().find_map(|source| source.file()).map(|(path, _)| path.to_owned());
        let cure = "state by when each tier is fixed, as \"Critical: fixed within 7 days\", or add other words to fail-on".to_owned();
        Some(Check { subject: path.clone().unwrap_or_default(), path, line: None, kind: CheckKind::NoDeadline, message, cure })
    };
    used.into_iter().filter_map(|at| of(applied.policy(at))).collect()
}

fn lack(policy: &Policy, parts: &Parts) -> Option<String> {
    let has_files = policy.sources.iter().any(|source| source.file().is_some());
    if policy.sources.iter().any(|source| source.file().is_none()) {
        let whose = if has_files { "no file here says by when anything is answered for or fixed" } else { "there is no policy here" };
        return Some(format!("--fail-on overdue: {whose}, so the built-in deadlines decide"));
    }
    let silent: Vec<&str> = policy.tiers.iter().filter(|row| !policy.has_deadline(row.tier)).map(|row| row.tier.as_str()).collect();
    let open = parts
        .findings
        .iter()
        .filter(|judged| judged.judgement.standing == Standing::NoDeadline && judged.finding.kind.is_security())
        .count();
    (!silent.is_empty()).then(|| {
        let of = if open > 0 { format!(" ({open} of the findings here)") } else { String::new() };
        format!("--fail-on overdue: nothing is promised of {}{of}, which can never be overdue", silent.join(", "))
    })
}
