//! Floor 6: the story of a scan, in a straight line: targets, files, packages, findings, judgements, report.

use std::{
    collections::{BTreeMap, HashMap, HashSet, btree_map::Entry},
    path::Path,
};

use rayon::prelude::*;

use crate::{
    advisory::{Index, IndexError, Store, index::writer::sha256},
    inventory::{self, Extracted, Extractor, FileState, Folders, coverage::folder, rust_toolchain},
    matching::{Manifest, Matched, match_manifest},
    model::{Ecosystem, Reason, Timestamp, Unchecked, unchecked::Why},
    policy::{FailOn, Policy, judge},
    report::{Counts, DataUse, Judged, Placed, Report, ReportTarget, model::Parts},
    tree::{self, Limits, Target, TargetError, TargetKind, limits::ReadError},
};

/// Everything that a scan depends on. The same request over the same files gives the same report.
#[derive(Debug)]
pub struct ScanRequest {
    /// What to scan, as given.
    pub targets: Vec<String>,
    /// Where the advisories are.
    pub store: Store,
    /// What findings are judged by.
    pub policy: Policy,
    /// The moment of judging.
    pub as_of: Timestamp,
    /// Advisory data older than this, in seconds, makes the result incomplete.
    pub max_db_age: i64,
    /// What trips the gate.
    pub fail_on: FailOn,
    /// A version of the Rust distribution to check besides.
    pub rust_version: Option<String>,
    /// A target without dependency files is fine.
    pub allow_empty: bool,
    /// How many threads walk directories.
    pub threads: usize,
    /// How much is read.
    pub limits: Limits,
}

/// Why there is no report at all.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// A target cannot be read: the caller's error.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The advisory data cannot be trusted.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// `--rust-version` is no version.
    #[error("`{0}` is no version of Rust, as 1.70.0")]
    RustVersion(String),
}

/// A dependency file, read.
struct Read {
    target: usize,
    path: String,
    /// Links to the same file.
    also_at: Vec<String>,
    extracted: Extracted,
}

impl Read {
    fn new(target: usize, path: impl Into<String>, extracted: Extracted) -> Self {
        Self { target, path: path.into(), also_at: Vec::new(), extracted }
    }
}

/// Scans.
///
/// # Errors
/// Only what leaves nothing to report: see [`ScanError`]. What could not be checked is in the report.
pub fn scan(request: &ScanRequest) -> Result<Report, ScanError> {
    let targets: Vec<Target> = request.targets.iter().map(|given| Target::new(given)).collect::<Result<_, _>>()?;
    let mut parts = empty_parts(request);
    let mut files = Vec::new();
    for (at, target) in targets.iter().enumerate() {
        files.extend(read_target(at, target, request, &mut parts));
    }
    files.extend(toolchain_of(request)?);
    settle_coverage(&mut files);
    name_hidden_lockfiles(&mut files, &parts);
    let indexes = open_indexes(&files, &request.store)?;
    let matched: Vec<Matched> = files.par_iter().map(|file| match_file(file, &indexes)).collect::<Result<_, _>>()?;

    for (file, matched) in files.into_iter().zip(matched) {
        count(&file, &mut parts);
        let place = |item: Unchecked| Placed { target: file.target, item };
        parts.unchecked.extend(file.extracted.unchecked.into_iter().chain(matched.unchecked).map(place));
        parts.skipped.extend(file.extracted.skipped.into_iter().map(|item| Placed { target: file.target, item }));
        parts.findings.extend(matched.findings.into_iter().map(|finding| {
            let judgement = judge(&finding, &request.policy, request.as_of);
            Judged { finding, judgement }
        }));
    }
    parts.data = indexes.into_values().flatten().map(|index| data_use(&index, request)).collect();
    Ok(Report::new(parts))
}

fn empty_parts(request: &ScanRequest) -> Parts {
    Parts {
        as_of: request.as_of,
        targets: Vec::new(),
        data: Vec::new(),
        policies: vec![request.policy.clone()],
        files: Counts::default(),
        packages_found: 0,
        own: 0,
        findings: Vec::new(),
        unchecked: Vec::new(),
        skipped: Vec::new(),
        fail_on: request.fail_on.clone(),
    }
}

