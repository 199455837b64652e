//! Damage of text files with a better explanation than a parser's.

use crate::inventory::lines::Fault;

/// What is plainly wrong with a text that should be a `format` (`TOML`, `an INI file`).
pub(crate) fn obvious(text: &str, format: &str) -> Option<Fault> {
    let conflict = text.lines().position(|line| line.starts_with("<<<<<<< ")).and_then(|at| u32::try_from(at + 1).ok());
    if conflict.is_some() {
        return Some((conflict, "an unresolved merge conflict".to_owned()));
    }
    let cause = match text.trim_start().chars().next()? {
        _ if text.contains('\0') => "a binary file".to_owned(),
        '<' => format!("an HTML or XML page, where {format} is expected"),
        '{' if format != "JSON" => format!("JSON, where {format} is expected"),
        _ if text.starts_with("version https://git-lfs") => "a Git LFS pointer; `git lfs pull` brings the file".to_owned(),
        _ => return None,
    };
    Some((Some(1), cause))
}

#[cfg(test)]
mod tests {
    use super::obvious;

    #[test]
    fn damage_is_named() {
        for (text, expected) in [
            ("", None),
            ("a = 1\n", None),
            ("a = 1\n<<<<<<< HEAD\n", Some((Some(2), "an unresolved merge conflict"))),
            ("\n<!doctype html>", Some((Some(1), "an HTML or XML page, where TOML is expected"))),
            ("{}", Some((Some(1), "JSON, where TOML is expected"))),
            ("version https://git-lfs.github.com/spec/v1\n", Some((Some(1), "a Git LFS pointer; `git lfs pull` brings the file"))),
            ("a\0", Some((Some(1), "a binary file"))),
        ] {
            assert_eq!(obvious(text, "TOML"), expected.map(|(line, cause)| (line, cause.to_owned())), "{text}");
        }
    }
}
