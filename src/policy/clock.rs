//! When the clock of a finding starts, by the policy's choice, and what is taken instead where that is not known.

use super::circumstances::{Circumstances, Known};
use crate::model::{Finding, Timestamp};

/// What starts the clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// The advisory's publication.
    #[default]
    Published,
    /// The later of that and the day that the version entered the dependency file, from git.
    Introduced,
    /// The later of the publication and the day that a fix was there.
    FixAvailable,
    /// The day that it was first seen, from the state file.
    FirstSeen,
}

impl Clock {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Published, Self::Introduced, Self::FixAvailable, Self::FirstSeen];

    /// The name in `overdue.toml` and in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Introduced => "introduced",
            Self::FixAvailable => "fix-available",
            Self::FirstSeen => "first-seen",
        }
    }

    /// Whether it needs the state file.
    #[must_use]
    pub fn needs_state(self) -> bool {
        matches!(self, Self::FixAvailable | Self::FirstSeen)
    }
}

/// What started the clock of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The earliest publication among the group's records.
    Published,
    /// For want of a publication, the earliest modification.
    Modified,
    /// The day that the version entered the dependency file, which is later than the publication.
    Introduced,
    /// The day that a fix was there.
    FixAvailable,
    /// The day that it was first seen.
    FirstSeen,
}

impl Basis {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Modified => "modified",
            Self::Introduced => "introduced",
            Self::FixAvailable => "fix-available",
            Self::FirstSeen => "first-seen",
        }
    }
}

/// The start of a clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The moment; `None` for an undated advisory, and where the clock waits for a fix.
    pub at: Option<Timestamp>,
    /// What it is the moment of.
    pub basis: Basis,
    /// Why it is not the moment that the policy asks for, where it is another one.
    pub fallback: Option<String>,
}

/// When a vulnerability became publicly known: the clock of rules about that, whatever the policy chooses else.
#[must_use]
pub fn publication(finding: &Finding) -> Start {
    let basis = if finding.published.is_some() { Basis::Published } else { Basis::Modified };
    Start { at: finding.published.or(finding.modified), basis, fallback: None }
}

/// When the clock of a finding starts.
#[must_use]
pub fn start(finding: &Finding, clock: Clock, known: &Circumstances, as_of: Timestamp) -> Start {
    let published = publication(finding);
    let instead = |why: &str| Start { fallback: Some(why.to_owned()), ..published.clone() };
    // What happened before anybody knew starts nothing.
    let later = |at: Timestamp, basis: Basis| match published.at {
        // What has not happened yet would put off every deadline for ever.
        _ if at > as_of => instead("what is known of it is dated later than now"),
        Some(published_at) if published_at >= at => published.clone(),
        _ => Start { at: Some(at), basis, fallback: None },
    };
    match clock {
        Clock::Published => published.clone(),
        Clock::Introduced => match &known.introduced {
            Known::At(at) => later(*at, Basis::Introduced),
            Known::Not(why) => instead(why),
        },
        Clock::FixAvailable if !has_fix(finding) => Start { at: None, basis: Basis::FixAvailable, fallback: None },
        Clock::FixAvailable => match &known.fix_seen {
            Known::At(at) => later(*at, Basis::FixAvailable),
            Known::Not(why) => instead(why),
        },
        Clock::FirstSeen => match (&known.first_seen, known.recorded) {
            (Known::At(at), _) => later(*at, Basis::FirstSeen),
            // Others are written down, so that this one is seen now.
            (Known::Not(why), true) => Start { at: Some(as_of), basis: Basis::FirstSeen, fallback: Some(why.to_string()) },
            (Known::Not(why), false) => instead(why),
        },
    }
}

/// Whether anything is known that clears a finding.
#[must_use]
pub fn has_fix(finding: &Finding) -> bool {
    finding.cure.is_some() || finding.package_cure.is_some() || !finding.fixed_versions.is_empty()
}
