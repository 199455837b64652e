//! From targets to dependency files that were read: each file once, by the extractor that knows it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::{ScanRequest, memory::Known, subject::Subject};
use crate::{
    advisory::index::writer::sha256,
    inventory::{self, Extracted, Extractor, FileState, coverage::folder},
    model::{Package, Reason, Skipped, Unchecked, image, normalise_name, unchecked::Why},
    report::{DependencyFile, Placed, ReportTarget, identity::from_root, model::Parts},
    tree::{
        Files, FoundFile, GitError, Limits, Stored, TargetKind,
        image::{Image, Images},
        limits::ReadError,
    },
    version::listing,
};

/// A dependency file, read.
pub(super) struct Read {
    /// The target, as an index into the report's targets.
    pub(super) target: usize,
    /// Relative to the target.
    pub(super) path: String,
    /// The file that it is a link to.
    real: Option<String>,
    /// Links to the same file.
    also_at: Vec<String>,
    /// The extractor that read it.
    format: &'static str,
    /// The digest of its bytes.
    sha256: Option<String>,
    /// What it says.
    pub(super) extracted: Extracted,
    /// The lockfiles that speak for it.
    pub(super) covered_by: Vec<String>,
    /// Why they do, where it is not that they are locked there.
    pub(super) covered_because: Option<String>,
    /// How many of its packages they, or files that it binds, speak for.
    pub(super) covered: u64,
    /// How many of its packages were left out as was asked for.
    pub(super) excluded: u64,
    /// The names of those that are not wanted where the project runs, normalised.
    pub(super) left_out: Vec<String>,
    /// The names of those that only development wants, normalised.
    pub(super) left_out_of_dev: Vec<String>,
    /// How many dependency files it stands for for which there was no room.
    pub(super) beyond: u64,
    /// Whether it was read only because another file refers to it.
    pub(super) followed: bool,
    /// What is known of it from another commit.
    pub(super) known: Option<Arc<Known>>,
}

impl Read {
    pub(super) fn new(target: usize, path: impl Into<String>, format: &'static str, extracted: Extracted) -> Self {
        let path = path.into();
        let (real, also_at, sha256) = (None, Vec::new(), None);
        Self {
            target,
            path,
            real,
            also_at,
            format,
            sha256,
            extracted,
            covered_by: Vec::new(),
            covered_because: None,
            covered: 0,
            excluded: 0,
            left_out: Vec::new(),
            left_out_of_dev: Vec::new(),
            beyond: 0,
            followed: false,
            known: None,
        }
    }

    /// A file that was found and cannot be reached.
    pub(super) fn lost(target: usize, format: &'static str, item: Unchecked) -> Self {
        Self::new(target, item.path.clone(), format, unreadable(item))
    }

    /// A file that says all by its name.
    pub(super) fn by_name(target: usize, found: FoundFile, extractor: &dyn Extractor) -> Self {
        let FoundFile { path, real, also_at, .. } = found;
        let extracted = extractor.extract(&path, &[]);
        Self { real, also_at, ..Self::new(target, path, extractor.name(), extracted) }
    }

