//! An exception: a finding that the project has decided to live with, for a reason and for a time.

use crate::model::Timestamp;

/// Why a finding does not count, until when, and where that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The reason, in the project's words.
    pub reason: String,
    /// From this moment on the finding counts again.
    pub expires: Timestamp,
    /// The file that states it, from where the policy was found.
    pub path: String,
    /// Its line, counted from 1.
    pub line: u32,
}
