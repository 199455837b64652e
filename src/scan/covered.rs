//! Manifests that a lockfile, or a requirements file that was compiled from them, speaks for.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::files::Read;
use crate::{
    inventory::{Extent, Extracted, FileState, Folders, ReferenceKind, coverage::folder, reference::beside},
    model::{Ecosystem, Reason, normalise_name},
};

/// Settles what a lockfile says and what its manifest adds. A manifest that is covered as a whole does not count as a
/// file; of the others, only what the lockfile lacks is judged.
pub(super) fn settle(files: &mut [Read]) {
    let covers = covers(files);
    let listed: HashMap<usize, HashSet<String>> = covers.values().flatten().map(|lock| (*lock, names(&files[*lock]))).collect();
    let mut covers: Vec<(usize, Vec<usize>)> = covers.into_iter().collect();
    covers.sort();
    for (at, locks) in covers {
        if files[at].extracted.coverage.as_ref().is_some_and(|coverage| coverage.extent == Extent::Whole) {
            files[at].extracted = Extracted { file: FileState::Irrelevant, ..Extracted::default() };
            continue;
        }
        let mut covered_by: Vec<String> = locks.iter().map(|lock| files[*lock].path.clone()).collect();
        covered_by.sort();
        let is_listed = |name: &str| locks.iter().any(|lock| listed[lock].contains(name));
        let file = &mut files[at];
        // That ranges or a program say too little matters no more.
        file.extracted.unchecked.retain(|item| !(item.reason == Reason::NoLockfile && item.packages == 0));
        if file.extracted.unchecked.is_empty() {
            file.extracted.file = FileState::Read;
        }
        let before = file.extracted.packages.len() + file.extracted.unchecked.len();
        file.extracted.packages.retain(|package| !is_listed(&normalise_name(&package.ecosystem, &package.name)));
        file.extracted.unchecked.retain(|item| item.packages != 1 || !is_listed(&first_word(&item.subject)));
        // What both leave out is the lockfile's.
        let both = file.left_out.iter().filter(|name| is_listed(name)).count() as u64;
        file.excluded -= both;
        file.covered += both + (before - file.extracted.packages.len() - file.extracted.unchecked.len()) as u64;
        file.covered_by = covered_by;
    }
}

/// Of each manifest, the files that speak for it.
fn covers(files: &[Read]) -> HashMap<usize, Vec<usize>> {
    let mut targets: HashMap<usize, Folders<'_>> = HashMap::new();
    let mut places: HashMap<(usize, &str), usize> = HashMap::new();
    for (at, file) in files.iter().enumerate() {
        let folders = targets.entry(file.target).or_default();
        for path in file.paths() {
            folders.add(path, at, &file.extracted);
            places.entry((file.target, path)).or_insert(at);
        }
    }
    let mut covers: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, file) in files.iter().enumerate() {
        let locks = targets.get(&file.target).map(|folders| folders.cover(&file.path, &file.extracted)).unwrap_or_default();
        if !locks.is_empty() {
            covers.entry(at).or_default().extend(locks);
        }
        for source in compiled_from(at, file, &places) {
            // What the source includes was compiled with it.
            for part in included(source, files, &places) {
                if part != at {
                    covers.entry(part).or_default().push(at);
                }
            }
        }
    }
    for locks in covers.values_mut() {
        locks.sort_unstable();
        locks.dedup();
    }
    covers
}

/// The manifests that a file's header says it was compiled from. They are named from where the command ran, which may have
/// been the file's folder or any above.
fn compiled_from<'a>(at: usize, file: &'a Read, places: &'a HashMap<(usize, &str), usize>) -> impl Iterator<Item = usize> + 'a {
    file.extracted.compiled_from.iter().filter_map(move |source| {
        let mut place = folder(&file.path);
        loop {
            let path = beside(&format!("{place}x"), source);
            if let Some(found) = places.get(&(file.target, path.as_str())).filter(|found| **found != at) {
                return Some(*found);
            }
            if place.is_empty() {
                return None;
            }
            place = folder(place.trim_end_matches('/'));
        }
    })
}

/// A file and all that it includes.
fn included(from: usize, files: &[Read], places: &HashMap<(usize, &str), usize>) -> BTreeSet<usize> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(at) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        let includes = files[at].extracted.references.iter().filter(|reference| reference.kind == ReferenceKind::Requirements);
        open.extend(includes.filter_map(|reference| places.get(&(files[at].target, reference.path.as_str()))));
    }
    seen
}

/// The names of all that a lockfile lists, normalised.
fn names(file: &Read) -> HashSet<String> {
    let Extracted { packages, own, unchecked, .. } = &file.extracted;
    let packages = packages.iter().map(|package| normalise_name(&package.ecosystem, &package.name));
    let own = own.iter().map(|own| first_word(&own.name));
    let left_out = file.left_out.iter().cloned();
    packages
        .chain(own)
        .chain(left_out)
        .chain(unchecked.iter().filter(|item| item.packages == 1).map(|item| first_word(&item.subject)))
        .collect()
}

/// The name at the beginning of what is unchecked, normalised.
fn first_word(subject: &str) -> String {
    let end = subject.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(subject.len());
    normalise_name(&Ecosystem::new(Ecosystem::PYPI), &subject[..end])
}
