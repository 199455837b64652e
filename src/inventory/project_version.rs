//! The version that a project gives itself, in `Cargo.toml` or `pyproject.toml`.

use super::lines::{LineIndex, utf8};

/// A version and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectVersion {
    /// The version, as it is written.
    pub version: String,
    /// The file.
    pub path: String,
    /// Its line, counted from 1; 0 for a tag.
    pub line: u32,
}

/// Where the files have it, the most telling first: `[package]` or `[project]`, then a workspace's, then Poetry's.
const PLACES: [&[&str]; 4] =
    [&["package", "version"], &["project", "version"], &["workspace", "package", "version"], &["tool", "poetry", "version"]];

/// The names of the files.
pub const FILES: [&str; 2] = ["Cargo.toml", "pyproject.toml"];

/// The version that one of these files states; `None` where it states none, or leaves it to a tool. `0.0.0` is what
/// templates and unpublished workspaces have.
#[must_use]
pub fn project_version(path: &str, bytes: &[u8]) -> Option<ProjectVersion> {
    let text = utf8(bytes).ok()?;
    let document: toml::Table = text.parse().ok()?;
    let at = |place: &[&str]| {
        let (last, tables) = place.split_last()?;
        let table = tables.iter().try_fold(&document, |table, name| table.get(*name)?.as_table())?;
        table.get(*last)?.as_str()
    };
    let version = PLACES.iter().find_map(|place| at(place)).filter(|version| *version != "0.0.0")?;
    let found = text.match_indices(version).find(|(at, _)| {
        let line = text[..*at].rsplit('\n').next().unwrap_or_default();
        line.trim_start().starts_with("version")
    });
    let line = found.map_or(1, |(at, _)| LineIndex::new(text).line(at));
    Some(ProjectVersion { version: version.to_owned(), path: path.to_owned(), line })
}

#[cfg(test)]
mod tests {
    use super::project_version;

    #[test]
    fn versions_are_where_the_formats_have_them() {
        for (text, expected) in [
            ("[package]\nname = \"a\"\nversion = \"1.2.3\"\n", Some(("1.2.3", 3))),
            ("[package]\nversion.workspace = true\n[workspace.package]\nversion = \"2.0.0\"\n", Some(("2.0.0", 4))),
            ("[project]\nversion = \"0.4\"\n", Some(("0.4", 2))),
            ("[tool.poetry]\nversion = \"3.1\"\n", Some(("3.1", 2))),
            ("[project]\ndynamic = [\"version\"]\n", None),
            ("[package]\nversion = \"0.0.0\"\n", None),
            ("not toml", None),
        ] {
            let found = project_version("Cargo.toml", text.as_bytes());
            assert_eq!(found.as_ref().map(|found| (found.version.as_str(), found.line)), expected, "{text}");
        }
    }
}
