//! What is known of an image: its layers and its base. Image references, as the OCI distribution specification writes them.

use std::sync::Arc;

use super::{Timestamp, timestamp::DAY};

/// Images that want to be the same each time say that they were made at the beginning of time; what is not later than
/// this, in seconds, is no date.
pub const EARLIEST: i64 = 10 * 365 * DAY;

/// A layer of an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageLayer {
    /// 0 for the lowest.
    pub index: usize,
    /// `sha256:...`, as the manifest names it; of a folder its path.
    pub digest: Option<String>,
    /// The instruction that made it, as the history has it.
    pub created_by: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Whose it is, if that can be told.
    pub origin: Option<LayerOrigin>,
}

/// Whose a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LayerOrigin {
    /// The image's that it was built on.
    Base,
    /// Its own.
    Application,
}

impl LayerOrigin {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Application => "application",
        }
    }
}

/// What is known of an image.
#[derive(Clone, Debug, Default)]
pub struct ImageInfo {
    /// Whether it is an image, and no root filesystem by itself.
    pub is_image: bool,
    /// How it is called, if it is.
    pub reference: Option<String>,
    /// `linux/amd64`.
    pub platform: Option<String>,
    /// The digest of its manifest, else of its configuration: `sha256:...`.
    pub digest: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// `NAME=VALUE` of its environment.
    pub environment: Vec<String>,
    /// Its layers, the lowest first.
    pub layers: Vec<Arc<ImageLayer>>,
    /// What it was built on, if that is known.
    pub base: Option<ImageBase>,
}

/// What an image was built on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageBase {
    /// So many layers, from the lowest, are its.
    pub layers: usize,
    /// How that is known.
    pub basis: &'static str,
    /// Whether that is a guess.
    pub is_inferred: bool,
    /// How it is called, if a label says so.
    pub name: Option<String>,
    /// Its digest, if a label says so.
    pub digest: Option<String>,
}

/// The repository of an image reference, without its tag and digest: what stays the same from one build to the next.
#[must_use]
pub fn repository(reference: &str) -> &str {
    let reference = reference.split('@').next().unwrap_or_default();
    // A colon before the last slash belongs to the registry's port.
    let name = reference.rfind('/').map_or(0, |at| at + 1);
    reference[name..].find(':').map_or(reference, |at| &reference[..name + at])
}

#[cfg(test)]
mod tests {
    use super::repository;

    #[test]
    fn tags_and_digests_are_not_part_of_it() {
        for (reference, name) in [
            ("alpine", "alpine"),
            ("alpine:3.20", "alpine"),
            ("index.example:5000/team/app:1.2", "index.example:5000/team/app"),
            ("index.example:5000/team/app", "index.example:5000/team/app"),
            ("team/app@sha256:0123", "team/app"),
            ("team/app:1.2@sha256:0123", "team/app"),
        ] {
            assert_eq!(repository(reference), name, "{reference}");
        }
    }
}
