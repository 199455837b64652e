//! Paths as text. What is no UTF-8 is written as `\xFE`, so that two names that differ stay two.

use std::{
    ffi::OsStr,
    path::{Component, Path},
};

/// A name as text.
#[must_use]
pub fn shown(name: &OsStr) -> String {
    of_bytes(name.as_encoded_bytes())
}

/// A name that came as bytes, as text.
#[must_use]
pub fn of_bytes(name: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(name)
        && !text.contains("\\x")
    {
        return text.to_owned();
    }
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        // So that nobody's name is taken for such bytes.
        text.push_str(&chunk.valid().replace("\\x", "\\x5Cx"));
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02X}")));
    }
    text
}

/// A relative path with `/` between its parts, those that mean nothing left out.
#[must_use]
pub fn slashed(path: &Path) -> String {
    // Not by replacing backslashes: on most systems they may be part of a name.
    let names = path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(shown(name)),
        Component::ParentDir => Some("..".to_owned()),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    });
    names.collect::<Vec<_>>().join("/")
}

/// The part of a path that is below a folder, both with `/` between their parts; everything is below an empty folder,
/// and nothing below itself.
#[must_use]
pub fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

/// The way from a folder to a path, both of them real and absolute: `../sub/Cargo.lock`.
#[must_use]
pub fn way(from: &Path, to: &Path) -> String {
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().count() - shared;
    let down = slashed(&to.components().skip(shared).collect::<std::path::PathBuf>());
    std::iter::repeat_n("..", up).chain((!down.is_empty()).then_some(down.as_str())).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{below, of_bytes, way};

    #[test]
    fn names_that_differ_stay_different() {
        assert_eq!(of_bytes(b"a\xfe\xffb"), "a\\xFE\\xFFb");
        assert_eq!(of_bytes("ü".as_bytes()), "ü");
        assert_eq!(of_bytes(b"a\\xFE"), "a\\x5CxFE");
    }

    #[test]
    fn only_whole_names_are_above() {
        for (path, folder, expected) in [("a/b", "a", Some("b")), ("a/b", "", Some("a/b")), ("ab/c", "a", None), ("a", "a", None)] {
            assert_eq!(below(path, folder), expected, "{path} {folder}");
        }
    }

    #[test]
    fn ways_lead_up_and_down() {
        for (from, to, expected) in
            [("/a/b", "/a/b/c", "c"), ("/a/b", "/a/c/d", "../c/d"), ("/a", "/a", ""), ("/a/b/c", "/d", "../../../d"), ("/", "/a", "a")]
        {
            assert_eq!(way(Path::new(from), Path::new(to)), expected, "{from} {to}");
        }
    }
}
