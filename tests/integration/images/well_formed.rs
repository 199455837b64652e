//! What is built is what it is meant to be: read back by others' code, its digests true.

use std::{collections::BTreeMap, io::Read};

use serde_json::Value;

use super::{
    content::{self, SITE},
    docker,
    image::Image,
    oci::{self, Layout},
    packing::{Packing, digest, gzip},
    podman,
    tape::{Header, Tape, flag, pax_record},
};

/// The two-layer image that every form is made of: a base with packages of its distribution, an application above.
pub(crate) fn two_layers() -> Image {
    let application = Tape::new().and(&content::python(SITE, "fixture-web", "1.0")).and(&content::python(SITE, "fixture-fine", "2.0"));
    Image::new()
        .layer("2026-06-01T00:00:00Z", "# debian.sh --arch 'amd64' out/ 'bookworm'", content::debian())
        .step("2026-06-01T00:00:00Z", "CMD [\"bash\"]")
        .step("2026-08-01T10:00:00Z", "WORKDIR /opt/app")
        .layer("2026-08-01T10:00:00Z", "RUN pip install -r requirements.txt # buildkit", application)
        .step("2026-08-01T10:00:00Z", "CMD [\"app\"]")
}

/// The same for another machine: other bytes, other digests.
pub(crate) fn for_another_machine() -> Image {
    let application = content::python(SITE, "fixture-arm", "1.0");
    two_layers().architecture("arm64").layer("2026-08-01T10:00:00Z", "RUN pip install fixture-arm # buildkit", application)
}

/// The regular files of an archive.
fn read(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(bytes).entries().expect("an archive") {
        let mut entry = entry.expect("an entry");
        let path = entry.path().expect("a path").to_string_lossy().into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("its content");
        if entry.header().entry_type().is_file() {
            files.insert(path, content);
        }
    }
    files
}

#[test]
fn names_of_every_length_are_read_back() {
    let long = format!("{}/file", "folder/".repeat(40));
    let (size, path) = ("4".to_owned(), format!("pax/{}", "x".repeat(300)));
    let tape = Tape::new()
        .file("short", "1")
        .file(&long, "22")
        .pax(&[("path", &path), ("size", &size)])
        .entry(Header::new(flag::FILE, "other", 4), "4444")
        .dir("folder")
        .symlink("link", &long);
    let files: Vec<(String, usize)> = read(&tape.bytes()).into_iter().map(|(path, content)| (path, content.len())).collect();
    let mut expected = vec![("short".to_owned(), 1), (long, 2), (path, 4)];
    expected.sort();
    assert_eq!(files, expected);
    for length in [1, 50, 91, 92, 93, 94, 95, 989, 990, 991] {
        let record = pax_record("path", &"x".repeat(length));
        assert_eq!(record.split(' ').next(), Some(record.len().to_string().as_str()));
    }
}

#[test]
fn packed_layers_unpack_to_themselves() {
    let bytes = content::debian().bytes();
    for packing in Packing::ALL {
        let (packed, mut unpacked) = (packing.pack(&bytes), Vec::new());
        match packing {
            Packing::Plain => unpacked.clone_from(&packed),
            Packing::Zstd => unpacked = zstd::decode_all(packed.as_slice()).expect("zstd"),
            Packing::Gzip | Packing::Members => {
                flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).expect("gzip");
            }
        }
        assert!(unpacked == bytes, "{packing:?}");
    }
}

/// That each blob has the name of its content, and each digest that anything states is one of a blob, but for those that
/// are meant to be absent.
fn assert_digests(files: &BTreeMap<String, Vec<u8>>, absent: usize) {
    let mut missing = 0;
    for (path, bytes) in files {
        if let Some(hex) = path.strip_prefix("blobs/sha256/") {
            assert_eq!(digest(bytes), format!("sha256:{hex}"));
        }
        let Ok(json) = serde_json::from_slice::<Value>(bytes) else { continue };
        for descriptor in ["manifests", "layers"].iter().filter_map(|key| json[*key].as_array()).flatten() {
            let place = oci::place(descriptor["digest"].as_str().expect("a digest"));
            match files.get(&place) {
                Some(blob) => assert_eq!(descriptor["size"].as_u64(), Some(blob.len() as u64)),
                None => missing += 1,
            }
        }
    }
    assert_eq!(missing, absent);
}

#[test]
fn stated_digests_are_those_of_the_blobs() {
    let (image, other) = (two_layers(), for_another_machine());
    let layouts: [(Layout, usize); 4] = [
        (oci::layout(&image, Packing::Zstd), 0),
        (oci::layout(&image, Packing::Members), 0),
        (oci::platforms(&[&image, &other], Packing::Gzip), 0),
        (docker::nested(&image, &[&other]), 1),
    ];
    for (layout, absent) in layouts {
        assert_digests(&read(&layout.archive().bytes()), absent);
    }
    for (archive, absent) in [(docker::since_25(&[&image, &other]), 0), (docker::since_29(&image, &[&other]), 1)] {
        assert_digests(&read(&archive.bytes()), absent);
    }
}

#[test]
fn every_layer_of_a_manifest_is_in_the_archive() {
    let image = two_layers();
    let archives = [
        docker::legacy(&[&image, &image]),
        docker::legacy_with_links(&[&image, &image]),
        docker::since_25(&[&image]),
        podman::docker_archive(&image),
    ];
    for archive in archives {
        let bytes = archive.bytes();
        let all = |bytes: &[u8]| -> Vec<String> {
            let mut archive = tar::Archive::new(bytes);
            archive
                .entries()
                .expect("an archive")
                .map(|entry| entry.expect("an entry").path().expect("a path").display().to_string())
                .collect()
        };
        let (files, names) = (read(&bytes), all(&bytes));
        let manifest: Value = serde_json::from_slice(&files["manifest.json"]).expect("JSON");
        for image in manifest.as_array().expect("a list") {
            assert!(files.contains_key(image["Config"].as_str().expect("a path")), "{image}");
            for layer in image["Layers"].as_array().expect("a list") {
                assert!(names.iter().any(|name| name == layer.as_str().expect("a path")), "{layer}");
            }
        }
    }
    assert!(gzip(&[0; 4096]).len() < 100);
}
