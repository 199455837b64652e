//! Days by which something was promised of a finding, and which of them decides.

use super::{
    Deadline, Policy, Stage, Tier,
    circumstances::{Circumstances, Release, Shipped},
    clock::{Start, publication},
    deadline::{Origin, Until},
};
use crate::model::{Finding, Timestamp};

/// A statement of a policy, and the day that it makes of a finding's clock.
#[derive(Clone, Debug)]
pub(super) struct Due<'p> {
    pub(super) started: Timestamp,
    /// `None` where it is promised for the next release, and none has been made since.
    pub(super) by: Option<Timestamp>,
    pub(super) stage: Stage,
    pub(super) origin: &'p Origin,
    pub(super) line: Option<u32>,
    pub(super) soft: bool,
    /// The release that broke the promise.
    pub(super) release: Option<&'p Release>,
}

/// What a promise of a stage makes of a finding.
pub(super) enum Outcome<'p> {
    /// A day.
    Due(Due<'p>),
    /// None, for a reason.
    Not(Missing),
}

/// Why a promise names no day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// It has no figure.
    Figure,
    /// The clock has not started: the advisory is undated, or there is no fix yet.
    Start,
    /// What releases ship is not known.
    Releases(String),
}

/// What a promise makes of a finding whose clock starts so.
pub(super) fn due<'p>(policy: &'p Policy, deadline: &'p Deadline, stage: Stage, start: &Start, known: &'p Circumstances) -> Outcome<'p> {
    let Some(started) = start.at else { return Outcome::Not(Missing::Start) };
    let at = |by, release| Due { started, by, stage, origin: &deadline.origin, line: deadline.line, soft: deadline.soft, release };
    let limit = deadline.limit_hours.map(|hours| after(policy, deadline.business_days, started, hours));
    if deadline.until != Some(Until::NextRelease) {
        return limit.map_or(Outcome::Not(Missing::Figure), |by| Outcome::Due(at(Some(by), None)));
    }
    match (&known.shipped, limit) {
        // Whichever comes first.
        (Shipped::In(release), Some(limit)) if limit <= release.at => Outcome::Due(at(Some(limit), None)),
        (Shipped::In(release), _) => Outcome::Due(at(Some(release.at), Some(release))),
        (_, Some(limit)) => Outcome::Due(at(Some(limit), None)),
        (Shipped::No, None) => Outcome::Due(at(None, None)),
        (Shipped::Unknown(why), None) => Outcome::Not(Missing::Releases(why.to_string())),
    }
}

fn after(policy: &Policy, business_days: bool, started: Timestamp, hours: u32) -> Timestamp {
    if business_days { policy.calendar.plus_hours(started, hours) } else { started.plus_hours(hours) }
}

/// What rules beside the tiers say: of what is known to be exploited, and of how long anything may be publicly known.
pub(super) fn by_rules<'p>(finding: &Finding, policy: &'p Policy, tier: Tier) -> Vec<Due<'p>> {
    if !finding.kind.is_security() {
        return Vec::new();
    }
    let exploited = policy.exploited.as_ref().and_then(|rule| rule.due(finding)).and_then(|(added, deadline)| {
        let by = Some(after(policy, deadline.business_days, added, deadline.limit_hours?));
        let Deadline { origin, line, soft, .. } = deadline;
        Some(Due { started: added, by, stage: Stage::Rule, origin, line: *line, soft: *soft, release: None })
    });
    let aged = policy.rules.iter().filter(|rule| tier <= rule.min_tier).filter_map(|rule| {
        let started = publication(finding).at?;
        let by = Some(started.plus_hours(rule.max_age_hours));
        Some(Due { started, by, stage: Stage::Rule, origin: &rule.origin, line: rule.line, soft: false, release: None })
    });
    exploited.into_iter().chain(aged).collect()
}
