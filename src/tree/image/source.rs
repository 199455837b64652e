//! Where the blobs of images are: in a folder, in an archive that can be read at any place, or in one that is packed as a
//! whole and goes by from its beginning.

use std::{
    cell::Cell,
    collections::{BTreeMap, HashMap},
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    rc::Rc,
};

use rayon::prelude::*;
use tar::{Archive, EntryType};

use super::{
    decode::{Gauge, Packing, Plain},
    limits::{Limit, Limits},
    path::{clean, join, split},
};

/// The blobs of a target.
pub(super) struct Source {
    place: Place,
    /// Small members that were met on the way through a packed archive.
    small: HashMap<String, Vec<u8>>,
    /// Whether there are members of a root filesystem beside those of images.
    pub(super) is_mixed: bool,
}

enum Place {
    Folder(PathBuf),
    Archive(PathBuf, HashMap<String, Member>),
    Packed(PathBuf, HashMap<String, Member>),
}

/// A member of an archive.
enum Member {
    /// Its bytes: where they begin (in a packed archive: the number of the member) and how many.
    Bytes(u64, u64),
    /// A link to another member.
    Link(String),
}

/// What a file turned out to be.
pub(super) enum Opened {
    /// An archive of images, or at least with the files of one.
    Images(Source),
    /// A tar of something else: one layer, packed or not.
    Layer,
    /// More than is looked at.
    Beyond(Limit),
    /// Not even that.
    Nothing,
}

/// What hands out the bytes of a blob: which one it is, its bytes, and how many there are.
pub(super) type Take<'a> = dyn Fn(usize, &mut dyn Read, u64) + Sync + 'a;

impl Source {
    /// The blobs of a folder.
    pub(super) fn folder(path: &Path) -> Self {
        Self { place: Place::Folder(path.to_owned()), small: HashMap::new(), is_mixed: false }
    }

    /// A file whose bytes are one blob, without a name.
    ///
    /// # Errors
    /// When it cannot be seen.
    pub(super) fn whole(path: &Path) -> io::Result<Self> {
        let size = path.metadata()?.len();
        let members = HashMap::from([(String::new(), Member::Bytes(0, size))]);
        Ok(Self { place: Place::Archive(path.to_owned(), members), small: HashMap::new(), is_mixed: false })
    }

    /// Looks what is in a file.
    ///
    /// # Errors
    /// When it cannot be opened, or has too many members.
    pub(super) fn file(path: &Path, limits: &Limits) -> io::Result<Opened> {
        let mut file = File::open(path)?;
        let mut start = Vec::new();
        file.by_ref().take(512).read_to_end(&mut start)?;
        file.rewind()?;
        if Packing::of(&start) == Packing::Plain {
            return Self::archive(path, file, limits);
        }
        Self::packed(path, file, limits)
    }

    fn archive(path: &Path, file: File, limits: &Limits) -> io::Result<Opened> {
        let (mut members, mut seen) = (HashMap::new(), 0_usize);
        let left = Cell::new(limits.header);
        let mut named = 0;
        let mut archive = Archive::new(BufReader::with_capacity(4096, Metered { file, left: &left }));
        for entry in archive.entries_with_seek()? {
            if left.replace(limits.header) == 0 {
                return Ok(Opened::Beyond(Limit::Header));
            }
            // What was found so far is there; what is missing is missed by who wants it.
            let Ok(entry) = entry else { break };
            let is_full = seen >= limits.members || named > MOST_NAMED;
            if is_full && !members.contains_key("manifest.json") && !members.contains_key("index.json") {
                // An archive of images has few members; this is one of files.
                return Ok(Opened::Layer);
            }
            if is_full {
                return Ok(Opened::Beyond(Limit::Members));
            }
            let Some(name) = clean(&entry.path_bytes()) else { continue };
            (seen, named) = (seen + 1, named + name.len());
            let Some(member) = member(&entry, &name, entry.raw_file_position()) else { continue };
            members.insert(name, member);
        }
        Ok(Self { place: Place::Archive(path.to_owned(), members), small: HashMap::new(), is_mixed: false }.recognised(seen, limits))
    }

