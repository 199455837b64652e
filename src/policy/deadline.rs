//! Deadlines: by when a stage of handling is promised.

use std::sync::Arc;

/// A stage of handling a vulnerability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Somebody answers, with more than a receipt.
    Respond,
    /// It is fixed: resolved, patched, remediated, mitigated.
    Fix,
    /// A rule beside the tiers, about fixing.
    Rule,
}

impl Stage {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Respond => "respond",
            Self::Fix => "fix",
            Self::Rule => "rule",
        }
    }
}

/// A promise about one stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The limit, in hours.
    pub limit_hours: u32,
    /// The words.
    pub text: String,
    /// The line that states it, where a text does.
    pub line: Option<u32>,
    /// Who states it.
    pub origin: Origin,
}

/// Who states a deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
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
            Self::Config(_) => "config",
            Self::Builtin => "builtin",
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Config(path) => Some(path),
            Self::Builtin => None,
        }
    }
}
