//! A damaged index is exit 4, or it does not matter. Never an empty answer.

use std::{fs, path::Path};

use crate::harness::{Overdue, Run, fixture};

fn scan(db: &Path) -> Run {
    Overdue::new(["scan", "--as-of", "2026-01-20", "--format", "json", "osv/Cargo.lock"])
        .env("OVERDUE_DB", db)
        .in_folder(fixture("advisories"))
        .run()
}

fn index() -> (tempfile::TempDir, Vec<u8>, Run) {
    let db = tempfile::tempdir().expect("a folder");
    let import = Overdue::new(["db", "import", "osv"]).env("OVERDUE_DB", db.path()).in_folder(fixture("advisories")).run();
    assert_eq!(import.code(), 0);
    let bytes = fs::read(db.path().join("crates.io.index")).expect("an index");
    let sound = scan(db.path());
    assert_eq!(sound.code(), 1);
    (db, bytes, sound)
}

/// The places of the layout: each field of the head, the metadata, the shard table, the shards' first and last bytes.
fn places(bytes: &[u8]) -> Vec<usize> {
    let number = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize;
    let (metadata, shards) = (number(12), number(24) + number(28));
    let (table, body) = (40 + metadata, 40 + metadata + shards * 24);
    let mut places = vec![
        0,
        7,
        8,
        12,
        16,
        23,
        24,
        28,
        32,
        39,
        40,
        40 + metadata / 2,
        table - 1,
        table,
        table + 8,
        table + 12,
        table + 16,
        body - 1,
        body,
        body + 1,
    ];
    places.extend((body..bytes.len()).step_by(97));
    places.push(bytes.len() - 1);
    places
}

/// Where the shards of the second table begin: right behind the one shard of the first.
fn by_id(bytes: &[u8]) -> usize {
    let number = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize;
    let row = 40 + number(12);
    assert_eq!(number(24), 1, "one shard of records");
    number(row) + number(row + 8)
}

#[test]
fn a_flip_at_every_kind_of_place_is_found_where_it_counts() {
    let (db, bytes, sound) = index();
    let file = db.path().join("crates.io.index");
    for place in places(&bytes) {
        let mut damaged = bytes.clone();
        damaged[place] ^= 0x20;
        fs::write(&file, &damaged).expect("written");
        let run = scan(db.path());
        // All packages of this small index share one shard, so that every byte of it is relied on; the facts by id,
        // behind it, are not.
        if run.code() == 4 {
            assert!(run.stdout().is_empty() && run.stderr().contains("crates.io.index"), "byte {place}: {}", run.text());
        } else {
            assert!(place >= by_id(&bytes) && run.text() == sound.text(), "byte {place}: {}", run.text());
        }
        let verify = Overdue::new(["db", "verify"]).env("OVERDUE_DB", db.path()).run();
        assert_eq!(verify.code(), 4, "byte {place}: {}", verify.text());
    }
}

#[test]
fn every_truncation_and_extension_is_exit_4() {
    let (db, bytes, _) = index();
    let file = db.path().join("crates.io.index");
    let mut lengths: Vec<usize> = (0..bytes.len()).step_by(131).collect();
    lengths.extend([1, 7, 8, 39, 40, 41, bytes.len() - 1]);
    for length in lengths {
        fs::write(&file, &bytes[..length]).expect("written");
        assert_eq!(scan(db.path()).code(), 4, "{length} bytes");
    }
    fs::write(&file, [bytes.as_slice(), b"x"].concat()).expect("written");
    assert_eq!(scan(db.path()).code(), 4);
}

#[test]
fn another_layout_and_a_swapped_file_are_named() {
    let (db, mut bytes, _) = index();
    fs::write(db.path().join("PyPI.index"), &bytes).expect("written");
    let verify = Overdue::new(["db", "verify"]).env("OVERDUE_DB", db.path()).run();
    assert_eq!(verify.code(), 4);
    assert!(verify.text().contains("it is about crates.io, not PyPI"), "{}", verify.text());
    bytes[8] = 9;
    fs::write(db.path().join("crates.io.index"), &bytes).expect("written");
    let run = scan(db.path());
    assert_eq!(run.code(), 4);
    assert!(run.stderr().contains("layout 9"), "{}", run.text());
}

#[test]
fn without_the_file_the_snapshot_stands_in_and_says_so() {
    let (db, _, _) = index();
    fs::remove_file(db.path().join("crates.io.index")).expect("removed");
    let run = scan(db.path());
    assert_eq!(run.json()["advisory_data"][0]["origin"], "snapshot");
}

