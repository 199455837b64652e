//! Which lockfile speaks for which manifest: beside it, or above it in a workspace.

use std::collections::HashMap;

use super::{Extracted, FileState, OwnPackage, file_name};

/// A manifest's lockfile: with it beside, or above in a workspace, the manifest needs no check of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The names of lockfiles that would do; one `*` stands for any text.
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
    files: HashMap<&'a str, Vec<Member<'a>>>,
}

impl<'a> Folders<'a> {
    /// Adds a file under one of its paths. `place` tells it from others.
    pub fn add(&mut self, path: &'a str, place: usize, extracted: &'a Extracted) {
        self.files.entry(folder(path)).or_default().push((file_name(path), place, extracted));
    }

    /// The places of the lockfiles that speak for the file of this path; none, unless it is a manifest.
    #[must_use]
    pub fn cover(&self, path: &str, extracted: &Extracted) -> Vec<usize> {
        let Some(coverage) = &extracted.coverage else { return Vec::new() };
        let mut place = folder(path);
        loop {
            let beside = place == folder(path);
            let here = self.files.get(place).map(Vec::as_slice).unwrap_or_default();
            let is_cover = |(name, _, lock): &&Member<'_>| is_lockfile(coverage, name) && covers(coverage, lock, beside);
            let covering: Vec<usize> = here.iter().filter(is_cover).map(|(_, place, _)| *place).collect();
            // A package beside the lockfile is the one that it lists by this name; ours only has the same.
            let namesake = || !beside && here.iter().any(|(name, _, other)| *name == file_name(path) && is_namesake(coverage, other));
            if !covering.is_empty() && !namesake() {
                return covering;
            }
            // Cargo looks no further than the next workspace.
            let ends_here = !beside && here.iter().any(|(name, _, other)| *name == file_name(path) && is_workspace(coverage, other));
            if place.is_empty() || ends_here {
                return Vec::new();
            }
            place = folder(place.trim_end_matches('/'));
        }
    }
}

/// A file's name, its place, and what it says.
type Member<'a> = (&'a str, usize, &'a Extracted);

/// Whether a file of this name is one of the lockfiles that would do; `*` stands for any text.
fn is_lockfile(coverage: &Coverage, name: &str) -> bool {
    coverage.lockfiles.iter().any(|lockfile| match lockfile.split_once('*') {
        Some((start, end)) => name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end),
        None => *lockfile == name,
    })
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

fn is_workspace(coverage: &Coverage, manifest: &Extracted) -> bool {
    // Of Python manifests none says so; the lockfile lists its members.
    coverage.extent == Extent::Whole && manifest.coverage.as_ref().is_some_and(|coverage| coverage.above == Above::Never)
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
