//! `overdue db snapshot`: the facts that the program embeds, as text, and the indexes derived from it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::{
    Exit,
    db::{report_oddities, summary, unwritable},
    exit::Failure,
    output::print,
};
use crate::{
    advisory::{
        Collection, Index,
        build::{Built, Use, build},
        facts, import,
        index::{Origin, writer},
        snapshot::{self, Manifest, ManifestEntry},
    },
    model::Timestamp,
};

/// Writes the snapshot to a folder.
///
/// # Errors
/// When a source cannot be read or the folder cannot be written.
pub fn run(paths: &[PathBuf], out: &Path, as_of: Timestamp) -> Result<Exit, Failure> {
    fs::create_dir_all(out).map_err(|error| unwritable(out, &error))?;
    let mut collection = import::collect(paths, out, as_of)?.advisories;
    let (mut manifest, texts) = texts(&mut collection)?;
    // The indexes are made from the text, so that whoever has the text can make them.
    let mut from_text = snapshot::facts(&manifest, &texts, out).map_err(Failure::usage)?;
    let mut refused = BTreeSet::new();
    for entry in &mut manifest.ecosystems {
        let built = embed(out, entry, &mut from_text).map_err(|error| unwritable(&out.join(&entry.index), &error))?;
        print(format!("{}\n", summary(&built.metadata)).as_bytes())?;
        refused.extend(built.refused);
    }
    for (name, text) in &texts {
        write(&out.join(name), text.as_bytes())?;
    }
    let text = serde_json::to_string_pretty(&manifest).map_err(|error| Failure::usage(error.to_string()))?;
    write(&out.join("manifest.json"), format!("{text}\n").as_bytes())?;
    report_oddities(&collection, &refused);
    Ok(Exit::Success)
}

fn texts(collection: &mut Collection) -> Result<(Manifest, BTreeMap<String, String>), Failure> {
    let mut manifest = Manifest { ecosystems: Vec::new() };
    let mut texts = BTreeMap::new();
    for ecosystem in collection.ecosystems().cloned().collect::<Vec<_>>() {
        // Only what we may pass on, and say whose it is.
        let Some((publisher, licence)) = ManifestEntry::provenance(&ecosystem) else { continue };
        let advisories = collection.advisories(&ecosystem).map_err(|error| Failure::usage(error.to_string()))?;
        let text = facts::to_text(&advisories).map_err(|error| Failure::usage(error.to_string()))?;
        let (sources, _) = collection.sources_of(&ecosystem);
        manifest.ecosystems.push(ManifestEntry {
            ecosystem: ecosystem.clone(),
            facts: format!("{ecosystem}.jsonl"),
            facts_sha256: writer::sha256(text.as_bytes()),
            index: format!("{ecosystem}.index"),
            index_sha256: String::new(),
            records: 0,
            withdrawn: 0,
            data_date: sources.iter().filter_map(|source| source.data_date).max(),
            sources,
            publisher: publisher.to_owned(),
            licence: licence.to_owned(),
        });
        texts.insert(format!("{ecosystem}.jsonl"), text);
    }
    Ok((manifest, texts))
}

/// Writes the derived index of one ecosystem, and completes its manifest entry.
fn embed(out: &Path, entry: &mut ManifestEntry, collection: &mut Collection) -> io::Result<Built> {
    let path = out.join(&entry.index);
    let mut built = None;
    let origin = Origin::Snapshot;
    let write = |file: &mut File| {
        built = Some(build(collection, &entry.ecosystem, origin, Use::Embedded, out, file)?);
        Ok(())
    };
    writer::replace(&path, write, |_| Ok(()))?;
    let index = Index::open(&path).map_err(io::Error::other)?.ok_or_else(|| io::Error::other("the index vanished"))?;
    index.verify().map_err(io::Error::other)?;
    entry.index_sha256.clone_from(&index.metadata().sha256);
    entry.records = index.metadata().records;
    entry.withdrawn = index.metadata().withdrawn;
    built.ok_or_else(|| io::Error::other("nothing was built"))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    writer::replace_bytes(path, bytes).map_err(|error| unwritable(path, &error))
}
