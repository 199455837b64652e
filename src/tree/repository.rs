//! The git repository around a target: where it begins, so that paths can be told from its root. Runs no git.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

/// The root of the nearest git repository around a path (its working tree, or a bare repository itself).
#[must_use]
pub fn nearest(path: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(path).ok()?;
    real.ancestors().find(|folder| is_root(folder)).map(Path::to_owned)
}

/// The nearest repository around a folder, and where the folder is in it.
#[must_use]
pub fn place_in(folder: &Path) -> Option<(PathBuf, String)> {
    let root = nearest(folder)?;
    let real = fs::canonicalize(folder).ok()?;
    let below = real.strip_prefix(&root).ok().map(slashed)?;
    Some((root, below))
}

/// The root of the checkout around a path: that of the outermost superproject, where the nearest repository is a
/// submodule of it.
#[must_use]
pub fn checkout(path: &Path) -> Option<PathBuf> {
    let mut root = nearest(path)?;
    while is_submodule(&root) {
        match root.parent().and_then(nearest) {
            Some(outer) => root = outer,
            None => break,
        }
    }
    Some(root)
}

fn is_root(folder: &Path) -> bool {
    let bare = || ["HEAD", "objects", "refs"].iter().all(|name| folder.join(name).exists());
    folder.join(".git").exists() || bare()
}

/// A submodule's `.git` is a file that points into its superproject's `.git/modules`; that of a linked working tree
/// points into `.git/worktrees`.
fn is_submodule(root: &Path) -> bool {
    let git = root.join(".git");
    let pointer = git.is_file().then(|| fs::read_to_string(git).ok()).flatten();
    pointer.is_some_and(|text| text.starts_with("gitdir:") && text.replace('\\', "/").contains("/modules/"))
}

/// Where the relative paths of a target begin, from the root of its checkout: empty for the root itself, else without
/// slashes at either end. Without a repository: from the working directory; of what is not below that, nothing.
///
/// `folder` is the target itself, or the folder of a target that is a file.
#[must_use]
pub fn base(folder: &Path) -> String {
    let Ok(real) = fs::canonicalize(folder) else { return String::new() };
    let from = checkout(folder).or_else(|| fs::canonicalize(".").ok());
    from.and_then(|root| real.strip_prefix(root).ok().map(slashed)).unwrap_or_default()
}

/// A relative path with `/` between its parts, those that mean nothing left out.
#[must_use]
pub fn slashed(path: &Path) -> String {
    // Not by replacing backslashes: on most systems they may be part of a name.
    let names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        Component::ParentDir => Some("..".into()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    });
    names.collect::<Vec<_>>().join("/")
}
