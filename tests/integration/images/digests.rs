//! Bytes that are not what their digest says are an error; what was read of layers before changes nothing.

use std::{fs, path::Path};

use super::{
    docker,
    image::Image,
    oci,
    packing::{Packing, hex},
    podman,
    reading::{Place, findings},
    tape::Tape,
    well_formed::two_layers,
};

/// Where a text begins in bytes.
fn find(bytes: &[u8], text: &[u8]) -> usize {
    bytes.windows(text.len()).position(|window| window == text).expect("it is there")
}

/// An archive of a form, and the digest of its upper layer, one bit of which is another than it was.
fn damaged(image: &Image) -> Vec<(&'static str, Vec<u8>, String)> {
    let upper = image.packed(Packing::Gzip).blobs[1].clone();
    let mut oci = oci::layout(image, Packing::Gzip).archive().bytes();
    // The moment of compressing: what it unpacks to stays the same.
    let at = find(&oci, &upper.bytes) + 4;
    oci[at] ^= 1;
    let mut archives = vec![("OCI", oci, upper.digest)];
    let plain = image.packed(Packing::Plain).diff_ids[1].clone();
    for (name, tape) in
        [("docker", docker::legacy(&[image])), ("docker 25", docker::since_25(&[image])), ("podman", podman::docker_archive(image))]
    {
        let mut bytes = tape.bytes();
        // In a text that nothing wants, so that nothing but the digest speaks of it.
        let at = find(&bytes, b"pip\n");
        bytes[at] ^= 1;
        archives.push((name, bytes, plain.clone()));
    }
    archives
}

#[test]
fn a_layer_that_is_not_its_digest_is_an_error_that_names_it() {
    let place = Place::new();
    for (name, bytes, digest) in damaged(&two_layers()) {
        let run = place.archive(bytes, &[]);
        assert_eq!((run.code(), run.stdout().as_str()), (2, ""), "{name}: {}", run.text());
        assert!(run.stderr().contains("layer 1") && run.stderr().contains(hex(&digest)), "{name}: {}", run.text());
    }
}

#[test]
fn a_manifest_or_configuration_that_is_not_its_digest_is_an_error() {
    let place = Place::new();
    let image = two_layers();
    let packed = image.packed(Packing::Gzip);
    for blob in [packed.config.clone(), packed.manifest()] {
        let mut layout = oci::layout(&image, Packing::Gzip);
        for (path, bytes) in &mut layout.0 {
            if *path == oci::place(&blob.digest) {
                // JSON as before.
                bytes.push(b' ');
            }
        }
        let run = place.archive(layout.archive().bytes(), &[]);
        assert_eq!(run.code(), 2, "{}", run.text());
        assert!(run.stderr().contains(hex(&blob.digest)), "{}", run.text());
    }
}

/// Bytes that do not compress.
pub(crate) fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(next).collect()
}

/// The image, its lower layer so large that it is worth remembering.
fn large() -> Image {
    let mut image = two_layers();
    image.layers[0] = Tape::new().file("usr/share/noise", noise(1 << 20)).and(&image.layers[0]);
    image
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn what_is_remembered_of_layers_changes_nothing() {
    let place = Place::new();
    let home = tempfile::tempdir().expect("a folder");
    let scan = |words: &[&str]| {
        let words = words.iter().copied().chain(["--format", "json", "image.tar"]);
        place.index().overdue(words).env("XDG_CACHE_HOME", home.path()).in_folder(place.path()).run()
    };
    for archive in [oci::layout(&large(), Packing::Gzip).archive(), docker::legacy(&[&large()])] {
        place.write("image.tar", archive.bytes());
        let without = scan(&["--no-cache"]);
        assert_eq!(files(home.path()), Vec::<std::path::PathBuf>::new(), "it was told not to");
        let (first, second) = (scan(&[]), scan(&[]));
        let remembered = files(home.path());
        assert!(!remembered.is_empty(), "nothing is remembered");
        // Whatever happens to the folder.
        for path in &remembered {
            fs::write(path, "damaged").expect("written");
        }
        let damaged = scan(&[]);
        for run in [&first, &second, &damaged] {
            assert_eq!(run.text(), without.text());
        }
        for path in &remembered {
            fs::remove_file(path).expect("removed");
        }
    }
}

#[test]
fn a_layer_is_remembered_by_its_digest_and_not_by_its_place() {
    let place = Place::new();
    let home = tempfile::tempdir().expect("a folder");
    let scan = |image: &Image| {
        place.write("image.tar", oci::layout(image, Packing::Gzip).archive().bytes());
        place.index().overdue(["--format", "json", "image.tar"]).env("XDG_CACHE_HOME", home.path()).in_folder(place.path()).run().json()
    };
    let report = scan(&large());
    let all = findings(&report);
    // The same layers, the other way round: what the upper one has is what counts.
    let mut turned = large();
    turned.layers.swap(0, 1);
    assert_eq!(findings(&scan(&turned)), all);
    // Another layer above.
    let more = large().layer("2026-08-02T00:00:00Z", "RUN rm", Tape::new().whiteout("var/lib/dpkg"));
    assert_eq!(findings(&scan(&more)).len(), 1);
}

/// A legacy archive whose upper layer has these bytes instead.
fn with_upper(image: &Image, upper: &[u8]) -> Vec<u8> {
    let packed = image.packed(Packing::Plain);
    let manifest = serde_json::json!([{"Config": "c.json", "Layers": ["a/layer.tar", "b/layer.tar"]}]).to_string();
    let tape = Tape::new().file("manifest.json", manifest).file("c.json", &packed.config.bytes);
    tape.file("a/layer.tar", &packed.blobs[0].bytes).file("b/layer.tar", upper).bytes()
}

#[test]
fn a_layer_whose_digest_cannot_be_worked_out_is_not_believed() {
    let place = Place::new();
    let image = two_layers();
    // Packed, with other content, and something behind it that ends the reading before the digest is known.
    let other = Packing::Gzip.pack(&Tape::new().file("x", "").bytes());
    let run = place.archive(with_upper(&image, &[&other[..], b"garbage, and more of it than a header has"].concat()), &[]);
    assert_ne!(run.code(), 0, "{}", run.text());
    assert!(run.code() == 2 || run.json()["complete"] == false, "{}", run.text());
    // As it is meant to be it is whole.
    let run = place.archive(with_upper(&image, &image.packed(Packing::Plain).blobs[1].bytes), &[]);
    assert_eq!(run.json()["complete"], true, "{}", run.text());
}

#[test]
fn what_is_remembered_does_not_vouch_for_other_bytes() {
    let place = Place::new();
    let home = tempfile::tempdir().expect("a folder");
    let scan = || place.index().overdue(["image.tar"]).env("XDG_CACHE_HOME", home.path()).in_folder(place.path()).run();
    let image = large();
    let bytes = oci::layout(&image, Packing::Gzip).archive().bytes();
    place.write("image.tar", &bytes);
    assert_eq!(scan().code(), 1);
    let lower = image.packed(Packing::Gzip).blobs[0].clone();
    let mut changed = bytes;
    let at = find(&changed, &lower.bytes) + 4;
    changed[at] ^= 1;
    place.write("image.tar", changed);
    let run = scan();
    assert!(run.code() == 2 && run.stderr().contains("layer 0"), "{}", run.text());
}
