//! Supported releases in a report: what the newest release of each line that the policy supports ships.

use crate::{model::Timestamp, policy::reading::SupportedVersion};

/// A release that was looked at, beside the working tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseTarget {
    /// The target that was asked for, by its place among the report's.
    pub given: usize,
    /// The line of releases that it is the newest of: the pattern of the policy's row.
    pub line: String,
    /// Its tag.
    pub tag: String,
    /// The commit.
    pub commit: String,
    /// When it was made.
    pub at: Timestamp,
    /// The target's folder in the repository.
    pub folder: String,
}

/// What became of the lines of releases that the policy supports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supported {
    /// The rows of the policy that support a line, in its order, of each target.
    pub lines: Vec<SupportedLine>,
    /// Releases that no row is about, the newest of each line first.
    pub uncovered: Vec<Uncovered>,
}

/// A row of the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportedLine {
    /// The target that was asked for, by its place among the report's.
    pub given: usize,
    /// The row.
    pub row: SupportedVersion,
    /// The line of releases: the row's pattern, or one of the several that it names.
    pub line: String,
    /// What it led to.
    pub outcome: LineOutcome,
}

/// What a row led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineOutcome {
    /// A release was looked at: this target of the report.
    Release(usize),
    /// It means the working tree: this target of the report.
    WorkingTree(usize),
    /// There is no tag of that line.
    NoTag,
    /// Support ended on that day.
    Ended(Timestamp),
    /// What it says cannot be compared with tags.
    Incomparable,
}

impl LineOutcome {
    /// The name in reports.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Release(_) => "release",
            Self::WorkingTree(_) => "working-tree",
            Self::NoTag => "no-tag",
            Self::Ended(_) => "ended",
            Self::Incomparable => "incomparable",
        }
    }

    /// The target of the report that was looked at for it.
    #[must_use]
    pub fn target(&self) -> Option<usize> {
        match self {
            Self::Release(target) | Self::WorkingTree(target) => Some(*target),
            Self::NoTag | Self::Ended(_) | Self::Incomparable => None,
        }
    }
}

/// Releases of one line that no row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncovered {
    /// The target that was asked for, by its place among the report's.
    pub given: usize,
    /// The newest of them.
    pub newest: String,
    /// The oldest of them.
    pub oldest: String,
    /// How many they are.
    pub count: usize,
}
