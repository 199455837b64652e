//! Which layer a finding comes from, and whose that layer is.

use serde_json::{Value, json};

use super::{
    content::{self, DEBIAN, SITE},
    docker,
    image::Image,
    oci,
    packing::Packing,
    reading::{Place, findings, layer, list, text},
    tape::Tape,
    well_formed::two_layers,
};

/// The image that the two-layer one is built on.
fn base() -> Image {
    Image::new()
        .layer("2026-06-01T00:00:00Z", "# debian.sh --arch 'amd64' out/ 'bookworm'", content::debian())
        .step("2026-06-01T00:00:00Z", "CMD [\"bash\"]")
}

/// Index and origin of the layer of an advisory.
fn whose(report: &Value, id: &str) -> (Value, Value) {
    let layer = layer(report, id);
    (layer["index"].clone(), layer["origin"].clone())
}

#[test]
fn the_gate_can_count_only_what_the_application_brings() {
    let place = Place::new();
    let bytes = docker::legacy(&[&two_layers()]).bytes();
    for (words, code, counted) in [(&[][..], 1, 3), (&["--application-only"], 1, 1)] {
        let run = place.archive(&bytes, words);
        let report = run.json();
        assert_eq!((run.code(), &report["gate"]["counted"], list(&report, "findings").len()), (code, &json!(counted), 3), "{}", run.text());
    }
    // Nothing of its own: everything is still told.
    let run = place.archive(
        docker::legacy(&[&base().layer("2026-08-01T00:00:00Z", "COPY x /x", Tape::new().file("x", ""))]).bytes(),
        &["--application-only"],
    );
    let report = run.json();
    assert_eq!((run.code(), &report["gate"]["counted"], list(&report, "findings").len()), (0, &json!(0), 2), "{}", run.text());
    assert_ne!(report["verdict"], "clean", "the verdict is about all of it");
}

#[test]
fn a_base_can_be_given_by_its_digests_or_as_an_image() {
    let place = Place::new();
    // Without a history nothing else tells.
    let image = two_layers().layer("", "", Tape::new().file("x", "")).without_history();
    let packed = image.packed(Packing::Gzip);
    let bytes = oci::layout(&image, Packing::Gzip).archive().bytes();
    place.write("base.tar", docker::legacy(&[&base()]).bytes());
    let two = packed.layer_digests()[..2].join(",");
    let plain = packed.diff_ids[0].clone();
    for (given, pypi) in
        [("base.tar", "application"), (packed.blobs[0].digest.as_str(), "application"), (&plain, "application"), (&two, "base")]
    {
        let run = place.archive(&bytes, &["--base", given]);
        let report = run.json();
        assert_eq!(whose(&report, "DEBIAN-CVE-2026-0001"), (json!(0), json!("base")), "{given}: {}", run.text());
        assert_eq!(whose(&report, "PYSEC-2026-1"), (json!(1), json!(pypi)), "{given}");
        assert!(layer(&report, "PYSEC-2026-1")["created_by"].is_null(), "{given}");
    }
}

#[test]
fn a_base_that_it_was_not_built_on_is_an_error() {
    let place = Place::new();
    let bytes = docker::legacy(&[&two_layers()]).bytes();
    let other = Image::new().layer("2026-06-01T00:00:00Z", "ADD rootfs.tar.gz / # buildkit", content::alpine());
    place.write("other.tar", docker::legacy(&[&other]).bytes());
    let upper = two_layers().packed(Packing::Plain).diff_ids[1].clone();
    let longer = [two_layers().packed(Packing::Plain).diff_ids, vec![upper.clone()]].concat().join(",");
    for given in ["other.tar", &upper, &longer, "missing.tar", "sha256:0123"] {
        let run = place.archive(&bytes, &["--base", given]);
        assert_eq!((run.code(), run.stdout().as_str()), (2, ""), "{given}: {}", run.text());
    }
}

