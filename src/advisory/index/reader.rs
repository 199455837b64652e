//! The advisories of one ecosystem: by package name for scans, and by id, as their sources state them, for
//! `explain` and for updates that build on what is there.

use std::{borrow::Cow, path::Path};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::model::Timestamp;

use super::{
    Metadata, Record, Stored,
    entry::{self, Entries, Listings, TakeAffected, key, release_key},
    format::IndexError,
    tables::Tables,
    writer::{digest_entry, hex},
};

/// The table of records by package.
pub(super) const BY_NAME: usize = 0;
/// The table of facts by id.
pub(super) const BY_ID: usize = 1;

/// An open index. Lookups may come from many threads.
pub struct Index {
    tables: Tables,
    metadata: Metadata,
}

/// What an index was found to hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Entries about packages: one a record and package that it is about, of those in force.
    pub records: u64,
    /// Facts as sources state them.
    pub facts: u64,
}

impl Index {
    /// Opens the index at `path`, or answers `None` where there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged in its head or rows, or is of another layout.
    pub fn open(path: &Path) -> Result<Option<Self>, IndexError> {
        Tables::open(path)?.map(Self::new).transpose()
    }

    /// Opens an index in memory; `name` stands for its path in errors.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn from_bytes(name: &str, bytes: Cow<'static, [u8]>) -> Result<Self, IndexError> {
        Self::new(Tables::from_bytes(name, bytes)?)
    }

    fn new(tables: Tables) -> Result<Self, IndexError> {
        let metadata = postcard::from_bytes(tables.metadata()).map_err(|_| tables.damaged("its metadata cannot be decoded"))?;
        Ok(Self { tables, metadata })
    }

    /// What the index says of itself.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// When its sources were last asked for news: that is remembered beside the index.
    pub(in crate::advisory) fn set_checked_at(&mut self, moment: Option<Timestamp>) {
        self.metadata.checked_at = moment;
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.tables.path()
    }

    /// What there is about the package of this (normalised) name: what names its release, and what names none.
    ///
    /// # Errors
    /// When what the answer relies on is damaged.
    pub fn candidates(&self, name: &str, release: Option<&str>) -> Result<Candidates<'_>, IndexError> {
        let mut found = Vec::new();
        for key in std::iter::once(key(name, None)).chain(release.map(|release| key(name, Some(release)))) {
            found.extend(self.tables.lookup(BY_NAME, &key)?.map(|value| Entries::new(&key, value)));
        }
        Ok(Candidates { index: self, found })
    }

    /// All records about the package of this (normalised) name: those of its release, and those that name none.
    ///
    /// # Errors
    /// When what the answer relies on is damaged.
    pub fn lookup(&self, name: &str, release: Option<&str>) -> Result<Vec<Record>, IndexError> {
        self.candidates(name, release)?.records()
    }

    /// Whether any record in force names this release of the ecosystem. Where none does, a miss says nothing of a package.
    ///
    /// # Errors
    /// When what the answer relies on is damaged.
    pub fn has_release(&self, release: &str) -> Result<bool, IndexError> {
        Ok(self.tables.lookup(BY_NAME, &release_key(release))?.is_some())
    }

    /// What the sources state under this very id.
    ///
    /// # Errors
    /// When what the answer relies on is damaged.
    pub fn stated(&self, id: &str) -> Result<Vec<Stored>, IndexError> {
        self.tables.lookup(BY_ID, id)?.map_or(Ok(Vec::new()), |value| self.decode(&value))
    }

    /// Every record, in the order of the names' hashes.
    ///
    /// # Errors
    /// When anything in the table is damaged.
    pub fn records(&self) -> Result<Vec<Record>, IndexError> {
        let mut all = Vec::new();
        self.each_record(&mut |record| all.push(record))?;
        Ok(all)
    }

    /// Hands every record to `take`, without holding them all at once.
    ///
    /// # Errors
    /// When anything in the table is damaged.
    pub fn each_record(&self, take: &mut dyn FnMut(Record)) -> Result<(), IndexError> {
        self.each(BY_NAME, &mut |key, value| {
            self.decoded(entry::records(key, value))?.into_iter().for_each(&mut *take);
            Ok(())
        })
    }

    /// Hands all that the sources state to `take`, without holding it all at once.
    ///
    /// # Errors
    /// When anything in the table is damaged.
    pub fn each_stated(&self, take: &mut dyn FnMut(Stored)) -> Result<(), IndexError> {
        self.each(BY_ID, &mut |_, value| {
            self.decode::<Stored>(value)?.into_iter().for_each(&mut *take);
            Ok(())
        })
    }

    /// Reads everything, and compares it with the checksums. Quicker than [`Index::verify`], and finds every accident.
    ///
    /// # Errors
    /// When anything is damaged.
    pub fn check(&self) -> Result<(), IndexError> {
        self.tables.check()
    }

    /// Reads everything, and compares it with the digest in the metadata.
    ///
    /// # Errors
    /// When anything is damaged.
    pub fn verify(&self) -> Result<Verified, IndexError> {
        let mut digest = Sha256::new();
        let mut found = Verified::default();
        self.each(BY_NAME, &mut |key, value| {
            digest_entry(&mut digest, key, value);
            found.records += self.decoded(entry::records(key, value))?.len() as u64;
            Ok(())
        })?;
        self.each(BY_ID, &mut |key, value| {
            digest_entry(&mut digest, key, value);
            found.facts += self.decode::<Stored>(value)?.len() as u64;
            Ok(())
        })?;
        if hex(&digest.finalize()) == self.metadata.sha256 {
            Ok(found)
        } else {
            Err(self.tables.damaged("its records are not those of its digest"))
        }
    }

    fn each(&self, table: usize, take: &mut Visit<'_>) -> Result<(), IndexError> {
        for number in 0..self.tables.shards(table) {
            self.tables.shard(table, number)?.by_hash().into_iter().try_for_each(|(key, value)| take(key, value))?;
        }
        Ok(())
    }

    fn decode<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<Vec<T>, IndexError> {
        self.decoded(postcard::from_bytes(bytes))
    }

    fn decoded<T>(&self, result: Result<T, postcard::Error>) -> Result<T, IndexError> {
        result.map_err(|_| self.tables.damaged("a record cannot be decoded"))
    }
}

