//! A finding under a policy at a moment.

use super::{Deadline, Exception, Policy, Stage, Tier, TierReason, deadline::Origin};
use crate::model::{Finding, Timestamp, timestamp::DAY};

/// What a policy makes of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The tier it falls in.
    pub tier: Tier,
    /// Why.
    pub tier_reason: TierReason,
    /// When the clock started; `None` for an undated advisory.
    pub started: Option<Timestamp>,
    /// What started it.
    pub basis: Basis,
    /// By when a response was promised.
    pub respond_by: Option<Timestamp>,
    /// By when a fix was promised.
    pub fix_by: Option<Timestamp>,
    /// The statement that decided.
    pub judged_by: Option<JudgedBy>,
    /// Where it stands.
    pub standing: Standing,
    /// The exception that covers it; then it stands [`Standing::Excepted`].
    pub exception: Option<Exception>,
}

/// What starts the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The earliest publication among the group's records.
    Published,
    /// For want of a publication, the earliest modification.
    Modified,
}

impl Basis {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Modified => "modified",
        }
    }
}

/// The statement of a policy that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedBy {
    /// Who states it; `None`: the policy says nothing.
    pub origin: Option<Origin>,
    /// The stage, where it says something.
    pub stage: Option<Stage>,
    /// The line, where a text states it.
    pub line: Option<u32>,
}

/// Where a finding stands. Ordered by urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The deadline has passed.
    Overdue,
    /// It passes soon: in the last quarter of its period, and within seven days.
    DueSoon,
    /// It is some time off.
    OnTrack,
    /// The policy names none, or the advisory is undated.
    NoDeadline,
    /// The project has decided to live with it for now.
    Excepted,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Overdue, Self::DueSoon, Self::OnTrack, Self::NoDeadline, Self::Excepted];

    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::DueSoon => "due-soon",
            Self::OnTrack => "on-track",
            Self::NoDeadline => "no-deadline",
            Self::Excepted => "excepted",
        }
    }
}

/// Judges a finding as of a moment.
#[must_use]
pub fn judge(finding: &Finding, policy: &Policy, as_of: Timestamp) -> Judgement {
    let (tier, tier_reason) = policy.tier_of(finding);
    let basis = if finding.published.is_some() { Basis::Published } else { Basis::Modified };
    let started = finding.published.or(finding.modified);
    let promised = |stage| policy.promise(tier, stage);
    let due = |stage| promised(stage).zip(started).and_then(|(deadline, started)| Due::new(started, deadline, stage));
    let respond = due(Stage::Respond);
    let fix: Vec<Due<'_>> = due(Stage::Fix).into_iter().chain(by_rules(finding, policy, tier, started)).collect();
    let (respond_by, fix_by) = (respond.as_ref().map(|due| due.by), fix.iter().map(|due| due.by).min());
    // The strictest of what is said of fixing, the tier's own word first where two say the same; else what is said of responding.
    let decided = fix.into_iter().min_by_key(|due| due.by).or(respond);
    let judged_by = match &decided {
        Some(due) => Some(JudgedBy { origin: Some(due.origin.clone()), stage: Some(due.stage), line: due.line }),
        // An undated advisory, or a promise without a figure, is still judged by a statement, which then names no day.
        None => judged_by(tier, &[Stage::Fix, Stage::Respond].map(|stage| (stage, promised(stage)))).map(|by| match by.stage {
            Some(_) => by,
            None => policy.rules.iter().find(|rule| tier <= rule.min_tier).map_or(by, |rule| JudgedBy {
                origin: Some(rule.origin.clone()),
                stage: Some(Stage::Rule),
                line: rule.line,
            }),
        }),
    };
    Judgement {
        tier,
        tier_reason,
        started,
        basis,
        respond_by,
        fix_by,
        judged_by,
        standing: decided.map_or(Standing::NoDeadline, |due| standing(due.started, due.by, as_of)),
        // Nothing that could state one is read yet.
        exception: None,
    }
}

