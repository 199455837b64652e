//! From named paths to facts per ecosystem, and from facts to index records.
//!
//! One bad record is set aside, by name; it never stops the rest.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::{Path, PathBuf},
};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{
    AdvisorySource, SOURCES, SourceRecord,
    collection::{Collection, Spooled},
    container::{self, Container, ContainerError, ContainerKind},
    index::{SetAside, SourceInfo, writer::hex},
    rustsec::RustSec,
};
use crate::model::{Ecosystem, Timestamp};

/// Why an import fails as a whole. The indexes that were there stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A path cannot be read, or an archive is broken.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// Nothing in a path could be used.
    #[error("no advisory in {}: {cause}", path.display())]
    Nothing {
        /// The path.
        path: PathBuf,
        /// What was seen instead.
        cause: String,
    },
    /// What was read cannot be kept.
    #[error("cannot keep what was read: {0}")]
    Spool(#[from] io::Error),
}

/// What of containers was not placed yet, until it is known which ecosystems there are.
#[derive(Default)]
struct Unplaced {
    set_aside: Vec<SetAside>,
    /// Records without a package.
    rows: Vec<usize>,
}

/// Reads all paths into a collection, whose spool is in `folder`. Of two records of one id the one that was modified
/// last wins.
///
/// `now` bounds the dates of the data: records with dates in the future exist, and must not make old data look fresh.
///
/// # Errors
/// When a path cannot be read or holds no usable record.
pub fn collect(paths: &[PathBuf], folder: &Path, now: Timestamp) -> Result<Collection, ImportError> {
    let mut collection = Collection::new(folder);
    let mut unplaced = Unplaced::default();
    for path in paths {
        for container in container::discover(path)? {
            Reading::new(&container, now).run(&mut collection, &mut unplaced)?;
        }
    }
    let ecosystems: Vec<Ecosystem> = collection.ecosystems().cloned().collect();
    if ecosystems.is_empty() {
        let bad = unplaced.set_aside.first();
        let bad = bad.map_or("no record names a package".to_owned(), |bad| format!("{}: {}", bad.path, bad.cause));
        return Err(ImportError::Nothing { path: paths.first().cloned().unwrap_or_default(), cause: bad });
    }
    collection.set_aside(&unplaced.set_aside, unplaced.set_aside.len() as u64, &ecosystems);
    for row in unplaced.rows {
        collection.assign(row..row + 1, &ecosystems, None)?;
    }
    Ok(collection)
}

/// Reads one container as one source of one ecosystem, as an update does: what of its records is about others is left.
///
/// # Errors
/// As [`collect`].
pub fn collect_one(container: &Container, collection: &mut Collection, now: Timestamp) -> Result<(), ImportError> {
    Reading::new(container, now).run(collection, &mut Unplaced::default())
}

fn wanted(path: &str) -> bool {
    SOURCES.iter().any(|source| source.recognises(path))
}

/// A container that is being read.
struct Reading<'c> {
    container: &'c Container,
    now: Timestamp,
    name: String,
    sha256: Option<String>,
    /// The collection's number of this container under each format.
    sources: BTreeMap<&'static str, u16>,
    /// The newest date of the RustSec database, which is published as one.
    whole: Option<Timestamp>,
    set_aside: Vec<(String, String)>,
    set_aside_count: u64,
}

