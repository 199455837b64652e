//! Packages by name, in the index of their ecosystem: of a distribution by the name and the version of what they are built
//! from.

use std::{cell::LazyCell, collections::BTreeMap};

use super::{
    affected::{concern, fixed_versions},
    finding::{Group, finding},
    listed::Listed,
    requirement::match_requirement,
};
use crate::{
    advisory::{Index, IndexError, Record, index::Listings},
    model::{AdvisoryId, Cure, DependencyGraph, Ecosystem, Finding, Package, Reason, SourcePackage, Unchecked, Wanted, normalise_name},
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
#[derive(Clone, Debug, Default)]
pub struct Matched {
    /// The findings, one an alias group and package version. There may be very many, and they are moved and sorted: so each is a
    /// pointer.
    pub findings: Vec<Box<Finding>>,
    /// Packages that could not be matched.
    pub unchecked: Vec<Unchecked>,
    /// How many packages have findings for which there was no room.
    pub beyond: u32,
}

/// How much the findings of one package are, before any of them is made.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    /// How many.
    pub findings: u64,
    /// In how many places each of them stands.
    pub locations: u64,
    /// How long the path of each place is, in bytes.
    pub path: u64,
    /// How long the texts of each finding are.
    pub text: u64,
}

/// Matches a manifest's packages. `index` answers with an ecosystem's data, or `None` where there is none.
///
/// # Errors
/// When an index is damaged.
pub fn match_manifest<'i>(manifest: &Manifest<'_>, index: &dyn Fn(&Ecosystem) -> Option<&'i Index>) -> Result<Matched, IndexError> {
    match_within(manifest, index, &|_| true)
}

/// [`match_manifest`], as far as there is room: `fits` is asked before the findings of a package are made. Packages whose
/// findings do not fit are in [`Matched::beyond`].
///
/// # Errors
/// When an index is damaged.
pub fn match_within<'i>(
    manifest: &Manifest<'_>,
    index: &dyn Fn(&Ecosystem) -> Option<&'i Index>,
    fits: &dyn Fn(Estimate) -> bool,
) -> Result<Matched, IndexError> {
    let mut matched = Matched::default();
    let mut without_data: BTreeMap<Ecosystem, u32> = BTreeMap::new();
    let mut releases = Releases::default();
    let mut by_version: BTreeMap<(&Ecosystem, String, &Wanted, Option<&SourcePackage>), Vec<&Package>> = BTreeMap::new();
    for package in manifest.packages {
        let name = normalise_name(&package.ecosystem, &package.name);
        by_version.entry((&package.ecosystem, name, &package.wanted, package.source.as_ref())).or_default().push(package);
    }
    // Most files have no finding, and need no way to one.
    let paths = LazyCell::new(|| manifest.graph.shortest_paths());
    let way = |node: usize| paths.to(node);
    for ((ecosystem, name, wanted, source), packages) in by_version {
        let Some(index) = index(&ecosystem.base()) else {
            *without_data.entry(ecosystem.base()).or_default() += count(&packages);
            continue;
        };
        if !releases.are_known(index, ecosystem)? {
            *without_data.entry(ecosystem.clone()).or_default() += count(&packages);
            continue;
        }
        let name = source.map_or(name.as_str(), |source| &source.name);
        let asked = Asked { manifest, packages: &packages, name, index, way: &way, fits };
        let match_version = match Scheme::of(ecosystem) {
            Some(Scheme::Pep440) if wanted.version().is_none() => match_requirement,
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
        match_version(&asked, &mut matched)?;
    }
    for (ecosystem, packages) in without_data {
        matched.unchecked.push(Unchecked {
            path: manifest.path.to_owned(),
            line: None,
            subject: ecosystem.to_string(),
            packages,
            reason: Reason::NoAdvisories,
            detail: no_advisories(&ecosystem),
        });
    }
    Ok(matched)
}

fn no_advisories(ecosystem: &Ecosystem) -> String {
    let base = ecosystem.base();
    // A name that a shell would take apart.
    let quoted = if base.as_str().contains(' ') { format!("\"{base}\"") } else { base.to_string() };
    format!("there are no advisories for {ecosystem} here; `overdue db update --ecosystem {quoted}` brings them in")
}

/// Which releases there are advisories about: packages of another one match nothing, and are not clean for that.
#[derive(Default)]
struct Releases<'p>(BTreeMap<&'p Ecosystem, bool>);

