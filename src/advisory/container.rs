//! What advisories travel in: folders, zips, tarballs, single files. Yields (path, bytes) in batches; knows no format.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::model::{Ecosystem, Timestamp};

/// A record larger than this is set aside: real ones are a few hundred kilobytes at most.
const MOST_RECORD: u64 = 16 << 20;
/// A file that was named itself, or is one of a few, may hold many records: a year of NVD's feed has some 100 MB.
const MOST_SINGLE: u64 = 1 << 30;
/// So many are a few.
const FEW: usize = 4;
/// Decompressed bytes of one archive; the largest public export unpacks to about 3 GB.
const MOST_ARCHIVE: u64 = 16 << 30;
/// Bytes of records that are in memory at a time.
const BATCH: usize = 32 << 20;
/// The archive of an ecosystem in the layout of the public export.
const EXPORT: &str = "all.zip";

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
    /// The ecosystem that it holds by its place in the export layout (`<ECOSYSTEM>/all.zip`), if that is what it is.
    pub scope: Option<Ecosystem>,
    /// SHA-256 of its bytes, where whoever fetched it knows it; else it is computed.
    pub sha256: Option<String>,
    /// What to call it; else its file name.
    pub name: Option<String>,
    /// Found beside others: holding nothing is no error.
    pub optional: bool,
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
    /// One file.
    File,
    /// One file that gzip compressed, and that is no tarball by its name.
    Gzip,
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

/// The containers under a path that was named: itself; for a folder, the archives of an export layout in it, and
/// its loose records besides.
///
/// # Errors
/// When the path does not exist or cannot be read.
pub fn discover(path: &Path) -> Result<Vec<Container>, ContainerError> {
    let failed = |error: io::Error| ContainerError { path: path.to_owned(), cause: error.to_string() };
    let metadata = fs::metadata(path).map_err(failed)?;
    let zip = |path: PathBuf| Container { scope: scope(&path), path, kind: ContainerKind::Zip, name: None, sha256: None, optional: false };
    if !metadata.is_dir() && !metadata.is_file() {
        // Opening a pipe could wait for ever.
        return Err(failed(io::Error::other("it is neither a regular file nor a folder")));
    }
    if !metadata.is_dir() {
        let name = path.to_string_lossy();
        let kind = match sniff(path).map_err(failed)? {
            ContainerKind::Tar if name.ends_with(".json.gz") || name.ends_with(".csv.gz") => ContainerKind::Gzip,
            kind => kind,
        };
        return Ok(vec![Container { kind, ..zip(path.to_owned()) }]);
    }
    let folders = names(path).map_err(failed)?.into_iter().map(|name| path.join(name));
    let archives = std::iter::once(path.to_owned()).chain(folders).map(|folder| folder.join(EXPORT));
    let mut containers: Vec<Container> = archives.filter(|archive| archive.is_file()).map(zip).collect();
    // The export also holds each record by itself. Read twice it is the same; a newer one beside the archive counts.
    let optional = !containers.is_empty();
    containers.push(Container { path: path.to_owned(), kind: ContainerKind::Folder, scope: None, name: None, sha256: None, optional });
    Ok(containers)
}

/// `<ECOSYSTEM>/all.zip` holds that ecosystem, if its records agree.
fn scope(path: &Path) -> Option<Ecosystem> {
    if path.file_name()? != EXPORT {
        return None;
    }
    let absolute = std::path::absolute(path).ok()?;
    let folder = absolute.parent()?.file_name()?.to_str()?;
    // A mirror may keep the space of `Red Hat` as it stands in the URL.
    Ecosystem::parse(&folder.replace("%20", " ")).ok()
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

/// Collects entries and hands them on before they are too many.
struct Batches<'a> {
    entries: Vec<Entry>,
    bytes: usize,
    total: u64,
    sink: &'a mut dyn FnMut(Vec<Entry>),
}

impl Batches<'_> {
    fn push(&mut self, path: String, bytes: io::Result<Vec<u8>>) -> io::Result<()> {
        let length = bytes.as_ref().map_or(0, Vec::len);
        self.entries.push(Entry { path, bytes: bytes.map_err(|error| error.to_string()) });
        self.bytes += length;
        self.total += length as u64;
        if self.bytes >= BATCH {
            self.flush();
        }
        if self.total > MOST_ARCHIVE {
            return Err(io::Error::other(format!("it unpacks to more than {} GiB", MOST_ARCHIVE >> 30)));
        }
        Ok(())
    }

    fn flush(&mut self) {
        self.bytes = 0;
        (self.sink)(std::mem::take(&mut self.entries));
    }
}

