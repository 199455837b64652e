//! `overdue db`: import, status, verify, snapshot.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{
    Exit,
    args::{DbCommand, StatusFormat},
    environment,
    exit::Failure,
    output::{print, tell},
};
use crate::{
    advisory::{
        Index, Metadata, Record, Store, facts,
        import::{self, Facts},
        index::{Codec, Origin, writer},
        snapshot::{self, Manifest, ManifestEntry},
    },
    model::{Ecosystem, Timestamp},
    report::{
        columns::{FIXED, Layout},
        phrases,
    },
};

/// Set-aside records and warnings that are printed one by one.
const NAMED: usize = 20;

/// Runs a `db` command.
///
/// # Errors
/// What ends it.
pub fn run(command: &DbCommand, store: &Store) -> Result<Exit, Failure> {
    match command {
        DbCommand::Import { paths, ecosystem } => import(paths, ecosystem, store),
        DbCommand::Status { format } => status(*format, store),
        DbCommand::Verify => verify(store),
        DbCommand::Snapshot { paths, out, as_of } => write_snapshot(paths, out, as_of.unwrap_or_else(environment::now)),
    }
}

fn import(paths: &[PathBuf], only: &[String], store: &Store) -> Result<Exit, Failure> {
    let facts = import::collect(paths, environment::now())?;
    let (mut built, refused) = import::records(&facts, Origin::Import);
    if let Some(absent) = only.iter().find(|name| !built.iter().any(|(metadata, _)| metadata.ecosystem.as_str() == **name)) {
        let there: Vec<&str> = built.iter().map(|(metadata, _)| metadata.ecosystem.as_str()).collect();
        return Err(Failure::usage(format!("no record is about {absent}; there are records about {}", there.join(", "))));
    }
    built.retain(|(metadata, _)| only.is_empty() || only.iter().any(|name| name == metadata.ecosystem.as_str()));
    for (metadata, records) in built {
        let path = store.folder().to_owned();
        warn_of_shrinking(&metadata, store);
        let line = format!("{}\n", phrases::safe(&summary(&metadata)));
        store
            .replace(metadata, &records)
            .map_err(|error| Failure::usage(format!("cannot write the index to {}: {error}", path.display())))?;
        print(line.as_bytes())?;
    }
    report_oddities(&facts, &refused);
    Ok(Exit::Success)
}

/// Replacing much by little is seldom meant: a folder about one ecosystem may hold a stray record about another.
fn warn_of_shrinking(new: &Metadata, store: &Store) {
    let old = store.open(&new.ecosystem).ok().flatten().map_or(0, |index| index.metadata().records);
    if new.records * 2 < old {
        let ecosystem = &new.ecosystem;
        let text = format!(
            "{ecosystem}: {} in place of the {old} that were there; --ecosystem limits an import",
            phrases::count(new.records, "record")
        );
        tell(&format!("warning: {}", phrases::safe(&text)));
    }
}

fn summary(metadata: &Metadata) -> String {
    let date = metadata.data_date.map_or("undated".to_owned(), |date| format!("as of {}", date.date()));
    let aside = metadata.set_aside.len();
    let aside = if aside == 0 { String::new() } else { format!(", {aside} set aside") };
    format!("{}: {}, {} withdrawn{aside}, {date}", metadata.ecosystem, phrases::count(metadata.records, "record"), metadata.withdrawn)
}

/// Names what was not used, on stderr.
fn report_oddities(facts: &Facts, refused: &[String]) {
    let mut lines: Vec<String> =
        facts.ecosystems.values().flat_map(|e| &e.set_aside).map(|bad| format!("set aside {}: {}", bad.path, bad.cause)).collect();
    lines.sort();
    lines.dedup();
    lines.extend(refused.iter().map(|text| format!("not graded by {text}")));
    lines.extend(facts.warnings.iter().cloned());
    for line in lines.iter().take(NAMED) {
        tell(&format!("warning: {}", phrases::safe(line)));
    }
    if lines.len() > NAMED {
        tell(&format!("warning: and {} more of the like", lines.len() - NAMED));
    }
}

#[derive(Serialize)]
struct StatusJson<'a> {
    folder: String,
    ecosystems: Vec<StatusEntryJson<'a>>,
}

#[derive(Serialize)]
struct StatusEntryJson<'a> {
    #[serde(flatten)]
    metadata: &'a Metadata,
    age_days: Option<i64>,
}

fn status(format: StatusFormat, store: &Store) -> Result<Exit, Failure> {
    let now = environment::now();
    let all = metadata(store)?;
    let age = |m: &Metadata| m.data_date.map(|date| (now.seconds() - date.seconds()).max(0) / crate::model::timestamp::DAY);
    if format == StatusFormat::Json {
        let ecosystems = all.iter().map(|metadata| StatusEntryJson { metadata, age_days: age(metadata) }).collect();
        let status = StatusJson { folder: store.folder().display().to_string(), ecosystems };
        let text = serde_json::to_string_pretty(&status).map_err(|error| Failure::usage(error.to_string()))?;
        return print(format!("{text}\n").as_bytes()).map(|()| Exit::Success);
    }
    print(status_table(&all, now, store.folder()).as_bytes())?;
    Ok(Exit::Success)
}