impl<'p> Releases<'p> {
    fn are_known(&mut self, index: &Index, ecosystem: &'p Ecosystem) -> Result<bool, IndexError> {
        let Some(release) = ecosystem.release() else { return Ok(true) };
        if let Some(known) = self.0.get(ecosystem) {
            return Ok(*known);
        }
        let known = index.has_release(release)?;
        self.0.insert(ecosystem, known);
        Ok(known)
    }
}

/// From a root of the dependency graph to a node.
pub(super) type Way<'a> = dyn Fn(usize) -> Option<Vec<String>> + 'a;

/// The entries of a manifest that want the same of the same package, and what is asked about it.
pub(super) struct Asked<'a> {
    pub(super) manifest: &'a Manifest<'a>,
    /// Never empty.
    pub(super) packages: &'a [&'a Package],
    /// The name that advisories speak of, normalised.
    pub(super) name: &'a str,
    pub(super) index: &'a Index,
    pub(super) way: &'a Way<'a>,
    /// Whether there is room for findings.
    pub(super) fits: &'a dyn Fn(Estimate) -> bool,
}

impl Asked<'_> {
    /// What they want.
    pub(super) fn wanted(&self) -> &Wanted {
        &self.packages[0].wanted
    }

    /// Whether there is room for so many findings; if not, the packages are counted.
    pub(super) fn has_room(&self, findings: usize, matched: &mut Matched) -> bool {
        let places = self.packages.iter().map(|package| 1 + package.also_at.len() as u64).sum();
        let (package, path) = (self.packages[0], self.manifest.path.len() as u64);
        let markers: usize = self.packages.iter().filter_map(|package| package.marker.as_ref()).map(String::len).sum();
        let text = (3 * package.name.len() + 3 * package.wanted.text().len() + markers) as u64 + path;
        let estimate = Estimate { findings: findings as u64, locations: places, path, text };
        let fits = findings == 0 || (self.fits)(estimate);
        if !fits {
            matched.beyond = matched.beyond.saturating_add(count(self.packages));
        }
        fits
    }

    /// Each of the entries as unchecked.
    pub(super) fn unchecked(&self, reason: Reason, detail: &str) -> Vec<Unchecked> {
        unchecked(self.manifest, self.packages, reason, detail).collect()
    }
}

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
        subject: format!("{} {}", package.name, package.wanted),
        packages: 1,
        reason,
        detail: detail.to_owned(),
    })
}

