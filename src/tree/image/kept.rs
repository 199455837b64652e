//! What is kept of files, compressed where that pays, and the one budget that all layers share.

use std::{
    fs::File,
    io::{self, Read},
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};

use super::limits::{Limit, Limits};

/// What is wanted of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    Nothing,
    /// To know that it is there.
    Name,
    /// Its bytes.
    Bytes,
}

/// What is made of a program's bytes: what is kept, if anything, or why it is damaged.
pub type Audit = fn(&[u8]) -> Result<Option<Vec<u8>>, String>;

/// What of an image is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Interest {
    /// What is wanted of the file at a path.
    pub keep: fn(&str) -> Keep,
    /// What is kept of a program, all of whose bytes are given: what was left in it for auditors.
    pub audit: Audit,
}

/// The content of a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Kept {
    /// As it is.
    Plain(Vec<u8>),
    /// Compressed, with its plain length.
    Packed(Vec<u8>, u64),
    /// Larger than [`Limits::file`].
    TooLarge,
    /// It is damaged, and why.
    Damaged(String),
    /// It is on this machine.
    #[serde(skip)]
    Disk(PathBuf),
}

/// Files of this size and more are compressed.
const WORTH: usize = 4 << 10;

impl Kept {
    /// Keeps bytes.
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        let packed = (bytes.len() >= WORTH).then(|| zstd::bulk::compress(&bytes, 1).ok()).flatten();
        match packed {
            Some(packed) if packed.len() < bytes.len() => Self::Packed(packed, bytes.len() as u64),
            _ => Self::Plain(bytes),
        }
    }

    /// What it takes, in bytes.
    pub(super) fn size(&self) -> u64 {
        let own = match self {
            Self::Plain(bytes) | Self::Packed(bytes, _) => bytes.len(),
            Self::TooLarge | Self::Disk(_) => 0,
            Self::Damaged(why) => why.len(),
        };
        own as u64 + size_of::<Self>() as u64
    }

    /// How many bytes it is when it is read.
    pub(super) fn plain_size(&self) -> u64 {
        match self {
            Self::Plain(bytes) => bytes.len() as u64,
            Self::Packed(_, length) => *length,
            Self::TooLarge | Self::Damaged(_) | Self::Disk(_) => 0,
        }
    }

    /// The bytes; `None` where the file is too large.
    pub(super) fn read(&self, limits: &Limits) -> io::Result<Option<Vec<u8>>> {
        match self {
            Self::Plain(bytes) => Ok(Some(bytes.clone())),
            Self::Packed(bytes, length) => {
                let length = usize::try_from((*length).min(limits.file)).unwrap_or(usize::MAX);
                zstd::bulk::decompress(bytes, length).map(Some)
            }
            Self::TooLarge => Ok(None),
            Self::Damaged(why) => Err(io::Error::new(io::ErrorKind::InvalidData, why.clone())),
            Self::Disk(path) => {
                let mut bytes = Vec::new();
                File::open(path)?.take(limits.file + 1).read_to_end(&mut bytes)?;
                Ok((bytes.len() as u64 <= limits.file).then_some(bytes))
            }
        }
    }
}

/// What all layers of a target may take together.
///
/// Layers are read side by side, and which of them comes too late depends on the moment. So whoever finds it used up
/// gives up everything, and reads one layer after the other, each taking what is left: that gives the same every time.
pub(super) struct Budget {
    limits: Limits,
    /// Whether layers are read one after the other.
    pub(super) in_order: bool,
    kept: AtomicU64,
    plain: AtomicU64,
    entries: AtomicU64,
    entries_size: AtomicU64,
    spent: AtomicBool,
}

impl Budget {
    pub(super) fn new(limits: Limits, in_order: bool) -> Self {
        let zero = || AtomicU64::new(0);
        Self { limits, in_order, kept: zero(), plain: zero(), entries: zero(), entries_size: zero(), spent: AtomicBool::new(false) }
    }

    /// Whether it is used up.
    pub(super) fn is_spent(&self) -> bool {
        self.spent.load(Ordering::Relaxed)
    }

    /// Takes for a file that is kept.
    pub(super) fn keep(&self, kept: &Kept) -> Result<(), Limit> {
        self.take(&self.kept, kept.size(), self.limits.kept, Limit::Kept)?;
        self.take(&self.plain, kept.plain_size(), self.limits.plain, Limit::Kept)
    }

    /// Takes for so many entries, and what they take.
    pub(super) fn enter(&self, count: u64, size: u64) -> Result<(), Limit> {
        self.take(&self.entries, count, self.limits.entries, Limit::Entries)?;
        self.take(&self.entries_size, size, self.limits.entries_size, Limit::Entries)
    }

    fn take(&self, used: &AtomicU64, amount: u64, most: u64, limit: Limit) -> Result<(), Limit> {
        if used.fetch_add(amount, Ordering::Relaxed) + amount <= most {
            return Ok(());
        }
        // What does not fit any more leaves its room to what is smaller, and comes later in the same order.
        used.fetch_sub(amount, Ordering::Relaxed);
        self.spent.store(true, Ordering::Relaxed);
        Err(limit)
    }
}