    /// The name of its format.
    pub(super) fn format(&self) -> &'static str {
        self.format
    }

    /// The paths that lead to it.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.path).chain(&self.also_at).map(String::as_str)
    }

    /// Reads a file that was found, with the extractor that knows it.
    pub(super) fn file(
        target: usize,
        found: FoundFile,
        extractor: &dyn Extractor,
        source: &dyn Files,
        limits: &Limits,
    ) -> Result<Self, GitError> {
        let (sha256, extracted) = match source.read(&found, limits) {
            Ok(bytes) => (Some(sha256(&bytes)), extractor.extract(&found.path, &bytes)),
            Err(error) => (None, refused(&found.path, error, limits)?),
        };
        let FoundFile { path, real, also_at, .. } = found;
        Ok(Self { real, also_at, sha256, ..Self::new(target, path, extractor.name(), extracted) })
    }

    /// The same, by what is known of it from another commit.
    fn again(at: usize, found: FoundFile, extractor: &dyn Extractor, subject: &Subject<'_>, limits: &Limits) -> Result<Self, GitError> {
        let (Some(memory), Stored::Object(object)) = (subject.memory, &found.stored) else {
            return Self::file(at, found, extractor, subject.source, limits);
        };
        let object = object.clone();
        let of = |known: Arc<Known>, found: FoundFile| {
            let FoundFile { path, real, also_at, .. } = found;
            let (sha256, extracted) = (known.sha256.clone(), known.extracted.clone());
            Self { real, also_at, sha256, known: Some(known), ..Self::new(at, path, extractor.name(), extracted) }
        };
        if let Some(known) = memory.recall(&found.path, &object) {
            return Ok(of(known, found));
        }
        let read = Self::file(at, found.clone(), extractor, subject.source, limits)?;
        Ok(of(memory.remember(&found.path, object, read.sha256, read.extracted), found))
    }

    /// What a report says of the file.
    pub(super) fn summary(&self) -> DependencyFile {
        let packages = &self.extracted.packages;
        let content = |package: &Package| xxh3_64(format!("{}\0{}\0{}", package.ecosystem, package.name, package.wanted.text()).as_bytes());
        let line = |package: &Package| {
            let name = normalise_name(&package.ecosystem, &package.name);
            Some((name, listing::line(&package.ecosystem, package.wanted.version()?)?))
        };
        DependencyFile {
            path: self.path.clone(),
            real: self.real.clone(),
            format: self.format,
            sha256: self.sha256.clone(),
            checked: self.extracted.file == FileState::Read,
            packages: packages.len() as u64,
            own: self.extracted.own.iter().map(|own| own.name.clone()).collect(),
            covered_by: self.covered_by.clone(),
            covered_because: self.covered_because.clone(),
            covered: self.covered,
            excluded: self.excluded,
            contents: packages.iter().map(content).collect(),
            lines: packages.iter().filter_map(line).collect(),
        }
    }
}

/// Reads the dependency files of a target; what it holds besides goes into `parts`.
///
/// # Errors
/// When git is the source and does not answer.
pub(super) fn read_target(
    at: usize,
    subject: &Subject<'_>,
    policy: usize,
    request: &ScanRequest,
    parts: &mut Parts,
) -> Result<Vec<Read>, GitError> {
    let Subject { target, base, source, release, image, .. } = subject;
    let (target, source) = (*target, *source);
    let (mut digest, mut info) = (None, None);
    let files = match target.kind {
        TargetKind::Directory | TargetKind::Environment => read_directory(at, subject, request, parts)?,
        TargetKind::Image | TargetKind::Rootfs => {
            if let Some(which) = image.filter(|which| which.at == 0) {
                name_passed(at, &which.held.images, parts);
            }
            match image.and_then(|which| Some((which.image()?, &which.held.rooms))) {
                Some((image, rooms)) => {
                    digest.clone_from(&image.info.digest);
                    info = Some(Arc::new(image.info.clone()));
                    super::image::read(at, image, rooms, request, parts)?
                }
                None => Vec::new(),
            }
        }
        TargetKind::Lockfile => {
            let files = read_single(at, &target.name(), source, &request.limits)?;
            digest = files.first().and_then(|file| file.sha256.as_ref()).map(|sha256| format!("sha256:{sha256}"));
            files
        }
    };
    let kind = match &info {
        Some(info) if !info.is_image => TargetKind::Rootfs,
        _ => target.kind,
    };
    let base = match (&info, kind) {
        // From one build to the next the name stays, whatever the file is called.
        (Some(info), TargetKind::Image) => {
            let name = target.name();
            let repository = image::repository(info.reference.as_deref().unwrap_or(&name)).to_owned();
            // Images of one name are for several platforms, or several builds.
            let is_same = |other: &&Image| other.info.reference == info.reference;
            let twins = image.map_or(0, |which| which.held.images.images.iter().filter(is_same).count());
            match (&info.platform, twins) {
                (Some(platform), 2..) => format!("{repository} {platform}"),
                _ => repository,
            }
        }
        (_, TargetKind::Image | TargetKind::Rootfs) => target.name(),
        _ => (*base).to_owned(),
    };
    let (path, release) = (target.given.clone(), release.clone());
    let is_faulty = image.is_some_and(|which| which.image().is_none_or(|image| !image.faults.is_empty()));
    parts.targets.push(ReportTarget { path, kind: kind.as_str(), digest, base, policy, release, image: info });
    let nothing = !is_faulty && files.iter().all(|file| file.extracted.file == FileState::Irrelevant);
    if nothing && !request.allow_empty {
        let detail = "name one as a target, or accept it with --allow-empty".to_owned();
        let item = Unchecked {
            path: ".".to_owned(),
            line: None,
            subject: target.given.clone(),
            packages: 0,
            reason: Reason::NoDependencyFiles,
            detail,
        };
        parts.unchecked.push(Placed { target: at, item });
    }
    Ok(files)
}

