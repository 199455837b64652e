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
    /// The folders of unpacked layers that it is, the lowest first; empty for anything else.
    pub layers: Vec<String>,
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
const PACKAGE_DATABASES: [&str; 11] = [
    "var/lib/dpkg/status",
    "var/lib/dpkg/status.d",
    "lib/apk/db/installed",
    "usr/lib/apk/db/installed",
    "var/lib/chisel/manifest.wall",
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/Packages.db",
    "var/lib/rpm/Packages",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/Packages.db",
    "usr/lib/sysimage/rpm/Packages",
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
        Ok(Self { given: given.to_owned(), path, kind, is_file: metadata.is_file(), layers: Vec::new() })
    }

    /// The root filesystem that unpacked layers make, the lowest first.
    ///
    /// # Errors
    /// When one of them is no folder that can be opened.
    pub fn of_layers(layers: &[String]) -> Result<Self, TargetError> {
        for given in layers {
            fs::read_dir(given).map_err(|source| TargetError { given: given.clone(), source })?;
        }
        let path = layers.first().map(PathBuf::from).unwrap_or_default();
        Ok(Self { given: layers.join(":"), path, kind: TargetKind::Rootfs, is_file: false, layers: layers.to_vec() })
    }

    /// Whether its files are those of an image or a root filesystem.
    #[must_use]
    pub fn is_image(&self) -> bool {
        matches!(self.kind, TargetKind::Image | TargetKind::Rootfs)
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
    // What `docker save` writes, unpacked.
    let saved = is_docker_list(&path.join("manifest.json"));
    let layout = has("oci-layout") || (path.join("index.json").is_file() && path.join("blobs/sha256").is_dir());
    if (layout || saved) && !named {
        TargetKind::Image
    } else if named && PACKAGE_DATABASES.iter().any(|name| has(name)) {
        TargetKind::Rootfs
    } else if has("pyvenv.cfg") || has("conda-meta") || INSTALLED.iter().any(|name| path.ends_with(name)) {
        TargetKind::Environment
    } else {
        TargetKind::Directory
    }
}

/// Whether a file is Docker's list of the images of an archive, and no other's manifest.
fn is_docker_list(path: &Path) -> bool {
    /// It begins with what tells.
    const START: u64 = 64 << 10;
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(START).read_to_end(&mut start));
    let text = String::from_utf8_lossy(&start);
    read.is_ok() && text.trim_start().starts_with('[') && text.contains("\"Config\"") && text.contains("\"Layers\"")
}

fn file_kind(path: &Path) -> io::Result<TargetKind> {
    let mut start = Vec::new();
    File::open(path)?.take(512).read_to_end(&mut start)?;
    let packed = start.starts_with(&[0x1f, 0x8b]) || start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]);
    Ok(if packed || is_tar(&start) { TargetKind::Image } else { TargetKind::Lockfile })
}

/// Whether a file begins with the header of an archive member: by the magic of POSIX, or the checksum that all have.
fn is_tar(start: &[u8]) -> bool {
    if start.len() < 512 {
        return false;
    }
    let stated = start[148..156].iter().filter(|byte| byte.is_ascii_digit()).fold(0_u32, |sum, byte| sum * 8 + u32::from(byte - b'0'));
    let sum: u32 = start.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) }).sum();
    start.get(257..262) == Some(b"ustar") || (start[0] != 0 && stated == sum)
}
