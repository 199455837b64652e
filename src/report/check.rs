//! What is wrong with the configuration of a scan: exceptions that have run out, that nothing uses, that are not trusted.
//! They gate only by `--fail-on checks`.

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Check {
    /// The file, as it is named.
    pub path: Option<String>,
    /// The line, counted from 1.
    pub line: Option<u32>,
    /// What kind of thing.
    pub kind: CheckKind,
    /// What it is about: an exception's id, a file.
    pub subject: String,
    /// What is wrong, as a sentence.
    pub message: String,
    /// What mends it.
    pub cure: String,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckKind {
    /// An exception's time is over.
    ExceptionExpired,
    /// An exception was to hold until there is a fix, and there is one.
    ExceptionFixed,
    /// Nothing at hand bears the id of an exception.
    ExceptionUnknownId,
    /// No finding is covered by an exception.
    ExceptionUnused,
    /// An exception is not in the trusted policy.
    ExceptionUntrusted,
    /// The time of an accepted unchecked thing is over.
    AcceptedExpired,
    /// There is nothing unchecked that is accepted so.
    AcceptedUnused,
    /// A section of a policy is about nothing that is there.
    SectionUnused,
    /// A policy differs from the trusted one.
    PolicyChanged,
    /// The gate asks for what is overdue, and the policy has no deadline for it.
    NoDeadline,
    /// Findings are not in the state file.
    NotRecorded,
    /// The clock that the policy asks for cannot be had.
    ClockFallback,
    /// Something is promised for the next release, and what releases ship is not known.
    ReleasesUnknown,
}

impl CheckKind {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExceptionExpired => "exception-expired",
            Self::ExceptionFixed => "exception-fixed",
            Self::ExceptionUnknownId => "exception-unknown-id",
            Self::ExceptionUnused => "exception-unused",
            Self::ExceptionUntrusted => "exception-untrusted",
            Self::AcceptedExpired => "accepted-expired",
            Self::AcceptedUnused => "accepted-unused",
            Self::SectionUnused => "section-unused",
            Self::PolicyChanged => "policy-changed",
            Self::NoDeadline => "no-deadline",
            Self::NotRecorded => "not-recorded",
            Self::ClockFallback => "clock-fallback",
            Self::ReleasesUnknown => "releases-unknown",
        }
    }
}
