//! Floor 4: what the project promised, and what that makes of a finding. Pure: the moment of judging is an argument.
//! A policy labels findings; it never deletes them.

pub mod accepted;
pub mod builtin;
pub mod calendar;
pub mod check;
pub mod circumstances;
pub mod clock;
pub mod config;
pub mod coverage;
pub mod deadline;
mod due;
pub mod elsewhere;
pub mod example;
pub mod exception;
pub mod exploited;
pub mod gate;
pub mod import;
pub mod judge;
pub mod judging;
pub mod layered;
pub mod length;
pub mod pattern;
pub mod private_index;
pub mod reading;
pub mod response;
pub mod security_md;
pub mod state;
pub mod stated;
pub mod tier;
pub mod weakness;

pub use accepted::Accepted;
pub use calendar::Calendar;
pub use circumstances::{Circumstances, Known, Release, Shipped};
pub use clock::{Basis, Clock};
pub use config::Config;
pub use deadline::{Deadline, Deadlines, Stage};
pub use elsewhere::ResolvedElsewhere;
pub use exception::Exception;
pub use exploited::ExploitedRule;
pub use gate::{FailOn, GateRules};
pub use judge::{Judgement, Standing, judge};
pub use judging::{DueSoon, Judging};
pub use layered::{Layered, effective};
pub use private_index::PrivateIndex;
pub use reading::Reading;
pub use response::Response;
pub use state::State;
pub use tier::{Tier, TierReason, TierRow};

/// A policy, as it is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What it was read from, the strongest first.
    pub sources: Vec<PolicySource>,
    /// The path of the section that makes it differ from that of the rest of the project, from the folder of the policy.
    pub scope: Option<String>,
    /// The four usual tiers, from critical to low.
    pub tiers: Vec<TierRow>,
    /// What is promised of all vulnerabilities alike.
    pub general: Deadlines,
    /// Rules beside the tiers.
    pub rules: Vec<reading::AgeRule>,
    /// Which versions of the project are supported.
    pub supported_versions: Vec<reading::SupportedVersion>,
    /// The file that says so.
    pub versions_path: Option<String>,
    /// What it says of vulnerabilities that are known to be exploited, beside their tiers.
    pub exploited: Option<ExploitedRule>,
    /// How findings are judged, beside the deadlines.
    pub judging: Judging,
    /// Which days are business days.
    pub calendar: Calendar,
    /// Which findings may trip the gate at all.
    pub gate: GateRules,
    /// Manifests whose ranges are resolved elsewhere.
    pub elsewhere: Vec<ResolvedElsewhere>,
    /// Findings that the project has decided to live with.
    pub exceptions: Vec<Exception>,
    /// Unchecked things that are accepted.
    pub accepted: Vec<Accepted>,
    /// Recorded responses.
    pub responses: Vec<Response>,
    /// Package indexes that are private.
    pub private_indexes: Vec<PrivateIndex>,
    /// Advisory data older than this, in seconds, makes a result incomplete.
    pub max_db_age: Option<i64>,
}

impl Policy {
    /// What it says, as a text would; nothing of a text's faults.
    #[must_use]
    pub fn reading(&self) -> Reading {
        Reading {
            tiers: self.tiers.clone(),
            general: self.general.clone(),
            rules: self.rules.clone(),
            supported_versions: self.supported_versions.clone(),
            not_understood: Vec::new(),
            notes: Vec::new(),
            placeholder: false,
        }
    }
}

/// Where a policy's statements come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicySource {
    /// A SECURITY.md.
    SecurityMd {
        /// The file, as it was named.
        path: String,
        /// SHA-256 of its bytes, as lower-case hexadecimal digits.
        sha256: String,
    },
    /// An `overdue.toml`.
    Config {
        /// The file, as it was named.
        path: String,
        /// SHA-256 of its bytes, as lower-case hexadecimal digits.
        sha256: String,
    },
    /// The policy that this program brings along.
    Builtin,
}

impl PolicySource {
    /// The name in reports.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::SecurityMd { .. } => "security_md",
            Self::Config { .. } => "config",
            Self::Builtin => "builtin",
        }
    }

    /// The file and the SHA-256 of its bytes.
    #[must_use]
    pub fn file(&self) -> Option<(&str, &str)> {
        match self {
            Self::SecurityMd { path, sha256 } | Self::Config { path, sha256 } => Some((path, sha256)),
            Self::Builtin => None,
        }
    }
}
