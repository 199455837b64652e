//! What a scan was pointed at, recognised by its content.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::names::shown;

/// A target that exists.
#[derive(Clone, Debug)]
pub struct Target {
    /// As it was given.
    pub given: String,
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub kind: TargetKind,
    /// Whether it is one file.
    pub is_file: bool,
}

/// The kinds of target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// A directory of source code.
    Directory,
    /// One dependency file.
    Lockfile,
    /// A Python environment, conda's too, or the folder in one that packages are installed in.
    Environment,
    /// A container image: an archive, or an OCI layout.
    Image,
    /// An unpacked root filesystem.
    Rootfs,
}

impl TargetKind {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Lockfile => "lockfile",
            Self::Environment => "environment",
            Self::Image => "image",
            Self::Rootfs => "rootfs",
        }
    }
}

/// A target that cannot be scanned at all: the user's error, or the machine's.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {given}: {source}")]
pub struct TargetError {
    /// As it was given.
    pub given: String,
    /// What the system said.
    pub source: io::Error,
}

/// The folders that Python packages are installed in.
const INSTALLED: [&str; 2] = ["site-packages", "dist-packages"];

/// The package databases that make a directory with `etc/os-release` a root filesystem.
const PACKAGE_DATABASES: [&str; 8] = [
    "var/lib/dpkg/status",
    "var/lib/dpkg/status.d",
    "lib/apk/db/installed",
    "usr/lib/apk/db/installed",
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/Packages",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/Packages.db",
];

impl Target {
    /// Recognises what is at a path.
    ///
    /// # Errors
    /// When there is nothing, or it cannot be opened.
    pub fn new(given: &str) -> Result<Self, TargetError> {
        let failed = |source| TargetError { given: given.to_owned(), source };
        let path = PathBuf::from(given);
        let metadata = fs::metadata(&path).map_err(failed)?;
        let kind = if metadata.is_dir() {
            fs::read_dir(&path).map_err(failed)?;
            directory_kind(&path)
        } else if !metadata.is_file() {
            // Opening a pipe could wait for ever.
            return Err(failed(io::Error::other("it is neither a regular file nor a directory")));
        } else {
            file_kind(&path).map_err(failed)?
        };
        Ok(Self { given: given.to_owned(), path, kind, is_file: metadata.is_file() })
    }

    /// The folder that its relative paths begin in: itself, or the folder of a target that is a file.
    #[must_use]
    pub fn folder(&self) -> &Path {
        let parent = || self.path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
        if self.is_file { parent().unwrap_or(&self.path) } else { &self.path }
    }

    /// Its file name; as given, where it has none (`.`).
    #[must_use]
    pub fn name(&self) -> String {
        self.path.file_name().map_or_else(|| self.given.clone(), shown)
    }
}

fn directory_kind(path: &Path) -> TargetKind {
    let has = |name: &str| path.join(name).exists();
    // `usr/lib/os-release` counts, because `etc/os-release` may be an absolute link that leads out of the directory.
    let named = path.join("etc/os-release").symlink_metadata().is_ok() || has("usr/lib/os-release");
    if has("oci-layout") {
        TargetKind::Image
    } else if named && PACKAGE_DATABASES.iter().any(|name| has(name)) {
        TargetKind::Rootfs
    } else if has("pyvenv.cfg") || has("conda-meta") || INSTALLED.iter().any(|name| path.ends_with(name)) {
        TargetKind::Environment
    } else {
        TargetKind::Directory
    }
}

fn file_kind(path: &Path) -> io::Result<TargetKind> {
    let mut start = Vec::new();
    File::open(path)?.take(512).read_to_end(&mut start)?;
    let archive = start.starts_with(&[0x1f, 0x8b]) || start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || start.get(257..262) == Some(b"ustar");
    Ok(if archive { TargetKind::Image } else { TargetKind::Lockfile })
}
