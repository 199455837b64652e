//! From targets to dependency files that were read: each file once, by the extractor that knows it.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::ScanRequest;
use crate::{
    advisory::index::writer::sha256,
    inventory::{self, Extracted, Extractor, FileState, Folders, coverage::folder},
    model::{Reason, Unchecked, unchecked::Why},
    report::{Placed, ReportTarget, model::Parts},
    tree::{Disk, Files, FoundFile, Limits, Target, TargetKind, limits::ReadError},
};

/// A dependency file, read.
pub(super) struct Read {
    /// The target, as an index into the report's targets.
    pub(super) target: usize,
    /// Relative to the target.
    pub(super) path: String,
    /// Links to the same file.
    pub(super) also_at: Vec<String>,
    /// What it says.
    pub(super) extracted: Extracted,
}

impl Read {
    pub(super) fn new(target: usize, path: impl Into<String>, extracted: Extracted) -> Self {
        Self { target, path: path.into(), also_at: Vec::new(), extracted }
    }
}

/// Reads the dependency files of a target; what it holds besides goes into `parts`.
pub(super) fn read_target(at: usize, target: &Target, request: &ScanRequest, parts: &mut Parts) -> Vec<Read> {
    let source = Disk::new(target.folder());
    let mut digest = None;
    let files = match target.kind {
        TargetKind::Directory | TargetKind::Rootfs | TargetKind::Environment => read_directory(at, target, &source, request, parts),
        TargetKind::Image => vec![not_yet(at, target)],
        TargetKind::Lockfile => {
            let (files, sha256) = read_single(at, &target.name(), &source, &request.limits);
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

fn read_directory(at: usize, target: &Target, source: &dyn Files, request: &ScanRequest, parts: &mut Parts) -> Vec<Read> {
    let listing = source.list(request.threads, &|path| inventory::by_name(path).is_some());
    parts.skipped.extend(listing.skipped.into_iter().map(|item| Placed { target: at, item }));
    // A dependency file that cannot even be reached was still found.
    let lost = listing.unchecked.into_iter().map(|item| Read::new(at, item.path.clone(), unreadable(item)));
    let mut files: Vec<Read> = lost.collect();
    if target.kind == TargetKind::Environment {
        files.push(not_yet(at, target));
    }
    files.par_extend(listing.files.into_par_iter().filter_map(|file| {
        let extractor = inventory::by_name(&file.path)?;
        let extracted = read_file(&file, source, extractor, &request.limits);
        Some(Read { also_at: file.also_at, ..Read::new(at, file.path, extracted) })
    }));
    files
}

fn unreadable(item: Unchecked) -> Extracted {
    Extracted { file: FileState::NotRead, unchecked: vec![item], ..Extracted::default() }
}

fn read_file(file: &FoundFile, source: &dyn Files, extractor: &dyn Extractor, limits: &Limits) -> Extracted {
    match source.read(file, limits) {
        Ok(bytes) => extractor.extract(&file.path, &bytes),
        Err(error) => refused(&file.path, &error, limits),
    }
}

fn refused(path: &str, error: &ReadError, limits: &Limits) -> Extracted {
    match error {
        ReadError::Io(error) => Extracted::not_read(path, None, Reason::Unreadable, 0, format!("it cannot be read: {error}")),
        ReadError::TooLarge => Extracted::not_read(path, None, Reason::TooLarge, 0, format!("it is larger than {} MiB", limits.file >> 20)),
    }
}

/// A target that is one file: by its name, else by its content; a manifest brings the lockfile beside it.
fn read_single(at: usize, name: &str, source: &dyn Files, limits: &Limits) -> (Vec<Read>, Option<String>) {
    let Some(file) = source.find(name) else { return (Vec::new(), None) };
    let bytes = match source.read(&file, limits) {
        Ok(bytes) => bytes,
        Err(error) => return (vec![Read::new(at, name, refused(name, &error, limits))], None),
    };
    let digest = Some(format!("sha256:{}", sha256(&bytes)));
    let Some(extractor) = inventory::by_name(name).or_else(|| inventory::by_content(&bytes)) else {
        let detail = "neither its name nor its content is that of a dependency file that overdue knows";
        return (vec![Read::new(at, name, Extracted::not_understood(name, None, detail))], digest);
    };
    let extracted = extractor.extract(name, &bytes);
    let beside: Vec<&str> = extracted.coverage.iter().flat_map(|c| c.lockfiles.iter().copied()).collect();
    let mut files = vec![Read::new(at, name, extracted)];
    for lockfile in beside {
        if let (Some(extractor), Some(file)) = (inventory::by_name(lockfile), source.find(lockfile)) {
            files.push(Read::new(at, lockfile, read_file(&file, source, extractor, limits)));
        }
    }
    (files, digest)
}

/// A manifest whose lockfile was found needs no check of its own, and does not count as a file.
pub(super) fn settle_coverage(files: &mut [Read]) {
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
pub(super) fn name_hidden_lockfiles(files: &mut [Read], parts: &Parts) {
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
