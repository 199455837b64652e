//! Manifests whose ranges are resolved elsewhere, so that what they let in is not what is installed.

use std::sync::Arc;

use super::pattern;

/// What a policy says of one manifest, or of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedElsewhere {
    /// The manifest, from the folder of the policy; a pattern.
    pub manifest: String,
    /// What resolves it, in the project's words.
    pub by: String,
    /// The file that says so.
    pub path: Arc<str>,
    /// Its line, counted from 1.
    pub line: u32,
}

impl ResolvedElsewhere {
    /// Whether it speaks of the file at this path, from the folder of the policy.
    #[must_use]
    pub fn speaks_of(&self, path: &str) -> bool {
        pattern::is_of(&self.manifest, path)
    }
}
