//! Names that are wanted, of what is no file, and files that are no text.

use super::{
    super::{
        content::{self, SITE},
        tape::{Header, Tape, flag},
    },
    cases::{
        Case, DATABASE, INSTALLED,
        Outcome::{Incomplete, Whole},
        image, root, without_database,
    },
};

pub(super) const CASES: [Case; 14] = [
    ("database-that-is-a-fifo", Incomplete, || image([without_database().fifo(INSTALLED)])),
    ("database-that-is-a-device", Incomplete, || image([without_database().character_device(INSTALLED, 1, 5)])),
    ("database-that-is-a-block-device", Incomplete, || {
        image([without_database().entry(Header::new(flag::BLOCK_DEVICE, INSTALLED, 0).device(8, 0), "")])
    }),
    ("database-that-is-a-folder", Incomplete, || image([without_database().dir(INSTALLED).file(&format!("{INSTALLED}/x"), "")])),
    ("database-of-an-unknown-kind", Incomplete, || image([without_database().entry(Header::new(b'Q', INSTALLED, 0), "")])),
    ("database-that-a-device-replaced", Incomplete, || image([root(), Tape::new().character_device(INSTALLED, 0, 0)])),
    ("database-in-parts-behind-a-link", Incomplete, || {
        let part = "Package: fixture\nVersion: 1.0-1\n";
        image([content::debian().symlink("var/lib/dpkg/status.d", "/opt/status.d").file("opt/status.d/fixture", part)])
    }),
    ("fifos-beside-the-database", Whole, || {
        image([root().fifo("var/lib/dpkg/status").fifo("app/requirements.txt").fifo("app/Cargo.lock")])
    }),
    ("distribution-that-is-a-fifo", Incomplete, || image([without_database().file(INSTALLED, DATABASE).fifo("etc/os-release")])),
    ("distribution-of-noise", Incomplete, || image([root().file("etc/os-release", noise(4000))])),
    ("database-of-noise", Incomplete, || image([without_database().file(INSTALLED, noise(40_000))])),
    ("database-of-one-line", Incomplete, || image([without_database().file(INSTALLED, "P:".to_owned() + &"x".repeat(4 << 20))])),
    ("python-package-of-noise", Incomplete, || image([root().file(&format!("{SITE}/x-1.dist-info/METADATA"), noise(4000))])),
    ("names-and-versions-with-control-characters", Incomplete, || {
        let database = "P:\u{1b}]0;title\u{7}red\nV:1.0-r0\u{1b}[31m\no:openssl\u{9b}\n\nP:libcrypto1.1\nV:1.1.1b-r1\no:openssl\n\n";
        // The version that cannot be read is a package that cannot be checked.
        image([without_database()
            .file("lib/.keep", "")
            .file(INSTALLED, database.replace("\u{1b}[31m", ""))
            .file("etc/os-release", content::os_release("alpine", "3.9.4").replace("A alpine", "A \u{1b}[31mred alpine"))])
    }),
];

/// Bytes of every value, line ends among them.
fn noise(length: usize) -> Vec<u8> {
    super::super::digests::noise(length)
}
