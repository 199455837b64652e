//! Dependency files that belong together: what a file refers to is read, too (`-r`, `-c`), each file once, and what is
//! said of an installed package in two files is joined.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{
    files::Read,
    image::{Beyond, Rooms},
};
use crate::{
    inventory::{
        self, Extracted, Extractor, FileState, InstalledFrom, OwnPackage, Reference, coverage::folder, requirements::Requirements,
    },
    model::{Reason, Unchecked},
    tree::{Files, GitError, Limits},
};

/// Reads what the files of a target refer to, and what that refers to, until there is nothing new. What cannot be had is
/// unchecked, with the line that wants it.
///
/// # Errors
/// When git is the source and does not answer.
pub(super) fn follow(
    target: usize,
    files: &mut Vec<Read>,
    source: &dyn Files,
    rooms: Option<&Rooms>,
    limits: &Limits,
) -> Result<(), GitError> {
    let (mut beyond, mut refused) = (Beyond::default(), HashSet::new());
    let mut fits = |read: &Read| {
        let fits = rooms.is_none_or(|rooms| rooms.fits(read));
        if !fits {
            beyond.add(read);
        }
        fits
    };
    let mut known: HashMap<String, usize> = HashMap::new();
    for (at, file) in files.iter().enumerate() {
        file.paths().for_each(|path| known.extend([(path.to_owned(), at)]));
    }
    let mut open: VecDeque<usize> = (0..files.len()).collect();
    while let Some(at) = open.pop_front() {
        for reference in files[at].extracted.references.clone() {
            let place = known.get(&reference.path).copied();
            // One that was taken for another text is read again: whoever refers to it says what it is.
            if place.is_some_and(|place| files[place].extracted.file != FileState::Irrelevant) || refused.contains(&reference.path) {
                continue;
            }
            let found = if leads_out(&reference.path) { None } else { source.find(&reference.path)? };
            let Some(found) = found else {
                let lost = lost(&files[at].path, &reference);
                let lost = Read::new(target, reference.path, Requirements.name(), lost);
                if fits(&lost) {
                    known.insert(lost.path.clone(), files.len());
                    files.push(lost);
                } else {
                    refused.insert(lost.path);
                }
                continue;
            };
            let extractor = inventory::by_name(&reference.path).filter(|extractor| extractor.name() == "pylock");
            let extractor = extractor.unwrap_or(&Referred);
            let mut read = match rooms {
                Some(rooms) => Read::file(target, found, &rooms.bounded(extractor), source, limits)?,
                None => Read::file(target, found, extractor, source, limits)?,
            };
            if !fits(&read) {
                refused.insert(reference.path);
                continue;
            }
            read.followed = place.is_none();
            let place = place.unwrap_or(files.len());
            known.insert(reference.path.clone(), place);
            open.push_back(place);
            if place == files.len() { files.push(read) } else { files[place] = read }
        }
    }
    files.extend(rooms.and_then(|rooms| beyond.told(target, rooms)));
    Ok(())
}

/// A file that is referred to and is not there: a dependency file all the same.
fn lost(path: &str, reference: &Reference) -> Extracted {
    let detail = if leads_out(&reference.path) {
        "it is outside of the target: scan the folder that holds both".to_owned()
    } else {
        "there is no such file: what it would name was not looked at".to_owned()
    };
    let (path, subject, line) = (path.to_owned(), reference.path.clone(), Some(reference.line));
    let item = Unchecked { path, line, subject, packages: 0, reason: Reason::Unreadable, detail };
    Extracted { file: FileState::NotRead, unchecked: vec![item], ..Extracted::default() }
}

/// A requirements file by the word of another, or of the folder that it is in.
pub(super) struct Referred;

impl Extractor for Referred {
    fn name(&self) -> &'static str {
        Requirements.name()
    }

    fn recognises(&self, _path: &str) -> bool {
        false
    }

    fn parts(&self, bytes: &[u8]) -> u64 {
        Requirements.parts(bytes)
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        Requirements::referred(path, bytes)
    }
}

fn leads_out(path: &str) -> bool {
    path == ".." || path.starts_with("../")
}

/// Where an installed package came from is said in a file of its own, beside the one that names it.
pub(super) fn join_installed(files: &mut [Read]) {
    let mut origins: HashMap<(usize, String), InstalledFrom> = HashMap::new();
    for file in files.iter() {
        if let Some(from) = &file.extracted.installed_from {
            origins.insert((file.target, folder(&file.path).to_owned()), from.clone());
        }
    }
    for file in files.iter_mut().filter(|file| file.extracted.file == FileState::Read && file.extracted.installed_from.is_none()) {
        let Some(from) = origins.get(&(file.target, folder(&file.path).to_owned())) else { continue };
        for package in std::mem::take(&mut file.extracted.packages) {
            let version = package.wanted.text().to_owned();
            match from {
                InstalledFrom::OwnSource => file.extracted.own.push(OwnPackage { name: package.name, version: Some(version) }),
                InstalledFrom::Elsewhere(place) => file.extracted.unchecked.push(Unchecked {
                    path: file.path.clone(),
                    line: Some(package.line),
                    subject: format!("{} {version}", package.name),
                    packages: 1,
                    reason: Reason::NotFromARegistry,
                    detail: format!("it was installed from {place}; advisories are about what indexes publish"),
                }),
            }
        }
    }
}
