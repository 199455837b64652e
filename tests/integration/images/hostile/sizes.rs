//! Sizes: of what unpacks to far more, of what is not all there, of headers that contradict each other.

use super::{
    super::{
        content::{self, SITE},
        packing::Packing,
        swollen,
        tape::{BLOCK, Header, Tape, flag},
    },
    cases::{
        Case, DATABASE, INSTALLED,
        Outcome::{Incomplete, Whole},
        image, root, stored, without_database,
    },
};

pub(super) const CASES: [Case; 28] = [
    ("size-of-a-folder-that-hides-what-follows", Incomplete, || hidden(flag::DIRECTORY)),
    ("size-of-a-link-that-hides-what-follows", Incomplete, || hidden(flag::SYMLINK)),
    ("bomb-of-1-gib-in-gzip", Incomplete, || stored(bomb(1 << 30))),
    ("bomb-of-1-gib-in-members", Incomplete, || {
        let member = swollen::gzip(b"", 0, 16 << 20, b"");
        stored([Packing::Gzip.pack(&opened(1 << 30)), member.repeat(64)].concat())
    }),
    ("bomb-of-1-gib-in-zstd", Incomplete, || stored(swollen::zstd(&opened(1 << 30), 0, 1 << 30))),
    ("bomb-of-an-archive", Incomplete, || bomb(1 << 30)),
    ("bomb-in-a-bomb", Incomplete, || stored(Packing::Gzip.pack(&bomb(1 << 30)))),
    // What stands after the end of an archive is nobody's.
    ("bomb-of-empty-blocks", Whole, || stored(swollen::gzip(&root().open_end(), 0, 1 << 30, b""))),
    ("database-of-65-mib", Incomplete, || swollen_file("var/lib/dpkg/status", 65)),
    ("metadata-of-65-mib", Incomplete, || swollen_file(&format!("{SITE}/fixture_web-1.0.dist-info/METADATA"), 65)),
    ("metadata-of-3-gib-that-is-not-there", Incomplete, || {
        let header = Header::new(flag::FILE, format!("{SITE}/fixture_web-1.0.dist-info/METADATA"), 3 << 30);
        image([root().raw(header.block()).raw("Metadata-Version: 2.1\n")])
    }),
    ("size-that-is-negative", Incomplete, || with_size(&[0xff; 12])),
    ("size-of-8-eib", Incomplete, || with_size(&[0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
    ("size-that-is-no-number", Incomplete, || with_size(b"abcdefghijk\0")),
    ("size-that-wraps-around", Incomplete, || with_size(&[0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
    ("size-in-pax-is-right", Whole, || smuggled(true)),
    ("size-in-pax-is-no-number", Incomplete, || {
        // As other readers do: the header's counts.
        let header = Header::new(flag::FILE, INSTALLED, DATABASE.len() as u64);
        image([without_database().pax(&[("size", "-1")]).entry(header, DATABASE)])
    }),
    ("size-in-pax-before-a-long-name", Whole, || smuggled(false)),
    ("pax-of-100-mib-that-is-not-there", Incomplete, || {
        image([root().raw(Header::new(flag::PAX, "PaxHeaders/next", 100 << 20).block()).raw("30 path=")])
    }),
    ("sparse-of-8-eib", Incomplete, sparse),
    ("sparse-program-of-17-mib", Incomplete, || sparse_program("1\n0\n100\n")),
    ("sparse-program-of-many-parts", Incomplete, || sparse_program(&format!("200000\n{}", "0\n0\n".repeat(200_000)))),
    ("sum-that-is-wrong", Incomplete, || {
        let mut block = Header::new(flag::FILE, "etc/x", 0).block();
        block[0] ^= 1;
        image([root().raw(block)])
    }),
    ("cut-off-in-gzip", Incomplete, || {
        let packed = Packing::Gzip.pack(&root().bytes());
        stored(packed[..packed.len() - 20].to_vec())
    }),
    ("cut-off-in-zstd", Incomplete, || {
        let packed = Packing::Zstd.pack(&root().bytes());
        stored(packed[..packed.len() - 20].to_vec())
    }),
    ("cut-off-in-a-file", Incomplete, || {
        let bytes = root().file("srv/large", vec![b'x'; 5000]).open_end();
        stored(bytes[..bytes.len() - 4 * BLOCK].to_vec())
    }),
    ("garbage-after-gzip", Whole, || stored([Packing::Gzip.pack(&root().bytes()), b"garbage".repeat(100)].concat())),
    ("garbage-after-the-archive", Whole, || stored(Packing::Gzip.pack(&[root().bytes(), b"garbage".repeat(100)].concat()))),
];

/// The beginning of a layer whose last entry claims to be so large.
fn opened(size: u64) -> Vec<u8> {
    root().raw(Header::new(flag::FILE, "srv/zeros", size).block()).open_end()
}

/// A layer that ends as it should, once it is unpacked.
fn bomb(size: usize) -> Vec<u8> {
    swollen::gzip(&opened(size as u64), 0, size, &Tape::new().bytes())
}

/// A layer with a database, and a file of so many MiB under another name that is wanted.
fn swollen_file(path: &str, mib: usize) -> Vec<u8> {
    let start = root().raw(Header::new(flag::FILE, path, (mib as u64) << 20).block()).open_end();
    stored(swollen::gzip(&start, b'\n', mib << 20, &Tape::new().bytes()))
}

/// A layer with an entry whose field of the size has these bytes, and its database after it.
fn with_size(field: &[u8]) -> Vec<u8> {
    let header = Header::new(flag::FILE, "srv/x", 0).with(124, field);
    image([without_database().raw(header.block()).file(INSTALLED, DATABASE)])
}

/// The header says that a file is empty, PAX that it has content; the content looks like entries. Who believes the header
/// takes them for entries, and sees a database that says nothing.
fn smuggled(plain: bool) -> Vec<u8> {
    let inner = Tape::new().file(INSTALLED, "P:other\nV:1\no:other\n\n").open_end();
    let tape = without_database().file(INSTALLED, DATABASE).pax(&[("size", &inner.len().to_string())]);
    let tape = if plain { tape } else { tape.entry(Header::new(flag::GNU_LONG_NAME, "././@LongLink", 10), "srv/inner\0") };
    image([tape.entry(Header::new(flag::FILE, "srv/inner", 0), inner)])
}

/// A sparse file of GNU's old way whose only block stands at its end.
fn sparse() -> Vec<u8> {
    let eib = 0x7fff_ffff_ffff_fe00_u64;
    let number = |value: u64| [&[0x80, 0, 0, 0][..], &value.to_be_bytes()].concat();
    let header = Header::new(flag::GNU_SPARSE, INSTALLED, BLOCK as u64)
        .with(257, b"ustar  \0")
        .with(386, &number(eib - BLOCK as u64))
        .with(398, b"00000001000\0")
        .with(483, &number(eib));
    image([Tape::new().file("etc/os-release", content::os_release("alpine", "3.9.4")).entry(header, [b'\n'; BLOCK])])
}

/// A program that is larger than what is stored of it, with this map before it.
fn sparse_program(map: &str) -> Vec<u8> {
    let records =
        [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "opt/app"), ("GNU.sparse.realsize", "17825792")];
    let mut content = map.as_bytes().to_vec();
    content.resize(content.len().next_multiple_of(BLOCK), 0);
    content.extend_from_slice(&super::floods::PROGRAM);
    image([root().pax(&records).entry(Header::new(flag::FILE, "GNUSparseFile.0/app", content.len() as u64).mode(0o755), content)])
}

/// What has no content says that it has some, so that the next entry is taken for that: the database is overwritten by one
/// that nobody sees.
fn hidden(kind: u8) -> Vec<u8> {
    let next = Tape::new().file(INSTALLED, "P:other\nV:1\no:other\n\n").open_end();
    image([root().raw(Header::new(kind, "srv/x", next.len() as u64).block()).raw(next)])
}
