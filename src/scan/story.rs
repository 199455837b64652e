//! The story of a scan, in a straight line.

use std::collections::{BTreeMap, btree_map::Entry};

use rayon::prelude::*;

use super::{
    Against, ScanError, ScanRequest, checks, circumstances, constraints, covered, exclusions,
    files::{Read, name_hidden_lockfiles, read_target, settle_overlaps},
    history::History,
    image, links,
    lost::name_lost_files,
    policies::Applied,
    request::MAX_DB_AGE,
    subject::{Subject, Subjects, given},
    supported,
};
use crate::{
    advisory::{
        Index, IndexError, Store,
        feed::{Feed, FeedMetadata, Feeds},
    },
    inventory::{Extracted, FileState, rust_toolchain},
    matching::{Estimate, Manifest, Matched, cves, match_within},
    model::{Ecosystem, Package, Reason, Timestamp, Unchecked},
    policy::{Accepted, Circumstances, judge},
    report::{Counts, DataUse, FeedUse, Judged, Placed, Report, Supported, comparison::Side, model::Parts},
    tree::{
        self, Disk, Files, Target,
        image::{Unwatched, Watch},
    },
};

/// Scans.
///
/// # Errors
/// Only what leaves nothing to report: see [`ScanError`]. What could not be checked is in the report.
pub fn scan(request: &ScanRequest) -> Result<Report, ScanError> {
    scan_watched(request, &Unwatched)
}

/// Scans, while somebody watches layers of images being read.
///
/// # Errors
/// As [`scan`].
pub fn scan_watched(request: &ScanRequest, watch: &dyn Watch) -> Result<Report, ScanError> {
    let mut targets: Vec<Target> = request.targets.iter().map(|given| Target::new(given)).collect::<Result<_, _>>()?;
    if !request.images.layers.is_empty() {
        targets.push(Target::of_layers(&request.images.layers)?);
    }
    if let (Against::Revision(_), Some(image)) = (&request.against, targets.iter().find(|target| target.is_image())) {
        return Err(ScanError::NoRevisionOfImages(image.given.clone()));
    }
    let opened = image::open(request, &targets, watch)?;
    let on_disk: Vec<Box<dyn Files>> = targets.iter().map(|target| Box::new(Disk::new(target.folder())) as Box<dyn Files>).collect();
    let bases = tree::bases(&targets.iter().map(Target::folder).collect::<Vec<_>>());
    let subjects = Subjects { targets: &targets, bases: &bases, opened: &opened };
    match &request.against {
        Against::Nothing if request.supported => {
            let mut applied = Applied::new(request);
            let lines = supported::find(request, &targets, &mut applied)?;
            let mut all = subjects.with(&on_disk);
            let first = all.len();
            all.extend(lines.releases.iter().map(|(given, release, revision)| Subject {
                target: &targets[*given],
                base: &bases[*given],
                source: revision,
                given: *given,
                release: Some(release.clone()),
                image: None,
                memory: None,
            }));
            let unlooked = lines.unlooked.iter().map(|(target, line, why)| not_looked_at(*target, line, why)).collect();
            let supported = Some(lines.told(first));
            look_besides(request, &all, None, Depth::Whole, Besides { supported, unlooked })
        }
        Against::Nothing => look(request, &subjects.with(&on_disk), None, Depth::Whole),
        Against::Report(before) => look(request, &subjects.with(&on_disk), Some(before.clone()), Depth::Whole),
        Against::Revision(range) => {
            let history = History::open(&targets, range)?;
            let before = look(request, &subjects.with(&history.before()?), None, Depth::Findings)?;
            let label = (range.given.clone(), history.commit().map(str::to_owned));
            let before = Side { label: label.0, commit: label.1, ..Side::from(&before) };
            match history.after() {
                Some(after) => look(request, &subjects.with(&after?), Some(before), Depth::Whole),
                None => look(request, &subjects.with(&on_disk), Some(before), Depth::Whole),
            }
        }
    }
}

/// How much is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// What was found, and what the policies make of it.
    Whole,
    /// What was found; the judgement only as far as the advisories tell.
    Findings,
}

