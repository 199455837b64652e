//! Where policies are found: `overdue.toml`, then SECURITY.md in `.github/`, the root and `docs/`; on disk, or in a commit.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::files::{Loaded, MOST, bytes, of_bytes, small};
use crate::{
    cli::exit::Failure,
    tree::{
        Files as _, GitError, Limits, Objects, Revision,
        names::{slashed, way},
        repository::checkout,
    },
};

/// Where a SECURITY.md is looked for in a folder, the first that has one.
const FOLDERS: [&str; 3] = [".github", "", "docs"];

/// Where files are looked for.
pub(super) enum Side {
    /// On disk.
    Disk,
    /// In a commit of the repository at a root.
    Commit(PathBuf, Box<Revision>),
}

impl Side {
    /// A commit of a repository.
    pub(super) fn commit(objects: Arc<Objects>, commit: &str) -> Result<Self, GitError> {
        let root = objects.repository().to_owned();
        Ok(Self::Commit(root, Box::new(Revision::new(objects, commit, "")?)))
    }

    /// The names in a folder, sorted; none where it is none.
    fn names(&self, folder: &Path) -> Result<Vec<String>, GitError> {
        let mut names: Vec<String> = match self {
            // One that is no file, or a link to nothing, is an error, and not as if there were none.
            Self::Disk => {
                let entries = fs::read_dir(folder).into_iter().flatten().flatten();
                entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
            }
            Self::Commit(root, revision) => match folder.strip_prefix(root) {
                Ok(below) => revision.names_in(&slashed(below))?,
                Err(_) => Vec::new(),
            },
        };
        names.sort();
        Ok(names)
    }

    /// The bytes of a small file; `None`: it is not there.
    pub(super) fn bytes(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        match self {
            Self::Disk if path.symlink_metadata().is_err() => Ok(None),
            Self::Disk => bytes(path).map(Some),
            Self::Commit(root, revision) => {
                let Ok(below) = path.strip_prefix(root) else { return Ok(None) };
                let Some(found) = revision.find(&slashed(below)).map_err(|error| error.to_string())? else { return Ok(None) };
                let limits = Limits { file: MOST + 1, ..Limits::default() };
                let bytes = revision.read(&found, &limits).map_err(|_| format!("it is larger than {} MiB", MOST >> 20))?;
                small(bytes).map(Some)
            }
        }
    }
}

/// The files of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) config: Option<Place>,
    pub(super) text: Option<Place>,
    /// The folder that the policy is one of: that of its `overdue.toml`, else the root of the checkout.
    pub(super) folder: PathBuf,
}

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Where it is.
    pub(super) real: PathBuf,
    /// How it is shown: from the working directory.
    pub(super) shown: String,
}

impl Place {
    /// A file at an absolute path.
    pub(super) fn new(real: PathBuf) -> Self {
        let here = fs::canonicalize(".").unwrap_or_default();
        Self { shown: way(&here, &real), real }
    }

    /// Reads it.
    pub(super) fn read(&self, side: &Side) -> Result<Loaded, Failure> {
        let bytes = side.bytes(&self.real).and_then(|bytes| bytes.ok_or_else(|| "it is gone".to_owned()));
        of_bytes(&self.real, &self.shown, bytes)
    }
}

/// Looks for policies from a folder up to the root of its checkout, the nearest of each kind. Without a checkout only
/// the folder itself counts: what lies above it is somebody else's.
///
/// # Errors
/// When git does not answer.
pub(super) fn find(side: &Side, from: &Path) -> Result<Found, GitError> {
    let mut found = Found::default();
    let Ok(real) = fs::canonicalize(from) else { return Ok(found) };
    let root = checkout(&real).unwrap_or_else(|| real.clone());
    for folder in real.ancestors().take_while(|folder| folder.starts_with(&root)) {
        let names = side.names(folder)?;
        if found.config.is_none() && names.iter().any(|name| name == "overdue.toml") {
            found.config = Some(Place::new(folder.join("overdue.toml")));
            found.folder = folder.to_owned();
        }
        if found.text.is_none() {
            for below in FOLDERS {
                let folder = folder.join(below);
                let text = side.names(&folder)?.into_iter().find(|name| name.eq_ignore_ascii_case("security.md"));
                found.text = found.text.or(text.map(|name| Place::new(folder.join(name))));
            }
        }
    }
    if found.config.is_none() {
        found.folder = root;
    }
    Ok(found)
}

/// Reads all that was found, the strongest first.
pub(super) fn read_found(side: &Side, found: &Found) -> Result<Vec<Loaded>, Failure> {
    found.config.iter().chain(&found.text).map(|place| place.read(side)).collect()
}
