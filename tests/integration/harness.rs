//! Runs the built program and writes down what it did.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

/// The moment that tests judge at: the day after the snapshot's data, so that it counts as fresh.
pub(crate) const AS_OF: &str = "2026-08-22";

pub(crate) fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn fixture(path: &str) -> PathBuf {
    repository().join("fixtures").join(path)
}

/// One run of the program.
pub(crate) struct Overdue {
    command: Command,
    home: tempfile::TempDir,
}

impl Overdue {
    /// `overdue` with these words, an empty index folder and nothing of the caller's environment.
    pub(crate) fn new<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_overdue"));
        command.env_clear().env("HOME", home.path()).env("OVERDUE_DB", home.path().join("db")).args(words);
        Self { command, home }
    }

    pub(crate) fn in_folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn run(mut self) -> Run {
        let output = self.command.output().expect("the program starts");
        drop(self.home);
        Run(output)
    }

    /// Starts it, unheard. Its home is to be kept while it runs.
    pub(crate) fn start(mut self) -> (Child, tempfile::TempDir) {
        let child = self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        (child.expect("the program starts"), self.home)
    }
}

/// What a run did.
pub(crate) struct Run(Output);

impl Run {
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().expect("it ended by itself")
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("UTF-8")
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).expect("UTF-8")
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout()).unwrap_or_else(|error| panic!("{error}\n{}", self.text()))
    }

    /// Exit code, stdout and stderr as one text, for snapshots. Paths of this machine are replaced.
    pub(crate) fn text(&self) -> String {
        let text = format!("exit {}\n--- stdout\n{}--- stderr\n{}", self.code(), self.stdout(), self.stderr());
        text.replace(&repository().display().to_string(), "[REPO]")
    }
}

/// A snapshot under the name of a case, beside the tests.
pub(crate) fn assert_case(name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

/// The names of the entries of a fixture folder, sorted; never none.
pub(crate) fn cases(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(fixture(folder)).expect("the folder").flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert!(!names.is_empty(), "no case in fixtures/{folder}");
    names
}
