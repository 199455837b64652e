//! Which layer brought what was found.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::{super::subject::Subject, interest::recognised, rooms::Rooms, system::DATABASES};
use crate::{
    inventory::Extractor as _,
    model::Finding,
    tree::{Files, Limits, image::Image},
};

/// Notes of each finding in an image the layer that brought its package.
pub(in crate::scan) fn attribute(findings: &mut [Box<Finding>], subjects: &[Subject<'_>], limits: &Limits) {
    let mut databases: HashMap<(usize, String), HashMap<(String, String), usize>> = HashMap::new();
    let mut files: HashMap<(usize, String), Option<usize>> = HashMap::new();
    for finding in findings {
        let Some(which) = subjects.get(finding.target).and_then(|subject| subject.image) else { continue };
        let Some(image) = which.image() else { continue };
        let is_database = recognised(&finding.manifest).is_some_and(|extractor| DATABASES.contains(&extractor.name()));
        let layer = if is_database && !finding.manifest.contains("/status.d/") {
            let key = (finding.target, finding.manifest.clone());
            let since = databases.entry(key).or_insert_with(|| since(image, &finding.manifest, &which.held.rooms, limits));
            since.get(&(finding.name.clone(), finding.wanted.text().to_owned())).copied()
        } else {
            let key = (finding.target, finding.manifest.clone());
            *files.entry(key).or_insert_with(|| since_unchanged(image, &finding.manifest, limits))
        };
        finding.layer = layer.or_else(|| image.layer_of(&finding.manifest)).and_then(|at| image.info.layers.get(at)).map(Arc::clone);
    }
}

/// Since which layer a file is there with the content that it has: one that changes only its owner brings nothing.
fn since_unchanged(image: &Image, path: &str, limits: &Limits) -> Option<usize> {
    let last = image.layer_of(path)?;
    let versions = image.of_each_layer(&BTreeSet::from([path]));
    let mut since = last;
    let mut content = None;
    for (layer, found) in versions.into_iter().rev().filter(|(layer, _)| *layer <= last) {
        let Ok(bytes) = image.read(&found, limits) else { break };
        if content.get_or_insert_with(|| bytes.clone()) != &bytes {
            break;
        }
        since = layer;
    }
    Some(since)
}

/// Since which layer the packages of a database are there in the versions that they have. Each layer that installs
/// something brings the whole database anew.
fn since(image: &Image, path: &str, rooms: &Rooms, limits: &Limits) -> HashMap<(String, String), usize> {
    let Some(extractor) = recognised(path) else { return HashMap::new() };
    // The folder above may be a link in some layer, and none in another.
    let other = path.strip_prefix("usr/").map_or_else(|| format!("usr/{path}"), str::to_owned);
    let mut since: HashMap<(String, String), usize> = HashMap::new();
    for (layer, found) in image.of_each_layer(&BTreeSet::from([path, other.as_str()])) {
        let Ok(bytes) = image.read(&found, limits) else { continue };
        let packages = rooms.bounded(extractor).extract(&found.path, &bytes).packages;
        let now: BTreeSet<(String, String)> =
            packages.into_iter().map(|package| (package.name, package.wanted.text().to_owned())).collect();
        since.retain(|package, _| now.contains(package));
        for package in now {
            since.entry(package).or_insert(layer);
        }
    }
    since
}
