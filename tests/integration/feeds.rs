//! What is said of CVEs: scores for what nobody else has graded, known exploitation, its probability.

use std::{fs, path::Path};

use crate::{
    harness::{Overdue, Run, fixture},
    json::assert_consistent,
};

/// Records about the crates of `fixtures/advisories/osv/Cargo.lock` that state no score, by way of an alias, of
/// `upstream`, and of nothing.
const RECORDS: [(&str, &str); 3] = [
    (
        "RUSTSEC-2099-7001.json",
        r#"{"id":"RUSTSEC-2099-7001","published":"2026-01-01T00:00:00Z","aliases":["CVE-2099-7001"],"affected":[{"package":{"ecosystem":"crates.io","name":"fixture-a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#,
    ),
    (
        "DISTRO-7002.json",
        r#"{"id":"DISTRO-7002","published":"2026-01-01T00:00:00Z","upstream":["CVE-2099-7002"],"database_specific":{"severity":"LOW"},"affected":[{"package":{"ecosystem":"crates.io","name":"fixture-b"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#,
    ),
    (
        "RUSTSEC-2099-7003.json",
        r#"{"id":"RUSTSEC-2099-7003","published":"2026-01-01T00:00:00Z","aliases":["CVE-2099-7003"],"affected":[{"package":{"ecosystem":"crates.io","name":"fixture-c"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#,
    ),
];

fn run(db: &Path, words: &[&str]) -> Run {
    Overdue::new(words).env("OVERDUE_DB", db).in_folder(fixture("advisories")).run()
}

fn scan(db: &Path, more: &[&str]) -> Run {
    let words = ["scan", "--as-of", "2026-01-20", "--format", "json", "osv/Cargo.lock"];
    run(db, &[&words, more].concat())
}

/// An index of [`RECORDS`], and what the fixtures say of CVEs.
pub(crate) fn with_feeds(feeds: &[&str]) -> tempfile::TempDir {
    let (records, db) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    for (name, record) in RECORDS {
        fs::write(records.path().join(name), record).expect("written");
    }
    assert_eq!(run(db.path(), &["db", "import", &records.path().display().to_string()]).code(), 0);
    if !feeds.is_empty() {
        let import = run(db.path(), &[&["db", "import"], feeds].concat());
        assert_eq!((import.code(), import.stderr().as_str()), (0, ""), "{}", import.text());
    }
    db
}

fn finding(report: &serde_json::Value, name: &str) -> serde_json::Value {
    let findings = report["findings"].as_array().expect("a list");
    findings.iter().find(|f| f["package"]["name"] == name).expect("a finding").clone()
}

#[test]
fn scores_grade_what_nobody_else_has_graded() {
    let without = scan(with_feeds(&[]).path(), &[]).json();
    let db = with_feeds(&["cve", "nvd"]);
    let run = scan(db.path(), &[]);
    let with = run.json();
    assert_consistent(&with, run.code());
    for (name, before, after, source) in [
        ("fixture-a", "unscored", 6.2, "CVE-2099-7001"),
        // By `upstream`, before the record's own label; of two providers the gravest.
        ("fixture-b", "label", 9.8, "CVE-2099-7002"),
    ] {
        assert_eq!(finding(&without, name)["tier_reason"], before, "{name}");
        let severity = &finding(&with, name)["severity"];
        assert_eq!((&severity["score"], &severity["source"]), (&after.into(), &source.into()), "{name}");
    }
    assert_eq!(finding(&with, "fixture-c")["tier_reason"], "unscored");
    assert_eq!(with["cve_data"][0]["feed"], "cve-scores");
    assert_eq!(with["cve_data"][0]["cves"], 2);
}

