//! One and the same image in every form that tools write it in gives one and the same report.

use serde_json::{Value, json};

use super::{
    content::{self, SITE},
    docker,
    image::{Image, Packed},
    oci::{self, Layout},
    packing::{Packing, gzip},
    podman,
    reading::{Place, findings, layer, list, text},
    tape::Tape,
    well_formed::{for_another_machine, two_layers},
};

/// What a form is on disk.
enum Stored {
    Archive(Vec<u8>),
    Folder(Layout),
}

/// By which digest a form knows its layers.
#[derive(Clone, Copy)]
enum Known {
    Blob(Packing),
    Tar,
}

/// Every form, with its name.
fn forms(image: &Image) -> Vec<(&'static str, Stored, Known)> {
    let absent = for_another_machine();
    let archive = |tape: Tape| Stored::Archive(tape.bytes());
    let gzipped = Known::Blob(Packing::Gzip);
    vec![
        ("legacy docker archive", archive(docker::legacy(&[image])), Known::Tar),
        ("legacy docker archive, gzipped as a whole", Stored::Archive(gzip(&docker::legacy(&[image]).bytes())), Known::Tar),
        ("Docker 25", archive(docker::since_25(&[image])), Known::Tar),
        ("Docker 29", archive(docker::since_29(image, &[&absent])), gzipped),
        ("Docker 29 without manifest.json", archive(docker::nested(image, &[&absent]).archive()), gzipped),
        ("Docker 29 as a folder", Stored::Folder(docker::nested(image, &[&absent])), gzipped),
        ("OCI archive, plain", archive(oci::layout(image, Packing::Plain).archive()), Known::Tar),
        ("OCI archive, gzip", archive(oci::layout(image, Packing::Gzip).archive()), gzipped),
        ("OCI archive, several gzip members", archive(oci::layout(image, Packing::Members).archive()), Known::Blob(Packing::Members)),
        ("OCI archive, zstd", archive(oci::layout(image, Packing::Zstd).archive()), Known::Blob(Packing::Zstd)),
        ("OCI archive, gzipped as a whole", Stored::Archive(gzip(&oci::layout(image, Packing::Gzip).archive().bytes())), gzipped),
        ("OCI folder, gzip", Stored::Folder(oci::layout(image, Packing::Gzip)), gzipped),
        ("OCI folder, zstd", Stored::Folder(oci::layout(image, Packing::Zstd)), Known::Blob(Packing::Zstd)),
        ("podman docker-archive", archive(podman::docker_archive(image)), Known::Tar),
    ]
}

/// Scans a form under one name, so that only its content differs.
fn scanned(stored: &Stored) -> crate::harness::Run {
    let place = Place::new();
    match stored {
        Stored::Archive(bytes) => drop(place.write("image", bytes)),
        Stored::Folder(layout) => layout.write(&place.path().join("image")),
    }
    place.scan(&["image"])
}

fn digests(known: Known, packed: impl Fn(Packing) -> Packed) -> Vec<String> {
    match known {
        Known::Blob(packing) => packed(packing).layer_digests(),
        Known::Tar => packed(Packing::Plain).diff_ids,
    }
}

/// The report without what may differ: the target's own digests, those of layers, and what the file names beside the image.
fn comparable(mut report: Value) -> Value {
    report["advisory_data"] = Value::Null;
    report["targets"] = Value::Null;
    report["skipped"] = Value::Null;
    for finding in report["findings"].as_array_mut().into_iter().flatten() {
        for location in finding["locations"].as_array_mut().into_iter().flatten() {
            location["layer"]["digest"] = Value::Null;
        }
    }
    report
}

/// An archive of an image with a package of PyPI that the snapshot has advisories about.
pub(crate) fn an_archive() -> Vec<u8> {
    let moment = "2026-08-01T00:00:00Z";
    let image = Image::new().layer(moment, "ADD rootfs.tar /", content::alpine()).layer(
        moment,
        "RUN it",
        content::python(SITE, "aiohttp", "3.9.0"),
    );
    docker::legacy(&[&image]).bytes()
}

