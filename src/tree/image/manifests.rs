//! Reads manifests, indexes and configurations, whichever tool wrote them: the OCI image specification 1.1, and Docker's
//! `manifest.json`.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use sha2::{Digest as _, Sha256};

use super::{
    layer::Digest,
    limits::{Limit, Limits},
    source::{Small, Source},
    spec::{Instruction, LayerSpec, OTHER_PLATFORM, Spec, SpecError, Specs, matches},
};
use crate::model::Timestamp;

/// The most steps, variables and labels that are taken from a configuration.
const MOST_SAID: usize = 4096;

/// The most characters of the name by which an index calls an image.
const MOST_OF_NAME: usize = 500;

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
    annotations: Option<BTreeMap<String, String>>,
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
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize, Default)]
struct RawConfig {
    created: Option<String>,
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
    config: Option<RawRuntime>,
    #[serde(default, deserialize_with = "first")]
    history: Vec<RawHistory>,
    rootfs: Option<RawRootfs>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawRuntime {
    #[serde(default, deserialize_with = "first")]
    env: Vec<String>,
    labels: Option<BTreeMap<String, String>>,
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

/// The first [`MOST_SAID`] items of a list; none of what is null.
fn first<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct First<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for First<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_unit<E>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut items = Vec::new();
            while items.len() < MOST_SAID
                && let Some(item) = list.next_element()?
            {
                items.push(item);
            }
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(items)
        }
    }
    deserializer.deserialize_any(First(PhantomData))
}

/// Reads what images a source holds. With `platform` only those of it.
pub(super) fn read(source: &Source, platform: Option<&str>, limits: &Limits) -> Result<Specs, SpecError> {
    let mut reader = Reader { source, platform, limits, specs: Specs::default(), seen: 0, said: 0 };
    let list = json::<Vec<RawDocker>>(source, "manifest.json", None, limits)?;
    reader.specs.is_second = list.is_some();
    list.into_iter().flatten().try_for_each(|image| reader.docker(image))?;
    let index = json::<RawIndex>(source, "index.json", None, limits);
    if !reader.specs.is_second {
        let index = index?.ok_or_else(|| SpecError::Missing("index.json".to_owned()))?;
        reader.index(index.manifests.unwrap_or_default(), None, 0)?;
        return Ok(reader.specs);
    }
    // Beside Docker's list there may be an index with more, of other platforms; with some versions it is broken, or has less.
    let manifests = index.map(|index| index.and_then(|index| index.manifests).unwrap_or_default());
    match manifests.and_then(|manifests| reader.index(manifests, None, 0)) {
        Err(error @ (SpecError::Digest(..) | SpecError::Limit(_))) => return Err(error),
        Err(error) => {
            reader.specs.passed.push(("index.json".to_owned(), format!("what it has beside manifest.json cannot be read: {error}")));
        }
        Ok(()) => {}
    }
    Ok(reader.specs)
}

/// Goes through manifests and indexes.
struct Reader<'a> {
    source: &'a Source,
    platform: Option<&'a str>,
    limits: &'a Limits,
    specs: Specs,
    /// How many were looked at.
    seen: usize,
    /// What the configurations take, in bytes.
    said: u64,
}

/// How an index speaks of a manifest or another index.
struct Told {
    descriptor: RawDescriptor,
    /// What the image is called.
    reference: Option<String>,
    /// The platform that it is for.
    platform: Option<String>,
    /// What it is called in a report.
    name: String,
}

