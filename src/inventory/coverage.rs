//! Which lockfile speaks for which manifest: beside it, or above it in a workspace.

use std::collections::HashMap;

use super::{Extracted, FileState, OwnPackage, file_name};

/// A manifest's lockfile: with it beside, or above in a workspace, the manifest needs no check of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The names of lockfiles that would do.
    pub lockfiles: &'static [&'static str],
    /// What a lockfile above must say to cover the manifest.
    pub above: Above,
    /// The package that a lockfile beside it must list, if it lists packages of the project at all.
    pub package: Option<OwnPackage>,
    /// What of the manifest it speaks for.
    pub extent: Extent,
}

/// What of a manifest a lockfile speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it: it then counts for nothing.
    Whole,
    /// The packages that the lockfile lists; what it lacks is judged by the manifest.
    Listed,
}

/// How a lockfile in a folder above is known to cover a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Above {
    /// Not at all: only one beside it does.
    Never,
    /// Any does.
    Any,
    /// It lists this package as the project's own.
    Lists(OwnPackage),
}

/// The dependency files of one target, by the folder that they, or links to them, are in.
#[derive(Default)]
pub struct Folders<'a> {
    files: HashMap<&'a str, Vec<(&'a str, &'a Extracted)>>,
}

impl<'a> Folders<'a> {
    /// Adds a file under one of its paths.
    pub fn add(&mut self, path: &'a str, extracted: &'a Extracted) {
        self.files.entry(folder(path)).or_default().push((file_name(path), extracted));
    }

    /// Whether the file of this path is a manifest that a lockfile speaks for.
    #[must_use]
    pub fn cover(&self, path: &str, extracted: &Extracted) -> bool {
        let Some(coverage) = &extracted.coverage else { return false };
        let mut place = folder(path);
        loop {
            let beside = place == folder(path);
            let here = self.files.get(place).map(Vec::as_slice).unwrap_or_default();
            let covered = || here.iter().any(|(name, lock)| coverage.lockfiles.contains(name) && covers(coverage, lock, beside));
            // A package beside the lockfile is the one that it lists by this name; ours only has the same.
            let namesake = || !beside && here.iter().any(|(name, other)| *name == file_name(path) && is_namesake(coverage, other));
            if covered() && !namesake() {
                return true;
            }
            // Cargo looks no further than the next workspace.
            let ends_here = !beside && here.iter().any(|(name, other)| *name == file_name(path) && is_workspace(other));
            if place.is_empty() || ends_here {
                return false;
            }
            place = folder(place.trim_end_matches('/'));
        }
    }
}

/// The folder of a path, with its last `/`; empty for the target's own.
#[must_use]
pub fn folder(path: &str) -> &str {
    &path[..path.rfind('/').map_or(0, |at| at + 1)]
}

fn is_namesake(coverage: &Coverage, other: &Extracted) -> bool {
    let Above::Lists(own) = &coverage.above else { return false };
    let other = other.coverage.as_ref().and_then(|coverage| coverage.package.as_ref());
    other.is_some_and(|other| other.name == own.name)
}

fn is_workspace(manifest: &Extracted) -> bool {
    manifest.coverage.as_ref().is_some_and(|coverage| coverage.above == Above::Never)
}

/// Whether a lockfile beside a manifest, or in a folder above, speaks for it.
fn covers(coverage: &Coverage, lock: &Extracted, beside: bool) -> bool {
    // A damaged lockfile may have lost the name; it is unchecked itself, and one word about that is enough.
    let damaged = lock.file == FileState::NotRead;
    match (&coverage.above, beside) {
        // One that was cut off, or that belongs to something else, does not list the package. Its version may have
        // moved on since.
        (_, true) => damaged || coverage.package.as_ref().is_none_or(|package| lock.own.iter().any(|own| own.name == package.name)),
        (Above::Never, false) => false,
        (Above::Any, false) => true,
        (Above::Lists(package), false) => damaged || lock.own.iter().any(|own| own.agrees_with(package)),
    }
}
