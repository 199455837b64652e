//! What was read of layers, kept by their digest, so that a rebuilt image costs only its new layers.
//!
//! A file a layer: a head of 16 bytes (magic, XXH3-64 of the rest), then postcard. One that does not fit, for whatever
//! reason, is no error: the layer is read.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use xxhash_rust::xxh3::xxh3_64;

use super::{
    kept::Kept,
    layer::{Digest, Layer},
    log::Log,
};
use crate::model::Timestamp;

/// Changes with what is kept of layers, and how.
const MAGIC: [u8; 8] = *b"ovlayer2";

/// Layers that are read in no time are not worth a file.
const WORTH: u64 = 256 << 10;

/// The cache holds no more than this; what was not used for longest goes.
const MOST: u64 = 1 << 30;

/// A folder of layers.
#[derive(Clone, Debug)]
pub struct Cache {
    /// Where it is.
    pub folder: PathBuf,
    /// What else the content depends on: another version of the program may want other files.
    pub version: String,
    /// The present moment: what is used now is kept longest.
    pub now: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    version: String,
    digest: String,
    chunks: Vec<Vec<u8>>,
    open: Vec<u8>,
    entries: u64,
    kept: Vec<Kept>,
}

impl Cache {
    fn file(&self, digest: &Digest) -> Option<PathBuf> {
        match digest {
            Digest::Stored(hex) => Some(self.folder.join(format!("{hex}.layer"))),
            Digest::Plain(hex) => Some(self.folder.join(format!("{hex}.plain.layer"))),
            Digest::Unknown => None,
        }
    }

    /// What is known of a layer.
    pub(super) fn get(&self, digest: &Digest) -> Option<Layer> {
        let (Digest::Stored(hex) | Digest::Plain(hex)) = digest else { return None };
        let file = self.file(digest)?;
        let bytes = fs::read(&file).ok()?;
        let (head, rest) = bytes.split_at_checked(16)?;
        if head[..8] != MAGIC || head[8..] != xxh3_64(rest).to_le_bytes() {
            return None;
        }
        let entry: Entry = postcard::from_bytes(rest).ok()?;
        if entry.version != self.version || entry.digest != *hex {
            return None;
        }
        // So that what is in use stays.
        let now = UNIX_EPOCH + Duration::from_secs(u64::try_from(self.now.seconds()).unwrap_or_default());
        let _ = fs::File::options().append(true).open(&file).and_then(|file| file.set_modified(now));
        let log = Log::from_parts(entry.chunks, entry.open, entry.entries);
        Some(Layer { log, kept: entry.kept, faults: Vec::new(), digest: Some(entry.digest) })
    }

    /// Remembers a layer that was read whole, and whose digest is right.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn put(&self, digest: &Digest, size: u64, layer: &Layer) -> io::Result<()> {
        let (Some(file), Some(hex)) = (self.file(digest), &layer.digest) else { return Ok(()) };
        if size < WORTH || !layer.faults.is_empty() {
            return Ok(());
        }
        let (chunks, open, entries) = layer.log.parts();
        let entry = Entry { version: self.version.clone(), digest: hex.clone(), chunks, open, entries, kept: layer.kept.clone() };
        let rest = postcard::to_stdvec(&entry).map_err(io::Error::other)?;
        fs::create_dir_all(&self.folder)?;
        let mut new = NamedTempFile::with_prefix_in(".new-", &self.folder)?;
        io::Write::write_all(&mut new, &[&MAGIC[..], &xxh3_64(&rest).to_le_bytes(), &rest].concat())?;
        new.persist(file)?;
        Ok(())
    }

    /// Takes away what was not used for longest, beyond what it may hold.
    pub(super) fn tidy(&self) {
        let mut files = entries(&self.folder);
        files.sort_by_key(|(used, ..)| std::cmp::Reverse(*used));
        let mut sum = 0;
        for (_, size, path) in files {
            sum += size;
            if sum > MOST {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// The layers in a folder: since when each was not used (since 1970), how large it is, and where.
fn entries(folder: &Path) -> Vec<(Duration, u64, PathBuf)> {
    let Ok(listed) = fs::read_dir(folder) else { return Vec::new() };
    let known = listed.flatten().filter(|entry| entry.path().extension().is_some_and(|end| end == "layer"));
    known
        .filter_map(|entry| {
            entry
                .metadata()
                .ok()
                .and_then(|found| Some((found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?, found.len(), entry.path())))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{super::log::Op, Cache, Digest, Kept, Layer, Timestamp};

    fn layer(hex: &str) -> Layer {
        let mut layer = Layer { digest: Some(hex.to_owned()), ..Layer::default() };
        layer.log.push("a/b", &Op::Directory);
        layer.kept.push(Kept::new(b"text".to_vec()));
        layer
    }

    #[test]
    fn only_what_fits_is_believed() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache { folder: folder.path().to_owned(), version: "1".to_owned(), now: Timestamp::from_seconds(0) };
        let digest = Digest::Stored("ab".to_owned());
        assert!(cache.get(&digest).is_none());
        cache.put(&digest, 1 << 20, &layer("ab")).expect("it is written");
        let found = cache.get(&digest).expect("it is there");
        assert_eq!((found.log.entries, found.kept.len()), (1, 1));
        let other = Cache { version: "2".to_owned(), ..cache.clone() };
        assert!(other.get(&digest).is_none());
        let file = cache.file(&digest).expect("a name");
        let mut bytes = std::fs::read(&file).expect("it is there");
        *bytes.last_mut().expect("not empty") ^= 1;
        std::fs::write(&file, bytes).expect("it is written");
        assert!(cache.get(&digest).is_none());
    }

    #[test]
    fn what_was_not_read_whole_is_not_remembered() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache { folder: folder.path().to_owned(), version: "1".to_owned(), now: Timestamp::from_seconds(0) };
        let digest = Digest::Stored("ab".to_owned());
        let damaged = Layer { faults: vec![super::super::layer::Fault::Damaged("x".to_owned())], ..layer("ab") };
        cache.put(&digest, 1 << 20, &damaged).expect("nothing is written");
        cache.put(&digest, 10, &layer("ab")).expect("nothing is written");
        assert!(cache.get(&digest).is_none());
    }
}
