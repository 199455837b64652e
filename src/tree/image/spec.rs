//! What manifests and configurations say of an image, whichever tool wrote them: the OCI image specification 1.1, and
//! Docker's `manifest.json`.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::{
    layer::Digest,
    limits::{Limit, Limits},
    source::{Small, Source},
};
use crate::model::Timestamp;

/// The most steps, variables and labels that are taken from a configuration.
const MOST_SAID: usize = 4096;

/// Why an image is passed over.
const OTHER_PLATFORM: &str = "of another platform than asked for";

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
    /// How many manifests and indexes were looked at.
    seen: usize,
    /// Whether what is read now is the second list of the same images.
    is_second: bool,
}

impl Specs {
    /// Takes an image, unless it is of another platform, or there already under another name.
    fn take(&mut self, spec: Spec, name: String, platform: Option<&str>, limits: &Limits) -> Result<(), SpecError> {
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

#[derive(Deserialize)]
struct RawDocker {
    #[serde(rename = "Config")]
    config: String,
    #[serde(rename = "RepoTags")]
    tags: Option<Vec<String>>,
    #[serde(rename = "Layers")]
    layers: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct RawIndex {
    manifests: Option<Vec<RawDescriptor>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDescriptor {
    media_type: Option<String>,
    digest: String,
    platform: Option<RawPlatform>,
    annotations: Option<std::collections::BTreeMap<String, String>>,
    urls: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct RawPlatform {
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
}

#[derive(Deserialize)]
struct RawManifest {
    config: Option<RawDescriptor>,
    layers: Option<Vec<RawDescriptor>>,
    manifests: Option<Vec<RawDescriptor>>,
    annotations: Option<std::collections::BTreeMap<String, String>>,
}

#[derive(Deserialize, Default)]
struct RawConfig {
    created: Option<String>,
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
    config: Option<RawRuntime>,
    history: Option<Vec<RawHistory>>,
    rootfs: Option<RawRootfs>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawRuntime {
    env: Option<Vec<String>>,
    labels: Option<std::collections::BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct RawHistory {
    created: Option<String>,
    created_by: Option<String>,
    comment: Option<String>,
    empty_layer: Option<bool>,
}

#[derive(Deserialize)]
struct RawRootfs {
    diff_ids: Option<Vec<String>>,
}

/// Reads what images a source holds. With `platform` only those of it.
pub(super) fn read(source: &Source, platform: Option<&str>, limits: &Limits) -> Result<Specs, SpecError> {
    let mut specs = Specs::default();
    let list = json::<Vec<RawDocker>>(source, "manifest.json", None, limits)?;
    specs.is_second = list.is_some();
    if let Some(list) = list {
        docker(source, list, platform, limits, &mut specs)?;
    }
    let index = json::<RawIndex>(source, "index.json", None, limits);
    if !specs.is_second {
        let index = index?.ok_or_else(|| SpecError::Missing("index.json".to_owned()))?;
        walk(source, index.manifests.unwrap_or_default(), None, platform, limits, 0, &mut specs)?;
        return Ok(specs);
    }
    // Beside Docker's list there may be an index with more, of other platforms; with some versions it is broken, or has less.
    let more = index.and_then(|index| match index.and_then(|index| index.manifests) {
        Some(manifests) => walk(source, manifests, None, platform, limits, 0, &mut specs),
        None => Ok(()),
    });
    match more {
        Err(error @ (SpecError::Digest(..) | SpecError::Limit(_))) => Err(error),
        Err(error) => {
            specs.passed.push(("index.json".to_owned(), format!("what it has beside manifest.json cannot be read: {error}")));
            Ok(specs)
        }
        Ok(()) => Ok(specs),
    }
}

fn docker(source: &Source, list: Vec<RawDocker>, platform: Option<&str>, limits: &Limits, specs: &mut Specs) -> Result<(), SpecError> {
    for raw in list {
        specs.seen += 1;
        if specs.seen > limits.manifests {
            return Err(SpecError::Limit(Limit::Manifests));
        }
        let config_digest = digest_of_name(&raw.config);
        let (config, digest) = config(source, &raw.config, config_digest.as_deref(), limits)?;
        let tags = raw.tags.unwrap_or_default();
        let reference = tags.first().cloned();
        let name = reference.clone().unwrap_or_else(|| raw.config.clone());
        let diff_ids = diff_ids(&config);
        let layers = raw.layers.unwrap_or_default();
        if layers.len() > limits.layers {
            return Err(SpecError::Limit(Limit::Layers));
        }
        agree(&name, layers.len(), &diff_ids)?;
        let layers = layers.into_iter().enumerate().map(|(at, blob)| {
            let diff_id = diff_ids.get(at).cloned();
            // Blobs in OCI's place are named after their bytes; elsewhere only the digest of the tar is known.
            let stored = blob.strip_prefix("blobs/sha256/").filter(|hex| is_hex(hex)).map(str::to_owned);
            let plain = diff_id.as_deref().and_then(|id| id.strip_prefix("sha256:")).filter(|hex| is_hex(hex));
            let digest = match (stored, plain) {
                (Some(stored), _) => Digest::Stored(stored),
                (None, Some(plain)) => Digest::Plain(plain.to_owned()),
                (None, None) => Digest::Unknown,
            };
            let name = match &digest {
                Digest::Stored(hex) | Digest::Plain(hex) => format!("sha256:{hex}"),
                Digest::Unknown => blob.clone(),
            };
            LayerSpec { blob, name, digest, diff_id, is_foreign: false }
        });
        let layers = layers.collect();
        let spec = spec(config, digest.clone(), reference, Some(digest), None, layers);
        specs.take(spec, name, platform, limits)?;
    }
    Ok(())
}

fn walk(
    source: &Source,
    descriptors: Vec<RawDescriptor>,
    above: Option<&str>,
    platform: Option<&str>,
    limits: &Limits,
    depth: usize,
    specs: &mut Specs,
) -> Result<(), SpecError> {
    if depth > limits.nesting {
        return Err(SpecError::Limit(Limit::Nesting));
    }
    let several = descriptors.len() > 1;
    for descriptor in descriptors {
        specs.seen += 1;
        if specs.seen > limits.manifests {
            return Err(SpecError::Limit(Limit::Manifests));
        }
        let note = |name: &str| descriptor.annotations.as_ref().and_then(|notes| notes.get(name)).cloned();
        let stated = descriptor.platform.as_ref().and_then(RawPlatform::name);
        let is_attestation =
            note("vnd.docker.reference.type").as_deref() == Some("attestation-manifest") && stated.as_deref() == Some("unknown/unknown");
        let reference =
            note("io.containerd.image.name").or_else(|| note("org.opencontainers.image.ref.name")).or_else(|| above.map(str::to_owned));
        let told = match (&reference, &stated) {
            (Some(reference), Some(stated)) => format!("{reference} {stated}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => descriptor.digest.clone(),
        };
        if is_attestation {
            specs.passed.push((told, "an attestation, no image".to_owned()));
            continue;
        }
        if let (Some(stated), Some(platform)) = (&stated, platform)
            && !matches(stated, platform)
        {
            specs.passed.push((told, OTHER_PLATFORM.to_owned()));
            continue;
        }
        let (blob, hex) = blob(&descriptor.digest)?;
        if source.size(&blob).is_none() && (several || depth > 0) && stated.is_some() {
            specs.passed.push((told, "it is named, and its files are not here".to_owned()));
            continue;
        }
        let raw: RawManifest = json(source, &blob, Some(&hex), limits)?.ok_or_else(|| SpecError::Missing(blob.clone()))?;
        if let Some(nested) = raw.manifests {
            walk(source, nested, reference.as_deref(), platform, limits, depth + 1, specs)?;
            continue;
        }
        let Some(config_descriptor) = raw.config else {
            let what = descriptor.media_type.unwrap_or_default();
            return Err(SpecError::NotUnderstood(blob, format!("it is neither a manifest nor an index ({what})")));
        };
        let (config_blob, config_hex) = self::blob(&config_descriptor.digest)?;
        let (config, _) = config(source, &config_blob, Some(&config_hex), limits)?;
        let layers = raw.layers.unwrap_or_default();
        if layers.len() > limits.layers {
            return Err(SpecError::Limit(Limit::Layers));
        }
        let diff_ids = diff_ids(&config);
        agree(&told, layers.len(), &diff_ids)?;
        let layers = layers.into_iter().enumerate().map(|(at, layer)| {
            let (blob, hex) = self::blob(&layer.digest)?;
            let is_foreign = layer.urls.is_some_and(|urls| !urls.is_empty());
            Ok(LayerSpec { blob, name: layer.digest, digest: Digest::Stored(hex), diff_id: diff_ids.get(at).cloned(), is_foreign })
        });
        let layers = layers.collect::<Result<Vec<_>, SpecError>>()?;
        let notes = raw.annotations;
        let spec = spec(config, config_descriptor.digest, reference, Some(descriptor.digest), stated, layers);
        let mut spec = spec;
        // Some tools write there what others write into labels.
        spec.labels.extend(notes.into_iter().flatten().take(MOST_SAID));
        specs.take(spec, told, platform, limits)?;
    }
    Ok(())
}

impl RawPlatform {
    fn name(&self) -> Option<String> {
        name_of(self.os.as_deref(), self.architecture.as_deref(), self.variant.as_deref())
    }
}

fn name_of(os: Option<&str>, architecture: Option<&str>, variant: Option<&str>) -> Option<String> {
    let base = format!("{}/{}", os.filter(|os| !os.is_empty())?, architecture.filter(|name| !name.is_empty())?);
    Some(match variant.filter(|variant| !variant.is_empty()) {
        Some(variant) => format!("{base}/{variant}"),
        None => base,
    })
}

/// Whether a platform is the one that was asked for, or a variant of it.
fn matches(stated: &str, asked: &str) -> bool {
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

fn agree(name: &str, layers: usize, diff_ids: &[String]) -> Result<(), SpecError> {
    if diff_ids.is_empty() || diff_ids.len() == layers {
        return Ok(());
    }
    let cause = format!("the manifest has {layers} layers, and the configuration {}", diff_ids.len());
    Err(SpecError::NotUnderstood(name.to_owned(), cause))
}

fn diff_ids(config: &RawConfig) -> Vec<String> {
    config.rootfs.as_ref().and_then(|rootfs| rootfs.diff_ids.clone()).unwrap_or_default()
}

fn spec(
    config: RawConfig,
    id: String,
    reference: Option<String>,
    digest: Option<String>,
    stated: Option<String>,
    layers: Vec<LayerSpec>,
) -> Spec {
    let own = name_of(config.os.as_deref(), config.architecture.as_deref(), config.variant.as_deref());
    let moment = |text: &Option<String>| text.as_deref().and_then(|text| Timestamp::parse(text).ok());
    let (environment, labels) =
        config.config.map_or_else(Default::default, |raw| (raw.env.unwrap_or_default(), raw.labels.unwrap_or_default()));
    let history = config.history.unwrap_or_default().into_iter().take(MOST_SAID).map(|step| Instruction {
        created: moment(&step.created),
        created_by: step.created_by.filter(|text| !text.is_empty()),
        comment: step.comment,
        is_empty: step.empty_layer.unwrap_or_default(),
    });
    Spec {
        reference,
        platform: own.or(stated),
        digest,
        config: id,
        created: moment(&config.created),
        environment: environment.into_iter().take(MOST_SAID).collect(),
        labels: labels.into_iter().take(MOST_SAID).collect(),
        history: history.collect(),
        layers,
    }
}

fn config(source: &Source, name: &str, hex: Option<&str>, limits: &Limits) -> Result<(RawConfig, String), SpecError> {
    let bytes = bytes(source, name, hex, limits)?.ok_or_else(|| SpecError::Missing(name.to_owned()))?;
    let digest = format!("sha256:{}", sha256(&bytes));
    Ok((parse(name, &bytes)?, digest))
}

fn json<T: for<'a> Deserialize<'a>>(source: &Source, name: &str, hex: Option<&str>, limits: &Limits) -> Result<Option<T>, SpecError> {
    bytes(source, name, hex, limits)?.map(|bytes| parse(name, &bytes)).transpose()
}

fn parse<T: for<'a> Deserialize<'a>>(name: &str, bytes: &[u8]) -> Result<T, SpecError> {
    serde_json::from_slice(bytes).map_err(|error| SpecError::NotUnderstood(name.to_owned(), error.to_string()))
}

fn bytes(source: &Source, name: &str, hex: Option<&str>, limits: &Limits) -> Result<Option<Vec<u8>>, SpecError> {
    let bytes = source.small(name, limits).map_err(|error| match error {
        Small::Io(error) => SpecError::Unreadable(name.to_owned(), error),
        Small::Limit(limit) => SpecError::Limit(limit),
    })?;
    if let (Some(bytes), Some(hex)) = (&bytes, hex) {
        let found = sha256(bytes);
        if found != hex {
            return Err(SpecError::Digest(name.to_owned(), found));
        }
    }
    Ok(bytes)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The digest that a configuration's name states: `HEX.json`, `blobs/sha256/HEX`.
fn digest_of_name(name: &str) -> Option<String> {
    let stem = name.strip_prefix("blobs/sha256/").or_else(|| name.strip_suffix(".json")).unwrap_or(name);
    // As crane, ko and others write it.
    let stem = stem.strip_prefix("sha256:").unwrap_or(stem);
    is_hex(stem).then(|| stem.to_owned())
}

/// Where a blob is, by its digest, and the digest in hexadecimal.
fn blob(digest: &str) -> Result<(String, String), SpecError> {
    match digest.split_once(':') {
        Some(("sha256", hex)) if is_hex(hex) => Ok((format!("blobs/sha256/{hex}"), hex.to_owned())),
        _ => Err(SpecError::NotUnderstood(digest.to_owned(), "overdue verifies sha256 digests, and this is none".to_owned())),
    }
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
