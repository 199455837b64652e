//! An image as a place where files come from: the merged view, with the layer that each file is of.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    super::{Files, FoundFile, GitError, Limits as FileLimits, Listing, Since, Stored, limits::ReadError, listing::unreadable},
    kept::{Interest, Keep, Kept},
    layer::{Layer, read_again},
    limits::{Limit, Limits},
    log::{Audit, Content, Op},
    merged::Merged,
    nodes::{FileNode, What},
    room::Room,
    source::Source,
};
use crate::model::{Reason, Unchecked, image::ImageInfo};

/// What there is of the bytes of an image's files.
pub(super) struct Contents {
    layers: Vec<Arc<Layer>>,
    blobs: Vec<String>,
    source: Option<Arc<Source>>,
    /// Where unpacked layers are.
    folders: Vec<PathBuf>,
    interest: Interest,
    limits: Limits,
    /// What was read again, by layer and entry.
    again: Mutex<HashMap<(u32, u64), Kept>>,
    /// Room for that, which all images of the target share.
    room: Arc<Room>,
}

/// An image, or a root filesystem.
pub struct Image {
    /// What is known of it.
    pub info: ImageInfo,
    /// What of it could not be looked at.
    pub faults: Vec<Unchecked>,
    contents: Contents,
    merged: Mutex<Merged>,
    /// How often it was merged again for a path that nobody knew to matter.
    asked: AtomicUsize,
}

/// Merging again goes over all entries.
const MOST_ASKED: usize = 32;

/// An executable program.
#[derive(Clone, Debug)]
pub struct Program {
    /// From the root.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// What was left in it for auditors, if anything; [`Files::read`] hands it out.
    pub audit: Option<FoundFile>,
}

/// A file that is known by name only.
#[derive(Clone, Debug)]
pub struct NamedFile {
    /// From the root.
    pub path: String,
    /// In bytes.
    pub size: u64,
}

impl Contents {
    pub(super) fn new(
        layers: Vec<Arc<Layer>>,
        blobs: Vec<String>,
        (source, folders): (Option<Arc<Source>>, &[PathBuf]),
        interest: Interest,
        (limits, room): (Limits, Arc<Room>),
    ) -> Self {
        Self { layers, blobs, source, folders: folders.to_vec(), interest, limits, again: Mutex::default(), room }
    }

    fn known(&self, layer: u32, kept: Option<u32>) -> Option<&Kept> {
        self.layers.get(layer as usize)?.kept.get(kept? as usize)
    }

    fn again(&self) -> MutexGuard<'_, HashMap<(u32, u64), Kept>> {
        self.again.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads entries of a layer once more: of each the most that it may be, and whether it is a program.
    fn fetch(&self, layer: u32, wanted: &BTreeMap<u64, bool>) -> io::Result<()> {
        let most = |is_program: bool| if is_program { self.limits.single_program } else { self.limits.file };
        let asked: BTreeMap<u64, u64> = wanted.iter().map(|(entry, is_program)| (*entry, most(*is_program))).collect();
        let mut take = |entry: u64, bytes: Option<Vec<u8>>| {
            let kept = match (bytes, wanted.get(&entry)) {
                (None, _) => Kept::TooLarge,
                (Some(bytes), Some(true)) => match (self.interest.audit)(&bytes) {
                    Ok(found) => Kept::new(found.unwrap_or_default()),
                    Err(why) => Kept::Damaged(why),
                },
                (Some(bytes), _) => Kept::new(bytes),
            };
            let mut again = self.again();
            let kept = if self.room.take(kept.size()) { kept } else { Kept::TooLarge };
            again.insert((layer, entry), kept);
        };
        if let (Some(folder), Some(read)) = (self.folders.get(layer as usize), self.layers.get(layer as usize)) {
            let mut again = self.again();
            return read.log.each(&mut |entry, path, _| {
                if wanted.contains_key(&entry) {
                    again.insert((layer, entry), Kept::Disk(folder.join(path)));
                }
            });
        }
        let (Some(source), Some(blob)) = (&self.source, self.blobs.get(layer as usize)) else {
            return Err(io::Error::new(io::ErrorKind::NotFound, "its bytes are not at hand"));
        };
        let outcome = Mutex::new(Ok(()));
        let take = Mutex::new(&mut take);
        source.each(&[(0, blob)], &|_, bytes, _| {
            let mut take = take.lock().unwrap_or_else(PoisonError::into_inner);
            let read = read_again(bytes, &asked, &self.limits, &mut **take);
            *outcome.lock().unwrap_or_else(PoisonError::into_inner) = read;
        })?;
        outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, (layer, entry, kept): (u32, u64, Option<u32>)) -> Result<Vec<u8>, ReadError> {
        let answer = |kept: &Kept| match kept.read(&self.limits) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(ReadError::TooLarge),
            Err(error) => Err(ReadError::Io(error)),
        };
        if let Some(kept) = self.known(layer, kept) {
            return answer(kept);
        }
        if let Some(kept) = self.again().get(&(layer, entry)) {
            return answer(kept);
        }
        self.fetch(layer, &BTreeMap::from([(entry, false)])).map_err(ReadError::Io)?;
        match self.again().get(&(layer, entry)) {
            Some(kept) => answer(kept),
            None => Err(ReadError::Io(io::ErrorKind::NotFound.into())),
        }
    }
}

