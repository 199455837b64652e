//! A finding under a policy at a moment.

use super::{Deadline, Exception, Policy, Stage, Tier, TierReason, deadline::Origin};
use crate::model::{
    Finding, Timestamp,
    timestamp::{DAY, HOUR},
};

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
    let deadline = |stage| policy.row(tier).and_then(|row| row.deadlines.get(&stage));
    let due = |stage| deadline(stage).zip(started).map(|(deadline, started)| started.plus_hours(deadline.limit_hours));
    let (respond_by, mut fix_by) = (due(Stage::Respond), due(Stage::Fix));
    // An undated advisory is still judged by a statement, which then names no day.
    let decisive = if deadline(Stage::Fix).is_some() { Stage::Fix } else { Stage::Respond };
    let mut decided = deadline(decisive).zip(started);
    let mut judged_by = judged_by(tier, deadline(decisive), decisive);
    let rule = policy.exploited.as_ref().filter(|_| finding.kind.is_security()).and_then(|rule| rule.due(finding));
    if let Some((added, deadline)) = rule {
        let by_rule = added.plus_hours(deadline.limit_hours);
        // The rule decides where it is stricter than the tier, or the tier promises nothing.
        if decided.is_none_or(|(deadline, started)| by_rule < started.plus_hours(deadline.limit_hours)) {
            decided = Some((deadline, added));
            judged_by = Some(JudgedBy { origin: Some(deadline.origin.clone()), stage: Some(Stage::Rule), line: deadline.line });
        }
        fix_by = fix_by.into_iter().chain([by_rule]).min();
    }
    Judgement {
        tier,
        tier_reason,
        started,
        basis,
        respond_by,
        fix_by,
        judged_by,
        standing: decided.map_or(Standing::NoDeadline, |(deadline, started)| standing(started, deadline.limit_hours, as_of)),
        // Nothing that could state one is read yet.
        exception: None,
    }
}

fn judged_by(tier: Tier, deadline: Option<&Deadline>, stage: Stage) -> Option<JudgedBy> {
    if tier == Tier::None {
        return None;
    }
    Some(match deadline {
        Some(deadline) => JudgedBy { origin: Some(deadline.origin.clone()), stage: Some(stage), line: deadline.line },
        None => JudgedBy { origin: None, stage: None, line: None },
    })
}

fn standing(started: Timestamp, limit_hours: u32, as_of: Timestamp) -> Standing {
    let left = started.plus_hours(limit_hours).seconds() - as_of.seconds();
    let soon = (i64::from(limit_hours) * HOUR / 4).min(7 * DAY);
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
            assert_eq!(standing(started, hours, as_of), expected, "{as_of} {hours}");
        }
    }
}
