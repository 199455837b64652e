//! From named paths to facts per ecosystem, and from facts to index records.
//!
//! One bad record is set aside, by name; it never stops the rest.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io,
    path::{Path, PathBuf},
};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{
    AdvisorySource, Metadata, Record, SOURCES, SourceRecord,
    container::{self, Container, ContainerError, ContainerKind},
    grade::Grades,
    group::alias_groups,
    index::{Origin, SetAside, SourceInfo, writer::hex},
    rustsec::RustSec,
};
use crate::model::{Advisory, AdvisoryId, Affected, Ecosystem, Kind, Timestamp};

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
}

/// The facts of an import.
#[derive(Debug, Default)]
pub struct Facts {
    /// By ecosystem, without releases.
    pub ecosystems: BTreeMap<Ecosystem, EcosystemFacts>,
    /// What was passed over and should be known, as sentences.
    pub warnings: Vec<String>,
    /// Bad records of containers that named no ecosystem, until it is known which ones there are.
    unplaced: Vec<SetAside>,
    /// Records without a package, of such containers.
    packageless: Vec<Advisory>,
}

/// The facts about one ecosystem.
#[derive(Debug, Default)]
pub struct EcosystemFacts {
    /// The records; each speaks of this ecosystem only.
    pub advisories: BTreeMap<AdvisoryId, Advisory>,
    /// What they were read from.
    pub sources: BTreeSet<SourceInfo>,
    /// When the newest of them was published.
    pub data_date: Option<Timestamp>,
    /// Records that could not be used.
    pub set_aside: Vec<SetAside>,
}

/// Reads all paths and merges them by id: of two records of one id the one that was modified last wins.
///
/// `now` bounds [`EcosystemFacts::data_date`]: records with dates in the future exist, and must not make old data
/// look fresh.
///
/// # Errors
/// When a path cannot be read or holds no usable record.
pub fn collect(paths: &[PathBuf], now: Timestamp) -> Result<Facts, ImportError> {
    let mut facts = Facts::default();
    for path in paths {
        for container in container::discover(path)? {
            read_container(&container, now, &mut facts)?;
        }
    }
    let (unplaced, packageless) = (std::mem::take(&mut facts.unplaced), std::mem::take(&mut facts.packageless));
    if facts.ecosystems.is_empty() {
        let bad = unplaced.first().map_or("no record names a package".to_owned(), |bad| format!("{}: {}", bad.path, bad.cause));
        return Err(ImportError::Nothing { path: paths.first().cloned().unwrap_or_default(), cause: bad });
    }
    for target in facts.ecosystems.values_mut() {
        target.set_aside.extend(unplaced.iter().cloned());
        target.set_aside.sort();
        for advisory in &packageless {
            insert_newest(&mut target.advisories, advisory.clone());
        }
    }
    Ok(facts)
}

fn wanted(path: &str) -> bool {
    SOURCES.iter().any(|source| source.recognises(path))
}

fn read_container(container: &Container, now: Timestamp, facts: &mut Facts) -> Result<(), ImportError> {
    let mut batch = Batch::new(container);
    let dated = container.read(&wanted, &mut |entries| {
        let read: Vec<(String, ReadRecord)> = entries
            .into_par_iter()
            .map(|entry| {
                let record = entry.bytes.and_then(|bytes| read_record(&entry.path, &bytes));
                (entry.path, record)
            })
            .collect();
        for (path, record) in read {
            match record {
                Ok((record, format)) => batch.add(record, format, &mut facts.warnings),
                Err(cause) => batch.set_aside.push(SetAside { path, cause }),
            }
        }
    })?;
    if !batch.advisories.iter().any(|advisory| !advisory.affected.is_empty()) {
        // A record that was named itself is one record, bad or without a package, if others are good.
        if container.optional || container.kind == ContainerKind::File {
            facts.unplaced.extend(batch.set_aside);
            facts.packageless.extend(batch.advisories);
            return Ok(());
        }
        let cause = batch.set_aside.first().map(|bad| format!("{}: {}", bad.path, bad.cause));
        let cause =
            cause.unwrap_or_else(|| "it holds no OSV record (*.json) and no RustSec advisory (crates/*/*.md) about a package".to_owned());
        return Err(ImportError::Nothing { path: container.path.clone(), cause });
    }
    batch.distribute(dated.filter(|t| *t <= now), now, facts);
    Ok(())
}

