//! What was found and not checked, with its reason. The opposite of silence.

/// Something that was found and could not be checked. It makes the result incomplete.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unchecked {
    /// The file, relative to the target, with `/` separators.
    pub path: String,
    /// The line, counted from 1, where one line is to blame.
    pub line: Option<u32>,
    /// What it is, as the file writes it.
    pub subject: String,
    /// How many packages it stands for; 0 for a file whose packages are not known.
    pub packages: u32,
    /// Why it was not checked.
    pub reason: Reason,
    /// The cause and the cure, as a sentence for people.
    pub detail: String,
}

/// The name of a package at the beginning of a subject: of `name 1.2.3`, `name @ URL`, `name>=1`.
#[must_use]
pub fn leading_name(subject: &str) -> &str {
    let end = subject.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(subject.len());
    &subject[..end]
}

/// Why something was not checked. Its name is part of the JSON report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A scan target in which no dependency file was found.
    NoDependencyFiles,
    /// The file could be found but not opened or read.
    Unreadable,
    /// The file is larger than we read.
    TooLarge,
    /// The file was read but is not what its name says: damaged, cut off, of an unknown version.
    NotUnderstood,
    /// A dependency file of a format or ecosystem that we do not read.
    UnsupportedFormat,
    /// A manifest that states ranges, without the lockfile that would say which versions are used.
    NoLockfile,
    /// A package from a version control system, which no advisory database speaks of.
    NotFromARegistry,
    /// A package from a registry other than the ecosystem's own.
    OtherRegistry,
    /// A version that its ecosystem's scheme cannot read.
    InvalidVersion,
    /// An advisory about this package that cannot be evaluated.
    AdvisoryNotEvaluable,
    /// There is no advisory data for the ecosystem.
    NoAdvisories,
    /// A package that the file names in a dependency list but does not describe.
    MissingEntry,
    /// A dependency file that what the scan is compared with had, and that is there but passed over now.
    NoLongerRead,
    /// A line of releases that the policy supports and of which none could be looked at.
    NoRelease,
    /// An executable in an image that no package owns, and that says nothing of what it is made of.
    UnownedExecutable,
    /// Packages of a distribution whose advisories are not known, or that does not say which it is.
    UnknownDistribution,
    /// What lies beyond a limit on how much is read.
    LimitReached,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 17] = [
        Self::NoDependencyFiles,
        Self::Unreadable,
        Self::TooLarge,
        Self::NotUnderstood,
        Self::UnsupportedFormat,
        Self::NoLockfile,
        Self::NotFromARegistry,
        Self::OtherRegistry,
        Self::InvalidVersion,
        Self::AdvisoryNotEvaluable,
        Self::NoAdvisories,
        Self::MissingEntry,
        Self::NoLongerRead,
        Self::NoRelease,
        Self::UnownedExecutable,
        Self::UnknownDistribution,
        Self::LimitReached,
    ];

    /// The reason's name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoDependencyFiles => "no-dependency-files",
            Self::Unreadable => "unreadable",
            Self::TooLarge => "too-large",
            Self::NotUnderstood => "not-understood",
            Self::UnsupportedFormat => "unsupported-format",
            Self::NoLockfile => "no-lockfile",
            Self::NotFromARegistry => "not-from-a-registry",
            Self::OtherRegistry => "other-registry",
            Self::InvalidVersion => "invalid-version",
            Self::AdvisoryNotEvaluable => "advisory-not-evaluable",
            Self::NoAdvisories => "no-advisories",
            Self::MissingEntry => "missing-entry",
            Self::NoLongerRead => "no-longer-read",
            Self::NoRelease => "no-release",
            Self::UnownedExecutable => "unowned-executable",
            Self::UnknownDistribution => "unknown-distribution",
            Self::LimitReached => "limit-reached",
        }
    }

    /// Whether it may hide findings that an earlier scan showed: what could be read then cannot be read now.
    #[must_use]
    pub fn may_hide_findings(self) -> bool {
        match self {
            Self::NoDependencyFiles
            | Self::Unreadable
            | Self::TooLarge
            | Self::NotUnderstood
            | Self::MissingEntry
            | Self::NoAdvisories
            | Self::NoLongerRead
            | Self::NoRelease
            | Self::UnknownDistribution
            | Self::LimitReached => true,
            Self::UnsupportedFormat
            | Self::NoLockfile
            | Self::NotFromARegistry
            | Self::OtherRegistry
            | Self::InvalidVersion
            | Self::AdvisoryNotEvaluable
            | Self::UnownedExecutable => false,
        }
    }

    /// Whether the count says it all, and items may be listed together; else each has a cause of its own.
    #[must_use]
    pub fn is_a_class(self) -> bool {
        match self {
            Self::NotFromARegistry | Self::OtherRegistry | Self::UnsupportedFormat | Self::UnownedExecutable => true,
            Self::NoDependencyFiles
            | Self::Unreadable
            | Self::TooLarge
            | Self::NotUnderstood
            | Self::InvalidVersion
            | Self::AdvisoryNotEvaluable
            | Self::NoAdvisories
            | Self::MissingEntry
            | Self::NoLongerRead
            | Self::NoRelease
            | Self::UnknownDistribution
            | Self::LimitReached
            | Self::NoLockfile => false,
        }
    }

    /// The reason in a few words, for a person, after a count.
    #[must_use]
    pub fn phrase(self) -> &'static str {
        match self {
            Self::NoDependencyFiles => "no dependency file found",
            Self::Unreadable => "unreadable",
            Self::TooLarge => "too large",
            Self::NotUnderstood => "not understood",
            Self::UnsupportedFormat => "of a format not read yet",
            Self::NoLockfile => "without a lockfile",
            Self::NotFromARegistry => "not from a registry",
            Self::OtherRegistry => "from another registry",
            Self::InvalidVersion => "with a version that cannot be read",
            Self::AdvisoryNotEvaluable => "with an advisory that cannot be evaluated",
            Self::NoAdvisories => "without advisory data",
            Self::MissingEntry => "named but not described",
            Self::NoLongerRead => "no longer read",
            Self::NoRelease => "no release to look at",
            Self::UnownedExecutable => "in programs that no package owns",
            Self::UnknownDistribution => "of an unknown distribution",
            Self::LimitReached => "beyond a limit",
        }
    }
}

/// Something that the rules pass over, named so that nobody is misled. It does not make the result incomplete.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// The file or directory, relative to the target.
    pub path: String,
    /// Why it was passed over, as a few words for people.
    pub reason: String,
    /// What kind of rule passed over it.
    pub why: Why,
}

/// What kind of rule passes over something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Build folders and the like, which every checkout has: of little interest.
    Usual,
    /// The repository's `.gitignore` hides it.
    Ignored,
    /// It was read as another target's, or it is a link to what was read.
    Elsewhere,
    /// A submodule that is not checked out.
    Absent,
    /// Anything else that should be known.
    Notable,
}

impl Why {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usual => "usual",
            Self::Ignored => "ignored",
            Self::Elsewhere => "elsewhere",
            Self::Absent => "absent",
            Self::Notable => "notable",
        }
    }
}
