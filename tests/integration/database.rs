//! `db import`, `db status`, `db verify`, and what a scan makes of imported records.

use std::path::Path;

use crate::harness::{Overdue, Run, assert_case, fixture, repository};

fn run(db: &Path, words: &[&str]) -> Run {
    Overdue::new(words.iter().copied()).env("OVERDUE_DB", db).in_folder(fixture("advisories")).run()
}

fn imported(source: &str) -> (tempfile::TempDir, Run) {
    let db = tempfile::tempdir().expect("a folder");
    let run = run(db.path(), &["db", "import", source]);
    (db, run)
}

#[test]
fn a_folder_of_osv_records_is_imported_and_matched() {
    let (db, import) = imported("osv");
    assert_eq!(import.code(), 0);
    assert_case("import-osv", &import.text());
    let scan = run(db.path(), &["scan", "--as-of", "2026-01-20", "-v", "--width", "160", "osv/Cargo.lock"]);
    assert_case("scan-imported-osv", &scan.text());
    let json = run(db.path(), &["scan", "--as-of", "2026-01-20", "--format", "json", "osv/Cargo.lock"]);
    crate::json::assert_consistent(&json.json(), json.code());
    assert_case("scan-imported-osv-json", &json.text());
}

#[test]
fn the_native_database_is_imported_and_its_rust_collection_stays_apart() {
    let (db, import) = imported("rustsec");
    assert_eq!(import.code(), 0);
    assert_case("import-rustsec", &import.text());
    let scan = run(db.path(), &["scan", "--as-of", "2026-01-20", "--rust-version", "1.69.0", "--format", "json", "osv/Cargo.lock"]);
    let ids: Vec<String> = scan.json()["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .map(|f| format!("{} {}", f["id"], f["package"]["ecosystem"]))
        .collect();
    assert_eq!(ids, ["\"RUSTSEC-2099-0001\" \"crates.io\"", "\"CVE-2099-1234\" \"rust-toolchain\""]);
    let fixed = run(db.path(), &["scan", "--as-of", "2026-01-20", "--rust-version", "1.70.0", "--format", "json", "osv/Cargo.lock"]);
    assert_eq!(fixed.json()["findings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn every_way_of_packing_gives_the_same_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let zip = folder.path().join("crates.io/all.zip");
    std::fs::create_dir_all(zip.parent().expect("a parent")).expect("a folder");
    let mut writer = zip::ZipWriter::new(std::fs::File::create(&zip).expect("a file"));
    let mut tarball = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for entry in std::fs::read_dir(fixture("advisories/osv")).expect("fixtures").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".json") {
            let bytes = std::fs::read(entry.path()).expect("a record");
            writer.start_file(&name, zip::write::SimpleFileOptions::default()).expect("an entry");
            std::io::Write::write_all(&mut writer, &bytes).expect("written");
            tarball.append_path_with_name(entry.path(), format!("main/{name}")).expect("an entry");
        }
    }
    writer.finish().expect("a zip");
    let packed = folder.path().join("records.tar.gz");
    std::fs::write(&packed, tarball.into_inner().expect("a tarball").finish().expect("gzip")).expect("written");

    let digest = |source: &str| {
        let (db, import) = imported(source);
        assert_eq!(import.code(), 0, "{}", import.text());
        let status = run(db.path(), &["db", "status", "--format", "json"]).json();
        let entry =
            status["ecosystems"].as_array().expect("a list").iter().find(|e| e["ecosystem"] == "crates.io").expect("crates.io").clone();
        assert_eq!(entry["set_aside"].as_array().map(Vec::len), Some(1), "{entry}");
        entry["sha256"].to_string()
    };
    let expected = digest("osv");
    for source in [&zip, &packed, &folder.path().join("crates.io"), &folder.path().to_owned()] {
        if source.is_dir() && source != zip.parent().expect("a parent") {
            continue; // The tarball beside the layout is no part of it.
        }
        assert_eq!(digest(&source.display().to_string()), expected, "{}", source.display());
    }
}

#[test]
fn newest_modified_wins_and_an_import_replaces_the_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = |name: &str, modified: &str, fixed: &str| {
        let json = format!(
            r#"{{"id":"RUSTSEC-2099-0001","modified":"{modified}","affected":[{{"package":{{"ecosystem":"crates.io","name":"fixture-a"}},"ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}},{{"fixed":"{fixed}"}}]}}]}}]}}"#
        );
        std::fs::write(folder.path().join(name), json).expect("written");
        folder.path().join(name).display().to_string()
    };
    let (old, new) = (record("old.json", "2026-01-01T00:00:00Z", "9.0.0"), record("new.json", "2026-02-01T00:00:00Z", "1.0.0"));
    let db = tempfile::tempdir().expect("a folder");
    let findings = || {
        run(db.path(), &["scan", "--as-of", "2026-02-02", "--format", "json", "osv/Cargo.lock"]).json()["findings"].as_array().map(Vec::len)
    };
    for order in [[&old, &new], [&new, &old]] {
        assert_eq!(run(db.path(), &["db", "import", order[0], order[1]]).code(), 0);
        assert_eq!(findings(), Some(0));
    }
    assert_eq!(run(db.path(), &["db", "import", &old]).code(), 0);
    assert_eq!(findings(), Some(1));
}

