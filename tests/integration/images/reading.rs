//! What tests look at in a report about images.

use serde_json::Value;

use super::advisories::Index;
use crate::harness::Run;

/// A folder that holds one target, and what a scan of it says.
pub(crate) struct Place {
    index: Index,
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { index: Index::new(), folder: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        std::fs::write(self.path().join(name), bytes).expect("written");
        self
    }

    /// The JSON report of a scan with these words.
    pub(crate) fn scan(&self, words: &[&str]) -> Run {
        self.index.scan(self.path(), words.iter().copied().chain(["--format", "json"]))
    }

    /// The same for an archive of these bytes.
    pub(crate) fn archive(&self, bytes: impl AsRef<[u8]>, words: &[&str]) -> Run {
        self.write("image.tar", bytes);
        let run = self.scan(&[words, &["image.tar"]].concat());
        if [0, 1, 3].contains(&run.code()) {
            crate::json::assert_consistent(&run.json(), run.code());
        }
        run
    }
}

pub(crate) fn list<'a>(report: &'a Value, key: &str) -> &'a [Value] {
    report[key].as_array().unwrap_or_else(|| panic!("no list {key}: {report}"))
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// The ids of the findings, sorted.
pub(crate) fn findings(report: &Value) -> Vec<&str> {
    let mut found: Vec<&str> = list(report, "findings").iter().map(|finding| text(&finding["id"])).collect();
    found.sort_unstable();
    found
}

/// The layer that the finding of an advisory names.
pub(crate) fn layer<'a>(report: &'a Value, id: &str) -> &'a Value {
    let finding = list(report, "findings").iter().find(|finding| finding["id"] == id);
    &finding.unwrap_or_else(|| panic!("{id} is not found: {report}"))["locations"][0]["layer"]
}

/// `PATH REASON PACKAGES` of what was not checked.
pub(crate) fn unchecked(report: &Value) -> Vec<String> {
    let of = |entry: &Value| format!("{} {} {}", text(&entry["path"]), text(&entry["reason"]), entry["packages"]);
    list(report, "unchecked").iter().map(of).collect()
}

/// What was not checked for a reason.
pub(crate) fn for_reason<'a>(report: &'a Value, reason: &str) -> Vec<&'a Value> {
    list(report, "unchecked").iter().filter(|entry| entry["reason"] == reason).collect()
}
