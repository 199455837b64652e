//! The embedded snapshot: derived from the facts, and nothing but facts.

use std::{collections::BTreeMap, fs};

use overdue::advisory::{
    Index,
    build::{Use, build},
    index::{Origin, writer},
    snapshot::{self, Manifest},
};

use crate::harness::repository;

pub(crate) fn manifest_and_texts() -> (Manifest, BTreeMap<String, String>) {
    let folder = repository().join("advisories-cache");
    let manifest: Manifest = serde_json::from_str(&fs::read_to_string(folder.join("manifest.json")).expect("the manifest")).expect("JSON");
    let text = |name: &String| fs::read_to_string(folder.join(name)).expect("a facts text");
    let texts = manifest.ecosystems.iter().map(|entry| (entry.facts.clone(), text(&entry.facts))).collect();
    (manifest, texts)
}

#[test]
fn the_embedded_index_holds_exactly_the_facts() {
    let (manifest, texts) = manifest_and_texts();
    let folder = tempfile::tempdir().expect("a folder");
    let mut facts = snapshot::facts(&manifest, &texts, folder.path()).expect("facts");
    assert_eq!(manifest.ecosystems.len(), snapshot::ecosystems().count());
    for entry in &manifest.ecosystems {
        assert_eq!(writer::sha256(texts[&entry.facts].as_bytes()), entry.facts_sha256, "{}", entry.facts);
        let embedded = snapshot::embedded(&entry.ecosystem).expect("sound").expect("embedded");
        embedded.verify().expect("sound");
        let path = folder.path().join(&entry.index);
        let mut file = fs::File::create_new(&path).expect("a file");
        let origin = Origin::Snapshot;
        let built = build(&mut facts, &entry.ecosystem, origin, Use::Embedded, folder.path(), &mut file).expect("an index");
        assert!(built.refused.is_empty(), "{:?}", built.refused);
        let metadata = built.metadata;
        let derived = Index::open(&path).expect("sound").expect("there");
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
                    "id", "aliases", "upstream", "kind", "categories", "cwes", "cvss", "label", "published", "modified", "withdrawn",
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
