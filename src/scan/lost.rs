//! Dependency files that the earlier side of a comparison had, and that this one passes over, or has not got although
//! git tracks them: whoever hides a file does not pass for somebody who mended it.

use std::collections::HashSet;

use crate::{
    model::{Reason, Unchecked, unchecked::Why},
    report::{Placed, identity::from_root, model::Parts},
    tree::{Files, TargetKind, names::below},
};

/// Names such files as unchecked.
pub(super) fn name_lost_files(parts: &mut Parts, sources: &[&dyn Files]) {
    let Some(before) = &parts.baseline else { return };
    let read = read(parts);
    let mut lost = Vec::new();
    for file in before.files.iter().filter(|file| !read.contains(&file.path)) {
        let Some((target, why)) = passed_over(parts, &file.path).or_else(|| missing(parts, sources, &file.path)) else { continue };
        let path = below(&file.path, &parts.targets[target].base).unwrap_or(&file.path).to_owned();
        let detail = format!("{} had it; now it is passed over: {why}", before.label);
        let item = Unchecked { subject: path.clone(), path, line: None, packages: 0, reason: Reason::NoLongerRead, detail };
        lost.push(Placed { target, item });
    }
    parts.files.unchecked += lost.len() as u64;
    let passed_over = newly_passed_over(parts, sources, &before.passed_over, &before.label);
    parts.unchecked.extend(lost.into_iter().chain(passed_over));
}

/// Submodules that are not checked out and not at the commit of before, and tracked folders that pose as vendored or
/// installed packages where none were before: what came with them is not known.
fn newly_passed_over(parts: &Parts, sources: &[&dyn Files], before: &[(String, String)], label: &str) -> Vec<Placed<Unchecked>> {
    fn parent(path: &str) -> &str {
        path.rsplit_once('/').map_or("", |(parent, _)| parent)
    }
    let known: HashSet<(&str, &str)> = before.iter().map(|(path, reason)| (path.as_str(), reason.as_str())).collect();
    let siblings: HashSet<(&str, &str)> = known.iter().map(|(path, reason)| (parent(path), *reason)).collect();
    let mut found = Vec::new();
    for Placed { target, item } in &parts.skipped {
        let place = from_root(&parts.targets[*target].base, &item.path);
        let is_known = known.contains(&(place.as_str(), item.reason.as_str()));
        let has_siblings = || siblings.contains(&(parent(&place), item.reason.as_str()));
        let is_new = match item.why {
            Why::Absent => !is_known,
            Why::Usual => !is_known && !has_siblings() && sources.get(*target).is_some_and(|source| source.is_tracked(&item.path)),
            Why::Ignored | Why::Elsewhere | Why::Notable => false,
        };
        if is_new {
            let detail = format!("{label} did not have it so: {}; what came with it was not looked at", item.reason);
            let (path, reason) = (item.path.clone(), Reason::NoLongerRead);
            let item = Unchecked { subject: path.clone(), path, line: None, packages: 0, reason, detail };
            found.push(Placed { target: *target, item });
        }
    }
    found
}

/// The paths of the files that were read, and of those that they are links to.
fn read(parts: &Parts) -> HashSet<String> {
    let files = parts.files_read.iter().filter(|file| file.target < parts.targets.len());
    let paths =
        files.flat_map(|file| [Some(&file.item.path), file.item.real.as_ref()].into_iter().flatten().map(move |path| (file.target, path)));
    paths.map(|(target, path)| from_root(&parts.targets[target].base, path)).collect()
}

/// The target and the rule that pass over a path.
fn passed_over(parts: &Parts, path: &str) -> Option<(usize, String)> {
    let rules = parts.skipped.iter().filter(|skipped| skipped.item.why != Why::Elsewhere);
    let mut rules = rules.map(|skipped| (skipped, from_root(&parts.targets[skipped.target].base, &skipped.item.path)));
    let rule = rules.find(|(_, place)| path == place || below(path, place).is_some());
    rule.map(|(skipped, _)| (skipped.target, skipped.item.reason.clone()))
}

/// The target whose source tracks a path and has not got it.
fn missing(parts: &Parts, sources: &[&dyn Files], path: &str) -> Option<(usize, String)> {
    let target = parts.targets.iter().zip(sources).position(|(target, source)| {
        let is_folder = target.kind == TargetKind::Directory.as_str();
        is_folder && below(path, &target.base).is_some_and(|path| source.is_missing(path))
    })?;
    Some((target, "not checked out, though git tracks it".to_owned()))
}
