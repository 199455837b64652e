//! Which folders are not entered: the same on disk and in a git revision.

use crate::model::{Skipped, unchecked::Why};

/// Why a folder of this name is not entered, if it is not; an empty reason is not worth naming. `has` tells whether it
/// holds something of a name, `is_tracked` whether git tracks anything in it.
#[must_use]
pub fn not_entered(name: &str, has: impl Fn(&str) -> bool, is_tracked: impl Fn() -> bool) -> Option<(&'static str, Why)> {
    match name {
        ".git" => Some(("", Why::Usual)),
        // What somebody committed was not built.
        "target" if !is_tracked() => Some(("a build folder", Why::Usual)),
        "node_modules" => Some(("installed packages of npm", Why::Usual)),
        _ if has("pyvenv.cfg") && !is_tracked() => Some(("a Python environment: scan it by name", Why::Notable)),
        // `cargo vendor` leaves this file in each crate; the project's lockfile lists them all.
        _ if has(".cargo-checksum.json") => Some(("a vendored crate", Why::Usual)),
        _ if has("conda-meta") && !is_tracked() => Some(("a conda environment: scan it by name", Why::Notable)),
        _ => None,
    }
}

/// A submodule that is not checked out, at the commit that its superproject names.
#[must_use]
pub fn absent_submodule(path: String, commit: &str) -> Skipped {
    Skipped { path, reason: format!("a submodule that is not checked out, at {commit}"), why: Why::Absent }
}
