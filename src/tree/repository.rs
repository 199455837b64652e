//! The git repository around a target: where it begins, so that paths can be told from its root. Runs no git.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    Objects,
    names::{slashed, way},
};

/// The root of the nearest git repository around a path (its working tree, or a bare repository itself).
fn nearest(path: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(path).ok()?;
    // Files that look like a bare repository may be committed in a working tree, and are none there.
    let tree = real.ancestors().find(|folder| folder.join(".git").exists());
    tree.or_else(|| real.ancestors().find(|folder| is_bare(folder))).map(Path::to_owned)
}

/// The checkout around a folder, and where the folder is in it. A revision is one of the superproject, also for a
/// folder of its submodule.
#[must_use]
pub fn place_in(folder: &Path) -> Option<(PathBuf, String)> {
    let root = checkout(folder)?;
    let real = fs::canonicalize(folder).ok()?;
    let below = real.strip_prefix(&root).ok().map(slashed)?;
    Some((root, below))
}

/// The nearest repository around a folder, a submodule's own as well, and where the folder is in it.
#[must_use]
pub fn nearest_place(folder: &Path) -> Option<(PathBuf, String)> {
    let root = nearest(folder)?;
    let real = fs::canonicalize(folder).ok()?;
    let below = real.strip_prefix(&root).ok().map(slashed)?;
    Some((root, below))
}

/// The nearest repository around a file, and where the file is in it.
#[must_use]
pub fn file_in(file: &Path) -> Option<(PathBuf, String)> {
    // Of a link it is the file itself that has a history.
    let real = fs::canonicalize(file).ok()?;
    let root = nearest(&real)?;
    let below = real.strip_prefix(&root).ok().map(slashed)?;
    Some((root, below))
}

/// The root of the checkout around a path: that of the outermost superproject, where the nearest repository is a
/// submodule of it.
#[must_use]
pub fn checkout(path: &Path) -> Option<PathBuf> {
    let mut root = nearest(path)?;
    while let Some(outer) = root.parent().and_then(nearest).filter(|outer| is_submodule_of(&root, outer)) {
        root = outer;
    }
    Some(root)
}

fn is_bare(folder: &Path) -> bool {
    ["HEAD", "objects", "refs"].iter().all(|name| folder.join(name).exists())
}

/// Whether a repository's files of git lie in the superproject's own: those of a submodule do, in `modules`; those of
/// a linked working tree lie in `worktrees`.
fn is_submodule_of(root: &Path, outer: &Path) -> bool {
    let (own, outer) = (git_folder(root), git_folder(outer));
    own.zip(outer).is_some_and(|(own, outer)| own.starts_with(outer.join("modules")))
}

/// Where git keeps the files of a repository: its `.git`, or where the file of that name points to.
pub(super) fn git_folder(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    if git.is_dir() {
        return fs::canonicalize(git).ok();
    }
    if !git.exists() && is_bare(root) {
        return fs::canonicalize(root).ok();
    }
    let text = fs::read_to_string(git).ok()?;
    fs::canonicalize(root.join(text.strip_prefix("gitdir:")?.trim())).ok()
}

/// The files of git that all working trees of a repository share, as its configuration and tags: beside those of a linked
/// working tree, where its `commondir` points to.
pub(super) fn common_folder(git: &Path) -> PathBuf {
    fs::read_to_string(git.join("commondir")).map_or_else(|_| git.to_owned(), |folder| git.join(folder.trim()))
}

/// The commits at which the history of a shallow clone is cut off (gitrepository-layout(5), `shallow`).
#[must_use]
pub fn cut_off(root: &Path) -> Vec<String> {
    let file = git_folder(root).map(|git| common_folder(&git).join("shallow"));
    let text = file.and_then(|file| fs::read_to_string(file).ok()).unwrap_or_default();
    let commits: Vec<String> = text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
    let Some(objects) = (!commits.is_empty()).then(|| Objects::open(root).ok()).flatten() else { return commits };
    // A clone may be exactly as deep as the history: then its first commit is listed, too, and has no parents.
    let has_parents = |commit: &String| {
        let object = objects.content(commit, "commit", 1 << 20).unwrap_or_default();
        String::from_utf8_lossy(&object).lines().take_while(|line| !line.is_empty()).any(|line| line.starts_with("parent "))
    };
    commits.into_iter().filter(has_parents).collect()
}

/// The way from the folder of a file to a folder, as `../sub`; empty where they are the same, or cannot be found.
#[must_use]
pub fn way_from_file(file: &Path, to: &Path) -> String {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = fs::canonicalize(folder).ok().zip(fs::canonicalize(to).ok());
    real.map_or_else(String::new, |(from, to)| way(&from, &to))
}

/// What the paths of targets outside of the working directory's checkout begin with.
pub const OUTSIDE: &str = "outside";

/// Where the relative paths of targets begin, told from one place: the root of the checkout that they are all in, so
/// that it is empty for the root itself. Without a repository that is the working directory, or the target itself if
/// it is not below.
///
/// Targets of several checkouts are told from that of the working directory, and what is not in it begins with
/// [`OUTSIDE`]; if it is in none of them, from the folder that holds them all.
///
/// Given are the targets' folders; each answer is without slashes at its ends.
#[must_use]
pub fn bases(folders: &[&Path]) -> Vec<String> {
    let here = fs::canonicalize(".").unwrap_or_default();
    let real: Vec<PathBuf> = folders.iter().map(|folder| fs::canonicalize(folder).unwrap_or_else(|_| (*folder).to_owned())).collect();
    let root = |folder: &PathBuf| checkout(folder).unwrap_or_else(|| if folder.starts_with(&here) { here.clone() } else { folder.clone() });
    let roots: Vec<PathBuf> = real.iter().map(root).collect();
    let shared = |a: PathBuf, b: &PathBuf| a.ancestors().find(|folder| b.starts_with(folder)).unwrap_or(&a).to_owned();
    let Some(common) = roots.iter().cloned().reduce(|a, b| shared(a, &b)) else { return Vec::new() };
    let below = |folder: &PathBuf, root: &Path| folder.strip_prefix(root).map(slashed).unwrap_or_default();
    match roots.iter().find(|root| here.starts_with(root)) {
        Some(own) if roots.iter().any(|root| root != own) => {
            let outside = |folder: &PathBuf| format!("{OUTSIDE}/{}", below(folder, &common)).trim_end_matches('/').to_owned();
            real.iter().zip(&roots).map(|(folder, root)| if root == own { below(folder, own) } else { outside(folder) }).collect()
        }
        _ => real.iter().map(|folder| below(folder, &common)).collect(),
    }
}
