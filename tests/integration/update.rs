//! `db update` and `scan --update`, the whole program against a server on loopback: what it asks for, what it makes of
//! the answers, and that whatever goes wrong leaves the data that was there.

use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Write},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use overdue::{advisory::update::State, model::Timestamp};
use serde_json::Value;
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{
    harness::{Overdue, Run, cases, fixture},
    server::{Answer, Server},
};

const CRATES: &str = "crates.io";
const TARBALL: &str = "advisory-db-main.tar.gz";

/// Records of one ecosystem by id.
type Records = BTreeMap<String, String>;

/// A record about `fixture-a`, last changed on this day of January.
fn record(id: &str, day: u32, more: &str) -> (String, String) {
    let json = format!(
        r#"{{"id":"{id}","modified":"2026-01-{day:02}T00:00:00Z","published":"2026-01-01T00:00:00Z",{more}"affected":[{{"package":{{"ecosystem":"crates.io","name":"fixture-a"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}}]}}]}}]}}"#
    );
    (id.to_owned(), json)
}

/// So many records.
fn records(count: usize) -> Records {
    (1..=count).map(|at| record(&format!("RUSTSEC-2099-{at:04}"), 1, "")).collect()
}

fn zipped<'a>(entries: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(name, SimpleFileOptions::default()).expect("an entry");
        writer.write_all(bytes).expect("written");
    }
    writer.finish().expect("a zip").into_inner()
}

fn zip_of(records: &Records) -> Vec<u8> {
    let named: Vec<(String, &str)> = records.iter().map(|(id, json)| (format!("{id}.json"), json.as_str())).collect();
    zipped(named.iter().map(|(name, json)| (name.as_str(), json.as_bytes())))
}

fn list_of(records: &Records) -> String {
    let moment = |json: &str| json.split_once("\"modified\":\"").and_then(|(_, rest)| rest.split_once('"')).expect("a moment").0.to_owned();
    records.iter().map(|(id, json)| format!("{},{id}\n", moment(json))).collect()
}

/// The RustSec database of the fixtures.
fn tarball() -> Vec<u8> {
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    tar.append_dir_all("advisory-db-main", fixture("advisories/rustsec")).expect("the fixtures");
    tar.into_inner().expect("a tarball").finish().expect("gzip")
}

/// A mirror of the public export on a server.
struct Mirror {
    folder: tempfile::TempDir,
    server: Server,
}

impl Mirror {
    /// One that has these records of crates, and a record of PyPI.
    fn of(records: &Records) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mirror = Self { server: Server::of_folder(folder.path()), folder };
        mirror.write(CRATES, records);
        let pypi = record("PYSEC-2099-1", 1, "").1.replace(CRATES, "PyPI");
        mirror.write("PyPI", &Records::from([("PYSEC-2099-1".to_owned(), pypi)]));
        mirror
    }

    /// What the export has of an ecosystem from now on.
    fn write(&self, ecosystem: &str, records: &Records) {
        let _ = fs::remove_dir_all(self.folder.path().join(ecosystem));
        self.put(&format!("{ecosystem}/all.zip"), zip_of(records));
        self.put(&format!("{ecosystem}/modified_id.csv"), list_of(records));
        for (id, json) in records {
            self.put(&format!("{ecosystem}/{id}.json"), json);
        }
    }

    fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, bytes).expect("written");
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.folder.path().join(path)).expect("removed");
    }

    /// The paths that were asked for since the last time, sorted; a star where it was asked whether they are new.
    fn asked(&self) -> Vec<String> {
        let is_conditional = |name: &str| ["if-none-match", "if-modified-since"].contains(&name);
        let mut asked: Vec<String> = Vec::new();
        for request in self.server.requests() {
            let star = if request.headers.keys().any(|name| is_conditional(name)) { "*" } else { "" };
            asked.push(format!("{}{star}", request.path().trim_start_matches('/')));
        }
        asked.sort();
        asked
    }
}

/// A folder of indexes.
struct Db(tempfile::TempDir);

impl Db {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    /// One that was updated from this mirror, which then has heard nothing yet.
    fn of(mirror: &Mirror) -> Self {
        let db = Self::new();
        let run = db.update(&mirror.server.url, &[]);
        assert_eq!(run.code(), 0, "{}", run.text());
        mirror.server.requests();
        db
    }

    fn overdue(&self, words: &[&str]) -> Overdue {
        Overdue::new(words.iter().copied()).env("OVERDUE_DB", self.0.path()).in_folder(fixture("advisories"))
    }

    fn run(&self, words: &[&str]) -> Run {
        self.overdue(words).run()
    }

    /// What is said of CVEs has tests of its own.
    fn update(&self, from: &str, more: &[&str]) -> Run {
        self.run(&[&["db", "update", "--from", from, "--kev", "none", "--epss", "none"], more].concat())
    }

    /// An update that goes well.
    fn updated(&self, mirror: &Mirror, more: &[&str]) -> Run {
        let run = self.update(&mirror.server.url, more);
        assert_eq!(run.code(), 0, "{}", run.text());
        run
    }

    /// What `db status` says of an ecosystem.
    fn status(&self, ecosystem: &str) -> Value {
        let status = self.run(&["db", "status", "--format", "json"]).json();
        let all = status["ecosystems"].as_array().expect("a list");
        all.iter().find(|entry| entry["ecosystem"] == ecosystem).cloned().unwrap_or_default()
    }

    /// The digest of an ecosystem's records.
    fn digest(&self, ecosystem: &str) -> String {
        self.status(ecosystem)["sha256"].as_str().expect("a digest").to_owned()
    }

    fn index(&self) -> Vec<u8> {
        fs::read(self.0.path().join("crates.io.index")).expect("an index")
    }

    /// Moves the moment of the last check back.
    fn age(&self, ecosystem: &str, seconds: i64) {
        let path = self.0.path().join(format!("{ecosystem}.state"));
        let state = State::from_text(&fs::read_to_string(&path).expect("a state")).expect("a whole state");
        let checked_at = Timestamp::from_seconds(state.checked_at.seconds() - seconds);
        fs::write(path, State { checked_at, ..state }.to_text().expect("text")).expect("written");
    }

    /// Nothing is left of an update but indexes, states and the lock.
    fn assert_tidy(&self) {
        for entry in fs::read_dir(self.0.path()).expect("a folder").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            assert!(name == ".update.lock" || name.ends_with(".index") || name.ends_with(".state"), "{name} is left behind");
        }
    }
}

/// What a whole download of the mirror's present state would give.
fn whole(mirror: &Mirror) -> String {
    Db::of(mirror).digest(CRATES)
}

