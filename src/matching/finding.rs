//! A finding out of what is known of it: the package, and the records of one alias group.

use super::language::Asked;
use crate::{
    advisory::Record,
    model::{Certainty, Ecosystem, Finding, Location, Package},
};

/// The records of one alias group about one package.
#[derive(Default)]
pub(super) struct Group {
    /// The places of all of them.
    pub(super) all: Vec<usize>,
    /// The places of those that apply, in order of preference.
    pub(super) matching: Vec<usize>,
}

/// What the records say of these entries of a package, without what depends on how their versions compare: fixed
/// versions and cures.
pub(super) fn finding(asked: &Asked<'_>, records: &[Record], group: &Group) -> Finding {
    let Asked { manifest, packages, way, .. } = asked;
    let (record, package) = (&records[group.matching[0]], packages[0]);
    let group_records = merged(group.all.iter().map(|at| &records[*at].id));
    let group: Vec<&Record> = group.matching.iter().map(|at| &records[*at]).collect();
    // Several entries of one record may match, each with a kind and a grade of its own.
    let kind = group.iter().map(|r| r.kind).min().unwrap_or_default();
    let own = group.iter().filter(|r| r.id == record.id && r.kind == kind);
    let gravest = own.max_by_key(|r| r.grade.score).unwrap_or(&record);
    let aliases = merged(group.iter().flat_map(|r| r.group.iter().chain(&r.aliases)).filter(|id| **id != record.id));
    let here = |package: &Package| Location { path: manifest.path.to_owned(), line: package.line };
    Finding {
        target: manifest.target,
        id: record.id.clone(),
        aliases,
        records: group_records,
        upstream: merged(group.iter().flat_map(|r| &r.upstream)),
        kind,
        summary: group.iter().find_map(|r| r.summary.clone()),
        categories: merged(group.iter().flat_map(|r| &r.categories)),
        cwes: merged(group.iter().flat_map(|r| &r.cwes)),
        ecosystem: package.ecosystem.clone(),
        name: if package.ecosystem.as_str() == Ecosystem::RUST_TOOLCHAIN { record.name.clone() } else { package.name.clone() },
        source_package: package.source.as_ref().map(|source| source.name.clone()),
        wanted: package.wanted.clone(),
        groups: merged(packages.iter().flat_map(|package| &package.groups)),
        marker: marker(packages),
        certainty: Certainty::Affected,
        admitted: None,
        manifest: manifest.path.to_owned(),
        locations: packages.iter().map(|p| here(p)).chain(merged(packages.iter().flat_map(|p| &p.also_at))).collect(),
        layer: None,
        dependency_path: packages.iter().filter_map(|p| p.node).find_map(way),
        grade: gravest.grade.clone(),
        exploited: None,
        epss: None,
        published: group.iter().filter_map(|r| r.published).min(),
        modified: group.iter().filter_map(|r| r.modified).min(),
        fixed_versions: Vec::new(),
        cure: None,
        package_cure: None,
    }
}

/// When a package is wanted, if it is not always: one entry without a marker makes it always.
fn marker(packages: &[&Package]) -> Option<String> {
    let markers: Vec<&String> = packages.iter().map(|package| package.marker.as_ref()).collect::<Option<_>>()?;
    match merged(markers.into_iter()).as_slice() {
        [marker] => Some(marker.clone()),
        several => Some(several.iter().map(|marker| format!("({marker})")).collect::<Vec<_>>().join(" or ")),
    }
}

/// Each once, in order.
pub(super) fn merged<'a, T: Ord + Clone + 'a>(items: impl Iterator<Item = &'a T>) -> Vec<T> {
    let mut items: Vec<T> = items.cloned().collect();
    items.sort();
    items.dedup();
    items
}
