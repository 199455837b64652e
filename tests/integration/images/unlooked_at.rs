//! What an image holds and nobody can check is named, with its reason.

use serde_json::json;

use super::{
    content::{self, DEBIAN, SITE, os_release},
    docker,
    image::Image,
    reading::{Place, findings, for_reason, list, text, unchecked},
    tape::Tape,
};

fn scanned(image: &Image) -> (crate::harness::Run, serde_json::Value) {
    let run = Place::new().archive(docker::legacy(&[image]).bytes(), &[]);
    let report = run.json();
    (run, report)
}

fn image(layer: Tape) -> Image {
    Image::new().layer("2026-08-01T00:00:00Z", "COPY rootfs /", layer)
}

/// A 64-bit program without sections.
fn program(text: &str) -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
    bytes.resize(64, 0);
    // An executable for x86-64.
    bytes[16..20].copy_from_slice(&[2, 0, 0x3e, 0]);
    bytes.extend_from_slice(text.as_bytes());
    bytes.resize(32 << 10, 0);
    bytes
}

#[test]
fn programs_that_no_package_owns_are_named() {
    let owner = content::Deb { name: "fixture-tool", version: "1.0-1", source: None, owns: &["/usr/bin/owned"] };
    let debian = content::debian_with(&[DEBIAN[0], owner]);
    let layer = debian
        .program("usr/bin/owned", program(""))
        .program("usr/local/bin/stray", program(""))
        .program("usr/local/bin/script", "#!/bin/sh\n")
        .file("usr/share/not-executable", program(""));
    let (run, report) = scanned(&image(layer));
    let stray = for_reason(&report, "unowned-executable");
    assert_eq!((run.code(), stray.len()), (3, 1), "{}", run.text());
    assert!(stray[0].to_string().contains("usr/local/bin/stray"), "{}", stray[0]);
    assert_eq!(list(&report, "unchecked").len(), 1, "{}", run.text());
}

#[test]
fn an_interpreter_beside_the_distribution_is_named_with_its_version() {
    let python = |text: &str| {
        content::debian_with(&[]).program("usr/local/bin/python3.12", program(text)).symlink("usr/local/bin/python3", "python3.12")
    };
    for image in [image(python("")).env("PYTHON_VERSION=3.12.4"), image(python("\x003.12.4\x00Python 3.12.4\x00"))] {
        let (run, report) = scanned(&image);
        let found = for_reason(&report, "unowned-executable");
        assert_eq!((run.code(), found.len()), (3, 1), "{}", run.text());
        assert!(found[0].to_string().contains("python3.12"), "{}", found[0]);
    }
    let (_, report) = scanned(&image(python("")).env("PYTHON_VERSION=3.12.4"));
    assert!(for_reason(&report, "unowned-executable")[0].to_string().contains("3.12.4"), "{report}");
}

#[test]
fn a_distribution_that_nobody_knows_is_unchecked_by_the_number_of_its_packages() {
    let root = |release: Option<String>| {
        let root = content::dpkg(&DEBIAN);
        image(release.into_iter().fold(root, |root, text| root.file("etc/os-release", text)))
    };
    for release in [Some(os_release("frobnix", "7")), Some("garbage".to_owned()), None] {
        let (run, report) = scanned(&root(release.clone()));
        let found = for_reason(&report, "unknown-distribution");
        assert_eq!((run.code(), found.len()), (3, 1), "{release:?}: {}", run.text());
        assert_eq!((&found[0]["packages"], &report["packages"]["found"]), (&json!(4), &json!(4)), "{}", run.text());
    }
}

#[test]
fn a_distribution_without_advisories_is_unchecked_with_the_command_that_mends_it() {
    for (id, version, ecosystem) in [("ubuntu", "22.04", "Ubuntu"), ("debian", "11", "Debian")] {
        let root =
            content::dpkg(&DEBIAN).file("usr/lib/os-release", os_release(id, version)).symlink("etc/os-release", "../usr/lib/os-release");
        let (run, report) = scanned(&image(root));
        let found = for_reason(&report, "no-advisories");
        assert_eq!((run.code(), found.len()), (3, 1), "{id}: {}", run.text());
        assert_eq!((&found[0]["packages"], &report["packages"]["unchecked"]), (&json!(4), &json!(4)), "{}", run.text());
        assert!(text(&found[0]["detail"]).contains(&format!("overdue db update --ecosystem {ecosystem}")), "{}", run.text());
    }
}

#[test]
fn an_rpm_database_is_recognised_and_not_read() {
    for (path, kind) in
        [("var/lib/rpm/rpmdb.sqlite", "SQLite"), ("usr/lib/sysimage/rpm/Packages.db", "ndb"), ("var/lib/rpm/Packages", "Berkeley DB")]
    {
        let layer = Tape::new()
            .file("etc/os-release", os_release("rocky", "9.4"))
            .file(path, vec![7; 5000])
            .and(&content::python(SITE, "fixture-web", "1.0"));
        let (run, report) = scanned(&image(layer));
        assert_eq!((run.code(), findings(&report).len()), (1, 1), "the rest is still looked at: {}", run.text());
        let entries = unchecked(&report);
        assert!(entries.len() == 1 && entries[0].starts_with(path), "{entries:?}");
        let entry = list(&report, "unchecked")[0].to_string();
        assert!(entry.contains("5000") || entry.contains("5 KB") || entry.contains("4 KiB"), "{entry}");
        assert!(entry.to_lowercase().contains(&kind.to_lowercase()), "{entry}");
    }
}

#[test]
fn what_is_not_understood_is_named() {
    let info = format!("{SITE}/fixture_web-1.0.dist-info/METADATA");
    let (run, report) = scanned(&image(content::alpine().file(&info, "not a header\0")));
    assert_eq!(unchecked(&report), [format!("{info} not-understood 1")], "{}", run.text());
    assert_eq!(findings(&report).len(), 1, "the rest is still looked at: {}", run.text());
}

#[test]
fn an_image_with_nothing_that_is_known_is_not_clean() {
    for layer in [Tape::new(), Tape::new().file("app/data", "x"), Tape::new().file("etc/os-release", os_release("debian", "12"))] {
        let (run, report) = scanned(&image(layer));
        assert_eq!((run.code(), &report["complete"], &report["verdict"]), (3, &json!(false), &json!("incomplete")), "{}", run.text());
    }
}