#[test]
fn an_update_asks_for_what_is_new_only() {
    let mirror = Mirror::of(&records(5));
    mirror.put(TARBALL, tarball());
    let db = Db::new();
    let first = db.updated(&mirror, &[]);
    assert_eq!(mirror.asked(), ["PyPI/all.zip", TARBALL, "crates.io/all.zip"]);
    // Less than what the program brings along is told.
    assert!(first.stderr().contains(" records of the built-in snapshot\n"), "{}", first.text());
    assert!(first.stdout().contains("crates.io: 7 records, 0 withdrawn, 1 set aside, as of 2026-01-01 (built anew)\n"), "{}", first.text());
    let before = db.index();
    // The lists are asked for when there is something to compare them with; from then on, whether they are new.
    let tarball_asked = format!("{TARBALL}*");
    for star in ["", "*", "*"] {
        for ecosystem in [CRATES, "PyPI", "rust-toolchain"] {
            db.age(ecosystem, 1000);
        }
        let old = [CRATES, "PyPI", "rust-toolchain"].map(|ecosystem| db.status(ecosystem));
        let run = db.updated(&mirror, &[]);
        let expected = [format!("PyPI/modified_id.csv{star}"), tarball_asked.clone(), format!("crates.io/modified_id.csv{star}")];
        assert_eq!(mirror.asked(), expected);
        assert_eq!((run.stdout().lines().count(), run.stdout().matches("(nothing new)").count()), (3, 3), "{}", run.text());
        assert_eq!(db.index(), before);
        for old in old {
            let new = db.status(old["ecosystem"].as_str().expect("a name"));
            let checked = |status: &Value| Timestamp::parse(status["checked_at"].as_str().expect("a moment")).expect("a moment").seconds();
            assert!(checked(&new) >= checked(&old) + 1000 && new["data_date"] == old["data_date"], "{old} {new}");
        }
    }
    db.assert_tidy();
}