#[test]
fn an_import_of_nothing_usable_is_an_error_and_changes_nothing() {
    let (db, _) = imported("osv");
    let before = std::fs::read(db.path().join("crates.io.index")).expect("an index");
    let folder = tempfile::tempdir().expect("a folder");
    let html = folder.path().join("all.zip");
    std::fs::write(&html, "<html>404</html>").expect("written");
    let broken = folder.path().join("records.zip");
    std::fs::write(&broken, b"PK\x03\x04 not really").expect("written");
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).expect("a folder");
    for source in [html, broken, empty, folder.path().join("missing")] {
        let run = run(db.path(), &["db", "import", &source.display().to_string()]);
        assert_eq!(run.code(), 2, "{}", run.text());
        assert!(run.stderr().contains(&source.display().to_string()), "{}", run.text());
    }
    assert_eq!(std::fs::read(db.path().join("crates.io.index")).expect("an index"), before);
}

#[test]
fn status_and_verify_speak_of_indexes_and_of_the_snapshot() {
    let (db, _) = imported("osv");
    let status = run(db.path(), &["db", "status"]).stdout();
    for word in ["crates.io", "PyPI", "import", "snapshot", "osv/broken.json"] {
        assert!(status.contains(word), "{word} is missing from\n{status}");
    }
    let verify = run(db.path(), &["db", "verify"]);
    assert_eq!((verify.code(), verify.stdout().as_str()), (0, "crates.io: sound, 9 records in 8 rows about packages\n"));
    let empty = tempfile::tempdir().expect("a folder");
    let verify = run(empty.path(), &["db", "verify"]);
    assert_eq!(verify.code(), 0);
    assert!(verify.stdout().contains("built-in snapshot"));
}

#[test]
fn an_ecosystem_without_data_is_unchecked_with_the_cure() {
    // The toolchain's collection is in the snapshot, so only a foreign ecosystem can be without data; its packages
    // come with its extractors. The matching itself is asked here.
    use overdue::{
        matching::{Manifest, match_manifest},
        model::{DependencyGraph, Ecosystem, Package, Wanted},
    };
    let package = Package::new(Ecosystem::new("Nowhere:1"), "a", Wanted::Version("1.0.0".into()), 3);
    let graph = DependencyGraph::default();
    let manifest = Manifest { target: 0, path: "x", packages: &[package.clone(), package], graph: &graph };
    let matched = match_manifest(&manifest, &|_| None).expect("no index, no damage");
    assert_eq!((matched.findings.len(), matched.unchecked.len(), matched.unchecked[0].packages), (0, 1, 2));
    assert!(matched.unchecked[0].detail.contains("overdue db update --ecosystem"));
    let _ = repository();
}

/// Writes records to a folder, one file each.
fn write_records(folder: &Path, records: &[(&str, &str)]) {
    std::fs::create_dir_all(folder).expect("a folder");
    for (name, json) in records {
        std::fs::write(folder.join(name), json).expect("written");
    }
}

const ABOUT_A: &str = r#"{"id":"RUSTSEC-2099-0001","published":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"crates.io","name":"fixture-a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#;

fn zipped(path: &Path, records: &[(&str, &str)]) {
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    let mut writer = zip::ZipWriter::new(std::fs::File::create(path).expect("a file"));
    for (name, json) in records {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("an entry");
        std::io::Write::write_all(&mut writer, json.as_bytes()).expect("written");
    }
    writer.finish().expect("a zip");
}

#[test]
fn the_records_say_what_an_archive_is_about_not_its_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    for place in ["Downloads/all.zip", "crates.io/all.zip"] {
        zipped(&folder.path().join(place), &[("a.json", ABOUT_A)]);
    }
    for source in ["Downloads/all.zip", "Downloads", "crates.io/all.zip", "."] {
        let db = tempfile::tempdir().expect("a folder");
        let import = run(db.path(), &["db", "import", &folder.path().join(source).display().to_string()]);
        assert_eq!((import.code(), import.stdout().as_str()), (0, "crates.io: 1 record, 0 withdrawn, as of 2026-01-01\n"), "{source}");
    }
}

