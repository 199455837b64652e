//! What is left out as was asked for: packages that only development wants, packages whose marker does not hold where the
//! project runs, ranges that are resolved elsewhere. They are counted, and named where they were left out as a whole.

use std::collections::HashMap;

use super::{ScanRequest, files::Read, policies::Applied, subject::Subject};
use crate::{
    inventory::{Environment, Extracted, Marker},
    model::{Ecosystem, Group, Package, Reason, Skipped, Unchecked, normalise_name, same_index, unchecked::Why},
    policy::PrivateIndex,
    report::{Placed, model::Parts},
};

/// Leaves out what only development wants, and what is not wanted in the environment that was named.
pub(super) fn apply(files: &mut [Read], request: &ScanRequest) {
    let mut holds = Holds { environment: &request.environment, known: HashMap::new() };
    for file in files {
        let names = |packages: Vec<Package>| packages.iter().map(|p| normalise_name(&p.ecosystem, &p.name)).collect::<Vec<_>>();
        let packages = &mut file.extracted.packages;
        file.left_out_of_dev = names(packages.extract_if(.., |package| request.no_dev && is_dev(package)).collect());
        file.left_out = names(packages.extract_if(.., |package| !holds.holds(package)).collect());
        file.excluded += (file.left_out.len() + file.left_out_of_dev.len()) as u64;
    }
}

fn is_dev(package: &Package) -> bool {
    !package.groups.is_empty() && package.groups.iter().all(|group| *group == Group::Dev)
}

/// Which markers hold; a file repeats few of them many times.
struct Holds<'a> {
    environment: &'a Environment,
    known: HashMap<String, bool>,
}

impl Holds<'_> {
    /// Whether nothing was said about where the project runs.
    fn is_unknown(&self) -> bool {
        self.environment.python_version.is_none() && self.environment.platform.is_none()
    }

    /// Whether a package may be wanted. A marker that cannot be read or told is reported, and holds.
    fn holds(&mut self, package: &Package) -> bool {
        let Some(marker) = package.marker.as_ref().filter(|_| !self.is_unknown()) else { return true };
        if let Some(known) = self.known.get(marker) {
            return *known;
        }
        let holds = Marker::parse(marker).ok().and_then(|marker| marker.evaluate(self.environment)) != Some(false);
        self.known.insert(marker.clone(), holds);
        holds
    }
}

/// Sets apart what comes from an index that its policy calls private: public advisories that bear such a name speak of
/// another package, so that it is unchecked, and not clean.
pub(super) fn set_private_apart(files: &mut [Read], subjects: &[Subject<'_>], applied: &Applied<'_>) {
    for file in files {
        let Some(subject) = subjects.get(file.target) else { continue };
        let Some(config) = applied.config(subject.given) else { continue };
        if config.private_indexes.is_empty() {
            continue;
        }
        let path = file.path.clone();
        let private = |package: &Package| private_index(&config.private_indexes, package);
        let Extracted { packages, unchecked, .. } = &mut file.extracted;
        packages.retain(|package| {
            let Some(index) = private(package) else { return true };
            unchecked.push(Unchecked {
                path: path.clone(),
                line: Some(package.line),
                subject: format!("{} {}", package.name, package.wanted),
                packages: 1,
                reason: Reason::OtherRegistry,
                detail: format!(
                    "it comes from an index that {}:{} calls private, of which no public advisory speaks",
                    index.path, index.line
                ),
            });
            false
        });
    }
}

/// The private index that a package comes from, wherever else its file may look for it.
fn private_index<'a>(indexes: &'a [PrivateIndex], package: &Package) -> Option<&'a PrivateIndex> {
    if package.ecosystem.as_str() != Ecosystem::PYPI {
        return None;
    }
    let name = normalise_name(&package.ecosystem, &package.name);
    let of = |address: &String| indexes.iter().find(|index| same_index(&index.url, address));
    let all: Option<Vec<&PrivateIndex>> = package.indexes.iter().map(of).collect();
    indexes.iter().find(|index| index.has(&name)).or_else(|| all?.into_iter().next())
}

/// Leaves out the ranges of manifests that are resolved elsewhere, by the word of their policy.
pub(super) fn leave_to_others(files: &mut [Read], subjects: &[Subject<'_>], applied: &Applied<'_>, parts: &mut Parts) {
    for file in files {
        let Some(subject) = subjects.get(file.target) else { continue };
        let Some(config) = applied.config(subject.given) else { continue };
        // Paths are told from where the policy lies.
        let path = applied.below_policy(subject.given, &file.path);
        let Some(rule) = config.elsewhere.iter().find(|rule| rule.speaks_of(&path)) else { continue };
        let before = file.extracted.packages.len();
        file.extracted.packages.retain(|package| package.wanted.version().is_some());
        let left_out = before - file.extracted.packages.len();
        if left_out > 0 {
            file.excluded += left_out as u64;
            let reason = format!("{left_out} of its requirements are resolved by {} ({}:{})", rule.by, rule.path, rule.line);
            let item = Skipped { path: file.path.clone(), reason, why: Why::Notable };
            parts.skipped.push(Placed { target: file.target, item });
        }
    }
}