/// Reads the dependency files of a target; what it holds besides goes into `parts`.
fn read_target(at: usize, target: &Target, request: &ScanRequest, parts: &mut Parts) -> Vec<Read> {
    let mut digest = None;
    let files = match target.kind {
        TargetKind::Directory | TargetKind::Rootfs | TargetKind::Environment => read_directory(at, target, request, parts),
        TargetKind::Image => vec![not_yet(at, target)],
        TargetKind::Lockfile => {
            let (files, sha256) = read_single(at, target, &request.limits);
            digest = sha256;
            files
        }
    };
    parts.targets.push(ReportTarget { path: target.given.clone(), kind: target.kind.as_str(), digest });
    let nothing = files.iter().all(|file| file.extracted.file == FileState::Irrelevant);
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
    files
}

fn not_yet(at: usize, target: &Target) -> Read {
    let path = target.name();
    let detail = format!("{} targets are not read yet", target.kind.as_str());
    Read::new(at, &*path, Extracted::not_read(&path, None, Reason::UnsupportedFormat, 0, detail))
}

fn read_directory(at: usize, target: &Target, request: &ScanRequest, parts: &mut Parts) -> Vec<Read> {
    let listing = tree::list(&target.path, request.threads, &|path| inventory::by_name(path).is_some());
    parts.skipped.extend(listing.skipped.into_iter().map(|item| Placed { target: at, item }));
    // A dependency file that cannot even be reached was still found.
    let lost = listing.unchecked.into_iter().map(|item| Read::new(at, item.path.clone(), unreadable(item)));
    let mut files: Vec<Read> = lost.collect();
    if target.kind == TargetKind::Environment {
        files.push(not_yet(at, target));
    }
    files.par_extend(listing.files.into_par_iter().filter_map(|file| {
        let extractor = inventory::by_name(&file.path)?;
        let extracted = read_file(&file.path, &file.absolute, extractor, &request.limits);
        Some(Read { also_at: file.also_at, ..Read::new(at, file.path, extracted) })
    }));
    files
}

fn unreadable(item: Unchecked) -> Extracted {
    Extracted { file: FileState::NotRead, unchecked: vec![item], ..Extracted::default() }
}

fn read_file(path: &str, absolute: &Path, extractor: &dyn Extractor, limits: &Limits) -> Extracted {
    match limits.read(absolute) {
        Ok(bytes) => extractor.extract(path, &bytes),
        Err(error) => refused(path, &error, limits),
    }
}

fn refused(path: &str, error: &ReadError, limits: &Limits) -> Extracted {
    match error {
        ReadError::Io(error) => Extracted::not_read(path, None, Reason::Unreadable, 0, format!("it cannot be read: {error}")),
        ReadError::TooLarge => Extracted::not_read(path, None, Reason::TooLarge, 0, format!("it is larger than {} MiB", limits.file >> 20)),
    }
}

/// A target that is one file: by its name, else by its content; a manifest brings the lockfile beside it.
fn read_single(at: usize, target: &Target, limits: &Limits) -> (Vec<Read>, Option<String>) {
    let name = target.name();
    let bytes = match limits.read(&target.path) {
        Ok(bytes) => bytes,
        Err(error) => return (vec![Read::new(at, &*name, refused(&name, &error, limits))], None),
    };
    let digest = Some(format!("sha256:{}", sha256(&bytes)));
    let Some(extractor) = inventory::by_name(&name).or_else(|| inventory::by_content(&bytes)) else {
        let detail = "neither its name nor its content is that of a dependency file that overdue knows";
        return (vec![Read::new(at, &*name, Extracted::not_understood(&name, None, detail))], digest);
    };
    let extracted = extractor.extract(&name, &bytes);
    let beside: Vec<&str> = extracted.coverage.iter().flat_map(|c| c.lockfiles.iter().copied()).collect();
    let mut files = vec![Read::new(at, name, extracted)];
    for lockfile in beside {
        let path = target.path.with_file_name(lockfile);
        if let Some(extractor) = inventory::by_name(lockfile).filter(|_| path.is_file()) {
            files.push(Read::new(at, lockfile, read_file(lockfile, &path, extractor, limits)));
        }
    }
    (files, digest)
}

