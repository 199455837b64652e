//! Manifests that a lockfile, or a requirements file that was compiled from them, speaks for.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{files::Read, references};
use crate::{
    inventory::{Extent, Extracted, FileState, Folders, ReferenceKind, coverage::folder, reference::beside, requirements::USUAL_SOURCES},
    model::{Package, Reason, Wanted, normalise_name, pep503, unchecked::leading_name},
};

/// Settles what a lockfile says and what its manifest adds. A manifest that is covered as a whole does not count as a
/// file; of the others, only what the lockfile lacks is judged.
pub(super) fn settle(files: &mut [Read]) {
    let mut covers: Vec<(usize, Vec<usize>)> = covers(files).into_iter().collect();
    covers.sort();
    // What a file lists is asked when its turn comes: two that speak for each other must not both fall silent.
    let mut listed: HashMap<usize, Listed> = HashMap::new();
    for (at, locks) in covers {
        if files[at].extracted.coverage.as_ref().is_some_and(|coverage| coverage.extent == Extent::Whole) {
            files[at].extracted = Extracted { file: FileState::Irrelevant, ..Extracted::default() };
            continue;
        }
        for lock in &locks {
            listed.entry(*lock).or_insert_with(|| Listed::of(&files[*lock]));
        }
        let locks_of = || locks.iter().map(|lock| &listed[lock]);
        let is_listed = |name: &str| locks_of().any(|lock| lock.names.contains(name));
        let is_covered = |package: &Package| {
            let name = normalise_name(&package.ecosystem, &package.name);
            match &package.wanted {
                Wanted::Requirement(_) => is_listed(&name),
                // A pin is covered by the same one.
                Wanted::Version(version) => locks_of().any(|lock| lock.pins.contains(&(name.clone(), version.clone()))),
            }
        };
        let mut covered_by: Vec<String> = locks.iter().map(|lock| files[*lock].path.clone()).collect();
        covered_by.sort();
        let file = &mut files[at];
        let Extracted { packages, unchecked, .. } = &mut file.extracted;
        let before = packages.len() + unchecked.len();
        packages.retain(|package| !is_covered(package));
        unchecked.retain(|item| item.packages != 1 || item.reason != Reason::NotFromARegistry || !is_listed(&first_word(&item.subject)));
        let covered = before - packages.len() - unchecked.len();
        // What both leave out is the lockfile's.
        let is_left_out = |name: &&String| locks_of().any(|lock| lock.names.contains(*name) || lock.left_out.contains(*name));
        let both = file.left_out.iter().chain(&file.left_out_of_dev).filter(is_left_out).count();
        file.excluded -= both as u64;
        file.covered += (both + covered) as u64;
        // That ranges or a program say too little matters no more.
        let had_one = unchecked.len();
        unchecked.retain(|item| !(item.reason == Reason::NoLockfile && item.packages == 0));
        if unchecked.is_empty() && had_one > 0 {
            file.extracted.file = FileState::Read;
        }
        file.covered_by = covered_by;
        listed.remove(&at);
    }
}

/// What a lockfile lists.
struct Listed {
    /// The names of all that it lists, normalised.
    names: HashSet<String>,
    /// Names with their versions, as written.
    pins: HashSet<(String, String)>,
    /// The names of what was left out of it: that speaks for nothing.
    left_out: HashSet<String>,
}

impl Listed {
    fn of(file: &Read) -> Self {
        let Extracted { packages, own, unchecked, .. } = &file.extracted;
        let name = |package: &Package| normalise_name(&package.ecosystem, &package.name);
        let pin = |package: &Package| Some((name(package), package.wanted.version()?.to_owned()));
        let from_elsewhere = unchecked.iter().filter(|item| item.packages == 1 && item.reason == Reason::NotFromARegistry);
        let names = packages.iter().map(name).chain(own.iter().map(|own| first_word(&own.name)));
        Self {
            names: names.chain(from_elsewhere.map(|item| first_word(&item.subject))).collect(),
            pins: packages.iter().filter_map(pin).collect(),
            left_out: file.left_out.iter().chain(&file.left_out_of_dev).cloned().collect(),
        }
    }
}

/// Of each manifest, the files that speak for it.
fn covers(files: &[Read]) -> HashMap<usize, Vec<usize>> {
    let places = references::places(files);
    let includes = references::links(files, &places, ReferenceKind::Requirements);
    let mut targets: HashMap<usize, Folders<'_>> = HashMap::new();
    for (at, file) in files.iter().enumerate() {
        let folders = targets.entry(file.target).or_default();
        file.paths().for_each(|path| folders.add(path, at, &file.extracted));
    }
    let mut covers: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, file) in files.iter().enumerate() {
        let locks = targets.get(&file.target).map(|folders| folders.cover(&file.path, &file.extracted)).unwrap_or_default();
        if !locks.is_empty() {
            covers.entry(at).or_default().extend(locks);
        }
        for source in compiled_from(at, file, &places) {
            // What the source includes was compiled with it.
            for part in references::closure([source], &includes) {
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
/// been the file's folder or any above. If it names none, the tool took the first that it found in its own folder.
fn compiled_from(at: usize, file: &Read, places: &HashMap<(usize, &str), usize>) -> BTreeSet<usize> {
    let find = |place: &str, source: &str| {
        let path = beside(&format!("{place}x"), source);
        places.get(&(file.target, path.as_str())).copied().filter(|found| *found != at)
    };
    let sources: BTreeSet<&str> = file.extracted.compiled_from.iter().map(String::as_str).collect();
    if file.extracted.compiled_from == USUAL_SOURCES {
        return USUAL_SOURCES.iter().find_map(|source| find(folder(&file.path), source)).into_iter().collect();
    }
    let nearest = |source: &&str| {
        let mut place = folder(&file.path);
        loop {
            match find(place, source) {
                Some(found) => return Some(found),
                None if place.is_empty() => return None,
                None => place = folder(place.trim_end_matches('/')),
            }
        }
    };
    sources.iter().filter_map(nearest).collect()
}

/// The name at the beginning of what is unchecked, normalised.
fn first_word(subject: &str) -> String {
    pep503(leading_name(subject))
}
