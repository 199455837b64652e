//! The embedded snapshot: derived from the facts, and nothing but facts.

use std::{collections::BTreeMap, fs};

use overdue::advisory::{
    Index, import,
    index::{Codec, Origin, writer},
    snapshot::{self, Manifest},
};

use crate::harness::repository;

fn manifest_and_texts() -> (Manifest, BTreeMap<String, String>) {
    let folder = repository().join("advisories-cache");
    let manifest: Manifest = serde_json::from_str(&fs::read_to_string(folder.join("manifest.json")).expect("the manifest")).expect("JSON");
    let text = |name: &String| fs::read_to_string(folder.join(name)).expect("a facts text");
    let texts = manifest.ecosystems.iter().map(|entry| (entry.facts.clone(), text(&entry.facts))).collect();
    (manifest, texts)
}

#[test]
fn the_embedded_index_holds_exactly_the_facts() {
    let (manifest, texts) = manifest_and_texts();
    let facts = snapshot::facts(&manifest, &texts).expect("facts");
    let (built, refused) = import::records(&facts, Origin::Snapshot);
    assert_eq!(refused, Vec::<String>::new());
    assert_eq!(built.len(), snapshot::ecosystems().count());
    for ((metadata, records), entry) in built.into_iter().zip(&manifest.ecosystems) {
        assert_eq!(writer::sha256(texts[&entry.facts].as_bytes()), entry.facts_sha256, "{}", entry.facts);
        let embedded = snapshot::embedded(&metadata.ecosystem).expect("sound").expect("embedded");
        let bytes = writer::build(metadata.clone(), &records, Codec::Deflate).expect("an index");
        let derived = Index::from_bytes("derived", bytes.into()).expect("sound");
        assert_eq!(derived.metadata(), embedded.metadata(), "{}", metadata.ecosystem);
        assert_eq!(derived.records().expect("sound"), embedded.records().expect("sound"), "{}", metadata.ecosystem);
        assert_eq!(
            (entry.records, entry.withdrawn, &entry.index_sha256),
            (metadata.records, metadata.withdrawn, &embedded.metadata().sha256)
        );
        assert!(!entry.licence.is_empty() && !entry.publisher.is_empty());
    }
}

#[test]
fn the_snapshot_holds_no_prose() {
    let (_, texts) = manifest_and_texts();
    for (name, text) in &texts {
        let ids: Vec<&str> = text.lines().map(|line| line.split('"').nth(3).unwrap_or_default()).collect();
        assert!(ids.len() > 15, "{name}");
        for line in text.lines() {
            let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
            for key in record.as_object().expect("an object").keys() {
                let known = [
                    "id",
                    "aliases",
                    "upstream",
                    "kind",
                    "categories",
                    "cwes",
                    "cvss",
                    "label",
                    "published",
                    "modified",
                    "withdrawn",
                    "affected",
                ];
                assert!(known.contains(&key.as_str()), "{name}: {key}");
            }
            // No value has a blank in it, except in the paths of generic functions.
            let without_functions = line.split("\"functions\"").next().unwrap_or_default();
            assert!(!without_functions.contains(' '), "{name}: {line}");
        }
    }
}
