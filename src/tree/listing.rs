//! What is below a target, settled the same way wherever it comes from: hidden files named, linked files found once.

use std::collections::BTreeMap;

use super::{FoundFile, Stored};
use crate::model::{Reason, Skipped, Unchecked, unchecked::Why};

/// What a target holds.
#[derive(Debug, Default)]
pub struct Listing {
    /// The recognised files, sorted by path.
    pub files: Vec<FoundFile>,
    /// What the rules pass over, sorted by path.
    pub skipped: Vec<Skipped>,
    /// What could not be looked at, sorted by path.
    pub unchecked: Vec<Unchecked>,
}

impl Listing {
    /// Sorts, judges a file that several links reach once, and sets aside what `hidden` hides (it answers with the
    /// `.gitignore` that does).
    pub(super) fn settle(&mut self, mut hidden: impl FnMut(&str) -> Option<String>) {
        let mut hidden = |path: &str| hidden(path).map(|by| format!("hidden by {by}"));
        self.files.sort();
        let mut once: BTreeMap<(String, Option<Stored>), FoundFile> = BTreeMap::new();
        for file in std::mem::take(&mut self.files) {
            // The link's own place decides whether it is hidden, so that it is judged by the name that people see.
            if let Some(reason) = hidden(&file.path) {
                self.skipped.push(Skipped { path: file.path, reason, why: Why::Ignored });
                continue;
            }
            let mut real = (file.real.clone().unwrap_or_else(|| file.path.clone()), None);
            if file.real.is_none() && once.get(&real).is_some_and(|first| first.real.is_none()) {
                // Neither is a link: two names that only look the same as text.
                real.1 = Some(file.stored.clone());
            }
            match once.get_mut(&real) {
                None => drop(once.insert(real, file)),
                Some(first) => {
                    // The real file's own path wins over a link's.
                    let mut link = if file.real.is_some() { file } else { std::mem::replace(first, file) };
                    let reason = format!("a link to {}", first.path);
                    self.skipped.push(Skipped { path: link.path.clone(), reason, why: Why::Elsewhere });
                    first.also_at.append(&mut link.also_at);
                    first.also_at.push(link.path);
                }
            }
        }
        for unchecked in std::mem::take(&mut self.unchecked) {
            match hidden(&unchecked.path) {
                Some(reason) => self.skipped.push(Skipped { path: unchecked.path, reason, why: Why::Ignored }),
                None => self.unchecked.push(unchecked),
            }
        }
        self.files = once.into_values().collect();
        self.files.sort();
        self.skipped.sort();
        self.unchecked.sort();
    }
}

/// A recognised file that cannot be looked at.
pub(super) fn unreadable(path: &str, detail: &str) -> Unchecked {
    let (path, detail) = (path.to_owned(), detail.to_owned());
    Unchecked { subject: path.clone(), path, line: None, packages: 0, reason: Reason::Unreadable, detail }
}
