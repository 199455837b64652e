//! What is known of a finding beside its advisory: facts from git and from the state file, gathered above and handed in.

use std::sync::Arc;

use crate::model::Timestamp;

/// The circumstances of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// The dependency file, from the folder of the policy.
    pub manifest: String,
    /// When the version entered the dependency file.
    pub introduced: Known,
    /// When it was first seen.
    pub first_seen: Known,
    /// When a fix was first seen.
    pub fix_seen: Known,
    /// Whether a state file is there in which it could be written down.
    pub recorded: bool,
    /// What releases since it became known ship of it.
    pub shipped: Shipped,
}

/// A moment that may not be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// The moment.
    At(Timestamp),
    /// It is not, for this reason, with the cure.
    Not(Arc<str>),
}

impl Default for Known {
    fn default() -> Self {
        Self::Not("it was not looked for".into())
    }
}

/// Whether a release still ships a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shipped {
    /// No release since it became known does.
    No,
    /// This one does, and it is the first since then.
    In(Release),
    /// That is not known, for this reason, with the cure.
    Unknown(Arc<str>),
}

impl Default for Shipped {
    fn default() -> Self {
        Self::Unknown("releases were not looked at".into())
    }
}

/// A release of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its tag.
    pub tag: String,
    /// When it was made.
    pub at: Timestamp,
}