/// What one file came to: its record with the name of its format, ready for the spool.
type ReadFile = Result<(Spooled, &'static str, bool, Option<Timestamp>, Vec<String>), String>;

impl<'c> Reading<'c> {
    fn new(container: &'c Container, now: Timestamp) -> Self {
        Self {
            container,
            now,
            name: container.name.clone().unwrap_or_else(|| source_name(&container.path, container.scope.as_ref())),
            // A folder has no digest; a file that vanished meanwhile has none to name.
            sha256: file_digest(&container.path).ok(),
            sources: BTreeMap::new(),
            whole: None,
            set_aside: Vec::new(),
            set_aside_count: 0,
        }
    }

    fn run(mut self, collection: &mut Collection, unplaced: &mut Unplaced) -> Result<(), ImportError> {
        let from = collection.len();
        let mut has_package = false;
        let mut failed = Ok(());
        let now = self.now;
        let dated = self.container.read(&wanted, &mut |entries| {
            let read = |entry: container::Entry| {
                let file = entry.bytes.and_then(|bytes| read_file(&entry.path, &bytes, now));
                (entry.path, file)
            };
            for (path, file) in entries.into_par_iter().map(read).collect::<Vec<(String, ReadFile)>>() {
                has_package |= file.as_ref().is_ok_and(|(_, _, has_package, ..)| *has_package);
                if failed.is_ok() {
                    failed = self.add(path, file, collection);
                }
            }
        })?;
        failed?;
        let rows = from..collection.len();
        if !has_package {
            return self.nothing(rows, collection, unplaced);
        }
        let ecosystems = self.ecosystems(&collection.named(rows.clone()));
        let dated = dated.filter(|date| *date <= now).max(self.whole);
        collection.assign(rows, &ecosystems, dated)?;
        let number = self.sources.values().next().copied().unwrap_or_default();
        collection.set_aside(&self.set_aside(number), self.set_aside_count, &ecosystems);
        Ok(())
    }

    fn add(&mut self, path: String, file: ReadFile, collection: &mut Collection) -> io::Result<()> {
        match file {
            Ok((spooled, format, _, whole, warnings)) => {
                collection.warnings.extend(warnings);
                self.whole = self.whole.max(whole);
                let number = match self.sources.get(format) {
                    Some(number) => *number,
                    None => {
                        let info =
                            SourceInfo { format: format.to_owned(), name: self.name.clone(), sha256: self.sha256.clone(), data_date: None };
                        let number = collection.source(info)?;
                        self.sources.insert(format, number);
                        number
                    }
                };
                collection.add(spooled, number)
            }
            Err(cause) => {
                self.set_aside_count += 1;
                if self.set_aside.len() < NAMED {
                    self.set_aside.push((path, cause));
                }
                Ok(())
            }
        }
    }

    fn set_aside(&self, source: u16) -> Vec<SetAside> {
        self.set_aside.iter().map(|(path, cause)| SetAside { source, path: path.clone(), cause: cause.clone() }).collect()
    }

    /// A container that says nothing about any package. A record that was named itself is one record, bad or without
    /// a package, if others are good.
    fn nothing(self, rows: std::ops::Range<usize>, collection: &mut Collection, unplaced: &mut Unplaced) -> Result<(), ImportError> {
        if self.container.optional || self.container.kind == ContainerKind::File {
            let info = SourceInfo { format: "osv".to_owned(), name: self.name.clone(), sha256: self.sha256.clone(), data_date: None };
            if !self.set_aside.is_empty() {
                let number = collection.source(info)?;
                unplaced.set_aside.extend(self.set_aside(number));
            }
            unplaced.rows.extend(rows);
            return Ok(());
        }
        let cause = self.set_aside.first().map(|(path, cause)| format!("{path}: {cause}"));
        let cause =
            cause.unwrap_or_else(|| "it holds no OSV record (*.json) and no RustSec advisory (crates/*/*.md) about a package".to_owned());
        Err(ImportError::Nothing { path: self.container.path.clone(), cause })
    }

    /// The ecosystems that this container is about: the one of its place in an export, if its records agree; else
    /// every one that a record names.
    fn ecosystems(&self, named: &[Ecosystem]) -> Vec<Ecosystem> {
        match &self.container.scope {
            Some(scope) if named.contains(scope) => vec![scope.clone()],
            _ => named.to_vec(),
        }
    }
}

/// Bad records of a container that are named; the others are counted.
const NAMED: usize = 1_000;

fn read_file(path: &str, bytes: &[u8], now: Timestamp) -> ReadFile {
    let source = SOURCES.iter().find(|source| source.recognises(path)).ok_or("of no known format")?;
    let SourceRecord { advisory, warnings } = source.read(path, bytes)?;
    let warnings = warnings.into_iter().map(|warning| format!("{}: {warning}", advisory.id)).collect();
    let spooled = Spooled::new(&advisory, now).map_err(|error| error.to_string())?;
    let whole = spooled.date().filter(|_| source.name() == RustSec.name());
    Ok((spooled, source.name(), !advisory.affected.is_empty(), whole, warnings))
}

/// A name that says the same on every machine: the file, with its ecosystem's folder in the export layout.
fn source_name(path: &Path, scope: Option<&Ecosystem>) -> String {
    match (scope, path.file_name()) {
        (Some(scope), _) => format!("{scope}/all.zip"),
        (None, Some(name)) => name.to_string_lossy().into_owned(),
        (None, None) => path.to_string_lossy().into_owned(),
    }
}

fn file_digest(path: &Path) -> io::Result<String> {
    struct Hasher(Sha256);
    impl io::Write for Hasher {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut hasher = Hasher(Sha256::new());
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(hex(&hasher.0.finalize()))
}