    /// Goes through a packed archive as far as it looks like one of images, and keeps what is small.
    fn packed(path: &Path, mut file: File, limits: &Limits) -> io::Result<Opened> {
        let (mut members, mut small, mut held) = (HashMap::new(), HashMap::new(), 0);
        let gauge = Gauge::hashing(false, false);
        let mut archive = Archive::new(Plain::new(&mut file, &gauge, *limits, &|_| {})?);
        let (mut seen, mut named) = (0_usize, 0);
        gauge.allow(limits.header);
        for entry in archive.entries()? {
            let Ok(mut entry) = entry else { break };
            gauge.allow(entry.size().saturating_add(limits.header));
            let Some(name) = clean(&entry.path_bytes()) else { continue };
            if is_of_a_system(&name) && !members.contains_key("manifest.json") && !members.contains_key("index.json") {
                return Ok(Opened::Layer);
            }
            (seen, named) = (seen + 1, named + name.len());
            if seen > limits.members || named > MOST_NAMED {
                return Ok(Opened::Beyond(Limit::Members));
            }
            let Some(member) = member(&entry, &name, seen as u64) else { continue };
            let size = entry.size();
            if matches!(member, Member::Bytes(..)) && size <= limits.json && split(&name).1 != "layer.tar" {
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes)?;
                if bytes.trim_ascii_start().starts_with(b"{") || bytes.trim_ascii_start().starts_with(b"[") {
                    held += size;
                    if held > 4 * limits.json {
                        return Ok(Opened::Beyond(Limit::Json));
                    }
                    small.insert(name.clone(), bytes);
                }
            }
            members.insert(name, member);
        }
        if let Some(limit) = gauge.hit() {
            return Ok(Opened::Beyond(limit));
        }
        Ok(Self { place: Place::Packed(path.to_owned(), members), small, is_mixed: false }.recognised(seen, limits))
    }

    /// Whether the members are those of images, or at least among them.
    fn recognised(mut self, seen: usize, limits: &Limits) -> Opened {
        let (Place::Archive(_, members) | Place::Packed(_, members)) = &self.place else { return Opened::Images(self) };
        let is_mixed = members.keys().any(|name| is_of_a_system(name));
        let has_blobs = members.keys().any(|name| name.starts_with("blobs/"));
        let is_list = members.contains_key("manifest.json")
            && !matches!(self.small("manifest.json", limits), Ok(Some(text)) if is_mixed && !text.trim_ascii_start().starts_with(b"["));
        let is_layout = members.contains_key("index.json") && (has_blobs || !is_mixed);
        self.is_mixed = is_mixed;
        match (is_list || is_layout, seen) {
            (true, _) => Opened::Images(self),
            (false, 0) => Opened::Nothing,
            (false, _) => Opened::Layer,
        }
    }

    /// The bytes of a small blob; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is too large for what it is.
    pub(super) fn small(&self, name: &str, limits: &Limits) -> Result<Option<Vec<u8>>, Small> {
        if let Some(bytes) = self.small.get(name) {
            return Ok(Some(bytes.clone()));
        }
        let read = |mut from: Box<dyn Read>, size: u64| {
            if size > limits.json {
                return Err(Small::Limit(Limit::Json));
            }
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes).map_err(Small::Io)?;
            Ok(Some(bytes))
        };
        match self.open(name).map_err(Small::Io)? {
            Some((from, size)) => read(from, size),
            // On the way through a packed archive only what is small enough was kept.
            None if self.size(name).is_some_and(|size| size > limits.json) => Err(Small::Limit(Limit::Json)),
            None => Ok(None),
        }
    }

    /// How large a blob is, if there is one of this name.
    pub(super) fn size(&self, name: &str) -> Option<u64> {
        match &self.place {
            Place::Folder(folder) => below(folder, name)?.metadata().ok().filter(std::fs::Metadata::is_file).map(|found| found.len()),
            Place::Archive(_, members) | Place::Packed(_, members) => real(members, name).map(|(.., size)| size),
        }
    }

    /// Opens a blob that can be read at its place.
    fn open(&self, name: &str) -> io::Result<Option<(Box<dyn Read>, u64)>> {
        match &self.place {
            Place::Folder(folder) => {
                let Some(path) = below(folder, name).filter(|path| path.is_file()) else { return Ok(None) };
                let file = File::open(path)?;
                let size = file.metadata()?.len();
                Ok(Some((Box::new(file), size)))
            }
            Place::Archive(path, members) => {
                let Some((_, offset, size)) = real(members, name) else { return Ok(None) };
                let mut file = File::open(path)?;
                file.seek(SeekFrom::Start(offset))?;
                Ok(Some((Box::new(file.take(size)), size)))
            }
            Place::Packed(..) => Ok(None),
        }
    }

    /// Hands out the bytes of blobs, several at a time where that can be, in the order given; else as they go by. Of those
    /// that are not there `take` does not hear.
    ///
    /// # Errors
    /// When the archive cannot be opened.
    pub(super) fn each(&self, wanted: &[(usize, &str)], take: &Take<'_>) -> io::Result<()> {
        if let Place::Packed(path, members) = &self.place {
            return each_packed(path, members, wanted, take);
        }
        wanted.iter().par_bridge().try_for_each(|(which, name)| {
            if let Some((mut from, size)) = self.open(name)? {
                take(*which, &mut *from, size);
            }
            Ok(())
        })
    }
}

