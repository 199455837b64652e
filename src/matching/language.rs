//! Packages of language ecosystems: by name, in the index of their ecosystem.

use std::{cell::LazyCell, collections::BTreeMap};

use super::affected::{concern, fixed_versions, is_affected, is_free};
use crate::{
    advisory::{Index, IndexError, Record},
    model::{AdvisoryId, Certainty, Cure, DependencyGraph, Ecosystem, Finding, Location, Package, Reason, Unchecked},
    version::{Apk, Dpkg, Pep440, Rpm, Scheme, SemVer, Version},
};

/// A dependency file's packages.
pub struct Manifest<'a> {
    /// The target, as an index into the report's targets.
    pub target: usize,
    /// The file, relative to the target.
    pub path: &'a str,
    /// Its packages.
    pub packages: &'a [Package],
    /// Its dependency graph.
    pub graph: &'a DependencyGraph,
}

/// What matching found out about a manifest.
#[derive(Debug, Default)]
pub struct Matched {
    /// The findings, one an alias group and package version.
    pub findings: Vec<Finding>,
    /// Packages that could not be matched.
    pub unchecked: Vec<Unchecked>,
}

/// Matches a manifest's packages. `index` answers with an ecosystem's data, or `None` where there is none.
///
/// # Errors
/// When an index is damaged.
pub fn match_manifest<'i>(manifest: &Manifest<'_>, index: &dyn Fn(&Ecosystem) -> Option<&'i Index>) -> Result<Matched, IndexError> {
    let mut matched = Matched::default();
    let mut without_data: BTreeMap<Ecosystem, u32> = BTreeMap::new();
    let mut by_version: BTreeMap<(&Ecosystem, &str, &str), Vec<&Package>> = BTreeMap::new();
    for package in manifest.packages {
        by_version.entry((&package.ecosystem, &package.name, &package.version)).or_default().push(package);
    }
    // Most files have no finding, and need no way to one.
    let paths = LazyCell::new(|| manifest.graph.shortest_paths());
    let way = |node: usize| paths.to(node);
    for ((ecosystem, ..), packages) in by_version {
        let Some(index) = index(&ecosystem.base()) else {
            *without_data.entry(ecosystem.base()).or_default() += count(&packages);
            continue;
        };
        let match_version = match Scheme::of(ecosystem) {
            Some(Scheme::SemVer) => match_version::<SemVer>,
            Some(Scheme::Pep440) => match_version::<Pep440>,
            Some(Scheme::Dpkg) => match_version::<Dpkg>,
            Some(Scheme::Apk) => match_version::<Apk>,
            Some(Scheme::Rpm) => match_version::<Rpm>,
            None => {
                let detail = format!("the version scheme of {ecosystem} is not known");
                matched.unchecked.extend(unchecked(manifest, &packages, Reason::InvalidVersion, &detail));
                continue;
            }
        };
        match_version(manifest, &packages, index, &way, &mut matched)?;
    }
    for (ecosystem, packages) in without_data {
        matched.unchecked.push(Unchecked {
            path: manifest.path.to_owned(),
            line: None,
            subject: ecosystem.to_string(),
            packages,
            reason: Reason::NoAdvisories,
            detail: format!("there are no advisories for {ecosystem} here; `overdue db update --ecosystem {ecosystem}` brings them in"),
        });
    }
    Ok(matched)
}

/// From a root of the dependency graph to a node.
type Way<'a> = dyn Fn(usize) -> Option<Vec<String>> + 'a;

fn count(packages: &[&Package]) -> u32 {
    u32::try_from(packages.len()).unwrap_or(u32::MAX)
}

/// Each of these packages as unchecked.
fn unchecked<'a>(
    manifest: &'a Manifest<'_>,
    packages: &'a [&Package],
    reason: Reason,
    detail: &'a str,
) -> impl Iterator<Item = Unchecked> + 'a {
    packages.iter().map(move |package| Unchecked {
        path: manifest.path.to_owned(),
        line: Some(package.line),
        subject: format!("{} {}", package.name, package.version),
        packages: 1,
        reason,
        detail: detail.to_owned(),
    })
}

/// Matches the entries of one package version.
fn match_version<V: Version>(
    manifest: &Manifest<'_>,
    packages: &[&Package],
    index: &Index,
    way: &Way<'_>,
    matched: &mut Matched,
) -> Result<(), IndexError> {
    let package = packages[0];
    let version = match V::parse(&package.version) {
        Ok(version) => version,
        Err(error) => {
            matched.unchecked.extend(unchecked(manifest, packages, Reason::InvalidVersion, &error.to_string()));
            return Ok(());
        }
    };
    let Some(records) = candidates(index, package, &version)? else { return Ok(()) };
    // By package (a Rust version is several) and alias group: all that is said, and what of it applies.
    let mut groups: BTreeMap<(&str, &AdvisoryId), Group<'_>> = BTreeMap::new();
    let mut not_evaluable = Vec::new();
    for record in &records {
        let (affected, fault) = is_affected(record, &version);
        let group = groups.entry((&record.name, record.group.first().unwrap_or(&record.id))).or_default();
        group.all.push(record);
        if affected {
            group.matching.push(record);
        }
        not_evaluable.extend(fault.map(|fault| format!("{}: {fault}", record.id)));
    }
    if !not_evaluable.is_empty() {
        let detail = not_evaluable.join("; ");
        matched.unchecked.extend(unchecked(manifest, packages, Reason::AdvisoryNotEvaluable, &detail));
    }
    let mut cures: BTreeMap<&str, Option<Cure>> = BTreeMap::new();
    for ((name, _), mut group) in groups.into_iter().filter(|(_, group)| !group.matching.is_empty()) {
        group.matching.sort_by(|a, b| a.id.cmp(&b.id));
        // The same for all findings of a package, of which there may be thousands.
        let package_cure = cures.entry(name).or_insert_with(|| package_cure(&records, name, &version)).clone();
        matched.findings.push(finding(manifest, packages, &group, &version, package_cure, way));
    }
    Ok(())
}

