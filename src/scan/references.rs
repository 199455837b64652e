//! Who refers to whom among the files of a scan; files by their place.

use std::collections::{BTreeSet, HashMap};

use super::files::Read;
use crate::inventory::ReferenceKind;

/// The place of each file, by its target and each of its paths.
pub(super) fn places(files: &[Read]) -> HashMap<(usize, &str), usize> {
    let mut places = HashMap::new();
    for (at, file) in files.iter().enumerate() {
        for path in file.paths() {
            places.entry((file.target, path)).or_insert(at);
        }
    }
    places
}

/// Of each file, the files that it refers to for one thing.
pub(super) fn links(files: &[Read], places: &HashMap<(usize, &str), usize>, kind: ReferenceKind) -> Vec<Vec<usize>> {
    let to = |file: &Read| {
        let references = file.extracted.references.iter().filter(|reference| reference.kind == kind);
        references.filter_map(|reference| places.get(&(file.target, reference.path.as_str())).copied()).collect()
    };
    files.iter().map(to).collect()
}

/// Everything that these files lead to by such links, themselves included.
pub(super) fn closure(from: impl IntoIterator<Item = usize>, links: &[Vec<usize>]) -> BTreeSet<usize> {
    let (mut seen, mut open) = (BTreeSet::new(), from.into_iter().collect::<Vec<_>>());
    while let Some(at) = open.pop() {
        if seen.insert(at) {
            open.extend(&links[at]);
        }
    }
    seen
}
