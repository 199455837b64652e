//! Paths of archive members: cleaned as every unpacker cleans them, so that nothing leads out of the root.

use super::super::names;

/// The longest path that is believed, in bytes: Linux has no longer ones (`PATH_MAX`).
pub(super) const LONGEST: usize = 4096;

/// A member's path from the root: no leading slash, no empty parts and no `.`; `..` takes back the part before it and
/// stays at the root. `None` for one that is too long.
pub(super) fn clean(bytes: &[u8]) -> Option<String> {
    if bytes.len() > LONGEST {
        return None;
    }
    let text = names::of_bytes(bytes);
    let is_clean = !text.is_empty() && text.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if is_clean {
        return Some(text);
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folder and the name of a clean path.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// A path below a folder, either of which may be empty.
pub(super) fn join(folder: &str, name: &str) -> String {
    match (folder, name) {
        ("", name) => name.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, name) => format!("{folder}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn nothing_leads_out_of_the_root() {
        for (given, expected) in
            [("./a//b/", "a/b"), ("/a/./b", "a/b"), ("../../a", "a"), ("a/../../b", "b"), ("a/..", ""), ("./", ""), ("a/...", "a/...")]
        {
            assert_eq!(clean(given.as_bytes()).as_deref(), Some(expected), "{given}");
        }
        assert_eq!(clean(&[b'a'; 5000]), None);
    }
}
