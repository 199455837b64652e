//! Reads a file of tables: verifies what it reads, decodes only what it touches. Knows nothing of what is in them.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    fs::File,
    io::{self, Read},
    ops::{Deref, Range},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::format::{HEAD, Head, HeadError, IndexError, ROW, Row, TABLES, head_checksum, key_hash, shard_checksum, shard_of};

/// Files up to this size are read whole: one read beats many. Of larger ones a lookup reads one shard.
const READ_WHOLE: u64 = 2 << 20;
/// More metadata and rows than any index of ours has: a damaged length must not ask for all memory.
const MOST_TABLE: u64 = 256 << 20;

/// An open file of tables. Lookups may come from many threads.
pub struct Tables {
    path: PathBuf,
    bytes: Bytes,
    /// The metadata and the rows, as they are in the file.
    front: Vec<u8>,
    head: Head,
    /// Shards that a lookup has read, by table and number.
    read: Mutex<HashMap<(usize, u32), Arc<Shard>>>,
}

/// What is under a key; keeps its shard.
#[derive(Clone)]
pub(in crate::advisory) struct Value {
    shard: Arc<Shard>,
    place: Range<usize>,
}

impl Deref for Value {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.shard.plain[self.place.clone()]
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.place.len())
    }
}

/// A shard that was verified, with the place of each key and its value in it, sorted by key.
pub(in crate::advisory) struct Shard {
    plain: Vec<u8>,
    entries: Vec<(Range<usize>, Range<usize>)>,
}

impl Shard {
    fn new(plain: Vec<u8>) -> Result<Self, postcard::Error> {
        if plain.is_empty() {
            return Ok(Self { plain, entries: Vec::new() });
        }
        let base = plain.as_ptr() as usize;
        let place = |start: *const u8, length: usize| start as usize - base..start as usize - base + length;
        let decoded: Vec<(&str, &[u8])> = postcard::from_bytes(&plain)?;
        let entries = decoded.into_iter().map(|(key, value)| (place(key.as_ptr(), key.len()), place(value.as_ptr(), value.len())));
        let entries = entries.collect();
        Ok(Self { plain, entries })
    }

    fn find(&self, key: &str) -> Option<Range<usize>> {
        let at = self.entries.binary_search_by(|(own, _)| self.plain[own.clone()].cmp(key.as_bytes())).ok()?;
        Some(self.entries[at].1.clone())
    }

    /// Keys and values, by the keys' hashes: the order in which digests are made, whatever the number of shards.
    pub(in crate::advisory) fn by_hash(&self) -> Vec<(&str, &[u8])> {
        let text = |range: &Range<usize>| std::str::from_utf8(&self.plain[range.clone()]).unwrap_or_default();
        let mut entries: Vec<_> = self.entries.iter().map(|(key, value)| (text(key), &self.plain[value.clone()])).collect();
        entries.sort_by_key(|(key, _)| (key_hash(key), *key));
        entries
    }
}

enum Bytes {
    Memory(Cow<'static, [u8]>),
    File(File),
}

impl Bytes {
    fn read(&self, offset: u64, length: usize) -> io::Result<Cow<'_, [u8]>> {
        match self {
            Self::Memory(bytes) => {
                let start = usize::try_from(offset).map_err(io::Error::other)?;
                let part = start.checked_add(length).and_then(|end| bytes.get(start..end));
                part.map(Cow::Borrowed).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
            }
            Self::File(file) => {
                let mut part = vec![0; length];
                read_exact_at(file, &mut part, offset)?;
                Ok(Cow::Owned(part))
            }
        }
    }
}

/// Reads from a place, in one call of the system, and from many threads at a time.
#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

