//! What a package of the distribution owns is judged once; what is vendored is counted and does not gate.

use serde_json::json;

use super::{
    content::{self, DEBIAN, Deb, SITE},
    docker,
    image::Image,
    reading::{Place, findings, list, text},
    tape::Tape,
};

const OWNED: Deb = Deb {
    name: "python3-fixture-owned",
    version: "1.0-0.1",
    source: Some("fixture-owned"),
    owns: &[
        "/usr/lib/python3/dist-packages/fixture_owned-1.0.dist-info",
        "/usr/lib/python3/dist-packages/fixture_owned-1.0.dist-info/METADATA",
    ],
};

/// Where Debian puts Python packages.
const DIST: &str = "usr/lib/python3/dist-packages";

fn image(layers: impl IntoIterator<Item = Tape>) -> Image {
    layers.into_iter().fold(Image::new(), |image, layer| image.layer("2026-08-01T00:00:00Z", "RUN it", layer))
}

#[test]
fn a_python_package_of_the_distribution_is_judged_once() {
    let place = Place::new();
    let with_owned = [&DEBIAN[..], &[OWNED]].concat();
    let python = content::python(DIST, "fixture-owned", "1.0");
    for layers in [
        // In one layer, and in two either way round.
        vec![content::debian_with(&with_owned).and(&python)],
        vec![content::debian().and(&python), content::dpkg(&with_owned)],
        vec![content::debian_with(&with_owned), python.clone()],
    ] {
        let report = place.archive(docker::legacy(&[&image(layers)]).bytes(), &[]).json();
        let found = findings(&report);
        let of = |id: &str| found.iter().filter(|line| line.starts_with(id)).count();
        assert_eq!((of("DEBIAN-CVE-2026-0004"), of("PYSEC-2026-4")), (1, 0), "{found:?}");
        let twin = format!("{DIST}/fixture_owned-1.0.dist-info/METADATA");
        let manifest = list(&report, "manifests").iter().find(|manifest| text(&manifest["path"]) == twin).expect("the twin is kept");
        let covered_by = list(manifest, "covered_by");
        assert!(!covered_by.is_empty() && covered_by.iter().all(|path| text(path).starts_with("var/lib/dpkg/")), "{manifest}");
        assert_eq!((&manifest["covered"], &manifest["packages"]), (&json!(1), &json!(0)), "{manifest}");
    }
}

#[test]
fn what_pip_put_beside_it_is_nobody_elses() {
    let place = Place::new();
    let with_owned = [&DEBIAN[..], &[OWNED]].concat();
    let layers = [content::debian_with(&with_owned), content::python("usr/local/lib/python3.11/dist-packages", "fixture-owned", "1.0")];
    let report = place.archive(docker::legacy(&[&image(layers)]).bytes(), &[]).json();
    let found = findings(&report);
    assert!(found.iter().any(|line| line.starts_with("PYSEC-2026-4")), "{found:?}");
}

#[test]
fn what_pip_brings_along_is_counted_and_does_not_gate() {
    let place = Place::new();
    let vendored = |folder: &str| content::python(&format!("{SITE}/{folder}/_vendor"), "fixture-web", "1.0");
    for layer in [vendored("pip"), vendored("setuptools")] {
        let layer = layer.and(&content::python(SITE, "fixture-fine", "2.0"));
        let fine = Deb { name: "fixture-fine-base", version: "1.0", source: None, owns: &[] };
        let run = place.archive(docker::legacy(&[&image([content::debian_with(&[fine]), layer])]).bytes(), &[]);
        let report = run.json();
        assert_eq!(findings(&report), Vec::<&str>::new(), "{}", run.text());
        assert_eq!((&report["packages"]["vendored"], &report["packages"]["found"]), (&json!(1), &json!(2)), "{}", run.text());
        assert_eq!(run.code(), 0, "{}", run.text());
    }
}
