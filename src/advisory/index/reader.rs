//! Looks up. Verifies what it reads; decodes only what it touches.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

use super::{
    Metadata, Record,
    format::{Codec, HEAD, Head, HeadError, IndexError, ROW, Row, head_checksum, shard_checksum, shard_of},
    writer,
};

/// Files up to this size are read whole: one read beats many. Of larger ones a lookup reads one shard.
const READ_WHOLE: u64 = 1 << 20;
/// More metadata and table than any index of ours has: a damaged length must not ask for all memory.
const MOST_TABLE: u64 = 256 << 20;

/// An open index. Lookups may come from many threads.
pub struct Index {
    path: PathBuf,
    bytes: Bytes,
    codec: Codec,
    metadata: Metadata,
    rows: Vec<Row>,
    shards: Vec<OnceLock<Shard>>,
}

/// A shard that was verified, with the place of each name and its records in it, sorted by name.
struct Shard {
    plain: Vec<u8>,
    entries: Vec<(Range<usize>, Range<usize>)>,
}

impl Shard {
    fn new(plain: Vec<u8>) -> Result<Self, postcard::Error> {
        let base = plain.as_ptr() as usize;
        let place = |start: *const u8, length: usize| start as usize - base..start as usize - base + length;
        let decoded: Vec<(&str, &[u8])> = postcard::from_bytes(&plain)?;
        let entries = decoded.into_iter().map(|(name, bytes)| (place(name.as_ptr(), name.len()), place(bytes.as_ptr(), bytes.len())));
        let entries = entries.collect();
        Ok(Self { plain, entries })
    }

    fn find(&self, name: &str) -> Option<&[u8]> {
        let at = self.entries.binary_search_by(|(key, _)| self.plain[key.clone()].cmp(name.as_bytes())).ok()?;
        Some(&self.plain[self.entries[at].1.clone()])
    }

    fn all(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().map(|(_, bytes)| &self.plain[bytes.clone()])
    }
}

enum Bytes {
    Memory(Cow<'static, [u8]>),
    File(Mutex<File>),
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
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                let mut part = vec![0; length];
                file.seek(SeekFrom::Start(offset))?;
                file.read_exact(&mut part)?;
                Ok(Cow::Owned(part))
            }
        }
    }
}

impl Index {
    /// Opens the index at `path`, or answers `None` where there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged in its head or table, or is of another layout.
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
            Bytes::File(Mutex::new(file))
        };
        Self::new(path.to_owned(), bytes, length).map(Some)
    }

    /// Opens an index in memory; `name` stands for its path in errors.
    ///
    /// # Errors
    /// As [`Index::open`].
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
        let (metadata, rows) = tables.split_at(head.metadata_length as usize);
        let metadata = postcard::from_bytes(metadata).map_err(|_| damaged("its metadata cannot be decoded"))?;
        let rows: Vec<Row> = rows.chunks_exact(ROW).map(Row::from_bytes).collect();
        let shards = rows.iter().map(|_| OnceLock::new()).collect();
        drop(tables);
        Ok(Self { codec: head.codec, metadata, rows, shards, bytes, path })
    }

    /// What the index says of itself.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All records about the package of this (normalised) name, of every release.
    ///
    /// # Errors
    /// When what the answer relies on is damaged.
    pub fn lookup(&self, name: &str) -> Result<Vec<Record>, IndexError> {
        let shard = shard_of(name, u32::try_from(self.rows.len()).unwrap_or(u32::MAX));
        if self.rows.is_empty() {
            return Err(self.damaged("it has no shards"));
        }
        self.shard(shard)?.find(name).map_or(Ok(Vec::new()), |bytes| self.decode(bytes))
    }

    /// Every record, in the order of the shards. Reads and verifies the whole index.
    ///
    /// # Errors
    /// When anything in it is damaged.
    pub fn records(&self) -> Result<Vec<Record>, IndexError> {
        let mut all = Vec::new();
        for shard in 0..self.rows.len() {
            for bytes in self.shard(shard)?.all() {
                all.extend(self.decode(bytes)?);
            }
        }
        Ok(all)
    }

    /// Compares the records of the whole index with the digest in its metadata.
    ///
    /// # Errors
    /// When they are not what the digest was made of.
    pub fn verify_digest(&self, records: &[Record]) -> Result<(), IndexError> {
        let entries = writer::entries(records).map_err(|error| self.damaged(&error.to_string()))?;
        if writer::digest(&entries) == self.metadata.sha256 { Ok(()) } else { Err(self.damaged("its records are not those of its digest")) }
    }

    fn shard(&self, shard: usize) -> Result<&Shard, IndexError> {
        if let Some(read) = self.shards[shard].get() {
            return Ok(read);
        }
        let plain = self.read_shard(shard)?;
        let read = Shard::new(plain).map_err(|_| self.damaged(&format!("shard {shard} cannot be decoded")))?;
        Ok(self.shards[shard].get_or_init(|| read))
    }

    fn read_shard(&self, shard: usize) -> Result<Vec<u8>, IndexError> {
        let row = self.rows[shard];
        let stored = self.bytes.read(row.offset, row.stored as usize);
        let stored = stored.map_err(|error| self.damaged(&format!("shard {shard} cannot be read: {error}")))?;
        if shard_checksum(&stored) != row.checksum {
            return Err(self.damaged(&format!("the checksum of shard {shard} does not fit")));
        }
        match self.codec {
            Codec::Plain => Ok(stored.into_owned()),
            Codec::Deflate => {
                let mut plain = Vec::with_capacity(row.plain as usize);
                let limit = u64::from(row.plain) + 1;
                let read = flate2::read::DeflateDecoder::new(stored.as_ref()).take(limit).read_to_end(&mut plain);
                match read {
                    Ok(length) if length == row.plain as usize => Ok(plain),
                    _ => Err(self.damaged(&format!("shard {shard} cannot be inflated"))),
                }
            }
        }
    }

    fn decode(&self, bytes: &[u8]) -> Result<Vec<Record>, IndexError> {
        postcard::from_bytes(bytes).map_err(|_| self.damaged("a record cannot be decoded"))
    }

    fn damaged(&self, cause: &str) -> IndexError {
        IndexError::Damaged { path: self.path.clone(), cause: cause.to_owned() }
    }
}