#[test]
fn known_exploitation_is_shown_with_its_date_and_has_a_deadline() {
    let db = with_feeds(&["kev", "epss", "cve"]);
    let run = scan(db.path(), &["--fail-on", "exploited"]);
    let report = run.json();
    assert_eq!((run.code(), &report["gate"]["counted"]), (1, &1.into()));
    let exploited = finding(&report, "fixture-a");
    let expected = serde_json::json!({"added": "2026-01-12T00:00:00Z", "due": "2026-02-02T00:00:00Z", "ransomware": true});
    assert_eq!(exploited["known_exploited"], expected);
    let expected = serde_json::json!({"probability": 0.94231, "percentile": 0.9991, "date": "2026-01-11T00:00:00Z"});
    assert_eq!(exploited["epss"], expected);
    // A medium one would have 90 days; what is known to be exploited has 14.
    assert_eq!((&exploited["tier"], &exploited["fix_by"]), (&"medium".into(), &"2026-01-26T00:00:00Z".into()));
    assert_eq!(exploited["judged_by"]["stage"], "rule");
    let other = finding(&report, "fixture-b");
    assert_eq!((&other["known_exploited"], &other["epss"]["probability"]), (&serde_json::Value::Null, &0.00043.into()));
    let late = Overdue::new(["scan", "-v", "--as-of", "2026-01-27", "osv/Cargo.lock"]).env("OVERDUE_DB", db.path());
    let late = late.in_folder(fixture("advisories")).run().text();
    assert!(late.contains("known to be exploited since 2026-01-12") && late.contains("EPSS 94.23 % as of 2026-01-11"), "{late}");
}

#[test]
fn a_gate_on_known_exploitation_wants_the_catalogue() {
    let without = scan(with_feeds(&[]).path(), &["--fail-on", "exploited"]);
    assert!(without.code() == 2 && without.stderr().contains("overdue db update"), "{}", without.text());
}

#[test]
fn a_catalogue_that_is_too_old_is_told_and_cannot_clear_a_gate_on_it() {
    let feeds = tempfile::tempdir().expect("a folder");
    let old = feeds.path().join("kev.json");
    fs::write(
        &old,
        r#"{"catalogVersion":"1","dateReleased":"2025-12-01T00:00:00Z","vulnerabilities":[{"cveID":"CVE-2099-1000","dateAdded":"2025-11-01"}]}"#,
    )
    .expect("written");
    let db = with_feeds(&[&old.display().to_string()]);
    for (more, code, stale) in [
        (&["--fail-on", "exploited"][..], 3, true),
        (&["--fail-on", "exploited", "--max-db-age", "60d"], 0, false),
        // Elsewhere it is no more than a hint.
        (&["--fail-on", "never"], 0, true),
    ] {
        let run = scan(db.path(), more);
        let report = run.json();
        assert_eq!((run.code(), &report["cve_data"][0]["stale"]), (code, &stale.into()), "{more:?}: {}", run.text());
        assert_eq!(run.stderr().contains("hint: known-exploited is older than --max-db-age"), stale, "{}", run.text());
    }
    let words = ["scan", "-q", "--as-of", "2026-01-20", "--fail-on", "exploited", "osv/Cargo.lock"];
    let verdict = run(db.path(), &words).text();
    assert!(verdict.contains("incomplete: the catalogue of known exploited vulnerabilities is too old"), "{verdict}");
}

#[test]
fn feeds_are_damaged_as_indexes_are() {
    let db = with_feeds(&["kev", "epss", "cve"]);
    for feed in ["known-exploited", "epss", "cve-scores"] {
        let file = db.path().join(format!("{feed}.feed"));
        let sound = fs::read(&file).expect("a feed");
        let expected = scan(db.path(), &[]).text();
        for at in (0..sound.len()).step_by(7) {
            let mut damaged = sound.clone();
            damaged[at] ^= 0x10;
            fs::write(&file, &damaged).expect("written");
            let run = scan(db.path(), &[]);
            assert!(run.code() == 4 || run.text() == expected, "{feed} byte {at}: {}", run.text());
            assert_eq!(self::run(db.path(), &["db", "verify"]).code(), 4, "{feed} byte {at}");
        }
        fs::write(&file, &sound).expect("written");
    }
    assert_eq!(run(db.path(), &["db", "verify"]).code(), 0);
}

#[test]
fn feeds_come_packed_as_they_are_published() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read(fixture("advisories/epss/epss_scores-2026-01-11.csv")).expect("the scores");
    let packed = folder.path().join("epss_scores-current.csv.gz");
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &text).expect("written");
    fs::write(&packed, encoder.finish().expect("packed")).expect("written");
    let db = with_feeds(&[&packed.display().to_string()]);
    assert_eq!(scan(db.path(), &[]).json()["cve_data"][0]["cves"], 2);
}

