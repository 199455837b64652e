//! Root filesystems and layers without a container around them.

use std::{fs, path::Path};

use super::{
    content::{self, DEBIAN, SITE, status},
    packing::Packing,
    reading::{Place, findings, layer, list, text, unchecked},
    tape::Tape,
    well_formed::two_layers,
};

/// Unpacks an archive of ours into a folder.
fn unpack(tape: &Tape, folder: &Path) {
    fs::create_dir_all(folder).expect("a folder");
    tar::Archive::new(tape.bytes().as_slice()).unpack(folder).expect("unpacked");
}

#[test]
fn a_root_filesystem_is_read_as_a_folder_and_as_an_archive() {
    let place = Place::new();
    let root = content::alpine().and(&content::python(SITE, "fixture-web", "1.0"));
    unpack(&root, &place.path().join("root"));
    for packing in Packing::ALL {
        place.write(&format!("{packing:?}"), packing.pack(&root.bytes()));
    }
    for target in ["root", "Plain", "Gzip", "Members", "Zstd"] {
        let run = place.scan(&[target]);
        let report = run.json();
        crate::json::assert_consistent(&report, run.code());
        assert_eq!((run.code(), text(&report["targets"][0]["kind"])), (1, "rootfs"), "{target}: {}", run.text());
        assert_eq!(findings(&report).len(), 2, "{target}: {}", run.text());
        assert_eq!((list(&report, "unchecked").len(), run.stderr().as_str()), (0, ""), "{target}: {}", run.text());
    }
}

#[test]
fn every_database_of_every_distribution_is_found() {
    let single = |package: &content::Deb| package.stanza().replace("Status: install ok installed\n", "");
    let status_d = DEBIAN.iter().fold(content::debian_with(&[]), |tape, package| {
        tape.file(&format!("var/lib/dpkg/status.d/{}", package.name), single(package))
            .file(&format!("var/lib/dpkg/status.d/{}.md5sums", package.name), "d41d8cd98f00b204e9800998ecf8427e  usr/lib/x\n")
    });
    let installed = "P:libcrypto1.1\nV:1.1.1b-r1\no:openssl\n\n";
    let new_apk = Tape::new().file("etc/os-release", content::os_release("alpine", "3.9.4")).file("usr/lib/apk/db/installed", installed);
    for (name, root, expected) in [
        ("dpkg", content::debian(), 2),
        ("dpkg of distroless images", status_d, 2),
        ("apk", content::alpine(), 1),
        ("apk at its new place", new_apk.clone(), 1),
        // lib is a link, as after the merge of / and /usr, and the entry says either.
        ("apk through a link", Tape::new().symlink("lib", "usr/lib").and(&new_apk), 1),
        (
            "dpkg by another path",
            Tape::new()
                .symlink("var/lib/dpkg", "../../usr/share/dpkg")
                .file("usr/share/dpkg/status", status(&DEBIAN))
                .file("etc/os-release", content::os_release("debian", "12")),
            2,
        ),
    ] {
        let place = Place::new();
        let run = place.archive(root.bytes(), &[]);
        assert_eq!((run.code(), findings(&run.json()).len()), (1, expected), "{name}: {}", run.text());
        assert_eq!(unchecked(&run.json()), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn unpacked_layers_are_read_in_their_order() {
    let place = Place::new();
    for (at, tape) in two_layers().layers.iter().enumerate() {
        unpack(tape, &place.path().join(format!("layer-{at}")));
    }
    let run = place.scan(&["--layers", "layer-0", "layer-1"]);
    let report = run.json();
    crate::json::assert_consistent(&report, run.code());
    assert_eq!((run.code(), findings(&report).len(), list(&report, "targets").len()), (1, 3, 1), "{}", run.text());
    for (id, index) in [("DEBIAN-CVE-2026-0001", 0), ("PYSEC-2026-1", 1)] {
        let layer = layer(&report, id);
        assert_eq!(layer["index"], index, "{layer}");
        assert!(layer["created_by"].is_null(), "{layer}");
    }
}

#[test]
fn unpacked_layers_hide_what_is_below_in_the_way_of_images() {
    let place = Place::new();
    let lower = Tape::new().and(&two_layers().layers[0]).and(&two_layers().layers[1]);
    unpack(&lower, &place.path().join("lower"));
    let web = format!("{SITE}/fixture_web-1.0.dist-info");
    let uppers =
        [(Tape::new().file("x", ""), 3), (Tape::new().whiteout(&web), 2), (Tape::new().opaque(SITE), 2), (Tape::new().whiteout("var"), 1)];
    for (at, (upper, expected)) in uppers.iter().enumerate() {
        let name = format!("upper-{at}");
        unpack(upper, &place.path().join(&name));
        let run = place.scan(&["--layers", "lower", &name]);
        assert_eq!(findings(&run.json()).len(), *expected, "{at}: {}", run.text());
    }
}

/// What overlayfs itself writes. Where the machine does not let the test make such files there is nothing to test.
#[cfg(target_os = "linux")]
#[test]
fn unpacked_layers_hide_what_is_below_in_the_way_of_overlayfs() {
    use rustix::fs::{CWD, FileType, Mode, XattrFlags, makedev, mknodat, setxattr};
    let place = Place::new();
    let lower = Tape::new().and(&two_layers().layers[0]).and(&two_layers().layers[1]);
    unpack(&lower, &place.path().join("lower"));

    let gone = place.path().join("device").join(SITE).join("fixture_web-1.0.dist-info");
    fs::create_dir_all(gone.parent().expect("a parent")).expect("folders");
    if mknodat(CWD, &gone, FileType::CharacterDevice, Mode::empty(), makedev(0, 0)).is_ok() {
        let run = place.scan(&["--layers", "lower", "device"]);
        assert_eq!(findings(&run.json()).len(), 2, "{}", run.text());
    }

    let opaque = place.path().join("opaque").join(SITE);
    fs::create_dir_all(opaque.join("empty")).expect("folders");
    for name in ["user.overlay.opaque", "trusted.overlay.opaque"] {
        if setxattr(&opaque, name, b"y", XattrFlags::empty()).is_ok() {
            let run = place.scan(&["--layers", "lower", "opaque"]);
            assert_eq!(findings(&run.json()).len(), 2, "{name}: {}", run.text());
            rustix::fs::removexattr(&opaque, name).expect("removed");
        }
    }
}

#[test]
fn layers_that_are_not_there_are_an_error() {
    let place = Place::new();
    fs::create_dir(place.path().join("here")).expect("a folder");
    place.write("file", "");
    for words in [["--layers", "here", "missing"], ["--layers", "here", "file"]] {
        let run = place.scan(&words);
        assert_eq!((run.code(), run.stdout().as_str()), (2, ""), "{}", run.text());
    }
}

#[cfg(unix)]
#[test]
fn links_in_a_folder_lead_to_what_is_there() {
    let place = Place::new();
    let root = content::alpine().file("srv/reqs.dat", "fixture-web==1.0\n").symlink("srv/requirements.txt", "reqs.dat");
    unpack(&root, &place.path().join("root"));
    let run = place.scan(&["root"]);
    assert!(findings(&run.json()).contains(&"PYSEC-2026-1"), "{}", run.text());
}