/// A day by which something was promised.
struct Due<'p> {
    started: Timestamp,
    by: Timestamp,
    stage: Stage,
    origin: &'p Origin,
    line: Option<u32>,
}

impl<'p> Due<'p> {
    /// `None` where the promise has no figure.
    fn new(started: Timestamp, deadline: &'p Deadline, stage: Stage) -> Option<Self> {
        let hours = deadline.limit_hours?;
        let by = if deadline.business_days { started.plus_business_hours(hours) } else { started.plus_hours(hours) };
        Some(Self { started, by, stage, origin: &deadline.origin, line: deadline.line })
    }
}

/// What rules beside the tiers say: of what is known to be exploited, and of how long anything may be known.
fn by_rules<'p>(finding: &Finding, policy: &'p Policy, tier: Tier, started: Option<Timestamp>) -> Vec<Due<'p>> {
    if !finding.kind.is_security() {
        return Vec::new();
    }
    let exploited = policy.exploited.as_ref().and_then(|rule| rule.due(finding));
    let exploited = exploited.and_then(|(added, deadline)| Due::new(added, deadline, Stage::Rule));
    let aged = policy.rules.iter().filter(|rule| tier <= rule.min_tier).zip(started.into_iter().cycle());
    let aged = aged.map(|(rule, started)| {
        let by = started.plus_hours(rule.max_age_hours);
        Due { started, by, stage: Stage::Rule, origin: &rule.origin, line: rule.line }
    });
    exploited.into_iter().chain(aged).collect()
}

fn judged_by(tier: Tier, promised: &[(Stage, Option<&Deadline>)]) -> Option<JudgedBy> {
    if tier == Tier::None {
        return None;
    }
    let says_when = |deadline: &Deadline| deadline.limit_hours.is_some();
    let stated = || promised.iter().filter_map(|(stage, deadline)| deadline.map(|deadline| (*stage, deadline)));
    Some(match stated().find(|(_, deadline)| says_when(deadline)).or_else(|| stated().next()) {
        Some((stage, deadline)) => JudgedBy { origin: Some(deadline.origin.clone()), stage: Some(stage), line: deadline.line },
        None => JudgedBy { origin: None, stage: None, line: None },
    })
}

fn standing(started: Timestamp, by: Timestamp, as_of: Timestamp) -> Standing {
    let left = by.seconds() - as_of.seconds();
    let soon = ((by.seconds() - started.seconds()) / 4).min(7 * DAY);
    match left {
        ..0 => Standing::Overdue,
        left if left <= soon => Standing::DueSoon,
        _ => Standing::OnTrack,
    }
}

#[cfg(test)]
mod tests {
    use super::{Standing, standing};
    use crate::model::Timestamp;

    #[test]
    fn standings_change_at_the_second() {
        let started = Timestamp::parse("2026-01-01").expect("a date");
        for (as_of, hours, expected) in [
            ("2026-01-07T23:59:59Z", 168, Standing::DueSoon),
            ("2026-01-08T00:00:00Z", 168, Standing::DueSoon),
            ("2026-01-08T00:00:01Z", 168, Standing::Overdue),
            // The last quarter of seven days is 42 hours.
            ("2026-01-06T05:59:59Z", 168, Standing::OnTrack),
            ("2026-01-06T06:00:00Z", 168, Standing::DueSoon),
            // The last quarter of 180 days is capped at seven days.
            ("2026-06-22T23:59:59Z", 4320, Standing::OnTrack),
            ("2026-06-23T00:00:00Z", 4320, Standing::DueSoon),
            ("2025-01-01", 168, Standing::OnTrack),
        ] {
            let as_of = Timestamp::parse(as_of).expect("a moment");
            assert_eq!(standing(started, started.plus_hours(hours), as_of), expected, "{as_of} {hours}");
        }
    }
}
