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
    AdvisorySource, Contents, SOURCES, SourceCves, SourceRecord,
    collection::{Collection, Spooled, stem},
    container::{self, Container, ContainerError, ContainerKind},
    feed::{CveFacts, Feed},
    index::{SetAside, SourceInfo, writer::hex},
    osv::Osv,
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
    /// Much of what was found could not be read.
    #[error("{bad} of {total} records of {} cannot be read, the first of them {first}", path.display())]
    Unreadable {
        /// The archive or folder.
        path: PathBuf,
        /// Records that cannot be read.
        bad: u64,
        /// All of them.
        total: u64,
        /// The first, with the cause.
        first: String,
    },
    /// What was read cannot be kept.
    #[error("cannot keep what was read: {0}")]
    Spool(#[from] io::Error),
}

/// What an import found.
pub struct Collected {
    /// Advisories, by ecosystem.
    pub advisories: Collection,
    /// What is said of CVEs.
    pub cves: CveFacts,
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
pub fn collect(paths: &[PathBuf], folder: &Path, now: Timestamp) -> Result<Collected, ImportError> {
    let mut cves = CveFacts::default();
    let mut collection = Collection::new(folder);
    let mut unplaced = Unplaced::default();
    for path in paths {
        for container in container::discover(path)? {
            Reading::new(&container, now).run(&mut collection, &mut cves, &mut unplaced)?;
        }
    }
    let ecosystems: Vec<Ecosystem> = collection.ecosystems().cloned().collect();
    if ecosystems.is_empty() && cves.feeds().next().is_none() {
        let bad = unplaced.set_aside.first();
        let bad = bad.map_or("no record names a package".to_owned(), |bad| format!("{}: {}", bad.path, bad.cause));
        return Err(ImportError::Nothing { path: paths.first().cloned().unwrap_or_default(), cause: bad });
    }
    collection.set_aside(&unplaced.set_aside, unplaced.set_aside.len() as u64, &ecosystems);
    for row in unplaced.rows {
        collection.assign(row..row + 1, &ecosystems, None)?;
    }
    Ok(Collected { advisories: collection, cves })
}

/// Reads one container as one source of one ecosystem, as an update does: what of its records is about others is left.
///
/// # Errors
/// As [`collect`].
pub fn collect_one(container: &Container, collection: &mut Collection, now: Timestamp) -> Result<(), ImportError> {
    Reading::new(container, now).run(collection, &mut CveFacts::default(), &mut Unplaced::default())
}

/// Reads what containers say of CVEs, each of them something of this feed; what they say of packages is left.
///
/// # Errors
/// When one cannot be read, or says nothing of the feed.
pub fn read_cves(containers: &[Container], feed: Feed, folder: &Path, now: Timestamp) -> Result<CveFacts, ImportError> {
    let mut all = CveFacts::default();
    for container in containers {
        let (mut cves, mut unplaced) = (CveFacts::default(), Unplaced::default());
        Reading::new(container, now).run(&mut Collection::new(folder), &mut cves, &mut unplaced)?;
        if !cves.feeds().any(|own| own == feed) {
            let bad = unplaced.set_aside.first().map(|bad| bad.cause.clone());
            let cause = bad.unwrap_or_else(|| format!("it says nothing of {}", feed.name()));
            return Err(ImportError::Nothing { path: container.told(), cause });
        }
        all.append(cves);
    }
    Ok(all)
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
    speaks_of_cves: bool,
    set_aside: Vec<(String, String)>,
    set_aside_count: u64,
    /// The paths of all that were set aside.
    unreadable: Vec<String>,
}

/// What one file came to, or why it is set aside.
type ReadFile = Result<Read, String>;

enum Read {
    Advisory(Box<ReadAdvisory>),
    Cves(SourceCves, &'static str),
}

/// An advisory, ready for the spool.
pub(super) struct ReadAdvisory {
    pub(super) spooled: Spooled,
    format: &'static str,
    has_package: bool,
    /// Its date, where the source is published as one.
    whole: Option<Timestamp>,
    pub(super) warnings: Vec<String>,
    /// What of it is lost, so that it counts as set aside although the rest is used.
    pub(super) partial: Option<String>,
}

impl<'c> Reading<'c> {
    fn new(container: &'c Container, now: Timestamp) -> Self {
        Self {
            container,
            now,
            name: container.name.clone().unwrap_or_else(|| source_name(&container.path, container.scope.as_ref())),
            // A folder has no digest; a file that vanished meanwhile has none to name.
            sha256: container.sha256.clone().or_else(|| file_digest(&container.path).ok()),
            sources: BTreeMap::new(),
            whole: None,
            speaks_of_cves: false,
            set_aside: Vec::new(),
            set_aside_count: 0,
            unreadable: Vec::new(),
        }
    }

