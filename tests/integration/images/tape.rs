//! Tar archives written block by block, so that a test says exactly what is in them, however odd: the `tar` crate is what
//! the program reads with, and its writer refuses half of what has to be read.

use std::fmt::Write;

/// Tar works in blocks of this size.
pub(crate) const BLOCK: usize = 512;

/// The whiteout that hides all that lower layers have in its directory.
const OPAQUE: &str = ".wh..wh..opq";

/// The type flags that tests use.
pub(crate) mod flag {
    pub(crate) const FILE: u8 = b'0';
    pub(crate) const HARD_LINK: u8 = b'1';
    pub(crate) const SYMLINK: u8 = b'2';
    pub(crate) const CHARACTER_DEVICE: u8 = b'3';
    pub(crate) const BLOCK_DEVICE: u8 = b'4';
    pub(crate) const DIRECTORY: u8 = b'5';
    pub(crate) const FIFO: u8 = b'6';
    pub(crate) const GNU_LONG_LINK: u8 = b'K';
    pub(crate) const GNU_LONG_NAME: u8 = b'L';
    pub(crate) const GNU_SPARSE: u8 = b'S';
    pub(crate) const PAX: u8 = b'x';
}

/// One header block. Names are bytes and cut where the field ends; sizes that do not fit in octal are written in base 256.
#[derive(Clone, Debug)]
pub(crate) struct Header(tar::Header);

impl Header {
    pub(crate) fn new(flag: u8, name: impl AsRef<[u8]>, size: u64) -> Self {
        let mut header = tar::Header::new_ustar();
        put(&mut header.as_mut_bytes()[..100], name.as_ref());
        header.set_mode(if flag == flag::DIRECTORY { 0o755 } else { 0o644 });
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(1_760_000_000);
        header.set_size(size);
        header.set_entry_type(tar::EntryType::new(flag));
        Self(header)
    }

    pub(crate) fn mode(mut self, mode: u32) -> Self {
        self.0.set_mode(mode);
        self
    }

    pub(crate) fn target(mut self, target: impl AsRef<[u8]>) -> Self {
        put(&mut self.0.as_mut_bytes()[157..257], target.as_ref());
        self
    }

    pub(crate) fn device(mut self, major: u32, minor: u32) -> Self {
        self.0.set_device_major(major).expect("a ustar header");
        self.0.set_device_minor(minor).expect("a ustar header");
        self
    }

    /// Any bytes at any place of the block, for what no setter would write.
    pub(crate) fn with(mut self, at: usize, bytes: &[u8]) -> Self {
        self.0.as_mut_bytes()[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// The block, its checksum true.
    pub(crate) fn block(mut self) -> Vec<u8> {
        self.0.set_cksum();
        self.0.as_bytes().to_vec()
    }
}

fn put(field: &mut [u8], text: &[u8]) {
    let length = text.len().min(field.len());
    field[..length].copy_from_slice(&text[..length]);
}

/// A tar archive that grows by one entry a call. It is a layer, or what holds layers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape(Vec<u8>);

impl Tape {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn dir(self, path: &str) -> Self {
        self.dir_with_mode(path, 0o755)
    }

    pub(crate) fn dir_with_mode(self, path: &str, mode: u32) -> Self {
        // Tools end a directory's name with a slash; readers go by the flag.
        let name = format!("{}/", path.trim_end_matches('/'));
        self.named(&name, |name| Header::new(flag::DIRECTORY, name, 0).mode(mode), &[])
    }

    pub(crate) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.file_with_mode(path, content, 0o644)
    }

    /// A file with an executable bit.
    pub(crate) fn program(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.file_with_mode(path, content, 0o755)
    }

    fn file_with_mode(self, path: &str, content: impl AsRef<[u8]>, mode: u32) -> Self {
        let content = content.as_ref();
        self.named(path, |name| Header::new(flag::FILE, name, content.len() as u64).mode(mode), content)
    }

    pub(crate) fn symlink(self, path: &str, target: &str) -> Self {
        self.long_target(target).named(path, |name| Header::new(flag::SYMLINK, name, 0).mode(0o777).target(target), &[])
    }

    pub(crate) fn hard_link(self, path: &str, target: &str) -> Self {
        self.long_target(target).named(path, |name| Header::new(flag::HARD_LINK, name, 0).target(target), &[])
    }

    pub(crate) fn character_device(self, path: &str, major: u32, minor: u32) -> Self {
        self.named(path, |name| Header::new(flag::CHARACTER_DEVICE, name, 0).device(major, minor), &[])
    }

    pub(crate) fn fifo(self, path: &str) -> Self {
        self.named(path, |name| Header::new(flag::FIFO, name, 0), &[])
    }

    /// What deletes a path of lower layers.
    pub(crate) fn whiteout(self, path: &str) -> Self {
        let marker = match path.rsplit_once('/') {
            Some((parent, name)) => format!("{parent}/.wh.{name}"),
            None => format!(".wh.{path}"),
        };
        self.file(&marker, "")
    }

    /// What deletes all that lower layers have in a directory.
    pub(crate) fn opaque(self, path: &str) -> Self {
        let marker = if path.is_empty() { OPAQUE.to_owned() } else { format!("{path}/{OPAQUE}") };
        self.file(&marker, "")
    }

    /// A PAX header, which speaks of the entry that follows.
    pub(crate) fn pax(self, records: &[(&str, &str)]) -> Self {
        let body: String = records.iter().map(|(key, value)| pax_record(key, value)).collect();
        self.entry(Header::new(flag::PAX, "PaxHeaders/next", body.len() as u64), body)
    }

    /// A header and its content, filled up to whole blocks. Nobody checks that the header's size is the content's.
    pub(crate) fn entry(self, header: Header, content: impl AsRef<[u8]>) -> Self {
        self.raw(header.block()).raw(content.as_ref()).padded()
    }

    /// Bytes as they are.
    pub(crate) fn raw(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.0.extend_from_slice(bytes.as_ref());
        self
    }

    /// Another archive's entries after these.
    pub(crate) fn and(self, other: &Self) -> Self {
        self.raw(&other.0)
    }

    /// The entries without the end of the archive.
    pub(crate) fn open_end(&self) -> Vec<u8> {
        self.0.clone()
    }

    /// The whole archive.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.0.clone();
        bytes.resize(bytes.len() + 2 * BLOCK, 0);
        bytes
    }

    fn padded(mut self) -> Self {
        self.0.resize(self.0.len().next_multiple_of(BLOCK), 0);
        self
    }

    /// An entry whose name may be too long for its header: GNU's way.
    fn named(self, path: &str, header: impl Fn(&str) -> Header, content: &[u8]) -> Self {
        let tape = if path.len() > 100 { self.gnu(flag::GNU_LONG_NAME, path) } else { self };
        tape.entry(header(path), content)
    }

    fn long_target(self, target: &str) -> Self {
        if target.len() > 100 { self.gnu(flag::GNU_LONG_LINK, target) } else { self }
    }

    fn gnu(self, flag: u8, text: &str) -> Self {
        let text = format!("{text}\0");
        self.entry(Header::new(flag, "././@LongLink", text.len() as u64), text)
    }
}

/// One record of a PAX header, its length included in its length.
pub(crate) fn pax_record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len() + 1;
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    let mut record = length.to_string();
    record.write_str(&rest).expect("text");
    record
}
