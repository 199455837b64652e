//! What was read of an import, on its way to the indexes: more than memory should hold. Written once, read from the
//! beginning as often as it takes.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Bytes that are kept in memory; most imports of language ecosystems need no file.
const IN_MEMORY: usize = 32 << 20;
/// Bytes that a reader has in memory at a time, and more where one entry is longer.
const CHUNK: u64 = 4 << 20;

/// A queue of byte strings. What outgrows memory goes to a file without a name.
pub(super) struct Spool {
    folder: PathBuf,
    recent: Vec<u8>,
    file: Option<File>,
    /// Bytes that are in the file.
    written: u64,
}

/// Where a byte string is in a [`Spool`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    offset: u64,
    length: u32,
}

impl Spool {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), recent: Vec::new(), file: None, written: 0 }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<Place> {
        let place =
            Place { offset: self.written + self.recent.len() as u64, length: u32::try_from(bytes.len()).map_err(io::Error::other)? };
        self.recent.extend(bytes);
        if self.recent.len() >= IN_MEMORY {
            let file = match &mut self.file {
                Some(file) => file,
                none => none.insert(tempfile::tempfile_in(&self.folder)?),
            };
            file.seek(SeekFrom::Start(self.written))?;
            file.write_all(&self.recent)?;
            self.written += self.recent.len() as u64;
            self.recent.clear();
        }
        Ok(place)
    }

    /// Hands the strings at these places, which are in the order of the spool, to `take`: a chunk's at a time, each
    /// with its position in `places`.
    pub(super) fn each(&mut self, places: &[Place], take: &mut Take<'_>) -> io::Result<()> {
        let mut from = 0;
        while from < places.len() {
            let start = places[from].offset;
            let end_of = |place: &Place| place.offset + u64::from(place.length);
            let count = places[from..].iter().take_while(|place| end_of(place) <= start + CHUNK).count().max(1);
            let chunk = &places[from..from + count];
            let bytes = self.read(start, end_of(&chunk[count - 1]) - start)?;
            let at = |place: &Place| usize::try_from(place.offset - start).unwrap_or(usize::MAX);
            let strings = chunk.iter().enumerate().map(|(n, place)| (from + n, &bytes[at(place)..at(place) + place.length as usize]));
            take(strings.collect())?;
            from += count;
        }
        Ok(())
    }

    fn read(&mut self, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let in_file = self.written.saturating_sub(offset).min(length);
        let mut bytes = vec![0; usize::try_from(in_file).map_err(io::Error::other)?];
        if let (Some(file), true) = (&mut self.file, in_file > 0) {
            file.seek(SeekFrom::Start(offset))?;
            file.read_exact(&mut bytes)?;
        }
        let rest = length - in_file;
        if rest > 0 {
            let start = usize::try_from(offset + in_file - self.written).map_err(io::Error::other)?;
            let rest = usize::try_from(rest).map_err(io::Error::other)?;
            bytes.extend(self.recent.get(start..start + rest).ok_or(io::ErrorKind::UnexpectedEof)?);
        }
        Ok(bytes)
    }
}

/// What is done with a chunk: strings, each with the position of its place.
type Take<'a> = dyn FnMut(Vec<(usize, &[u8])>) -> io::Result<()> + 'a;

#[cfg(test)]
mod tests {
    use super::Spool;

    #[test]
    fn what_went_in_comes_out_across_memory_and_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut spool = Spool::new(folder.path());
        let strings: Vec<Vec<u8>> = (0..700usize).map(|n| vec![n.to_le_bytes()[0]; 1 + (n * 7919) % 200_000]).collect();
        let places: Vec<_> = strings.iter().map(|string| spool.push(string).expect("room")).collect();
        assert!(spool.written > 0 && !spool.recent.is_empty());
        let some: Vec<_> = places.iter().copied().skip(1).step_by(3).collect();
        let mut read = Vec::new();
        let mut take = |chunk: Vec<(usize, &[u8])>| {
            read.extend(chunk.into_iter().map(|(at, bytes)| (at, bytes.to_vec())));
            Ok(())
        };
        spool.each(&some, &mut take).expect("readable");
        let expected: Vec<_> = strings.iter().skip(1).step_by(3).cloned().enumerate().collect();
        assert!(read == expected);
    }
}