#[test]
fn loose_records_beside_archives_are_read_too() {
    let folder = tempfile::tempdir().expect("a folder");
    zipped(&folder.path().join("crates.io/all.zip"), &[("a.json", ABOUT_A)]);
    // The export also holds each record by itself; they are not read twice.
    write_records(&folder.path().join("crates.io"), &[("RUSTSEC-2099-0001.json", ABOUT_A)]);
    let newer = ABOUT_A.replace("RUSTSEC-2099-0001", "RUSTSEC-2099-0002").replace("2026-01-01", "2026-01-02");
    write_records(&folder.path().join("crates.io"), &[("RUSTSEC-2099-0002.json", &newer)]);
    let pypi = r#"{"id":"PYSEC-2099-1","affected":[{"package":{"ecosystem":"PyPI","name":"Fix_Ture"},"versions":["1.0"]}]}"#;
    write_records(&folder.path().join("PyPI"), &[("PYSEC-2099-1.json", pypi)]);
    let (_, import) = imported(&folder.path().display().to_string());
    assert_eq!(import.stdout(), "PyPI: 1 record, 0 withdrawn, undated\ncrates.io: 2 records, 0 withdrawn, as of 2026-01-02\n");
}

#[test]
fn every_folder_of_the_native_database_can_be_named() {
    for (source, ecosystem) in [
        ("rustsec/crates", "crates.io"),
        ("rustsec/crates/fixture-a", "crates.io"),
        ("rustsec/rust", "rust-toolchain"),
        ("rustsec/rust/std/CVE-2099-1234.md", "rust-toolchain"),
    ] {
        let (_, import) = imported(source);
        assert!(import.code() == 0 && import.stdout().starts_with(ecosystem), "{source}: {}", import.text());
    }
}

#[test]
fn a_record_with_an_impossible_ecosystem_is_set_aside_and_odd_ones_keep_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let about =
        |ecosystem: &str| format!(r#"{{"id":"X-1","affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"x"}},"versions":["1"]}}]}}"#);
    let long = "e".repeat(300);
    for (at, name) in ["", &long, "a\\u001b[31mb"].iter().enumerate() {
        write_records(folder.path(), &[(&format!("bad-{at}.json"), &about(name))]);
    }
    write_records(folder.path(), &[("good.json", ABOUT_A)]);
    for (at, name) in ["../../x", "a/b", "a_b", ".crates.io", "Foo!", "日本"].iter().enumerate() {
        write_records(folder.path(), &[(&format!("odd-{at}.json"), &about(name).replace("X-1", &format!("X-{at}")))]);
    }
    let (db, import) = imported(&folder.path().display().to_string());
    assert_eq!(import.code(), 0, "{}", import.text());
    assert!(!import.text().contains('\u{1b}') && import.text().matches("set aside").count() >= 3, "{}", import.text());
    let verify = run(db.path(), &["db", "verify"]);
    assert_eq!((verify.code(), verify.stdout().lines().count()), (0, 7), "{}", verify.text());
    assert_eq!(run(db.path(), &["scan", "--as-of", "2026-01-02", "--format", "json", "osv/Cargo.lock"]).code(), 1);
}

#[test]
fn a_folder_of_rubbish_with_a_good_record_in_it_is_no_source() {
    let folder = tempfile::tempdir().expect("a folder");
    for n in 0..11 {
        write_records(folder.path(), &[(&format!("bad-{n:02}.json"), "{}")]);
    }
    write_records(folder.path(), &[("a.json", ABOUT_A)]);
    let (_, import) = imported(&folder.path().display().to_string());
    let said = "11 of 12 records of ";
    assert!(import.code() == 2 && import.stderr().contains(said) && import.stderr().contains("bad-00.json: "), "{}", import.text());
}