#[test]
fn feeds_are_updated_from_a_mirror_and_only_when_they_are_new() {
    let (mirror, db) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    fs::create_dir(mirror.path().join("crates.io")).expect("a folder");
    let mut zip = zip::ZipWriter::new(fs::File::create(mirror.path().join("crates.io/all.zip")).expect("a file"));
    for (name, record) in RECORDS {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
        std::io::Write::write_all(&mut zip, record.as_bytes()).expect("written");
    }
    zip.finish().expect("a zip");
    let kev = "known_exploited_vulnerabilities.json";
    fs::copy(fixture("advisories/kev").join(kev), mirror.path().join(kev)).expect("copied");
    let from = mirror.path().display().to_string();
    let scores = fixture("advisories/nvd/nvdcve-2.0-2099.json").display().to_string();
    let update = |more: &[&str]| run(db.path(), &[&["db", "update", "--from", &from, "--scores", &scores], more].concat());
    let first = update(&[]);
    assert_eq!(first.code(), 0, "{}", first.text());
    assert!(first.stdout().contains("known-exploited: 2 CVEs, as of 2026-01-15 (built anew)"), "{}", first.text());
    // The mirror has no EPSS, and that is no fault; asked for by name it is one.
    assert!(!first.stdout().contains("epss"), "{}", first.text());
    let missing = update(&["--epss", "nowhere.csv.gz"]);
    assert!(missing.code() == 2 && missing.stderr().contains("there is no nowhere.csv.gz"), "{}", missing.text());
    assert_eq!(update(&[]).stdout().matches("(nothing new)").count(), 3);
    assert_eq!(update(&["--if-older", "24h"]).stdout().matches("(checked lately)").count(), 3);
    fs::write(mirror.path().join(kev), "{\"catalogVersion\":\"1\",\"vulnerabilities\":[]}").expect("written");
    let empty = update(&[]);
    assert!(empty.code() == 0 && empty.stderr().contains("warning: known-exploited"), "{}", empty.text());
    let report = scan(db.path(), &[]).json();
    assert_eq!(finding(&report, "fixture-a")["known_exploited"]["added"], "2026-01-12T00:00:00Z");
    let status = run(db.path(), &["db", "status", "--format", "json"]).json();
    assert_eq!(status["feeds"][1]["feed"], "known-exploited");
}

/// A catalogue with these entries, released on this day.
fn catalogue(day: u32, entries: &[(&str, &str)]) -> String {
    let entries: Vec<String> = entries.iter().map(|(id, added)| format!(r#"{{"cveID":"{id}","dateAdded":"{added}"}}"#)).collect();
    format!(
        r#"{{"catalogVersion":"1","dateReleased":"2026-01-{day:02}T00:00:00Z","count":{},"vulnerabilities":[{}]}}"#,
        entries.len(),
        entries.join(",")
    )
}

#[test]
fn a_feed_does_not_go_back_in_time_nor_lose_much() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, kev, epss) = (with_feeds(&[]), folder.path().join("kev"), folder.path().join("scores.txt"));
    let update = |kev: &str, epss_day: u32| {
        fs::write(folder.path().join("kev"), kev).expect("written");
        let text = format!("#model_version:v1,score_date:2026-01-{epss_day:02}\ncve,epss,percentile\nCVE-2099-7001,0.5,0.1\n");
        fs::write(folder.path().join("scores.txt"), text).expect("written");
        let mirror = folder.path().join("mirror").display().to_string();
        let words = ["db", "update", "--from", &mirror, "--kev", &kev_path(folder.path()), "--epss", &epss.display().to_string()];
        run(db.path(), &words)
    };
    // An id in odd case, and an entry whose day cannot be read, are known to be exploited all the same.
    let many: Vec<String> = (1000..1030).map(|n| format!("CVE-2099-{n}")).collect();
    let mut entries: Vec<(&str, &str)> = many.iter().map(|id| (id.as_str(), "2026-01-01")).collect();
    entries.extend([(" cve-2099-7001 ", "2026-01-05"), ("CVE-2099-7003", "soon")]);
    let good = update(&catalogue(12, &entries), 12);
    assert!(good.stdout().contains("known-exploited: 32 CVEs, as of 2026-01-12"), "{}", good.text());
    let expected = scan(db.path(), &["--fail-on", "exploited"]).json();
    assert_eq!((&expected["gate"]["counted"], kev.exists()), (&2.into(), true));
    assert_eq!(finding(&expected, "fixture-c")["known_exploited"]["added"], "2026-01-12T00:00:00Z");
    let cut = catalogue(13, &entries).replace("\"count\":32", "\"count\":1500");
    for (kev, epss_day, said) in [
        (catalogue(11, &entries), 12, "error: known-exploited: known-exploited is of 2026-01-11T00:00:00Z, and older"),
        (catalogue(13, &entries[..5]), 12, "error: known-exploited: 5 in place of 32 are not believed"),
        (cut, 12, "the catalogue 1 is cut off: 32 of 1500 entries"),
        (catalogue(12, &entries), 11, "error: epss: epss is of 2026-01-11T00:00:00Z, and older"),
    ] {
        let run = update(&kev, epss_day);
        assert!(run.code() == 2 && run.stderr().contains(said), "{said}: {}", run.text());
        assert_eq!(scan(db.path(), &["--fail-on", "exploited"]).json(), expected, "{said}");
    }
}

