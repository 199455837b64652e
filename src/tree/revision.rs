//! The files of a git revision, read from its objects by the same rules as a folder on disk.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    Files, FoundFile, Limits, Listing, Since, Stored,
    blame::blame,
    limits::ReadError,
    listing::unreadable,
    names::{below, of_bytes},
    objects::{GitError, Objects},
    rules,
};
use crate::model::{Skipped, Unchecked};

/// Trees deeper than this are refused, as a guard against a made-up one.
const DEEPEST: usize = 512;
/// Folders entered, likewise.
const MOST_FOLDERS: usize = 2_000_000;
/// Links followed on the way to a file, as the system does it.
const MOST_LINKS: usize = 40;
/// The largest tree or link that is read.
const LARGEST_TREE: u64 = 64 << 20;

/// The part of a revision that is below a target.
pub struct Revision {
    objects: Arc<Objects>,
    root: String,
    commit: String,
    /// The target's folder from the root of the repository, without slashes at its ends.
    folder: String,
    /// Trees that were read: links lead through the same ones again and again.
    trees: Mutex<HashMap<String, Arc<Vec<Entry>>>>,
    /// Submodules below the target, by their path in it.
    modules: Mutex<Vec<(String, Revision)>>,
    /// Folders that were entered.
    entered: AtomicUsize,
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

impl Revision {
    /// The files of a commit below a folder, which is given from the root of the repository.
    ///
    /// # Errors
    /// When the commit's tree is not there.
    pub fn new(objects: Arc<Objects>, commit: &str, folder: &str) -> Result<Self, GitError> {
        let root = objects.expect(&format!("{commit}^{{tree}}"), 0)?.id;
        let (commit, folder) = (commit.to_owned(), folder.to_owned());
        let revision =
            Self { objects, root, commit, folder, trees: Mutex::default(), modules: Mutex::default(), entered: AtomicUsize::new(0) };
        revision.into_submodule()
    }

    /// The revision itself, or that of the submodule that its folder is in.
    fn into_submodule(self) -> Result<Self, GitError> {
        for (at, _) in self.folder.match_indices('/').chain([(self.folder.len(), "")]) {
            let (above, below) = (&self.folder[..at], self.folder[at..].trim_start_matches('/'));
            match self.entry(above)? {
                Some(entry) if entry.mode == Mode::Submodule => {
                    let objects = Arc::new(Objects::open(&self.objects.repository().join(above))?);
                    return Self::new(objects, &entry.id, below);
                }
                Some(_) => {}
                None => break,
            }
        }
        Ok(self)
    }

