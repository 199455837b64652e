//! What is said of CVEs, by feed: scores, known exploitation, its probability. One file each in the folder of the
//! indexes, in the same layout, replaced in one step. Looked up by CVE when a finding is told.

use std::{
    cmp::Reverse,
    collections::BTreeSet,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    IndexError,
    index::{
        Origin, SourceInfo,
        spill::Spill,
        tables::Tables,
        writer::{self, Packing, Table},
    },
};
use crate::{
    model::{AdvisoryId, CveFact, CveStatement, Timestamp},
    severity::{cvss::preference, score},
};

/// The feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Feed {
    /// CVSS vectors, of CVE records and NVD's feeds.
    #[serde(rename = "cve-scores")]
    Scores,
    /// CISA's catalogue of known exploited vulnerabilities.
    #[serde(rename = "known-exploited")]
    Exploited,
    /// FIRST's exploit prediction scores.
    #[serde(rename = "epss")]
    Epss,
}

impl Feed {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Scores, Self::Exploited, Self::Epss];

    /// The feed of a statement.
    #[must_use]
    pub fn of(statement: &CveStatement) -> Self {
        match statement {
            CveStatement::Vector(_) => Self::Scores,
            CveStatement::Exploited(_) => Self::Exploited,
            CveStatement::Epss(_) => Self::Epss,
        }
    }

    /// The name in reports and of its file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Scores => "cve-scores",
            Self::Exploited => "known-exploited",
            Self::Epss => "epss",
        }
    }

    /// Its file in the folder of the indexes.
    #[must_use]
    pub fn file(self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.feed", self.name()))
    }
}

/// What a feed says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedMetadata {
    /// Which it is.
    pub feed: Feed,
    /// How many CVEs it speaks of.
    pub cves: u64,
    /// When it was published: the release of the catalogue, the day of the scores, the day that an NVD feed was made,
    /// or the newest of the entries. CVE records say nothing that could be trusted here.
    pub data_date: Option<Timestamp>,
    /// How it came here.
    pub origin: Origin,
    /// What it was made of.
    pub sources: Vec<SourceInfo>,
    /// SHA-256 over its entries.
    pub sha256: String,
}

/// The facts of an import about CVEs.
#[derive(Debug, Default)]
pub struct CveFacts {
    facts: Vec<CveFact>,
    sources: BTreeSet<(Feed, SourceInfo)>,
    /// Entries that could not be used, as sentences.
    pub set_aside: Vec<String>,
}

impl CveFacts {
    /// Takes in what a source says.
    pub fn add(&mut self, facts: Vec<CveFact>, source: &SourceInfo) {
        for feed in Feed::ALL {
            if facts.iter().any(|fact| Feed::of(&fact.statement) == feed) {
                self.sources.insert((feed, source.clone()));
            }
        }
        self.facts.extend(facts);
    }

    /// Takes in what another import found.
    pub fn append(&mut self, other: Self) {
        self.facts.extend(other.facts);
        self.sources.extend(other.sources);
        self.set_aside.extend(other.set_aside);
    }

    /// When what there is for a feed was published. Dates after `now` are not believed.
    #[must_use]
    pub fn data_date(&self, feed: Feed, now: Timestamp) -> Option<Timestamp> {
        let entries = self.facts.iter().filter(|fact| Feed::of(&fact.statement) == feed).filter_map(|fact| match &fact.statement {
            CveStatement::Vector(_) => None,
            CveStatement::Exploited(entry) => Some(entry.added),
            CveStatement::Epss(estimate) => Some(estimate.date),
        });
        let released = self.sources.iter().filter(|(own, _)| *own == feed).filter_map(|(_, source)| source.data_date);
        entries.chain(released).filter(|date| *date <= now).max()
    }

    /// The feeds that there is something for.
    pub fn feeds(&self) -> impl Iterator<Item = Feed> {
        Feed::ALL.into_iter().filter(|feed| self.sources.iter().any(|(own, _)| own == feed))
    }

    /// How many CVEs a feed would speak of.
    #[must_use]
    pub fn cves(&self, feed: Feed) -> u64 {
        let ids: BTreeSet<&AdvisoryId> = self.facts.iter().filter(|fact| Feed::of(&fact.statement) == feed).map(|fact| &fact.id).collect();
        ids.len() as u64
    }

