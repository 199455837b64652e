//! Room for what images say: whatever an image holds, and however many threads there are, a scan of it takes no more memory
//! than there is room for. What does not fit is counted, and unchecked.

use rayon::prelude::*;

use super::super::files::Read;
use crate::{
    inventory::{Extracted, Extractor, FileState},
    matching::{Estimate, Matched},
    model::{Package, Reason, Unchecked},
    tree::{
        FoundFile, GitError,
        image::{Image, Limit, Limits, Room},
    },
};

/// Files of more bytes are read one after the other, and by one thread: it uses the same memory again.
const LARGE: u64 = 32 << 10;

/// So are files of more packages, when these are matched.
const MANY: usize = 1000;

/// The room that the images of a target have.
pub(in crate::scan) struct Rooms {
    limits: Limits,
    /// For files and what they say.
    inventory: Room,
    /// For findings.
    findings: Room,
}

impl Rooms {
    pub(super) fn new(limits: Limits) -> Self {
        let (inventory, findings) = (Room::new(limits.inventory), Room::new(limits.findings));
        Self { limits, inventory, findings }
    }

    /// An extractor that reads no more than there is room for while it reads.
    pub(in crate::scan) fn bounded<'a>(&'a self, extractor: &'a dyn Extractor) -> Bounded<'a> {
        Bounded { extractor, rooms: self }
    }

    /// Whether a file that was read fits.
    pub(in crate::scan) fn fits(&self, read: &Read) -> bool {
        self.inventory.take(weight(read))
    }

    /// Whether findings fit.
    fn fit(&self, estimate: Estimate) -> bool {
        /// A finding with its judgement, its row in a report and what it is known by, without its texts.
        const FINDING: u64 = 1900;
        /// A place where its package stands.
        const LOCATION: u64 = 80;
        let Estimate { findings, locations, path, text } = estimate;
        self.findings.take(findings.saturating_mul(FINDING + text + locations.saturating_mul(LOCATION + path)))
    }

    /// What packages are whose findings do not fit.
    fn without_findings(&self, path: &str, packages: u32) -> Unchecked {
        let subject = if packages == 1 { "1 package".to_owned() } else { format!("{packages} packages") };
        let detail = format!("{}; these have findings for which there is no room", Limit::Findings.sentence(&self.limits));
        Unchecked { path: path.to_owned(), line: None, subject, packages, reason: Reason::LimitReached, detail }
    }

    /// What the files of an image match, as far as there is room for findings.
    pub(in crate::scan) fn matched<E: Send>(
        &self,
        files: &[Read],
        work: impl Fn(&Read, &dyn Fn(Estimate) -> bool) -> Result<Matched, E> + Sync,
    ) -> Result<Vec<Matched>, E> {
        let is_large = |file: &Read| file.extracted.packages.len() > MANY;
        let mut all = each((&self.findings, 0), files, is_large, |file| work(file, &|estimate| self.fit(estimate)))?;
        for (file, matched) in files.iter().zip(&mut all).filter(|(_, matched)| matched.beyond > 0) {
            matched.unchecked.push(self.without_findings(&file.path, matched.beyond));
        }
        Ok(all)
    }
}

/// Does the same with each: side by side as long as there is room, but with what is large in order; without room all in
/// order. Each of them takes `least` at least.
fn each<T: Sync, R: Send, E: Send>(
    (room, least): (&Room, u64),
    items: &[T],
    is_large: impl Fn(&T) -> bool + Sync,
    work: impl Fn(&T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let used = room.used();
    if !room.is_short() && !room.is_too_small_for(least.saturating_mul(items.len() as u64)) {
        // Who finds no room any more gives up.
        let small = |item: &T| if room.is_short() || is_large(item) { Ok(None) } else { work(item).map(Some) };
        let mut done: Vec<Option<R>> = items.par_iter().map(small).collect::<Result<_, E>>()?;
        for (item, place) in items.iter().zip(&mut done).filter(|(_, place)| place.is_none()) {
            if room.is_short() {
                break;
            }
            *place = Some(work(item)?);
        }
        let done: Option<Vec<R>> = done.into_iter().collect();
        if let Some(done) = done.filter(|_| !room.is_short()) {
            return Ok(done);
        }
        room.leave(used);
    }
    items.iter().map(work).collect()
}

/// An extractor that passes by what is made of too many parts.
pub(in crate::scan) struct Bounded<'a> {
    extractor: &'a dyn Extractor,
    rooms: &'a Rooms,
}

impl Extractor for Bounded<'_> {
    fn name(&self) -> &'static str {
        self.extractor.name()
    }

    fn recognises(&self, path: &str) -> bool {
        self.extractor.recognises(path)
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        let parts = self.extractor.parts(bytes);
        if parts > self.rooms.limits.parts {
            let sentence = Limit::Parts.sentence(&self.rooms.limits);
            // A database means something only where it is.
            let cure = if self.extractor.is_of_root_filesystems() { "" } else { "; take it out of the image, and scan it by itself" };
            let detail = format!("{sentence}, and was not read{cure}");
            return Extracted::not_read(path, None, Reason::LimitReached, 0, detail);
        }
        self.extractor.extract(path, bytes)
    }
}

/// What did not fit.
#[derive(Default)]
pub(in crate::scan) struct Beyond {
    files: u64,
    dependency_files: u64,
    packages: u64,
    first: Option<String>,
}