/// Reads from a place. Windows moves the file's own position, which nobody relies on.
#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buffer = &mut buffer[read..];
                offset += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl Tables {
    /// Opens the file at `path`, or answers `None` where there is none.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged in its head or rows, or is of another layout.
    pub fn open(path: &Path) -> Result<Option<Self>, IndexError> {
        let unreadable = |source| IndexError::Unreadable { path: path.to_owned(), source };
        // A link that leads nowhere is no absence, and opening a pipe could wait for ever.
        match path.symlink_metadata() {
            Ok(_) if path.is_file() => {}
            Ok(_) => return Err(IndexError::Damaged { path: path.to_owned(), cause: "it is no regular file".to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        }
        let mut file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let bytes = if length <= READ_WHOLE {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(unreadable)?;
            Bytes::Memory(Cow::Owned(bytes))
        } else {
            Bytes::File(file)
        };
        Self::new(path.to_owned(), bytes, length).map(Some)
    }

    /// Opens a file in memory; `name` stands for its path in errors.
    ///
    /// # Errors
    /// As [`Tables::open`].
    pub fn from_bytes(name: &str, bytes: Cow<'static, [u8]>) -> Result<Self, IndexError> {
        let length = bytes.len() as u64;
        Self::new(PathBuf::from(name), Bytes::Memory(bytes), length)
    }

    fn new(path: PathBuf, bytes: Bytes, length: u64) -> Result<Self, IndexError> {
        let damaged = |cause: &str| IndexError::Damaged { path: path.clone(), cause: cause.to_owned() };
        let start = bytes.read(0, HEAD).map_err(|_| damaged("it is cut off in its head"))?;
        let start: [u8; HEAD] = start.as_ref().try_into().map_err(|_| damaged("it is cut off in its head"))?;
        let head = Head::from_bytes(&start).map_err(|error| match error {
            HeadError::Damaged(cause) => damaged(cause),
            HeadError::OtherLayout(found) => IndexError::OtherLayout { path: path.clone(), found },
        })?;
        if head.file_length != length {
            return Err(damaged(&format!("it has {length} bytes where it says {}", head.file_length)));
        }
        if head.table_length() > MOST_TABLE.min(length) {
            return Err(damaged("its table is larger than itself"));
        }
        let table_length = usize::try_from(head.table_length()).map_err(|_| damaged("its table is too large"))?;
        let tables = bytes.read(HEAD as u64, table_length).map_err(|_| damaged("it is cut off in its table"))?;
        if head_checksum(&start[..32], &tables) != head.checksum {
            return Err(damaged("the checksum of its head does not fit"));
        }
        let front = tables.into_owned();
        Ok(Self { path, bytes, front, head, read: Mutex::default() })
    }

    /// The metadata, as it was written.
    pub(in crate::advisory) fn metadata(&self) -> &[u8] {
        &self.front[..self.head.metadata_length as usize]
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many shards a table has.
    pub(in crate::advisory) fn shards(&self, table: usize) -> u32 {
        self.head.shards[table]
    }

    /// The row of a shard.
    fn row(&self, table: usize, number: u32) -> Row {
        let before: u32 = self.head.shards[..table].iter().sum();
        let start = self.head.metadata_length as usize + (before + number) as usize * ROW;
        Row::from_bytes(&self.front[start..start + ROW])
    }

    /// What a table has under a key.
    ///
    /// # Errors
    /// When what the answer relies on is damaged.
    pub(in crate::advisory) fn lookup(&self, table: usize, key: &str) -> Result<Option<Value>, IndexError> {
        if self.shards(table) == 0 {
            return Err(self.damaged("it has no shards"));
        }
        let number = shard_of(key_hash(key), self.shards(table));
        let known = self.read.lock().unwrap_or_else(PoisonError::into_inner).get(&(table, number)).cloned();
        let shard = if let Some(shard) = known {
            shard
        } else {
            let shard = Arc::new(self.shard(table, number)?);
            self.read.lock().unwrap_or_else(PoisonError::into_inner).insert((table, number), Arc::clone(&shard));
            shard
        };
        Ok(shard.find(key).map(|place| Value { shard, place }))
    }

    /// Reads and verifies a shard.
    pub(in crate::advisory) fn shard(&self, table: usize, number: u32) -> Result<Shard, IndexError> {
        let plain = self.read_shard(table, number)?;
        Shard::new(plain).map_err(|_| self.damaged(&format!("shard {number} cannot be decoded")))
    }

    /// Compares every shard with its checksum.
    pub(super) fn check(&self) -> Result<(), IndexError> {
        (0..TABLES).try_for_each(|table| (0..self.shards(table)).try_for_each(|number| self.stored_shard(table, number).map(drop)))
    }

    /// A shard as it is stored, which is as it was written.
    fn stored_shard(&self, table: usize, number: u32) -> Result<Cow<'_, [u8]>, IndexError> {
        let row = self.row(table, number);
        let stored = self.bytes.read(row.offset, row.stored as usize);
        let stored = stored.map_err(|error| self.damaged(&format!("shard {number} cannot be read: {error}")))?;
        if shard_checksum(&stored) != row.checksum {
            return Err(self.damaged(&format!("the checksum of shard {number} does not fit")));
        }
        Ok(stored)
    }

    fn read_shard(&self, table: usize, number: u32) -> Result<Vec<u8>, IndexError> {
        let row = self.row(table, number);
        if row.plain == 0 {
            return Ok(Vec::new());
        }
        let stored = self.stored_shard(table, number)?;
        if row.stored == row.plain {
            return Ok(stored.into_owned());
        }
        let mut plain = Vec::with_capacity(row.plain as usize);
        let limit = u64::from(row.plain) + 1;
        match flate2::read::DeflateDecoder::new(stored.as_ref()).take(limit).read_to_end(&mut plain) {
            Ok(length) if length == row.plain as usize => Ok(plain),
            _ => Err(self.damaged(&format!("shard {number} cannot be inflated"))),
        }
    }

    /// An error that names this file.
    pub(in crate::advisory) fn damaged(&self, cause: &str) -> IndexError {
        IndexError::Damaged { path: self.path.clone(), cause: cause.to_owned() }
    }
}