fn kev_path(folder: &Path) -> String {
    folder.join("kev").display().to_string()
}

#[test]
fn scores_are_made_of_all_that_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = |name: &str, id: &str| {
        let text = format!(
            r#"{{"format":"NVD_CVE","totalResults":2,"vulnerabilities":[{{"cve":{{"id":"{id}","metrics":{{"cvssMetricV2":[{{"cvssData":{{"vectorString":"AV:N/AC:L/Au:N/C:P/I:P/A:P"}}}}]}}}}}}]}}"#
        );
        fs::write(folder.path().join(name), text).expect("written");
        folder.path().join(name).display().to_string()
    };
    let (first, second) = (page("1.json", "CVE-2099-7001"), page("2.json", "CVE-2099-7003"));
    let db = with_feeds(&[]);
    let mirror = folder.path().join("mirror").display().to_string();
    let update = |scores: &[&str]| {
        let scores: Vec<&str> = scores.iter().flat_map(|file| ["--scores", file]).collect();
        run(db.path(), &[&["db", "update", "--from", &mirror], scores.as_slice()].concat())
    };
    let both = update(&[&first, &second]);
    assert!(both.stdout().contains("cve-scores: 2 CVEs") && both.stderr().contains("this is a part: 1 of 2 entries"), "{}", both.text());
    assert!(update(&[&first, &second]).stdout().contains("cve-scores: 2 CVEs, undated (nothing new)"));
    page("2.json", "CVE-2099-7002");
    assert!(update(&[&first, &second]).stdout().contains("cve-scores: 2 CVEs, undated (built anew)"));
    // Of fewer files there are fewer, and of other files others.
    assert!(update(&[&second]).stdout().contains("cve-scores: 1 CVE, undated (built anew)"));
}

#[test]
fn one_bad_entry_is_one_bad_entry() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let kev = put(
        "kev.json",
        r#"{"catalogVersion":"1","vulnerabilities":[{"cveID":7},{"cveID":"CVE-2099-7001","dateAdded":"2026-01-12"},{"cveID":"CVE-2099-7002","dateAdded":"soon"}]}"#,
    );
    let epss =
        put("epss.csv", "#model_version:v1,score_date:2026-01-11\ncve,epss,percentile\nCVE-2099-7001,7.5,0.1\nCVE-2099-7002,0.5,0.1\n");
    let nvd = put(
        "nvd.json",
        r#"{"format":"NVD_CVE","vulnerabilities":[{"cve":null},{"cve":{"id":"CVE-2099-7003","metrics":{"cvssMetricV31":"odd","cvssMetricV2":[{"cvssData":{"vectorString":"AV:N/AC:L/Au:N/C:P/I:P/A:P"}}]}}}]}"#,
    );
    let db = with_feeds(&[]);
    let import = run(db.path(), &["db", "import", &kev, &epss, &nvd]);
    assert_eq!(import.code(), 0, "{}", import.text());
    for told in ["kev.json: entry 1: ", "kev.json: entry 3: CVE-2099-7002: `dateAdded`", "epss.csv: line 3 ", "nvd.json: entry 1: "] {
        assert!(import.stderr().contains(told), "{told}: {}", import.text());
    }
    for told in ["known-exploited: 1 CVE,", "epss: 1 CVE,", "cve-scores: 1 CVE,"] {
        assert!(import.stdout().contains(told), "{told}: {}", import.text());
    }
}