/// What a target names and does not hold, or was not asked for.
fn name_passed(at: usize, images: &Images, parts: &mut Parts) {
    let skipped = images.passed.iter().map(|(path, reason)| Skipped {
        path: path.clone(),
        reason: reason.clone(),
        why: if reason.contains("attestation") { Why::Usual } else { Why::Notable },
    });
    parts.skipped.extend(skipped.map(|item| Placed { target: at, item }));
    parts.unchecked.extend(images.fault.iter().cloned().map(|item| Placed { target: at, item }));
}

/// Whether a path is one in a folder that packages are installed in.
fn is_part(path: &str) -> bool {
    path.split('/').any(|folder| matches!(folder, "site-packages" | "dist-packages"))
}

/// The formats of installed packages.
const INSTALLED: [&str; 3] = ["dist_info", "egg_info", "conda_meta"];

fn read_directory(at: usize, subject: &Subject<'_>, request: &ScanRequest, parts: &mut Parts) -> Result<Vec<Read>, GitError> {
    let Subject { target, source, .. } = subject;
    let listing = source.list(request.threads, &|path| inventory::by_name(path).is_some())?;
    let mut skipped = listing.skipped;
    let is_hidden = |item: &mut Skipped| target.kind == TargetKind::Environment && item.why == Why::Ignored;
    let ignored: Vec<String> = skipped.extract_if(.., is_hidden).map(|item| item.path).collect();
    parts.skipped.extend(skipped.into_iter().map(|item| Placed { target: at, item }));
    // A dependency file that cannot even be reached was still found.
    let format = |path: &str| inventory::by_name(path).map_or("unknown", Extractor::name);
    let lost = listing.unchecked.into_iter().map(|item| Read::lost(at, format(&item.path), item));
    let mut files: Vec<Read> = lost.collect();
    let (mut listing, ignored) = (listing.files, ignored);
    if target.kind == TargetKind::Environment {
        // Tools that make environments hide them from git as a whole.
        for path in ignored {
            listing.extend(source.find(&path)?);
        }
        // What lies in installed packages beside their metadata is theirs.
        let theirs: Vec<FoundFile> =
            listing.extract_if(.., |file| is_part(&file.path) && !INSTALLED.contains(&format(&file.path))).collect();
        let part = |file: FoundFile| Skipped { path: file.path, reason: "a part of an installed package".to_owned(), why: Why::Usual };
        parts.skipped.extend(theirs.into_iter().map(|file| Placed { target: at, item: part(file) }));
    }
    let read = |file: FoundFile| Some(Read::again(at, file.clone(), inventory::by_name(&file.path)?, subject, &request.limits));
    let read: Vec<Read> = listing.into_par_iter().filter_map(read).collect::<Result<_, _>>()?;
    files.extend(read);
    Ok(files)
}

fn unreadable(item: Unchecked) -> Extracted {
    Extracted { file: FileState::NotRead, unchecked: vec![item], ..Extracted::default() }
}

fn refused(path: &str, error: ReadError, limits: &Limits) -> Result<Extracted, GitError> {
    match error {
        ReadError::Io(error) => Ok(Extracted::not_read(path, None, Reason::Unreadable, 0, format!("it cannot be read: {error}"))),
        ReadError::TooLarge => {
            Ok(Extracted::not_read(path, None, Reason::TooLarge, 0, format!("it is larger than {} MiB", limits.file >> 20)))
        }
        ReadError::Git(error) => Err(error),
    }
}

