//! The files of a git revision, read from its objects by the same rules as a folder on disk.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    Files, FoundFile, Limits, Listing, Stored,
    ignored::{Folder, Ignored},
    limits::ReadError,
    listing::unreadable,
    names::{of_bytes, slashed},
    objects::{GitError, Objects},
    rules,
};
use crate::model::{Skipped, unchecked::Why};

/// Trees deeper than this are refused, as a guard against a made-up one.
const DEEPEST: usize = 512;
/// Links followed on the way to a file, as the system does it.
const MOST_LINKS: usize = 40;
/// The largest tree or link that is read.
const LARGEST_TREE: u64 = 64 << 20;

/// The part of a revision that is below a target.
pub struct Revision<'a> {
    objects: &'a Objects,
    root: String,
    /// The target's folder from the root of the repository, without slashes at its ends.
    folder: String,
    /// Trees that were read: the way to a `.gitignore` leads through the same ones again and again.
    trees: Mutex<HashMap<String, Arc<Vec<Entry>>>>,
}

/// An entry of a tree object.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    mode: Mode,
    name: String,
    id: String,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Tree,
    File,
    Link,
    Submodule,
}

impl<'a> Revision<'a> {
    /// The files of a commit below a folder, which is given from the root of the repository.
    ///
    /// # Errors
    /// When the commit's tree is not there.
    pub fn new(objects: &'a Objects, commit: &str, folder: &str) -> Result<Self, GitError> {
        let root = objects.expect(&format!("{commit}^{{tree}}"), 0)?.id;
        Ok(Self { objects, root, folder: folder.to_owned(), trees: Mutex::default() })
    }

    fn tree(&self, id: &str) -> Result<Arc<Vec<Entry>>, GitError> {
        let known = |trees: &Mutex<HashMap<_, Arc<_>>>| trees.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if let Some(tree) = known(&self.trees) {
            return Ok(tree);
        }
        let tree = Arc::new(entries(&self.objects.content(id, LARGEST_TREE)?, id.len() / 2));
        self.trees.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), tree.clone());
        Ok(tree)
    }

    /// The entry at a path from the root of the repository, no link followed.
    fn entry(&self, path: &str) -> Result<Option<Entry>, GitError> {
        let mut here = Entry { mode: Mode::Tree, name: String::new(), id: self.root.clone() };
        for name in path.split('/').filter(|name| !name.is_empty()) {
            if here.mode != Mode::Tree {
                return Ok(None);
            }
            match self.tree(&here.id)?.iter().find(|entry| entry.name == name) {
                Some(entry) => here = entry.clone(),
                None => return Ok(None),
            }
        }
        Ok(Some(here))
    }

    fn walk(&self, path: &str, id: &str, recognised: &dyn Fn(&str) -> bool, found: &mut Listing) -> Result<(), GitError> {
        if path.split('/').count() > DEEPEST {
            found.unchecked.push(unreadable(path, "it is too deep"));
            return Ok(());
        }
        let entries = self.tree(id)?;
        if !path.is_empty() {
            let name = path.rsplit('/').next().unwrap_or_default();
            if let Some((reason, why)) = rules::not_entered(name, |name| entries.iter().any(|entry| entry.name == name)) {
                found.skipped.push(Skipped { path: path.to_owned(), reason: reason.to_owned(), why });
                return Ok(());
            }
        }
        for entry in entries.iter() {
            let path = if path.is_empty() { entry.name.clone() } else { format!("{path}/{}", entry.name) };
            match entry.mode {
                Mode::Tree => self.walk(&path, &entry.id, recognised, found)?,
                Mode::File if recognised(&path) => found.files.push(file(path, entry.id.clone())),
                Mode::Link if recognised(&path) => self.link(path, found)?,
                // Its files are objects of another repository.
                Mode::Submodule => {
                    found.skipped.push(Skipped { path, reason: "a submodule".to_owned(), why: Why::Notable });
                }
                Mode::File | Mode::Link => {}
            }
        }
        Ok(())
    }

    /// A link with the name of a dependency file: to a file of the target, or named as unchecked.
    fn link(&self, path: String, found: &mut Listing) -> Result<(), GitError> {
        let from_root = joined(&self.folder, &path);
        let real = self.resolve(&from_root, 0)?;
        let below = real.as_ref().and_then(|(real, _)| {
            if self.folder.is_empty() { Some(real.as_str()) } else { real.strip_prefix(&self.folder)?.strip_prefix('/') }
        });
        match (&real, below) {
            (Some((_, entry)), Some(below)) if entry.mode == Mode::File => {
                found.files.push(FoundFile { real: Some(below.to_owned()), ..file(path, entry.id.clone()) });
            }
            _ => found.unchecked.push(unreadable(&path, "a link to what is no file of the target")),
        }
        Ok(())
    }

    /// Follows links from a path, folders on the way included.
    fn resolve(&self, path: &str, hops: usize) -> Result<Option<(String, Entry)>, GitError> {
        let mut real = String::new();
        let parts: Vec<&str> = path.split('/').collect();
        for (at, part) in parts.iter().enumerate() {
            match *part {
                "" | "." => continue,
                ".." if real.is_empty() => return Ok(None),
                ".." => {
                    real.truncate(real.rfind('/').unwrap_or(0));
                    continue;
                }
                name => real = joined(&real, name),
            }
            let Some(entry) = self.entry(&real)? else { return Ok(None) };
            if entry.mode != Mode::Link {
                continue;
            }
            let to = String::from_utf8(self.objects.content(&entry.id, LARGEST_TREE)?).unwrap_or_default();
            if to.starts_with('/') || hops >= MOST_LINKS {
                return Ok(None);
            }
            let folder = &real[..real.rfind('/').unwrap_or(0)];
            let rest = parts[at + 1..].join("/");
            return self.resolve(&format!("{folder}/{to}/{rest}"), hops + 1);
        }
        Ok(self.entry(&real)?.map(|entry| (real, entry)))
    }

    /// What a folder of the revision says about hiding; folders are given as if the repository's root were `/`.
    fn rules_of(&self, folder: &Path) -> Folder {
        let gitignore = || {
            let entry = self.entry(&joined(&slashed(folder), ".gitignore")).ok()??;
            self.objects.read(&entry.id, LARGEST_TREE).ok()??.bytes
        };
        Folder { gitignore: gitignore(), is_repository: folder.parent().is_none() }
    }
}

