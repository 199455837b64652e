//! What is kept of files, compressed where that pays, and the one budget that all layers share.

use std::{
    fs::File,
    io::{self, Read},
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use super::{
    limits::{Limit, Limits},
    room::{Gate, Pass, Room},
};

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

/// How hard it is tried: as little as there is.
const LEVEL: i32 = 1;

/// Files beyond this size, in bytes, are large.
pub(super) const LARGE: u64 = 4 << 20;

/// So many large files are held as they are at a time.
const LARGE_ONES: usize = 2;

/// So many layers with large windows are unpacked at a time. Zstandard is fast: the others wait for the disk anyway.
const WINDOWS: usize = 3;

impl Kept {
    /// Keeps bytes.
    pub(super) fn new(mut bytes: Vec<u8>) -> Self {
        let packed = (bytes.len() >= WORTH).then(|| zstd::bulk::compress(&bytes, LEVEL).ok()).flatten();
        match packed {
            Some(mut packed) if packed.len() < bytes.len() => {
                packed.shrink_to_fit();
                Self::Packed(packed, bytes.len() as u64)
            }
            _ => {
                bytes.shrink_to_fit();
                Self::Plain(bytes)
            }
        }
    }

    /// Keeps so many bytes, of which no more than a few are held as they are.
    ///
    /// # Errors
    /// When they are not all there.
    pub(super) fn pack(bytes: &mut impl Read, size: u64) -> io::Result<Self> {
        let mut encoder = zstd::Encoder::new(Vec::new(), LEVEL)?;
        if io::copy(&mut bytes.take(size), &mut encoder)? < size {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends in the midst of a file"));
        }
        let mut packed = encoder.finish()?;
        packed.shrink_to_fit();
        Ok(Self::Packed(packed, size))
    }

    /// What it takes, in bytes.
    pub(super) fn size(&self) -> u64 {
        let own = match self {
            Self::Plain(bytes) | Self::Packed(bytes, _) => bytes.len(),
            Self::TooLarge => 0,
            Self::Disk(path) => path.as_os_str().len(),
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

/// What all layers of a target may take together: see [`Room`].
pub(super) struct Budget {
    /// Whether layers are read one after the other.
    pub(super) in_order: bool,
    kept: Room,
    plain: Room,
    entries: Room,
    entries_size: Room,
    large: Gate,
    windows: Gate,
}

impl Budget {
    pub(super) fn new(limits: Limits, in_order: bool) -> Self {
        let Limits { kept, plain, entries, entries_size, .. } = limits;
        let (kept, plain) = (Room::new(kept), Room::new(plain));
        let (entries, entries_size) = (Room::new(entries), Room::new(entries_size));
        Self { in_order, kept, plain, entries, entries_size, large: Gate::new(LARGE_ONES), windows: Gate::new(WINDOWS) }
    }

    /// Whether it is used up.
    pub(super) fn is_spent(&self) -> bool {
        [&self.kept, &self.plain, &self.entries, &self.entries_size].iter().any(|room| room.is_short())
    }

    /// Takes for a file that is kept.
    pub(super) fn keep(&self, kept: &Kept) -> Result<(), Limit> {
        let fits = self.kept.take(kept.size()) && self.plain.take(kept.plain_size());
        if fits { Ok(()) } else { Err(Limit::Kept) }
    }

    /// Takes for so many entries, and what they take.
    pub(super) fn enter(&self, count: u64, size: u64) -> Result<(), Limit> {
        let fits = self.entries.take(count) && self.entries_size.take(size);
        if fits { Ok(()) } else { Err(Limit::Entries) }
    }

    /// Waits for its turn to unpack a layer whose packing has a window of up to 32 MiB.
    pub(super) fn unpack(&self) -> Pass<'_> {
        self.windows.enter()
    }

    /// Waits for its turn to hold a file of this size, if it is large.
    pub(super) fn hold(&self, size: u64) -> Option<Pass<'_>> {
        (size > LARGE).then(|| self.large.enter())
    }
}