/// What is done with each entry: its key and its value.
type Visit<'a> = dyn FnMut(&str, &[u8]) -> Result<(), IndexError> + 'a;

/// What an index holds about one package: verified, and decoded as far as is asked.
pub struct Candidates<'i> {
    index: &'i Index,
    found: Vec<Entries>,
}

impl Candidates<'_> {
    /// Hands to `take`, of each record, the ranges that it affects, and what tells whether it lists a version that
    /// `is_meant`.
    ///
    /// # Errors
    /// When an entry cannot be decoded.
    pub fn each_affected(&self, is_meant: &dyn Fn(&str) -> bool, take: &mut TakeAffected<'_>) -> Result<(), IndexError> {
        self.found.iter().try_for_each(|entries| self.index.decoded(entries.each_affected(is_meant, take)))
    }

    /// The records, with the versions that they list told once for all of them.
    ///
    /// # Errors
    /// When one cannot be decoded.
    pub fn listings(&self) -> Result<Listings, IndexError> {
        let mut listings = Listings::default();
        self.found.iter().try_for_each(|entries| self.index.decoded(entries.extend(&mut listings)))?;
        Ok(listings)
    }

    /// The records.
    ///
    /// # Errors
    /// When one cannot be decoded.
    pub fn records(&self) -> Result<Vec<Record>, IndexError> {
        let mut all = Vec::new();
        for entries in &self.found {
            all.extend(self.index.decoded(entries.records())?);
        }
        Ok(all)
    }
}