/// A target that is one file: by its name, else by its content; a manifest brings the lockfile beside it.
fn read_single(at: usize, name: &str, source: &dyn Files, limits: &Limits) -> Result<Vec<Read>, GitError> {
    let Some(found) = source.find(name)? else { return Ok(Vec::new()) };
    let by_content = || source.read(&found, limits).ok().and_then(|bytes| inventory::by_content(&bytes));
    let first = match inventory::by_name(name).or_else(by_content) {
        Some(extractor) => Read::file(at, found, extractor, source, limits)?,
        None => Read::file(at, found, &NoFormat, source, limits)?,
    };
    let beside: Vec<&str> = first.extracted.coverage.iter().flat_map(|c| c.lockfiles.iter().copied()).collect();
    let mut files = vec![first];
    for lockfile in beside {
        if let (Some(extractor), Some(found)) = (inventory::by_name(lockfile), source.find(lockfile)?) {
            files.push(Read::file(at, found, extractor, source, limits)?);
        }
    }
    Ok(files)
}

/// For a file that was named as a target and is of no format that we know.
struct NoFormat;

impl Extractor for NoFormat {
    fn name(&self) -> &'static str {
        "unknown"
    }

    fn recognises(&self, _path: &str) -> bool {
        false
    }

    fn extract(&self, path: &str, _bytes: &[u8]) -> Extracted {
        let detail = "neither its name nor its content is that of a dependency file that overdue knows";
        Extracted::not_understood(path, None, detail)
    }
}

/// A file that several targets have is read once: it is the first one's, or where they have policies of their own the
/// nearest one's, and named as skipped in the others.
pub(super) fn settle_overlaps(files: &mut Vec<Read>, parts: &mut Parts) {
    let place = |file: &Read| {
        let target = parts.targets.get(file.target)?;
        // What a release has is its own, and so is what an image has.
        let tag = target.release.as_ref().map(|release| release.tag.clone());
        let image = target.image.as_ref().map(|_| file.target);
        Some((from_root(&target.base, file.real.as_deref().unwrap_or(&file.path)), file.sha256.clone(), tag, image))
    };
    let mut owners: HashMap<_, usize> = HashMap::new();
    for file in files.iter() {
        let Some(place) = place(file) else { continue };
        let owner = owners.entry(place).or_insert(file.target);
        let (known, own) = (&parts.targets[*owner], &parts.targets[file.target]);
        if own.policy != known.policy && own.base.len() > known.base.len() {
            *owner = file.target;
        }
    }
    let mut again = Vec::new();
    files.retain(|file| {
        let Some(owner) = place(file).and_then(|place| owners.get(&place).copied()) else { return true };
        if owner != file.target && file.extracted.file != FileState::Irrelevant {
            again.push((file.target, file.path.clone(), owner));
        }
        owner == file.target
    });
    for (target, path, owner) in again {
        let reason = format!("read already, in the target {}", parts.targets[owner].path);
        parts.skipped.push(Placed { target, item: Skipped { path, reason, why: Why::Elsewhere } });
    }
}

/// Whoever ignores the lockfile in git finds the manifest unchecked, and wants to know why.
pub(super) fn name_hidden_lockfiles(files: &mut [Read], parts: &Parts) {
    let hidden: HashSet<(usize, &str)> =
        parts.skipped.iter().filter(|s| s.item.why == Why::Ignored).map(|s| (s.target, s.item.path.as_str())).collect();
    for file in files {
        let Some(coverage) = &file.extracted.coverage else { continue };
        let beside = |name: &&str| format!("{}{name}", folder(&file.path));
        let lockfile = coverage.lockfiles.iter().map(beside).find(|path| hidden.contains(&(file.target, path.as_str())));
        let unsaid = file
            .extracted
            .unchecked
            .iter_mut()
            .find(|item| item.packages == 0 && item.reason == Reason::UnsupportedFormat || item.reason == Reason::NoLockfile);
        if let (Some(lockfile), Some(unchecked)) = (lockfile, unsaid) {
            unchecked.detail = format!("its lockfile {lockfile} is hidden by .gitignore; scan that file by name");
        }
    }
}
