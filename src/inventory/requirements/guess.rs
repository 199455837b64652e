//! How a requirements file is told from other text files: by its name, and where that is not enough, by its content.

use crate::inventory::{file_name, lines::Fault, requirements::compiled, requirements::line as requirements_line, requirements::text};

/// How a file's name says that it holds requirements.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// It has the word in it.
    Surely,
    /// It is in a folder that has.
    ByFolder,
    /// It is a usual name of pip-compile's sources, which other files have, too.
    Perhaps,
    /// It only ends as pip-compile's sources and what is made of them do, and many other files.
    ByEnding,
}

/// Stems of pip-compile's sources that are in no folder of their own.
const SOURCES: [&str; 15] = [
    "base", "build", "ci", "common", "dev", "development", "docs", "lint", "local", "main", "prod", "production", "test", "testing",
    "tests",
];

impl Named {
    /// What the name says; `None` if nothing.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let name = file_name(path);
        let (stem, ending) = name.rsplit_once('.')?;
        let is = |known: &str| ending.eq_ignore_ascii_case(known);
        if !is("txt") && !is("in") && !is("lock") {
            return None;
        }
        let stem = stem.to_ascii_lowercase();
        if stem.contains("requirement") || stem.contains("constraint") && !is("lock") {
            return Some(Self::Surely);
        }
        let mut folders = path.rsplit('/').skip(1);
        let in_folder = folders.next().is_some_and(|folder| folder.eq_ignore_ascii_case("requirements"));
        // Conan's manifest is the one other dependency file that ends so.
        if in_folder && !is("lock") && stem != "conanfile" {
            return Some(Self::ByFolder);
        }
        // What pip-compile makes of its usual sources.
        if is("txt") && SOURCES.contains(&stem.as_str()) {
            return Some(Self::ByEnding);
        }
        if !is("in") {
            return None;
        }
        // Not `MANIFEST.in`, `Makefile.in`, `config.h.in`.
        let is_plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c)) && !stem.contains('.');
        if SOURCES.contains(&stem.as_str()) { Some(Self::Perhaps) } else { is_plain.then_some(Self::ByEnding) }
    }
}

/// Faults with a better explanation than that of the first line.
pub(crate) fn obviously_wrong(text: &str) -> Option<Fault> {
    let cause = match text.trim_start().chars().next()? {
        '<' if !text.trim_start().starts_with("<<<<<<<") => "an HTML or XML page, no requirements; restore the file",
        '{' => "JSON, where requirements are lines of text; restore the file",
        _ if text.starts_with("version https://git-lfs") => "a Git LFS pointer; `git lfs pull` brings the file",
        _ => return None,
    };
    Some((Some(1), cause.to_owned()))
}

/// How much a text looks like requirements.
#[derive(PartialEq, Eq)]
pub(crate) enum Resemblance {
    /// Not at all.
    None,
    /// It may be a list of names as well.
    Some,
    /// It is nothing else.
    Sure,
}

/// Whether any line of a file can be nothing but a requirement, whatever the others are.
pub(crate) fn has_requirement(bytes: &[u8]) -> bool {
    text::decode(bytes)
        .is_ok_and(|decoded| text::logical(&decoded.text).any(|line| requirements_line::is_evident(&line.text) == Some(true)))
}

/// Whether the beginning of a file reads as requirements.
pub(crate) fn resemblance(bytes: &[u8]) -> Resemblance {
    const ENOUGH: usize = 40;
    let head = &bytes[..bytes.len().min(1 << 16)];
    let whole = head.len() == bytes.len();
    let head = if whole { head } else { &head[..head.iter().rposition(|byte| *byte == b'\n').unwrap_or(0)] };
    let Ok(decoded) = text::decode(head) else { return Resemblance::None };
    if decoded.fault.is_some() || obviously_wrong(&decoded.text).is_some() {
        return Resemblance::None;
    }
    let (mut read, mut evident, mut marked) = (0_usize, false, false);
    for line in text::logical(&decoded.text).take(1000) {
        marked |= read == 0 && line.comment.as_deref().is_some_and(compiled::is_mark);
        if line.text.is_empty() {
            continue;
        }
        match requirements_line::is_evident(&line.text) {
            Some(is_evident) => evident |= is_evident,
            None => return Resemblance::None,
        }
        read += 1;
        if read == ENOUGH {
            break;
        }
    }
    match (read, evident || marked) {
        (0, false) => Resemblance::None,
        (_, true) => Resemblance::Sure,
        (_, false) => Resemblance::Some,
    }
}

#[cfg(test)]
mod tests {
    use super::{Named, Resemblance, resemblance};

    #[test]
    fn names_are_recognised_and_those_of_others_are_not() {
        for path in [
            "requirements.txt",
            "a/Requirements-Dev.TXT",
            "dev-requirements.txt",
            "test_requirements.in",
            "requirements.lock",
            "requirements/anything.txt",
            "a/requirements/dev.in",
            "constraints.txt",
            "upper-constraints.txt",
            "dev.in",
            "requirements_dev.txt",
        ] {
            assert!(Named::of(path).is_some(), "{path}");
        }
        for path in [
            "MANIFEST.in",
            "config.h.in",
            "Makefile.in",
            "foo.cfg.in",
            "Cargo.lock",
            "poetry.lock",
            "robots.txt",
            "requirements",
            "txt",
            "requirements/poetry.lock",
            "requirements/conanfile.txt",
            "requirements.md",
            "requirements/a/b.txt",
            "constraints.lock",
        ] {
            assert!(Named::of(path).is_none(), "{path}");
        }
    }

    #[test]
    fn content_is_recognised_only_where_it_is_evident() {
        for text in [
            "a==1\n",
            "# c\n-r b.txt\n",
            "a>=1 ; python_version < '3'\nb\n",
            "-e .\n",
            "a @ https://h.example/a.whl\n",
            "#\n# This file is autogenerated by pip-compile\n#\n",
        ] {
            assert!((resemblance(text.as_bytes()) == Resemblance::Sure), "{text}");
        }
        for text in ["hello", "", "a\nb\n", "a==1\nThis is prose.\n", "[a]\nb = 1\n", "{}", "- a\n- b\n", "a @ b\n", "<a>", "# a==1\n"] {
            assert!(!(resemblance(text.as_bytes()) == Resemblance::Sure), "{text}");
        }
    }
}
