//! What advisories travel in: folders, zips, tarballs, single files. Yields (path, bytes); knows no format.

use std::{
    fs::{self, File},
    io::{self, Cursor, Read},
    path::{Path, PathBuf},
};

use crate::model::{Ecosystem, Timestamp};

/// A record larger than this is set aside: real ones are a few hundred kilobytes at most.
const MOST_RECORD: u64 = 16 << 20;
/// Decompressed bytes of one archive; the largest public export unpacks to about 3 GB.
const MOST_ARCHIVE: u64 = 16 << 30;

/// One file of a container.
pub struct Entry {
    /// Its path in the container, with `/` separators.
    pub path: String,
    /// Its bytes, or why they could not be had.
    pub bytes: Result<Vec<u8>, String>,
}

/// A container that was named or found.
pub struct Container {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub kind: ContainerKind,
    /// The ecosystem that it holds by its place in the export layout (`<ECOSYSTEM>/all.zip`).
    pub scope: Option<Ecosystem>,
}

/// The kinds of container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerKind {
    /// A folder of records.
    Folder,
    /// A zip of records.
    Zip,
    /// A tarball, plain or gzip.
    Tar,
    /// One record.
    File,
}

/// Why a container cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {cause}", path.display())]
pub struct ContainerError {
    /// The container.
    pub path: PathBuf,
    /// What is wrong with it.
    pub cause: String,
}

/// The containers under a path that was named: itself, or the archives of an export layout below it.
///
/// # Errors
/// When the path does not exist or is of no known kind.
pub fn discover(path: &Path) -> Result<Vec<Container>, ContainerError> {
    let failed = |cause: String| ContainerError { path: path.to_owned(), cause };
    let metadata = fs::metadata(path).map_err(|error| failed(error.to_string()))?;
    if !metadata.is_dir() {
        let kind = sniff(path).map_err(|error| failed(error.to_string()))?;
        return Ok(vec![Container { path: path.to_owned(), kind, scope: scope(path) }]);
    }
    let own = path.join("all.zip");
    if own.is_file() {
        return Ok(vec![Container { scope: scope(&own), path: own, kind: ContainerKind::Zip }]);
    }
    let mut layout = Vec::new();
    for name in names(path).map_err(|error| failed(error.to_string()))? {
        let zip = path.join(name).join("all.zip");
        if zip.is_file() {
            layout.push(Container { scope: scope(&zip), path: zip, kind: ContainerKind::Zip });
        }
    }
    if layout.is_empty() {
        layout.push(Container { path: path.to_owned(), kind: ContainerKind::Folder, scope: None });
    }
    Ok(layout)
}

/// `<ECOSYSTEM>/all.zip` holds that ecosystem.
fn scope(path: &Path) -> Option<Ecosystem> {
    if path.file_name()? != "all.zip" {
        return None;
    }
    let absolute = std::path::absolute(path).ok()?;
    let folder = absolute.parent()?.file_name()?.to_str()?;
    // A mirror may keep the space of `Red Hat` as it stands in the URL.
    Some(Ecosystem::new(folder.replace("%20", " ")))
}

fn sniff(path: &Path) -> io::Result<ContainerKind> {
    let mut start = Vec::new();
    File::open(path)?.take(512).read_to_end(&mut start)?;
    Ok(if start.starts_with(b"PK") {
        ContainerKind::Zip
    } else if start.starts_with(&[0x1f, 0x8b]) || start.get(257..262) == Some(b"ustar") {
        ContainerKind::Tar
    } else {
        ContainerKind::File
    })
}

impl Container {
    /// Reads every file whose path `wanted` accepts, in a fixed order. Also answers with the newest date that the
    /// container gives its files, where that date says when the data was published (a tarball of a repository).
    ///
    /// # Errors
    /// When the container itself is broken; a broken file in it is an [`Entry`] without bytes.
    pub fn read(&self, wanted: &dyn Fn(&str) -> bool) -> Result<(Vec<Entry>, Option<Timestamp>), ContainerError> {
        let result = match self.kind {
            ContainerKind::Folder => read_folder(&self.path, wanted).map(|entries| (entries, None)),
            ContainerKind::Zip => read_zip(&self.path, wanted).map(|entries| (entries, None)),
            ContainerKind::Tar => read_tar(&self.path, wanted),
            ContainerKind::File => Ok((vec![read_file(&self.path, self.path.to_string_lossy().replace('\\', "/"))], None)),
        };
        result.map_err(|error| ContainerError { path: self.path.clone(), cause: error.to_string() })
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.retain(|name| !name.starts_with('.'));
    names.sort();
    Ok(names)
}

fn read_folder(root: &Path, wanted: &dyn Fn(&str) -> bool) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    // The root's own name counts: `advisory-db/crates` may be named itself.
    let mut folders = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        for name in names(&folder)? {
            let (path, relative) = (folder.join(&name), format!("{prefix}{name}"));
            // Links are not followed: a record is a file, and a loop of folders has no end.
            let kind = fs::symlink_metadata(&path)?;
            if kind.is_dir() {
                folders.push((path, format!("{relative}/")));
            } else if kind.is_file() && wanted(&relative) {
                entries.push(read_file(&path, relative));
            }
        }
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}

fn read_file(path: &Path, name: String) -> Entry {
    let read = || -> io::Result<Vec<u8>> { limited(File::open(path)?) };
    Entry { path: name, bytes: read().map_err(|error| error.to_string()) }
}

/// Reads to the end, or refuses a record that is too large.
fn limited(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MOST_RECORD + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_RECORD {
        return Err(io::Error::other(format!("larger than {} MiB", MOST_RECORD >> 20)));
    }
    Ok(bytes)
}

fn read_zip(path: &Path, wanted: &dyn Fn(&str) -> bool) -> io::Result<Vec<Entry>> {
    let bytes = fs::read(path)?;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(io::Error::other)?;
    let mut entries = Vec::new();
    let mut total = 0;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(io::Error::other)?;
        let name = file.name().map_err(io::Error::other)?.into_owned();
        if !file.is_file() || !wanted(&name) {
            continue;
        }
        let bytes = limited(file);
        total += bytes.as_ref().map_or(0, |b| b.len() as u64);
        check_total(total)?;
        entries.push(Entry { path: name, bytes: bytes.map_err(|error| error.to_string()) });
    }
    Ok(entries)
}

fn read_tar(path: &Path, wanted: &dyn Fn(&str) -> bool) -> io::Result<(Vec<Entry>, Option<Timestamp>)> {
    let mut file = File::open(path)?;
    let mut magic = [0; 2];
    file.read_exact(&mut magic)?;
    let file = File::open(path)?;
    let reader: Box<dyn Read> = if magic == [0x1f, 0x8b] { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut archive = tar::Archive::new(reader.take(MOST_ARCHIVE));
    let (mut entries, mut newest) = (Vec::new(), None);
    for entry in archive.entries()? {
        let entry = entry?;
        let name = entry.path()?.to_string_lossy().replace('\\', "/");
        if !entry.header().entry_type().is_file() || !wanted(&name) {
            continue;
        }
        newest = newest.max(entry.header().mtime().ok().and_then(|t| i64::try_from(t).ok()).map(Timestamp::from_seconds));
        entries.push(Entry { path: name, bytes: limited(entry).map_err(|error| error.to_string()) });
    }
    Ok((entries, newest))
}

fn check_total(total: u64) -> io::Result<()> {
    if total > MOST_ARCHIVE {
        return Err(io::Error::other(format!("it unpacks to more than {} GiB", MOST_ARCHIVE >> 30)));
    }
    Ok(())
}