#[test]
fn an_entry_with_an_impossible_ecosystem_is_left_out_of_its_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = r#""affected":[{"package":{"ecosystem":"","name":"x"},"versions":["1"]},"#;
    write_records(folder.path(), &[("a.json", &ABOUT_A.replace(r#""affected":["#, nowhere))]);
    let (db, import) = imported(&folder.path().display().to_string());
    assert_eq!((import.code(), import.stdout().as_str()), (0, "crates.io: 1 record, 0 withdrawn, 1 set aside, as of 2026-01-01\n"));
    let warning = "warning: RUSTSEC-2099-0001: an entry of `affected` is lost: `` is no name of an ecosystem";
    assert!(import.stderr().contains(warning), "{}", import.text());
    assert_eq!(run(db.path(), &["scan", "--as-of", "2026-01-02", "--format", "json", "osv/Cargo.lock"]).code(), 1);
}

#[test]
fn one_bad_file_or_entry_is_one_bad_record() {
    let folder = tempfile::tempdir().expect("a folder");
    write_records(folder.path(), &[("good.json", ABOUT_A), ("bad.json", "<html>"), ("none.json", r#"{"id":"CVE-2099-1"}"#)]);
    let path = |name: &str| folder.path().join(name).display().to_string();
    for others in [["bad.json", "good.json"], ["good.json", "bad.json"], ["none.json", "good.json"]] {
        let db = tempfile::tempdir().expect("a folder");
        let import = run(db.path(), &["db", "import", &path(others[0]), &path(others[1])]);
        assert_eq!(import.code(), 0, "{others:?}: {}", import.text());
        assert_eq!(import.stderr().contains("bad.json"), others.contains(&"bad.json"), "{}", import.text());
    }
    let db = tempfile::tempdir().expect("a folder");
    assert_eq!(run(db.path(), &["db", "import", &path("bad.json")]).code(), 2);
    assert_eq!(run(db.path(), &["db", "import", &path("good.json"), "--ecosystem", "PyPI"]).code(), 2);
}

#[test]
fn a_record_without_a_package_grades_and_dates_others_in_every_container() {
    let folder = tempfile::tempdir().expect("a folder");
    let records = [
        (
            "a.json",
            r#"{"id":"RUSTSEC-2099-0001","published":"2026-01-10T00:00:00Z","aliases":["CVE-2099-1"],"affected":[{"package":{"ecosystem":"crates.io","name":"fixture-a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#,
        ),
        (
            "b.json",
            r#"{"id":"CVE-2099-1","published":"2026-01-01T00:00:00Z","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"affected":[{"ranges":[{"type":"GIT","events":[{"introduced":"0"}]}]}]}"#,
        ),
    ];
    write_records(&folder.path().join("loose"), &records);
    zipped(&folder.path().join("crates.io/all.zip"), &records);
    for source in ["loose", "crates.io/all.zip"] {
        let (db, _) = imported(&folder.path().join(source).display().to_string());
        let report = run(db.path(), &["scan", "--as-of", "2026-01-20", "--format", "json", "osv/Cargo.lock"]).json();
        let finding = &report["findings"][0];
        assert_eq!(
            (&finding["severity"]["score"], &finding["severity"]["source"], &finding["clock"]["started"]),
            (&9.8.into(), &"CVE-2099-1".into(), &"2026-01-01T00:00:00Z".into()),
            "{source}"
        );
    }
}

#[test]
fn what_is_said_of_one_package_is_not_said_of_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = r#"{"id":"GHSA-x","published":"2026-01-01T00:00:00Z","affected":[
        {"package":{"ecosystem":"crates.io","name":"fixture-a"},"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
         "ranges":[{"type":"SEMVER","events":[{"introduced":"1.0.0"},{"fixed":"1.5.0"}]}]},
        {"package":{"ecosystem":"crates.io","name":"fixture-a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"1.5.0"},{"fixed":"2.0.0"}]}]},
        {"package":{"ecosystem":"crates.io","name":"fixture-a"},"database_specific":{"informational":"unsound"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}]},
        {"package":{"ecosystem":"crates.io","name":"fixture-b"},"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}],
         "database_specific":{"informational":"unmaintained"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]},
        {"package":{"ecosystem":"crates.io","name":"fixture-c"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"?"}]},{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#;
    write_records(folder.path(), &[("x.json", record)]);
    let (db, _) = imported(&folder.path().display().to_string());
    let run = run(db.path(), &["scan", "--as-of", "2026-01-02", "--format", "json", "osv/Cargo.lock"]);
    let report = run.json();
    crate::json::assert_consistent(&report, run.code());
    let of = |name: &str| {
        report["findings"].as_array().expect("a list").iter().find(|f| f["package"]["name"] == name).expect("a finding").clone()
    };
    // A fix that another entry of the same record affects is no cure.
    assert_eq!((&of("fixture-a")["severity"]["score"], &of("fixture-a")["cure"]), (&9.8.into(), &"2.0.0".into()));
    assert_eq!((&of("fixture-b")["kind"], &of("fixture-a")["kind"]), (&"unmaintained".into(), &"vulnerability".into()));
    // A range that cannot be read does not hide one that can, and has nothing to add to it.
    assert_eq!((&of("fixture-c")["id"], report["unchecked"].as_array().map(Vec::len)), (&"GHSA-x".into(), Some(0)));
}
