//! Compares two forms of the RustSec database, verdict by verdict, over a grid of versions drawn from their bounds.

use std::{collections::BTreeSet, path::PathBuf};

use overdue::{
    advisory::{
        Collection, Record, Store,
        collection::Spooled,
        import,
        index::{Origin, SourceInfo},
    },
    matching::affected::is_affected,
    model::{Ecosystem, Timestamp},
    version::{SemVer, Version},
};

/// What a comparison found.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// Records of both forms.
    pub(crate) shared: usize,
    /// Verdicts compared.
    pub(crate) verdicts: usize,
    /// Disagreements and ids that only one form has, as sentences.
    pub(crate) differences: Vec<String>,
}

/// Compares.
///
/// # Panics
/// When a source cannot be read.
pub(crate) fn compare(osv: PathBuf, native: PathBuf) -> Comparison {
    let read = |path: PathBuf| {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, crates, now) = (Store::new(folder.path()), Ecosystem::crates_io(), Timestamp::from_seconds(i64::MAX));
        let mut read = import::collect(&[path], folder.path(), now).expect("a readable source").advisories;
        // Withdrawn records match nothing in a scan, but their ranges must agree as well.
        let mut all = Collection::new(folder.path());
        let source = SourceInfo { format: String::new(), name: String::new(), sha256: None, data_date: None };
        let source = all.source(source).expect("room");
        for mut advisory in read.advisories(&crates).expect("records") {
            advisory.withdrawn = None;
            all.add(Spooled::new(&advisory, now).expect("encoded"), source).expect("room");
        }
        all.assign(0..all.len(), std::slice::from_ref(&crates), None).expect("room");
        store.replace(&mut all, &crates, Origin::Import).expect("written");
        store.open(&crates).expect("sound").expect("there").records().expect("sound")
    };
    let (osv, native) = (read(osv), read(native));
    let mut comparison = Comparison::default();
    for (ours, theirs, only) in [(&osv, &native, "the OSV form"), (&native, &osv, "the native form")] {
        let ids: BTreeSet<_> = theirs.iter().map(|r| &r.id).collect();
        let alone = ours.iter().filter(|record| !ids.contains(&record.id));
        comparison.differences.extend(alone.map(|record| format!("{}: only in {only}", record.id)));
    }
    for record in &osv {
        if let Some(other) = native.iter().find(|other| other.id == record.id) {
            compare_records(record, other, &mut comparison);
        }
    }
    comparison
}

fn compare_records(osv: &Record, native: &Record, comparison: &mut Comparison) {
    comparison.shared += 1;
    if osv.name != native.name || osv.kind != native.kind {
        comparison.differences.push(format!("{}: {} {:?} here, {} {:?} there", osv.id, osv.name, osv.kind, native.name, native.kind));
    }
    for version in grid(osv).union(&grid(native)) {
        let version = SemVer::parse(version).expect("a version of the grid");
        comparison.verdicts += 1;
        let (a, b) = (is_affected(osv, &version), is_affected(native, &version));
        if a != b {
            comparison.differences.push(format!("{} {version}: OSV {a:?}, native {b:?}", osv.id));
        }
    }
}

/// Each bound, and its neighbours on all sides: patch, minor and major versions, pre-releases, build metadata.
fn grid(record: &Record) -> BTreeSet<String> {
    let bounds = record.ranges.iter().flat_map(|range| &range.events).filter_map(|event| SemVer::parse_bound(event.version()).ok());
    let mut versions: BTreeSet<String> = ["0.0.0-0", "0.0.0", "0.1.0", "1.0.0", "999.0.0"].map(str::to_owned).into();
    for bound in bounds {
        let text = bound.to_string();
        let release = text.split(['-', '+']).next().unwrap_or_default().to_owned();
        let parts: Vec<u64> = release.split('.').filter_map(|part| part.parse().ok()).collect();
        let &[major, minor, patch] = parts.as_slice() else { continue };
        for (major, minor, patch) in [
            (major, minor, patch),
            (major, minor, patch + 1),
            (major, minor, patch.saturating_sub(1)),
            (major, minor + 1, 0),
            (major, minor.saturating_sub(1), 99),
            (major + 1, 0, 0),
            (major.saturating_sub(1), 99, 0),
        ] {
            for suffix in ["", "-0", "-alpha.1", "-beta", "-rc.1", "-rc.1.0", "+build"] {
                versions.insert(format!("{major}.{minor}.{patch}{suffix}"));
            }
        }
        versions.insert(text);
    }
    versions
}