#[test]
fn every_form_gives_the_same_report() {
    let image = two_layers();
    let mut first: Option<(&str, Value)> = None;
    for (name, stored, known) in forms(&image) {
        let run = scanned(&stored);
        let report = run.json();
        crate::json::assert_consistent(&report, run.code());
        assert_eq!((run.code(), run.stderr().as_str()), (1, ""), "{name}: {}", run.text());
        assert_eq!((list(&report, "targets").len(), text(&report["targets"][0]["kind"])), (1, "image"), "{name}");
        assert!(text(&report["targets"][0]["digest"]).starts_with("sha256:"), "{name}");
        let digests = digests(known, |packing| image.packed(packing));
        for (id, index) in [("DEBIAN-CVE-2026-0001", 0), ("DEBIAN-CVE-2026-0002", 0), ("PYSEC-2026-1", 1)] {
            let (created_by, origin) =
                [("# debian.sh --arch 'amd64' out/ 'bookworm'", "base"), ("RUN pip install -r requirements.txt # buildkit", "application")]
                    [index];
            let expected = json!({"index": index, "digest": digests[index], "created_by": created_by, "origin": origin});
            let found = layer(&report, id);
            for (key, value) in expected.as_object().expect("an object") {
                assert_eq!(&found[key], value, "{name}: {id}: {key}");
            }
        }
        let report = comparable(report);
        match &first {
            None => first = Some((name, report)),
            Some((other, expected)) => assert!(*expected == report, "{name} differs from {other}:\n{expected:#}\n{report:#}"),
        }
    }
}

#[test]
fn what_is_found_is_what_is_there() {
    let report = scanned(&Stored::Archive(docker::legacy(&[&two_layers()]).bytes())).json();
    assert_eq!(findings(&report), ["DEBIAN-CVE-2026-0001", "DEBIAN-CVE-2026-0002", "PYSEC-2026-1"]);
    // Four packages of Debian and two of Python; what is removed is none.
    assert_eq!((&report["packages"]["found"], &report["packages"]["checked"]), (&json!(6), &json!(6)), "{report}");
    assert_eq!(report["complete"], true, "{report}");
    let web = list(&report, "findings").iter().find(|finding| finding["id"] == "PYSEC-2026-1").expect("found");
    assert_eq!(text(&web["manifest"]), format!("{SITE}/fixture_web-1.0.dist-info/METADATA"));
    let debian = list(&report, "findings").iter().find(|finding| finding["id"] == "DEBIAN-CVE-2026-0001").expect("found");
    assert_eq!((text(&debian["manifest"]), text(&debian["package"]["ecosystem"])), ("var/lib/dpkg/status", "Debian:12"));
}

#[test]
fn every_image_of_an_archive_is_a_target() {
    let (one, two) = (two_layers(), for_another_machine());
    for archive in [docker::legacy(&[&one, &two]), docker::legacy_with_links(&[&one, &two]), docker::since_25(&[&one, &two])] {
        let place = Place::new();
        let run = place.archive(archive.bytes(), &[]);
        let report = run.json();
        assert_eq!((run.code(), list(&report, "targets").len()), (1, 2), "{}", run.text());
        let of = |target: u64| list(&report, "findings").iter().filter(|finding| finding["target"] == target).count();
        assert_eq!((of(0), of(1)), (3, 4), "{report}");
    }
}

#[test]
fn what_an_archive_names_beside_its_image_is_told() {
    let place = Place::new();
    let report = place.archive(docker::nested(&two_layers(), &[&for_another_machine()]).archive().bytes(), &[]).json();
    let skipped: Vec<String> = list(&report, "skipped").iter().map(ToString::to_string).collect();
    assert!(skipped.iter().any(|entry| entry.contains("linux/arm64")), "{skipped:?}");
    assert!(skipped.iter().any(|entry| entry.contains("attestation")), "{skipped:?}");
    assert_eq!(report["complete"], true, "{report}");
}
