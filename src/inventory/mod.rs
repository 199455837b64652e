//! Floor 2: dependency files to packages, one file a format.
//!
//! A new format is one file here that implements [`Extractor`], its line in [`EXTRACTORS`], and a fixture.

pub mod apk;
pub mod cargo_auditable;
pub mod cargo_lock;
pub mod cargo_manifest;
pub mod chisel;
pub mod conda_meta;
mod core_metadata;
pub mod coverage;
mod direct_url;
pub mod dist_info;
pub mod dpkg;
pub mod egg_info;
pub mod foreign;
pub mod lines;
pub mod os_release;
pub mod ownership;
mod paths;
pub mod pdm_lock;
pub mod pep508;
pub mod pipfile;
pub mod pipfile_lock;
pub mod poetry_lock;
pub mod project_version;
pub mod pylock;
pub mod pyproject;
mod python_indexes;
mod python_lock;
mod python_manifest;
pub mod reference;
pub mod requirements;
pub mod rpm_database;
pub mod rust_toolchain;
pub mod setup_cfg;
mod syntax;
pub mod unsupported;
pub mod uv_lock;
pub mod wheel;

pub use coverage::{Above, Coverage, Extent, Folders};
pub use pep508::{Environment, Marker};
pub use reference::{Reference, ReferenceKind};

use crate::model::{DependencyGraph, Package, Reason, Skipped, Unchecked};

/// A format of dependency files.
///
/// An extractor receives a path and bytes and opens nothing, so that the same one serves a directory, a git revision
/// and an image layer.
pub trait Extractor: Sync {
    /// The format's name, also the name of its folder under `fixtures/inventory/`.
    fn name(&self) -> &'static str;

    /// Whether a file of this path (with `/` separators) is of this format, by its name.
    fn recognises(&self, path: &str) -> bool;

    /// Whether a file that was named as a target, and whose name says nothing, is of this format by its content.
    fn looks_like(&self, _bytes: &[u8]) -> bool {
        false
    }

    /// Whether files of this format are looked for only in images and root filesystems, and in other folders mean nothing.
    fn is_of_root_filesystems(&self) -> bool {
        false
    }

    /// Whether the file has to be opened. Of some the name says it all, and [`Extractor::extract`] may be given no bytes.
    fn needs_content(&self) -> bool {
        true
    }

    /// A bound on how many things reading the file makes of it: packages, values, lines. Whoever reads what anybody may have
    /// written asks before, because each of them takes memory.
    fn parts(&self, bytes: &[u8]) -> u64 {
        lines::things(bytes)
    }

    /// Reads the file. Never fails: what cannot be read is in [`Extracted::unchecked`].
    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted;
}

/// Every format that is read, or known and named. The first that recognises a file has it.
pub const EXTRACTORS: &[&dyn Extractor] = &[
    &cargo_lock::CargoLock,
    &cargo_manifest::CargoManifest,
    &rust_toolchain::RustToolchain,
    &uv_lock::UvLock,
    &poetry_lock::PoetryLock,
    &pdm_lock::PdmLock,
    &pipfile_lock::PipfileLock,
    &pylock::Pylock,
    &pyproject::Pyproject,
    &pipfile::Pipfile,
    &setup_cfg::SetupCfg,
    &dist_info::DistInfo,
    &egg_info::EggInfo,
    &conda_meta::CondaMeta,
    &requirements::Requirements,
    &dpkg::Dpkg,
    &apk::Apk,
    &chisel::Chisel,
    &wheel::Wheel,
    &cargo_auditable::CargoAuditable,
    &unsupported::Unsupported,
];

/// What one dependency file says.
#[derive(Clone, Debug, Default)]
pub struct Extracted {
    /// What became of the file itself.
    pub file: FileState,
    /// Third-party packages that advisories can be matched against.
    pub packages: Vec<Package>,
    /// The project's own packages.
    pub own: Vec<OwnPackage>,
    /// What was found and cannot be checked.
    pub unchecked: Vec<Unchecked>,
    /// What the rules pass over.
    pub skipped: Vec<Skipped>,
    /// The lockfiles that would speak for this manifest, if it is one.
    pub coverage: Option<Coverage>,
    /// Who depends on whom; [`Package::node`] points into it.
    pub graph: DependencyGraph,
    /// Other files that it takes in or is bound by.
    pub references: Vec<Reference>,
    /// The manifests that its header says it was compiled from, as written there.
    pub compiled_from: Vec<String>,
    /// What it says of where the package in its folder was installed from; the package itself is in the file beside it.
    pub installed_from: Option<InstalledFrom>,
}

/// Where an installed package came from, if not from an index by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstalledFrom {
    /// The project's own source tree.
    OwnSource,
    /// A place that advisories do not speak of, as the end of a sentence: `the git repository https://...`.
    Elsewhere(String),
}

/// What became of a dependency file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileState {
    /// Read and understood, whole.
    #[default]
    Read,
    /// Damaged, not understood, or of a format that we do not read; an [`Unchecked`] says why. Packages that could be
    /// read are matched all the same.
    NotRead,
    /// It turned out to name nothing that could be checked, and does not count as a dependency file.
    Irrelevant,
}

/// A package of the project itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPackage {
    /// Its name.
    pub name: String,
    /// Its version; `None` where the manifest leaves it to the workspace.
    pub version: Option<String>,
}

impl OwnPackage {
    /// Whether both may be the same package.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        let same_version = self.version.is_none() || other.version.is_none() || self.version == other.version;
        self.name == other.name && same_version
    }
}

/// The extractor of a file by its name, in a folder of a project.
#[must_use]
pub fn by_name(path: &str) -> Option<&'static dyn Extractor> {
    EXTRACTORS.iter().copied().find(|extractor| !extractor.is_of_root_filesystems() && extractor.recognises(path))
}

/// The extractor of a file by its name, in an image or a root filesystem.
#[must_use]
pub fn in_root_filesystem(path: &str) -> Option<&'static dyn Extractor> {
    EXTRACTORS.iter().copied().find(|extractor| extractor.recognises(path))
}

/// The extractor of a file by its content.
#[must_use]
pub fn by_content(bytes: &[u8]) -> Option<&'static dyn Extractor> {
    EXTRACTORS.iter().copied().find(|extractor| extractor.looks_like(bytes))
}

/// The last part of a path.
#[must_use]
pub fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

impl Extracted {
    /// A file that was read and not understood.
    #[must_use]
    pub fn not_understood(path: &str, line: Option<u32>, detail: impl Into<String>) -> Self {
        Self::not_read(path, line, Reason::NotUnderstood, 0, detail)
    }

    /// A file that does not count as checked.
    #[must_use]
    pub fn not_read(path: &str, line: Option<u32>, reason: Reason, packages: u32, detail: impl Into<String>) -> Self {
        let subject = file_name(path).to_owned();
        Self {
            file: FileState::NotRead,
            unchecked: vec![Unchecked { path: path.to_owned(), line, subject, packages, reason, detail: detail.into() }],
            ..Self::default()
        }
    }
}
