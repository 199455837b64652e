//! OCI layouts: a folder or an archive of blobs by digest, and an index that says which of them is an image.

use std::{fs, path::Path};

use serde_json::{Value, json};

use super::{
    image::{Blob, INDEX, Image, MANIFEST, Packed},
    packing::{Packing, hex},
    tape::Tape,
};

/// The files of an OCI layout, in the order in which an archive has them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout(pub(crate) Vec<(String, Vec<u8>)>);

impl Layout {
    /// A layout with these blobs, and an index of these descriptors.
    pub(crate) fn new(blobs: &[Blob], manifests: &[Value]) -> Self {
        Self::with_index(blobs, &json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}))
    }

    pub(crate) fn with_index(blobs: &[Blob], index: &Value) -> Self {
        let mut files: Vec<(String, Vec<u8>)> = blobs.iter().map(|blob| (place(&blob.digest), blob.bytes.clone())).collect();
        // Layers that are the same are stored once.
        files.sort();
        files.dedup();
        files.push(("index.json".to_owned(), index.to_string().into_bytes()));
        files.push(("oci-layout".to_owned(), br#"{"imageLayoutVersion": "1.0.0"}"#.to_vec()));
        Self(files)
    }

    pub(crate) fn and(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.push((path.to_owned(), bytes.into()));
        self
    }

    pub(crate) fn archive(&self) -> Tape {
        let folders = Tape::new().dir("blobs").dir("blobs/sha256");
        self.0.iter().fold(folders, |tape, (path, bytes)| tape.file(path, bytes))
    }

    pub(crate) fn write(&self, folder: &Path) {
        for (path, bytes) in &self.0 {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            fs::write(path, bytes).expect("written");
        }
    }
}

/// Where a blob of a digest lies.
pub(crate) fn place(digest: &str) -> String {
    format!("blobs/sha256/{}", hex(digest))
}

/// All blobs of an image, its manifest last.
pub(crate) fn blobs(packed: &Packed) -> Vec<Blob> {
    let mut blobs = packed.blobs.clone();
    blobs.extend([packed.config.clone(), packed.manifest()]);
    blobs
}

/// The descriptor of an image's manifest, with its platform.
pub(crate) fn with_platform(packed: &Packed) -> Value {
    let mut descriptor = packed.manifest().descriptor(MANIFEST);
    descriptor["platform"] = json!({"os": "linux", "architecture": packed.architecture});
    descriptor
}

/// One image, as `skopeo` and `podman save --format oci-archive` lay it out.
pub(crate) fn layout(image: &Image, packing: Packing) -> Layout {
    layout_of(&image.packed(packing))
}

pub(crate) fn layout_of(packed: &Packed) -> Layout {
    let mut descriptor = packed.manifest().descriptor(MANIFEST);
    descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": "latest"});
    Layout::new(&blobs(packed), &[descriptor])
}

/// Several images side by side in the index, one a platform.
pub(crate) fn platforms(images: &[&Image], packing: Packing) -> Layout {
    let packed: Vec<Packed> = images.iter().map(|image| image.packed(packing)).collect();
    let all: Vec<Blob> = packed.iter().flat_map(blobs).collect();
    let descriptors: Vec<Value> = packed.iter().map(with_platform).collect();
    Layout::new(&all, &descriptors)
}

/// What a build says about itself, beside an image as if it were one of another platform.
pub(crate) fn attestation(packed: &Packed) -> (Vec<Blob>, Value) {
    let statement = Blob::of(&json!({"_type": "https://in-toto.io/Statement/v0.1", "subject": [], "predicate": {}}));
    let config = Blob::of(
        &json!({"architecture": "unknown", "os": "unknown", "config": {}, "rootfs": {"type": "layers", "diff_ids": [statement.digest]}}),
    );
    let manifest = Blob::of(&json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": config.descriptor("application/vnd.oci.image.config.v1+json"),
        "layers": [statement.descriptor("application/vnd.in-toto+json")],
    }));
    let mut descriptor = manifest.descriptor(MANIFEST);
    descriptor["platform"] = json!({"os": "unknown", "architecture": "unknown"});
    descriptor["annotations"] = json!({
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": packed.manifest().digest,
    });
    (vec![statement, config, manifest], descriptor)
}
