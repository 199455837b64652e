//! Projects made in a temporary folder, with or without a git repository around them.

use std::{fmt::Write, fs, path::Path, process::Command};

use crate::harness::{AS_OF, Overdue, Run};

/// A crate that the snapshot has a vulnerability for below 0.6.14 (RUSTSEC-2021-0003) and, from 1.0.0 on, below 1.6.1.
pub(crate) const OLD: (&str, &str) = ("smallvec", "0.6.13");
/// The same without it.
pub(crate) const FIXED: (&str, &str) = ("smallvec", "0.6.14");
/// Another crate with one vulnerability (RUSTSEC-2020-0071) and no other.
pub(crate) const OTHER: (&str, &str) = ("time", "0.1.43");

/// A Cargo.lock of a project of this name with these crates.
pub(crate) fn lockfile(project: &str, crates: &[(&str, &str)]) -> String {
    let mut crates: Vec<_> = crates.to_vec();
    crates.sort_unstable();
    let dependencies = crates.iter().map(|(name, version)| format!(" \"{name} {version}\",\n")).collect::<String>();
    let mut text = format!("version = 4\n\n[[package]]\nname = \"{project}\"\nversion = \"0.1.0\"\ndependencies = [\n{dependencies}]\n");
    for (name, version) in crates {
        let source = "registry+https://github.com/rust-lang/crates.io-index";
        write!(text, "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"{source}\"\n").expect("text");
    }
    text
}

/// A folder that goes away with the value.
pub(crate) struct Project(tempfile::TempDir);

impl Project {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A folder with an empty repository in it.
    pub(crate) fn repository() -> Self {
        let project = Self::new();
        project.git(&["init", "--quiet", "--initial-branch=main"]);
        project
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("written");
        self
    }

    pub(crate) fn remove(&self, path: &str) -> &Self {
        fs::remove_file(self.path().join(path)).expect("removed");
        self
    }

    pub(crate) fn git(&self, words: &[&str]) -> String {
        git(self.path(), words)
    }

    /// Commits everything and returns the commit.
    pub(crate) fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "a commit"]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn scan(&self, words: &[&str]) -> Run {
        scan(self.path(), words)
    }
}

/// `overdue scan` in a folder, at the usual moment.
pub(crate) fn scan(folder: &Path, words: &[&str]) -> Run {
    run(folder, &[&["scan", "--as-of", AS_OF], words].concat())
}

/// `overdue` in a folder, with the caller's `PATH` so that it finds git.
pub(crate) fn run(folder: &Path, words: &[&str]) -> Run {
    Overdue::new(words).env("PATH", std::env::var_os("PATH").unwrap_or_default()).in_folder(folder).run()
}

/// Runs git with nothing of the caller's configuration.
pub(crate) fn git(folder: &Path, words: &[&str]) -> String {
    let mut command = Command::new("git");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", folder);
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_DATE", "2026-08-01T00:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-08-01T00:00:00Z");
    for (name, value) in [("NAME", "A Person"), ("EMAIL", "person@index.example")] {
        command.env(format!("GIT_AUTHOR_{name}"), value).env(format!("GIT_COMMITTER_{name}"), value);
    }
    let output = command.arg("-C").arg(folder).args(["-c", "protocol.file.allow=always"]).args(words).output().expect("git runs");
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
