//! The file layout, version 1. All numbers are little-endian.
//!
//! ```text
//! 0   8  magic "OVERDUE\n"
//! 8   4  layout version
//! 12  4  codec of the shards: 0 as they are, 1 deflate
//! 16  8  length of the whole file
//! 24  4  length of the metadata
//! 28  4  number of shards
//! 32  8  XXH3-64 of bytes 0..32 and of everything from 40 up to the first shard
//! 40     metadata (postcard), then the shard table, then the shards
//! ```
//!
//! A shard table row is: offset (8), stored length (4), plain length (4), XXH3-64 of the stored bytes (8). A shard is
//! a postcard list of (package name, its records in postcard), sorted by name; a name's shard is its XXH3-64 modulo
//! the number of shards. So a lookup verifies the head once and one shard, and needs nothing else.

use std::{io, path::PathBuf};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// The first bytes of an index.
pub const MAGIC: [u8; 8] = *b"OVERDUE\n";
/// The layout that this program reads and writes.
pub const LAYOUT: u32 = 1;
/// Bytes before the metadata.
pub const HEAD: usize = 40;
/// Bytes of a shard table row.
pub const ROW: usize = 24;

/// How shards are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// As they are: the fastest to look up.
    Plain,
    /// Deflated (RFC 1951): for the snapshot in the binary.
    Deflate,
}

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The file exists and cannot be read: permissions, or a failing disk.
    #[error("cannot read the advisory index {}: {source}", path.display())]
    Unreadable {
        /// The index.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A byte is not what was written.
    #[error("the advisory index {} is damaged: {cause}", path.display())]
    Damaged {
        /// The index.
        path: PathBuf,
        /// What does not fit.
        cause: String,
    },
    /// It was written by another version of this program.
    #[error("the advisory index {} has layout {found}; this version reads layout {LAYOUT}", path.display())]
    OtherLayout {
        /// The index.
        path: PathBuf,
        /// Its layout.
        found: u32,
    },
}

/// The fixed numbers of the head.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// How shards are stored.
    pub codec: Codec,
    /// Length of the whole file.
    pub file_length: u64,
    /// Length of the metadata.
    pub metadata_length: u32,
    /// Number of shards.
    pub shards: u32,
    /// Checksum of the head, the metadata and the shard table.
    pub checksum: u64,
}

impl Head {
    /// Bytes of metadata and shard table.
    #[must_use]
    pub fn table_length(&self) -> u64 {
        u64::from(self.metadata_length) + u64::from(self.shards) * ROW as u64
    }

    /// Writes all but the checksum, which covers what this returns.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        let mut out = [0; 32];
        out[..8].copy_from_slice(&MAGIC);
        out[8..12].copy_from_slice(&LAYOUT.to_le_bytes());
        out[12..16].copy_from_slice(&u32::from(self.codec == Codec::Deflate).to_le_bytes());
        out[16..24].copy_from_slice(&self.file_length.to_le_bytes());
        out[24..28].copy_from_slice(&self.metadata_length.to_le_bytes());
        out[28..32].copy_from_slice(&self.shards.to_le_bytes());
        out
    }

    /// Reads the head; the checksum is not verified here, because it covers more than the head.
    ///
    /// # Errors
    /// What does not fit, or the other layout's number.
    pub fn from_bytes(bytes: &[u8; HEAD]) -> Result<Self, HeadError> {
        let u32_at = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let u64_at = |at: usize| u64::from(u32_at(at)) | (u64::from(u32_at(at + 4)) << 32);
        if bytes[..8] != MAGIC {
            return Err(HeadError::Damaged("it does not begin as an index does"));
        }
        if u32_at(8) != LAYOUT {
            return Err(HeadError::OtherLayout(u32_at(8)));
        }
        let codec = match u32_at(12) {
            0 => Codec::Plain,
            1 => Codec::Deflate,
            _ => return Err(HeadError::Damaged("an unknown codec")),
        };
        Ok(Self { codec, file_length: u64_at(16), metadata_length: u32_at(24), shards: u32_at(28), checksum: u64_at(32) })
    }
}

/// What is wrong with a head.
#[derive(Clone, Copy, Debug)]
pub enum HeadError {
    /// It is damaged.
    Damaged(&'static str),
    /// It is of another layout.
    OtherLayout(u32),
}

/// One row of the shard table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Offset of the shard in the file.
    pub offset: u64,
    /// Stored length.
    pub stored: u32,
    /// Length when inflated.
    pub plain: u32,
    /// Checksum of the stored bytes.
    pub checksum: u64,
}

impl Row {
    /// As in the file.
    #[must_use]
    pub fn to_bytes(self) -> [u8; ROW] {
        let mut out = [0; ROW];
        out[..8].copy_from_slice(&self.offset.to_le_bytes());
        out[8..12].copy_from_slice(&self.stored.to_le_bytes());
        out[12..16].copy_from_slice(&self.plain.to_le_bytes());
        out[16..].copy_from_slice(&self.checksum.to_le_bytes());
        out
    }

    /// From the file; `bytes` has [`ROW`] bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let u32_at = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let u64_at = |at: usize| u64::from(u32_at(at)) | (u64::from(u32_at(at + 4)) << 32);
        Self { offset: u64_at(0), stored: u32_at(8), plain: u32_at(12), checksum: u64_at(16) }
    }
}

/// The checksum of the head and the tables after it.
#[must_use]
pub fn head_checksum(head: &[u8], tables: &[u8]) -> u64 {
    let mut hash = Xxh3::new();
    hash.update(head);
    hash.update(tables);
    hash.digest()
}

/// The checksum of a shard's stored bytes.
#[must_use]
pub fn shard_checksum(stored: &[u8]) -> u64 {
    xxh3_64(stored)
}

/// The shard of a package name.
#[must_use]
pub fn shard_of(name: &str, shards: u32) -> usize {
    usize::try_from(xxh3_64(name.as_bytes()) % u64::from(shards.max(1))).unwrap_or_default()
}
