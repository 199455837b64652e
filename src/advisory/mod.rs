//! Floor 2: advisory data. Formats in, the on-disk index, the embedded snapshot, what fetches from mirrors.
//!
//! A new format is one file here that implements [`AdvisorySource`], its line in [`SOURCES`], and a fixture.

pub mod build;
pub mod collection;
pub mod container;
pub mod cve;
pub mod epss;
pub mod facts;
pub mod feed;
pub mod grade;
pub mod group;
pub mod import;
pub mod index;
mod json;
pub mod kev;
pub mod nvd;
pub mod osv;
pub mod rustsec;
mod salvage;
pub mod snapshot;
mod spool;
pub mod store;
pub mod sync;
pub mod update;

pub use collection::Collection;
pub use index::{Index, IndexError, Metadata, Record};
pub use store::Store;

use crate::model::{Advisory, CveFact, Timestamp};

/// A format in which advisories, or facts about CVEs, are published.
///
/// A source receives a path and bytes and opens nothing itself, so the same one reads a folder, a zip and a tarball.
pub trait AdvisorySource: Sync {
    /// The format's name, as in `db status`; also the name of its folder under `fixtures/advisories/`.
    fn name(&self) -> &'static str;

    /// Whether a file of this path (with `/` separators) may be a record of this format.
    fn recognises(&self, path: &str) -> bool;

    /// Reads one file.
    ///
    /// # Errors
    /// A sentence that says why it is of another format, or why it is set aside.
    fn read(&self, path: &str, bytes: &[u8]) -> Result<Contents, String>;
}

/// Every format that `db import` reads. A file is of the first that can read it.
pub const SOURCES: &[&dyn AdvisorySource] = &[&osv::Osv, &rustsec::RustSec, &cve::Cve, &nvd::Nvd, &kev::Kev, &epss::Epss];

/// What one file of a source holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Contents {
    /// An advisory.
    Advisory(Box<SourceRecord>),
    /// What is said of CVEs.
    Cves(SourceCves),
}

/// What a source says of CVEs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceCves {
    /// The statements.
    pub facts: Vec<CveFact>,
    /// The entries that could not be used, as sentences.
    pub bad: Vec<String>,
    /// When it was published, if it says so and that is one moment for all of it.
    pub dated: Option<Timestamp>,
}

/// An advisory as a source states it.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRecord {
    /// The record.
    pub advisory: Advisory,
    /// What was passed over in it and should be known, as sentences.
    pub warnings: Vec<String>,
    /// That an entry about some package is lost, as a sentence: the record is used, and counts among those set aside.
    pub partial: Option<String>,
}
