//! A third-party package that a dependency file names and that advisories can be matched against.

use std::fmt;

use super::{Ecosystem, Location};

/// A package of a dependency file.
///
/// Packages that cannot be matched (git sources, foreign registries) are no `Package`s but
/// [`Unchecked`](super::Unchecked); the project's own are only counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Where it was published.
    pub ecosystem: Ecosystem,
    /// Its name as written there.
    pub name: String,
    /// Which of its versions the file asks for.
    pub wanted: Wanted,
    /// The line of its entry in the dependency file, counted from 1.
    pub line: u32,
    /// Its node in the file's dependency graph, where the format has one.
    pub node: Option<usize>,
    /// What it is wanted for, sorted; empty where the format does not say.
    pub groups: Vec<Group>,
    /// Under which circumstances it is wanted (PEP 508, environment markers), as written; `None`: always.
    pub marker: Option<String>,
    /// Other places that have a say in what is wanted: the lines of constraints.
    pub also_at: Vec<Location>,
    /// The package indexes that it may come from, as the file names them; empty where it names none. The one that every
    /// tool asks by itself is `PyPI`. Addresses may hold passwords: see [`same_index`](super::same_index).
    pub indexes: Vec<String>,
    /// What a distribution builds it from; `None` where packages are not built from others.
    pub source: Option<SourcePackage>,
}

impl Package {
    /// A package of no particular group that is always wanted.
    #[must_use]
    pub fn new(ecosystem: Ecosystem, name: impl Into<String>, wanted: Wanted, line: u32) -> Self {
        Self {
            ecosystem,
            name: name.into(),
            wanted,
            line,
            node: None,
            groups: Vec::new(),
            marker: None,
            also_at: Vec::new(),
            indexes: Vec::new(),
            source: None,
        }
    }

    /// The version, or the requirement, that advisories speak of.
    #[must_use]
    pub fn advised_version(&self) -> &str {
        self.source.as_ref().map_or_else(|| self.wanted.text(), |source| &source.version)
    }
}

/// The source package that a distribution builds a package from (Debian Policy, section 5.6.1; the origin of an apk
/// package). Its version may differ from that of the package itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourcePackage {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Which versions of a package are wanted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wanted {
    /// This very version, as written.
    Version(String),
    /// Any that a requirement lets in, as written in the ecosystem's notation (`>=3.9,<4`); empty: any at all.
    Requirement(String),
}

impl Wanted {
    /// The version, if it is one.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        match self {
            Self::Version(version) => Some(version),
            Self::Requirement(_) => None,
        }
    }

    /// The requirement, if it is one.
    #[must_use]
    pub fn requirement(&self) -> Option<&str> {
        match self {
            Self::Version(_) => None,
            Self::Requirement(requirement) => Some(requirement),
        }
    }

    /// The version or the requirement, as written.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Version(text) | Self::Requirement(text) => text,
        }
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.text().is_empty() { "(any version)" } else { self.text() })
    }
}

/// What a package is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// The project does not run without it.
    Runtime,
    /// An extra that users choose.
    Optional,
    /// Building, testing, documenting: it does not reach users.
    Dev,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Runtime, Self::Optional, Self::Dev];

    /// The name in reports and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Optional => "optional",
            Self::Dev => "dev",
        }
    }
}
