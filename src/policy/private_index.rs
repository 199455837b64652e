//! Package indexes that are the project's own: what comes from them is not what the public advisories speak of.

use std::sync::Arc;

use super::pattern;

/// A private index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateIndex {
    /// Its address.
    pub url: String,
    /// Names of packages that only it has, wherever a file looks for them; patterns.
    pub packages: Vec<String>,
    /// The file that says so.
    pub path: Arc<str>,
    /// Its line, counted from 1.
    pub line: u32,
}

impl PrivateIndex {
    /// Whether a package of this name, as its ecosystem normalises it, is only there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.packages.iter().any(|pattern| pattern::is_text(&pattern.to_lowercase().replace(['_', '.'], "-"), name))
    }
}