    fn tree(&self, id: &str) -> Result<Arc<Vec<Entry>>, GitError> {
        let known = |trees: &Mutex<HashMap<_, Arc<_>>>| trees.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if let Some(tree) = known(&self.trees) {
            return Ok(tree);
        }
        let bytes = self.objects.content(id, "tree", LARGEST_TREE)?;
        let tree = Arc::new(entries(&bytes, id.len() / 2).ok_or_else(|| self.objects.damaged(id, "is no tree that can be read"))?);
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

    /// The names in the target's folder; none where it is none.
    ///
    /// # Errors
    /// When git does not answer.
    pub fn names(&self) -> Result<Vec<String>, GitError> {
        match self.resolve(&self.folder, 0)? {
            Some((_, entry)) if entry.mode == Mode::Tree => Ok(self.tree(&entry.id)?.iter().map(|entry| entry.name.clone()).collect()),
            _ => Ok(Vec::new()),
        }
    }

    fn walk(&self, path: &str, id: &str, recognised: &dyn Fn(&str) -> bool, found: &mut Listing) -> Result<(), GitError> {
        if path.split('/').count() > DEEPEST {
            found.unchecked.push(unreadable(path, "it is too deep"));
            return Ok(());
        }
        // A few trees that hold each other many times over are more folders than there is time for.
        if self.entered.fetch_add(1, Ordering::Relaxed) > MOST_FOLDERS {
            return Err(self.objects.damaged(&self.root, &format!("has more than {MOST_FOLDERS} folders below it")));
        }
        let entries = self.tree(id)?;
        if !path.is_empty() {
            let name = path.rsplit('/').next().unwrap_or_default();
            if let Some((reason, why)) = rules::not_entered(name, |name| entries.iter().any(|entry| entry.name == name), || true) {
                found.skipped.push(Skipped { path: path.to_owned(), reason: reason.to_owned(), why });
                return Ok(());
            }
        }
        for entry in entries.iter() {
            let path = if path.is_empty() { entry.name.clone() } else { format!("{path}/{}", entry.name) };
            match entry.mode {
                Mode::Tree => self.walk(&path, &entry.id, recognised, found)?,
                Mode::File if recognised(&path) => found.files.push(file(path, entry.id.clone())),
                Mode::Link => self.link(path, recognised, found)?,
                Mode::Submodule => self.submodule(path, &entry.id, recognised, found)?,
                Mode::File => {}
            }
        }
        Ok(())
    }

    /// The files of a submodule, at the commit that the superproject names: objects of another repository, which is
    /// there if it is checked out.
    fn submodule(&self, path: String, commit: &str, recognised: &dyn Fn(&str) -> bool, found: &mut Listing) -> Result<(), GitError> {
        let place = self.objects.repository().join(joined(&self.folder, &path));
        if !place.join(".git").exists() {
            found.skipped.push(rules::absent_submodule(path, commit));
            return Ok(());
        }
        let objects = Arc::new(Objects::open(&place)?);
        let module = Self::new(objects, commit, "")?;
        let mut inner = Listing::default();
        module.walk("", &module.root, &|name| recognised(&joined(&path, name)), &mut inner)?;
        found.files.extend(inner.files.into_iter().map(|file| FoundFile {
            path: joined(&path, &file.path),
            real: file.real.map(|real| joined(&path, &real)),
            ..file
        }));
        found.skipped.extend(inner.skipped.into_iter().map(|item| Skipped { path: joined(&path, &item.path), ..item }));
        found.unchecked.extend(inner.unchecked.into_iter().map(|item| Unchecked { path: joined(&path, &item.path), ..item }));
        self.modules.lock().unwrap_or_else(PoisonError::into_inner).push((path, module));
        Ok(())
    }

    /// A link: to a file of the target, if it has the name of a dependency file; what may be a folder elsewhere, or a
    /// dependency file elsewhere, is named as unchecked.
    fn link(&self, path: String, recognised: &dyn Fn(&str) -> bool, found: &mut Listing) -> Result<(), GitError> {
        let from_root = joined(&self.folder, &path);
        let real = self.resolve(&from_root, 0)?;
        if !recognised(&path) {
            let is_folder_elsewhere = match &real {
                Some((real, entry)) => entry.mode == Mode::Tree && below(real, &self.folder).is_none(),
                None => self.leads_out(&from_root)?,
            };
            if is_folder_elsewhere {
                found.unchecked.push(unreadable(&path, "a link to a folder outside of the target: scan that folder by name"));
            }
            return Ok(());
        }
        let from_target = real.as_ref().and_then(|(real, _)| below(real, &self.folder));
        match (&real, from_target) {
            (Some((_, entry)), Some(below)) if entry.mode == Mode::File => {
                found.files.push(FoundFile { real: Some(below.to_owned()), ..file(path, entry.id.clone()) });
            }
            _ => found.unchecked.push(unreadable(&path, "a link to what is no file of the target")),
        }
        Ok(())
    }

    /// Whether a link's own text leads out of the repository.
    fn leads_out(&self, link: &str) -> Result<bool, GitError> {
        let Some(entry) = self.entry(link)? else { return Ok(false) };
        let to = of_bytes(&self.objects.content(&entry.id, "blob", LARGEST_TREE)?);
        let mut depth = link.matches('/').count();
        let steps_out = to.split('/').any(|part| match part {
            ".." if depth == 0 => true,
            ".." => {
                depth -= 1;
                false
            }
            "" | "." => false,
            _ => {
                depth += 1;
                false
            }
        });
        Ok(to.starts_with('/') || steps_out)
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
            let to = of_bytes(&self.objects.content(&entry.id, "blob", LARGEST_TREE)?);
            if to.starts_with('/') || hops >= MOST_LINKS {
                return Ok(None);
            }
            let folder = &real[..real.rfind('/').unwrap_or(0)];
            let rest = parts[at + 1..].join("/");
            return self.resolve(&format!("{folder}/{to}/{rest}"), hops + 1);
        }
        Ok(self.entry(&real)?.map(|entry| (real, entry)))
    }
}

impl Files for Revision {
    fn list(&self, _threads: usize, recognised: &(dyn Fn(&str) -> bool + Sync)) -> Result<Listing, GitError> {
        let mut listing = Listing::default();
        if let Some(entry) = self.entry(&self.folder)?.filter(|entry| entry.mode == Mode::Tree) {
            self.walk("", &entry.id, recognised, &mut listing)?;
        }
        // All that a revision has is tracked, and what is tracked no `.gitignore` hides.
        listing.settle(|_| None);
        Ok(listing)
    }