#[test]
fn a_damaged_index_wins_over_the_gate_and_a_missing_target_over_both() {
    let (db, bytes, _) = index();
    fs::write(db.path().join("crates.io.index"), &bytes[..bytes.len() / 2]).expect("written");
    assert_eq!(scan(db.path()).code(), 4);
    let run = Overdue::new(["scan", "osv/Cargo.lock", "missing"]).env("OVERDUE_DB", db.path()).in_folder(fixture("advisories")).run();
    assert_eq!(run.code(), 2, "{}", run.text());
}

/// 2,000 bytes all over an index of several shards, one changed at a time: what it then answers is an error or right.
#[test]
fn two_thousand_flips_change_no_answer() {
    use overdue::{
        advisory::{Index, Store, index::Origin, snapshot},
        model::Ecosystem,
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (manifest, texts) = crate::snapshot::manifest_and_texts();
    let mut facts = snapshot::facts(&manifest, &texts, folder.path()).expect("facts");
    let (store, crates) = (Store::new(folder.path()), Ecosystem::crates_io());
    store.replace(&mut facts, &crates, Origin::Import).expect("written");
    let sound = fs::read(folder.path().join("crates.io.index")).expect("an index");
    let expected = Index::from_bytes("sound", sound.clone().into()).expect("sound");
    let names = ["smallvec", "time", "chrono", "openssl", "no-such-crate", "tokio"];
    let ids = ["RUSTSEC-2020-0071", "RUSTSEC-2021-0003", "RUSTSEC-1999-0001"];
    let (mut refused, mut harmless) = (0, 0);
    for n in 0..2_000usize {
        // Spread evenly, and over all bits.
        let (place, bit) = (n * sound.len() / 2_000, n % 8);
        let mut bytes = sound.clone();
        bytes[place] ^= 1 << bit;
        let Ok(damaged) = Index::from_bytes("damaged", bytes.into()) else {
            refused += 1;
            continue;
        };
        assert!(damaged.verify().is_err(), "byte {place} is not found");
        let same_records =
            names.iter().all(|name| damaged.lookup(name, None).map_or(true, |found| found == expected.lookup(name, None).expect("sound")));
        let same_facts = ids.iter().all(|id| damaged.stated(id).map_or(true, |found| found == expected.stated(id).expect("sound")));
        assert!(same_records && same_facts, "byte {place} changed an answer");
        harmless += usize::from(names.iter().all(|name| damaged.lookup(name, None).is_ok()));
    }
    // Else the test would prove nothing: some are found at once, some only where they count.
    assert!(refused > 0 && harmless > 0 && refused + harmless < 2_000, "{refused} {harmless}");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(400))]
    #[test]
    fn no_damage_changes_an_answer(places in proptest::collection::vec((0usize..1_000_000, 1u8..=255), 1..4), cut in proptest::option::of(0usize..1_000_000)) {
        use overdue::{advisory::{Index, snapshot}, model::Ecosystem};
        // The embedded toolchain index: small, and of the codec that needs inflating.
        let sound = fs::read(crate::harness::repository().join("advisories-cache/rust-toolchain.index")).expect("the snapshot");
        let mut damaged = sound.clone();
        for (place, change) in places {
            let at = place % damaged.len();
            damaged[at] ^= change;
        }
        if let Some(cut) = cut {
            damaged.truncate(cut % damaged.len());
        }
        let expected = snapshot::embedded(&Ecosystem::rust_toolchain()).expect("sound").expect("there").records().expect("sound");
        let read = Index::from_bytes("damaged", damaged.clone().into()).and_then(|index| index.records());
        proptest::prop_assert!(damaged == sound || read.is_err() || read.is_ok_and(|records| records == expected));
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_damaged_and_does_not_fall_back() {
    let (db, _, _) = index();
    let file = db.path().join("crates.io.index");
    fs::remove_file(&file).expect("removed");
    std::os::unix::fs::symlink("nowhere", &file).expect("a link");
    assert_eq!(scan(db.path()).code(), 4);
    fs::remove_file(&file).expect("removed");
    fs::create_dir(&file).expect("a folder");
    assert_eq!(scan(db.path()).code(), 4);
}

#[test]
fn imports_and_scans_at_once_see_whole_indexes() {
    let (db, bytes, _) = index();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let import = Overdue::new(["db", "import", "osv"]).env("OVERDUE_DB", db.path()).in_folder(fixture("advisories")).run();
                    assert_eq!(import.code(), 0, "{}", import.text());
                }
            });
        }
        for _ in 0..20 {
            assert_eq!(scan(db.path()).code(), 1);
        }
    });
    assert_eq!(fs::read(db.path().join("crates.io.index")).expect("an index"), bytes);
    assert_eq!(fs::read_dir(db.path()).expect("the folder").count(), 1, "something was left beside the index");
}
