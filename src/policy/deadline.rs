//! Deadlines: by when a stage of handling is promised.

use std::{collections::BTreeMap, sync::Arc};

/// A stage of handling a vulnerability. Which words of a text mean it is told by [`security_md`](super::security_md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The receipt of a report is confirmed.
    Acknowledge,
    /// It is found out whether and how bad it is.
    Assess,
    /// Somebody answers, with more than a receipt.
    Respond,
    /// It is fixed: resolved, patched, remediated, mitigated.
    Fix,
    /// The reporter hears how it goes.
    StatusUpdate,
    /// It is made public.
    Disclose,
    /// A rule beside the tiers, about fixing.
    Rule,
}

impl Stage {
    /// The stages that a policy can state deadlines for, in the order of handling.
    pub const STATED: [Self; 6] = [Self::Acknowledge, Self::Assess, Self::Respond, Self::Fix, Self::StatusUpdate, Self::Disclose];

    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Assess => "assess",
            Self::Respond => "respond",
            Self::Fix => "fix",
            Self::StatusUpdate => "status_update",
            Self::Disclose => "disclose",
            Self::Rule => "rule",
        }
    }
}

/// Deadlines by stage.
pub type Deadlines = BTreeMap<Stage, Deadline>;

/// A promise about one stage. Without a figure (`limit_hours`) it only keeps the words: "as soon as possible".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The earlier end of a range, in hours.
    pub target_hours: Option<u32>,
    /// The limit, in hours; weeks have 168, months 720, years 8640.
    pub limit_hours: Option<u32>,
    /// Whether the hours are those of business days, 24 a day.
    pub business_days: bool,
    /// Whether it is promised again and again, as a weekly status update.
    pub recurring: bool,
    /// Whether it is an aim and no promise.
    pub soft: bool,
    /// An event that ends it as well.
    pub until: Option<Until>,
    /// The words.
    pub text: String,
    /// The line that states it, where a text does.
    pub line: Option<u32>,
    /// Who states it.
    pub origin: Origin,
}

impl Deadline {
    /// A promise of nothing but a limit.
    #[must_use]
    pub fn within(limit_hours: u32, text: String, line: Option<u32>, origin: Origin) -> Self {
        let limit_hours = Some(limit_hours);
        Self { target_hours: None, limit_hours, business_days: false, recurring: false, soft: false, until: None, text, line, origin }
    }

    /// Whether it says by when: by a figure, or by an event.
    #[must_use]
    pub fn says_when(&self) -> bool {
        self.limit_hours.is_some() || self.until.is_some()
    }

    /// Whether two promise the same, whoever states it in whatever words.
    #[must_use]
    pub fn promises_the_same(&self, other: &Self) -> bool {
        let said = |d: &Self| (d.target_hours, d.limit_hours, d.business_days, d.recurring, d.soft, d.until);
        said(self) == said(other)
    }
}

/// An event that a promise waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The project's next release.
    NextRelease,
}

impl Until {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NextRelease => "next-release",
        }
    }
}

/// Who states a deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This SECURITY.md.
    File(Arc<str>),
    /// This `overdue.toml`.
    Config(Arc<str>),
    /// The policy that this program brings along.
    Builtin,
}

impl Origin {
    /// The name in reports (`judged_by.origin`).
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Config(_) => "config",
            Self::Builtin => "builtin",
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::File(path) | Self::Config(path) => Some(path),
            Self::Builtin => None,
        }
    }
}
