//! What is installed in an image, and by whom: lists without their packages, places outside of an index, manifests beside it.

use serde_json::json;

use super::{
    content::{self, DEBIAN, Deb, SITE},
    docker,
    image::Image,
    reading::{Place, findings, list, text, unchecked},
    tape::Tape,
};

fn scanned(layer: Tape) -> (crate::harness::Run, serde_json::Value) {
    let image = Image::new().layer("2026-08-01T00:00:00Z", "COPY rootfs /", layer);
    let run = Place::new().archive(docker::legacy(&[&image]).bytes(), &[]);
    let report = run.json();
    crate::json::assert_consistent(&report, run.code());
    (run, report)
}

#[test]
fn a_list_of_what_is_not_installed_covers_nothing() {
    let dist = "usr/lib/python3/dist-packages";
    let metadata = format!("{dist}/fixture_owned-1.0.dist-info/METADATA");
    let layer = content::debian_with(&DEBIAN)
        .and(&content::python(dist, "fixture-owned", "1.0"))
        .file("var/lib/dpkg/info/python3-gone.list", format!("/.\n/{metadata}\n"));
    let (run, report) = scanned(layer);
    assert!(findings(&report).iter().any(|line| line.starts_with("PYSEC-2026-4")), "{}", run.text());
}

#[test]
fn what_pip_took_from_elsewhere_is_not_judged_by_an_index() {
    let url = r#"{"url": "https://index.example/fixture-web.git", "vcs_info": {"vcs": "git", "commit_id": "0"}}"#;
    let layer = content::debian_with(&DEBIAN)
        .and(&content::python(SITE, "fixture-web", "1.0"))
        .file(&format!("{SITE}/fixture_web-1.0.dist-info/direct_url.json"), url);
    let (run, report) = scanned(layer);
    assert!(!findings(&report).iter().any(|line| line.starts_with("PYSEC")), "{}", run.text());
    assert_eq!(unchecked(&report), [format!("{SITE}/fixture_web-1.0.dist-info/METADATA not-from-a-registry 1")], "{}", run.text());
}

#[test]
fn a_manifest_is_judged_in_the_versions_that_are_installed() {
    let fine = Deb { name: "fixture-fine-base", version: "1.0", source: None, owns: &[] };
    let layer = content::debian_with(&[fine])
        .and(&content::python(SITE, "fixture-fine", "2.0"))
        .file("app/requirements.txt", "fixture-fine>=1\nfixture-web>=1.0\n");
    let (run, report) = scanned(layer);
    let manifest = list(&report, "manifests").iter().find(|manifest| manifest["path"] == "app/requirements.txt").expect("it is read");
    assert_eq!((&manifest["covered"], &manifest["packages"]), (&json!(1), &json!(1)), "{}", run.text());
    assert!(text(&manifest["covered_because"]).contains("installed"), "{manifest}");
}

#[test]
fn only_trees_of_installed_packages_are_vendored() {
    let layer = content::debian_with(&DEBIAN).and(&content::python("app/_vendor", "fixture-web", "1.0"));
    let (run, report) = scanned(layer);
    assert!(findings(&report).iter().any(|line| line.starts_with("PYSEC-2026-1")), "{}", run.text());
    assert_eq!(report["packages"]["vendored"], json!(0), "{}", run.text());
}

#[test]
fn a_sparse_database_is_read_as_it_is_when_it_is_unpacked() {
    let text = "P:libcrypto1.1\nV:1.1.1b-r1\no:openssl\n\n";
    let map = format!("1\n0\n{}\n", text.len());
    let mut stored = map.into_bytes();
    stored.resize(512, 0);
    stored.extend_from_slice(text.as_bytes());
    let size = text.len().to_string();
    let layer = Tape::new()
        .file("etc/os-release", content::os_release("alpine", "3.9.4"))
        .pax(&[
            ("GNU.sparse.major", "1"),
            ("GNU.sparse.minor", "0"),
            ("GNU.sparse.name", "lib/apk/db/installed"),
            ("GNU.sparse.realsize", &size),
        ])
        .file("lib/apk/db/GNUSparseFile.0/installed", stored);
    let (run, report) = scanned(layer);
    assert_eq!((findings(&report).len(), unchecked(&report).len()), (1, 0), "{}", run.text());
}

