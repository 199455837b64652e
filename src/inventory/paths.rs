//! Where in a root filesystem a file stands.

/// Whether a path is this place, or ends in it: the root may be below what is scanned.
pub(super) fn ends_in(path: &str, place: &str) -> bool {
    path.strip_suffix(place).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// The name of a file that is directly in this folder, wherever that is.
pub(super) fn name_in<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    path.rsplit_once('/').filter(|(before, name)| ends_in(before, folder) && !name.is_empty()).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::{ends_in, name_in};

    #[test]
    fn only_whole_parts_of_a_path_count() {
        assert!(ends_in("lib/apk/db/installed", "lib/apk/db/installed") && ends_in("root/lib/apk", "lib/apk"));
        assert!(!ends_in("mylib/apk", "lib/apk") && !ends_in("lib/apk/x", "lib/apk"));
        assert_eq!(name_in("r/var/lib/dpkg/status.d/a", "var/lib/dpkg/status.d"), Some("a"));
        assert_eq!(name_in("xvar/lib/dpkg/status.d/a", "var/lib/dpkg/status.d"), None);
        assert_eq!(name_in("a", "var"), None);
    }
}
