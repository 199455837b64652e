//! Recorded responses: dated entries that say that a vulnerability was answered for. They satisfy the stage of responding.

use std::sync::Arc;

use super::exception::{bears, is_package};
use crate::model::{Finding, Timestamp};

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The id of the advisory: any of its alias group, or one that it was derived from.
    pub id: String,
    /// Only to findings of this package.
    pub package: Option<String>,
    /// When it was given.
    pub at: Timestamp,
    /// What was answered, in the project's words.
    pub note: Option<String>,
    /// The file that states it.
    pub file: Arc<str>,
    /// Its line, counted from 1.
    pub line: u32,
}

impl Response {
    /// Whether it answers for a finding, as of a moment.
    #[must_use]
    pub fn answers(&self, finding: &Finding, as_of: Timestamp) -> bool {
        self.at <= as_of && bears(finding, &self.id) && self.package.as_ref().is_none_or(|package| is_package(finding, package))
    }
}
