//! One image: its dependency files, its system's packages and its programs.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{ScanRequest, files::Read, links::Referred},
    interest::{is_list_of_vendored, is_part_of_installed, is_vendored, recognised},
    owners::Owners,
    programs,
    rooms::{Inventory, Rooms},
    system::{self, System},
};
use crate::{
    inventory::{Extracted, Extractor, FileState, foreign, lines::shorten, ownership},
    model::{Ecosystem, Reason, Skipped, Unchecked, unchecked::Why},
    report::{Placed, model::Parts},
    tree::{Files, FoundFile, GitError, Limits, image::Image},
};

/// Reads an image; what it holds besides goes into `parts`.
pub(in crate::scan) fn read(
    at: usize,
    image: &Image,
    rooms: &Rooms,
    request: &ScanRequest,
    parts: &mut Parts,
) -> Result<Vec<Read>, GitError> {
    let mut inventory = Inventory::new(rooms);
    let listing = image.list(request.threads, &|path| recognised(path).is_some() || is_list_of_vendored(path))?;
    let mut listed = listing.files;
    for path in system::PLACES.into_iter().filter(|path| !listed.iter().any(|file| file.path == *path)).collect::<Vec<_>>() {
        // A link may have taken the folder of a database somewhere else.
        listed.extend(image.find(path)?.filter(|found| !listed.iter().any(|file| Some(&file.path) == found.real.as_ref())));
    }
    let place = |item: Skipped| Placed { target: at, item };
    parts.skipped.extend(listing.skipped.into_iter().map(place));
    // What lies in installed packages beside their metadata is theirs.
    let theirs: Vec<FoundFile> = listed.extract_if(.., |file| is_part_of_installed(&file.path) && !is_vendored(&file.path)).collect();
    let part = |file: FoundFile| Skipped { path: file.path, reason: "a part of an installed package".to_owned(), why: Why::Usual };
    parts.skipped.extend(theirs.into_iter().map(part).map(place));
    let format = |path: &str| recognised(path).map_or("unknown", Extractor::name);
    let lost = listing.unchecked.into_iter().map(|item| Read::lost(at, format(&item.path), item));
    lost.for_each(|read| inventory.take(read));
    let limits = Limits { file: request.images.limits.file };
    let one = |file: FoundFile| match recognised(&file.path) {
        Some(extractor) if extractor.needs_content() => Read::file(at, file, &rooms.bounded(extractor), image, &limits),
        Some(extractor) => Ok(Read::by_name(at, file, extractor)),
        None => Read::file(at, file, &rooms.bounded(&Referred), image, &limits),
    };
    // If there is no room for all, the system's own packages come first.
    listed.sort_by_key(|file| !recognised(&file.path).is_some_and(|extractor| system::DATABASES.contains(&extractor.name())));
    inventory.read(&listed, image, one)?;
    for read in system::unread(at, image) {
        inventory.take(read);
    }
    drop(listed);
    let files = &mut inventory.files;
    set_vendored_apart(at, files, parts);

    let system = system::of(image, &limits)?;
    let installed = system::installed(files);
    system::settle(files, at, &system);
    let mut paths: Vec<String> = files.iter().flat_map(Read::paths).map(str::to_owned).collect();
    paths.extend(image.programs().into_iter().map(|program| program.path));
    let foreign = image.named().into_iter().filter(|file| foreign::installed(&file.path).is_some()).map(|file| file.path);
    let foreign: Vec<String> = foreign.collect();
    paths.extend(foreign.iter().cloned());
    let owners = Owners::of(&paths, &installed, image, request)?;
    let has_lists = !image.list(request.threads, &|path| is_system_list(path))?.files.is_empty();
    let is_rpm = files.iter().any(|file| file.format() == system::RPM);
    programs::read(at, image, &mut inventory, &owners, has_lists || !is_rpm, &limits)?;
    if let System::Known { name, ecosystem } = &system
        && has_advisories(request, ecosystem)
    {
        leave_to_distribution(&mut inventory.files, &owners, name);
    }
    without_metadata(at, image, request, &mut inventory)?;
    name_foreign(at, &foreign, &owners, &mut inventory);
    parts.unchecked.extend(image.faults.iter().cloned().map(|item| Placed { target: at, item }));
    Ok(inventory.end(at))
}

fn is_system_list(path: &str) -> bool {
    ownership::recognises(path) && (path.starts_with("var/lib/dpkg/") || path.ends_with("lib/apk/db/installed"))
}