/// A record with the name of its format, or why it is set aside.
type ReadRecord = Result<(SourceRecord, &'static str), String>;

fn read_record(path: &str, bytes: &[u8]) -> ReadRecord {
    let source = SOURCES.iter().find(|source| source.recognises(path)).ok_or("of no known format")?;
    source.read(path, bytes).map(|record| (record, source.name()))
}

/// The records of one container.
struct Batch {
    scope: Option<Ecosystem>,
    name: String,
    sha256: Option<String>,
    formats: BTreeSet<&'static str>,
    advisories: Vec<Advisory>,
    set_aside: Vec<SetAside>,
}

impl Batch {
    fn new(container: &Container) -> Self {
        Self {
            scope: container.scope.clone(),
            name: source_name(&container.path, container.scope.as_ref()),
            // A folder has no digest; a file that vanished meanwhile has none to name.
            sha256: file_digest(&container.path).ok(),
            formats: BTreeSet::new(),
            advisories: Vec::new(),
            set_aside: Vec::new(),
        }
    }

    fn add(&mut self, record: SourceRecord, format: &'static str, warnings: &mut Vec<String>) {
        let SourceRecord { advisory, warnings: own } = record;
        warnings.extend(own.into_iter().map(|warning| format!("{}: {warning}", advisory.id)));
        self.formats.insert(format);
        self.advisories.push(advisory);
    }

    /// The ecosystems that this container is about: the one of its place in an export, if its records agree; else
    /// every one that a record names.
    fn ecosystems(&self) -> BTreeSet<Ecosystem> {
        let named: BTreeSet<Ecosystem> = self.advisories.iter().flat_map(|a| &a.affected).map(|a| a.ecosystem.base()).collect();
        match &self.scope {
            Some(scope) if named.contains(scope) => [scope.clone()].into(),
            _ => named,
        }
    }

    /// Gives each ecosystem its records. Those without a package go to all: they link and grade others.
    fn distribute(self, dated: Option<Timestamp>, now: Timestamp, facts: &mut Facts) {
        let date = |advisory: &Advisory| [advisory.modified, advisory.published].into_iter().flatten().filter(|t| *t <= now).max();
        // The RustSec database is published as one: its newest advisory dates both of its collections.
        let whole = self.advisories.iter().filter(|_| self.formats.contains(RustSec.name())).filter_map(date).max();
        let ecosystems = self.ecosystems();
        for ecosystem in &ecosystems {
            let target = facts.ecosystems.entry(ecosystem.clone()).or_default();
            target.data_date = target.data_date.max(dated).max(whole);
            target.set_aside.extend(self.set_aside.iter().cloned());
            target.set_aside.sort();
            let source = |format: &&str| SourceInfo { format: (*format).to_owned(), name: self.name.clone(), sha256: self.sha256.clone() };
            target.sources.extend(self.formats.iter().map(source));
        }
        for advisory in self.advisories {
            let bases: BTreeSet<Ecosystem> = advisory.affected.iter().map(|a| a.ecosystem.base()).collect();
            let newest = date(&advisory);
            for ecosystem in ecosystems.iter().filter(|e| bases.contains(e) || bases.is_empty() || ecosystems.len() == 1) {
                let target = facts.ecosystems.entry(ecosystem.clone()).or_default();
                target.data_date = target.data_date.max(newest);
                let mut own = advisory.clone();
                own.affected.retain(|a| a.ecosystem.base() == *ecosystem);
                insert_newest(&mut target.advisories, own);
            }
        }
    }
}

fn insert_newest(advisories: &mut BTreeMap<AdvisoryId, Advisory>, advisory: Advisory) {
    match advisories.get(&advisory.id) {
        Some(there) if there.modified >= advisory.modified => {}
        _ => drop(advisories.insert(advisory.id.clone(), advisory)),
    }
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

/// The index records of every ecosystem, with alias groups and grades worked out. Also answers with the CVSS vectors
/// that were refused, as sentences.
#[must_use]
pub fn records(facts: &Facts, origin: Origin) -> (Vec<(Metadata, Vec<Record>)>, Vec<String>) {
    let live = |advisory: &&Advisory| advisory.withdrawn.is_none();
    let grades = Grades::new(facts.ecosystems.values().flat_map(|e| e.advisories.values()).filter(live));
    let mut refused = BTreeSet::new();
    let built = facts
        .ecosystems
        .iter()
        .map(|(ecosystem, facts)| {
            let advisories: Vec<Advisory> = facts.advisories.values().filter(live).cloned().collect();
            let metadata = Metadata {
                ecosystem: ecosystem.clone(),
                records: facts.advisories.len() as u64,
                withdrawn: (facts.advisories.len() - advisories.len()) as u64,
                data_date: facts.data_date,
                checked_at: None,
                origin,
                sources: facts.sources.iter().cloned().collect(),
                sha256: String::new(),
                set_aside: facts.set_aside.clone(),
            };
            (metadata, ecosystem_records(&advisories, &grades, &mut refused))
        })
        .collect();
    (built, refused.into_iter().collect())
}

fn ecosystem_records(advisories: &[Advisory], grades: &Grades<'_>, refused: &mut BTreeSet<String>) -> Vec<Record> {
    let groups = alias_groups(advisories);
    let by_id: BTreeMap<&AdvisoryId, &Advisory> = advisories.iter().map(|a| (&a.id, a)).collect();
    let mut records = Vec::new();
    for (advisory, group) in advisories.iter().zip(groups) {
        let members = || group.iter().filter_map(|id| by_id.get(id));
        let published = members().filter_map(|a| a.published).min();
        let modified = members().filter_map(|a| a.modified).min();
        for affected in &advisory.affected {
            let (grade, bad) = grades.of(advisory, affected, &group);
            refused.extend(bad.iter().map(|bad| format!("{}: {bad}", advisory.id)));
            records.push(Record {
                id: advisory.id.clone(),
                group: group.clone(),
                aliases: advisory.aliases.clone(),
                upstream: advisory.upstream.clone(),
                kind: kind(advisory, affected),
                summary: advisory.summary.clone(),
                categories: together(&advisory.statement.categories, &affected.statement.categories),
                cwes: together(&advisory.statement.cwes, &affected.statement.cwes),
                grade,
                published,
                modified,
                release: affected.ecosystem.release().map(str::to_owned),
                name: affected.name.clone(),
                ranges: affected.ranges.clone(),
                versions: affected.versions.clone(),
                functions: affected.functions.clone(),
            });
        }
    }
    records
}

/// What a record warns of for one package: the package's own word counts, unless the whole record is about an attack.
fn kind(advisory: &Advisory, affected: &Affected) -> Kind {
    let whole = advisory.statement.kind;
    whole.filter(|kind| *kind == Kind::Malicious).or(affected.statement.kind).or(whole).unwrap_or_default()
}

fn together(a: &[String], b: &[String]) -> Vec<String> {
    a.iter().chain(b).cloned().collect::<BTreeSet<_>>().into_iter().collect()
}
