//! What an image is, as manifests and configurations say it.

use super::{
    layer::Digest,
    limits::{Limit, Limits},
};
use crate::model::Timestamp;

/// Why an image is passed over.
pub(super) const OTHER_PLATFORM: &str = "of another platform than asked for";

/// An image, as its manifest describes it.
#[derive(Debug, Default)]
pub(super) struct Spec {
    /// How it is called, if it is.
    pub(super) reference: Option<String>,
    /// `linux/amd64`.
    pub(super) platform: Option<String>,
    /// The digest of its manifest, else of its configuration: `sha256:...`.
    pub(super) digest: Option<String>,
    /// The digest of its configuration, by which every tool knows it.
    pub(super) config: String,
    /// When it was made.
    pub(super) created: Option<Timestamp>,
    /// `NAME=VALUE` of its environment.
    pub(super) environment: Vec<String>,
    /// Its labels.
    pub(super) labels: Vec<(String, String)>,
    /// Its instructions.
    pub(super) history: Vec<Instruction>,
    /// Its layers, the lowest first.
    pub(super) layers: Vec<LayerSpec>,
}

/// A layer, as the manifest describes it.
#[derive(Debug)]
pub(super) struct LayerSpec {
    /// Where its bytes are.
    pub(super) blob: String,
    /// The digest by which it is known: `sha256:...`.
    pub(super) name: String,
    /// The digest that its bytes must have.
    pub(super) digest: Digest,
    /// The digest of its tar, which is the same however it is packed.
    pub(super) diff_id: Option<String>,
    /// Whether its bytes are somewhere else: a foreign layer.
    pub(super) is_foreign: bool,
}

/// A step of a build.
#[derive(Debug)]
pub(super) struct Instruction {
    pub(super) created: Option<Timestamp>,
    pub(super) created_by: Option<String>,
    pub(super) comment: Option<String>,
    /// Whether it made no layer.
    pub(super) is_empty: bool,
}

/// The images of a target, and what was passed over.
#[derive(Default)]
pub(super) struct Specs {
    pub(super) images: Vec<Spec>,
    /// Images that are named and not scanned, with the reason; whether that was asked for or is usual.
    pub(super) passed: Vec<(String, String)>,
    /// Whether what is read now is the second list of the same images.
    pub(super) is_second: bool,
}

impl Specs {
    /// Takes an image, unless it is of another platform, or there already under another name.
    pub(super) fn take(&mut self, spec: Spec, name: String, platform: Option<&str>, limits: &Limits) -> Result<(), SpecError> {
        if let Some(known) = self.images.iter().find(|known| known.config == spec.config && known.layers.len() == spec.layers.len()) {
            // Docker lists an image in two files; only another name is worth a word.
            if spec.reference.is_some() && known.reference.is_some() && spec.reference != known.reference && !self.is_second {
                self.passed.push((name, "another name of an image that is scanned".to_owned()));
            }
        } else if !is_of(&spec, platform) {
            self.passed.push((name, OTHER_PLATFORM.to_owned()));
        } else if self.images.len() >= limits.images {
            return Err(SpecError::Limit(Limit::Images));
        } else {
            self.images.push(spec);
        }
        Ok(())
    }
}

/// Why a target cannot be read as images.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpecError {
    /// A file of it cannot be read.
    #[error("{0}: {1}")]
    Unreadable(String, std::io::Error),
    /// A file of it is not there.
    #[error("{0} is named and not there")]
    Missing(String),
    /// A file of it says nothing that can be understood.
    #[error("{0}: {1}")]
    NotUnderstood(String, String),
    /// A file of it is not what its digest says.
    #[error("{0} has the digest sha256:{1}")]
    Digest(String, String),
    /// A limit was reached.
    #[error("{0:?}")]
    Limit(Limit),
}

/// Whether a platform is the one that was asked for, or a variant of it.
pub(super) fn matches(stated: &str, asked: &str) -> bool {
    let known = |name: &str| name.to_ascii_lowercase().replace("x86_64", "amd64").replace("aarch64", "arm64");
    let (stated, asked) = (&*known(stated), &*known(asked));
    let asked = if asked.contains('/') { asked.to_owned() } else { format!("linux/{asked}") };
    // The first variant is what is meant without one, and not everybody writes it down.
    let plain = |name: &str| match (name.strip_suffix("arm64/v8"), name.strip_suffix("amd64/v1")) {
        (Some(os), _) => format!("{os}arm64"),
        (_, Some(os)) => format!("{os}amd64"),
        _ => name.to_owned(),
    };
    let (stated, asked) = (plain(stated), plain(&asked));
    stated == asked || stated.strip_prefix(&asked).is_some_and(|rest| rest.starts_with('/'))
}

fn is_of(spec: &Spec, platform: Option<&str>) -> bool {
    platform.is_none_or(|asked| spec.platform.as_deref().is_some_and(|stated| matches(stated, asked)))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn platforms_are_met_however_they_are_written() {
        for (stated, asked, expected) in [
            ("linux/amd64", "linux/amd64", true),
            ("linux/amd64", "amd64", true),
            ("linux/arm64/v8", "linux/arm64", true),
            ("linux/arm64", "arm64/v8", false),
            ("linux/arm64", "linux/arm64/v8", true),
            ("linux/arm/v7", "linux/arm", true),
            ("linux/arm/v7", "linux/arm/v6", false),
            ("linux/arm64", "linux/arm", false),
            ("linux/amd64", "Linux/x86_64", true),
            ("linux/arm64", "linux/aarch64", true),
            ("linux/amd64", "linux/amd64/v1", true),
            ("linux/amd64", "linux/amd64/v3", false),
        ] {
            assert_eq!(matches(stated, asked), expected, "{stated} {asked}");
        }
    }
}
