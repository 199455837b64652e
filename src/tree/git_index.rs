//! Which files git tracks, read from the index of a working tree (git's `index-format`). A rule of `.gitignore` never
//! hides a file that is tracked.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    names::{of_bytes, slashed},
    repository::git_folder,
};

/// The indexes of the repositories below and around a target, each read once, when it is asked for.
#[derive(Debug, Default)]
pub struct Tracked {
    indexes: Mutex<HashMap<PathBuf, Arc<Names>>>,
}

/// The tracked paths of one repository; none where its index cannot be read.
type Names = BTreeSet<String>;

impl Tracked {
    /// Whether git tracks a file, or a file below a folder. `false` where that cannot be told.
    #[must_use]
    pub fn covers(&self, path: &Path) -> bool {
        let Some(parent) = path.parent() else { return false };
        let Some(root) = parent.ancestors().find(|folder| folder.join(".git").exists()) else { return false };
        let Ok(below) = path.strip_prefix(root) else { return false };
        let (names, below) = (self.names(root), slashed(below));
        let folder = format!("{below}/");
        names.contains(&below) || names.range(folder.clone()..).next().is_some_and(|name| name.starts_with(&folder))
    }

    fn names(&self, root: &Path) -> Arc<Names> {
        let mut indexes = self.indexes.lock().unwrap_or_else(PoisonError::into_inner);
        indexes.entry(root.to_owned()).or_insert_with(|| Arc::new(read(root).unwrap_or_default())).clone()
    }
}

fn read(root: &Path) -> Option<Names> {
    let git = git_folder(root)?;
    // A linked working tree has an index of its own, and its repository's configuration.
    let common = fs::read_to_string(git.join("commondir")).map_or_else(|_| git.clone(), |folder| git.join(folder.trim()));
    let config = fs::read_to_string(common.join("config")).unwrap_or_default().to_ascii_lowercase();
    let sha256 = config.lines().any(|line| line.replace(' ', "").trim() == "objectformat=sha256");
    paths(&fs::read(git.join("index")).ok()?, if sha256 { 32 } else { 20 })
}

/// The paths of an index of version 2, 3 or 4; `None` for anything else, or where it was cut off.
fn paths(bytes: &[u8], id_length: usize) -> Option<Names> {
    let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let version = number(4).filter(|version| bytes.starts_with(b"DIRC") && (2..=4).contains(version))?;
    let (mut at, mut names, mut previous) = (12, Names::new(), Vec::new());
    for _ in 0..number(8)? {
        let start = at;
        // Ten numbers of the file system, the object, flags, and more flags where the second highest bit says so.
        let flags = start + 40 + id_length;
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
        names.insert(of_bytes(&previous));
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

    use super::paths;

    proptest! {
        #[test]
        fn no_bytes_are_too_odd(version in 0_u8..6, bytes: Vec<u8>) {
            let whole = [b"DIRC\0\0\0".as_slice(), &[version], &bytes].concat();
            let _ = paths(&whole, 20);
            let _ = paths(&bytes, 32);
        }
    }
}
