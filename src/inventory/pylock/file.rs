//! `pylock.toml` and `pylock.<name>.toml`, the lockfile of [PEP 751](https://peps.python.org/pep-0751/), version 1.

use std::collections::{HashMap, HashSet};

use crate::{
    inventory::{
        Extracted, Extractor, FileState, file_name,
        lines::{self, Fault, shorten},
        pep508::direct_reference,
        pylock::groups as pylock_groups,
        pyproject::file::own_named,
        python_lock,
        syntax::toml_tree::{Document, Node},
    },
    model::{Ecosystem, Package, Reason, Unchecked, Wanted, pep503},
    version::{Pep440, Version},
};

/// The lockfile that Python's tools have in common.
pub struct Pylock;

/// What to do about a lockfile that cannot be read.
const CURE: &str = "restore it, or write it anew with the tool that made it";

impl Extractor for Pylock {
    fn name(&self) -> &'static str {
        "pylock"
    }

    fn recognises(&self, path: &str) -> bool {
        let name = file_name(path);
        let is_name = |name: &str| !name.is_empty() && !name.contains('.');
        name == "pylock.toml" || name.strip_prefix("pylock.").and_then(|name| name.strip_suffix(".toml")).is_some_and(is_name)
    }

    fn looks_like(&self, bytes: &[u8]) -> bool {
        // Other lockfiles have such a version in a table, and list a `package`.
        lines::utf8(bytes).is_ok_and(|text| {
            let mut head = text.lines().take_while(|line| !line.starts_with('['));
            head.any(|line| line.strip_prefix("lock-version").is_some_and(|rest| rest.trim_start().starts_with('=')))
                && text.lines().any(|line| line.trim_end() == "[[packages]]" || line.starts_with("packages ="))
        })
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        let read = python_lock::document(bytes, "the file is empty", CURE).and_then(|document| from_document(path, &document));
        read.unwrap_or_else(|(line, cause)| Extracted::not_understood(path, line, cause))
    }
}

fn with_cure((line, cause): Fault) -> Fault {
    (line, format!("{cause}; {CURE}"))
}

fn from_document(path: &str, document: &Document<'_>) -> Result<Extracted, Fault> {
    let root = document.root();
    check_version(root)?;
    let Some(packages) = root.get("packages") else {
        return Err(with_cure((None, "it has no list of packages, as if it were cut off".to_owned())));
    };
    let wrong_list = || (Some(packages.line), format!("`packages` is of the type {}, and should be a list of tables", packages.kind()));
    let items = packages.items().ok_or_else(|| with_cure(wrong_list()))?;
    let default_groups = root.get("default-groups").and_then(Node::items).unwrap_or_default();
    let default_groups = default_groups.into_iter().filter_map(Node::text).map(pep503).collect();
    let mut reading = Reading { path, default_groups, entries: Vec::new(), damaged: HashSet::new(), extracted: Extracted::default() };
    if root.text_of("created-by").is_none() {
        let cause = "it does not say which tool made it (`created-by`), and installers refuse it";
        reading.wrong(file_name(path).to_owned(), None, 0, Reason::NotUnderstood, cause);
    }
    for item in items {
        match entry(item) {
            Ok(entry) => reading.place(entry),
            Err(cause) => reading.no_entry(item, &cause),
        }
    }
    reading.edges();
    Ok(reading.extracted)
}

fn check_version(root: Node<'_>) -> Result<(), Fault> {
    let Some(node) = root.get("lock-version") else {
        return Err(with_cure((None, "it has no `lock-version`, which every pylock.toml has".to_owned())));
    };
    let written = node.text().unwrap_or_default();
    let major = Pep440::parse(written).ok().and_then(|_| written.split('.').next()?.parse::<u32>().ok());
    match major {
        Some(1) => Ok(()),
        Some(major) if major > 1 => {
            Err((Some(node.line), format!("format version {}, and this version of overdue reads 1: update overdue", shorten(written))))
        }
        _ => Err(with_cure((Some(node.line), "its `lock-version` is none that is known; overdue reads \"1.0\"".to_owned()))),
    }
}

/// An entry that could be read.
struct Entry<'a> {
    name: &'a str,
    version: Option<&'a str>,
    origin: Origin<'a>,
    line: u32,
    node: Node<'a>,
}