/// Matches the entries of one package version.
fn match_version<V: Version>(asked: &Asked<'_>, matched: &mut Matched) -> Result<(), IndexError> {
    let version = match V::parse(asked.packages[0].advised_version()) {
        Ok(version) => version,
        Err(error) => {
            matched.unchecked.extend(asked.unchecked(Reason::InvalidVersion, &error.to_string()));
            return Ok(());
        }
    };
    let Some(listings) = candidates(asked, &version)? else { return Ok(()) };
    let (records, listed) = (&listings.records, Listed::<V>::of(&listings));
    let numbers = listed.numbers(&version);
    let mut not_evaluable = Vec::new();
    let groups = grouped(records, |at| {
        let (affected, fault) = listed.affects(at, &version, &numbers);
        not_evaluable.extend(fault.map(|fault| format!("{}: {fault}", records[at].id)));
        affected
    });
    if !asked.has_room(groups.len(), matched) {
        return Ok(());
    }
    if !not_evaluable.is_empty() {
        matched.unchecked.extend(asked.unchecked(Reason::AdvisoryNotEvaluable, &not_evaluable.join("; ")));
    }
    let mut cures: BTreeMap<&str, Option<Cure>> = BTreeMap::new();
    for group in &groups {
        let name = records[group.matching[0]].name.as_str();
        // The same for all findings of a package, of which there may be thousands.
        let package_cure = cures.entry(name).or_insert_with(|| package_cure(records, &listed, name, &version)).clone();
        let fixed: Vec<V> = all_fixed_versions(records, group);
        let is_cure = |fixed: &&V| *fixed > &version && listed.is_free(group.all.iter().copied(), *fixed);
        let cure = fixed.iter().find(is_cure).map(ToString::to_string);
        let fixed_versions = fixed.iter().map(ToString::to_string).collect();
        let finding = Finding { fixed_versions, cure, package_cure, ..finding(asked, records, group) };
        matched.findings.push(Box::new(finding));
    }
    Ok(())
}

/// The records by package (a Rust version is several) and alias group; of these the ones of which any `applies`.
pub(super) fn grouped(records: &[Record], mut applies: impl FnMut(usize) -> bool) -> Vec<Group> {
    let mut groups: BTreeMap<(&str, &AdvisoryId), Group> = BTreeMap::new();
    for (at, record) in records.iter().enumerate() {
        let group = groups.entry((&record.name, record.group.first().unwrap_or(&record.id))).or_default();
        group.all.push(at);
        if applies(at) {
            group.matching.push(at);
        }
    }
    let mut groups: Vec<Group> = groups.into_values().filter(|group| !group.matching.is_empty()).collect();
    for group in &mut groups {
        group.matching.sort_by(|a, b| records[*a].id.cmp(&records[*b].id));
    }
    groups
}

/// The versions that any record of a group calls fixed, ascending.
pub(super) fn all_fixed_versions<V: Version>(records: &[Record], group: &Group) -> Vec<V> {
    let mut fixed: Vec<V> = group.all.iter().flat_map(|at| fixed_versions(&records[*at])).collect();
    fixed.sort();
    fixed.dedup();
    fixed
}

/// The records that speak of the package; `None` where each of them is about other versions, as most are.
fn candidates<V: Version>(asked: &Asked<'_>, version: &V) -> Result<Option<Listings>, IndexError> {
    let ecosystem = &asked.packages[0].ecosystem;
    // A version of the Rust distribution is one package that ships many: std, cargo, rustdoc, whatever comes.
    if ecosystem.as_str() == Ecosystem::RUST_TOOLCHAIN {
        return asked.index.records().map(|records| Some(Listings::from(records)));
    }
    let candidates = asked.index.candidates(asked.name, ecosystem.release())?;
    if concern(&candidates, version)? { candidates.listings().map(Some) } else { Ok(None) }
}

/// The smallest version above that some record calls fixed and that no vulnerability of the package affects.
fn package_cure<V: Version>(records: &[Record], listed: &Listed<'_, V>, name: &str, version: &V) -> Option<Cure> {
    let about = records.iter().enumerate().filter(|(_, r)| r.name == name && r.kind.is_security());
    let mut about: Vec<(Vec<V>, usize)> = about.map(|(at, record)| (fixed_versions(record), at)).collect();
    let mut candidates: Vec<V> = about.iter().flat_map(|(fixed, _)| fixed).filter(|fixed| *fixed > version).cloned().collect();
    candidates.sort();
    candidates.dedup();
    // Whoever is fixed last rules out most candidates: of thousands of records, one is asked.
    about.sort_by(|(a, _), (b, _)| b.last().cmp(&a.last()));
    let cure = candidates.into_iter().find(|fixed| listed.is_free(about.iter().map(|(_, at)| *at), fixed))?;
    Some(Cure::Version { compatible: version.is_compatible_with(&cure), version: cure.to_string() })
}
