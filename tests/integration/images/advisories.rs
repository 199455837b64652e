//! Advisories about what the test images hold, made up, and the index that is made of them.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::harness::{AS_OF, Overdue, Run};

/// An advisory: its id, the ecosystem, the package, the version that mends it.
type Advisory = (&'static str, &'static str, &'static str, &'static str);

/// Of each distribution one that is open, and one that the version at hand has mended. Packages of distributions are
/// called by their source.
pub(crate) const ADVISORIES: [Advisory; 10] = [
    ("DEBIAN-CVE-2026-0001", "Debian:12", "openssl", "3.0.15-1~deb12u2"),
    ("DEBIAN-CVE-2026-0002", "Debian:12", "fixture", "2.0-4"),
    ("DEBIAN-CVE-2026-0003", "Debian:12", "glibc", "2.36-9+deb12u7"),
    ("DEBIAN-CVE-2026-0004", "Debian:12", "fixture-owned", "1.0-1"),
    ("ALPINE-CVE-2026-0005", "Alpine:v3.9", "openssl", "1.1.1b-r2"),
    ("ALPINE-CVE-2026-0006", "Alpine:v3.9", "musl", "1.1.20-r4"),
    ("PYSEC-2026-1", "PyPI", "fixture-web", "1.1"),
    ("PYSEC-2026-2", "PyPI", "fixture-fine", "2.0"),
    ("PYSEC-2026-3", "PyPI", "fixture-arm", "1.1"),
    ("PYSEC-2026-4", "PyPI", "fixture-owned", "1.1"),
];

/// An index of the advisories, in a folder that goes away with the value.
pub(crate) struct Index(tempfile::TempDir);

impl Index {
    pub(crate) fn new() -> Self {
        let (folder, around) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        // Reports name what was imported, so the folder's name is always the same.
        let from = around.path().join("records");
        fs::create_dir(&from).expect("a folder");
        for (id, ecosystem, name, fixed) in ADVISORIES {
            fs::write(from.join(format!("{id}.json")), record(id, ecosystem, name, fixed).to_string()).expect("written");
        }
        let words = ["db", "import", from.to_str().expect("text")];
        let run = Overdue::new(words).env("OVERDUE_DB", folder.path()).run();
        assert_eq!(run.code(), 0, "{}", run.text());
        Self(folder)
    }

    /// A scan with this index.
    pub(crate) fn scan<'a>(&self, folder: &Path, words: impl IntoIterator<Item = &'a str>) -> Run {
        self.overdue(words).in_folder(folder).run()
    }

    /// The same before it runs. What it remembers of layers goes away with its home.
    pub(crate) fn overdue<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Overdue {
        let words = ["scan", "--as-of", AS_OF].into_iter().chain(words);
        Overdue::new(words).env("OVERDUE_DB", self.0.path())
    }
}

fn record(id: &str, ecosystem: &str, name: &str, fixed: &str) -> Value {
    let cve = id.find("CVE-").map(|at| &id[at..]);
    json!({
        "schema_version": "1.7.0",
        "id": id,
        "published": "2026-07-01T00:00:00Z",
        "modified": "2026-08-20T00:00:00Z",
        "upstream": cve.into_iter().collect::<Vec<&str>>(),
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
        "affected": [{
            "package": {"ecosystem": ecosystem, "name": name},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": fixed}]}],
        }],
    })
}