#[test]
fn changes_are_fetched_one_by_one_and_give_what_a_whole_download_gives() {
    let old = records(5);
    let changed = |change: &dyn Fn(&mut Records)| {
        let mut new = old.clone();
        change(&mut new);
        new
    };
    let put = |(id, json): (String, String)| changed(&|new| drop(new.insert(id.clone(), json.clone())));
    let third = "RUSTSEC-2099-0003";
    for (name, new, fetched, said) in [
        (
            "changed",
            put(record(third, 2, r#""aliases":["CVE-2099-1"],"#)),
            vec![third],
            "5 records, 0 withdrawn, as of 2026-01-02 (1 record ",
        ),
        ("the same", put(record(third, 1, "")), vec![], "5 records, 0 withdrawn, as of 2026-01-01 (nothing new)"),
        ("new", put(record("RUSTSEC-2099-0009", 3, "")), vec!["RUSTSEC-2099-0009"], "6 records, 0 withdrawn, as of 2026-01-03 (1 record "),
        (
            "withdrawn",
            put(record(third, 4, r#""withdrawn":"2026-01-04T00:00:00Z","#)),
            vec![third],
            "5 records, 1 withdrawn, as of 2026-01-04 (1 record ",
        ),
        (
            "several",
            changed(&|new| {
                new.extend([record("RUSTSEC-2099-0001", 5, ""), record("RUSTSEC-2099-0010", 5, ""), record("RUSTSEC-2099-0011", 5, "")]);
            }),
            vec!["RUSTSEC-2099-0001", "RUSTSEC-2099-0010", "RUSTSEC-2099-0011"],
            "7 records, 0 withdrawn, as of 2026-01-05 (3 records ",
        ),
    ] {
        let mirror = Mirror::of(&old);
        let db = Db::of(&mirror);
        mirror.write(CRATES, &new);
        let run = db.updated(&mirror, &[]);
        let singles: Vec<String> = fetched.iter().map(|id| format!("crates.io/{id}.json")).collect();
        let mut expected = vec!["PyPI/modified_id.csv".to_owned(), format!("{TARBALL}"), "crates.io/modified_id.csv".to_owned()];
        expected.extend(singles);
        expected.sort();
        assert_eq!(mirror.asked(), expected, "{name}");
        assert!(run.stdout().contains(&format!("crates.io: {said}")), "{name}: {}", run.text());
        let (whole, status) = (Db::of(&mirror).status(CRATES), db.status(CRATES));
        assert_eq!((&status["sha256"], &status["data_date"]), (&whole["sha256"], &whole["data_date"]), "{name}");
        assert_eq!(db.run(&["db", "verify"]).code(), 0, "{name}");
        db.updated(&mirror, &[]);
        assert_eq!(db.digest(CRATES), whole["sha256"], "{name}");
        db.assert_tidy();
    }
}

/// A list that was cut off reads like one of fewer records.
#[test]
fn what_is_gone_is_decided_by_the_archive_and_named() {
    let mirror = Mirror::of(&records(30));
    let db = Db::of(&mirror);
    let (before, all) = (db.index(), list_of(&records(30)));
    for lines in [1, 15, 29] {
        let cut: String = all.lines().take(lines).map(|line| format!("{line}\n")).collect();
        mirror.put("crates.io/modified_id.csv", cut);
        let run = db.updated(&mirror, &[]);
        assert!(run.stdout().contains("crates.io: 30 records") && db.index() == before, "{lines}: {}", run.text());
    }
    // The archive has it no more either.
    let mut new = records(30);
    new.remove("RUSTSEC-2099-0003");
    new.remove("RUSTSEC-2099-0007");
    mirror.write(CRATES, &new);
    let run = db.updated(&mirror, &[]);
    let told = "warning: 2 records are there no more: RUSTSEC-2099-0003, RUSTSEC-2099-0007\n";
    assert!(run.stdout().contains("crates.io: 28 records") && run.stderr().contains(told), "{}", run.text());
    assert_eq!(db.digest(CRATES), whole(&mirror));
}

#[test]
fn an_archive_about_something_else_or_full_of_rubbish_is_refused() {
    let mirror = Mirror::of(&records(5));
    mirror.put(TARBALL, tarball());
    let db = Db::of(&mirror);
    let before = (db.index(), db.digest("rust-toolchain"));
    mirror.remove("crates.io/modified_id.csv");
    let foreign = fs::read(mirror.folder.path().join("PyPI/all.zip")).expect("an archive");
    let mut rubbish = records(5);
    rubbish.insert("RUSTSEC-2099-0001".to_owned(), "{}".to_owned());
    let mut no_crates = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    no_crates.append_dir_all("advisory-db-main/rust", fixture("advisories/rustsec/rust")).expect("the fixtures");
    let no_crates = no_crates.into_inner().expect("a tarball").finish().expect("gzip");
    for (path, bytes, said) in [
        ("crates.io/all.zip", foreign, "all.zip has no record about crates.io"),
        (
            "crates.io/all.zip",
            zip_of(&rubbish),
            "1 of 5 records of crates.io/all.zip cannot be read, the first of them RUSTSEC-2099-0001.json",
        ),
        (TARBALL, no_crates, "advisory-db-main.tar.gz has no record about crates.io"),
    ] {
        let good = fs::read(mirror.folder.path().join(path)).expect("a file");
        mirror.put(path, bytes);
        let run = db.update(&mirror.server.url, &[]);
        assert!(run.code() == 2 && run.stderr().contains(said), "{said}: {}", run.text());
        assert!((db.index(), db.digest("rust-toolchain")) == before, "{said}");
        mirror.put(path, good);
        db.updated(&mirror, &[]);
    }
}

#[test]
fn what_was_known_of_the_rust_distribution_stays_too() {
    let mirror = Mirror::of(&records(3));
    mirror.put(TARBALL, tarball());
    let db = Db::of(&mirror);
    let (before, id) = (db.digest("rust-toolchain"), db.run(&["explain", "CVE-2099-0009"]).code());
    let folder = tempfile::tempdir().expect("a folder");
    let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    tar.append_dir_all("advisory-db-main/crates", fixture("advisories/rustsec/crates")).expect("the fixtures");
    for name in cases("advisories/rustsec/rust") {
        for file in cases(&format!("advisories/rustsec/rust/{name}")) {
            let broken = folder.path().join(&file);
            fs::write(&broken, "not an advisory").expect("written");
            tar.append_path_with_name(&broken, format!("advisory-db-main/rust/{name}/{file}")).expect("appended");
        }
    }
    mirror.put(TARBALL, tar.into_inner().expect("a tarball").finish().expect("gzip"));
    let run = db.updated(&mirror, &[]);
    assert_eq!(db.run(&["explain", "CVE-2099-0009"]).code(), id);
    // With every record of it broken there is nothing new about it, and its index is left alone.
    assert_eq!(db.digest("rust-toolchain"), before, "{}", run.text());
}

#[test]
fn one_by_one_and_whole_give_the_same_warnings() {
    let mirror = Mirror::of(&records(12));
    let (one_by_one, whole) = (Db::of(&mirror), Db::of(&mirror));
    let mut new = records(12);
    let (id, json) = record("RUSTSEC-2099-0003", 2, r#""aliases":7,"#);
    new.insert(id, json.replace(r#""affected":["#, r#""affected":[{"package":{"ecosystem":"crates.io","name":7}},"#));
    mirror.write(CRATES, &new);
    let mut runs = vec![one_by_one.updated(&mirror, &[])];
    mirror.remove("crates.io/modified_id.csv");
    runs.push(whole.updated(&mirror, &[]));
    for run in runs {
        for told in ["set aside RUSTSEC-2099-0003.json: an entry of `affected` is lost", "RUSTSEC-2099-0003: `aliases` is a number"] {
            assert!(run.stderr().contains(&format!("warning: {told}")), "{}", run.text());
        }
        assert!(run.stdout().contains("crates.io: 12 records, 0 withdrawn, 1 set aside"), "{}", run.text());
    }
    assert_eq!(one_by_one.digest(CRATES), whole.digest(CRATES));
}

#[test]
fn what_cannot_be_read_any_more_stays_what_it_was() {
    let third = "RUSTSEC-2099-0003";
    for (name, bad) in [
        ("no JSON", r#"{"id":"RUSTSEC-2099-0003","modified":"2026-01-02T00:00:00Z","affected"#),
        ("no record", r#"{"modified":"2026-01-02T00:00:00Z"}"#),
        ("another record", r#"{"id":"RUSTSEC-2099-0004","modified":"2026-01-02T00:00:00Z"}"#),
    ] {
        let mirror = Mirror::of(&records(12));
        let (one_by_one, whole) = (Db::of(&mirror), Db::of(&mirror));
        let mut new = records(12);
        new.insert(third.to_owned(), bad.to_owned());
        mirror.write(CRATES, &new);
        let run = one_by_one.updated(&mirror, &[]);
        mirror.remove("crates.io/modified_id.csv");
        let mut runs = vec![(&one_by_one, run)];
        // In an archive the name of a file is not held against it.
        if name != "another record" {
            runs.push((&whole, whole.updated(&mirror, &[])));
        }
        for (db, run) in runs {
            assert!(run.stdout().contains("crates.io: 12 records, 0 withdrawn, 1 set aside, as of 2026-01-01"), "{name}: {}", run.text());
            for told in [format!("warning: set aside {third}.json: "), format!("warning: what was known of {third} is kept")] {
                assert!(run.stderr().contains(&told), "{name}: {}", run.text());
            }
            assert_eq!(db.run(&["db", "verify"]).code(), 0, "{name}");
            assert!(db.run(&["explain", third]).text().contains("fixture-a"), "{name}");
        }
        // Once it can be read again, nothing is left of that.
        mirror.write(CRATES, &records(12));
        for db in [&one_by_one, &whole] {
            db.updated(&mirror, &[]);
            assert_eq!(db.digest(CRATES), self::whole(&mirror), "{name}");
        }
    }
}

#[test]
fn an_export_that_goes_back_in_time_is_not_taken() {
    let mirror = Mirror::of(&records(5));
    let old = fs::read(mirror.folder.path().join("crates.io/all.zip")).expect("the archive");
    let mut new = records(5);
    new.extend([record("RUSTSEC-2099-0001", 5, ""), record("RUSTSEC-2099-0009", 5, "")]);
    mirror.write(CRATES, &new);
    let db = Db::of(&mirror);
    let before = db.index();
    let told = "is of 2026-01-01T00:00:00Z, older than what is at hand, of 2026-01-05T00:00:00Z, which is kept; `overdue db import` takes";
    // By its list, by its archive, and by another mirror that lags behind.
    mirror.write(CRATES, &records(5));
    let by_list = db.updated(&mirror, &[]);
    mirror.remove("crates.io/modified_id.csv");
    mirror.put("crates.io/all.zip", old);
    let by_archive = db.updated(&mirror, &[]);
    let by_another = db.updated(&Mirror::of(&records(5)), &[]);
    for run in [by_list, by_archive, by_another] {
        assert!(run.stderr().contains(told) && run.stdout().contains("crates.io: 6 records"), "{}", run.text());
        assert!(db.index() == before, "{}", run.text());
    }
    // `db import` takes it, as it says; and when the mirror has caught up, all is well.
    let archive = mirror.folder.path().join("crates.io/all.zip").display().to_string();
    assert_eq!(db.run(&["db", "import", &archive]).code(), 0);
    assert_eq!(db.digest(CRATES), whole(&mirror));
    mirror.write(CRATES, &new);
    db.updated(&mirror, &[]);
    assert_eq!(db.digest(CRATES), whole(&mirror));
}

/// What is refused of an export stays as it is at hand, also where an import brought it and the tarball is taken.
#[test]
fn an_older_export_beside_a_new_tarball_loses_nothing() {
    let mut new = records(5);
    new.extend([record("GHSA-2099-only", 20, "")]);
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join(CRATES)).expect("a folder");
    fs::write(folder.path().join("crates.io/all.zip"), zip_of(&new)).expect("written");
    let db = Db::new();
    assert_eq!(db.run(&["db", "import", &folder.path().join("crates.io/all.zip").display().to_string()]).code(), 0);
    let mirror = Mirror::of(&records(5));
    mirror.put(TARBALL, tarball());
    let run = db.updated(&mirror, &[]);
    assert!(run.stderr().contains("crates.io/all.zip is of 2026-01-01T00:00:00Z, older than what is at hand"), "{}", run.text());
    assert!(!run.stderr().contains("there no more"), "{}", run.text());
    assert_eq!(db.run(&["explain", "GHSA-2099-only"]).code(), 0);
    assert_eq!(db.run(&["explain", "RUSTSEC-2099-0010"]).code(), 0);
}

/// A date that went back is no reason to miss what is new.
#[test]
fn the_newest_record_may_be_deleted_or_redated() {
    let newest = || record("RUSTSEC-2099-0099", 20, "");
    for with_list in [true, false] {
        let mut all = records(30);
        all.extend([newest()]);
        let mirror = Mirror::of(&all);
        let db = Db::of(&mirror);
        let write = |all: &Records| {
            mirror.write(CRATES, all);
            if !with_list {
                mirror.remove("crates.io/modified_id.csv");
            }
        };
        // Alone it is not to be told from an old export; with anything new it is.
        all.remove("RUSTSEC-2099-0099");
        write(&all);
        assert!(db.updated(&mirror, &[]).stdout().contains("crates.io: 31 records"), "{with_list}");
        all.extend([record("RUSTSEC-2099-0050", 3, "")]);
        write(&all);
        let run = db.updated(&mirror, &[]);
        assert!(run.stdout().contains("crates.io: 31 records, 0 withdrawn, as of 2026-01-03"), "{with_list}: {}", run.text());
        assert_eq!(db.digest(CRATES), whole(&mirror), "{with_list}");
        assert!(db.updated(&mirror, &[]).stdout().contains("(nothing new)"), "{with_list}");
    }
}

/// The list first, the record later: what is there of a record is not what was listed.
#[test]
fn a_record_that_lags_behind_its_list_is_asked_for_again() {
    let mirror = Mirror::of(&records(5));
    let db = Db::of(&mirror);
    let mut new = records(5);
    let (id, json) = record("RUSTSEC-2099-0003", 7, r#""aliases":["CVE-2099-3333"],"#);
    new.insert(id.clone(), json.clone());
    for lagging in [record(&id, 1, "").1, json.replace(CRATES, "PyPI")] {
        mirror.put("crates.io/modified_id.csv", list_of(&new));
        mirror.put(&format!("crates.io/{id}.json"), lagging);
        for _ in 0..2 {
            let run = db.updated(&mirror, &[]);
            assert!(run.stderr().contains("is not as it was listed") && run.stdout().contains("crates.io: 5 records"), "{}", run.text());
        }
    }
    mirror.put(&format!("crates.io/{id}.json"), &json);
    let run = db.updated(&mirror, &[]);
    assert!(run.stdout().contains("as of 2026-01-07 (1 record new or changed)"), "{}", run.text());
    // While the archive lags behind, a record that is gone holds up no other.
    let mut more = new.clone();
    more.remove("RUSTSEC-2099-0005");
    let (id, json) = record("RUSTSEC-2099-0020", 8, "");
    more.insert(id.clone(), json.clone());
    mirror.put("crates.io/modified_id.csv", list_of(&more));
    mirror.put(&format!("crates.io/{id}.json"), &json);
    let run = db.updated(&mirror, &[]);
    assert!(run.stdout().contains("crates.io: 6 records, 0 withdrawn, as of 2026-01-08"), "{}", run.text());
    mirror.write(CRATES, &more);
    assert!(db.updated(&mirror, &[]).stdout().contains("crates.io: 5 records"));
    assert_eq!(db.digest(CRATES), whole(&mirror));
}

#[test]
fn the_whole_archive_is_fetched_where_the_list_does_not_do() {
    let mut many = records(5);
    many.extend((0..201).map(|at| record(&format!("GHSA-{at}"), 2, "")));
    let mut one = records(5);
    one.extend([record("RUSTSEC-2099-0001", 2, "")]);
    for (name, new, zip) in
        [("many", &many, "crates.io/all.zip"), ("absent", &one, "crates.io/all.zip"), ("listless", &one, "crates.io/all.zip*")]
    {
        let mirror = Mirror::of(&records(5));
        let db = Db::of(&mirror);
        mirror.write(CRATES, new);
        match name {
            "absent" => mirror.remove("crates.io/RUSTSEC-2099-0001.json"),
            "listless" => mirror.remove("crates.io/modified_id.csv"),
            _ => {}
        }
        let run = db.updated(&mirror, &[]);
        let asked = mirror.asked();
        assert!(asked.iter().any(|path| path.trim_end_matches('*') == zip.trim_end_matches('*')), "{name}: {asked:?}");
        assert_eq!(asked.iter().filter(|path| path.contains("GHSA")).count(), 0, "{name}: {asked:?}");
        assert!(name != "listless" || asked.contains(&zip.to_owned()), "{asked:?}");
        assert!(run.stdout().contains("(built anew)"), "{name}: {}", run.text());
        assert_eq!(db.digest(CRATES), whole(&mirror), "{name}");
        assert!(db.updated(&mirror, &[]).stdout().contains("as of 2026-01-02 (nothing new)"), "{name}");
    }
}

#[test]
fn a_list_that_is_ahead_of_the_archive_is_compared_again() {
    let mirror = Mirror::of(&records(5));
    let db = Db::of(&mirror);
    let mut new = records(5);
    let (id, json) = record("RUSTSEC-2099-0009", 2, "");
    new.insert(id.clone(), json.clone());
    // The export is being written: the list first, the record later, the archive last.
    mirror.put("crates.io/modified_id.csv", list_of(&new));
    for _ in 0..2 {
        let run = db.updated(&mirror, &[]);
        assert!(run.stdout().contains("crates.io: 5 records"), "{}", run.text());
    }
    mirror.put(&format!("crates.io/{id}.json"), &json);
    let run = db.updated(&mirror, &[]);
    assert!(run.stdout().contains("crates.io: 6 records, 0 withdrawn, as of 2026-01-02 (1 record "), "{}", run.text());
    // Never back to an archive that is older than what is at hand.
    new.extend([record("RUSTSEC-2099-0010", 3, "")]);
    mirror.put("crates.io/modified_id.csv", list_of(&new));
    let run = db.updated(&mirror, &[]);
    assert!(run.stdout().contains("crates.io: 6 records"), "{}", run.text());
    mirror.write(CRATES, &new);
    let run = db.updated(&mirror, &[]);
    assert!(run.stdout().contains("crates.io: 7 records"), "{}", run.text());
    assert_eq!(db.digest(CRATES), whole(&mirror));
}

#[test]
fn answers_that_cannot_be_used_leave_the_old_index() {
    let html = "<!DOCTYPE html><html>Please log in";
    let mut new = records(5);
    new.extend([record("RUSTSEC-2099-0001", 2, "")]);
    let zip = zip_of(&new);
    let list = "/crates.io/modified_id.csv";
    let archive = "/crates.io/all.zip";
    let half = zip.len() / 2;
    let expected = whole(&Mirror::of(&new));
    let now = |status: u16| Answer::status(status).header("Retry-After", "0");
    let about_nobody = zipped([("readme.txt", &b"hello"[..]), ("x.json", b"[]")]);
    let rows = [
        ("list is a page", list, Answer::of(html), "modified_id.csv: an HTML page came instead of a CSV table (a captive portal"),
        ("list has a bad line", list, Answer::of(format!("{}garbage\n", list_of(&new))), "line 6 is no `<moment>,<id>`: `garbage`"),
        ("list leads astray", list, Answer::of("2026-01-01T00:00:00Z,../x\n"), "line 1 is no `<moment>,<id>`"),
        ("list is empty", list, Answer::of(""), "modified_id.csv: an empty body came"),
        ("list is forbidden", list, Answer::status(403), "modified_id.csv: the server answered 403 Forbidden"),
        ("zip is a page", archive, Answer::of(html), "all.zip: an HTML page came instead of a zip archive (a captive portal"),
        ("zip is empty", archive, Answer::of(""), "all.zip: an empty body came"),
        ("zip is half", archive, Answer::of(&zip[..half]), "all.zip: cannot read"),
        ("zip lacks its end", archive, Answer::of(&zip[..zip.len() - 30]), "all.zip: cannot read"),
        ("zip is none", archive, Answer::of("PK\x03\x04 not really"), "all.zip: cannot read"),
        ("zip is something else", archive, Answer::of("{}"), "all.zip: something else came instead of a zip archive"),
        ("zip holds nothing", archive, Answer::of(&about_nobody), "all.zip: no advisory in"),
        ("zip is too large", archive, Answer::of("PK").announcing(1 << 40), "all.zip: larger than the 8589934592 bytes that are taken"),
        ("zip fails", archive, now(500), "all.zip: the server answered 500 Internal Server Error (4 attempts)"),
    ];
    for (name, path, answer, said) in rows {
        let mirror = Mirror::of(&records(5));
        let db = Db::of(&mirror);
        let (before, status) = (db.index(), db.status(CRATES));
        mirror.write(CRATES, &new);
        if path == archive {
            mirror.remove("crates.io/modified_id.csv");
        }
        mirror.server.script(path, [answer]);
        let run = db.update(&mirror.server.url, &[]);
        assert_eq!(run.code(), 2, "{name}: {}", run.text());
        let line = run.stderr().lines().find(|line| line.starts_with("error: crates.io: ")).expect(name).to_owned();
        assert!(line.contains(said), "{name}: {line}");
        assert!(run.stdout().contains("PyPI: 1 record"), "{name}: {}", run.text());
        assert!(db.index() == before && db.status(CRATES) == status, "{name}: the index changed");
        db.assert_tidy();
        // And the next one, with a good answer, is as if nothing had been.
        mirror.server.script(path, [if path == archive { Answer::of(zip_of(&new)) } else { Answer::of(list_of(&new)) }]);
        db.updated(&mirror, &[]);
        assert_eq!(db.digest(CRATES), expected, "{name}");
    }
}

/// Runs to the end and answers with the most memory that it had, in bytes.
#[cfg(target_os = "linux")]
fn most_memory(overdue: Overdue) -> u64 {
    let (mut child, _home) = overdue.start();
    let mut most = 0;
    while child.try_wait().expect("a child").is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        most = most.max(kilobytes.unwrap_or(0) << 10);
        thread::sleep(Duration::from_millis(5));
    }
    most
}

#[test]
fn a_zip_bomb_is_so_many_bad_records() {
    let mirror = Mirror::of(&records(2));
    let db = Db::of(&mirror);
    let zeros = zipped([("a", &vec![0; 48 << 20][..])]);
    let bombs = |more: &Records| {
        let mut writer = ZipWriter::new_append(Cursor::new(zip_of(more))).expect("a zip");
        let mut source = ZipArchive::new(Cursor::new(&zeros)).expect("a zip");
        for at in 0..16 {
            writer.raw_copy_file_rename(source.by_index_raw(0).expect("an entry"), format!("bomb-{at}.json")).expect("copied");
        }
        writer.finish().expect("a zip").into_inner()
    };
    mirror.remove("crates.io/modified_id.csv");
    mirror.put("crates.io/all.zip", bombs(&Records::new()));
    let before = db.index();
    let run = db.update(&mirror.server.url, &[]);
    assert_eq!(run.code(), 2, "{}", run.text());
    assert!(run.stderr().contains("bomb-0.json: larger than 16 MiB") && db.index() == before, "{}", run.text());
    mirror.put("crates.io/all.zip", bombs(&records(200)));
    let run = db.updated(&mirror, &[]);
    assert!(run.stdout().contains("crates.io: 200 records, 0 withdrawn, 16 set aside"), "{}", run.text());
    assert!(run.stderr().contains("warning: set aside bomb-7.json: larger than 16 MiB"), "{}", run.text());
    #[cfg(target_os = "linux")]
    {
        let most = most_memory(Db::new().overdue(&["db", "update", "--from", &mirror.server.url]));
        assert!(most < 256 << 20, "{most} bytes");
    }
    db.assert_tidy();
}

#[test]
fn names_in_archives_lead_nowhere() {
    let mirror = Mirror::of(&records(1));
    let name = |name: &'static str| (name, record("RUSTSEC-2099-0002", 1, "").1);
    let rows =
        [name("../../evil.json"), name("/tmp/overdue-evil.json"), name("..\\evil.json"), name("C:\\evil.json"), name("a/./../b.json")];
    mirror.put("crates.io/all.zip", zipped(rows.iter().map(|(name, json)| (*name, json.as_bytes()))));
    let outer = tempfile::tempdir().expect("a folder");
    let db = outer.path().join("a/b/db");
    let run = Overdue::new(["db", "update", "--from", &mirror.server.url]).env("OVERDUE_DB", &db).run();
    assert!(run.code() == 0 && run.stdout().contains("crates.io: 1 record, "), "{}", run.text());
    let names =
        |folder: &Path| fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect::<Vec<_>>();
    assert_eq!(
        (names(outer.path()), names(&outer.path().join("a")), names(&outer.path().join("a/b"))),
        (vec!["a".into()], vec!["b".into()], vec!["db".into()])
    );
    assert!(!Path::new("/tmp/overdue-evil.json").exists());
}

#[test]
fn an_ecosystem_that_is_not_there_matters_if_it_was_asked_for() {
    let mirror = Mirror::of(&records(2));
    let run = Db::new().update(&mirror.server.url, &["--ecosystem", "Nowhere"]);
    assert_eq!(run.code(), 2, "{}", run.text());
    assert!(run.stderr().contains(&format!("error: Nowhere: there is no {}/Nowhere/all.zip\n", mirror.server.url)), "{}", run.text());
    assert!(run.stderr().contains("1 source could not be updated"), "{}", run.text());
    assert!(run.stdout().contains("crates.io: 2 records") && run.stdout().contains("PyPI: 1 record"), "{}", run.text());
    fs::remove_dir_all(mirror.folder.path().join("PyPI")).expect("removed");
    let run = Db::new().updated(&mirror, &[]);
    assert!(run.stderr().contains(&format!("note: PyPI: there is no {}/PyPI/all.zip\n", mirror.server.url)), "{}", run.text());
    // One that was there before is missed.
    let db = Db::of(&Mirror::of(&records(2)));
    assert_eq!(db.update(&mirror.server.url, &[]).code(), 2);
}

#[test]
fn a_server_that_is_not_there_is_given_up_once_and_trouble_that_passes_is_waited_for() {
    let mirror = Mirror::of(&records(2));
    let bad = || Answer::status(503).header("Retry-After", "0");
    mirror.server.script("/crates.io/all.zip", [bad(), bad(), Answer::of(zip_of(&records(2)))]);
    let db = Db::new();
    let run = db.updated(&mirror, &[]);
    assert_eq!(run.stderr().matches("crates.io/all.zip: the server answered 503 Service Unavailable; trying again").count(), 2);
    // What does not pass is given up after some seconds: all at a time.
    let (before, url) = (db.index(), mirror.server.url.clone());
    drop(mirror);
    thread::scope(|scope| {
        scope.spawn(a_body_that_is_cut_off_each_time);
        scope.spawn(a_database_on_a_server_that_is_not_there);
        let start = Instant::now();
        let run = db.run(&["db", "update", "--from", &url, "--ecosystem", "npm"]);
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        assert_eq!(run.code(), 2, "{}", run.text());
        assert_eq!(
            (run.stderr().matches("(4 attempts)").count(), run.stderr().matches("not tried, since").count()),
            (1, 4),
            "{}",
            run.text()
        );
        assert!(run.stderr().contains("3 sources could not be updated") && db.index() == before, "{}", run.text());
    });
    db.assert_tidy();
}

fn a_database_on_a_server_that_is_not_there() {
    let mirror = Mirror::of(&records(2));
    mirror.write("npm", &records(1).into_iter().map(|(id, json)| (id, json.replace(CRATES, "npm"))).collect());
    let nowhere = format!("{}/{TARBALL}", Server::start().url.clone());
    let run = Db::new().update(&mirror.server.url, &["--rustsec", &nowhere, "--ecosystem", "npm"]);
    assert!(run.stderr().contains("error: crates.io: cannot fetch") && run.stderr().contains("1 source could not"), "{}", run.text());
    assert!(run.code() == 2 && run.stdout().contains("PyPI: 1 record") && run.stdout().contains("npm: 1 record"), "{}", run.text());
}

fn a_body_that_is_cut_off_each_time() {
    let mirror = Mirror::of(&records(2));
    let db = Db::of(&mirror);
    let (before, zip) = (db.index(), zip_of(&records(3)));
    mirror.remove("crates.io/modified_id.csv");
    mirror.server.script("/crates.io/all.zip", [Answer::of(&zip[..zip.len() / 2]).announcing(zip.len() as u64)]);
    let run = db.update(&mirror.server.url, &[]);
    assert!(run.stderr().contains("error: crates.io: cannot fetch") && run.stderr().contains("broken off after"), "{}", run.text());
    assert!(run.code() == 2 && db.index() == before && run.stdout().contains("PyPI: 1 record"), "{}", run.text());
    db.assert_tidy();
}

#[test]
fn the_native_database_comes_along() {
    let mirror = Mirror::of(&records(3));
    let (db, left_out) = (Db::of(&mirror), Db::new());
    assert_eq!(db.status("rust-toolchain")["origin"], "snapshot");
    mirror.put(TARBALL, tarball());
    let run = db.updated(&mirror, &[]);
    assert_eq!(mirror.asked(), ["PyPI/modified_id.csv", TARBALL, "crates.io/modified_id.csv"]);
    assert!(run.stdout().contains("rust-toolchain: 1 record"), "{}", run.text());
    let status = db.status("rust-toolchain");
    assert_eq!((&status["origin"], &status["records"]), (&"update".into(), &1.into()));
    assert_eq!(db.digest(CRATES), whole(&mirror));
    // The tarball alone changed.
    mirror.server.requests();
    let mut changed = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    changed.append_dir_all("other-name/crates", fixture("advisories/rustsec/crates")).expect("the fixtures");
    changed.append_dir_all("other-name/rust", fixture("advisories/rustsec/rust")).expect("the fixtures");
    mirror.put(TARBALL, changed.into_inner().expect("a tarball").finish().expect("gzip"));
    let run = db.updated(&mirror, &[]);
    assert_eq!(mirror.asked(), ["PyPI/modified_id.csv*", &format!("{TARBALL}*"), "crates.io/modified_id.csv*"]);
    assert!(run.stdout().contains("(built anew)"), "{}", run.text());
    assert_eq!(db.digest(CRATES), whole(&mirror));
    mirror.server.requests();
    let run = left_out.updated(&mirror, &["--rustsec", "none"]);
    assert_eq!(mirror.asked(), ["PyPI/all.zip", "crates.io/all.zip"]);
    assert!(!run.stdout().contains("rust-toolchain") && left_out.status("rust-toolchain")["origin"] == "snapshot", "{}", run.text());
    // One that was named has to be there.
    let run = db.update(&mirror.server.url, &["--rustsec", &format!("{}/elsewhere.tar.gz", mirror.server.url)]);
    assert!(run.code() == 2 && run.stderr().contains("there is no ") && run.stdout().contains("PyPI"), "{}", run.text());
    // One that is broken holds up what it is part of, and nothing else.
    mirror.put(TARBALL, &tarball()[..200]);
    let before = db.index();
    let run = db.update(&mirror.server.url, &[]);
    assert!(run.code() == 2 && run.stdout().starts_with("PyPI: ") && db.index() == before, "{}", run.text());
    db.assert_tidy();
}

#[test]
fn what_was_checked_lately_is_left_alone() {
    let mirror = Mirror::of(&records(2));
    let db = Db::of(&mirror);
    let run = db.updated(&mirror, &["--if-older", "24h"]);
    assert_eq!((mirror.asked().len(), run.stdout().matches("(checked lately)").count()), (0, 2), "{}", run.text());
    db.age(CRATES, 25 * 3600);
    let run = db.updated(&mirror, &["--if-older", "24h"]);
    assert_eq!(
        (mirror.asked(), run.stdout().matches("(checked lately)").count()),
        (vec![TARBALL.to_owned(), "crates.io/modified_id.csv".to_owned()], 1)
    );
    // A clock that was wrong: a check in the future counts for nothing.
    db.age(CRATES, -48 * 3600);
    assert_eq!(db.updated(&mirror, &["--if-older", "24h"]).stdout().matches("(checked lately)").count(), 1);
}

#[test]
fn a_mirror_may_be_a_folder_or_an_address_of_either_spelling() {
    let mirror = Mirror::of(&records(2));
    let about = record("RHSA-2099:1", 1, "").1.replace(CRATES, "Red Hat:enterprise_linux:9::baseos").replace("SEMVER", "ECOSYSTEM");
    mirror.write("Red Hat", &Records::from([("RHSA-2099:1".to_owned(), about)]));
    let (path, url) = (mirror.folder.path().display().to_string(), &mirror.server.url);
    let mut digests = Vec::new();
    for (from, offline) in [
        (path.clone(), true),
        (format!("{path}/"), false),
        (format!("file://{path}"), true),
        (url.clone(), false),
        (format!("{url}/"), false),
    ] {
        let db = Db::new();
        let more: &[&str] =
            if offline { &["--ecosystem", "Red Hat", "--offline"] } else { &["--ecosystem", "Red Hat:enterprise_linux:9::baseos"] };
        let run = db.update(&from, more);
        assert_eq!(run.code(), 0, "{from}: {}", run.text());
        assert!(run.stdout().contains("Red Hat: 1 record"), "{from}: {}", run.text());
        digests.push((db.digest(CRATES), db.digest("Red Hat")));
        let again = db.update(&from, more);
        assert_eq!(again.stdout().matches("(nothing new)").count(), 3, "{from}: {}", again.text());
    }
    digests.dedup();
    assert_eq!(digests.len(), 1);
    assert!(mirror.server.requests().iter().any(|request| request.target == "/Red%20Hat/all.zip"));
    let db = Db::new();
    let run = db.update(url, &["--offline"]);
    assert!(run.code() == 2 && run.stderr().contains("--offline forbids the network"), "{}", run.text());
    assert_eq!(db.overdue(&["db", "update", "--from", url]).env("OVERDUE_OFFLINE", "1").run().code(), 2);
    assert_eq!(db.update(&path, &["--offline", "--rustsec", url]).code(), 2);
    assert!(mirror.server.requests().is_empty());
}

#[test]
fn what_is_damaged_is_built_anew() {
    let mirror = Mirror::of(&records(2));
    let file = |db: &Db, name: &str| db.0.path().join(name);
    for (name, is_said) in [("crates.io.index", true), ("crates.io.state", false)] {
        for damage in ["flipped", "cut", "empty", "gone"] {
            let db = Db::of(&mirror);
            let (sound, digest) = (fs::read(file(&db, name)).expect("a file"), db.digest(CRATES));
            let mut bytes = sound.clone();
            match damage {
                "flipped" => bytes[20] ^= 0x20,
                "cut" => bytes.truncate(sound.len() / 2),
                _ => bytes.clear(),
            }
            if damage == "gone" {
                fs::remove_file(file(&db, name)).expect("removed");
            } else {
                fs::write(file(&db, name), bytes).expect("written");
            }
            let run = db.update(&mirror.server.url, &["--ecosystem", CRATES]);
            assert_eq!(run.code(), 0, "{name} {damage}: {}", run.text());
            assert!(mirror.asked().contains(&"crates.io/all.zip".to_owned()), "{name} {damage}");
            assert_eq!(run.stderr().contains("; it is built anew"), is_said && damage != "gone", "{name} {damage}: {}", run.text());
            assert_eq!((db.digest(CRATES), db.run(&["db", "verify"]).code()), (digest, 0), "{name} {damage}");
            assert!(db.updated(&mirror, &[]).stdout().contains("(nothing new)"), "{name} {damage}");
        }
    }
}

#[test]
fn damage_that_only_a_whole_reading_finds_is_built_anew_too() {
    let mirror = Mirror::of(&records(50));
    // Where the list was not asked for before, and where it says that there is nothing new.
    for checks in [0, 1, 2] {
        for place in [1, 2] {
            let db = Db::of(&mirror);
            (0..checks).for_each(|_| drop(db.updated(&mirror, &[])));
            let mut bytes = db.index();
            let last = bytes.len() - 1;
            bytes[last / place] ^= 1;
            fs::write(db.0.path().join("crates.io.index"), bytes).expect("written");
            let run = db.updated(&mirror, &[]);
            assert!(run.stderr().contains("; it is built anew"), "{checks} {place}: {}", run.text());
            assert_eq!(db.run(&["db", "verify"]).code(), 0, "{checks} {place}");
        }
    }
}

#[test]
fn an_index_that_was_imported_is_replaced_by_a_whole_download() {
    let mirror = Mirror::of(&records(3));
    let db = Db::new();
    assert_eq!(db.run(&["db", "import", "osv"]).code(), 0);
    db.updated(&mirror, &[]);
    assert_eq!((mirror.asked(), db.digest(CRATES)), (vec![TARBALL.to_owned(), "crates.io/all.zip".to_owned()], whole(&mirror)));
    assert_eq!(db.status(CRATES)["origin"], "update");
}

#[test]
fn an_index_does_not_shrink_by_much() {
    let mirror = Mirror::of(&records(600));
    let db = Db::of(&mirror);
    let before = db.index();
    mirror.write(CRATES, &records(100));
    for _ in 0..2 {
        let run = db.update(&mirror.server.url, &[]);
        assert_eq!(run.code(), 2, "{}", run.text());
        assert!(run.stderr().contains("error: crates.io: 100 in place of 600 are not believed; `overdue db import`"), "{}", run.text());
        assert!(db.index() == before && run.stdout().contains("PyPI: 1 record"), "{}", run.text());
    }
    mirror.write(CRATES, &records(560));
    assert!(db.updated(&mirror, &[]).stdout().contains("crates.io: 560 records"));
}

fn scan_words<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["scan", "--as-of", "2026-01-20", "--format", "json", "osv/Cargo.lock"], more].concat()
}

#[test]
fn updates_at_once_and_scans_during_them() {
    let mirror = Mirror::of(&records(300));
    let db = Db::of(&mirror);
    let done = std::sync::atomic::AtomicUsize::new(0);
    thread::scope(|scope| {
        for day in 2..4 {
            let (mirror, db, done) = (&mirror, &db, &done);
            scope.spawn(move || {
                for count in [100, 300] {
                    let id = format!("RUSTSEC-2099-{count:04}");
                    mirror.put(&format!("crates.io/{id}.json"), record(&id, day, "").1);
                    let run = db.update(&mirror.server.url, &[]);
                    assert_eq!(run.code(), 0, "{}", run.text());
                }
                done.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            });
        }
        while done.load(std::sync::atomic::Ordering::SeqCst) < 2 {
            let run = db.run(&scan_words(&[]));
            assert_eq!((run.code(), run.json()["findings"].as_array().map(Vec::len)), (1, Some(300)), "{}", run.stderr());
        }
    });
    assert_eq!((db.run(&["db", "verify"]).code(), db.digest(CRATES)), (0, whole(&mirror)));
    db.assert_tidy();
}

#[test]
fn a_scan_refreshes_if_it_can_and_goes_on_if_it_cannot() {
    let mirror = Mirror::of(&records(1));
    let db = Db::of(&mirror);
    let findings = |run: &Run| run.json()["findings"].as_array().map(Vec::len);
    mirror.write(CRATES, &records(2));
    let run = db.run(&scan_words(&["--update", "--from", &mirror.server.url]));
    assert_eq!((run.code(), findings(&run)), (1, Some(2)), "{}", run.text());
    assert!(!run.stderr().contains("warning"), "{}", run.stderr());
    let silent = Server::start();
    silent.script("/crates.io/modified_id.csv", [Answer::silent()]).script("/crates.io/all.zip", [Answer::silent()]);
    silent.script("/PyPI/modified_id.csv", [Answer::silent()]).script("/PyPI/all.zip", [Answer::silent()]);
    let start = Instant::now();
    let run = db.run(&scan_words(&["--update", "--from", &silent.url]));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert_eq!((run.code(), findings(&run)), (1, Some(2)), "{}", run.text());
    let warnings: Vec<String> = run.stderr().lines().filter(|line| line.starts_with("warning: ")).map(str::to_owned).collect();
    assert!(warnings.len() == 2 && warnings.iter().all(|line| line.ends_with("; going on with the data at hand")), "{warnings:?}");
    assert!(warnings[0].contains("no answer within 2s"), "{warnings:?}");
    let page = Server::start();
    page.script("/crates.io/all.zip", [Answer::of("<html>")]).script("/PyPI/all.zip", [Answer::status(500)]);
    let run = db.run(&scan_words(&["--update", "--from", &page.url]));
    assert_eq!(
        (run.code(), findings(&run), run.stderr().matches("going on with the data at hand").count()),
        (1, Some(2), 2),
        "{}",
        run.text()
    );
    let run = db.run(&scan_words(&["--update", "--from", &page.url, "--offline"]));
    assert_eq!(run.code(), 2, "{}", run.text());
}

#[cfg(unix)]
#[test]
fn a_scan_does_not_wait_for_another_update() {
    let mirror = Mirror::of(&records(1));
    let db = Db::of(&mirror);
    let lock = fs::File::options().write(true).open(db.0.path().join(".update.lock")).expect("the lock");
    lock.lock().expect("held");
    let start = Instant::now();
    let run = db.run(&scan_words(&["--update", "--from", &mirror.server.url]));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    assert_eq!((run.code(), run.json()["findings"].as_array().map(Vec::len)), (1, Some(1)), "{}", run.text());
    let warning = "warning: another update is still running; going on with the data at hand\n";
    assert!(run.stderr().contains(warning) && mirror.asked().is_empty(), "{}", run.stderr());
}

#[test]
fn a_proxy_of_the_environment_is_used() {
    let mirror = Mirror::of(&records(2));
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        let db = Db::new();
        let run = db.overdue(&["db", "update", "--from", "http://mirror.invalid"]).env(variable, &mirror.server.url).run();
        assert_eq!(run.code(), 0, "{variable}: {}", run.text());
        assert!(mirror.server.requests().iter().any(|request| request.target == "http://mirror.invalid/crates.io/all.zip"), "{variable}");
    }
}

/// Kills updates that were started, each after another part of the time that one takes. Answers with what was left.
fn kill(times: u32) -> String {
    let (old, mut new) = (records(100), records(100));
    new.extend((1..=20).map(|at| record(&format!("RUSTSEC-2099-{at:04}"), 2, r#""aliases":["CVE-2099-1"],"#)));
    let mirror = Mirror::of(&old);
    mirror.put(TARBALL, tarball());
    let old_digest = whole(&mirror);
    // Its folder is what a killed update begins with.
    let start_from = Db::of(&mirror);
    mirror.write(CRATES, &new);
    let new_digest = whole(&mirror);
    let copy = || {
        let db = Db::new();
        for entry in fs::read_dir(start_from.0.path()).expect("a folder").flatten() {
            fs::copy(entry.path(), db.0.path().join(entry.file_name())).expect("copied");
        }
        db
    };
    // The list leads to single records; without it, to the archive.
    let say =
        |way: usize| mirror.server.script("/crates.io/modified_id.csv", [[Answer::of(list_of(&new)), Answer::status(404)][way].clone()]);
    let takes = [0, 1].map(|way| {
        say(way);
        let db = copy();
        let start = Instant::now();
        db.updated(&mirror, &[]);
        start.elapsed()
    });
    let (mut found, mut ended) = ([0, 0], 0);
    for at in 0..times {
        let way = at as usize % 2;
        let db = copy();
        say(way);
        let (mut child, _home) = db.overdue(&["db", "update", "--from", &mirror.server.url]).start();
        // A little longer than it takes, for machines are not always as quick.
        thread::sleep(takes[way] * 5 * at / (4 * times));
        ended += usize::from(child.try_wait().expect("a child").is_some());
        child.kill().expect("killed");
        child.wait().expect("ended");
        let verify = db.run(&["db", "verify"]);
        assert_eq!(verify.code(), 0, "{at}: {}", verify.text());
        let digest = db.digest(CRATES);
        assert!(digest == old_digest || digest == new_digest, "{at}: neither the old index nor the new one");
        found[usize::from(digest == new_digest)] += 1;
        db.updated(&mirror, &[]);
        assert_eq!(db.digest(CRATES), new_digest, "{at}");
        let left = fs::read_dir(db.0.path()).expect("a folder").flatten();
        assert!(!left.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with(".download-")), "{at}");
    }
    format!("{times} killed, each way within {takes:?}: {} left the old index, {} the new one, {ended} had ended", found[0], found[1])
}

#[test]
fn an_update_that_is_killed_leaves_the_old_index_or_the_new_one() {
    kill(20);
}

/// By hand: `cargo test --test integration update::two_hundred -- --ignored --nocapture`.
#[test]
#[ignore = "takes a minute"]
fn two_hundred_updates_that_are_killed() {
    writeln!(std::io::stdout(), "{}", kill(200)).expect("told");
}
