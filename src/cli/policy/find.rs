//! Where policies are found: `overdue.toml`, then SECURITY.md in `.github/`, the root and `docs/`; on disk, or in a commit.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::files::{Loaded, MOST, bytes_up_to, of_bytes};
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
    /// On disk, in the checkout at this root and nowhere else: what it has may be anybody's.
    Checkout(PathBuf),
    /// In a commit of the repository at a root.
    Commit {
        /// The root.
        root: PathBuf,
        /// Its objects.
        objects: Arc<Objects>,
        /// The commit.
        commit: String,
    },
}

impl Side {
    /// A commit of a repository.
    pub(super) fn commit(objects: Arc<Objects>, commit: String) -> Self {
        Self::Commit { root: objects.repository().to_owned(), objects, commit }
    }

    /// What tells it from other sides: its root and commit.
    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::Disk | Self::Checkout(_) => None,
            Self::Commit { root, commit, .. } => Some(format!("{} {commit}", root.display())),
        }
    }

    /// Whether it may have a file at this path.
    pub(super) fn has_room_for(&self, path: &Path) -> bool {
        match self {
            Self::Disk => true,
            Self::Checkout(root) | Self::Commit { root, .. } => path.starts_with(root),
        }
    }

    /// The files of a commit below a folder, also of a submodule.
    fn below(&self, folder: &Path) -> Result<Option<Revision>, GitError> {
        let Self::Commit { root, objects, commit } = self else { return Ok(None) };
        let Ok(below) = folder.strip_prefix(root) else { return Ok(None) };
        Revision::new(Arc::clone(objects), commit, &slashed(below)).map(Some)
    }

    /// The names in a folder, sorted; none where it is none.
    fn names(&self, folder: &Path) -> Result<Vec<String>, GitError> {
        let mut names: Vec<String> = match self {
            // One that is no file, or a link to nothing, is an error, and not as if there were none.
            Self::Disk | Self::Checkout(_) => {
                let entries = fs::read_dir(folder).into_iter().flatten().flatten();
                entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
            }
            Self::Commit { .. } => self.below(folder)?.map(|revision| revision.names()).transpose()?.unwrap_or_default(),
        };
        names.sort();
        Ok(names)
    }

    /// The bytes of a small file; `None`: it is not there.
    pub(super) fn bytes(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        self.up_to(MOST, path)
    }

    /// The bytes of a file of at most so many; `None`: it is not there.
    pub(super) fn up_to(&self, most: u64, path: &Path) -> Result<Option<Vec<u8>>, String> {
        match self {
            Self::Disk | Self::Checkout(_) if path.symlink_metadata().is_err() => Ok(None),
            Self::Checkout(root) if !fs::canonicalize(path).is_ok_and(|real| real.starts_with(root)) => {
                Err("it is a link that leads out of the checkout".to_owned())
            }
            Self::Disk | Self::Checkout(_) => bytes_up_to(most, path).map(Some),
            Self::Commit { .. } => {
                let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else { return Ok(None) };
                let Some(revision) = self.below(folder).map_err(|error| error.to_string())? else { return Ok(None) };
                let Some(found) = revision.find(name).map_err(|error| error.to_string())? else {
                    let is_there = revision.names().is_ok_and(|names| names.iter().any(|own| own == name));
                    return if is_there { Err("it is no file there, or a link that leads out".to_owned()) } else { Ok(None) };
                };
                let limits = Limits { file: most };
                revision.read(&found, &limits).map(Some).map_err(|_| format!("it is larger than {} MiB", most >> 20))
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

    /// Reads it; `None`: it is not there.
    pub(super) fn read_if_there(&self, side: &Side) -> Result<Option<Loaded>, Failure> {
        match side.bytes(&self.real) {
            Ok(None) => Ok(None),
            Ok(Some(bytes)) => of_bytes(&self.real, &self.shown, Ok(bytes)).map(Some),
            Err(cause) => of_bytes(&self.real, &self.shown, Err(cause)).map(Some),
        }
    }

    /// Reads it.
    pub(super) fn read(&self, side: &Side) -> Result<Loaded, Failure> {
        let bytes = side.bytes(&self.real).and_then(|bytes| bytes.ok_or_else(|| "there is no such file".to_owned()));
        of_bytes(&self.real, &self.shown, bytes)
    }
}

/// Looks for policies from a folder up to the root of its checkout, the nearest of each kind. Without a checkout only
/// the folder itself counts: what lies above it is somebody else's.
///
/// An absolute folder is taken as it is written, links in it included.
///
/// # Errors
/// When git does not answer.
pub(super) fn find(side: &Side, from: &Path) -> Result<Found, GitError> {
    let mut found = Found::default();
    let real = if from.is_absolute() { from.to_owned() } else { fs::canonicalize(from).unwrap_or_default() };
    let root = checkout(&real).unwrap_or_else(|| real.clone());
    for folder in real.ancestors().take_while(|folder| folder.starts_with(&root)) {
        let names = side.names(folder)?;
        if found.config.is_none() && names.iter().any(|name| name == "overdue.toml") {
            found.config = Some(Place::new(folder.join("overdue.toml")));
            folder.clone_into(&mut found.folder);
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
