//! Which files the repository's own `.gitignore` files hide. Not the user's global excludes: the same checkout must
//! give the same report on every machine.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use ignore::{
    Match,
    gitignore::{Gitignore, GitignoreBuilder},
};

/// The `.gitignore` files from a root down.
pub struct Ignored {
    root: PathBuf,
    files: HashMap<PathBuf, Option<Gitignore>>,
}

impl Ignored {
    /// For files below `directory`: the root is its git repository's, or itself where there is none.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        let absolute = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
        let root = absolute.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&absolute).to_owned();
        Self { root, files: HashMap::new() }
    }

    /// The `.gitignore` (relative to the root) that hides this file, if one does.
    pub fn hidden_by(&mut self, file: &Path) -> Option<String> {
        let absolute = std::path::absolute(file).ok()?;
        let relative = absolute.strip_prefix(&self.root).ok()?.to_owned();
        let parts: Vec<_> = relative.components().collect();
        // As git does it: a folder that is ignored takes everything below with it; else the nearest file decides.
        for depth in 1..=parts.len() {
            let path = self.root.join(parts[..depth].iter().collect::<PathBuf>());
            if let Some(by) = self.matched(&path, depth < parts.len()) {
                return Some(by);
            }
        }
        None
    }

    fn matched(&mut self, path: &Path, is_directory: bool) -> Option<String> {
        let root = self.root.clone();
        for folder in path.ancestors().skip(1) {
            let found = self.files.entry(folder.to_owned()).or_insert_with(|| read(folder));
            match found.as_ref().map_or(Match::None, |rules| rules.matched(path, is_directory)) {
                Match::Ignore(_) => {
                    let file = folder.join(".gitignore");
                    return Some(file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().replace('\\', "/"));
                }
                Match::Whitelist(_) => return None,
                Match::None => {}
            }
            if folder == root {
                break;
            }
        }
        None
    }
}

fn read(folder: &Path) -> Option<Gitignore> {
    let file = folder.join(".gitignore");
    if !file.is_file() {
        return None;
    }
    let mut builder = GitignoreBuilder::new(folder);
    // A line that is no pattern hides nothing; the other lines count.
    let _ = builder.add(file);
    builder.build().ok()
}
