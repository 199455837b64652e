//! Which files git tracks, read from the index of a working tree (git's `index-format`). A rule of `.gitignore` never
//! hides a file that is tracked.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    names::{below, of_bytes, slashed},
    repository::{common_folder, git_folder},
};

/// The indexes of the repositories below and around a target, each read once, when it is asked for.
#[derive(Debug, Default)]
pub struct Tracked {
    indexes: Mutex<HashMap<PathBuf, Arc<Names>>>,
}

/// What the index of one repository says.
#[derive(Debug, Default)]
struct Names {
    paths: BTreeSet<String>,
    /// Submodules with their commits.
    submodules: Vec<(String, String)>,
    /// Whether there is an index that cannot be read; then anything may be tracked.
    unknown: bool,
}

impl Tracked {
    /// Whether git tracks a file, or a file below a folder; `true` where there is an index that cannot be read.
    #[must_use]
    pub fn covers(&self, path: &Path) -> bool {
        let Some(root) = path.parent().and_then(repository) else { return false };
        let Ok(below) = path.strip_prefix(root) else { return false };
        let (names, below) = (self.names(root), slashed(below));
        let folder = format!("{below}/");
        let has_below = || names.paths.range(folder.clone()..).next().is_some_and(|name| name.starts_with(&folder));
        names.unknown || names.paths.contains(&below) || has_below()
    }

    /// The submodules below a folder, with their commits, by their paths from the folder.
    #[must_use]
    pub fn submodules(&self, folder: &Path) -> Vec<(String, String)> {
        let Some(root) = repository(folder) else { return Vec::new() };
        let Ok(base) = folder.strip_prefix(root).map(slashed) else { return Vec::new() };
        self.names(root).submodules.iter().filter_map(|(path, commit)| Some((below(path, &base)?.to_owned(), commit.clone()))).collect()
    }

    fn names(&self, root: &Path) -> Arc<Names> {
        let mut indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        indexes.entry(root.to_owned()).or_insert_with(|| Arc::new(read(root))).clone()
    }
}

/// The root of the repository that a folder is in.
fn repository(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|folder| folder.join(".git").exists())
}

fn read(root: &Path) -> Names {
    let Some(git) = git_folder(root) else { return Names::default() };
    let index = git.join("index");
    // None yet in a new repository; a pipe would be waited for.
    if !index.exists() {
        return Names::default();
    }
    // A linked working tree has an index of its own, and its repository's configuration.
    let common = common_folder(&git);
    let config = fs::read_to_string(common.join("config")).unwrap_or_default().to_ascii_lowercase();
    let sha256 = config.lines().any(|line| line.replace(' ', "").trim() == "objectformat=sha256");
    let bytes = index.is_file().then(|| fs::read(&index).ok()).flatten();
    let names = bytes.and_then(|bytes| entries(&bytes, if sha256 { 32 } else { 20 }));
    names.unwrap_or(Names { unknown: true, ..Names::default() })
}

/// The entries of an index of version 2, 3 or 4; `None` for anything else, where it was cut off, and where it leaves
/// entries to another file or to a whole folder (a split or sparse index).
fn entries(bytes: &[u8], id_length: usize) -> Option<Names> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let version = number(4).filter(|version| bytes.starts_with(b"DIRC") && (2..=4).contains(version))?;
    let (mut at, mut names, mut previous) = (12, Names::default(), Vec::new());
    for _ in 0..number(8)? {
        let start = at;
        // Ten numbers of the file system, the mode among them, the object, flags, and more flags where the second
        // highest bit says so.
        let (mode, id) = (number(start + 24)?, start + 40);
        let flags = id + id_length;
        let extended = bytes.get(flags)? & 0x40 != 0;
        at = flags + if extended { 4 } else { 2 };
        if version == 4 {
            let (cut, next) = variable_number(bytes, at)?;
            previous.truncate(previous.len().checked_sub(cut)?);
            at = next;
        } else {
            previous.clear();
        }
        let length = bytes.get(at..)?.iter().position(|byte| *byte == 0)?;
        previous.extend_from_slice(&bytes[at..at + length]);
        at += length + 1;
        if version < 4 {
            // Entries are padded to a multiple of eight bytes.
            at = start + (at - start).next_multiple_of(8);
        }
        let path = of_bytes(&previous);
        if mode == 0o160_000 {
            let commit = bytes.get(id..flags)?.iter().map(|byte| format!("{byte:02x}")).collect();
            names.submodules.push((path.clone(), commit));
        }
        names.paths.insert(path);
    }
    // Extensions follow, then a digest.
    while at + id_length < bytes.len() {
        let signature = bytes.get(at..at + 4)?;
        if signature == b"link" || signature == b"sdir" {
            return None;
        }
        at = at.checked_add(8)?.checked_add(usize::try_from(number(at + 4)?).ok()?)?;
    }
    Some(names)
}

/// A number of variable width, as pack files have it (`offset encoding`), and where it ends.
fn variable_number(bytes: &[u8], mut at: usize) -> Option<(usize, usize)> {
    let mut byte = *bytes.get(at)?;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        at += 1;
        byte = *bytes.get(at)?;
        value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
    }
    Some((value, at + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::entries;

    proptest! {
        #[test]
        fn no_bytes_are_too_odd(version in 0_u8..6, bytes: Vec<u8>) {
            let whole = [b"DIRC\0\0\0".as_slice(), &[version], &bytes].concat();
            let _ = entries(&whole, 20);
            let _ = entries(&bytes, 32);
        }
    }
}
