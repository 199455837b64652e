//! What was read and matched before, for scans of one commit after the other: most of their files are the same.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use crate::{inventory::Extracted, matching::Matched, model::Package};

/// So many contents of a file are remembered: threads are at different commits.
const MOST: usize = 4;

/// The files that were read last, by path and object.
#[derive(Default)]
pub(super) struct Memory {
    files: Mutex<HashMap<String, VecDeque<Arc<Known>>>>,
}

/// A file of known content.
pub(super) struct Known {
    object: String,
    pub(super) sha256: Option<String>,
    pub(super) extracted: Extracted,
    /// What its packages were, after all that is done to them, and what they matched.
    matched: OnceLock<(Vec<Package>, Matched)>,
}

impl Memory {
    /// What is known of a file with this content.
    pub(super) fn recall(&self, path: &str, object: &str) -> Option<Arc<Known>> {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.get(path)?.iter().find(|known| known.object == object).cloned()
    }

    /// Remembers what a file says.
    pub(super) fn remember(&self, path: &str, object: String, sha256: Option<String>, extracted: Extracted) -> Arc<Known> {
        let known = Arc::new(Known { object, sha256, extracted, matched: OnceLock::new() });
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let here = files.entry(path.to_owned()).or_default();
        here.push_back(Arc::clone(&known));
        if here.len() > MOST {
            here.pop_front();
        }
        known
    }
}

impl Known {
    /// What the same packages matched before.
    pub(super) fn matched(&self, packages: &[Package]) -> Option<Matched> {
        self.matched.get().filter(|(known, _)| known == packages).map(|(_, matched)| matched.clone())
    }

    /// Remembers what they matched.
    pub(super) fn remember(&self, packages: &[Package], matched: &Matched) {
        // Another thread may have been first.
        let _ = self.matched.set((packages.to_vec(), matched.clone()));
    }
}
