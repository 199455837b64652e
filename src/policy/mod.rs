//! Floor 4: what the project promised, and what that makes of a finding. Pure: the moment of judging is an argument.
//! A policy labels findings; it never deletes them.

pub mod builtin;
pub mod config;
pub mod deadline;
pub mod elsewhere;
pub mod exception;
pub mod exploited;
pub mod gate;
pub mod judge;
pub mod length;
pub mod tier;

pub use deadline::{Deadline, Stage};
pub use elsewhere::ResolvedElsewhere;
pub use exception::Exception;
pub use exploited::ExploitedRule;
pub use gate::{FailOn, GateRules};
pub use judge::{Judgement, Standing, judge};
pub use tier::{Tier, TierReason, TierRow};

/// A policy, as it is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What it was read from, the strongest first.
    pub sources: Vec<PolicySource>,
    /// The four usual tiers, from critical to low.
    pub tiers: Vec<TierRow>,
    /// What it says of vulnerabilities that are known to be exploited, beside their tiers.
    pub exploited: Option<ExploitedRule>,
    /// Which findings may trip the gate at all.
    pub gate: GateRules,
    /// Manifests whose ranges are resolved elsewhere.
    pub elsewhere: Vec<ResolvedElsewhere>,
}

/// Where a policy's statements come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicySource {
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
            Self::Config { .. } => "config",
            Self::Builtin => "builtin",
        }
    }
}
