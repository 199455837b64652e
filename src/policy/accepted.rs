//! What was not checked and is accepted so, for a reason and for a time. It stays incomplete; it only no longer decides how
//! a run ends.

use std::sync::Arc;

use super::pattern;
use crate::model::{Timestamp, Unchecked};

/// An acceptance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Only what is in files that this pattern encloses, from the folder of the policy.
    pub path: Option<String>,
    /// Only what is written so, or begins with this name; `*` stands for any text.
    pub subject: Option<String>,
    /// Only what was not checked for this reason, by its name in reports.
    pub because: Option<String>,
    /// The reason, in the project's words.
    pub reason: String,
    /// From this moment on it counts again.
    pub expires: Timestamp,
    /// The file that states it.
    pub file: Arc<str>,
    /// Its line, counted from 1.
    pub line: u32,
}

impl Accepted {
    /// Whether it speaks of an unchecked thing, whose path is given from the folder of the policy.
    #[must_use]
    pub fn speaks_of(&self, item: &Unchecked, path: &str) -> bool {
        let is_subject = |subject: &String| {
            let name = crate::model::unchecked::leading_name(&item.subject);
            pattern::is_text(subject, &item.subject) || pattern::is_text(subject, name)
        };
        self.path.as_ref().is_none_or(|pattern| pattern::encloses(pattern, path))
            && self.subject.as_ref().is_none_or(is_subject)
            && self.because.as_ref().is_none_or(|because| because == item.reason.as_str())
    }

    /// Whether its time is over.
    #[must_use]
    pub fn has_expired(&self, as_of: Timestamp) -> bool {
        as_of >= self.expires
    }

    /// What it is about, in a few words.
    #[must_use]
    pub fn subject(&self) -> String {
        let mut parts: Vec<String> = self.subject.iter().cloned().collect();
        parts.extend(self.path.iter().map(|path| format!("in {path}")));
        parts.extend(self.because.iter().map(|because| format!("({because})")));
        parts.join(" ")
    }
}
