//! The snapshot of facts that the program carries, so that the first scan on a machine without a network works.
//!
//! The text in `advisories-cache/*.jsonl` is the truth; `*.index` is derived from it by `overdue db snapshot` and
//! embedded here. A test proves that the two agree.

use std::{borrow::Cow, collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use super::{
    Index, IndexError,
    collection::{Collection, Spooled},
    index::SourceInfo,
};
use crate::model::{Ecosystem, Timestamp};

/// The embedded indexes by ecosystem.
const EMBEDDED: &[(&str, &[u8])] = &[
    (Ecosystem::CRATES_IO, include_bytes!("../../advisories-cache/crates.io.index")),
    (Ecosystem::PYPI, include_bytes!("../../advisories-cache/PyPI.index")),
    (Ecosystem::RUST_TOOLCHAIN, include_bytes!("../../advisories-cache/rust-toolchain.index")),
];

/// Who publishes the data of an ecosystem, and under which licence; facts are not protected, courtesy is owed.
const LICENCES: &[(&str, &str, &str)] = &[
    (Ecosystem::CRATES_IO, "RustSec advisory database", "CC0-1.0 (GHSA texts that it imports, not held here: CC-BY-4.0)"),
    (Ecosystem::RUST_TOOLCHAIN, "RustSec advisory database", "CC0-1.0"),
    (Ecosystem::PYPI, "Python Packaging Advisory Database", "CC-BY-4.0"),
];

/// The embedded index of an ecosystem, or `None` where the snapshot has none.
///
/// # Errors
/// When the binary itself is damaged.
pub fn embedded(ecosystem: &Ecosystem) -> Result<Option<Index>, IndexError> {
    let found = EMBEDDED.iter().find(|(name, _)| *name == ecosystem.as_str());
    found.map(|(name, bytes)| Index::from_bytes(&format!("embedded snapshot of {name}"), Cow::Borrowed(bytes))).transpose()
}

/// The ecosystems of the snapshot.
pub fn ecosystems() -> impl Iterator<Item = Ecosystem> {
    EMBEDDED.iter().map(|(name, _)| Ecosystem::new(*name))
}

/// `advisories-cache/manifest.json`: what the snapshot is made of.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// One entry an ecosystem, by name.
    pub ecosystems: Vec<ManifestEntry>,
}

/// One ecosystem of a [`Manifest`].
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestEntry {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The facts text.
    pub facts: String,
    /// SHA-256 of the facts text.
    pub facts_sha256: String,
    /// The derived index.
    pub index: String,
    /// SHA-256 over the index's records.
    pub index_sha256: String,
    /// How many records the source holds.
    pub records: u64,
    /// How many of them were withdrawn.
    pub withdrawn: u64,
    /// When the newest of the data was published.
    pub data_date: Option<Timestamp>,
    /// What it was read from.
    pub sources: Vec<SourceInfo>,
    /// Who publishes it.
    pub publisher: String,
    /// Under which licence.
    pub licence: String,
}

impl ManifestEntry {
    /// The publisher and licence of an ecosystem's data.
    #[must_use]
    pub fn provenance(ecosystem: &Ecosystem) -> Option<(&'static str, &'static str)> {
        LICENCES.iter().find(|(name, ..)| *name == ecosystem.as_str()).map(|(_, publisher, licence)| (*publisher, *licence))
    }
}

/// The facts of a manifest and its texts (file name to content), as the derived index must hold them.
///
/// # Errors
/// Names the text that is missing or cannot be read.
pub fn facts(manifest: &Manifest, texts: &BTreeMap<String, String>, folder: &Path) -> Result<Collection, String> {
    let mut collection = Collection::new(folder);
    for entry in &manifest.ecosystems {
        let text = texts.get(&entry.facts).ok_or_else(|| format!("{} is missing", entry.facts))?;
        let advisories = super::facts::from_text(text).map_err(|error| format!("{}: {error}", entry.facts))?;
        let from = collection.len();
        let bounds = entry.data_date.unwrap_or(Timestamp::from_seconds(0));
        // Which of several sources a record came from is not in the text; the first stands for all.
        let mut numbers = Vec::new();
        for source in &entry.sources {
            numbers.push(collection.source(source.clone()).map_err(|error| error.to_string())?);
        }
        let number = *numbers.first().ok_or_else(|| format!("{} names no source", entry.ecosystem))?;
        for advisory in &advisories {
            let spooled = Spooled::new(advisory, bounds).map_err(|error| error.to_string())?;
            collection.add(spooled, number).map_err(|error| error.to_string())?;
        }
        let rows = from..collection.len();
        collection.assign(rows, std::slice::from_ref(&entry.ecosystem), None).map_err(|error| error.to_string())?;
        collection.date_sources(&entry.ecosystem, &numbers);
    }
    Ok(collection)
}
