//! The tags of a repository, by name. Runs no git: they are in files (gitrepository-layout(5)).

use std::{fs, path::Path};

use super::repository::{common_folder, git_folder};

/// Folders below `refs/tags` that are looked into; tags with slashes in their names are in some.
const DEEPEST: usize = 8;

/// The names of all tags of the repository at a root, sorted; none where they cannot be read.
#[must_use]
pub fn tags(root: &Path) -> Vec<String> {
    let Some(git) = git_folder(root) else { return Vec::new() };
    let common = common_folder(&git);
    let packed = fs::read_to_string(common.join("packed-refs")).unwrap_or_default();
    let mut names: Vec<String> = packed
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(_, name)| name.strip_prefix("refs/tags/"))
        .map(str::to_owned)
        .collect();
    loose(&common.join("refs/tags"), "", DEEPEST, &mut names);
    names.sort();
    names.dedup();
    names
}

fn loose(folder: &Path, before: &str, depth: usize, names: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let name = format!("{before}{name}");
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && depth > 0 => loose(&entry.path(), &format!("{name}/"), depth - 1, names),
            Ok(kind) if kind.is_file() => names.push(name),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::tags;

    #[test]
    fn packed_and_loose_tags_are_found() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let git = folder.path().join(".git");
        std::fs::create_dir_all(git.join("refs/tags/release")).expect("a folder");
        std::fs::write(git.join("refs/tags/v2.0.0"), "1111\n").expect("a file");
        std::fs::write(git.join("refs/tags/release/3.0"), "2222\n").expect("a file");
        std::fs::write(
            git.join("packed-refs"),
            "# pack-refs with: peeled\n3333 refs/heads/main\n4444 refs/tags/v1.0.0\n^5555\n4444 refs/tags/v2.0.0\n",
        )
        .expect("a file");
        assert_eq!(tags(folder.path()), ["release/3.0", "v1.0.0", "v2.0.0"]);
    }
}
