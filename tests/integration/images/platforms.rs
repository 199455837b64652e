//! Images for several machines in one place.

use super::{
    docker, oci,
    packing::Packing,
    reading::{Place, findings, list},
    well_formed::{for_another_machine, two_layers},
};

const OURS: [&str; 3] = ["DEBIAN-CVE-2026-0001", "DEBIAN-CVE-2026-0002", "PYSEC-2026-1"];
const THEIRS: [&str; 4] = ["DEBIAN-CVE-2026-0001", "DEBIAN-CVE-2026-0002", "PYSEC-2026-1", "PYSEC-2026-3"];

#[test]
fn one_platform_is_chosen_by_name() {
    let place = Place::new();
    let layout = oci::platforms(&[&two_layers(), &for_another_machine()], Packing::Gzip);
    for (platform, expected) in [("linux/amd64", &OURS[..]), ("linux/arm64", &THEIRS), ("linux/arm64/v8", &THEIRS)] {
        let run = place.archive(layout.archive().bytes(), &["--platform", platform]);
        assert_eq!((run.code(), findings(&run.json())), (1, expected.to_vec()), "{platform}");
        assert_eq!(list(&run.json(), "targets").len(), 1, "{platform}");
    }
}

#[test]
fn without_a_name_every_platform_is_a_target() {
    let place = Place::new();
    let layout = oci::platforms(&[&two_layers(), &for_another_machine()], Packing::Zstd);
    let report = place.archive(layout.archive().bytes(), &[]).json();
    assert_eq!((list(&report, "targets").len(), list(&report, "findings").len()), (2, OURS.len() + THEIRS.len()), "{report}");
}

#[test]
fn a_platform_that_is_not_there_is_never_clean() {
    let place = Place::new();
    let archives = [
        oci::platforms(&[&two_layers(), &for_another_machine()], Packing::Gzip).archive(),
        docker::legacy(&[&two_layers()]),
        docker::nested(&two_layers(), &[]).archive(),
    ];
    for archive in archives {
        let run = place.archive(archive.bytes(), &["--platform", "linux/s390x"]);
        assert!([2, 3].contains(&run.code()), "{}", run.text());
        assert!(run.text().contains("linux/s390x"), "{}", run.text());
    }
    // It is named, and its blobs are elsewhere.
    let run = place.archive(docker::nested(&two_layers(), &[&for_another_machine()]).archive().bytes(), &["--platform", "linux/arm64"]);
    assert!([2, 3].contains(&run.code()), "{}", run.text());
}
