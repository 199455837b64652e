//! An image before any tool has packed it: layers, and what is said about them.

use serde_json::{Value, json};

use super::{
    config::{Config, Line},
    packing::{Packing, digest},
    tape::Tape,
};

/// Layers from the lowest on, with a configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Image {
    pub(crate) layers: Vec<Tape>,
    pub(crate) config: Config,
}

impl Image {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// One more layer, and its line of the history.
    pub(crate) fn layer(mut self, created: &str, created_by: &str, layer: Tape) -> Self {
        self.layers.push(layer);
        self.history(Line::layer(created, created_by))
    }

    /// A line of the history that brings no layer.
    pub(crate) fn step(self, created: &str, created_by: &str) -> Self {
        self.history(Line::empty(created, created_by))
    }

    pub(crate) fn env(mut self, variable: &str) -> Self {
        self.config.env.push(variable.to_owned());
        self
    }

    pub(crate) fn label(mut self, key: &str, value: &str) -> Self {
        self.config.labels.push((key.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn architecture(mut self, architecture: &str) -> Self {
        architecture.clone_into(&mut self.config.architecture);
        self
    }

    pub(crate) fn created(mut self, created: &str) -> Self {
        self.config.created = Some(created.to_owned());
        self
    }

    pub(crate) fn without_history(mut self) -> Self {
        self.config.history = None;
        self
    }

    pub(crate) fn packed(&self, packing: Packing) -> Packed {
        let tars: Vec<Vec<u8>> = self.layers.iter().map(Tape::bytes).collect();
        let diff_ids: Vec<String> = tars.iter().map(|tar| digest(tar)).collect();
        let blobs: Vec<Blob> = tars.iter().map(|tar| Blob::new(packing.pack(tar))).collect();
        let config = Blob::new(self.config.bytes(&diff_ids));
        Packed { config, blobs, diff_ids, packing, architecture: self.config.architecture.clone() }
    }

    fn history(mut self, line: Line) -> Self {
        self.config.history.get_or_insert_default().push(line);
        self
    }
}

/// Bytes that are stored by their digest.
#[derive(Clone, Debug)]
pub(crate) struct Blob {
    pub(crate) digest: String,
    pub(crate) bytes: Vec<u8>,
}

impl Blob {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { digest: digest(&bytes), bytes }
    }

    pub(crate) fn of(value: &Value) -> Self {
        Self::new(value.to_string().into_bytes())
    }

    /// How manifests and indexes refer to it.
    pub(crate) fn descriptor(&self, media_type: &str) -> Value {
        json!({"mediaType": media_type, "digest": self.digest, "size": self.bytes.len()})
    }
}

/// An image whose layers are compressed and whose digests are known.
#[derive(Clone, Debug)]
pub(crate) struct Packed {
    pub(crate) config: Blob,
    pub(crate) blobs: Vec<Blob>,
    pub(crate) diff_ids: Vec<String>,
    pub(crate) packing: Packing,
    pub(crate) architecture: String,
}

impl Packed {
    /// An image whose layers are these bytes, whatever they are. Nothing is known of what they unpack to.
    pub(crate) fn of_blobs(blobs: Vec<Vec<u8>>) -> Self {
        let blobs: Vec<Blob> = blobs.into_iter().map(Blob::new).collect();
        let diff_ids: Vec<String> = blobs.iter().map(|blob| digest(blob.digest.as_bytes())).collect();
        let config = Config::default();
        Self { config: Blob::new(config.bytes(&diff_ids)), blobs, diff_ids, packing: Packing::Gzip, architecture: config.architecture }
    }

    /// The OCI manifest of it.
    pub(crate) fn manifest(&self) -> Blob {
        let layer = format!("application/vnd.oci.image.layer.v1.tar{}", self.packing.suffix());
        let layers: Vec<Value> = self.blobs.iter().map(|blob| blob.descriptor(&layer)).collect();
        Blob::of(&json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.config.descriptor("application/vnd.oci.image.config.v1+json"),
            "layers": layers,
        }))
    }

    /// The digests of the layers as a list for `--base`.
    pub(crate) fn layer_digests(&self) -> Vec<String> {
        self.blobs.iter().map(|blob| blob.digest.clone()).collect()
    }
}

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";
