//! What `podman save` writes. Its `oci-archive` is an OCI layout in an archive, as `oci` makes it.

use serde_json::{Value, json};

use super::{
    docker::tag,
    image::Image,
    packing::{Packing, hex},
    tape::Tape,
};

/// `podman save --format docker-archive`: plain layers and the configuration by their digests, without folders.
pub(crate) fn docker_archive(image: &Image) -> Tape {
    let packed = image.packed(Packing::Plain);
    let place = |digest: &str| format!("{}.tar", hex(digest));
    let tape = packed.blobs.iter().fold(Tape::new(), |tape, blob| tape.file(&place(&blob.digest), &blob.bytes));
    // For older readers it also links each layer from a folder.
    let tape = packed.blobs.iter().enumerate().fold(tape, |tape, (index, blob)| {
        let folder = format!("{index:064x}");
        tape.file(&format!("{folder}/VERSION"), "1.0").symlink(&format!("{folder}/layer.tar"), &format!("../{}", place(&blob.digest)))
    });
    let config = format!("{}.json", hex(&packed.config.digest));
    let layers: Vec<String> = packed.blobs.iter().map(|blob| place(&blob.digest)).collect();
    let manifest = Value::from(vec![json!({"Config": config, "RepoTags": [tag(0)], "Layers": layers})]);
    tape.file(&config, &packed.config.bytes).file("manifest.json", manifest.to_string())
}
