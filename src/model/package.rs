//! A third-party package that a dependency file names and that advisories can be matched against.

use super::Ecosystem;

/// A pinned package of a dependency file.
///
/// Packages that cannot be matched (git sources, foreign registries) are no `Package`s but
/// [`Unchecked`](super::Unchecked); the project's own are only counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Where it was published.
    pub ecosystem: Ecosystem,
    /// Its name as written there.
    pub name: String,
    /// Its version as written there.
    pub version: String,
    /// The line of its entry in the dependency file, counted from 1.
    pub line: u32,
    /// Its node in the file's dependency graph, where the format has one.
    pub node: Option<usize>,
}