/// What a project carries along from others is counted, and is its own to renew: advisories about it speak of the project.
fn set_vendored_apart(at: usize, files: &mut Vec<Read>, parts: &mut Parts) {
    // A list and what it lists may both be there.
    let mut trees: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut told: Vec<Read> = Vec::new();
    for file in files.extract_if(.., |file| is_vendored(&file.path)) {
        let root = file.path.split_inclusive('/').scan(false, |done, part| {
            let goes_on = !*done;
            *done |= matches!(part, "_vendor/" | "_bundled/");
            goes_on.then_some(part)
        });
        let counts = trees.entry(root.collect()).or_default();
        let found = file.extracted.packages.len() as u64;
        if is_list_of_vendored(&file.path) {
            counts.0 += found;
        } else {
            counts.1 += found;
        }
        told.push(file);
    }
    // What of it cannot be read is told like anything else.
    told.retain(|file| !file.extracted.unchecked.is_empty() || file.extracted.file == FileState::NotRead);
    for file in &mut told {
        file.extracted.packages.clear();
    }
    files.extend(told);
    for (path, (listed, found)) in trees {
        let count = listed.max(found);
        parts.vendored += count;
        let packages = if count == 1 { "package".to_owned() } else { format!("{count} packages") };
        let reason = format!("a vendored tree of {packages}, the business of whoever vendors it");
        let path = path.trim_end_matches('/').to_owned();
        parts.skipped.push(Placed { target: at, item: Skipped { path, reason, why: Why::Usual } });
    }
}

/// Whether there are advisories that a distribution's packages are judged under. One whose data is damaged ends the scan
/// elsewhere.
fn has_advisories(request: &ScanRequest, ecosystem: &Ecosystem) -> bool {
    let index = request.store.open(&ecosystem.base()).ok().flatten();
    index.is_some_and(|index| ecosystem.release().is_none_or(|release| index.has_release(release).unwrap_or_default()))
}

/// Installed packages of which only the list of files is left: which version they are of nobody can tell.
fn without_metadata(at: usize, image: &Image, request: &ScanRequest, inventory: &mut Inventory<'_>) -> Result<(), GitError> {
    let known: BTreeSet<String> = inventory.files.iter().filter_map(|file| Some(file.path.strip_suffix("/METADATA")?.to_owned())).collect();
    let lists = image.list(request.threads, &|path| path.ends_with(".dist-info/RECORD") && !is_vendored(path))?.files;
    let lost = lists.into_iter().filter(|list| list.path.strip_suffix("/RECORD").is_some_and(|folder| !known.contains(folder)));
    let read = |list: FoundFile| {
        let detail = "the list of an installed package's files is there, and the METADATA that would say which one it is are not";
        Read::new(at, list.path.clone(), "dist_info", Extracted::not_read(&list.path, None, Reason::MissingEntry, 1, detail))
    };
    lost.map(read).for_each(|read| inventory.take(read));
    Ok(())
}

/// What a distribution's package brought is judged once, as that package, under the distribution's advisories: it mends
/// versions without changing their numbers.
fn leave_to_distribution(files: &mut [Read], owners: &Owners, name: &str) {
    let is_its = |file: &&Read| system::DATABASES.contains(&file.format()) && !system::is_nested(&file.path);
    let database = files.iter().find(is_its).map(|file| file.path.clone());
    for file in files.iter_mut().filter(|file| !system::DATABASES.contains(&file.format())) {
        let owner = file.paths().find_map(|path| owners.distribution(path)).map(shorten);
        let Some(owner) = owner else { continue };
        file.covered +=
            file.extracted.packages.len() as u64 + file.extracted.unchecked.iter().map(|item| u64::from(item.packages)).sum::<u64>();
        file.extracted.packages.clear();
        file.extracted.unchecked.clear();
        file.extracted.coverage = None;
        file.extracted.references.clear();
        if file.extracted.file == FileState::NotRead {
            file.extracted.file = FileState::Read;
        }
        file.covered_by.extend(database.clone());
        file.covered_because = Some(format!("the package {owner} of {name} brought it, and is judged under its advisories"));
    }
}

/// Installed packages of ecosystems that are not read, by the folder that they are in.
fn name_foreign(at: usize, paths: &[String], owners: &Owners, inventory: &mut Inventory<'_>) {
    let mut folders: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for path in paths.iter().filter(|path| owners.distribution(path).is_none()) {
        if let Some((what, folder)) = foreign::installed(path) {
            *folders.entry((folder, what)).or_default() += 1;
        }
    }
    let read = |((folder, what), count): ((&str, &str), u32)| {
        let subject = if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") };
        let detail = "overdue does not read these; what they are was not checked".to_owned();
        let path = if folder.is_empty() { "." } else { folder }.to_owned();
        let item = Unchecked { path: path.clone(), line: None, subject, packages: count, reason: Reason::UnsupportedFormat, detail };
        let extracted = Extracted { file: FileState::Irrelevant, unchecked: vec![item], ..Default::default() };
        Read::new(at, path, "foreign", extracted)
    };
    folders.into_iter().map(read).for_each(|read| inventory.take(read));
}