impl Container {
    /// Hands every file whose path `wanted` accepts to `sink`, in batches of a fixed order. Answers with the date that
    /// the container gives itself: the commit's, of a tarball that git made.
    ///
    /// # Errors
    /// When the container itself is broken; a broken file in it is an [`Entry`] without bytes.
    pub fn read(&self, wanted: &dyn Fn(&str) -> bool, sink: &mut dyn FnMut(Vec<Entry>)) -> Result<Option<Timestamp>, ContainerError> {
        let mut batches = Batches { entries: Vec::new(), bytes: 0, total: 0, sink };
        let result = match self.kind {
            ContainerKind::Folder => read_folder(&self.path, wanted, &mut batches).map(|()| None),
            ContainerKind::Zip => read_zip(&self.path, wanted, &mut batches).map(|()| None),
            ContainerKind::Tar => read_tar(&self.path, wanted, &mut batches),
            ContainerKind::File => batches.push(self.shown(&self.path), read_file(&self.path, MOST_SINGLE)).map(|()| None),
            ContainerKind::Gzip => batches.push(self.shown(&self.path.with_extension("")), read_gzip(&self.path)).map(|()| None),
        };
        batches.flush();
        result.map_err(|error| ContainerError { path: self.told(), cause: error.to_string() })
    }

    /// What it is called when something is wrong with it: what was fetched lies under a name that says nothing.
    pub(super) fn told(&self) -> PathBuf {
        self.name.as_ref().map_or_else(|| self.path.clone(), PathBuf::from)
    }

    /// What its one file is called.
    fn shown(&self, path: &Path) -> String {
        self.name.clone().unwrap_or_else(|| shown(path, 3))
    }
}

/// The last parts of a path. Formats are known by the folders above a record, also when these were named themselves.
fn shown(path: &Path, parts: usize) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let components: Vec<_> = absolute.components().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
    components[components.len().saturating_sub(parts)..].join("/")
}

fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name());
    }
    names.retain(|name| !name.to_string_lossy().starts_with('.'));
    names.sort();
    Ok(names)
}

fn read_folder(root: &Path, wanted: &dyn Fn(&str) -> bool, batches: &mut Batches<'_>) -> io::Result<()> {
    let mut files = Vec::new();
    let mut folders = vec![(root.to_owned(), shown(root, 2))];
    while let Some((folder, prefix)) = folders.pop() {
        for name in names(&folder)? {
            let (path, relative) = (folder.join(&name), format!("{prefix}/{}", name.to_string_lossy()));
            let kind = fs::symlink_metadata(&path)?;
            // Links to folders are not followed: a loop of them has no end.
            if kind.is_dir() {
                folders.push((path, relative));
            } else if wanted(&relative) {
                files.push((relative, path));
            }
        }
    }
    files.sort();
    files.into_iter().try_for_each(|(relative, path)| batches.push(relative, read_file(&path, MOST_RECORD)))
}

fn read_file(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    limited(File::open(path)?, most)
}

fn read_gzip(path: &Path) -> io::Result<Vec<u8>> {
    limited(flate2::read::MultiGzDecoder::new(File::open(path)?), MOST_SINGLE)
}

/// Reads to the end, or refuses what is too large.
fn limited(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("larger than {} MiB", most >> 20)));
    }
    Ok(bytes)
}

/// Hidden files of a repository are no records.
fn is_hidden(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.') && part.len() > 2)
}

fn read_zip(path: &Path, wanted: &dyn Fn(&str) -> bool, batches: &mut Batches<'_>) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(io::BufReader::new(File::open(path)?)).map_err(io::Error::other)?;
    // An archive of a few large files is a feed.
    let most = if archive.len() <= FEW { MOST_SINGLE } else { MOST_RECORD };
    for at in 0..archive.len() {
        let name = archive.name_for_index(at).and_then(Result::ok).map_or_else(|| format!("entry {at}.json"), std::borrow::Cow::into_owned);
        if is_hidden(&name) || !wanted(&name) {
            continue;
        }
        // One entry that cannot be opened (encrypted, broken) is one record.
        let bytes = archive.by_index(at).map_err(io::Error::other).and_then(|entry| limited(entry, most));
        batches.push(name, bytes)?;
    }
    Ok(())
}

fn read_tar(path: &Path, wanted: &dyn Fn(&str) -> bool, batches: &mut Batches<'_>) -> io::Result<Option<Timestamp>> {
    let mut magic = [0; 2];
    File::open(path)?.read_exact(&mut magic)?;
    let file = File::open(path)?;
    let reader: Box<dyn Read> = if magic == [0x1f, 0x8b] { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut archive = tar::Archive::new(reader.take(MOST_ARCHIVE));
    let (mut made_by_git, mut newest) = (false, None);
    for entry in archive.entries()? {
        let entry = entry?;
        let kind = entry.header().entry_type();
        made_by_git |= kind.is_pax_global_extensions();
        let name = entry.path()?.to_string_lossy().replace('\\', "/");
        if !kind.is_file() || is_hidden(&name) || !wanted(&name) {
            continue;
        }
        newest = newest.max(entry.header().mtime().ok().and_then(|t| i64::try_from(t).ok()).map(Timestamp::from_seconds));
        batches.push(name, limited(entry, MOST_RECORD))?;
    }
    // `git archive` writes a global header and dates every file to the commit. Other tarballs have the dates of a
    // checkout, which say nothing about the data.
    Ok(newest.filter(|_| made_by_git))
}