impl Reader<'_> {
    fn count(&mut self) -> Result<(), SpecError> {
        self.seen += 1;
        if self.seen > self.limits.manifests { Err(SpecError::Limit(Limit::Manifests)) } else { Ok(()) }
    }

    /// Takes an image of Docker's list.
    fn docker(&mut self, raw: RawDocker) -> Result<(), SpecError> {
        self.count()?;
        let config_digest = digest_of_name(&raw.config);
        let (config, digest) = self.config(&raw.config, config_digest.as_deref())?;
        let reference = raw.tags.unwrap_or_default().first().cloned();
        let name = reference.clone().unwrap_or_else(|| raw.config.clone());
        let blobs = raw.layers.unwrap_or_default();
        let diff_ids = self.diff_ids(&name, blobs.len(), &config)?;
        let layers = blobs.into_iter().enumerate().map(|(at, blob)| docker_layer(blob, diff_ids.get(at).cloned())).collect();
        let spec = spec(config, digest.clone(), reference, Some(digest), None, layers);
        self.specs.take(spec, name, self.platform, self.limits)
    }

    /// Takes what an index lists, and the indexes in it.
    fn index(&mut self, descriptors: Vec<RawDescriptor>, above: Option<&str>, depth: usize) -> Result<(), SpecError> {
        if depth > self.limits.nesting {
            return Err(SpecError::Limit(Limit::Nesting));
        }
        let several = descriptors.len() > 1;
        for descriptor in descriptors {
            self.count()?;
            let told = Told::new(descriptor, above);
            if let Some(reason) = self.passes_over(&told, several || depth > 0)? {
                self.specs.passed.push((told.name, reason.to_owned()));
                continue;
            }
            let (blob, hex) = blob(&told.descriptor.digest)?;
            let raw: RawManifest = json(self.source, &blob, Some(&hex), self.limits)?.ok_or_else(|| SpecError::Missing(blob.clone()))?;
            match raw.manifests {
                Some(nested) => self.index(nested, told.reference.as_deref(), depth + 1)?,
                None => self.manifest(raw, told, blob)?,
            }
        }
        Ok(())
    }

    /// Why an entry of an index is passed over, if it is.
    fn passes_over(&self, told: &Told, may_be_absent: bool) -> Result<Option<&'static str>, SpecError> {
        if told.is_attestation() {
            return Ok(Some("an attestation, no image"));
        }
        let (Some(stated), asked) = (&told.platform, self.platform) else { return Ok(None) };
        if asked.is_some_and(|asked| !matches(stated, asked)) {
            return Ok(Some(OTHER_PLATFORM));
        }
        let is_absent = self.source.size(&blob(&told.descriptor.digest)?.0).is_none();
        Ok((is_absent && may_be_absent).then_some("it is named, and its files are not here"))
    }

    /// Takes an image by its manifest.
    fn manifest(&mut self, raw: RawManifest, told: Told, name: String) -> Result<(), SpecError> {
        let Some(config_descriptor) = raw.config else {
            let what = told.descriptor.media_type.unwrap_or_default();
            return Err(SpecError::NotUnderstood(name, format!("it is neither a manifest nor an index ({what})")));
        };
        let (config_blob, config_hex) = blob(&config_descriptor.digest)?;
        let (config, _) = self.config(&config_blob, Some(&config_hex))?;
        let layers = raw.layers.unwrap_or_default();
        let diff_ids = self.diff_ids(&told.name, layers.len(), &config)?;
        let layers = layers.into_iter().enumerate().map(|(at, layer)| {
            let (blob, hex) = blob(&layer.digest)?;
            let is_foreign = layer.urls.is_some_and(|urls| !urls.is_empty());
            Ok(LayerSpec { blob, name: layer.digest, digest: Digest::Stored(hex), diff_id: diff_ids.get(at).cloned(), is_foreign })
        });
        let layers = layers.collect::<Result<Vec<_>, SpecError>>()?;
        let size = raw.annotations.iter().flatten().map(|(key, value)| (key.len() + value.len()) as u64).sum();
        self.say(size)?;
        let mut spec = spec(config, config_descriptor.digest, told.reference, Some(told.descriptor.digest), told.platform, layers);
        // Some tools write there what others write into labels.
        spec.labels.extend(raw.annotations.into_iter().flatten().take(MOST_SAID));
        self.specs.take(spec, told.name, self.platform, self.limits)
    }

    /// What configurations and annotations say is held, of all images.
    fn say(&mut self, size: u64) -> Result<(), SpecError> {
        self.said += size;
        if self.said > 4 * self.limits.json { Err(SpecError::Limit(Limit::Json)) } else { Ok(()) }
    }

    /// Reads a configuration.
    fn config(&mut self, name: &str, hex: Option<&str>) -> Result<(RawConfig, String), SpecError> {
        let bytes = bytes(self.source, name, hex, self.limits)?.ok_or_else(|| SpecError::Missing(name.to_owned()))?;
        self.say(bytes.len() as u64)?;
        let digest = format!("sha256:{}", sha256(&bytes));
        Ok((parse(name, &bytes)?, digest))
    }

    /// The digests of the layers' tars, which have to be as many as the layers, if they are told.
    fn diff_ids(&self, name: &str, layers: usize, config: &RawConfig) -> Result<Vec<String>, SpecError> {
        if layers > self.limits.layers {
            return Err(SpecError::Limit(Limit::Layers));
        }
        let diff_ids = config.rootfs.as_ref().and_then(|rootfs| rootfs.diff_ids.clone()).unwrap_or_default();
        if diff_ids.is_empty() || diff_ids.len() == layers {
            return Ok(diff_ids);
        }
        let cause = format!("the manifest has {layers} layers, and the configuration {}", diff_ids.len());
        Err(SpecError::NotUnderstood(name.to_owned(), cause))
    }
}

impl Told {
    fn new(descriptor: RawDescriptor, above: Option<&str>) -> Self {
        let note = |name: &str| {
            descriptor
                .annotations
                .as_ref()
                .and_then(|notes| notes.get(name))
                .map(|text| text.chars().take(MOST_OF_NAME).collect::<String>())
        };
        let platform = descriptor.platform.as_ref().and_then(RawPlatform::name);
        let reference =
            note("io.containerd.image.name").or_else(|| note("org.opencontainers.image.ref.name")).or_else(|| above.map(str::to_owned));
        let name = match (&reference, &platform) {
            (Some(reference), Some(platform)) => format!("{reference} {platform}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => descriptor.digest.clone(),
        };
        Self { descriptor, reference, platform, name }
    }

    /// Whether it is what a builder says of an image. Only one that is of no platform: nothing else hides an image.
    fn is_attestation(&self) -> bool {
        let kind = self.descriptor.annotations.as_ref().and_then(|notes| notes.get("vnd.docker.reference.type"));
        kind.is_some_and(|kind| kind == "attestation-manifest") && self.platform.as_deref() == Some("unknown/unknown")
    }
}

/// A layer of Docker's list. Blobs in OCI's place are named after their bytes; elsewhere only the digest of the tar is known.
fn docker_layer(blob: String, diff_id: Option<String>) -> LayerSpec {
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
    let (environment, labels) = config.config.map_or_else(Default::default, |raw| (raw.env, raw.labels.unwrap_or_default()));
    let history = config.history.into_iter().map(|step| Instruction {
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
        environment,
        labels: labels.into_iter().take(MOST_SAID).collect(),
        history: history.collect(),
        layers,
    }
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
