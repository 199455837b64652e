//! `uv.lock`, version 1 of any revision, and the lockfiles that uv keeps beside scripts (`tool.py.lock`).

use std::collections::HashSet;

use crate::inventory::{
    Extracted, Extractor, FileState, file_name,
    lines::{self, Fault, shorten},
    pyproject::file::own_named,
    python_lock,
    python_manifest::Place,
    syntax::toml_tree::{Document, Node},
    uv_lock::edges as uv_lock_edges,
};
use crate::model::{Ecosystem, Package, Reason, Unchecked, Wanted, pep503};

/// uv's lockfile.
pub struct UvLock;

impl Extractor for UvLock {
    fn name(&self) -> &'static str {
        "uv_lock"
    }

    fn recognises(&self, path: &str) -> bool {
        let name = file_name(path);
        name == "uv.lock" || name.strip_suffix(".py.lock").is_some_and(|script| !script.is_empty())
    }

    fn looks_like(&self, bytes: &[u8]) -> bool {
        // Sources are tables in uv's lockfiles only; Cargo's are texts, Poetry's have a header, PDM has none.
        let is_source = |line: &str| {
            let table = line.strip_prefix("source = {").unwrap_or_default().trim_start();
            KINDS.iter().any(|(key, _)| table.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')))
        };
        lines::utf8(bytes).is_ok_and(|text| {
            let has_entry = |header: &str| text.lines().any(|line| line.trim_end() == header);
            (has_entry("[[package]]") || has_entry("[[distribution]]")) && text.lines().any(is_source)
        })
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        let read = python_lock::document(bytes, "the file is empty", CURE).and_then(|document| from_document(path, &document));
        read.unwrap_or_else(|(line, cause)| Extracted::not_understood(path, line, cause))
    }
}

/// What to do about a lockfile that cannot be read.
const CURE: &str = "restore it, or write it anew with `uv lock`";

/// Where a package comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Registry,
    Git,
    Url,
    Path,
    Directory,
    Editable,
    Virtual,
}

/// The keys of a `source`.
const KINDS: [(&str, Kind); 7] = [
    ("registry", Kind::Registry),
    ("git", Kind::Git),
    ("url", Kind::Url),
    ("path", Kind::Path),
    ("directory", Kind::Directory),
    ("editable", Kind::Editable),
    ("virtual", Kind::Virtual),
];

impl Kind {
    /// Whether it is the project's own code.
    pub(crate) fn is_own(self) -> bool {
        matches!(self, Self::Directory | Self::Editable | Self::Virtual)
    }
}

/// An entry that could be read.
pub(crate) struct Entry<'a> {
    /// The name as it is compared.
    pub(crate) key: String,
    pub(crate) name: &'a str,
    /// The project's own packages may have none.
    pub(crate) version: Option<&'a str>,
    pub(crate) source: Source<'a>,
    pub(crate) line: u32,
    pub(crate) node: Node<'a>,
}

/// A `source`, as entries and dependencies state it.
pub(crate) type Source<'a> = (Kind, &'a str);

/// The reading of one file.
pub(crate) struct Reading<'a> {
    pub(crate) path: &'a str,
    pub(crate) entries: Vec<Entry<'a>>,
    /// The names of entries that could not be read.
    pub(crate) damaged: HashSet<String>,
    pub(crate) extracted: Extracted,
}

fn with_cure((line, cause): Fault) -> Fault {
    (line, format!("{cause}; {CURE}"))
}

fn from_document(path: &str, document: &Document<'_>) -> Result<Extracted, Fault> {
    let root = document.root();
    check_version(root)?;
    let items = packages(root).map_err(with_cure)?;
    if items.is_empty() {
        let cause = "it names no package, as if it were cut off";
        return Err((None, format!("{cause}; {CURE}, or remove it if there is nothing to lock")));
    }
    let mut reading = Reading { path, entries: Vec::with_capacity(items.len()), damaged: HashSet::new(), extracted: Extracted::default() };
    for item in items {
        match entry(item) {
            Ok(entry) => reading.place(entry),
            Err(cause) => reading.no_entry(item, &cause),
        }
    }
    uv_lock_edges::read(&mut reading, root);
    Ok(reading.extracted)
}

fn check_version(root: Node<'_>) -> Result<(), Fault> {
    let Some(version) = root.get("version") else {
        return Err(with_cure((None, "it does not say which version of uv's format it is of".to_owned())));
    };
    match version.integer() {
        Some(1) => Ok(()),
        Some(number) if number > 1 => {
            Err((Some(version.line), format!("format version {number}, and this version of overdue reads 1: update overdue")))
        }
        _ => Err(with_cure((Some(version.line), "its format version is none that uv writes; overdue reads 1".to_owned()))),
    }
}

