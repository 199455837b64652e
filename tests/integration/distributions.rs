//! Packages of distributions: what advisories about source packages and releases mean for them.

use std::fs;

use overdue::{
    advisory::{Index, Store, import, index::Origin},
    matching::{Manifest, Matched, match_manifest},
    model::{DependencyGraph, Ecosystem, Package, Reason, SourcePackage, Timestamp, Wanted},
};
use serde_json::{Value, json};

/// An index of these records about an ecosystem.
fn index(ecosystem: &str, records: &[Value]) -> Index {
    let folder = tempfile::tempdir().expect("a folder");
    for (at, record) in records.iter().enumerate() {
        fs::write(folder.path().join(format!("{at}.json")), record.to_string()).expect("written");
    }
    let collected = import::collect(&[folder.path().to_owned()], folder.path(), Timestamp::from_seconds(i64::MAX)).expect("collected");
    let (store, ecosystem) = (Store::new(folder.path()), Ecosystem::new(ecosystem));
    store.replace(&mut { collected.advisories }, &ecosystem, Origin::Import).expect("written");
    store.open(&ecosystem).expect("sound").expect("there")
}

fn record(id: &str, ecosystem: &str, name: &str, fixed: &str) -> Value {
    let range = json!({ "type": "ECOSYSTEM", "events": [{ "introduced": "0" }, { "fixed": fixed }] });
    let affected = json!({ "package": { "ecosystem": ecosystem, "name": name }, "ranges": [range] });
    json!({ "id": id, "modified": "2026-01-01T00:00:00Z", "affected": [affected] })
}

fn package(ecosystem: &str, name: &str, version: &str, source: (&str, &str)) -> Package {
    let source = SourcePackage { name: source.0.into(), version: source.1.into() };
    Package { source: Some(source), ..Package::new(Ecosystem::new(ecosystem), name, Wanted::Version(version.into()), 1) }
}

fn matched(index: &Index, packages: &[Package]) -> Matched {
    let manifest = Manifest { target: 0, path: "var/lib/dpkg/status", packages, graph: &DependencyGraph::default() };
    match_manifest(&manifest, &|_| Some(index)).expect("matched")
}

#[test]
fn a_package_is_looked_up_by_what_it_is_built_from_and_named_as_itself() {
    let index = index(
        "Debian",
        &[record("DEBIAN-CVE-2099-1", "Debian:12", "glibc", "2.36-9+deb12u4"), record("DEBIAN-CVE-2099-2", "Debian:12", "libc6", "9")],
    );
    let packages = [
        package("Debian:12", "libc6", "2.36-9+deb12u3", ("glibc", "2.36-9+deb12u3")),
        package("Debian:12", "libc-bin", "2.36-9+deb12u3", ("glibc", "2.36-9+deb12u3")),
        // The same package of another architecture is one more place of the same finding.
        Package { line: 9, ..package("Debian:12", "libc6", "2.36-9+deb12u3", ("glibc", "2.36-9+deb12u3")) },
        // Its own version would be affected; that of its source is not.
        package("Debian:12", "locales", "2.36-1", ("glibc", "2.36-9+deb12u4")),
        package("Debian:12", "glibc", "1.0", ("other", "1.0")),
    ];
    let matched = matched(&index, &packages);
    let told: Vec<_> = matched
        .findings
        .iter()
        .map(|f| (f.id.0.as_str(), f.name.as_str(), f.wanted.text(), f.source_package.as_deref(), f.cure.as_deref(), f.locations.len()))
        .collect();
    let (version, source, cure) = ("2.36-9+deb12u3", Some("glibc"), Some("2.36-9+deb12u4"));
    assert_eq!(
        told,
        [("DEBIAN-CVE-2099-1", "libc-bin", version, source, cure, 1), ("DEBIAN-CVE-2099-1", "libc6", version, source, cure, 2)]
    );
    assert_eq!(matched.findings[0].fixed_versions, ["2.36-9+deb12u4"]);
    assert!(matched.unchecked.is_empty(), "{:?}", matched.unchecked);
}

#[test]
fn the_version_of_the_source_is_the_one_that_must_be_readable() {
    let index = index("Debian", &[record("DEBIAN-CVE-2099-1", "Debian:12", "a", "2")]);
    let matched = matched(&index, &[package("Debian:12", "a-bin", "1.0", ("a", "no version"))]);
    assert_eq!((matched.findings.len(), matched.unchecked.len()), (0, 1));
    assert_eq!(matched.unchecked[0].subject, "a-bin 1.0");
}

#[test]
fn packages_of_a_release_that_no_record_names_are_unchecked() {
    let mut gone = record("DEBIAN-CVE-2099-3", "Debian:10", "a", "2");
    gone["withdrawn"] = json!("2026-01-01T00:00:00Z");
    let index = index("Debian", &[record("DEBIAN-CVE-2099-1", "Debian:12", "a", "2"), gone]);
    for (release, known) in [("12", true), ("13", false), ("1", false), ("10", false), ("", false)] {
        assert_eq!(index.has_release(release).expect("sound"), known, "{release}");
    }
    // The marks are no records.
    let verified = index.verify().expect("sound");
    assert_eq!((verified.records, index.records().expect("sound").len()), (1, 1));
    let packages = [
        package("Debian:13", "a", "1", ("a", "1")),
        package("Debian:13", "b", "1", ("b", "1")),
        package("Debian:12", "b", "1", ("b", "1")),
    ];
    let matched = matched(&index, &packages);
    assert!(matched.findings.is_empty());
    let [unchecked] = matched.unchecked.as_slice() else { panic!("{:?}", matched.unchecked) };
    assert_eq!((unchecked.packages, unchecked.reason, unchecked.subject.as_str()), (2, Reason::NoAdvisories, "Debian:13"));
    assert_eq!(unchecked.detail, "there are no advisories for Debian:13 here; `overdue db update --ecosystem Debian` brings them in");
}

#[test]
fn a_distribution_without_releases_needs_none() {
    let index = index("Wolfi", &[record("CVE-2099-1", "Wolfi", "zlib", "2-r0")]);
    let matched = matched(&index, &[package("Wolfi", "zlib-dev", "1-r0", ("zlib", "1-r0"))]);
    assert_eq!((matched.findings.len(), matched.unchecked.len()), (1, 0));
}
