//! What `docker save` writes, through the years.

use serde_json::{Value, json};

use super::{
    image::{Blob, INDEX, Image, MANIFEST, Packed},
    oci::{Layout, attestation, blobs, place, with_platform},
    packing::{Packing, digest, hex},
    tape::Tape,
};

/// Up to Docker 24: a folder a layer, the configuration beside, `manifest.json` over both. Several images in one file.
pub(crate) fn legacy(images: &[&Image]) -> Tape {
    legacy_with(images, false)
}

/// The same, where a layer that is there already is a link to the folder that has it, as old versions wrote it.
pub(crate) fn legacy_with_links(images: &[&Image]) -> Tape {
    legacy_with(images, true)
}

fn legacy_with(images: &[&Image], links: bool) -> Tape {
    let mut tape = Tape::new();
    let (mut entries, mut written): (Vec<Value>, Vec<(String, String)>) = (Vec::new(), Vec::new());
    for (number, image) in images.iter().enumerate() {
        let packed = image.packed(Packing::Plain);
        let mut places = Vec::new();
        for (index, blob) in packed.blobs.iter().enumerate() {
            // Docker names the folder by all that is below a layer too, so the same layer can be in two.
            let id = hex(&digest(format!("{number} {index} {}", blob.digest).as_bytes())).to_owned();
            let path = format!("{id}/layer.tar");
            tape = tape.dir(&id).file(&format!("{id}/VERSION"), "1.0").file(&format!("{id}/json"), json!({"id": id}).to_string());
            let earlier = written.iter().find(|(digest, _)| links && *digest == blob.digest);
            tape = match earlier {
                Some((_, place)) => tape.symlink(&path, &format!("../{place}")),
                None => tape.file(&path, &blob.bytes),
            };
            written.push((blob.digest.clone(), path.clone()));
            places.push(path);
        }
        let config = format!("{}.json", hex(&packed.config.digest));
        tape = tape.file(&config, &packed.config.bytes);
        entries.push(json!({"Config": config, "RepoTags": [tag(number)], "Layers": places}));
    }
    let repositories = json!({"index.example/app": {"latest": "0".repeat(64)}});
    tape.file("manifest.json", Value::from(entries).to_string()).file("repositories", repositories.to_string())
}

/// Docker 25 to 28: an OCI layout of plain layers, and a `manifest.json` over the same blobs.
pub(crate) fn since_25(images: &[&Image]) -> Tape {
    let packed: Vec<Packed> = images.iter().map(|image| image.packed(Packing::Plain)).collect();
    let all: Vec<Blob> = packed.iter().flat_map(blobs).collect();
    let descriptors: Vec<Value> =
        packed.iter().enumerate().map(|(number, packed)| named(packed.manifest().descriptor(MANIFEST), number)).collect();
    Layout::new(&all, &descriptors).and("manifest.json", manifest_json(&packed)).archive()
}

/// Docker 29: compressed layers, and an index in the index, which also names an attestation and images of other platforms
/// that are not in the file.
pub(crate) fn since_29(image: &Image, absent: &[&Image]) -> Tape {
    nested(image, absent).and("manifest.json", manifest_json(&[image.packed(Packing::Gzip)])).archive()
}

/// The same without `manifest.json`, so that the indexes have to be followed.
pub(crate) fn nested(image: &Image, absent: &[&Image]) -> Layout {
    let packed = image.packed(Packing::Gzip);
    let (mut all, attested) = attestation(&packed);
    all.extend(blobs(&packed));
    // What is meant is neither the first nor the last.
    let others = absent.iter().map(|image| with_platform(&image.packed(Packing::Gzip)));
    let manifests: Vec<Value> = others.chain([with_platform(&packed), attested]).collect();
    let index = Blob::of(&json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}));
    all.push(index.clone());
    Layout::new(&all, &[named(index.descriptor(INDEX), 0)])
}

/// `manifest.json` over blobs.
fn manifest_json(images: &[Packed]) -> String {
    let entries = images.iter().enumerate().map(|(number, packed)| {
        let layers: Vec<String> = packed.blobs.iter().map(|blob| place(&blob.digest)).collect();
        json!({"Config": place(&packed.config.digest), "RepoTags": [tag(number)], "Layers": layers})
    });
    entries.collect::<Value>().to_string()
}

fn named(mut descriptor: Value, number: usize) -> Value {
    descriptor["annotations"] = json!({
        "io.containerd.image.name": tag(number),
        "org.opencontainers.image.ref.name": "latest",
    });
    descriptor
}

/// The name of an image of a file that has several.
pub(crate) fn tag(number: usize) -> String {
    let name = if number == 0 { "app".to_owned() } else { format!("app{number}") };
    format!("index.example/{name}:latest")
}
