//! Floods: of packages, files and findings, each of which takes memory, and none of which is too large by itself. What memory
//! they take is measured by `benches/images/floods.py`.

use super::{
    super::{
        content::{self, SITE},
        reading::{Place, findings, list},
        tape::Tape,
    },
    cases::{
        Case, INSTALLED,
        Outcome::{Incomplete, Whole},
        image, root, without_database,
    },
};

pub(super) const CASES: [Case; 7] = [
    ("flood-of-lines-in-a-file", Incomplete, || image([root().file("app/requirements.txt", "name==1\n".repeat(45_000))])),
    ("flood-of-values-in-a-file", Incomplete, || image([root().file("app/uv.lock", format!("a = [{}]\n", "{},".repeat(45_000)))])),
    ("flood-of-tables-in-a-file", Incomplete, || {
        let key = |line: usize| (0..50).map(|at| format!("k{line}-{at}")).collect::<Vec<_>>().join(".");
        image([root().file("app/uv.lock", (0..1000).map(|line| format!("{} = 1\n", key(line))).collect::<String>())])
    }),
    ("flood-of-entries-in-a-database", Incomplete, || image([without_database().file(INSTALLED, database(90_000, "musl"))])),
    ("flood-of-packages-in-files", Incomplete, || image([packages_in_files(40)])),
    ("flood-of-programs", Incomplete, || image([(0..20_000).fold(root(), |tape, at| tape.program(&format!("opt/{at:05}"), PROGRAM))])),
    // Long, and about one package.
    ("flood-of-lines-in-a-description", Whole, || {
        image([root().file(&format!("{SITE}/x-1.dist-info/METADATA"), content::metadata("x", "1") + &"a, b, c\n".repeat(100_000))])
    }),
];

/// The beginning of a program.
pub(super) const PROGRAM: [u8; 100] = {
    let mut bytes = [0; 100];
    (bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6]) = (0x7f, b'E', b'L', b'F', 2, 1, 1);
    bytes
};

/// A database of so many packages that are built from one.
fn database(count: usize, source: &str) -> String {
    (0..count).map(|at| format!("P:p{at:05}\nV:1.1.1b-r1\no:{source}\n\n")).collect()
}

/// The small distribution with so many files of two thousand packages.
fn packages_in_files(count: usize) -> Tape {
    let lines: String = (0..2000).map(|at| format!("name-{at}==1\n")).collect();
    (0..count).fold(root(), |tape, at| tape.file(&format!("app/{at:02}/requirements.txt"), lines.as_str()))
}

/// The counts of a report: of packages and of dependency files.
fn counts(report: &serde_json::Value) -> [u64; 5] {
    let of = |whole: &str, part: &str| report[whole][part].as_u64().expect("a number");
    [of("packages", "found"), of("packages", "checked"), of("packages", "unchecked"), of("files", "found"), of("files", "unchecked")]
}

/// What one thread and several say of an image.
fn said_by_threads(bytes: Vec<u8>) -> serde_json::Value {
    let place = Place::new();
    place.write("image.tar", bytes);
    let runs = ["1", "2", "8"].map(|jobs| place.scan(&["image.tar", "--jobs", jobs, "--fail-on", "never"]));
    for run in &runs {
        assert_eq!((run.code(), run.stdout() == runs[0].stdout()), (3, true), "{}", run.stderr());
    }
    runs[0].json()
}

#[test]
fn what_packages_have_no_room_does_not_depend_on_threads() {
    let report = said_by_threads(image([packages_in_files(40)]));
    // Three of the distribution and 40 times 2000, all of them counted.
    let [found, checked, unchecked, files, unchecked_files] = counts(&report);
    assert_eq!((found, checked + unchecked, files), (80_003, 80_003, 41));
    assert!((10_000..70_000).contains(&checked) && checked % 2000 == 3, "{checked}");
    assert_eq!(unchecked_files, unchecked / 2000);
    let reached: Vec<_> = list(&report, "unchecked").iter().filter(|item| item["reason"] == "limit-reached").collect();
    assert_eq!(reached.len(), 1, "{reached:?}");
    // The distribution's own come first, however many others there are.
    assert!(findings(&report).contains(&"ALPINE-CVE-2026-0005"));
}

#[test]
fn what_findings_have_no_room_does_not_depend_on_threads() {
    let report = said_by_threads(image([without_database().file(INSTALLED, database(30_000, "openssl"))]));
    let [found, checked, unchecked, ..] = counts(&report);
    assert_eq!((found, checked + unchecked), (30_000, 30_000));
    assert!(unchecked > 1000 && checked > 1000, "{checked} and {unchecked}");
    // Each package either has its findings or is unchecked.
    assert_eq!(list(&report, "findings").len() as u64 % checked, 0);
    let reached: Vec<_> = list(&report, "unchecked").iter().map(|item| (item["reason"].as_str(), item["packages"].as_u64())).collect();
    assert_eq!(reached, [(Some("limit-reached"), Some(unchecked))]);
}