/// Where a package comes from.
enum Origin<'a> {
    /// Release files: `sdist` and `wheels`.
    Release,
    VersionControl(Node<'a>),
    Directory,
    Archive(Node<'a>),
    /// It does not say.
    Nowhere,
}

/// The entry, or what it lacks.
fn entry(node: Node<'_>) -> Result<Entry<'_>, String> {
    let (name, line) = python_lock::named(node)?;
    let shown = shorten(name);
    let version = match node.get("version") {
        None => None,
        Some(version) => Some(version.text().ok_or_else(|| format!("the version of {shown} is no text"))?),
    };
    let is_release = node.get("sdist").is_some() || node.get("wheels").and_then(Node::items).is_some_and(|wheels| !wheels.is_empty());
    let origin = match (node.get("vcs"), node.get("directory"), node.get("archive")) {
        (None, None, None) if is_release => Origin::Release,
        (None, None, None) => Origin::Nowhere,
        (Some(vcs), None, None) if !is_release => Origin::VersionControl(vcs),
        (None, Some(_), None) if !is_release => Origin::Directory,
        (None, None, Some(archive)) if !is_release => Origin::Archive(archive),
        _ => return Err(format!("the entry of {shown} says twice where the package comes from")),
    };
    Ok(Entry { name, version, origin, line, node })
}

/// The repository and commit, as the end of a sentence.
fn repository(vcs: Node<'_>) -> String {
    let text = |key: &str| vcs.text_of(key);
    let system = shorten(text("type").unwrap_or("version control"));
    let address = text("url").or_else(|| text("path")).unwrap_or("that it does not name");
    let commit = text("commit-id").map(|commit| format!(" at {}", shorten(commit))).unwrap_or_default();
    let address = shorten(&direct_reference::disclosed(address));
    format!("the {system} repository {address}{commit}; advisories are about releases on PyPI")
}

/// The reading of one file.
struct Reading<'a> {
    path: &'a str,
    /// The groups that are installed if nothing is asked for, normalised.
    default_groups: Vec<String>,
    entries: Vec<Entry<'a>>,
    /// The names of entries that could not be read.
    damaged: HashSet<String>,
    extracted: Extracted,
}

impl<'a> Reading<'a> {
    /// Puts an entry where its source says that it belongs.
    fn place(&mut self, entry: Entry<'a>) {
        let Entry { name, version, line, node, .. } = entry;
        let label = shorten(&version.map_or_else(|| name.to_owned(), |version| format!("{name} {version}")));
        let elsewhere = match &entry.origin {
            Origin::Directory => {
                self.extracted.own.push(own_named(name, version));
                None
            }
            Origin::VersionControl(vcs) => Some(repository(*vcs)),
            Origin::Archive(archive) => {
                let place = archive.text_of("url").or_else(|| archive.text_of("path")).unwrap_or("an archive that it does not name");
                Some(direct_reference::describe(place))
            }
            Origin::Release | Origin::Nowhere => {
                self.release(&entry, node, &label);
                None
            }
        };
        if let Some(why) = elsewhere {
            let detail = format!("{label} comes from {why}");
            self.unchecked(label, Some(line), 1, Reason::NotFromARegistry, detail);
        }
        self.entries.push(entry);
    }

    fn release(&mut self, entry: &Entry<'a>, node: Node<'a>, label: &str) {
        let is_nowhere = matches!(entry.origin, Origin::Nowhere);
        let Some(version) = entry.version else {
            let subject = label.to_owned();
            if is_nowhere {
                let cause = format!("the entry of {label} has neither a version nor files, as if it were cut off");
                return self.wrong(subject, Some(entry.line), 1, Reason::NotUnderstood, &cause);
            }
            let detail = format!("the entry of {label} does not say which version it is of; lock it with one");
            return self.unchecked(subject, Some(entry.line), 1, Reason::NotUnderstood, detail);
        };
        if is_nowhere {
            let cause = format!("the entry of {label} does not say where the package comes from, as if it were cut off");
            self.wrong(label.to_owned(), Some(entry.line), 0, Reason::NotUnderstood, &cause);
        }
        let marker = node.text_of("marker");
        let package = Package::new(Ecosystem::new(Ecosystem::PYPI), entry.name, Wanted::Version(version.to_owned()), entry.line);
        self.extracted.packages.push(Package {
            node: Some(self.entries.len()),
            groups: pylock_groups::groups(marker, &self.default_groups),
            marker: marker.map(str::to_owned),
            indexes: node.text_of("index").filter(|index| !index.is_empty()).map(str::to_owned).into_iter().collect(),
            ..package
        });
    }

    /// The graph, if any entry speaks of one; most tools leave it out.
    fn edges(&mut self) {
        if !self.entries.iter().any(|entry| entry.node.get("dependencies").is_some()) {
            for package in &mut self.extracted.packages {
                package.node = None;
            }
            return;
        }
        let mut by_id: HashMap<(String, Option<&str>), usize> = HashMap::with_capacity(2 * self.entries.len());
        for (at, entry) in self.entries.iter().enumerate() {
            for version in [None, entry.version] {
                by_id.entry((pep503(entry.name), version)).or_insert(at);
            }
            let label = entry.version.map_or_else(|| entry.name.to_owned(), |version| format!("{} {version}", entry.name));
            self.extracted.graph.add_node(label, matches!(entry.origin, Origin::Directory));
        }
        let mut missing = HashSet::new();
        for from in 0..self.entries.len() {
            let Some(dependencies) = self.entries[from].node.get("dependencies") else { continue };
            for item in dependencies.items().unwrap_or_default() {
                let Some(name) = item.text_of("name") else { continue };
                let id = (pep503(name), item.text_of("version"));
                match by_id.get(&id) {
                    Some(to) => self.extracted.graph.add_edge(from, *to),
                    // An entry that is there and damaged has had its word already.
                    None if self.damaged.contains(&id.0) => {}
                    None => {
                        let subject = shorten(&id.1.map_or_else(|| name.to_owned(), |version| format!("{name} {version}")));
                        if missing.insert(id) {
                            let cause = format!("the file depends on {subject} but has no entry for it, as if the file were cut off");
                            self.wrong(subject, Some(item.line), 1, Reason::MissingEntry, &cause);
                        }
                    }
                }
            }
        }
    }

    fn no_entry(&mut self, node: Node<'_>, cause: &str) {
        let name = node.get("name");
        let line = name.map_or(node.line, |name| name.line);
        let name = name.and_then(Node::text);
        self.damaged.extend(name.map(pep503));
        let subject = name.map_or_else(|| "an entry without a name".to_owned(), shorten);
        self.wrong(subject, Some(line), 1, Reason::NotUnderstood, cause);
    }

    /// A part of the file that is damaged.
    fn wrong(&mut self, subject: String, line: Option<u32>, packages: u32, reason: Reason, cause: &str) {
        self.extracted.file = FileState::NotRead;
        self.unchecked(subject, line, packages, reason, format!("{cause}; {CURE}"));
    }

    fn unchecked(&mut self, subject: String, line: Option<u32>, packages: u32, reason: Reason, detail: String) {
        self.extracted.unchecked.push(Unchecked { path: self.path.to_owned(), line, subject, packages, reason, detail });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Extractor, Pylock};

    const LOCK: &str = "lock-version = \"1.0\"\ncreated-by = \"t\"\n[[packages]]\nname = \"a\"\nversion = \"1\"\n\
                        sdist = { name = \"a-1.tar.gz\" }\n";

    #[test]
    fn names_are_those_of_the_pep() {
        for (name, expected) in [
            ("pylock.toml", true),
            ("a/pylock.dev.toml", true),
            ("pylock..toml", false),
            ("pylock.a.b.toml", false),
            ("Pylock.toml", false),
            ("pylock.toml.bak", false),
        ] {
            assert_eq!(Pylock.recognises(name), expected, "{name}");
        }
    }

    #[test]
    fn content_tells_it_from_other_lockfiles() {
        assert!(Pylock.looks_like(LOCK.as_bytes()));
        for other in [
            "[[package]]\nname = \"a\"\n[metadata]\nlock-version = \"2.1\"\n",
            "[metadata]\nlock-version = \"1.0\"\n[[packages]]\n",
            "lock-version = \"1.0\"\n",
            "version = 1\n[[packages]]\n",
        ] {
            assert!(!Pylock.looks_like(other.as_bytes()), "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(
            key in "name|version|marker|vcs|directory|archive|wheels|dependencies",
            value in "(\\{|\\}|\\[|\\]|name|version|url|path|=|,|\"|\"a\"|\"1\"|'x' in extras| ){0,16}",
            cut in 0usize..140,
        ) {
            for text in [format!("{LOCK}{key} = {value}\n"), LOCK[..cut.min(LOCK.len())].to_owned()] {
                for package in Pylock.extract("pylock.toml", text.as_bytes()).packages {
                    prop_assert!(package.line >= 4);
                }
            }
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Pylock.looks_like(&bytes);
            Pylock.extract("pylock.toml", &bytes);
        }
    }
}