fn status_table(all: &[Metadata], now: Timestamp, folder: &Path) -> String {
    let mut rows =
        vec![["ecosystem", "records", "withdrawn", "set aside", "as of", "age", "origin", "sha256", "sources"].map(str::to_owned).to_vec()];
    rows.extend(all.iter().map(|m| {
        let age = m.data_date.map_or("unknown".to_owned(), |date| phrases::duration(now.seconds() - date.seconds()));
        let sources: Vec<String> = m.sources.iter().map(|s| format!("{} {}", s.format, s.name)).collect();
        vec![
            m.ecosystem.to_string(),
            m.records.to_string(),
            m.withdrawn.to_string(),
            m.set_aside.len().to_string(),
            m.data_date.map_or("-".to_owned(), Timestamp::date),
            age,
            m.origin.as_str().to_owned(),
            m.sha256.chars().take(12).collect(),
            phrases::safe(&sources.join(", ")),
        ]
    }));
    let columns = vec![FIXED; rows[0].len()];
    let mut text = Layout::fit(&columns, &rows, None).lines(&rows).join("\n");
    text.push_str(&format!("\n\nindexes in {}\n", folder.display()));
    let set_aside: BTreeSet<_> = all.iter().flat_map(|m| &m.set_aside).collect();
    for bad in set_aside {
        text.push_str(&phrases::safe(&format!("set aside: {}: {}", bad.path, bad.cause)));
        text.push('\n');
    }
    text
}

/// What is said of every ecosystem that there is data about: indexes, and the snapshot where there is none.
fn metadata(store: &Store) -> Result<Vec<Metadata>, Failure> {
    let mut names = listed(store)?;
    names.extend(snapshot::ecosystems());
    names.sort();
    names.dedup();
    let mut all = Vec::new();
    for name in names {
        all.extend(store.open(&name)?.map(|index| index.metadata().clone()));
    }
    Ok(all)
}

fn listed(store: &Store) -> Result<Vec<Ecosystem>, Failure> {
    store.ecosystems().map_err(|error| Failure::usage(format!("cannot list {}: {error}", store.folder().display())))
}

fn verify(store: &Store) -> Result<Exit, Failure> {
    let names = listed(store)?;
    let mut text = String::new();
    let mut damaged = None;
    for name in &names {
        match store.open(name).and_then(|index| index.map(|index| checked(&index)).transpose()) {
            Ok(Some(records)) => text.push_str(&format!("{name}: sound, {}\n", phrases::count(records, "record"))),
            Ok(None) => {}
            Err(error) => {
                text.push_str(&format!("{name}: {error}\n"));
                damaged = Some(Failure::from(error));
            }
        }
    }
    if names.is_empty() {
        text.push_str("there is no index to verify; the built-in snapshot is in use\n");
    }
    print(text.as_bytes())?;
    damaged.map_or(Ok(Exit::Success), Err)
}

/// Reads every record and compares the digest.
fn checked(index: &Index) -> Result<u64, crate::advisory::IndexError> {
    let records = index.records()?;
    index.verify_digest(&records)?;
    Ok(records.len() as u64)
}

fn write_snapshot(paths: &[PathBuf], out: &Path, as_of: Timestamp) -> Result<Exit, Failure> {
    let facts = import::collect(paths, as_of)?;
    let mut manifest = Manifest { ecosystems: Vec::new() };
    let mut texts = BTreeMap::new();
    for (ecosystem, collected) in &facts.ecosystems {
        // Only what we may pass on, and say whose it is.
        let Some((publisher, licence)) = ManifestEntry::provenance(ecosystem) else { continue };
        let text = facts::to_text(&collected.advisories).map_err(|error| Failure::usage(error.to_string()))?;
        manifest.ecosystems.push(ManifestEntry {
            ecosystem: ecosystem.clone(),
            facts: format!("{ecosystem}.jsonl"),
            facts_sha256: writer::sha256(text.as_bytes()),
            index: format!("{ecosystem}.index"),
            index_sha256: String::new(),
            records: 0,
            withdrawn: 0,
            data_date: collected.data_date,
            sources: collected.sources.iter().cloned().collect(),
            publisher: publisher.to_owned(),
            licence: licence.to_owned(),
        });
        texts.insert(format!("{ecosystem}.jsonl"), text);
    }
    let from_text = snapshot::facts(&manifest, &texts).map_err(Failure::usage)?;
    let (built, refused) = import::records(&from_text, Origin::Snapshot);
    fs::create_dir_all(out).map_err(|error| unwritable(out, &error))?;
    for (entry, (metadata, records)) in manifest.ecosystems.iter_mut().zip(&built) {
        embed(out, entry, metadata, records)?;
        print(format!("{}\n", summary(metadata)).as_bytes())?;
    }
    for (name, text) in &texts {
        write(&out.join(name), text.as_bytes())?;
    }
    let text = serde_json::to_string_pretty(&manifest).map_err(|error| Failure::usage(error.to_string()))?;
    write(&out.join("manifest.json"), format!("{text}\n").as_bytes())?;
    report_oddities(&facts, &refused);
    Ok(Exit::Success)
}

/// Writes the derived index of one ecosystem, and completes its manifest entry.
fn embed(out: &Path, entry: &mut ManifestEntry, metadata: &Metadata, records: &[Record]) -> Result<(), Failure> {
    let bytes = writer::build(metadata.clone(), records, Codec::Deflate).map_err(|error| Failure::usage(error.to_string()))?;
    let index = Index::from_bytes(&entry.index, bytes.clone().into())?;
    entry.index_sha256.clone_from(&index.metadata().sha256);
    entry.records = metadata.records;
    entry.withdrawn = metadata.withdrawn;
    write(&out.join(&entry.index), &bytes)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    writer::replace(path, bytes).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot write {}: {error}", path.display()))
}
