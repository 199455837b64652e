//! Which files the repository's own `.gitignore` files hide. Not the user's global excludes: the same checkout must
//! give the same report on every machine.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use ignore::{
    Match,
    gitignore::{Gitignore, GitignoreBuilder},
};

use super::names::slashed;

/// The `.gitignore` files that apply below a target.
pub struct Ignored {
    target: PathBuf,
    folders: HashMap<PathBuf, Folder>,
    in_repository: bool,
}

/// What a folder says about hiding.
#[derive(Clone)]
struct Folder {
    rules: Option<Arc<Gitignore>>,
    /// A repository of its own: what is above it does not count.
    is_repository: bool,
}

impl Ignored {
    /// For files below `target`. Rules above it count up to its git repository, and no further than itself where
    /// there is none. The target itself is never hidden: it was named.
    #[must_use]
    pub fn new(target: &Path) -> Self {
        let target = std::path::absolute(target).unwrap_or_else(|_| target.to_owned());
        let in_repository = target.ancestors().any(|folder| folder.join(".git").exists());
        Self { target, folders: HashMap::new(), in_repository }
    }

    /// The `.gitignore` (relative to the target, or as a whole path above it) that hides this file, if one does.
    pub fn hidden_by(&mut self, file: &Path) -> Option<String> {
        let absolute = std::path::absolute(file).ok()?;
        let below: Vec<_> = absolute.strip_prefix(&self.target).ok()?.components().map(|part| part.as_os_str().to_owned()).collect();
        // As git does it: a folder that is ignored takes everything below with it; else the nearest file decides.
        let mut path = self.target.clone();
        for (depth, part) in below.iter().enumerate() {
            path.push(part);
            if let Some(by) = self.matched(&path, depth + 1 < below.len()) {
                return Some(by);
            }
        }
        None
    }

    fn matched(&mut self, path: &Path, is_directory: bool) -> Option<String> {
        for place in path.ancestors().skip(1) {
            let folder = self.folders.entry(place.to_owned()).or_insert_with(|| read(place)).clone();
            match folder.rules.as_ref().map_or(Match::None, |rules| rules.matched(path, is_directory)) {
                Match::Ignore(_) => {
                    let file = place.join(".gitignore");
                    let shown = file.strip_prefix(&self.target).map_or(".gitignore of a folder above".into(), slashed);
                    return Some(shown);
                }
                Match::Whitelist(_) => return None,
                Match::None => {}
            }
            if folder.is_repository || (!self.in_repository && place == self.target) {
                break;
            }
        }
        None
    }
}

fn read(folder: &Path) -> Folder {
    let file = folder.join(".gitignore");
    let text = file.is_file().then(|| fs::read(&file).ok()).flatten();
    let rules = text.map(|text| {
        let mut builder = GitignoreBuilder::new(folder);
        for line in String::from_utf8_lossy(&text).lines() {
            // A line that is no pattern hides nothing; the other lines count.
            let _ = builder.add_line(None, &without_alternatives(line));
        }
        builder.build().ok().map(Arc::new)
    });
    Folder { rules: rules.flatten(), is_repository: folder.join(".git").exists() }
}

/// Git's patterns have no `{a,b}`: braces stand for themselves, which the library is told by a backslash.
fn without_alternatives(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut escaped = false;
    for c in line.chars() {
        if matches!(c, '{' | '}') && !escaped {
            out.push('\\');
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    out
}
