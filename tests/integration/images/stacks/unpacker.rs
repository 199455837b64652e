//! Really unpacks layers into a folder, one after the other. Slow, plain, and made of other parts than the program: the file
//! system does what the program works out. Links are followed by hand, so that none leads out of the folder.

use std::{
    collections::{BTreeSet, VecDeque},
    fs, io,
    os::unix::fs::symlink,
    path::PathBuf,
};

use super::operation::Operation;

/// What is there, sorted: a path and `dir`, `file CONTENT` or `link TARGET`.
pub(super) type Listing = Vec<(String, String)>;

/// Parts of a path without links, from the root.
type Real = Vec<String>;

/// Links that are followed on the way to one place, as on Linux.
const HOPS: usize = 40;

/// Unpacks layers, the lowest first, and lists what is there.
pub(super) fn unpacked(layers: &[Vec<Operation>]) -> Listing {
    let folder = tempfile::tempdir().expect("a folder");
    for layer in layers {
        let mut unpacker = Unpacker { root: folder.path().to_owned(), own: BTreeSet::new() };
        for operation in layer {
            let _ = unpacker.apply(operation);
            let _ = unpacker.remove(operation);
        }
    }
    let mut listing = Vec::new();
    list(folder.path(), "", &mut listing);
    listing.sort();
    listing
}

fn list(folder: &std::path::Path, path: &str, listing: &mut Listing) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let name = entry.file_name().into_string().expect("text");
        let path = if path.is_empty() { name } else { format!("{path}/{name}") };
        let kind = entry.file_type().expect("a kind");
        if kind.is_dir() {
            listing.push((path.clone(), "dir".to_owned()));
            list(&entry.path(), &path, listing);
        } else if kind.is_symlink() {
            let target = fs::read_link(entry.path()).expect("a link");
            listing.push((path, format!("link {}", target.display())));
        } else {
            listing.push((path, format!("file {}", fs::read_to_string(entry.path()).expect("text"))));
        }
    }
}

/// What is at a place, without following it.
enum Found {
    Nothing,
    Directory,
    File,
    Link(String),
}

struct Unpacker {
    root: PathBuf,
    /// What the layer put there, listed, or made on the way.
    own: BTreeSet<Real>,
}

impl Unpacker {
    fn place(&self, real: &[String]) -> PathBuf {
        real.iter().fold(self.root.clone(), |place, part| place.join(part))
    }

    fn found(&self, real: &[String]) -> Found {
        let place = self.place(real);
        match fs::symlink_metadata(&place) {
            Ok(found) if found.is_dir() => Found::Directory,
            Ok(found) if found.is_symlink() => Found::Link(fs::read_link(&place).expect("a link").to_str().expect("text").to_owned()),
            Ok(_) => Found::File,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Found::Nothing,
            Err(error) => panic!("{}: {error}", place.display()),
        }
    }

    /// Where a folder's path leads. With `make`, what is not there on the way is made, and what is no folder gives way to
    /// one. `None`: it leads nowhere, or round in circles.
    fn resolve(&mut self, path: &str, make: bool) -> Option<Real> {
        let mut open: VecDeque<String> = parts(path);
        let (mut real, mut hops): (Real, usize) = (Vec::new(), 0);
        while let Some(part) = open.pop_front() {
            if part == ".." {
                real.pop();
                continue;
            }
            real.push(part);
            match self.found(&real) {
                Found::Directory => {}
                Found::Link(target) => {
                    hops += 1;
                    if hops > HOPS {
                        return None;
                    }
                    real.pop();
                    if target.starts_with('/') {
                        real.clear();
                    }
                    parts(&target).into_iter().rev().for_each(|part| open.push_front(part));
                }
                Found::Nothing | Found::File if !make => return None,
                Found::Nothing | Found::File => {
                    self.clear(&real);
                    fs::create_dir(self.place(&real)).expect("a folder");
                    self.own.insert(real.clone());
                }
            }
        }
        Some(real)
    }

