//! The folder of indexes, and what stands in where it has none.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::{
    Collection, Index, IndexError,
    build::{Built, Use, build},
    feed::OpenFeed,
    index::{Origin, writer},
    snapshot,
    update::State,
};
use crate::model::Ecosystem;

/// A folder of indexes, one file an ecosystem.
#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The store in this folder, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The data about an ecosystem: its index; else the embedded snapshot; else nothing.
    ///
    /// A damaged index is an error and never falls back: old answers must not pass for new ones.
    ///
    /// # Errors
    /// When the index is there and cannot be used.
    pub fn open(&self, ecosystem: &Ecosystem) -> Result<Option<Index>, IndexError> {
        match self.on_disk(ecosystem)? {
            Some(mut index) => {
                let state = self.state(&index);
                index.set_checked_at(state.map(|state| state.checked_at));
                Ok(Some(index))
            }
            None => snapshot::embedded(&ecosystem.base()),
        }
    }

    /// The index of an ecosystem, or `None` where there is no file.
    ///
    /// # Errors
    /// When the index is there and cannot be used.
    pub fn on_disk(&self, ecosystem: &Ecosystem) -> Result<Option<Index>, IndexError> {
        let base = ecosystem.base();
        match Index::open(&self.file(&base))? {
            Some(index) if index.metadata().ecosystem != base => Err(IndexError::Damaged {
                path: index.path().to_owned(),
                cause: format!("it is about {}, not {base}", index.metadata().ecosystem),
            }),
            found => Ok(found),
        }
    }

    /// What is remembered of an index, if it is whole and about this very index.
    #[must_use]
    pub fn state(&self, index: &Index) -> Option<State> {
        self.state_of(index.metadata().ecosystem.as_str(), &index.metadata().sha256)
    }

    /// What is remembered of a feed, as of an index.
    #[must_use]
    pub fn feed_state(&self, feed: &OpenFeed) -> Option<State> {
        self.state_of(feed.metadata.feed.name(), &feed.metadata.sha256)
    }

    fn state_of(&self, name: &str, sha256: &str) -> Option<State> {
        let text = fs::read_to_string(self.state_file(name)).ok()?;
        State::from_text(&text).filter(|state| state.index == sha256)
    }

    /// Remembers, under the name of an ecosystem or a feed.
    ///
    /// # Errors
    /// What the system says.
    pub fn remember(&self, name: &str, state: &State) -> io::Result<()> {
        let text = state.to_text().map_err(io::Error::other)?;
        writer::replace_bytes(&self.state_file(name), text.as_bytes())
    }

    fn state_file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{}.state", encode(name)))
    }

    /// The ecosystems that have an index in the folder, sorted.
    ///
    /// # Errors
    /// When the folder is there and cannot be listed.
    pub fn ecosystems(&self) -> io::Result<Vec<Ecosystem>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            found.extend(name.strip_suffix(".index").filter(|stem| !stem.starts_with('.')).and_then(decode));
        }
        found.sort();
        Ok(found)
    }

    /// The ecosystems that there is anything about, in the folder or embedded, sorted.
    ///
    /// # Errors
    /// When the folder is there and cannot be listed.
    pub fn at_hand(&self) -> io::Result<Vec<Ecosystem>> {
        let mut names = self.ecosystems()?;
        names.extend(snapshot::ecosystems());
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Builds the index of an ecosystem and replaces the one that is there in one step.
    ///
    /// # Errors
    /// What the system says; the index that was there stays.
    pub fn replace(&self, collection: &mut Collection, ecosystem: &Ecosystem, origin: Origin) -> io::Result<Built> {
        self.prepare()?;
        let mut built = None;
        let write = |file: &mut File| {
            built = Some(build(collection, ecosystem, origin, Use::OnDisk, &self.folder, file)?);
            Ok(())
        };
        // What was built is read back whole before it takes the place of something that works.
        let check = |beside: &Path| match Index::open(beside).and_then(|index| index.map(|index| index.verify()).transpose()) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(io::Error::other("the new index vanished")),
            Err(error) => Err(io::Error::other(error)),
        };
        writer::replace(&self.file(ecosystem), write, check)?;
        built.ok_or_else(|| io::Error::other("nothing was built"))
    }

    /// Makes the folder if it is not there.
    ///
    /// # Errors
    /// What the system says.
    pub fn prepare(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)
    }

    fn file(&self, ecosystem: &Ecosystem) -> PathBuf {
        self.folder.join(format!("{}.index", encode(ecosystem.as_str())))
    }
}

/// An ecosystem's name as a file name. Names come from data: nothing in one may lead out of the folder, and no two
/// may meet.
fn encode(name: &str) -> String {
    let mut out = String::new();
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            b'.' if at == 0 => out.push_str("%2E"),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'+' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The ecosystem of a file name that [`encode`] made.
fn decode(name: &str) -> Option<Ecosystem> {
    let mut bytes = Vec::new();
    let mut rest = name.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    if name == Ecosystem::RUST_TOOLCHAIN { Some(Ecosystem::rust_toolchain()) } else { Ecosystem::parse(&name).ok() }
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};
    use crate::model::Ecosystem;

    #[test]
    fn names_and_files_are_one_to_one() {
        for (name, file) in [
            ("crates.io", "crates.io"),
            ("Red Hat", "Red%20Hat"),
            ("../../x", "%2E.%2F..%2Fx"),
            (".crates.io", "%2Ecrates.io"),
            ("日", "%E6%97%A5"),
            ("rust-toolchain", "rust-toolchain"),
        ] {
            assert_eq!(encode(name), file);
            assert_eq!(decode(file), Some(Ecosystem::new(name)));
        }
        assert_eq!((decode("%"), decode("%zz"), decode("")), (None, None, None));
    }
}
