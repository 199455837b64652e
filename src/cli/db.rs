//! `overdue db`: import, status, verify.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{
    Exit,
    args::{DbCommand, StatusFormat},
    environment,
    exit::Failure,
    output::{print, tell},
    snapshot, update,
};
use crate::{
    advisory::{
        Collection, Metadata, Store,
        feed::{FeedMetadata, Feeds},
        import::{self, Collected},
        index::Origin,
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
pub fn run(command: &DbCommand, quiet: bool, store: &Store) -> Result<Exit, Failure> {
    match command {
        DbCommand::Import { paths, ecosystem } => import(paths, ecosystem, store),
        DbCommand::Update(args) => update::run(args, quiet, store),
        DbCommand::Status { format } => status(*format, store),
        DbCommand::Verify => verify(store),
        DbCommand::Snapshot { paths, out, as_of } => snapshot::run(paths, out, as_of.unwrap_or_else(environment::now)),
    }
}

fn import(paths: &[PathBuf], only: &[String], store: &Store) -> Result<Exit, Failure> {
    store.prepare().map_err(|error| unwritable(store.folder(), &error))?;
    let now = environment::now();
    let Collected { advisories: mut collection, cves } = import::collect(paths, store.folder(), now)?;
    let there: Vec<Ecosystem> = collection.ecosystems().cloned().collect();
    if let Some(absent) = only.iter().find(|name| !there.iter().any(|ecosystem| ecosystem.as_str() == **name)) {
        let there: Vec<&str> = there.iter().map(Ecosystem::as_str).collect();
        return Err(Failure::usage(format!("no record is about {absent}; there are records about {}", there.join(", "))));
    }
    let chosen: Vec<Ecosystem> =
        there.into_iter().filter(|ecosystem| only.is_empty() || only.iter().any(|name| name == ecosystem.as_str())).collect();
    collection.retain(&|ecosystem| chosen.contains(ecosystem));
    let mut refused = BTreeSet::new();
    for ecosystem in chosen {
        let old = records_of(&ecosystem, store);
        let origin = Origin::Import;
        let built = store.replace(&mut collection, &ecosystem, origin).map_err(|error| unwritable(store.folder(), &error))?;
        warn_of_shrinking(&built.metadata, old);
        print(format!("{}\n", phrases::safe(&summary(&built.metadata))).as_bytes())?;
        refused.extend(built.refused);
        collection.warnings.extend(built.rivals);
    }
    for feed in cves.feeds() {
        let built = cves.replace(feed, Origin::Import, now, store.folder()).map_err(|error| unwritable(store.folder(), &error))?;
        print(format!("{}\n", feed_summary(&built)).as_bytes())?;
    }
    report_oddities(&collection, &refused);
    tell_oddities(&cves.set_aside.iter().map(|bad| format!("set aside {bad}")).collect::<Vec<_>>());
    Ok(Exit::Success)
}

pub(super) fn feed_summary(metadata: &FeedMetadata) -> String {
    let date = metadata.data_date.map_or("undated".to_owned(), |date| format!("as of {}", date.date()));
    format!("{}: {}, {date}", metadata.feed.name(), phrases::count(metadata.cves, "CVE"))
}

fn records_of(ecosystem: &Ecosystem, store: &Store) -> u64 {
    store.open(ecosystem).ok().flatten().map_or(0, |index| index.metadata().records)
}

/// Replacing much by little is seldom meant: a folder about one ecosystem may hold a stray record about another.
fn warn_of_shrinking(new: &Metadata, old: u64) {
    if new.records * 2 < old {
        let ecosystem = &new.ecosystem;
        let text = format!(
            "{ecosystem}: {} in place of the {old} that were there; --ecosystem limits an import",
            phrases::count(new.records, "record")
        );
        tell(&format!("warning: {}", phrases::safe(&text)));
    }
}

pub(super) fn summary(metadata: &Metadata) -> String {
    let date = metadata.data_date.map_or("undated".to_owned(), |date| format!("as of {}", date.date()));
    let aside = metadata.set_aside_count;
    let aside = if aside == 0 { String::new() } else { format!(", {aside} set aside") };
    format!("{}: {}, {} withdrawn{aside}, {date}", metadata.ecosystem, phrases::count(metadata.records, "record"), metadata.withdrawn)
}

/// Names what was not used, on stderr.
pub(super) fn report_oddities(collection: &Collection, refused: &BTreeSet<String>) {
    let mut lines: Vec<String> =
        collection.all_set_aside().into_iter().map(|bad| format!("set aside {}: {}", bad.path, bad.cause)).collect();
    lines.dedup();
    lines.extend(refused.iter().map(|text| format!("not graded by {text}")));
    lines.extend(collection.warnings.iter().cloned());
    tell_oddities(&lines);
}

/// Names the first of these, and counts the others.
pub(super) fn tell_oddities(lines: &[String]) {
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
    feeds: Vec<&'a FeedMetadata>,
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
    let feeds = Feeds::open(store.folder())?;
    let feeds: Vec<&FeedMetadata> = feeds.all().iter().map(|feed| &feed.metadata).collect();
    let age = |m: &Metadata| m.data_date.map(|date| (now.seconds() - date.seconds()).max(0) / crate::model::timestamp::DAY);
    if format == StatusFormat::Json {
        let ecosystems = all.iter().map(|metadata| StatusEntryJson { metadata, age_days: age(metadata) }).collect();
        let status = StatusJson { folder: store.folder().display().to_string(), ecosystems, feeds };
        let text = serde_json::to_string_pretty(&status).map_err(|error| Failure::usage(error.to_string()))?;
        return print(format!("{text}\n").as_bytes()).map(|()| Exit::Success);
    }
    let mut text = status_table(&all, now, store.folder());
    for feed in feeds {
        text.push_str(&format!("{}\n", feed_summary(feed)));
    }
    print(text.as_bytes())?;
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
            m.set_aside_count.to_string(),
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
    let mut all = Vec::new();
    for name in at_hand(store)? {
        all.extend(store.open(&name)?.map(|index| index.metadata().clone()));
    }
    Ok(all)
}

/// The ecosystems that there is data about, sorted: those of the indexes, and those of the snapshot.
pub(super) fn at_hand(store: &Store) -> Result<Vec<Ecosystem>, Failure> {
    store.at_hand().map_err(|error| unlisted(store, &error))
}

pub(super) fn listed(store: &Store) -> Result<Vec<Ecosystem>, Failure> {
    store.ecosystems().map_err(|error| unlisted(store, &error))
}

fn unlisted(store: &Store, error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot list {}: {error}", store.folder().display()))
}

fn verify(store: &Store) -> Result<Exit, Failure> {
    let names = listed(store)?;
    let mut text = String::new();
    let mut damaged = None;
    for name in &names {
        match store.open(name).and_then(|index| index.map(|index| Ok((index.metadata().records, index.verify()?))).transpose()) {
            Ok(Some((records, found))) => {
                let (records, rows) = (phrases::count(records, "record"), phrases::count(found.records, "row"));
                text.push_str(&format!("{name}: sound, {records} in {rows} about packages\n"));
            }
            Ok(None) => {}
            Err(error) => {
                text.push_str(&format!("{name}: {error}\n"));
                damaged = Some(Failure::from(error));
            }
        }
    }
    match Feeds::open(store.folder()) {
        Ok(feeds) => {
            for feed in feeds.all() {
                match feed.verify() {
                    Ok(()) => {
                        text.push_str(&format!("{}: sound, {}\n", feed.metadata.feed.name(), phrases::count(feed.metadata.cves, "CVE")));
                    }
                    Err(error) => damaged = Some(Failure::from(error)),
                }
            }
        }
        Err(error) => damaged = Some(Failure::from(error)),
    }
    if names.is_empty() {
        text.push_str("there is no index to verify; the built-in snapshot is in use\n");
    }
    print(text.as_bytes())?;
    damaged.map_or(Ok(Exit::Success), Err)
}

pub(super) fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("cannot write {}: {error}", path.display()))
}