    /// Builds a feed's file and puts it in place of the one that is there. Dates after `now` are not believed.
    ///
    /// # Errors
    /// What the system says; the file that was there stays.
    pub fn replace(&self, feed: Feed, origin: Origin, now: Timestamp, folder: &Path) -> io::Result<FeedMetadata> {
        std::fs::create_dir_all(folder)?;
        let facts = || self.facts.iter().filter(|fact| Feed::of(&fact.statement) == feed);
        let metadata = FeedMetadata {
            feed,
            cves: self.cves(feed),
            data_date: self.data_date(feed, now),
            origin,
            sources: self.sources.iter().filter(|(own, _)| *own == feed).map(|(_, source)| source.clone()).collect(),
            sha256: String::new(),
        };
        let mut spill = Spill::new(folder);
        for fact in facts() {
            spill.push(&fact.id.0, &postcard::to_stdvec(&fact.statement).map_err(io::Error::other)?)?;
        }
        let encode = |sha256| postcard::to_stdvec(&FeedMetadata { sha256, ..metadata.clone() }).map_err(io::Error::other);
        let tables = [spill, Spill::new(folder)].map(|spill| Table { spill, packing: Packing::Quick, join: &writer::list });
        let write = |file: &mut File| writer::write(file, tables, &encode);
        let path = feed.file(folder);
        writer::replace(&path, write, |beside| {
            let written = OpenFeed::open(beside, feed).map_err(io::Error::other)?;
            written.iter().try_for_each(OpenFeed::verify).map_err(io::Error::other)
        })?;
        let written = OpenFeed::open(&path, feed).map_err(io::Error::other)?;
        written.map(|open| open.metadata).ok_or_else(|| io::Error::other("the feed vanished"))
    }
}

/// A feed that is open for lookups.
pub struct OpenFeed {
    tables: Tables,
    /// What it says of itself.
    pub metadata: FeedMetadata,
}

impl OpenFeed {
    /// Opens a feed, or answers `None` where there is no file.
    ///
    /// # Errors
    /// When it is damaged, or another feed than its name says.
    pub fn open(path: &Path, feed: Feed) -> Result<Option<Self>, IndexError> {
        let Some(tables) = Tables::open(path)? else { return Ok(None) };
        let metadata: FeedMetadata =
            postcard::from_bytes(tables.metadata()).map_err(|_| tables.damaged("its metadata cannot be decoded"))?;
        if metadata.feed != feed {
            return Err(tables.damaged(&format!("it is {}, not {}", metadata.feed.name(), feed.name())));
        }
        Ok(Some(Self { tables, metadata }))
    }

    /// Reads everything.
    ///
    /// # Errors
    /// When anything is damaged.
    pub fn verify(&self) -> Result<(), IndexError> {
        for shard in 0..self.tables.shards(0) {
            for (_, value) in self.tables.shard(0, shard)?.by_hash() {
                self.decode(value)?;
            }
        }
        (0..self.tables.shards(1)).try_for_each(|shard| self.tables.shard(1, shard).map(drop))
    }

    fn about(&self, id: &AdvisoryId) -> Result<Vec<CveStatement>, IndexError> {
        self.tables.lookup(0, &id.0)?.map_or(Ok(Vec::new()), |value| self.decode(&value))
    }

    fn decode(&self, bytes: &[u8]) -> Result<Vec<CveStatement>, IndexError> {
        postcard::from_bytes(bytes).map_err(|_| self.tables.damaged("an entry cannot be decoded"))
    }
}

/// The feeds that are there.
#[derive(Default)]
pub struct Feeds {
    open: Vec<OpenFeed>,
}

impl Feeds {
    /// Opens what is in a folder.
    ///
    /// # Errors
    /// When one is damaged: it might have said that a finding is critical.
    pub fn open(folder: &Path) -> Result<Self, IndexError> {
        let mut open = Vec::new();
        for feed in Feed::ALL {
            open.extend(OpenFeed::open(&feed.file(folder), feed)?);
        }
        Ok(Self { open })
    }

    /// The open feeds.
    #[must_use]
    pub fn all(&self) -> &[OpenFeed] {
        &self.open
    }

    /// All that is said of a CVE, in the order of the feeds.
    ///
    /// # Errors
    /// When what the answer relies on is damaged.
    pub fn about(&self, id: &AdvisoryId) -> Result<Vec<CveStatement>, IndexError> {
        let mut all = Vec::new();
        for feed in &self.open {
            all.extend(feed.about(id)?);
        }
        Ok(all)
    }
}

/// The vector that counts among those that are stated, with its score: of the newest version; where several providers
/// disagree, the gravest.
#[must_use]
pub fn best_vector(statements: &[CveStatement]) -> Option<(u8, &str)> {
    let vectors = statements.iter().filter_map(|statement| match statement {
        CveStatement::Vector(vector) => Some(vector.vector.as_str()),
        CveStatement::Exploited(_) | CveStatement::Epss(_) => None,
    });
    let scored = vectors.filter_map(|vector| Some((score(vector).ok()?, vector)));
    scored.min_by_key(|(tenths, vector)| (preference(vector), Reverse(*tenths), *vector))
}
