//! `overdue policy check [FILE]`: what is wrong with a policy.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    files::{Loaded, bytes, read},
    find::{Side, find, read_found},
};
use crate::{
    cli::{
        Exit,
        args::{Global, PolicyCheckArgs, PolicyFormat},
        environment,
        exit::Failure,
        output::print,
        scan::view,
    },
    inventory::project_version::{FILES, ProjectVersion, project_version},
    policy::{
        check::{Facts, Level, check, of_config},
        coverage::Numbers,
    },
    report::policies::{Checked, CheckedFile},
    tree::{repository::checkout, tags::tags},
};

/// Checks a policy. Errors in it are what trips: exit code 1.
///
/// # Errors
/// When it cannot be read, or there is none.
pub(super) fn run(args: &PolicyCheckArgs, global: &Global) -> Result<Exit, Failure> {
    let loaded = if let Some(file) = args.file.as_ref().filter(|file| !file.is_dir()) {
        vec![read(file)?]
    } else {
        let found = find(&Side::Disk, args.file.as_deref().unwrap_or(".".as_ref()))?;
        let none = || {
            Failure::usage("there is no SECURITY.md here, up to the root of the repository")
                .hint("name the file to check; `overdue policy init` writes an overdue.toml")
        };
        Some(read_found(&Side::Disk, &found)?).filter(|files| !files.is_empty()).ok_or_else(none)?
    };
    let as_of = args.as_of.unwrap_or_else(environment::now);
    let states = |loaded: &Loaded| loaded.reading().states_a_deadline();
    let of = |at: usize| {
        let file = &loaded[at];
        let path = file.source().file().map_or(Path::new(""), |(path, _)| Path::new(path));
        let stated_elsewhere = loaded.iter().enumerate().any(|(other, loaded)| other != at && states(loaded));
        let mut problems = check(file.reading(), &Facts { as_of, versions: versions(path), stated_elsewhere });
        problems.extend(file.config().map(|config| of_config(config, as_of)).unwrap_or_default());
        problems.sort_by_key(|problem| (problem.line.unwrap_or(u32::MAX), problem.level, problem.kind));
        CheckedFile { source: file.source(), text: &file.text, problems }
    };
    let checked = Checked { files: (0..loaded.len()).map(of).collect() };
    let mut bytes = Vec::new();
    let written = match args.format {
        PolicyFormat::Table => checked.table(&view(args.width, global), &mut bytes),
        PolicyFormat::Json => checked.json(&mut bytes),
    };
    written.map_err(|error| Failure::usage(format!("cannot write the outcome: {error}")))?;
    print(&bytes)?;
    Ok(if checked.count(Level::Error) > 0 { Exit::Gate } else { Exit::Success })
}

/// The versions that the project of a policy gives itself: in the manifests beside it, and its newest tag.
fn versions(policy: &Path) -> Vec<ProjectVersion> {
    let folder = policy.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_below = folder.file_name().is_some_and(|name| name == ".github" || name == "docs");
    let project: PathBuf = if is_below { folder.join("..") } else { folder.to_owned() };
    let manifest = |name: &&str| bytes(&project.join(name)).ok().and_then(|bytes| project_version(name, &bytes));
    let mut found: Vec<ProjectVersion> = FILES.iter().filter_map(manifest).collect();
    let is_root = |root: &PathBuf| fs::canonicalize(&project).is_ok_and(|project| project == *root);
    if let Some(root) = checkout(&project).filter(is_root) {
        let releases = tags(&root).into_iter().filter(|tag| Numbers::is_release(tag));
        let newest = releases.filter_map(|tag| Numbers::of(&tag).map(|numbers| (numbers, tag))).max();
        found.extend(newest.map(|(_, tag)| ProjectVersion { version: tag, path: "newest tag".to_owned(), line: 0 }));
    }
    found
}