/// What is counted of a file that does not fit.
pub(super) struct Counted {
    is_dependency_file: bool,
    packages: u64,
}

impl Counted {
    fn of(read: &Read) -> Self {
        let unchecked = read.extracted.unchecked.iter().map(|item| u64::from(item.packages)).sum::<u64>();
        Self {
            is_dependency_file: read.extracted.file != FileState::Irrelevant,
            packages: read.extracted.packages.len() as u64 + unchecked,
        }
    }
}

impl Beyond {
    /// Counts a file.
    pub(in crate::scan) fn add(&mut self, read: &Read) {
        self.add_counted(&read.path, &Counted::of(read));
    }

    fn add_counted(&mut self, path: &str, counted: &Counted) {
        self.files += 1;
        self.dependency_files += u64::from(counted.is_dependency_file);
        self.packages += counted.packages;
        if self.first.as_deref().is_none_or(|first| path < first) {
            self.first = Some(path.to_owned());
        }
    }

    /// It as one that was not read, if there is anything.
    pub(in crate::scan) fn told(self, at: usize, rooms: &Rooms) -> Option<Read> {
        let told = match (self.first?, self.files - 1) {
            (first, 0) => format!("{first} was"),
            (first, 1) => format!("{first} and 1 other were"),
            (first, others) => format!("{first} and {others} others were"),
        };
        let packages = u32::try_from(self.packages).unwrap_or(u32::MAX);
        let detail = format!("{}: {told} counted, and not checked", Limit::Inventory.sentence(&rooms.limits));
        let (path, subject, reason) = (".".to_owned(), "what the image holds".to_owned(), Reason::LimitReached);
        let item = Unchecked { path: path.clone(), line: None, subject, packages, reason, detail };
        let extracted = Extracted { file: FileState::Irrelevant, unchecked: vec![item], ..Extracted::default() };
        let mut read = Read::new(at, path, "image", extracted);
        read.beyond = self.dependency_files;
        Some(read)
    }
}

/// The files of an image and what they say, as far as there is room.
pub(super) struct Inventory<'a> {
    pub(super) rooms: &'a Rooms,
    pub(super) files: Vec<Read>,
    beyond: Beyond,
}

impl<'a> Inventory<'a> {
    pub(super) fn new(rooms: &'a Rooms) -> Self {
        Self { rooms, files: Vec::new(), beyond: Beyond::default() }
    }

    /// Takes a file.
    pub(super) fn take(&mut self, read: Read) {
        if self.rooms.fits(&read) {
            self.files.push(read);
        } else {
            self.beyond.add(&read);
        }
    }

    /// Reads these, and takes them.
    pub(super) fn read(
        &mut self,
        found: &[FoundFile],
        image: &Image,
        one: impl Fn(FoundFile) -> Result<Read, GitError> + Sync,
    ) -> Result<(), GitError> {
        let rooms = self.rooms;
        let is_large = |file: &FoundFile| image.size(file) > LARGE;
        let read = each((&rooms.inventory, FILE), found, is_large, |file| {
            let read = one(file.clone())?;
            Ok(if rooms.fits(&read) { Ok(Box::new(read)) } else { Err(Counted::of(&read)) })
        })?;
        for (file, read) in found.iter().zip(read) {
            match read {
                Ok(read) => self.files.push(*read),
                Err(counted) => self.beyond.add_counted(&file.path, &counted),
            }
        }
        Ok(())
    }

    /// All that was taken, and what was not.
    pub(super) fn end(mut self, at: usize) -> Vec<Read> {
        self.files.extend(self.beyond.told(at, self.rooms));
        self.files
    }
}

/// What a file takes that says nothing, in bytes.
const FILE: u64 = 1800;

/// What a file that was read takes, in bytes: as it is held to the end of a scan, with its row in a report. The same on
/// every machine.
fn weight(read: &Read) -> u64 {
    const PACKAGE: u64 = 650;
    const UNCHECKED: u64 = 350;
    const SMALL: u64 = 100;
    let Extracted { packages, own, unchecked, skipped, graph, references, compiled_from, .. } = &read.extracted;
    let of_package = |package: &Package| {
        let source = package.source.as_ref().map_or(0, |source| source.name.len() + source.version.len() + 64);
        let texts = 4 * package.name.len() + 3 * package.wanted.text().len() + package.marker.as_ref().map_or(0, String::len) + source;
        let places: usize = package.also_at.iter().map(|location| location.path.len() + 64).sum();
        let indexes: usize = package.indexes.iter().map(|index| index.len() + 32).sum();
        PACKAGE + (texts + places + indexes) as u64
    };
    let of_unchecked = |item: &Unchecked| UNCHECKED + (item.path.len() + item.subject.len() + item.detail.len()) as u64;
    FILE + 5 * read.path.len() as u64
        + read.paths().map(|path| SMALL + path.len() as u64).sum::<u64>()
        + packages.iter().map(of_package).sum::<u64>()
        + unchecked.iter().map(of_unchecked).sum::<u64>()
        + own.iter().map(|own| SMALL + 2 * own.name.len() as u64).sum::<u64>()
        + skipped.iter().map(|item| SMALL + (item.path.len() + item.reason.len()) as u64).sum::<u64>()
        + references.iter().map(|reference| SMALL + 2 * reference.path.len() as u64).sum::<u64>()
        + compiled_from.iter().map(|from| SMALL + from.len() as u64).sum::<u64>()
        + SMALL * graph.size() as u64
}