    fn find(&self, path: &str) -> Result<Option<FoundFile>, GitError> {
        let found = self.resolve(&joined(&self.folder, path), 0)?;
        Ok(found.filter(|(_, entry)| entry.mode == Mode::File).map(|(_, entry)| file(path.to_owned(), entry.id)))
    }

    fn since(&self, path: &str, lines: &[u32]) -> Result<BTreeMap<u32, Since>, GitError> {
        let modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((folder, module)) = modules.iter().find(|(folder, _)| below(path, folder).is_some()) {
            return module.since(&path[folder.len() + 1..], lines);
        }
        let given = joined(&self.folder, path);
        let real = self.resolve(&given, 0)?.map_or(given, |(real, _)| real);
        blame(self.objects.repository(), &self.commit, &real, lines)
    }

    fn read(&self, found: &FoundFile, limits: &Limits) -> Result<Vec<u8>, ReadError> {
        let Stored::Object(id) = &found.stored else { return Err(ReadError::Io(std::io::ErrorKind::NotFound.into())) };
        let modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        let inside = |(path, _): &&(String, Self)| below(&found.path, path).is_some();
        let object = match modules.iter().find(inside) {
            Some((path, module)) => {
                let found = FoundFile { path: found.path[path.len() + 1..].to_owned(), ..found.clone() };
                return module.read(&found, limits);
            }
            None => self.objects.expect(id, limits.file).map_err(ReadError::Git)?,
        };
        object.bytes.ok_or(ReadError::TooLarge)
    }
}

fn file(path: String, id: String) -> FoundFile {
    FoundFile { path, stored: Stored::Object(id), real: None, also_at: Vec::new() }
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// Reads a tree object: `<mode> <name>\0<id>`, again and again, the mode in octal digits, the id in `id_length` bytes.
/// `None` for bytes that are none; what git itself would read otherwise is never passed over.
fn entries(mut bytes: &[u8], id_length: usize) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.iter().position(|byte| *byte == 0)?;
        let (head, rest) = (&bytes[..end], &bytes[end + 1..]);
        let id = rest.get(..id_length)?;
        bytes = &rest[id_length..];
        let space = head.iter().position(|byte| *byte == b' ')?;
        let mode = u32::from_str_radix(std::str::from_utf8(&head[..space]).ok()?, 8).ok()?;
        // The type is in the upper bits; git pays no heed to most of the others.
        let mode = match mode & 0o170_000 {
            0o040_000 => Mode::Tree,
            0o120_000 => Mode::Link,
            0o160_000 => Mode::Submodule,
            0o100_000 => Mode::File,
            _ => return None,
        };
        entries.push(Entry { mode, name: of_bytes(&head[space + 1..]), id: id.iter().map(|byte| format!("{byte:02x}")).collect() });
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Mode, entries};

    proptest! {
        #[test]
        fn no_bytes_are_too_odd_for_a_tree(bytes: Vec<u8>, length in 1_usize..40) {
            let read = entries(&bytes, length).unwrap_or_default();
            prop_assert!(read.iter().all(|entry| entry.id.len() == 2 * length));
        }
    }

    #[test]
    fn modes_are_read_as_git_reads_them_and_damage_is_no_tree() {
        let entry = |mode: &str| entries(&[format!("{mode} a\0").as_bytes(), &[0; 20]].concat(), 20);
        for (mode, expected) in [
            ("100644", Some(Mode::File)),
            ("100600", Some(Mode::File)),
            ("40000", Some(Mode::Tree)),
            ("040000", Some(Mode::Tree)),
            ("40755", Some(Mode::Tree)),
            ("120000", Some(Mode::Link)),
            ("160000", Some(Mode::Submodule)),
            ("", None),
            ("9", None),
            ("644", None),
        ] {
            assert_eq!(entry(mode).map(|entries| entries[0].mode), expected, "{mode}");
        }
        for bytes in [b"100644 a\0short".as_slice(), b"100644 a", b"\0", b"100644\0aaaaaaaaaaaaaaaaaaaa"] {
            assert_eq!(entries(bytes, 20), None, "{bytes:?}");
        }
    }

    #[test]
    fn trees_of_both_object_formats_are_read() {
        for length in [20, 32] {
            let mut bytes = b"100644 a b\0".to_vec();
            bytes.extend(vec![0xab; length]);
            bytes.extend(b"40000 c\0");
            bytes.extend(vec![0; length]);
            let read = entries(&bytes, length).expect("a tree");
            assert_eq!(read.iter().map(|e| (e.mode, e.name.as_str())).collect::<Vec<_>>(), [(Mode::File, "a b"), (Mode::Tree, "c")]);
            assert_eq!(read[0].id, "ab".repeat(length));
        }
    }
}