impl Files for Revision<'_> {
    fn list(&self, _threads: usize, recognised: &(dyn Fn(&str) -> bool + Sync)) -> Result<Listing, GitError> {
        let mut listing = Listing::default();
        if let Some(entry) = self.entry(&self.folder)?.filter(|entry| entry.mode == Mode::Tree) {
            self.walk("", &entry.id, recognised, &mut listing)?;
        }
        let target = Path::new("/").join(&self.folder);
        let mut ignored = Ignored::in_repository(&target, |folder| self.rules_of(folder));
        listing.settle(|path| ignored.hidden_by(&target.join(path)));
        Ok(listing)
    }

    fn find(&self, path: &str) -> Result<Option<FoundFile>, GitError> {
        let found = self.resolve(&joined(&self.folder, path), 0)?;
        Ok(found.filter(|(_, entry)| entry.mode == Mode::File).map(|(_, entry)| file(path.to_owned(), entry.id)))
    }

    fn read(&self, found: &FoundFile, limits: &Limits) -> Result<Vec<u8>, ReadError> {
        let Stored::Object(id) = &found.stored else { return Err(ReadError::Io(std::io::ErrorKind::NotFound.into())) };
        let object = self.objects.expect(id, limits.file).map_err(ReadError::Git)?;
        object.bytes.ok_or(ReadError::TooLarge)
    }
}

fn file(path: String, id: String) -> FoundFile {
    FoundFile { path, stored: Stored::Object(id), real: None, also_at: Vec::new() }
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Reads a tree object: `<mode> <name>\0<id>`, again and again, the id in `id_length` bytes.
fn entries(mut bytes: &[u8], id_length: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    while let Some(end) = bytes.iter().position(|byte| *byte == 0) {
        let (head, rest) = (&bytes[..end], &bytes[end + 1..]);
        let Some(id) = rest.get(..id_length) else { break };
        bytes = &rest[id_length..];
        let Some(space) = head.iter().position(|byte| *byte == b' ') else { continue };
        let mode = match &head[..space] {
            b"40000" => Mode::Tree,
            b"120000" => Mode::Link,
            b"160000" => Mode::Submodule,
            _ => Mode::File,
        };
        let name = of_bytes(&head[space + 1..]);
        entries.push(Entry { mode, name, id: id.iter().map(|byte| format!("{byte:02x}")).collect() });
    }
    entries
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Mode, entries};

    proptest! {
        #[test]
        fn no_bytes_are_too_odd_for_a_tree(bytes: Vec<u8>, length in 1_usize..40) {
            let read = entries(&bytes, length);
            prop_assert!(read.iter().all(|entry| entry.id.len() == 2 * length));
        }
    }

    #[test]
    fn trees_of_both_object_formats_are_read_and_damage_ends_them() {
        for length in [20, 32] {
            let mut bytes = b"100644 a b\0".to_vec();
            bytes.extend(vec![0xab; length]);
            bytes.extend(b"40000 c\0");
            bytes.extend(vec![0; length]);
            bytes.extend(b"160000 d\0short");
            let read = entries(&bytes, length);
            assert_eq!(read.iter().map(|e| (e.mode, e.name.as_str())).collect::<Vec<_>>(), [(Mode::File, "a b"), (Mode::Tree, "c")]);
            assert_eq!(read[0].id, "ab".repeat(length));
        }
    }
}
