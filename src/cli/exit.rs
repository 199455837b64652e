//! Exit codes, one meaning each, the same for every format.

use crate::{
    advisory::{IndexError, import::ImportError},
    report::Report,
    scan::ScanError,
    tree::{GitError, image::ImageError},
};

/// How a run ended. When several apply, the one that stands first here wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 2: usage, configuration, a target that cannot be read, or a fault of ours.
    Usage,
    /// 4: an advisory index is damaged.
    DamagedIndex,
    /// 1: the gate tripped.
    Gate,
    /// 3: something was not checked, or the advisory data is too old, and the gate did not trip.
    Incomplete,
    /// 0: none of these.
    Success,
}

impl Exit {
    /// The number for the system.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Gate => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::DamagedIndex => 4,
        }
    }

    /// The outcome of a report. `allow_unchecked` forgives what is incomplete, and nothing else.
    #[must_use]
    pub fn of_report(report: &Report, allow_unchecked: bool) -> Self {
        if report.gate.tripped() {
            Self::Gate
        } else if !report.is_acceptable() && !allow_unchecked {
            Self::Incomplete
        } else {
            Self::Success
        }
    }
}

/// An error that ends a run, with what might help.
#[derive(Debug)]
pub struct Failure {
    /// How the run ends.
    pub exit: Exit,
    /// What went wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Failure {
    /// A usage error.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), hint: None }
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        // One that cannot be read is as good as damaged: it must not fall back either.
        let failure = Self { exit: Exit::DamagedIndex, message: error.to_string(), hint: None };
        failure.hint(
            "`overdue db update` builds it anew, `--scores` the scores of CVEs; without an index's file the built-in snapshot is used",
        )
    }
}

impl From<ScanError> for Failure {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Index(error) => error.into(),
            ScanError::Target(_) | ScanError::RustVersion(_) => Self::usage(error.to_string()),
            ScanError::Image(error) => {
                let hint = match &error {
                    ImageError::Digest { .. } => Some("the file is damaged or was changed: save or pull the image anew"),
                    ImageError::NotItsBase { .. } => Some("name the base that this image was built on, or leave --base out: then it is inferred"),
                    ImageError::Unreadable { .. } => None,
                };
                let failure = Self::usage(error.to_string());
                hint.map_or_else(|| Self::usage(error.to_string()), |hint| failure.hint(hint))
            }
            ScanError::NoRevisionOfImages(_) => {
                Self::usage(error.to_string()).hint("--baseline compares with an earlier JSON report of the image")
            }
            ScanError::Git(error) => error.into(),
            ScanError::NothingSupported => Self::usage(error.to_string()).hint(
                "a SECURITY.md says it in a table with the columns Version and Supported, an overdue.toml in [[supported-versions]]; `overdue policy show` tells what is understood",
            ),
        }
    }
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        let hint = match &error {
            GitError::NoRepository(_) => {
                "revisions, releases and histories are git's; without git, --baseline compares with an earlier JSON report"
            }
            GitError::NoGit(_) => "install git, or use --baseline with an earlier JSON report",
            GitError::Failed { words, .. } if words.contains("dubious ownership") => {
                "a repository of another user must be trusted first: git config --global --add safe.directory PATH"
            }
            GitError::Failed { .. } => "`git fsck` checks the repository; --baseline compares with an earlier JSON report instead",
            GitError::NotACommit { .. } => "name a commit, branch or tag",
            GitError::NoCommonAncestor { shallow: false, .. } => "compare with the revision itself: write A or A..B instead of A...B",
            GitError::NoRevision { shallow: true, .. } | GitError::NoCommonAncestor { shallow: true, .. } => {
                "fetch the whole history: `fetch-depth: 0` for actions/checkout, or `git fetch --unshallow`"
            }
            GitError::NoRevision { shallow: false, .. } => {
                "fetch it, or name another one; in CI a branch is usually `origin/main`, not `main`"
            }
            GitError::MissingObject { .. } => {
                "fetch the whole history with its files: `fetch-depth: 0` and no `filter` for actions/checkout; `git fsck` tells of damage"
            }
        };
        Self::usage(error.to_string()).hint(hint)
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        Self::usage(error.to_string()).hint("the indexes are as they were; an import takes an OSV export (`<ECOSYSTEM>/all.zip`), a folder or zip of OSV records, or the RustSec database as a folder or tarball")
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn codes_are_distinct() {
        let codes = [Exit::Success, Exit::Gate, Exit::Usage, Exit::Incomplete, Exit::DamagedIndex].map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 3, 4]);
    }
}