#[test]
fn a_version_that_is_pinned_and_installed_is_judged_once() {
    let layer = content::debian_with(&DEBIAN)
        .and(&content::python(SITE, "fixture-web", "1.0"))
        .file("app/requirements.txt", "fixture-web==1.0\n")
        .file("other/requirements.txt", "fixture-web==0.9\n");
    let (run, report) = scanned(layer);
    let found = list(&report, "findings").iter().filter(|finding| finding["id"] == "PYSEC-2026-1");
    let places: Vec<&str> = found.map(|finding| text(&finding["manifest"])).collect();
    // Of the other version nobody knows that it is not somewhere, too.
    assert_eq!(places, ["other/requirements.txt", &format!("{SITE}/fixture_web-1.0.dist-info/METADATA")], "{}", run.text());
}

#[test]
fn a_requirement_that_what_is_installed_does_not_answer_is_judged() {
    let layer =
        content::debian_with(&DEBIAN).and(&content::python(SITE, "fixture-web", "99.0")).file("app/requirements.txt", "fixture-web<1.1\n");
    let (run, report) = scanned(layer);
    assert!(findings(&report).contains(&"PYSEC-2026-1"), "{}", run.text());
}

#[test]
fn what_is_not_the_distributions_own_is_judged_by_itself() {
    let site = "opt/app/lib/python3.12/site-packages";
    let own = Deb {
        name: "in-house",
        version: "1.0",
        source: None,
        owns: &["/opt/app/lib/python3.12/site-packages/fixture_web-1.0.dist-info/METADATA"],
    };
    let (run, report) = scanned(content::debian_with(&[DEBIAN[0], own]).and(&content::python(site, "fixture-web", "1.0")));
    assert!(findings(&report).contains(&"PYSEC-2026-1"), "{}", run.text());
}

#[test]
fn without_advisories_of_the_distribution_its_python_packages_are_judged_by_themselves() {
    let owned = Deb {
        name: "python3-fixture-owned",
        version: "1.0-1",
        source: None,
        owns: &["/usr/lib/python3/dist-packages/fixture_owned-1.0.dist-info/METADATA"],
    };
    let layer = content::debian_with(&[owned])
        .and(&content::python("usr/lib/python3/dist-packages", "fixture-owned", "1.0"))
        .file("usr/lib/os-release", content::os_release("debian", "11"));
    let (run, report) = scanned(layer);
    assert!(findings(&report).contains(&"PYSEC-2026-4"), "{}", run.text());
}

#[test]
fn a_list_without_metadata_and_entries_that_run_together_are_told() {
    let fine = Deb { name: "fixture-fine-base", version: "1.0", source: None, owns: &[] };
    let record = format!("{SITE}/gone-1.0.dist-info/RECORD");
    let (run, report) = scanned(content::debian_with(&[fine]).file(&record, "gone/__init__.py,,\n"));
    assert_eq!(unchecked(&report), [format!("{record} missing-entry 1")], "{}", run.text());
    let joined = content::status(&DEBIAN).replace("\n\nPackage:", "\nPackage:");
    let (run, report) = scanned(content::debian_with(&[fine]).file("var/lib/dpkg/status", joined));
    assert_eq!((run.code(), &report["complete"]), (3, &json!(false)), "{}", run.text());
}

#[test]
fn links_to_nothing_are_told() {
    let fine = Deb { name: "fixture-fine-base", version: "1.0", source: None, owns: &[] };
    let layer = content::debian_with(&[fine])
        .hard_link("srv/a/requirements.txt", "srv/nothing")
        .symlink("srv/b/requirements.txt", "nothing")
        .symlink("srv/app.jar", "blob")
        .file("srv/blob", "PK");
    let (run, report) = scanned(layer);
    let told = ["srv unsupported-format 1", "srv/a/requirements.txt unreadable 0", "srv/b/requirements.txt unreadable 0"];
    assert_eq!(unchecked(&report), told, "{}", run.text());
}

#[test]
fn who_only_changed_the_owner_of_a_file_did_not_bring_it() {
    let web = content::python(SITE, "fixture-web", "1.0");
    let moment = "2026-08-01T00:00:00Z";
    let image = Image::new()
        .layer(moment, "ADD file:0123 in /", content::debian_with(&DEBIAN))
        .layer(moment, "RUN pip install", web.clone())
        .layer(moment, "RUN chown -R app /opt", web);
    let report = Place::new().archive(docker::legacy(&[&image]).bytes(), &[]).json();
    assert_eq!(super::reading::layer(&report, "PYSEC-2026-1")["index"], 1, "{report}");
}