#[test]
fn an_inferred_base_is_said_to_be() {
    let place = Place::new();
    let words =
        |words: &[&'static str]| place.index().scan(place.path(), words.iter().copied().chain(["--width", "160", "image.tar"])).stdout();
    place.write("image.tar", docker::legacy(&[&two_layers()]).bytes());
    assert!(words(&[]).contains("inferred"), "{}", words(&[]));
    place.write("base.tar", docker::legacy(&[&base()]).bytes());
    assert!(!words(&["--base", "base.tar"]).contains("inferred"), "{}", words(&["--base", "base.tar"]));
}

#[test]
fn labels_name_the_base() {
    let place = Place::new();
    let image = two_layers().label("org.opencontainers.image.base.name", "index.example/debian:12");
    let run = place.archive(docker::legacy(&[&image]).bytes(), &[]);
    assert!(run.json()["targets"][0].to_string().contains("index.example/debian:12"), "{}", run.text());
}

#[test]
fn a_package_belongs_to_the_layer_that_brought_it_in_this_version() {
    let place = Place::new();
    let (without, mut old) = (&DEBIAN[..3], DEBIAN);
    old[2].version = "3.0.14-1~deb12u1";
    for (lower, upper, ssl, fixture) in [
        // apt-get install writes the whole database anew.
        (without, &DEBIAN[..], (0, "base"), (1, "application")),
        // An upgrade that is still affected is the application's.
        (&old, &DEBIAN, (1, "application"), (0, "base")),
    ] {
        let image = Image::new()
            .layer("2026-06-01T00:00:00Z", "# debian.sh --arch 'amd64' out/ 'bookworm'", content::debian_with(lower))
            .step("2026-06-01T00:00:00Z", "CMD [\"bash\"]")
            .layer("2026-08-01T00:00:00Z", "RUN apt-get install", content::dpkg(upper))
            .step("2026-08-01T00:00:00Z", "CMD [\"app\"]");
        let report = place.archive(docker::legacy(&[&image]).bytes(), &[]).json();
        for (id, (index, origin)) in [("DEBIAN-CVE-2026-0001", ssl), ("DEBIAN-CVE-2026-0002", fixture)] {
            assert_eq!(whose(&report, id), (json!(index), json!(origin)), "{id}: {report}");
        }
    }
}

#[test]
fn what_a_later_layer_removed_is_not_there() {
    let place = Place::new();
    let above = |tape: Tape| docker::legacy(&[&two_layers().layer("2026-08-02T00:00:00Z", "RUN rm", tape)]).bytes();
    let count = |tape: Tape| findings(&place.archive(above(tape), &[]).json()).len();
    let web = format!("{SITE}/fixture_web-1.0.dist-info");
    assert_eq!(count(Tape::new().file("x", "")), 3);
    assert_eq!(count(Tape::new().whiteout(&web)), 2);
    assert_eq!(count(Tape::new().whiteout("opt")), 2);
    assert_eq!(count(Tape::new().opaque(SITE)), 2);
    assert_eq!(count(Tape::new().file(&web, "a file over the folder")), 2);
    assert_eq!(count(Tape::new().symlink("opt", "usr")), 2);
    assert_eq!(count(Tape::new().whiteout("var/lib/dpkg/status")), 1);
    // A link over the folder that leads to the same content keeps it.
    let moved = Tape::new().and(&content::python("srv/site-packages", "fixture-web", "1.0")).symlink(SITE, "/srv/site-packages");
    assert_eq!(count(moved), 3);
}

#[test]
fn a_file_that_is_linked_from_below_is_where_it_came_from() {
    let place = Place::new();
    let web = format!("{SITE}/fixture_web-1.0.dist-info/METADATA");
    // The upper layer has the name, the lower one the bytes, and both go by only once.
    let copy = Tape::new().hard_link("srv/site-packages/fixture_web-1.0.dist-info/METADATA", &web).whiteout("opt");
    let image = two_layers().layer("2026-08-02T00:00:00Z", "RUN ln", copy);
    let report = place.archive(docker::legacy(&[&image]).bytes(), &[]).json();
    let found = list(&report, "findings").iter().find(|finding| finding["id"] == "PYSEC-2026-1").expect("found");
    assert_eq!(text(&found["manifest"]), "srv/site-packages/fixture_web-1.0.dist-info/METADATA");
}

#[test]
fn the_age_of_an_image_is_told() {
    let place = Place::new();
    place.write("image.tar", docker::legacy(&[&two_layers().created("2026-05-24T00:00:00Z")]).bytes());
    let table = place.index().scan(place.path(), ["--width", "160", "image.tar"]).stdout();
    assert!(table.contains("90 days"), "{table}");
}
