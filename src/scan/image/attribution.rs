//! Which layer brought what was found.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::{super::subject::Subject, interest::recognised, rooms::Rooms, system::DATABASES};
use crate::{
    inventory::Extractor as _,
    model::Finding,
    tree::{Files, FoundFile, Limits, image::Image},
};

/// Notes of each finding in an image the layer that brought its package.
pub(in crate::scan) fn attribute(findings: &mut [Box<Finding>], subjects: &[Subject<'_>], limits: &Limits) {
    for of_one in findings.chunk_by_mut(|a, b| a.target == b.target) {
        let Some(which) = subjects.get(of_one[0].target).and_then(|subject| subject.image) else { continue };
        let Some(image) = which.image() else { continue };
        // All paths are looked for at once: an image may have millions of entries.
        let manifests: BTreeSet<&str> = of_one.iter().map(|finding| finding.manifest.as_str()).collect();
        let paths = manifests.iter().flat_map(|path| [Some((*path).to_owned()), is_database(path).then(|| elsewhere(path))]);
        let mut versions: Versions = HashMap::new();
        for (layer, found) in image.of_each_layer(&paths.flatten().collect()) {
            versions.entry(found.path.clone()).or_default().push((layer, found));
        }
        let mut databases: HashMap<String, HashMap<(String, String), usize>> = HashMap::new();
        let mut files: HashMap<String, Option<usize>> = HashMap::new();
        for finding in of_one {
            let manifest = finding.manifest.clone();
            let layer = if is_database(&manifest) {
                let since = databases.entry(manifest).or_insert_with_key(|path| since(image, path, &versions, &which.held.rooms, limits));
                since.get(&(finding.name.clone(), finding.wanted.text().to_owned())).copied()
            } else {
                *files.entry(manifest).or_insert_with_key(|path| since_unchanged(image, path, &versions, limits))
            };
            let layer = layer.or_else(|| image.layer_of(&finding.manifest));
            finding.layer = layer.and_then(|at| image.info.layers.get(at)).map(Arc::clone);
        }
    }
}

/// What each layer has at a path, the lowest first.
type Versions = HashMap<String, Vec<(usize, FoundFile)>>;

/// Whether a file is a database of many packages.
fn is_database(path: &str) -> bool {
    recognised(path).is_some_and(|extractor| DATABASES.contains(&extractor.name())) && !path.contains("/status.d/")
}

/// Where a database may be as well: the folder above may be a link in some layer, and none in another.
fn elsewhere(path: &str) -> String {
    path.strip_prefix("usr/").map_or_else(|| format!("usr/{path}"), str::to_owned)
}

/// Since which layer a file is there with the content that it has: one that changes only its owner brings nothing.
fn since_unchanged(image: &Image, path: &str, versions: &Versions, limits: &Limits) -> Option<usize> {
    let last = image.layer_of(path)?;
    let mut since = last;
    let mut content = None;
    for (layer, found) in versions.get(path)?.iter().rev().filter(|(layer, _)| *layer <= last) {
        let Ok(bytes) = image.read(found, limits) else { break };
        if content.get_or_insert_with(|| bytes.clone()) != &bytes {
            break;
        }
        since = *layer;
    }
    Some(since)
}

/// Since which layer the packages of a database are there in the versions that they have. Each layer that installs
/// something brings the whole database anew.
fn since(image: &Image, path: &str, versions: &Versions, rooms: &Rooms, limits: &Limits) -> HashMap<(String, String), usize> {
    let Some(extractor) = recognised(path) else { return HashMap::new() };
    let other = elsewhere(path);
    let mut all: Vec<&(usize, FoundFile)> = [path, &other].iter().filter_map(|path| versions.get(*path)).flatten().collect();
    all.sort_by_key(|(layer, _)| *layer);
    let mut since: HashMap<(String, String), usize> = HashMap::new();
    for (layer, found) in all {
        let Ok(bytes) = image.read(found, limits) else { continue };
        let packages = rooms.bounded(extractor).extract(&found.path, &bytes).packages;
        let now: BTreeSet<(String, String)> =
            packages.into_iter().map(|package| (package.name, package.wanted.text().to_owned())).collect();
        since.retain(|package, _| now.contains(package));
        for package in now {
            since.entry(package).or_insert(*layer);
        }
    }
    since
}