    fn run(mut self, collection: &mut Collection, cves: &mut CveFacts, unplaced: &mut Unplaced) -> Result<(), ImportError> {
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
                has_package |= matches!(&file, Ok(Read::Advisory(advisory)) if advisory.has_package);
                if failed.is_ok() {
                    failed = self.add(path, file, collection, cves);
                }
            }
        })?;
        failed?;
        collection.unreadable(&self.name, self.unreadable.iter().map(|path| stem(path)));
        let rows = from..collection.len();
        // A few bad records are a few bad records. Where more than one in ten is bad, what is good is not all there is.
        let total = rows.len() as u64 + self.set_aside_count;
        let counts = self.container.scope.is_some() || self.set_aside_count > FEW;
        if has_package && counts && self.set_aside_count * 10 > total {
            let first = self.set_aside.first().map_or_else(String::new, |(path, cause)| format!("{path}: {cause}"));
            return Err(ImportError::Unreadable { path: self.container.told(), bad: self.set_aside_count, total, first });
        }
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

    fn add(&mut self, path: String, file: ReadFile, collection: &mut Collection, cves: &mut CveFacts) -> io::Result<()> {
        match file {
            Ok(Read::Advisory(advisory)) => {
                let ReadAdvisory { spooled, format, whole, warnings, partial, .. } = *advisory;
                collection.warnings.extend(warnings);
                if let Some(cause) = partial {
                    self.note_bad(path, cause);
                }
                self.whole = self.whole.max(whole);
                let number = if let Some(number) = self.sources.get(format) {
                    *number
                } else {
                    let number = collection.source(self.info(format))?;
                    self.sources.insert(format, number);
                    number
                };
                collection.add(spooled, number)
            }
            Ok(Read::Cves(SourceCves { facts, bad, dated }, format)) => {
                self.speaks_of_cves = true;
                cves.set_aside.extend(bad.into_iter().map(|bad| format!("{path}: {bad}")));
                cves.add(facts, &SourceInfo { data_date: dated.filter(|date| *date <= self.now), ..self.info(format) });
                Ok(())
            }
            Err(cause) => {
                self.unreadable.push(path.clone());
                self.note_bad(path, cause);
                Ok(())
            }
        }
    }

    fn note_bad(&mut self, path: String, cause: String) {
        self.set_aside_count += 1;
        if self.set_aside.len() < NAMED {
            self.set_aside.push((path, cause));
        }
    }

    fn info(&self, format: &str) -> SourceInfo {
        SourceInfo { format: format.to_owned(), name: self.name.clone(), sha256: self.sha256.clone(), data_date: None }
    }

    fn set_aside(&self, source: u16) -> Vec<SetAside> {
        self.set_aside.iter().map(|(path, cause)| SetAside { source, path: path.clone(), cause: cause.clone() }).collect()
    }

    /// A container that says nothing about any package. A record that was named itself is one record, bad or without
    /// a package, if others are good.
    fn nothing(self, rows: std::ops::Range<usize>, collection: &mut Collection, unplaced: &mut Unplaced) -> Result<(), ImportError> {
        let is_single = matches!(self.container.kind, ContainerKind::File | ContainerKind::Gzip);
        if self.container.optional || is_single || self.speaks_of_cves {
            if !self.set_aside.is_empty() {
                let number = collection.source(self.info(Osv.name()))?;
                unplaced.set_aside.extend(self.set_aside(number));
            }
            unplaced.rows.extend(rows);
            return Ok(());
        }
        let cause = self.set_aside.first().map(|(path, cause)| format!("{path}: {cause}"));
        let cause = cause.unwrap_or_else(|| {
            "it holds no OSV record (*.json) and no RustSec advisory (crates/*/*.md) about a package, and nothing about CVEs".to_owned()
        });
        Err(ImportError::Nothing { path: self.container.told(), cause })
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

/// So many bad files in a folder may be anything, whatever their share.
const FEW: u64 = 10;
/// Bad records of a container that are named; the others are counted.
const NAMED: usize = 1_000;

fn read_file(path: &str, bytes: &[u8], now: Timestamp) -> ReadFile {
    let mut refused = None;
    for source in SOURCES.iter().filter(|source| source.recognises(path)) {
        match source.read(path, bytes) {
            Ok(Contents::Advisory(record)) => {
                return spooled(*record, source.name(), now).map(|advisory| Read::Advisory(Box::new(advisory)));
            }
            Ok(Contents::Cves(cves)) => return Ok(Read::Cves(cves, source.name())),
            // Whoever knows the format knows best what is wrong; else it was most likely meant for the first.
            Err(cause) if refused.as_ref().is_none_or(|first: &String| first.starts_with("not a") && !cause.starts_with("not a")) => {
                refused = Some(cause);
            }
            Err(_) => {}
        }
    }
    Err(refused.unwrap_or_else(|| "of no known format".to_owned()))
}

pub(super) fn spooled(record: SourceRecord, format: &'static str, now: Timestamp) -> Result<ReadAdvisory, String> {
    let SourceRecord { advisory, warnings, partial } = record;
    let warnings = warnings.into_iter().map(|warning| format!("{}: {warning}", advisory.id)).collect();
    let spooled = Spooled::new(&advisory, now).map_err(|error| error.to_string())?;
    let whole = spooled.date().filter(|_| format == RustSec.name());
    Ok(ReadAdvisory { spooled, format, has_package: !advisory.affected.is_empty(), whole, warnings, partial })
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