impl Image {
    pub(super) fn new(contents: Contents, merged: Merged) -> Self {
        let faults = merged.hit.iter().map(|limit| limit_reached(&limit.sentence(&contents.limits))).collect();
        Self { info: ImageInfo::default(), faults, contents, merged: Mutex::new(merged), asked: AtomicUsize::new(0) }
    }

    fn merged(&self) -> MutexGuard<'_, Merged> {
        self.merged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lowest layer that has a file of the operating system.
    pub(super) fn system_layer(&self) -> Option<usize> {
        const FILES: [&str; 4] = ["etc/os-release", "usr/lib/os-release", "var/lib/dpkg/status", "lib/apk/db/installed"];
        self.contents.layers.iter().position(|layer| {
            let mut has = false;
            // One that is damaged has been told already.
            let _ = layer.log.each(&mut |_, path, _| has |= FILES.contains(&path));
            has
        })
    }

    /// Reads once more what matters and went by unseen: one time a layer. Says which layers cannot be read again.
    pub(super) fn look_again(&mut self) -> Vec<(usize, io::Error)> {
        let mut wanted: BTreeMap<u32, BTreeMap<u64, bool>> = BTreeMap::new();
        let is_read = |path: &str| (self.contents.interest.keep)(path) == Keep::Bytes;
        let linked: BTreeSet<String> = self.links().0.into_iter().filter(|(path, _)| is_read(path)).filter_map(|(_, real)| real).collect();
        for (path, file) in self.file_nodes() {
            match file.content {
                Content::Program(_, Audit::Later) => drop(wanted.entry(file.layer).or_default().insert(file.entry, true)),
                Content::Passed if (self.contents.interest.keep)(&path) == Keep::Bytes || linked.contains(&path) => {
                    wanted.entry(file.layer).or_default().insert(file.entry, false);
                }
                _ => {}
            }
        }
        let fetch = |(layer, entries): (&u32, &BTreeMap<u64, bool>)| Some((*layer as usize, self.contents.fetch(*layer, entries).err()?));
        wanted.iter().filter_map(fetch).collect()
    }

    /// The links of wanted names, and where they lead: as many as there is room for, and whether these are all.
    fn links(&self) -> (Vec<(String, Option<String>)>, bool) {
        let mut merged = self.merged();
        let links: Vec<String> = merged
            .nodes
            .all()
            .into_iter()
            .filter(|(_, at)| matches!(merged.nodes[*at].what, What::Link(_)))
            .map(|(path, _)| path)
            .collect();
        let wanted = links.into_iter().filter(|path| (self.contents.interest.keep)(path) != Keep::Nothing);
        let wanted: Vec<String> = wanted.collect();
        let (mut found, mut size) = (Vec::new(), 0);
        for path in wanted {
            let real = merged.find(&path).ok().map(|at| merged.nodes.path(at));
            size += path.len() + real.as_ref().map_or(0, String::len);
            if size > self.contents.limits.paths {
                return (found, false);
            }
            found.push((path, real));
        }
        (found, true)
    }

