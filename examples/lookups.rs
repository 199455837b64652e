//! The cost of a large index, told for each folder of indexes:
//!
//! - opening it and looking up 500 names, half of them absent, with decoding which versions each record affects, as a scan
//!   does;
//! - scanning a lockfile against it, from opening to the report.
//!
//! Both as the median of 21 runs, each with an index that is opened anew. After imports of what `synthetic_export` writes:
//!
//! `cargo run --release --example lookups -- ECOSYSTEM LOCKFILE FOLDER...`
//!
//! The curve over one, four and sixteen times the size:
//!
//! ```sh
//! for factor in 1 4 16; do
//!   cargo run --release --example synthetic_export -- "$WORK/export-$factor" --scale "$factor" crates.io
//!   cargo run --release -- db import --db "$WORK/db-$factor" "$WORK/export-$factor"
//! done
//! cargo run --release --example lookups -- crates.io fixtures/demo/Cargo.lock "$WORK"/db-{1,4,16}
//! ```

use std::{
    collections::BTreeMap,
    hint::black_box,
    time::{Duration, Instant},
};

use overdue::{
    advisory::Store,
    model::{Ecosystem, Range, Timestamp},
    scan::{ScanRequest, scan},
};

const RUNS: usize = 21;

#[expect(clippy::print_stdout, reason = "a program of its own")]
fn main() {
    let mut words = std::env::args().skip(1);
    let (Some(ecosystem), Some(lockfile)) = (words.next(), words.next()) else { panic!("usage: lookups ECOSYSTEM LOCKFILE FOLDER...") };
    let ecosystem = Ecosystem::new(ecosystem);
    for folder in words {
        let store = Store::new(&folder);
        let (records, names) = names(&store, &ecosystem);
        let mut found = 0;
        let looked_up = median(|| found = look_up(&store, &ecosystem, &names));
        let request = ScanRequest { threads: 2, ..ScanRequest::new(vec![lockfile.clone()], store, Timestamp::from_seconds(1_787_400_000)) };
        let mut findings = 0;
        let scanned = median(|| findings = scan(&request).expect("a report").findings.len());
        println!(
            "{folder}: {ecosystem}, {records} rows; opened and {} names looked up in {looked_up:?}, {found} rows found; \
             {lockfile} scanned in {scanned:?}, {findings} findings",
            names.len() * 2
        );
    }
}

/// How many rows about packages there are, and 250 of the names, evenly spread.
fn names(store: &Store, ecosystem: &Ecosystem) -> (usize, Vec<(String, Option<String>)>) {
    let mut packages: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    let index = store.open(ecosystem).expect("a sound index").expect("an index");
    index.each_record(&mut |record| *packages.entry((record.name, record.release)).or_default() += 1).expect("a sound index");
    let every = (packages.len() / 250).max(1);
    (packages.values().sum(), packages.into_keys().step_by(every).take(250).collect())
}

/// Opens and looks up; answers with the number of rows that were found.
fn look_up(store: &Store, ecosystem: &Ecosystem, names: &[(String, Option<String>)]) -> usize {
    let index = store.open(ecosystem).expect("a sound index").expect("an index");
    let mut found = 0;
    for (name, release) in names {
        for name in [name, &format!("{name}-not")] {
            let candidates = index.candidates(name, release.as_deref()).expect("a sound index");
            let mut take = |ranges: &[Range<&str>], _: &mut dyn FnMut() -> bool| found += usize::from(!black_box(ranges).is_empty());
            candidates.each_affected(&|_| false, &mut take).expect("a sound index");
        }
    }
    found
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2]
}
