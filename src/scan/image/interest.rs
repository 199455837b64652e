//! Which files of an image are wanted, by their paths.

use crate::{
    inventory::{self, Extractor, cargo_auditable, file_name, foreign, ownership, rpm_database},
    tree::image::{Interest, Keep},
};

/// What is wanted of images.
pub(super) const INTEREST: Interest = Interest { keep, audit: cargo_auditable::audit_data };

/// The files that name a distribution.
pub(super) const SYSTEM: [&str; 5] =
    ["etc/os-release", "usr/lib/os-release", "etc/alpine-release", "etc/debian_version", "etc/redhat-release"];

/// The header by which an installed Python says its version, below its root.
pub(super) const PYTHON_HEADER: &str = "patchlevel.h";

fn keep(path: &str) -> Keep {
    if SYSTEM.contains(&path) {
        return Keep::Bytes;
    }
    if rpm_database::kind(path).is_some() || foreign::installed(path).is_some() {
        return Keep::Name;
    }
    let is_installed = recognised(path).is_some_and(|extractor| INSTALLED.contains(&extractor.name()));
    if is_passed_over(path) && !is_installed {
        return Keep::Nothing;
    }
    if ownership::recognises(path) || (file_name(path) == PYTHON_HEADER && path.contains("include/python")) {
        return Keep::Bytes;
    }
    match recognised(path) {
        Some(_) if is_part_of_installed(path) && !is_vendored(path) => Keep::Name,
        Some(extractor) if extractor.needs_content() => Keep::Bytes,
        Some(_) => Keep::Name,
        None if is_list_of_vendored(path) => Keep::Bytes,
        None => Keep::Nothing,
    }
}

/// The extractor of a file in an image.
pub(super) fn recognised(path: &str) -> Option<&'static dyn Extractor> {
    // Of rpm's database the size is told, which no extractor sees; packages of other ecosystems are counted by their folders.
    let is_counted = || rpm_database::kind(path).is_some() || foreign::installed(path).is_some();
    // pip leaves such folders of what it was about to remove, and passes over them.
    let is_left = || path.split('/').any(|part| part.starts_with('~') && part.ends_with(".dist-info"));
    inventory::in_root_filesystem(path).filter(|_| !is_counted() && !is_left())
}

/// Folders whose files are counted another way, or are of no interest.
fn is_passed_over(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "node_modules" | ".git"))
}

/// The formats of installed packages.
pub(super) const INSTALLED: [&str; 5] = ["dist_info", "egg_info", "conda_meta", "wheel", "cargo_auditable"];

/// Whether a path is one of a file that lies in installed Python packages beside their metadata.
pub(super) fn is_part_of_installed(path: &str) -> bool {
    let is_installed = path.split('/').any(|part| matches!(part, "site-packages" | "dist-packages"));
    is_installed && !recognised(path).is_some_and(|extractor| INSTALLED.contains(&extractor.name()))
}

/// Whether a path is in a tree that an installed package carries along from others, as pip does in `pip/_vendor`, and Python
/// with the wheels of pip in `ensurepip/_bundled`. A folder of that name in somebody's project is none.
pub(super) fn is_vendored(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    parts.iter().enumerate().any(|(at, part)| match *part {
        "_vendor" => parts[..at].iter().any(|above| matches!(*above, "site-packages" | "dist-packages")),
        "_bundled" => at > 0 && parts[at - 1] == "ensurepip",
        _ => false,
    })
}

/// Whether a file lists what is in a vendored tree.
pub(super) fn is_list_of_vendored(path: &str) -> bool {
    path.ends_with("/_vendor/vendor.txt") && is_vendored(path)
}