    fn file_nodes(&self) -> Vec<(String, FileNode)> {
        let merged = self.merged();
        let files = merged.nodes.all().into_iter().filter_map(|(path, at)| match merged.nodes[at].what {
            What::File(file) => Some((path, file)),
            _ => None,
        });
        files.collect()
    }

    /// The executable programs, sorted by path.
    #[must_use]
    pub fn programs(&self) -> Vec<Program> {
        let program = |(path, file): (String, FileNode)| {
            let Content::Program(size, audit) = file.content else { return None };
            let audit = (audit != Audit::None).then(|| found(path.clone(), &file));
            Some(Program { path, size, audit })
        };
        self.file_nodes().into_iter().filter_map(program).collect()
    }

    /// The files of which only the name is wanted, by any of their names, sorted by path.
    #[must_use]
    pub fn named(&self) -> Vec<NamedFile> {
        let files: BTreeMap<String, FileNode> = self.file_nodes().into_iter().collect();
        let size = |file: &FileNode| match file.content {
            Content::Named(size) | Content::Program(size, _) => size,
            Content::Passed | Content::Kept(_) => 0,
        };
        let is_named = |path: &str| (self.contents.interest.keep)(path) == Keep::Name;
        let mut named: Vec<NamedFile> = files
            .iter()
            .filter(|(path, _)| is_named(path))
            .map(|(path, file)| NamedFile { path: path.clone(), size: size(file) })
            .collect();
        // A link under such a name to a file under another.
        let links = self.links().0.into_iter().filter(|(path, _)| is_named(path));
        named.extend(links.filter_map(|(path, real)| {
            real.filter(|real| !is_named(real)).and_then(|real| files.get(&real)).map(|file| NamedFile { path, size: size(file) })
        }));
        named.sort_by(|a, b| a.path.cmp(&b.path));
        named
    }

    /// How large a file is, in bytes; where nobody knows before it is read, the most that it may be.
    #[must_use]
    pub fn size(&self, file: &FoundFile) -> u64 {
        let Stored::Layer { layer, kept, .. } = file.stored else { return self.contents.limits.file };
        match self.contents.known(layer, kept) {
            Some(Kept::Disk(path)) => path.metadata().map_or(0, |found| found.len()),
            Some(kept) => kept.plain_size(),
            None => self.contents.limits.file,
        }
    }

    /// The number of the layer that put there what is at a path.
    #[must_use]
    pub fn layer_of(&self, path: &str) -> Option<usize> {
        let found = {
            let mut merged = self.merged();
            merged.find(path).ok().map(|at| merged.nodes[at].layer as usize)
        };
        // Behind a link to a folder there may be what did not matter until somebody asked for it.
        let behind = || match self.find(path).ok().flatten()?.stored {
            Stored::Layer { layer, .. } => Some(layer as usize),
            _ => None,
        };
        found.or_else(behind)
    }

    /// Where a path leads, without links.
    #[must_use]
    pub fn real(&self, path: &str) -> Option<String> {
        let mut merged = self.merged();
        let at = merged.find(path).ok()?;
        Some(merged.nodes.path(at))
    }

    /// A path without links, as far as anything is known to be there.
    #[must_use]
    pub fn resolved(&self, path: &str) -> String {
        let mut merged = self.merged();
        match merged.find(path) {
            Ok(at) => merged.nodes.path(at),
            Err(missing) => missing,
        }
    }

    /// Whether any layer has something below a path.
    #[must_use]
    pub fn has_entries_below(&self, path: &str) -> bool {
        let mut has = false;
        for layer in &self.contents.layers {
            let _ = layer.log.each(&mut |_, entry, _| has |= entry.strip_prefix(path).is_some_and(|rest| rest.starts_with('/')));
        }
        has
    }

    /// What each layer has at these paths, the lowest first.
    #[must_use]
    pub fn of_each_layer(&self, paths: &BTreeSet<String>) -> Vec<(usize, FoundFile)> {
        let mut all = Vec::new();
        for (at, layer) in self.contents.layers.iter().enumerate() {
            let number = u32::try_from(at).unwrap_or(u32::MAX);
            let _ = layer.log.each(&mut |entry, path, op| {
                if let Op::File(content) = op
                    && paths.contains(path)
                {
                    all.push((at, found(path.to_owned(), &FileNode { layer: number, entry, content })));
                }
            });
        }
        all
    }
}

