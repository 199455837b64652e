//! Sorts more than memory should hold: keys with values, spread over buckets by the keys' hashes. What outgrows its
//! share of memory goes to files without a name, which vanish with the program however it ends.

use std::{
    fs::File,
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
};

use super::format::key_hash;

/// Buckets; one is in memory whole when it is sorted.
const BUCKETS: usize = 64;
/// Bytes of a bucket that are kept in memory before they go to its file.
const IN_MEMORY: usize = 256 << 10;

/// Entries on their way to a table.
pub struct Spill {
    folder: PathBuf,
    buckets: Vec<Bucket>,
    /// Bytes of all keys and values.
    pub bytes: u64,
}

#[derive(Default)]
struct Bucket {
    recent: Vec<u8>,
    file: Option<File>,
}

/// The entries of one bucket, sorted by the key's hash, key and value.
pub struct Sorted {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    hash: u64,
    key: (usize, usize),
    value: (usize, usize),
}

impl Spill {
    /// An empty one; `folder` is where files go if they are needed.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), buckets: (0..BUCKETS).map(|_| Bucket::default()).collect(), bytes: 0 }
    }

    /// Takes in an entry. Several of one key are kept, all of them.
    ///
    /// # Errors
    /// What the system says of the files.
    pub fn push(&mut self, key: &str, value: &[u8]) -> io::Result<()> {
        let bucket = &mut self.buckets[(key_hash(key) >> 58) as usize];
        for part in [key.as_bytes(), value] {
            let length = u32::try_from(part.len()).map_err(io::Error::other)?;
            bucket.recent.extend(length.to_le_bytes());
            bucket.recent.extend(part);
        }
        self.bytes += (key.len() + value.len()) as u64 + 8;
        if bucket.recent.len() >= IN_MEMORY {
            let file = match &mut bucket.file {
                Some(file) => file,
                none => none.insert(tempfile::tempfile_in(&self.folder)?),
            };
            file.write_all(&bucket.recent)?;
            bucket.recent.clear();
        }
        Ok(())
    }

    /// The buckets in order: together, all entries in the order of their keys' hashes.
    pub fn sorted(self) -> impl Iterator<Item = io::Result<Sorted>> {
        self.buckets.into_iter().map(|mut bucket| {
            let mut bytes = Vec::new();
            if let Some(file) = &mut bucket.file {
                file.rewind()?;
                file.read_to_end(&mut bytes)?;
            }
            bytes.append(&mut bucket.recent);
            Sorted::new(bytes)
        })
    }
}

impl Sorted {
    fn new(bytes: Vec<u8>) -> io::Result<Self> {
        let mut entries = Vec::new();
        let mut at = 0;
        let mut part = || -> Option<(usize, usize)> {
            let length = bytes.get(at..at + 4)?;
            let start = at + 4;
            at = start + u32::from_le_bytes(length.try_into().ok()?) as usize;
            (at <= bytes.len()).then_some((start, at))
        };
        while let Some(key) = part() {
            let value = part().ok_or(io::ErrorKind::UnexpectedEof)?;
            let text = std::str::from_utf8(&bytes[key.0..key.1]).map_err(io::Error::other)?;
            entries.push(Entry { hash: key_hash(text), key, value });
        }
        let of = |range: (usize, usize)| &bytes[range.0..range.1];
        entries.sort_by(|a, b| (a.hash, of(a.key), of(a.value)).cmp(&(b.hash, of(b.key), of(b.value))));
        Ok(Self { bytes, entries })
    }

    /// The keys in order, each with its hash and its values in order.
    pub fn groups(&self) -> impl Iterator<Item = (u64, &str, Vec<&[u8]>)> {
        let of = |range: (usize, usize)| &self.bytes[range.0..range.1];
        let same = move |a: &Entry, b: &Entry| a.hash == b.hash && of(a.key) == of(b.key);
        self.entries.chunk_by(same).map(move |group| {
            let key = std::str::from_utf8(of(group[0].key)).unwrap_or_default();
            (group[0].hash, key, group.iter().map(|entry| of(entry.value)).collect())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Spill;

    #[test]
    fn nothing_is_lost_beyond_memory_and_the_order_of_arrival_does_not_count() {
        let folder = tempfile::tempdir().expect("a folder");
        let entries: Vec<(String, Vec<u8>)> =
            (0..3_000u32).map(|n| (format!("key {}", n % 700), vec![n.to_le_bytes()[0]; 9_000])).collect();
        let read = |entries: &mut dyn Iterator<Item = &(String, Vec<u8>)>| {
            let mut spill = Spill::new(folder.path());
            entries.for_each(|(key, value)| spill.push(key, value).expect("room"));
            let mut groups = Vec::new();
            for sorted in spill.sorted() {
                let sorted = sorted.expect("readable");
                groups.extend(sorted.groups().map(|(hash, key, values)| (hash, key.to_owned(), values.concat())));
            }
            groups
        };
        let forth = read(&mut entries.iter());
        assert_eq!(forth, read(&mut entries.iter().rev()));
        assert!(forth.is_sorted_by_key(|(hash, ..)| *hash));
        let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
        for (key, value) in &entries {
            *expected.entry(key).or_default() += value.len();
        }
        assert_eq!(forth.iter().map(|(_, key, bytes)| (key.as_str(), bytes.len())).collect::<BTreeMap<_, _>>(), expected);
        assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0, "a spill file has a name");
    }
}
