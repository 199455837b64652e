//! The story of a scan, in a straight line.

use std::collections::{BTreeMap, btree_map::Entry};

use rayon::prelude::*;

use super::{
    Against, ScanError, ScanRequest, constraints, covered, exclusions,
    files::{Read, name_hidden_lockfiles, read_target, settle_overlaps},
    history::History,
    links,
    lost::name_lost_files,
};
use crate::{
    advisory::{
        Index, IndexError, Store,
        feed::{Feed, FeedMetadata, Feeds},
    },
    inventory::{Extracted, FileState, rust_toolchain},
    matching::{Manifest, Matched, cves, match_manifest},
    model::{Ecosystem, Package, Timestamp, Unchecked},
    policy::judge,
    report::{Counts, DataUse, FeedUse, Judged, Placed, Report, comparison::Side, model::Parts},
    tree::{self, Disk, Files, Target},
};

/// Scans.
///
/// # Errors
/// Only what leaves nothing to report: see [`ScanError`]. What could not be checked is in the report.
pub fn scan(request: &ScanRequest) -> Result<Report, ScanError> {
    let targets: Vec<Target> = request.targets.iter().map(|given| Target::new(given)).collect::<Result<_, _>>()?;
    let on_disk: Vec<Box<dyn Files>> = targets.iter().map(|target| Box::new(Disk::new(target.folder())) as Box<dyn Files>).collect();
    match &request.against {
        Against::Nothing => look(request, &targets, &on_disk, None),
        Against::Report(before) => look(request, &targets, &on_disk, Some(before.clone())),
        Against::Revision(range) => {
            let history = History::open(&targets, range)?;
            let before = look(request, &targets, &history.before()?, None)?;
            let label = (range.given.clone(), history.commit().map(str::to_owned));
            let before = Side { label: label.0, commit: label.1, ..Side::from(&before) };
            match history.after() {
                Some(after) => look(request, &targets, &after?, Some(before)),
                None => look(request, &targets, &on_disk, Some(before)),
            }
        }
    }
}

/// One side of a scan: the targets, with the files that `sources` has for each of them.
fn look(request: &ScanRequest, targets: &[Target], sources: &[Box<dyn Files + '_>], baseline: Option<Side>) -> Result<Report, ScanError> {
    let mut parts = Parts { baseline, ..empty_parts(request) };
    let mut files = Vec::new();
    let bases = tree::bases(&targets.iter().map(Target::folder).collect::<Vec<_>>());
    for (at, ((target, base), source)) in targets.iter().zip(&bases).zip(sources).enumerate() {
        let mut read = read_target(at, (target, base), &**source, request, &mut parts)?;
        links::follow(at, &mut read, &**source, &request.limits)?;
        files.extend(read);
    }
    links::join_installed(&mut files);
    exclusions::apply(&mut files, request);
    constraints::apply(&mut files);
    covered::settle(&mut files);
    exclusions::leave_to_others(&mut files, &request.policy.elsewhere, targets, &mut parts);
    name_hidden_lockfiles(&mut files, &parts);
    settle_overlaps(&mut files, &mut parts);
    let toolchain = toolchain_of(request)?.filter(|toolchain| !files.iter().any(|file| names_it_too(file, toolchain)));
    files.extend(toolchain);
    let indexes = open_indexes(&files, &request.store)?;
    let feeds = Feeds::open(request.store.folder())?;
    let matched: Vec<Matched> = files.par_iter().map(|file| match_file(file, &indexes, &feeds)).collect::<Result<_, _>>()?;

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
    name_lost_files(&mut parts, sources);
    parts.feeds = feeds.all().iter().map(|feed| feed_use(&feed.metadata, request)).collect();
    parts.data = indexes.into_values().flatten().map(|index| data_use(&index, request)).collect();
    Ok(Report::new(parts))
}

fn empty_parts(request: &ScanRequest) -> Parts {
    Parts {
        as_of: request.as_of,
        targets: Vec::new(),
        data: Vec::new(),
        feeds: Vec::new(),
        policies: vec![request.policy.clone()],
        files: Counts::default(),
        packages_found: 0,
        own: 0,
        excluded: 0,
        findings: Vec::new(),
        unchecked: Vec::new(),
        skipped: Vec::new(),
        files_read: Vec::new(),
        fail_on: request.fail_on.clone(),
        baseline: None,
    }
}

/// Whether a toolchain file names the version that was asked for besides.
fn names_it_too(file: &Read, toolchain: &Read) -> bool {
    let same = |a: &Package, b: &Package| (&a.ecosystem, &a.name, &a.wanted) == (&b.ecosystem, &b.name, &b.wanted);
    toolchain.extracted.packages.iter().all(|package| file.extracted.packages.iter().any(|other| same(package, other)))
}

fn toolchain_of(request: &ScanRequest) -> Result<Option<Read>, ScanError> {
    let Some(version) = &request.rust_version else { return Ok(None) };
    let package = rust_toolchain::package(version, 1).ok_or_else(|| ScanError::RustVersion(version.clone()))?;
    // It is a package, but no file.
    let extracted = Extracted { file: FileState::Irrelevant, packages: vec![package], ..Extracted::default() };
    Ok(Some(Read::new(0, "--rust-version", "rust_toolchain", extracted)))
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

fn match_file(file: &Read, indexes: &BTreeMap<Ecosystem, Option<Index>>, feeds: &Feeds) -> Result<Matched, IndexError> {
    let Extracted { packages, graph, .. } = &file.extracted;
    let manifest = Manifest { target: file.target, path: &file.path, packages, graph };
    let mut matched = match_manifest(&manifest, &|ecosystem| indexes.get(ecosystem).and_then(Option::as_ref))?;
    matched.findings.iter_mut().try_for_each(|finding| cves::complete(finding, feeds))?;
    Ok(matched)
}

fn count(file: &Read, parts: &mut Parts) {
    match file.extracted.file {
        FileState::Read => parts.files.checked += 1,
        FileState::NotRead => parts.files.unchecked += 1,
        FileState::Irrelevant => {}
    }
    if file.extracted.file != FileState::Irrelevant {
        parts.files_read.push(Placed { target: file.target, item: file.summary() });
    }
    let unchecked: u64 = file.extracted.unchecked.iter().map(|u| u64::from(u.packages)).sum();
    parts.packages_found += file.extracted.packages.len() as u64 + unchecked;
    parts.own += file.extracted.own.len() as u64;
    parts.excluded += file.excluded;
}

fn data_use(index: &Index, request: &ScanRequest) -> DataUse {
    let metadata = index.metadata().clone();
    DataUse { stale: is_stale(metadata.data_date, request), metadata }
}

fn feed_use(metadata: &FeedMetadata, request: &ScanRequest) -> FeedUse {
    let stale = metadata.feed != Feed::Scores && is_stale(metadata.data_date, request);
    FeedUse { metadata: metadata.clone(), stale }
}

/// Data without a date cannot be shown to be fresh.
fn is_stale(date: Option<Timestamp>, request: &ScanRequest) -> bool {
    date.is_none_or(|date| request.as_of.seconds() - date.seconds() > request.max_db_age)
}