    /// Where an entry goes: its folder through links, its name as it is. `None` for the root itself.
    fn place_of(&mut self, path: &str, make: bool) -> Option<Real> {
        let mut parts = parts(path);
        let name = parts.pop_back()?;
        let mut real = self.resolve(&Vec::from(parts).join("/"), make)?;
        real.push(name);
        Some(real)
    }

    /// Takes away all that is at a place.
    fn clear(&mut self, real: &[String]) {
        let place = self.place(real);
        match self.found(real) {
            Found::Nothing => {}
            Found::Directory => fs::remove_dir_all(place).expect("removed"),
            Found::File | Found::Link(_) => fs::remove_file(place).expect("removed"),
        }
        self.own.retain(|own| !own.starts_with(real));
    }

    /// Does what an entry says; `None` if it is dropped. Markers come later.
    fn apply(&mut self, operation: &Operation) -> Option<()> {
        match operation {
            Operation::Directory(path) => {
                let real = self.place_of(path, true)?;
                if !matches!(self.found(&real), Found::Directory) {
                    self.clear(&real);
                    fs::create_dir(self.place(&real)).expect("a folder");
                }
                self.own.insert(real);
            }
            Operation::File(path, content) => {
                let real = self.place_of(path, true)?;
                self.put_file(real, content.as_bytes());
            }
            Operation::Link(path, target) => {
                let real = self.place_of(path, true)?;
                self.put_link(real, target);
            }
            Operation::HardLink(path, target) => {
                let source = self.place_of(target, false)?;
                // What is linked is at hand before anything gives way to the new name.
                let content = match self.found(&source) {
                    Found::Nothing | Found::Directory => return None,
                    Found::File => Ok(fs::read(self.place(&source)).expect("content")),
                    Found::Link(target) => Err(target),
                };
                if self.place_of(path, false).is_some_and(|real| real == source) {
                    return None;
                }
                let real = self.place_of(path, true)?;
                match content {
                    Ok(content) => self.put_file(real, &content),
                    Err(target) => self.put_link(real, &target),
                }
            }
            Operation::Whiteout(_) | Operation::Opaque(_) | Operation::Marker(_) => {}
        }
        Some(())
    }

    fn put_file(&mut self, real: Real, content: &[u8]) {
        self.clear(&real);
        fs::write(self.place(&real), content).expect("written");
        self.own.insert(real);
    }

    fn put_link(&mut self, real: Real, target: &str) {
        self.clear(&real);
        symlink(target, self.place(&real)).expect("a link");
        self.own.insert(real);
    }

    /// Does what a marker says; `None` if it is dropped.
    fn remove(&mut self, operation: &Operation) -> Option<()> {
        match operation {
            Operation::Whiteout(path) => {
                let real = self.place_of(path, false)?;
                self.remove_lower(&real);
            }
            Operation::Opaque(path) => {
                let real = self.resolve(path, false)?;
                self.children(&real).iter().for_each(|child| self.remove_lower(child));
            }
            // Those of the tables mean nothing.
            _ => {}
        }
        Some(())
    }

    /// Takes away what is not the layer's own, at a place and below it.
    fn remove_lower(&self, real: &Real) {
        let place = self.place(real);
        match self.found(real) {
            Found::Nothing => {}
            Found::Directory => {
                self.children(real).iter().for_each(|child| self.remove_lower(child));
                if self.children(real).is_empty() && !self.own.contains(real) {
                    fs::remove_dir(place).expect("removed");
                }
            }
            Found::File | Found::Link(_) if self.own.contains(real) => {}
            Found::File | Found::Link(_) => fs::remove_file(place).expect("removed"),
        }
    }

    fn children(&self, real: &Real) -> Vec<Real> {
        let names =
            fs::read_dir(self.place(real)).into_iter().flatten().flatten().map(|entry| entry.file_name().into_string().expect("text"));
        names.map(|name| [&real[..], &[name]].concat()).collect()
    }
}

/// The parts of a path that mean something.
fn parts(path: &str) -> VecDeque<String> {
    path.split('/').filter(|part| !matches!(*part, "" | ".")).map(str::to_owned).collect()
}
