//! Builds an index. The same records give the same bytes.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use flate2::{Compression, write::DeflateEncoder};
use sha2::{Digest, Sha256};

use super::{
    Metadata, Record,
    format::{Codec, HEAD, Head, ROW, Row, head_checksum, shard_checksum, shard_of},
};

/// Plain bytes that a shard is aimed at: one read for an index on disk; enough for deflate to find repetitions in
/// the embedded one.
const SHARD_TARGET: [(Codec, usize); 2] = [(Codec::Plain, 8 << 10), (Codec::Deflate, 64 << 10)];

/// The bytes of an index over these records. Fills in [`Metadata::sha256`].
///
/// # Errors
/// When a record or the whole is too large for the layout's numbers.
pub fn build(mut metadata: Metadata, records: &[Record], codec: Codec) -> io::Result<Vec<u8>> {
    let entries = entries(records)?;
    metadata.sha256 = digest(&entries);
    assemble(&metadata, &entries, codec)
}

/// The records by name, each name's in the order of their ids, encoded.
///
/// # Errors
/// Never for records that this program made.
pub fn entries(records: &[Record]) -> io::Result<Vec<(&str, Vec<u8>)>> {
    let mut by_name: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records {
        by_name.entry(&record.name).or_default().push(record);
    }
    let mut entries: Vec<(&str, Vec<u8>)> = Vec::with_capacity(by_name.len());
    for (name, mut records) in by_name {
        records.sort_by(|a, b| (&a.id, &a.release).cmp(&(&b.id, &b.release)));
        entries.push((name, postcard::to_stdvec(&records).map_err(io::Error::other)?));
    }
    Ok(entries)
}

/// SHA-256 over the names and records in canonical order: the same facts have the same digest in every codec.
#[must_use]
pub fn digest(entries: &[(&str, Vec<u8>)]) -> String {
    let mut digest = Sha256::new();
    for (name, bytes) in entries {
        digest.update(name.as_bytes());
        digest.update([0]);
        digest.update(bytes);
    }
    hex(&digest.finalize())
}

/// SHA-256 of bytes, as lower-case hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn assemble(metadata: &Metadata, entries: &[(&str, Vec<u8>)], codec: Codec) -> io::Result<Vec<u8>> {
    let total: usize = entries.iter().map(|(name, bytes)| name.len() + bytes.len() + 8).sum();
    let target = SHARD_TARGET.iter().find(|(c, _)| *c == codec).map_or(8 << 10, |(_, target)| *target);
    let shards = u32::try_from((total / target).max(1)).map_err(io::Error::other)?;
    let mut contents: Vec<Vec<(&str, &[u8])>> = vec![Vec::new(); shards as usize];
    for (name, bytes) in entries {
        contents[shard_of(name, shards)].push((name, bytes));
    }
    let metadata_bytes = postcard::to_stdvec(metadata).map_err(io::Error::other)?;
    let mut tables = metadata_bytes.clone();
    let mut body = Vec::with_capacity(total);
    let first = HEAD + metadata_bytes.len() + contents.len() * ROW;
    for shard in &contents {
        let plain = postcard::to_stdvec(shard).map_err(io::Error::other)?;
        let stored = store(&plain, codec)?;
        let row = Row {
            offset: (first + body.len()) as u64,
            stored: u32::try_from(stored.len()).map_err(io::Error::other)?,
            plain: u32::try_from(plain.len()).map_err(io::Error::other)?,
            checksum: shard_checksum(&stored),
        };
        tables.extend(row.to_bytes());
        body.extend(stored);
    }
    let head = Head {
        codec,
        file_length: (first + body.len()) as u64,
        metadata_length: u32::try_from(metadata_bytes.len()).map_err(io::Error::other)?,
        shards,
        checksum: 0,
    }
    .to_bytes();
    let mut out = Vec::with_capacity(first + body.len());
    out.extend(head);
    out.extend(head_checksum(&head, &tables).to_le_bytes());
    out.extend(tables);
    out.extend(body);
    Ok(out)
}

fn store(plain: &[u8], codec: Codec) -> io::Result<Vec<u8>> {
    match codec {
        Codec::Plain => Ok(plain.to_vec()),
        Codec::Deflate => {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(plain)?;
            encoder.finish()
        }
    }
}

/// Puts an index in place: written beside under a name of its own, synced, read back, renamed, the folder synced. A
/// reader sees the old file or the new one and nothing between, and two writers do not meet.
///
/// # Errors
/// What the system says; the old file is untouched then.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}.");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".new");
    // A temporary file is its owner's alone; an index may be shared.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut beside = builder.tempfile_in(folder)?;
    beside.write_all(bytes)?;
    beside.as_file().sync_all()?;
    if fs::read(beside.path())? != bytes {
        return Err(io::Error::other("what was written does not read back"));
    }
    beside.persist(path).map_err(|error| error.error)?;
    if let Ok(folder) = File::open(folder) {
        // Not every system can sync a folder; the rename itself is atomic all the same.
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
