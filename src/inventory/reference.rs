//! References from one dependency file to another: `-r other.txt`, `-c constraints.txt`. Whoever knows where files come
//! from resolves them; an extractor only says what it means.

use super::coverage::folder;

/// A reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// What for.
    pub kind: ReferenceKind,
    /// The other file, from the target, with `/` separators: see [`beside`]. It may lead out of the target (`../`).
    pub path: String,
    /// The line that refers to it, counted from 1.
    pub line: u32,
}

/// What a file is referred to for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReferenceKind {
    /// Its requirements are wanted, too (`-r`).
    Requirements,
    /// It says which versions of what is wanted are let in, and wants nothing itself (`-c`).
    Constraints,
}

/// The path that `written` means in the file at `path`: relative to the file's folder, without `.` and `..` as far as
/// those stay in the target.
#[must_use]
pub fn beside(path: &str, written: &str) -> String {
    joined(folder(path), &written.replace('\\', "/"))
}

/// A path below a folder, without `.` and `..` as far as those do not lead out of where the folder is told from.
#[must_use]
pub fn joined(folder: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn paths_are_meant_from_the_files_folder() {
        for (path, written, expected) in [
            ("requirements.txt", "requirements/main.txt", "requirements/main.txt"),
            ("requirements/dev.txt", "./base.txt", "requirements/base.txt"),
            ("requirements/dev.txt", "../base.txt", "base.txt"),
            ("requirements.txt", "../base.txt", "../base.txt"),
            ("a/b.txt", "../../../c.txt", "../../c.txt"),
            ("a/b.txt", "win\\c.txt", "a/win/c.txt"),
        ] {
            assert_eq!(beside(path, written), expected, "{path} {written}");
        }
    }
}