fn toolchain_of(request: &ScanRequest) -> Result<Option<Read>, ScanError> {
    let Some(version) = &request.rust_version else { return Ok(None) };
    let package = rust_toolchain::package(version, 1).ok_or_else(|| ScanError::RustVersion(version.clone()))?;
    // It is a package, but no file.
    let extracted = Extracted { file: FileState::Irrelevant, packages: vec![package], ..Extracted::default() };
    Ok(Some(Read::new(0, "--rust-version", extracted)))
}

/// A manifest whose lockfile was found needs no check of its own, and does not count as a file.
fn settle_coverage(files: &mut [Read]) {
    let mut targets: HashMap<usize, Folders<'_>> = HashMap::new();
    for file in files.iter() {
        let folders = targets.entry(file.target).or_default();
        for path in std::iter::once(&file.path).chain(&file.also_at) {
            folders.add(path, &file.extracted);
        }
    }
    let covered: Vec<bool> =
        files.iter().map(|file| targets.get(&file.target).is_some_and(|f| f.cover(&file.path, &file.extracted))).collect();
    for (file, _) in files.iter_mut().zip(covered).filter(|(_, covered)| *covered) {
        file.extracted = Extracted { file: FileState::Irrelevant, ..Extracted::default() };
    }
}

/// Whoever ignores the lockfile in git finds the manifest unchecked, and wants to know why.
fn name_hidden_lockfiles(files: &mut [Read], parts: &Parts) {
    let hidden: HashSet<(usize, &str)> =
        parts.skipped.iter().filter(|s| s.item.why == Why::Ignored).map(|s| (s.target, s.item.path.as_str())).collect();
    for file in files {
        let Some(coverage) = &file.extracted.coverage else { continue };
        let beside = |name: &&str| format!("{}{name}", folder(&file.path));
        let lockfile = coverage.lockfiles.iter().map(beside).find(|path| hidden.contains(&(file.target, path.as_str())));
        if let (Some(lockfile), Some(unchecked)) = (lockfile, file.extracted.unchecked.first_mut()) {
            unchecked.detail = format!("its lockfile {lockfile} is hidden by .gitignore; scan that file by name");
        }
    }
}

/// The data of every ecosystem that a package is of; `None` where there is none.
fn open_indexes(files: &[Read], store: &Store) -> Result<BTreeMap<Ecosystem, Option<Index>>, IndexError> {
    let mut indexes = BTreeMap::new();
    for package in files.iter().flat_map(|file| &file.extracted.packages) {
        let base = package.ecosystem.base();
        if let Entry::Vacant(place) = indexes.entry(base) {
            let index = store.open(place.key())?;
            place.insert(index);
        }
    }
    Ok(indexes)
}

fn match_file(file: &Read, indexes: &BTreeMap<Ecosystem, Option<Index>>) -> Result<Matched, IndexError> {
    let Extracted { packages, graph, .. } = &file.extracted;
    let manifest = Manifest { target: file.target, path: &file.path, packages, graph };
    match_manifest(&manifest, &|ecosystem| indexes.get(ecosystem).and_then(Option::as_ref))
}

fn count(file: &Read, parts: &mut Parts) {
    match file.extracted.file {
        FileState::Read => parts.files.checked += 1,
        FileState::NotRead => parts.files.unchecked += 1,
        FileState::Irrelevant => {}
    }
    let unchecked: u64 = file.extracted.unchecked.iter().map(|u| u64::from(u.packages)).sum();
    parts.packages_found += file.extracted.packages.len() as u64 + unchecked;
    parts.own += file.extracted.own.len() as u64;
}

fn data_use(index: &Index, request: &ScanRequest) -> DataUse {
    let metadata = index.metadata().clone();
    // Data without a date cannot be shown to be fresh.
    let stale = metadata.data_date.is_none_or(|date| request.as_of.seconds() - date.seconds() > request.max_db_age);
    DataUse { metadata, stale }
}
