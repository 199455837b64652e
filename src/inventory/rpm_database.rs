//! Where rpm keeps its database, and in which of its three formats. None is read yet; a database that is there must not
//! pass unnamed.

use super::paths::name_in;

/// Where a database may be.
const FOLDERS: &[&str] = &["var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm"];

/// The format of the rpm database that a file is, or `None` for any other file.
#[must_use]
pub fn kind(path: &str) -> Option<&'static str> {
    match FOLDERS.iter().find_map(|folder| name_in(path, folder))? {
        "rpmdb.sqlite" => Some("SQLite"),
        "Packages.db" => Some("ndb"),
        "Packages" => Some("Berkeley DB"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn each_format_has_its_name() {
        for (path, expected) in [
            ("var/lib/rpm/rpmdb.sqlite", Some("SQLite")),
            ("usr/lib/sysimage/rpm/rpmdb.sqlite", Some("SQLite")),
            ("root/usr/lib/sysimage/rpm/Packages.db", Some("ndb")),
            ("var/lib/rpm/Packages", Some("Berkeley DB")),
            ("var/lib/rpm/rpmdb.sqlite-shm", None),
            ("var/lib/rpm/Index.db", None),
            ("srv/rpm/Packages", None),
            ("Packages", None),
        ] {
            assert_eq!(kind(path), expected, "{path}");
        }
    }
}
