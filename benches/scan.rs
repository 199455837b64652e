//! What a scan is made of: reading a lockfile, opening an index, looking up, the whole. `cargo bench`.

use std::{collections::BTreeSet, fs, hint::black_box, path::Path};

use criterion::{Criterion, criterion_group, criterion_main};
use overdue::{
    advisory::{
        Collection, Store,
        index::Origin,
        snapshot::{self, Manifest, ManifestEntry},
    },
    inventory::{Extractor, cargo_lock::CargoLock},
    model::{Ecosystem, Timestamp},
    report::{View, renderer},
    scan::{ScanRequest, scan},
};

const LOCK: &str = include_str!("../fixtures/demo/Cargo.lock");

fn request() -> ScanRequest {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo").display().to_string();
    ScanRequest { threads: 2, ..ScanRequest::new(vec![demo], Store::new("/nowhere"), Timestamp::from_seconds(1_787_400_000)) }
}

/// The snapshot's facts, from their text.
fn facts(folder: &Path) -> Collection {
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("advisories-cache");
    let manifest: Manifest = serde_json::from_slice(&fs::read(cache.join("manifest.json")).expect("the manifest")).expect("JSON");
    let text = |entry: &ManifestEntry| (entry.facts.clone(), fs::read_to_string(cache.join(&entry.facts)).expect("a facts text"));
    let texts = manifest.ecosystems.iter().map(text).collect();
    snapshot::facts(&manifest, &texts, folder).expect("facts")
}

fn benches(criterion: &mut Criterion) {
    criterion
        .bench_function("read a Cargo.lock of 179 packages", |b| b.iter(|| CargoLock.extract("Cargo.lock", black_box(LOCK).as_bytes())));

    for ecosystem in [Ecosystem::crates_io(), Ecosystem::new(Ecosystem::PYPI)] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path());
        let origin = Origin::Snapshot;
        store.replace(&mut facts(folder.path()), &ecosystem, origin).expect("written");
        let records = store.open(&ecosystem).expect("sound").expect("there").records().expect("sound");
        // Every other name is there, every other one is not: a miss must be as quick as a hit.
        let all: BTreeSet<&str> = records.iter().map(|r| r.name.as_str()).collect();
        let names: Vec<String> =
            all.iter().step_by(all.len() / 250).take(250).flat_map(|name| [(*name).to_owned(), format!("{name}-not")]).collect();
        assert_eq!(names.len(), 500);
        let look_up = |store: &Store| {
            let index = store.open(&ecosystem).expect("sound").expect("there");
            let mut found = 0;
            for name in &names {
                index.candidates(name, None).expect("sound").each_affected(&|_| false, &mut |_, _| found += 1).expect("sound");
            }
            found
        };
        criterion.bench_function(&format!("open the {ecosystem} index and look up 500 names"), |b| b.iter(|| look_up(&store)));
        let nowhere = Store::new("/nowhere");
        criterion
            .bench_function(&format!("open the embedded {ecosystem} snapshot and look up 500 names"), |b| b.iter(|| look_up(&nowhere)));
    }

    let request = request();
    criterion.bench_function("scan fixtures/demo", |b| b.iter(|| scan(&request).expect("a report")));
    let report = scan(&request).expect("a report");
    for format in ["table", "json"] {
        let renderer = renderer(format).expect("a renderer");
        criterion.bench_function(&format!("render {format}"), |b| {
            b.iter(|| renderer.render(&report, &View::default(), &mut std::io::sink()).expect("written"));
        });
    }
}

criterion_group!(all, benches);
criterion_main!(all);