fn found(path: String, file: &FileNode) -> FoundFile {
    let stored = Stored::Layer { layer: file.layer, entry: file.entry, kept: file.kept() };
    FoundFile { path, stored, real: None, also_at: Vec::new() }
}

fn limit_reached(detail: &str) -> Unchecked {
    let (path, subject) = (".".to_owned(), "the merged view of the layers".to_owned());
    Unchecked {
        path,
        line: None,
        subject,
        packages: 0,
        reason: Reason::LimitReached,
        detail: format!("{detail}; what is beyond was not looked at"),
    }
}

impl Files for Image {
    fn list(&self, _threads: usize, recognised: &(dyn Fn(&str) -> bool + Sync)) -> Result<Listing, GitError> {
        let mut listing = Listing::default();
        let files: BTreeMap<String, FileNode> = self.file_nodes().into_iter().collect();
        listing.files.extend(files.iter().filter(|(path, _)| recognised(path)).map(|(path, file)| found(path.clone(), file)));
        let (links, are_all) = self.links();
        if !are_all {
            listing.unchecked.push(limit_reached(&Limit::Nodes.sentence(&self.contents.limits)));
        }
        for (path, real) in links {
            if !recognised(&path) {
                continue;
            }
            match real.map(|real| (files.get(&real), real)) {
                Some((Some(file), real)) => listing.files.push(FoundFile { real: Some(real), ..found(path, file) }),
                // A link to a folder is no dependency file.
                Some((None, _)) => {}
                None => listing.unchecked.push(unreadable(&path, "a link that leads nowhere")),
            }
        }
        let broken: Vec<String> =
            self.merged().broken.iter().filter(|path| recognised(path) && !files.contains_key(path.as_str())).cloned().collect();
        listing.unchecked.extend(broken.iter().map(|path| unreadable(path, "a hard link to what is no file, or not there")));
        listing.settle(|_| None);
        Ok(listing)
    }

    fn find(&self, path: &str) -> Result<Option<FoundFile>, GitError> {
        let mut merged = self.merged();
        let missing = match merged.find(path) {
            Ok(at) => {
                return Ok(match merged.nodes[at].what {
                    What::File(file) => {
                        let real = merged.nodes.path(at);
                        let real = (real != path).then_some(real);
                        Some(FoundFile { real, ..found(path.to_owned(), &file) })
                    }
                    _ => None,
                });
            }
            // A file of a wanted name matters wherever it is.
            Err(missing) if missing == path && (self.contents.interest.keep)(path) != Keep::Nothing => return Ok(None),
            Err(missing) => missing,
        };
        drop(merged);
        // It may be one that did not matter until somebody asked for it. Who asks for very many is told that they are not there.
        if self.asked.fetch_add(1, Ordering::Relaxed) >= MOST_ASKED {
            return Ok(None);
        }
        let logs: Vec<_> = self.contents.layers.iter().map(|layer| &layer.log).collect();
        let besides = BTreeSet::from([missing]);
        let Ok(mut anew) = Merged::new(&logs, &self.contents.limits, self.contents.interest.keep, false, &besides) else { return Ok(None) };
        let Ok(at) = anew.find(path) else { return Ok(None) };
        Ok(match anew.nodes[at].what {
            What::File(file) => Some(found(path.to_owned(), &file)),
            _ => None,
        })
    }

    fn since(&self, path: &str, _lines: &[u32]) -> Result<BTreeMap<u32, Since>, GitError> {
        // When its layer was made is said of each finding.
        Err(GitError::NoRepository(path.to_owned()))
    }

    fn read(&self, file: &FoundFile, _limits: &FileLimits) -> Result<Vec<u8>, ReadError> {
        match file.stored {
            Stored::Layer { layer, entry, kept } => self.contents.read((layer, entry, kept)),
            _ => Err(ReadError::Io(io::ErrorKind::NotFound.into())),
        }
    }
}