/// The entries. The first versions of uv called them distributions, and it still reads those.
fn packages(root: Node<'_>) -> Result<Vec<Node<'_>>, Fault> {
    let mut items = Vec::new();
    for key in ["package", "distribution"] {
        if let Some(list) = root.get(key) {
            let fault = || (Some(list.line), format!("`{key}` is of the type {}, and should be a list of tables", list.kind()));
            items.extend(list.items().ok_or_else(fault)?);
        }
    }
    Ok(items)
}

/// The entry, or what it lacks.
fn entry(node: Node<'_>) -> Result<Entry<'_>, String> {
    let (name, line) = python_lock::named(node)?;
    let shown = shorten(name);
    let source = node.get("source").ok_or_else(|| format!("the entry of {shown} has no source"))?;
    let Some(source) = source_of(source) else { return Err(format!("the source of {shown} is none that overdue knows")) };
    let version = match node.get("version") {
        None if source.0 == Kind::Registry => return Err(format!("the entry of {shown} has no version")),
        None => None,
        Some(version) => Some(version.text().ok_or_else(|| format!("the version of {shown} is no text"))?),
    };
    Ok(Entry { key: pep503(name), name, version, source, line, node })
}

/// What a `source` says.
pub(crate) fn source_of(node: Node<'_>) -> Option<Source<'_>> {
    KINDS.iter().find_map(|(key, kind)| Some((*kind, node.text_of(key)?)))
}

impl<'a> Reading<'a> {
    /// Puts an entry where its source says that it belongs.
    fn place(&mut self, entry: Entry<'a>) {
        let label = entry.version.map_or_else(|| entry.name.to_owned(), |version| format!("{} {version}", entry.name));
        let (kind, source) = entry.source;
        let node = self.extracted.graph.add_node(label.clone(), kind.is_own());
        let place = match kind {
            Kind::Registry => Place::Index,
            Kind::Git => Place::git(source),
            Kind::Url | Kind::Path => Place::archive(source),
            Kind::Directory | Kind::Editable | Kind::Virtual => Place::Own,
        };
        match place {
            Place::Index => {
                let wanted = Wanted::Version(entry.version.unwrap_or_default().to_owned());
                let package = Package::new(Ecosystem::new(Ecosystem::PYPI), entry.name, wanted, entry.line);
                let indexes = if source.is_empty() { Vec::new() } else { vec![source.to_owned()] };
                self.extracted.packages.push(Package { node: Some(node), indexes, ..package });
            }
            Place::Own => self.extracted.own.push(own_named(entry.name, entry.version)),
            Place::Elsewhere(why) => {
                let label = shorten(&label);
                let detail = format!("{label} comes from {why}");
                self.unchecked(label, Some(entry.line), 1, Reason::NotFromARegistry, detail);
            }
        }
        self.entries.push(entry);
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
    pub(crate) fn wrong(&mut self, subject: String, line: Option<u32>, packages: u32, reason: Reason, cause: &str) {
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

    use super::{Extractor, FileState, UvLock};

    const LOCK: &str = "version = 1\n[[package]]\nname = \"a\"\nversion = \"1\"\nsource = { registry = \"x\" }\n\
                        [[package]]\nname = \"app\"\nsource = { virtual = \".\" }\ndependencies = [{ name = \"a\" }]\n";

    #[test]
    fn content_tells_it_from_other_lockfiles() {
        assert!(UvLock.looks_like(LOCK.as_bytes()));
        for other in [
            "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://index.example\"\n",
            "[[package]]\nname = \"a\"\nversion = \"1\"\n[package.source]\ntype = \"git\"\nurl = \"x\"\n[metadata]\nlock-version = \"2.1\"\n",
            "[metadata]\nlock_version = \"4.5.0\"\n[[package]]\nname = \"a\"\nversion = \"1\"\ngit = \"x\"\n",
            "lock-version = \"1.0\"\n[[packages]]\nname = \"a\"\n",
        ] {
            assert!(!UvLock.looks_like(other.as_bytes()), "{other}");
        }
        assert!(UvLock.recognises("a/uv.lock") && UvLock.recognises("a/tool.py.lock"));
        assert!(!UvLock.recognises(".py.lock") && !UvLock.recognises("a.lock"));
    }

    #[test]
    fn many_entries_of_one_name_are_read_in_no_time() {
        let mut text = "version = 1\n[manifest]\nrequirements = [".to_owned();
        for _ in 0..10_000 {
            text.push_str("{ name = \"a\", extras = [\"x\"] },");
        }
        text.push_str("]\n");
        for at in 0..10_000 {
            text.push_str(&format!("[[package]]\nname = \"a\"\nversion = \"{at}\"\nsource = {{ registry = \"x\" }}\n"));
            text.push_str("dependencies = [{ name = \"a\", version = \"0\", source = { registry = \"x\" } }]\n");
            text.push_str("[package.optional-dependencies]\nx = [{ name = \"a\", version = \"1\" }]\n");
        }
        let extracted = UvLock.extract("uv.lock", text.as_bytes());
        assert_eq!((extracted.packages.len(), extracted.file), (10_000, FileState::Read));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(
            key in "name|version|source|dependencies|optional-dependencies|dev-dependencies|resolution-markers",
            value in "(\\{|\\}|\\[|\\]|name|version|source|registry|extra|marker|=|,|\"|\"a\"|\"1\"| ){0,16}",
            cut in 0usize..240,
        ) {
            for text in [format!("{LOCK}{key} = {value}\n"), LOCK[..cut.min(LOCK.len())].to_owned()] {
                let extracted = UvLock.extract("uv.lock", text.as_bytes());
                for package in extracted.packages {
                    prop_assert!(package.line >= 2);
                }
            }
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = UvLock.looks_like(&bytes);
            UvLock.extract("uv.lock", &bytes);
        }
    }
}
