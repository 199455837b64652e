//! The advisories of one ecosystem: by package name for scans, and by id, as their sources state them, for
//! `explain` and for updates that build on what is there.

use std::{borrow::Cow, path::Path};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::model::Timestamp;

use super::{
    Metadata, Record, Stored,
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
    /// Records about packages.
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

    /// All records about the package of this (normalised) name: those of its release, and those that name none.
    ///
    /// # Errors
    /// When what the answer relies on is damaged.
    pub fn lookup(&self, name: &str, release: Option<&str>) -> Result<Vec<Record>, IndexError> {
        let mut records: Vec<Record> = self.list(BY_NAME, name)?;
        if let Some(release) = release {
            records.extend(self.list::<Record>(BY_NAME, &key(name, Some(release)))?);
        }
        Ok(records)
    }

    /// What the sources state under this very id.
    ///
    /// # Errors
    /// When what the answer relies on is damaged.
    pub fn stated(&self, id: &str) -> Result<Vec<Stored>, IndexError> {
        self.list(BY_ID, id)
    }

    /// Every record, in the order of the names' hashes.
    ///
    /// # Errors
    /// When anything in the table is damaged.
    pub fn records(&self) -> Result<Vec<Record>, IndexError> {
        let mut all = Vec::new();
        self.each(BY_NAME, &mut |_, _, records| all.extend(records))?;
        Ok(all)
    }

    /// Hands every record to `take`, without holding them all at once.
    ///
    /// # Errors
    /// When anything in the table is damaged.
    pub fn each_record(&self, take: &mut dyn FnMut(Record)) -> Result<(), IndexError> {
        self.each(BY_NAME, &mut |_, _, records: Vec<Record>| records.into_iter().for_each(&mut *take))
    }

    /// Hands all that the sources state to `take`, without holding it all at once.
    ///
    /// # Errors
    /// When anything in the table is damaged.
    pub fn each_stated(&self, take: &mut dyn FnMut(Stored)) -> Result<(), IndexError> {
        self.each(BY_ID, &mut |_, _, stated: Vec<Stored>| stated.into_iter().for_each(&mut *take))
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
        self.each(BY_NAME, &mut |key, value, records: Vec<Record>| {
            digest_entry(&mut digest, key, value);
            found.records += records.len() as u64;
        })?;
        self.each(BY_ID, &mut |key, value, stated: Vec<Stored>| {
            digest_entry(&mut digest, key, value);
            found.facts += stated.len() as u64;
        })?;
        if hex(&digest.finalize()) == self.metadata.sha256 {
            Ok(found)
        } else {
            Err(self.tables.damaged("its records are not those of its digest"))
        }
    }

    fn list<T: DeserializeOwned>(&self, table: usize, key: &str) -> Result<Vec<T>, IndexError> {
        self.tables.lookup(table, key, |bytes| self.decode(bytes))?.unwrap_or(Ok(Vec::new()))
    }

    fn each<T: DeserializeOwned>(&self, table: usize, take: &mut Visit<'_, T>) -> Result<(), IndexError> {
        for number in 0..self.tables.shards(table) {
            for (key, value) in self.tables.shard(table, number)?.by_hash() {
                take(key, value, self.decode(value)?);
            }
        }
        Ok(())
    }

    fn decode<T: DeserializeOwned>(&self, bytes: &[u8]) -> Result<Vec<T>, IndexError> {
        postcard::from_bytes(bytes).map_err(|_| self.tables.damaged("a record cannot be decoded"))
    }
}

/// What is done with each entry: its key, its value, and what that holds.
type Visit<'a, T> = dyn FnMut(&str, &[u8], Vec<T>) + 'a;

/// The key of a package: its name, and its release where there is one. No name has a NUL.
#[must_use]
pub fn key<'a>(name: &'a str, release: Option<&str>) -> Cow<'a, str> {
    release.map_or(Cow::Borrowed(name), |release| Cow::Owned(format!("{name}\0{release}")))
}