/// What the names of an archive's members may take, in bytes.
const MOST_NAMED: usize = 16 << 20;

/// A file of which only headers are read, and of these so much before the next one is asked for.
struct Metered<'a> {
    file: File,
    left: &'a Cell<u64>,
}

impl Read for Metered<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left.get()).unwrap_or(usize::MAX).min(out.len());
        if most == 0 && !out.is_empty() {
            return Err(io::Error::other("a limit was reached"));
        }
        let length = self.file.read(&mut out[..most])?;
        self.left.set(self.left.get() - length as u64);
        Ok(length)
    }
}

impl Seek for Metered<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

/// Why a small blob was not read.
#[derive(Debug)]
pub(super) enum Small {
    Io(io::Error),
    Limit(Limit),
}

fn each_packed(path: &Path, members: &HashMap<String, Member>, wanted: &[(usize, &str)], take: &Take<'_>) -> io::Result<()> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (which, name) in wanted {
        if let Some((name, ..)) = real(members, name) {
            by_name.entry(name).or_default().push(*which);
        }
    }
    // Several may be the same blob, and each of them wants to read it.
    while !by_name.is_empty() {
        let mut file = File::open(path)?;
        let gauge: Rc<Gauge> = Gauge::hashing(false, false);
        let limits = Limits::default();
        let mut archive = Archive::new(Plain::new(&mut file, &gauge, limits, &|_| {})?);
        let mut again: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut seen = 0;
        for entry in archive.entries()? {
            let Ok(mut entry) = entry else { break };
            let Some(name) = clean(&entry.path_bytes()) else { continue };
            seen += 1;
            // Of several members of one name the last is meant, as when they are unpacked.
            if real(members, &name).is_none_or(|(_, number, _)| number != seen) {
                continue;
            }
            if let Some((name, mut which)) = by_name.remove_entry(name.as_str()) {
                let size = entry.size();
                if let Some(first) = which.pop() {
                    take(first, &mut entry, size);
                }
                if !which.is_empty() {
                    again.insert(name, which);
                }
            }
        }
        by_name = again;
    }
    Ok(())
}

fn member<R: Read>(entry: &tar::Entry<'_, R>, name: &str, offset: u64) -> Option<Member> {
    match entry.header().entry_type() {
        EntryType::Regular | EntryType::Continuous => Some(Member::Bytes(offset, entry.size())),
        EntryType::Symlink => {
            let target = entry.link_name_bytes()?;
            clean(join(split(name).0, &String::from_utf8_lossy(&target)).as_bytes()).map(Member::Link)
        }
        EntryType::Link => clean(&entry.link_name_bytes()?).map(Member::Link),
        _ => None,
    }
}

/// A member that has bytes, over links.
fn real<'a>(members: &'a HashMap<String, Member>, name: &str) -> Option<(&'a str, u64, u64)> {
    /// Docker makes one link; more than a few are a game.
    const MOST: usize = 8;
    let mut name = name;
    for _ in 0..MOST {
        let (known, member) = members.get_key_value(name)?;
        match member {
            Member::Bytes(offset, size) => return Some((known, *offset, *size)),
            Member::Link(target) => name = target,
        }
    }
    None
}

fn below(folder: &Path, name: &str) -> Option<PathBuf> {
    let is_plain = !name.is_empty() && name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    is_plain.then(|| folder.join(name))
}

/// Whether a member is one of a root filesystem, which archives of images do not have at their top.
fn is_of_a_system(path: &str) -> bool {
    let first = path.split('/').next().unwrap_or_default();
    [
        "bin", "boot", "dev", "etc", "home", "lib", "lib64", "media", "mnt", "opt", "proc", "root", "run", "sbin", "srv", "sys", "tmp",
        "usr", "var",
    ]
    .contains(&first)
}
