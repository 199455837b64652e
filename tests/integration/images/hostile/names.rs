//! Names of entries: too long, leading out, in two ways at once, unprintable.

use super::{
    super::{
        content::{self, SITE},
        swollen,
        tape::{BLOCK, Header, Tape, flag},
    },
    cases::{
        Case, DATABASE, INSTALLED,
        Outcome::{Incomplete, Whole},
        image, root, stored, without_database,
    },
};

pub(super) const CASES: [Case; 20] = [
    ("name-of-5000-bytes", Incomplete, || {
        image([root().file(&format!("{}requirements.txt", "folder/".repeat(720)), "fixture-web==1.0\n")])
    }),
    ("name-of-10-mib", Incomplete, name_of_10_mib),
    ("name-of-10-mib-in-pax", Incomplete, pax_of_10_mib),
    ("name-with-parents", Whole, || {
        image([Tape::new()
            .file("../../etc/os-release", content::os_release("alpine", "3.9.4"))
            .file("lib/x/../apk/db/installed", DATABASE)])
    }),
    ("name-from-the-root", Whole, || {
        image([Tape::new().file("/etc/os-release", content::os_release("alpine", "3.9.4")).file("//lib//apk/./db/installed", DATABASE)])
    }),
    ("name-with-control-characters", Whole, || {
        image([root().file("app/\u{1b}[31mred\n\u{7}\u{202e}/requirements.txt", "fixture-web==1.0\n")])
    }),
    ("name-that-is-no-utf-8", Whole, || {
        let header = Header::new(flag::FILE, b"app/\xff\xfe\x80/requirements.txt", 17);
        image([root().entry(header, "fixture-web==1.0\n")])
    }),
    ("name-that-is-empty", Whole, || image([root().entry(Header::new(flag::FILE, "", 4), "text")])),
    ("name-in-pax-and-in-the-header", Whole, || {
        let header = Header::new(flag::FILE, "harmless", DATABASE.len() as u64);
        image([without_database().pax(&[("path", INSTALLED)]).entry(header, DATABASE)])
    }),
    ("name-in-pax-twice", Whole, || {
        let header = Header::new(flag::FILE, "harmless", DATABASE.len() as u64);
        image([without_database().pax(&[("path", "harmless-too"), ("path", INSTALLED)]).entry(header, DATABASE)])
    }),
    ("name-split-into-prefix-and-name", Whole, || {
        let header = Header::new(flag::FILE, "db/installed", DATABASE.len() as u64).with(345, b"lib/apk");
        image([without_database().entry(header, DATABASE)])
    }),
    ("name-without-an-entry", Incomplete, || {
        let name = format!("{INSTALLED}\0");
        image([root().entry(Header::new(flag::GNU_LONG_NAME, "././@LongLink", name.len() as u64), name)])
    }),
    ("whiteout-of-the-parent", Whole, || image([root(), Tape::new().file("lib/apk/.wh...", "").file(".wh...", "")])),
    ("whiteout-of-nothing", Whole, || image([root(), Tape::new().file(".wh.", "").file("lib/.wh.", "").file("lib/.wh..", "")])),
    ("whiteout-of-whiteouts", Whole, || image([root(), Tape::new().file(".wh..wh.plnk", "").file("lib/.wh..wh.aufs", "")])),
    ("whiteout-that-is-a-folder-of-a-database", Whole, || {
        image([root().file(&format!("{SITE}/.wh.installed"), "not a whiteout of anything that is there")])
    }),
    ("root-is-opaque", Incomplete, || image([root(), Tape::new().opaque("").opaque("/").opaque("..")])),
    ("root-is-a-file", Whole, || image([root(), Tape::new().file("/", "text").file(".", "text").file("./", "text")])),
    ("root-is-a-link", Whole, || image([root(), Tape::new().symlink("/", "/proc").symlink(".", "elsewhere")])),
    ("same-name-as-file-folder-and-file", Whole, || {
        let nested = format!("{INSTALLED}/below");
        image([without_database().file(INSTALLED, "P:other\nV:1\n\n").file(&nested, "").dir(INSTALLED).file(INSTALLED, DATABASE)])
    }),
];

/// A GNU long name far beyond any path. The database comes before it: nothing after it can be relied on.
fn name_of_10_mib() -> Vec<u8> {
    let start = root().raw(Header::new(flag::GNU_LONG_NAME, "././@LongLink", 10 << 20).block()).open_end();
    let end = Tape::new().file("short", "text").bytes();
    stored(swollen::gzip(&start, b'n', 10 << 20, &end))
}

fn pax_of_10_mib() -> Vec<u8> {
    let head = format!("{} path=", 10 << 20);
    let body = 10 << 20;
    let start = root().raw(Header::new(flag::PAX, "PaxHeaders/next", body as u64 + BLOCK as u64).block());
    // The rest of the first block, then the pieces.
    let start = start.raw(head.as_bytes()).raw(vec![b'p'; BLOCK - head.len()]).open_end();
    stored(swollen::gzip(&start, b'p', body, &Tape::new().file("short", "text").bytes()))
}
