//! The folder of indexes, and what stands in where it has none.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    Index, IndexError,
    index::{Codec, Metadata, Record, writer},
    snapshot,
};
use crate::model::Ecosystem;

/// A folder of indexes, one file an ecosystem.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The store in this folder, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The data about an ecosystem: its index; else the embedded snapshot; else nothing.
    ///
    /// A damaged index is an error and never falls back: old answers must not pass for new ones.
    ///
    /// # Errors
    /// When the index is there and cannot be used.
    pub fn open(&self, ecosystem: &Ecosystem) -> Result<Option<Index>, IndexError> {
        let base = ecosystem.base();
        match Index::open(&self.file(&base))? {
            Some(index) if index.metadata().ecosystem != base => Err(IndexError::Damaged {
                path: index.path().to_owned(),
                cause: format!("it is about {}, not {base}", index.metadata().ecosystem),
            }),
            Some(index) => Ok(Some(index)),
            None => snapshot::embedded(&base),
        }
    }

    /// The ecosystems that have an index in the folder, sorted.
    ///
    /// # Errors
    /// When the folder is there and cannot be listed.
    pub fn ecosystems(&self) -> io::Result<Vec<Ecosystem>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            if let Some(ecosystem) = name.strip_suffix(".index").filter(|stem| !stem.starts_with('.')) {
                found.push(Ecosystem::new(ecosystem.replace("%20", " ")));
            }
        }
        found.sort();
        Ok(found)
    }

    /// Replaces the index of an ecosystem in one step.
    ///
    /// # Errors
    /// What the system says; the index that was there stays.
    pub fn replace(&self, metadata: Metadata, records: &[Record]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let path = self.file(&metadata.ecosystem);
        let bytes = writer::build(metadata, records, Codec::Plain)?;
        // What was built is read back whole before it takes the place of something that works.
        let check = Index::from_bytes("the new index", bytes.clone().into()).and_then(|index| index.records());
        let read_back = check.map_err(io::Error::other)?;
        if read_back.len() != records.len() {
            return Err(io::Error::other("the new index does not hold what was put into it"));
        }
        writer::replace(&path, &bytes)
    }

    fn file(&self, ecosystem: &Ecosystem) -> PathBuf {
        // An ecosystem's name comes from data: nothing in it may lead out of the folder.
        let name: String = ecosystem
            .as_str()
            .chars()
            .map(|c| match c {
                ' ' => "%20".to_owned(),
                c if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+') => c.to_string(),
                _ => "_".to_owned(),
            })
            .collect();
        self.folder.join(format!("{}.index", name.trim_start_matches('.')))
    }
}
