//! What the index holds: records as import has worked them out, and metadata about the whole.

use serde::{Deserialize, Serialize};

use crate::model::{Advisory, AdvisoryId, Ecosystem, Grade, Kind, Range, Timestamp, VersionList};

/// An advisory about one package, with what import worked out: the alias group and the grade.
///
/// Serialized it is without what stands beside it in the index: see [`super::entry`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The record's own id.
    pub id: AdvisoryId,
    /// The ids of its alias group in order of preference, of which a group of any sense has less than a hundred.
    pub group: Vec<AdvisoryId>,
    /// Its own aliases, also those that the group could not take in.
    pub aliases: Vec<AdvisoryId>,
    /// What it was derived from.
    pub upstream: Vec<AdvisoryId>,
    /// What it warns of.
    pub kind: Kind,
    /// Its one-line summary, unless this is the embedded snapshot.
    pub summary: Option<String>,
    /// RustSec categories.
    pub categories: Vec<String>,
    /// Weaknesses.
    pub cwes: Vec<String>,
    /// Its grade with its source.
    pub grade: Grade,
    /// The earliest publication among the records of its alias group.
    pub published: Option<Timestamp>,
    /// The earliest modification among the records of its alias group.
    pub modified: Option<Timestamp>,
    /// The release of the ecosystem that it speaks of (`12` of `Debian:12`).
    #[serde(skip)]
    pub release: Option<String>,
    /// The package's name, normalised.
    #[serde(skip)]
    pub name: String,
    /// Affected version ranges.
    #[serde(skip)]
    pub ranges: Vec<Range>,
    /// Affected versions by name, in the order of their scheme.
    #[serde(skip)]
    pub versions: VersionList,
    /// Affected functions.
    pub functions: Vec<String>,
}

/// What a source states under an id, before anything was worked out. Several sources may state the same id; the one
/// that was modified last is in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The source, as an index into [`Metadata::sources`].
    pub source: u16,
    /// The facts; what they say of other ecosystems is left out.
    pub advisory: Advisory,
}

/// What an index says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The ecosystem, without a release.
    pub ecosystem: Ecosystem,
    /// How many records were read, withdrawn ones included.
    pub records: u64,
    /// How many of them were withdrawn and match nothing.
    pub withdrawn: u64,
    /// When the newest of the data was published; `None` when nothing in it is dated.
    pub data_date: Option<Timestamp>,
    /// When a source was last asked for news; `None` for an import.
    pub checked_at: Option<Timestamp>,
    /// How the data came here.
    pub origin: Origin,
    /// What it was made of.
    pub sources: Vec<SourceInfo>,
    /// SHA-256 over the records in their canonical form, as lower-case hexadecimal digits.
    pub sha256: String,
    /// Records that could not be used, by name; a great many are only counted.
    pub set_aside: Vec<SetAside>,
    /// How many records could not be used.
    pub set_aside_count: u64,
}

/// How an index's data came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Embedded in the program.
    Snapshot,
    /// By `db import`.
    Import,
    /// By `db update`.
    Update,
}

impl Origin {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Import => "import",
            Self::Update => "update",
        }
    }
}

/// One source of an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceInfo {
    /// The format: `osv`, `rustsec`.
    pub format: String,
    /// What was read: a file name, or `<ECOSYSTEM>/all.zip` in the export layout.
    pub name: String,
    /// SHA-256 of the archive, as lower-case hexadecimal digits; `None` for a folder, and where single records came in
    /// since.
    pub sha256: Option<String>,
    /// When the newest of its records about this ecosystem was published.
    pub data_date: Option<Timestamp>,
}

impl SourceInfo {
    /// Whether both are the same source, at one moment or another.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.format, &self.name) == (&other.format, &other.name)
    }
}

/// A record that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SetAside {
    /// The source, as an index into [`Metadata::sources`].
    #[serde(default)]
    pub source: u16,
    /// The file that it came in.
    pub path: String,
    /// Why.
    pub cause: String,
}
