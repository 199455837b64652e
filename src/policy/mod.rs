//! Floor 4: what the project promised, and what that makes of a finding. Pure: the moment of judging is an argument.
//! A policy labels findings; it never deletes them.

pub mod builtin;
pub mod check;
pub mod config;
pub mod coverage;
pub mod deadline;
pub mod effective;
pub mod elsewhere;
pub mod exception;
pub mod exploited;
pub mod gate;
pub mod judge;
pub mod length;
pub mod reading;
pub mod security_md;
pub mod tier;

pub use config::Config;
pub use deadline::{Deadline, Deadlines, Stage};
pub use effective::effective;
pub use elsewhere::ResolvedElsewhere;
pub use exception::Exception;
pub use exploited::ExploitedRule;
pub use gate::{FailOn, GateRules};
pub use judge::{Judgement, Standing, judge};
pub use reading::Reading;
pub use tier::{Tier, TierReason, TierRow};

/// A policy, as it is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What it was read from, the strongest first.
    pub sources: Vec<PolicySource>,
    /// The four usual tiers, from critical to low.
    pub tiers: Vec<TierRow>,
    /// What is promised of all vulnerabilities alike.
    pub general: Deadlines,
    /// Rules beside the tiers.
    pub rules: Vec<reading::AgeRule>,
    /// Which versions of the project are supported.
    pub supported_versions: Vec<reading::SupportedVersion>,
    /// What it says of vulnerabilities that are known to be exploited, beside their tiers.
    pub exploited: Option<ExploitedRule>,
    /// Which findings may trip the gate at all.
    pub gate: GateRules,
    /// Manifests whose ranges are resolved elsewhere.
    pub elsewhere: Vec<ResolvedElsewhere>,
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