/// One side of a scan: the targets, each with the files that it has there.
pub(super) fn look(request: &ScanRequest, subjects: &[Subject<'_>], baseline: Option<Side>, depth: Depth) -> Result<Report, ScanError> {
    look_besides(request, subjects, baseline, depth, Besides::default())
}

/// What is known of supported releases before any file is read.
#[derive(Default)]
struct Besides {
    supported: Option<Supported>,
    unlooked: Vec<Placed<Unchecked>>,
}

/// A line of releases that is supported and of which nothing could be looked at.
fn not_looked_at(target: usize, line: &str, why: &str) -> Placed<Unchecked> {
    let (path, subject, detail) = (".".to_owned(), line.to_owned(), format!("the supported line {line}: {why}"));
    Placed { target, item: Unchecked { path, line: None, subject, packages: 0, reason: Reason::NoRelease, detail } }
}

fn look_besides(
    request: &ScanRequest,
    subjects: &[Subject<'_>],
    baseline: Option<Side>,
    depth: Depth,
    besides: Besides,
) -> Result<Report, ScanError> {
    let Besides { supported, unlooked } = besides;
    let mut parts = Parts { baseline, supported, unchecked: unlooked, ..empty_parts(request) };
    let mut applied = Applied::new(request);
    let mut files = Vec::new();
    for (at, subject) in subjects.iter().enumerate() {
        let policy = applied.of_target(subject.given);
        let mut read = read_target(at, subject, policy, request, &mut parts)?;
        let rooms = subject.image.map(|which| &which.held.rooms);
        links::follow(at, &mut read, subject.source, rooms, &request.limits)?;
        files.extend(read);
    }
    links::join_installed(&mut files);
    exclusions::apply(&mut files, request);
    constraints::apply(&mut files);
    covered::settle(&mut files);
    image::settle_installed(&mut files, subjects);
    exclusions::leave_to_others(&mut files, subjects, &applied, &mut parts);
    exclusions::set_private_apart(&mut files, subjects, &applied);
    name_hidden_lockfiles(&mut files, &parts);
    settle_overlaps(&mut files, &mut parts);
    let toolchain = toolchain_of(request)?.filter(|toolchain| !files.iter().any(|file| names_it_too(file, toolchain)));
    files.extend(toolchain);
    let indexes = open_indexes(&files, &request.store)?;
    let feeds = Feeds::open(request.store.folder())?;
    let matched = match_all(&files, subjects, &indexes, &feeds)?;

    let mut findings = Vec::new();
    for (file, matched) in files.into_iter().zip(matched) {
        count(&file, &mut parts);
        let place = |item: Unchecked| Placed { target: file.target, item };
        parts.unchecked.extend(file.extracted.unchecked.into_iter().chain(matched.unchecked).map(place));
        parts.skipped.extend(file.extracted.skipped.into_iter().map(|item| Placed { target: file.target, item }));
        findings.extend(matched.findings);
    }
    image::attribute(&mut findings, subjects, &request.limits);
    name_lost_files(&mut parts, &subjects.iter().map(|subject| subject.source).collect::<Vec<_>>());
    let policies: Vec<usize> = findings.iter().map(|finding| applied.at(given(subjects, finding.target), &finding.manifest)).collect();
    let known = match depth {
        Depth::Whole => circumstances::of(request, subjects, &applied, &findings, &policies, &parts.files_read)?,
        Depth::Findings => vec![Circumstances::default(); findings.len()],
    };
    let judged = findings.into_iter().zip(policies.into_iter().zip(known)).map(|(finding, (policy, known))| {
        let judgement = judge(&finding, applied.policy(policy), &known, request.as_of);
        Judged { finding, judgement, policy }
    });
    parts.findings = judged.collect();
    let max_age = max_db_age(request, &applied, &parts);
    parts.feeds = feeds.all().iter().map(|feed| feed_use(&feed.metadata, request.as_of, max_age)).collect();
    parts.data = indexes.into_values().flatten().map(|index| data_use(&index, request.as_of, max_age)).collect();
    if depth == Depth::Whole {
        parts.accepted = accepted(request, subjects, &applied, &parts);
        parts.checks = checks::all(request, subjects, &applied, &parts)?;
    }
    parts.policies = applied.into_policies();
    Ok(Report::new(parts))
}

/// What was not checked and is accepted so by the policy of its target.
fn accepted(
    request: &ScanRequest,
    subjects: &[Subject<'_>],
    applied: &Applied<'_>,
    parts: &Parts,
) -> BTreeMap<Placed<Unchecked>, Accepted> {
    let of = |placed: &Placed<Unchecked>| {
        let given = subjects.get(placed.target)?.given;
        let config = applied.config(given)?;
        let path = applied.below_policy(given, &placed.item.path);
        let holds = |accepted: &&Accepted| !accepted.has_expired(request.as_of) && accepted.speaks_of(&placed.item, &path);
        config.accepted.iter().find(holds).map(|accepted| (placed.clone(), accepted.clone()))
    };
    parts.unchecked.iter().filter_map(of).collect()
}

/// How old advisory data may be: what the caller says, else the strictest of the policies.
fn max_db_age(request: &ScanRequest, applied: &Applied<'_>, parts: &Parts) -> i64 {
    let stated = parts.targets.iter().filter_map(|target| applied.policy(target.policy).max_db_age).min();
    request.max_db_age.or(stated).unwrap_or(MAX_DB_AGE)
}

fn empty_parts(request: &ScanRequest) -> Parts {
    Parts {
        as_of: request.as_of,
        targets: Vec::new(),
        data: Vec::new(),
        feeds: Vec::new(),
        policies: Vec::new(),
        files: Counts::default(),
        packages_found: 0,
        own: 0,
        excluded: 0,
        vendored: 0,
        findings: Vec::new(),
        unchecked: Vec::new(),
        accepted: BTreeMap::new(),
        checks: Vec::new(),
        supported: None,
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

/// What all files match. What images say matches as far as there is room.
fn match_all(
    files: &[Read],
    subjects: &[Subject<'_>],
    indexes: &BTreeMap<Ecosystem, Option<Index>>,
    feeds: &Feeds,
) -> Result<Vec<Matched>, IndexError> {
    let rooms_of = |file: &Read| Some(&subjects.get(file.target)?.image?.held.rooms);
    let mut all = Vec::with_capacity(files.len());
    // What is of no image is matched side by side, of whatever target it is.
    let belong = |a: &Read, b: &Read| a.target == b.target || (rooms_of(a).is_none() && rooms_of(b).is_none());
    for together in files.chunk_by(belong) {
        match rooms_of(&together[0]) {
            None => {
                let matched: Vec<Matched> =
                    together.par_iter().map(|file| match_known(file, indexes, feeds)).collect::<Result<_, IndexError>>()?;
                all.extend(matched);
            }
            Some(rooms) => all.extend(rooms.matched(together, |file, fits| match_file(file, indexes, feeds, fits))?),
        }
    }
    Ok(all)
}

/// What a file matched before, if the same packages are in it, else what it matches now.
fn match_known(file: &Read, indexes: &BTreeMap<Ecosystem, Option<Index>>, feeds: &Feeds) -> Result<Matched, IndexError> {
    let Some(known) = &file.known else { return match_file(file, indexes, feeds, &|_| true) };
    if let Some(mut matched) = known.matched(&file.extracted.packages) {
        matched.findings.iter_mut().for_each(|finding| finding.target = file.target);
        return Ok(matched);
    }
    let matched = match_file(file, indexes, feeds, &|_| true)?;
    known.remember(&file.extracted.packages, &matched);
    Ok(matched)
}

fn match_file(
    file: &Read,
    indexes: &BTreeMap<Ecosystem, Option<Index>>,
    feeds: &Feeds,
    fits: &dyn Fn(Estimate) -> bool,
) -> Result<Matched, IndexError> {
    let Extracted { packages, graph, .. } = &file.extracted;
    let manifest = Manifest { target: file.target, path: &file.path, packages, graph };
    let mut matched = match_within(&manifest, &|ecosystem| indexes.get(ecosystem).and_then(Option::as_ref), fits)?;
    matched.findings.iter_mut().try_for_each(|finding| cves::complete(finding, feeds))?;
    Ok(matched)
}

fn count(file: &Read, parts: &mut Parts) {
    match file.extracted.file {
        FileState::Read => parts.files.checked += 1,
        FileState::NotRead => parts.files.unchecked += 1,
        FileState::Irrelevant => {}
    }
    parts.files.unchecked += file.beyond;
    if file.extracted.file != FileState::Irrelevant {
        parts.files_read.push(Placed { target: file.target, item: file.summary() });
    }
    let unchecked: u64 = file.extracted.unchecked.iter().map(|u| u64::from(u.packages)).sum();
    parts.packages_found += file.extracted.packages.len() as u64 + unchecked;
    parts.own += file.extracted.own.len() as u64;
    parts.excluded += file.excluded;
}

fn data_use(index: &Index, as_of: Timestamp, max_age: i64) -> DataUse {
    let metadata = index.metadata().clone();
    DataUse { stale: is_stale(metadata.data_date, as_of, max_age), metadata }
}

fn feed_use(metadata: &FeedMetadata, as_of: Timestamp, max_age: i64) -> FeedUse {
    let stale = metadata.feed != Feed::Scores && is_stale(metadata.data_date, as_of, max_age);
    FeedUse { metadata: metadata.clone(), stale }
}

/// Data without a date cannot be shown to be fresh.
fn is_stale(date: Option<Timestamp>, as_of: Timestamp, max_age: i64) -> bool {
    date.is_none_or(|date| as_of.seconds() - date.seconds() > max_age)
}