/// The records of one alias group about one package.
#[derive(Default)]
struct Group<'a> {
    all: Vec<&'a Record>,
    matching: Vec<&'a Record>,
}

/// The records that speak of the package; `None` where each of them is about other versions, as most are.
fn candidates<V: Version>(index: &Index, package: &Package, version: &V) -> Result<Option<Vec<Record>>, IndexError> {
    // A version of the Rust distribution is one package that ships many: std, cargo, rustdoc, whatever comes.
    if package.ecosystem.as_str() == Ecosystem::RUST_TOOLCHAIN {
        return index.records().map(Some);
    }
    let candidates = index.candidates(&package.name, package.ecosystem.release())?;
    if concern(&candidates, version)? { candidates.records().map(Some) } else { Ok(None) }
}

fn finding<V: Version>(
    manifest: &Manifest<'_>,
    packages: &[&Package],
    group: &Group<'_>,
    version: &V,
    package_cure: Option<Cure>,
    way: &Way<'_>,
) -> Finding {
    let (record, package) = (group.matching[0], packages[0]);
    let mut fixed: Vec<V> = group.all.iter().flat_map(|record| fixed_versions(record)).collect();
    fixed.sort();
    fixed.dedup();
    let cure = fixed.iter().find(|fixed| *fixed > version && group.all.iter().all(|record| is_free(record, *fixed)));
    let records = merged(group.all.iter().map(|record| &record.id));
    let group = &group.matching;
    // Several entries of one record may match, each with a kind and a grade of its own.
    let kind = group.iter().map(|r| r.kind).min().unwrap_or_default();
    let own = group.iter().filter(|r| r.id == record.id && r.kind == kind);
    let gravest = own.max_by_key(|r| r.grade.score).unwrap_or(&record);
    let aliases = merged(group.iter().flat_map(|r| r.group.iter().chain(&r.aliases)).filter(|id| **id != record.id));
    Finding {
        target: manifest.target,
        id: record.id.clone(),
        aliases,
        records,
        upstream: merged(group.iter().flat_map(|r| &r.upstream)),
        kind,
        summary: group.iter().find_map(|r| r.summary.clone()),
        categories: merged(group.iter().flat_map(|r| &r.categories)),
        cwes: merged(group.iter().flat_map(|r| &r.cwes)),
        ecosystem: package.ecosystem.clone(),
        name: if package.ecosystem.as_str() == Ecosystem::RUST_TOOLCHAIN { record.name.clone() } else { package.name.clone() },
        version: package.version.clone(),
        certainty: Certainty::Affected,
        manifest: manifest.path.to_owned(),
        locations: packages.iter().map(|p| Location { path: manifest.path.to_owned(), line: p.line }).collect(),
        dependency_path: packages.iter().filter_map(|p| p.node).find_map(way),
        grade: gravest.grade.clone(),
        exploited: None,
        epss: None,
        published: group.iter().filter_map(|r| r.published).min(),
        modified: group.iter().filter_map(|r| r.modified).min(),
        fixed_versions: fixed.iter().map(ToString::to_string).collect(),
        cure: cure.map(ToString::to_string),
        package_cure,
    }
}

/// The smallest version above that some record calls fixed and that no vulnerability of the package affects.
fn package_cure<V: Version>(records: &[Record], name: &str, version: &V) -> Option<Cure> {
    let about = records.iter().filter(|r| r.name == name && r.kind.is_security());
    let mut about: Vec<(Vec<V>, &Record)> = about.map(|record| (fixed_versions(record), record)).collect();
    let mut candidates: Vec<V> = about.iter().flat_map(|(fixed, _)| fixed).filter(|fixed| *fixed > version).cloned().collect();
    candidates.sort();
    candidates.dedup();
    // Whoever is fixed last rules out most candidates: of thousands of records, one is asked.
    about.sort_by(|(a, _), (b, _)| b.last().cmp(&a.last()));
    let cure = candidates.into_iter().find(|fixed| about.iter().all(|(_, record)| is_free(record, fixed)))?;
    Some(Cure { compatible: version.is_compatible_with(&cure), version: cure.to_string() })
}

fn merged<'a, T: Ord + Clone + 'a>(items: impl Iterator<Item = &'a T>) -> Vec<T> {
    let mut items: Vec<T> = items.cloned().collect();
    items.sort();
    items.dedup();
    items
}
