//! The file layout, version 3. All numbers are little-endian.
//!
//! ```text
//! 0   8  magic "OVERDUE\n"
//! 8   4  layout version
//! 12  4  length of the metadata
//! 16  8  length of the whole file
//! 24  4  number of shards of the first table
//! 28  4  number of shards of the second table
//! 32  8  XXH3-64 of bytes 0..32 and of everything from 40 up to the first shard
//! 40     metadata (postcard), the rows of both tables, the shards of both tables
//! ```
//!
//! A row is: offset (8), stored length (4), plain length (4), XXH3-64 of the stored bytes (8). A shard whose stored
//! length is less than its plain length is deflated (RFC 1951). A shard is a postcard list of (key, value), sorted by
//! key, or nothing; a key's shard is given by the upper bits of its XXH3-64. So a lookup verifies the head once and one
//! shard, and needs nothing else.

use std::{io, path::PathBuf};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// The first bytes of an index.
pub const MAGIC: [u8; 8] = *b"OVERDUE\n";
/// The layout that this program reads and writes.
pub const LAYOUT: u32 = 3;
/// Bytes before the metadata.
pub const HEAD: usize = 40;
/// Bytes of a row.
pub const ROW: usize = 24;
/// Tables in a file.
pub const TABLES: usize = 2;

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
    /// Length of the metadata.
    pub metadata_length: u32,
    /// Length of the whole file.
    pub file_length: u64,
    /// Number of shards of each table.
    pub shards: [u32; TABLES],
    /// Checksum of the head, the metadata and the rows.
    pub checksum: u64,
}

impl Head {
    /// Bytes of metadata and rows.
    #[must_use]
    pub fn table_length(&self) -> u64 {
        let rows: u64 = self.shards.iter().map(|shards| u64::from(*shards)).sum();
        u64::from(self.metadata_length) + rows * ROW as u64
    }

    /// Writes all but the checksum, which covers what this returns.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        let mut out = [0; 32];
        out[..8].copy_from_slice(&MAGIC);
        out[8..12].copy_from_slice(&LAYOUT.to_le_bytes());
        out[12..16].copy_from_slice(&self.metadata_length.to_le_bytes());
        out[16..24].copy_from_slice(&self.file_length.to_le_bytes());
        out[24..28].copy_from_slice(&self.shards[0].to_le_bytes());
        out[28..32].copy_from_slice(&self.shards[1].to_le_bytes());
        out
    }

    /// Reads the head; the checksum is not verified here, because it covers more than the head.
    ///
    /// # Errors
    /// What does not fit, or the other layout's number.
    pub fn from_bytes(bytes: &[u8; HEAD]) -> Result<Self, HeadError> {
        if bytes[..8] != MAGIC {
            return Err(HeadError::Damaged("it does not begin as an index does"));
        }
        let layout = u32_at(bytes, 8);
        if layout != LAYOUT {
            return Err(HeadError::OtherLayout(layout));
        }
        Ok(Self {
            metadata_length: u32_at(bytes, 12),
            file_length: u64_at(bytes, 16),
            shards: [u32_at(bytes, 24), u32_at(bytes, 28)],
            checksum: u64_at(bytes, 32),
        })
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | (u64::from(u32_at(bytes, at + 4)) << 32)
}

/// What is wrong with a head.
#[derive(Clone, Copy, Debug)]
pub enum HeadError {
    /// It is damaged.
    Damaged(&'static str),
    /// It is of another layout.
    OtherLayout(u32),
}

/// The place of a shard.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Offset of the shard in the file.
    pub offset: u64,
    /// Stored length.
    pub stored: u32,
    /// Length when inflated; the stored length where it is not deflated.
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
        Self { offset: u64_at(bytes, 0), stored: u32_at(bytes, 8), plain: u32_at(bytes, 12), checksum: u64_at(bytes, 16) }
    }
}

/// The checksum of the head and what follows it up to the first shard.
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

/// What a key is placed by.
#[must_use]
pub fn key_hash(key: &str) -> u64 {
    xxh3_64(key.as_bytes())
}

/// The shard of a hash. Monotonic: a greater hash is in the same shard or a later one.
#[must_use]
pub fn shard_of(hash: u64, shards: u32) -> u32 {
    let wide = (u128::from(hash) * u128::from(shards)) >> 64;
    u32::try_from(wide).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::shard_of;

    proptest::proptest! {
        #[test]
        fn shards_are_in_order_of_the_hash(a: u64, b: u64, shards in 1u32..100_000) {
            let (low, high) = (a.min(b), a.max(b));
            proptest::prop_assert!(shard_of(low, shards) <= shard_of(high, shards));
            proptest::prop_assert!(shard_of(high, shards) < shards);
        }
    }
}
