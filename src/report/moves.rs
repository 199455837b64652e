//! Files that moved between two sides of a comparison.

use std::collections::{BTreeMap, HashSet};

use super::comparison::{File, Side};

/// Which file of the earlier side became which of the later: gone there, new here, of one format, and the same bytes,
/// or else the same own package (where files name any) and at least half of the packages.
pub(super) fn moves<'a>(before: &'a Side, after: &'a Side) -> BTreeMap<&'a str, &'a str> {
    fn paths(side: &Side) -> HashSet<&str> {
        side.files.iter().map(|file| file.path.as_str()).chain(side.unlooked.iter().map(|item| item.path.as_str())).collect()
    }
    fn only<'f>(side: &'f Side, there: &HashSet<&str>) -> Vec<&'f File> {
        side.files.iter().filter(|file| !there.contains(file.path.as_str())).collect()
    }
    let (gone, fresh) = (only(before, &paths(after)), only(after, &paths(before)));
    // Where a whole tree was reordered, only what is the same byte for byte is followed.
    let closely = gone.len() * fresh.len() <= 10_000;
    let mut candidates: Vec<(usize, &str, &str)> = Vec::new();
    for old in &gone {
        for new in &fresh {
            if let Some(alike) = alike(old, new, closely) {
                candidates.push((alike, &old.path, &new.path));
            }
        }
    }
    candidates.sort_by(|a, b| (b.0, a.1, a.2).cmp(&(a.0, b.1, b.2)));
    let (mut moved, mut taken) = (BTreeMap::new(), HashSet::new());
    for (_, old, new) in candidates {
        if !moved.contains_key(old) && taken.insert(new) {
            moved.insert(old, new);
        }
    }
    moved
}

/// How alike two files are, in thousandths; `None` for files that are not the same.
fn alike(old: &File, new: &File, closely: bool) -> Option<usize> {
    if old.format != new.format {
        return None;
    }
    if old.sha256.is_some() && old.sha256 == new.sha256 {
        return Some(1000);
    }
    let same_project = old.own.is_empty() && new.own.is_empty() || !old.own.is_disjoint(&new.own);
    let most = old.contents.len().max(new.contents.len());
    if !closely || !same_project || most == 0 {
        return None;
    }
    let share = 1000 * old.contents.intersection(&new.contents).count() / most;
    (share >= 500).then_some(share.min(999))
}
