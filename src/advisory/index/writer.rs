//! Builds a file of tables from what was spilled. The same entries give the same bytes.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::Path,
};

use flate2::{Compression, write::DeflateEncoder};
use sha2::{Digest, Sha256};

use super::{
    format::{HEAD, Head, ROW, Row, TABLES, head_checksum, shard_checksum, shard_of},
    spill::Spill,
};

/// How a table is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// For looking up: small shards as they are, one read each.
    Quick,
    /// For what is seldom read: deflated in shards that are large enough to hold repetitions.
    Seldom,
    /// For the snapshot in the binary: as small as it gets.
    Small,
}

impl Packing {
    /// Plain bytes that a shard is aimed at.
    fn target(self) -> u64 {
        match self {
            Self::Quick => 4 << 10,
            Self::Seldom | Self::Small => 64 << 10,
        }
    }
}

/// What becomes a table.
pub struct Table<'t> {
    /// Its keys and values.
    pub spill: Spill,
    /// How it is stored.
    pub packing: Packing,
    /// Makes what is stored under a key of all values that it has.
    pub join: &'t Join<'t>,
}

/// Makes one value of several.
pub type Join<'t> = dyn Fn(&[&[u8]]) -> io::Result<Vec<u8>> + 't;

/// Length of a digest as hexadecimal digits.
const DIGITS: usize = 64;

/// Writes the tables, from the file's beginning on. `metadata` makes the metadata from the digest of all entries.
/// The digest is over keys and values in the order of the keys' hashes: however they are packed, it is the same.
///
/// # Errors
/// What the system says, or when something is too large for the layout's numbers.
pub fn write(file: &mut File, tables: [Table<'_>; TABLES], metadata: &dyn Fn(String) -> io::Result<Vec<u8>>) -> io::Result<()> {
    let length = metadata("0".repeat(DIGITS))?.len();
    let shards = tables.each_ref().map(|table| (table.spill.bytes / table.packing.target()).max(1));
    let mut counts = [0; TABLES];
    for (count, shards) in counts.iter_mut().zip(shards) {
        *count = u32::try_from(shards).map_err(io::Error::other)?;
    }
    let rows: usize = counts.iter().map(|count| *count as usize * ROW).sum();
    let mut out =
        Body { offset: (HEAD + length + rows) as u64, rows: Vec::with_capacity(rows), digest: Sha256::new(), out: BufWriter::new(file) };
    out.out.seek(SeekFrom::Start(out.offset))?;
    for (table, count) in tables.into_iter().zip(counts) {
        out.table(table, count)?;
    }
    let Body { offset, rows, digest, out } = out;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    let mut head_end = metadata(hex(&digest.finalize()))?;
    if head_end.len() != length {
        return Err(io::Error::other("the length of the metadata depends on the digest"));
    }
    head_end.extend(rows);
    let metadata_length = u32::try_from(length).map_err(io::Error::other)?;
    let head = Head { metadata_length, file_length: offset, shards: counts, checksum: 0 }.to_bytes();
    file.rewind()?;
    file.write_all(&head)?;
    file.write_all(&head_checksum(&head, &head_end).to_le_bytes())?;
    file.write_all(&head_end)
}

/// The shards, as they are written one behind the other.
struct Body<'f> {
    offset: u64,
    rows: Vec<u8>,
    digest: Sha256,
    out: BufWriter<&'f mut File>,
}

impl Body<'_> {
    fn table(&mut self, Table { spill, packing, join }: Table<'_>, shards: u32) -> io::Result<()> {
        let mut current = 0;
        let mut shard: Vec<(String, Vec<u8>)> = Vec::new();
        for sorted in spill.sorted() {
            for (hash, key, values) in sorted?.groups() {
                let number = shard_of(hash, shards);
                while current < number {
                    self.shard(&mut shard, packing)?;
                    current += 1;
                }
                let value = join(&values)?;
                digest_entry(&mut self.digest, key, &value);
                shard.push((key.to_owned(), value));
            }
        }
        while current < shards {
            self.shard(&mut shard, packing)?;
            current += 1;
        }
        Ok(())
    }

    /// Writes a shard and empties it.
    fn shard(&mut self, entries: &mut Vec<(String, Vec<u8>)>, packing: Packing) -> io::Result<()> {
        entries.sort();
        // An empty shard is no bytes: that needs no reading.
        let plain = if entries.is_empty() { Vec::new() } else { postcard::to_stdvec(entries).map_err(io::Error::other)? };
        entries.clear();
        let plain_length = u32::try_from(plain.len()).map_err(io::Error::other)?;
        let stored = match packing {
            Packing::Quick => plain,
            Packing::Seldom => shorter(deflate(&plain, Compression::fast())?, plain),
            Packing::Small => shorter(deflate(&plain, Compression::best())?, plain),
        };
        let row = Row {
            offset: self.offset,
            stored: u32::try_from(stored.len()).map_err(io::Error::other)?,
            plain: plain_length,
            checksum: shard_checksum(&stored),
        };
        self.rows.extend(row.to_bytes());
        self.offset += stored.len() as u64;
        self.out.write_all(&stored)
    }
}

/// Adds an entry to the digest of all.
pub(super) fn digest_entry(digest: &mut Sha256, key: &str, value: &[u8]) {
    for part in [key.as_bytes(), value] {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
}

/// A postcard list of values that are encoded already.
///
/// # Errors
/// Never; the signature is postcard's.
pub fn list(values: &[&[u8]]) -> io::Result<Vec<u8>> {
    let mut bytes = postcard::to_stdvec(&values.len()).map_err(io::Error::other)?;
    for value in values {
        bytes.extend(*value);
    }
    Ok(bytes)
}

/// What is as long deflated as plain is stored plain: by that a reader knows.
fn shorter(deflated: Vec<u8>, plain: Vec<u8>) -> Vec<u8> {
    if deflated.len() < plain.len() { deflated } else { plain }
}

fn deflate(plain: &[u8], level: Compression) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), level);
    encoder.write_all(plain)?;
    encoder.finish()
}

/// SHA-256 of bytes, as lower-case hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Puts a file in place: written beside under a name of its own, synced, checked, renamed, the folder synced. A
/// reader sees the old file or the new one and nothing between, and two writers do not meet.
///
/// # Errors
/// What `write`, `check` or the system says; the old file is untouched then.
pub fn replace(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
    check: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}.");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(BESIDE);
    // A temporary file is its owner's alone; an index may be shared.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut beside = builder.tempfile_in(folder)?;
    write(beside.as_file_mut())?;
    beside.as_file().sync_all()?;
    check(beside.path())?;
    beside.persist(path).map_err(|error| error.error)?;
    if let Ok(folder) = File::open(folder) {
        // Not every system can sync a folder; the rename itself is atomic all the same.
        let _ = folder.sync_all();
    }
    Ok(())
}

/// How the names of files end that are being written beside.
pub const BESIDE: &str = ".new";

/// Puts bytes in place, as [`replace`] does.
///
/// # Errors
/// What the system says, or when what was written does not read back; the old file is untouched then.
pub fn replace_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let same = |read: Vec<u8>| if read == bytes { Ok(()) } else { Err(io::Error::other("what was written does not read back")) };
    replace(path, |file| file.write_all(bytes), |beside| fs::read(beside).and_then(same))
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
