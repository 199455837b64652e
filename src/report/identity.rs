//! What makes a finding the same finding tomorrow: its alias group, its dependency file and its package; not its line
//! and not its version. Where one file has several versions of a package, their order tells them apart.

use std::collections::BTreeMap;

use super::{Report, places::Places};
use crate::{
    advisory::index::writer::sha256,
    inventory::reference::joined,
    model::{AdvisoryId, Ecosystem, Finding, normalise_name},
    version::listing,
};

/// A finding without its version and line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The id that stands for the alias group, whichever of its records matched.
    pub group: AdvisoryId,
    /// The dependency file, from the root of the checkout.
    pub manifest: String,
    /// The package's ecosystem.
    pub ecosystem: String,
    /// The package's name, normalised by its ecosystem's rule.
    pub name: String,
}

impl Key {
    /// Whether it is the same but for its dependency file, as when that has moved.
    #[must_use]
    pub fn is_elsewhere(&self, other: &Self) -> bool {
        (&self.group, &self.ecosystem, &self.name) == (&other.group, &other.ecosystem, &other.name)
    }
}

/// A path of a target as a path from the root of its checkout, without `.` and `..`, as far as those stay in it. What
/// is no path (`--rust-version`) stays as it is.
#[must_use]
pub fn from_root(base: &str, path: &str) -> String {
    if path.starts_with("--") {
        return path.to_owned();
    }
    joined(base, path)
}

/// The id that stands for a finding's alias group: the one that is least likely to be joined by a better one, so that
/// alerts keep their identity. A CVE id, which the other databases wait for; for crates the own record, since RustSec
/// issues its ids first and most of them never get a CVE. Records about other packages have no say.
#[must_use]
pub fn group(finding: &Finding) -> AdvisoryId {
    let own = finding.records.iter().chain([&finding.id]).min().unwrap_or(&finding.id);
    let cve = finding.aliases.iter().chain([&finding.id]).filter(|id| id.database() == "CVE").min();
    match finding.ecosystem.base().as_str() {
        Ecosystem::CRATES_IO | Ecosystem::RUST_TOOLCHAIN => own.clone(),
        _ => cve.unwrap_or(own).clone(),
    }
}

/// The key of a finding of a report with these places.
#[must_use]
pub fn key(places: &Places<'_>, finding: &Finding) -> Key {
    key_of(finding, places.manifest(finding))
}

/// The key of a finding in a dependency file, which is given from the root of the checkout.
#[must_use]
pub fn key_of(finding: &Finding, manifest: String) -> Key {
    Key {
        group: group(finding),
        manifest,
        ecosystem: finding.ecosystem.as_str().to_owned(),
        name: normalise_name(&finding.ecosystem, &finding.name),
    }
}

/// The key and the ordinal of every finding of a report, in its order. Among findings of one key the ordinal counts
/// the package's versions from 0, in the order of their scheme.
#[must_use]
pub fn identities(report: &Report) -> Vec<(Key, usize)> {
    let places = Places::new(report);
    let keys: Vec<Key> = report.findings.iter().map(|judged| key(&places, &judged.finding)).collect();
    let mut versions: BTreeMap<&Key, Vec<&str>> = BTreeMap::new();
    for (key, judged) in keys.iter().zip(&report.findings) {
        versions.entry(key).or_default().push(judged.finding.wanted.text());
    }
    for (key, versions) in &mut versions {
        let ecosystem = Ecosystem::new(&key.ecosystem);
        versions.sort_by(|a, b| listing::order(&ecosystem, a, b));
        versions.dedup();
    }
    let ordinal = |(key, version): (&Key, &str)| versions[key].iter().position(|v| *v == version).unwrap_or_default();
    let ordinals: Vec<usize> =
        keys.iter().zip(&report.findings).map(|(key, judged)| ordinal((key, judged.finding.wanted.text()))).collect();
    keys.into_iter().zip(ordinals).collect()
}

/// An identity as 128 bits in hexadecimal. Changing what goes in closes and opens every alert of every user.
#[must_use]
pub fn fingerprint(key: &Key, ordinal: usize) -> String {
    let Key { group, manifest, ecosystem, name } = key;
    let mut digest = sha256(format!("{group}\0{manifest}\0{ecosystem}\0{name}\0{ordinal}").as_bytes());
    digest.truncate(32);
    digest
}

#[cfg(test)]
mod tests {
    use super::from_root;

    #[test]
    fn paths_are_told_from_the_root() {
        for (base, path, expected) in [
            ("", "Cargo.lock", "Cargo.lock"),
            ("a/b", "c/Cargo.lock", "a/b/c/Cargo.lock"),
            ("a", ".", "a"),
            ("", ".", ""),
            ("a/b", "../c/Cargo.lock", "a/c/Cargo.lock"),
            ("a", "../../x", "../x"),
            ("a", "--rust-version", "--rust-version"),
        ] {
            assert_eq!(from_root(base, path), expected, "{base} {path}");
        }
    }
}
