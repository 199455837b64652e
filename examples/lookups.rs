//! How long it takes to open an index and look up 500 names, half of them absent, and to decode which versions each
//! record affects, as a scan does: the median of 21 runs, each with an index that is opened anew.
//!
//! `cargo run --release --example lookups -- FOLDER ECOSYSTEM`, after an import of what `synthetic_export` writes.

use std::{collections::BTreeMap, hint::black_box, time::Instant};

use overdue::{
    advisory::Store,
    model::{Ecosystem, Range},
};

#[expect(clippy::print_stdout, reason = "a program of its own")]
fn main() {
    let mut words = std::env::args().skip(1);
    let (Some(folder), Some(ecosystem)) = (words.next(), words.next()) else { panic!("usage: lookups FOLDER ECOSYSTEM") };
    let (store, ecosystem) = (Store::new(folder), Ecosystem::new(ecosystem));
    let open = || store.open(&ecosystem).expect("a sound index").expect("an index");
    let mut packages: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    open().each_record(&mut |record| *packages.entry((record.name, record.release)).or_default() += 1).expect("a sound index");
    let records: usize = packages.values().sum();
    let every = (packages.len() / 250).max(1);
    let names: Vec<_> = packages.into_keys().step_by(every).take(250).collect();
    let mut times = Vec::new();
    let mut found = 0;
    for _ in 0..21 {
        let start = Instant::now();
        let index = open();
        for (name, release) in &names {
            for name in [name, &format!("{name}-not")] {
                let candidates = index.candidates(name, release.as_deref()).expect("a sound index");
                let mut take = |ranges: &[Range<&str>], _: &dyn Fn() -> bool| found += usize::from(!black_box(ranges).is_empty());
                candidates.each_affected(&|_| false, &mut take).expect("a sound index");
            }
        }
        times.push(start.elapsed());
    }
    times.sort();
    println!(
        "{ecosystem}: {records} records; opened and {} names looked up in {:?}, {} records with ranges found",
        names.len() * 2,
        times[times.len() / 2],
        found / times.len()
    );
}
