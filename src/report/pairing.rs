//! Which finding of an earlier side is which of a later one: by package, dependency file and alias group; the version
//! only chooses between several.

use std::collections::{BTreeMap, HashMap};

use super::{
    comparison::{Entry, File, Side},
    moves::moves,
};
use crate::version::listing;

/// Two sides that are being paired.
pub(super) struct Pairing<'a> {
    before: &'a Side,
    after: &'a Side,
    moved: BTreeMap<&'a str, &'a str>,
    /// The earlier side's files by the path that they have in the later one.
    earlier: HashMap<&'a str, &'a File>,
    later: HashMap<&'a str, &'a File>,
}

/// A package in a file: ecosystem, name, manifest.
type Package = (String, String, String);

impl<'a> Pairing<'a> {
    pub(super) fn new(before: &'a Side, after: &'a Side) -> Self {
        let moved = moves(before, after);
        let earlier = before.files.iter().map(|file| (moved.get(file.path.as_str()).copied().unwrap_or(&file.path), file)).collect();
        let later = after.files.iter().map(|file| (file.path.as_str(), file)).collect();
        Self { before, after, moved, earlier, later }
    }

    /// The path that an earlier finding's file has in the later side.
    pub(super) fn place(&self, old: &Entry) -> String {
        self.moved.get(old.manifest.as_str()).map_or_else(|| old.manifest.clone(), |to| (*to).to_owned())
    }

    /// For each finding of the later side the one of the earlier side that it was.
    pub(super) fn pairs(&self) -> Vec<Option<usize>> {
        let (before, after) = (&self.before.entries, &self.after.entries);
        let (first_before, first_after) = (first_of_its_kind(before), first_of_its_kind(after));
        let mut free: HashMap<Package, Vec<usize>> = HashMap::new();
        for at in in_version_order(before).into_iter().filter(|at| first_before[*at] == *at) {
            free.entry(package(&before[at], self.place(&before[at]))).or_default().push(at);
        }
        let mut pairs: Vec<Option<usize>> = vec![None; after.len()];
        let order = in_version_order(after);
        // The same version first, then another of its line of releases, then any; the same group before one that an
        // alias links to.
        let rules: [&Same<'_>; 5] = [
            &|old, new| old.version == new.version && shares_an_id(old, new),
            &|old, new| same_line(old, new) && same_group(old, new),
            &|old, new| same_line(old, new) && shares_an_id(old, new),
            &|old, new| self.may_change_line(old, new) && same_group(old, new),
            &|old, new| self.may_change_line(old, new) && shares_an_id(old, new),
        ];
        for same in rules {
            for at in order.iter().copied().filter(|at| first_after[*at] == *at) {
                let new = &after[at];
                let Some(candidates) = free.get_mut(&package(new, new.manifest.clone())).filter(|_| pairs[at].is_none()) else { continue };
                if let Some(position) = candidates.iter().position(|old| same(&before[*old], new)) {
                    pairs[at] = Some(candidates.remove(position));
                }
            }
        }
        // Databases split records: what one version had before, under any of its ids, is not new.
        let same_version = by_version(before, |old| self.place(old));
        for at in 0..pairs.len() {
            let new = &after[at];
            if first_after[at] == at && pairs[at].is_none() {
                let same = same_version.get(&(package(new, new.manifest.clone()), new.version.as_str()));
                pairs[at] = same.and_then(|same| same.iter().copied().find(|old| shares_an_id(&before[*old], new)));
            }
            pairs[at] = pairs[first_after[at]];
        }
        pairs
    }

    /// The findings of the earlier side that are none of the later one.
    pub(super) fn gone(&self, pairs: &[Option<usize>]) -> Vec<usize> {
        let (before, after) = (&self.before.entries, &self.after.entries);
        let first = first_of_its_kind(before);
        let taken: Vec<bool> = {
            let mut taken = vec![false; before.len()];
            pairs.iter().flatten().for_each(|old| taken[*old] = true);
            taken
        };
        // Databases join records: what one version still has, under any of its ids, is not gone.
        let same_version = by_version(after, |new| new.manifest.clone());
        let joined = |old: &Entry| {
            let same = same_version.get(&(package(old, self.place(old)), old.version.as_str()));
            same.is_some_and(|same| same.iter().any(|new| shares_an_id(old, &after[*new])))
        };
        (0..before.len()).filter(|at| first[*at] == *at && !taken[*at] && !joined(&before[*at])).collect()
    }

    /// A finding of one line of releases became one of another only where the package moved from the one to the other:
    /// the new line was not there before, and the old one is gone.
    fn may_change_line(&self, old: &Entry, new: &Entry) -> bool {
        let has = |files: &HashMap<&str, &File>, line: Option<String>| {
            line.is_some_and(|line| files.get(new.manifest.as_str()).is_some_and(|file| file.lines.contains(&(new.name.clone(), line))))
        };
        !has(&self.earlier, new.line_of_releases()) && !has(&self.later, old.line_of_releases())
    }
}

/// Whether two findings of one package and file are the same.
type Same<'a> = dyn Fn(&Entry, &Entry) -> bool + 'a;

fn package(entry: &Entry, manifest: String) -> Package {
    (entry.ecosystem.to_string(), entry.name.clone(), manifest)
}

fn by_version(entries: &[Entry], manifest: impl Fn(&Entry) -> String) -> HashMap<(Package, &str), Vec<usize>> {
    let mut versions: HashMap<_, Vec<usize>> = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        versions.entry((package(entry, manifest(entry)), entry.version.as_str())).or_default().push(at);
    }
    versions
}

/// For each entry the first one that is the same: overlapping targets find a file twice.
fn first_of_its_kind(entries: &[Entry]) -> Vec<usize> {
    let mut seen = HashMap::new();
    let key = |entry: &Entry| (package(entry, entry.manifest.clone()), entry.version.clone(), entry.ids.first().cloned());
    entries.iter().enumerate().map(|(at, entry)| *seen.entry(key(entry)).or_insert(at)).collect()
}

fn in_version_order(entries: &[Entry]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by(|a, b| listing::order(&entries[*a].ecosystem, &entries[*a].version, &entries[*b].version));
    order
}

fn same_line(old: &Entry, new: &Entry) -> bool {
    old.line_of_releases() == new.line_of_releases()
}

fn same_group(old: &Entry, new: &Entry) -> bool {
    old.ids.first() == new.ids.first()
}

fn shares_an_id(a: &Entry, b: &Entry) -> bool {
    a.ids.iter().any(|id| b.ids.contains(id))
}
