//! What Python's lockfiles have in common: entries with a name and a version, from an index or from elsewhere, and who
//! depends on whom by name.

use std::collections::{HashMap, HashSet};

use super::{
    Extracted, FileState, OwnPackage, file_name,
    lines::{self, Fault},
    python_manifest::is_name,
    syntax::damage,
    syntax::toml_tree::{Document, Node},
};
use crate::model::{Ecosystem, Group, Package, Reason, Unchecked, Wanted, pep503};

/// So many entries of one name are linked to; forks of a resolution have two or three.
const MOST_NAMESAKES: usize = 8;

/// A lockfile that is being read.
pub(super) struct Lock<'p> {
    path: &'p str,
    /// What to do about a damaged one.
    cure: &'static str,
    pub(super) extracted: Extracted,
    /// The nodes of each name, normalised.
    nodes: HashMap<String, Vec<usize>>,
    dependencies: Vec<Dependency>,
    /// Where the package of a node is, if it is one.
    packages: HashMap<usize, usize>,
}

/// A dependency by name.
struct Dependency {
    from: usize,
    name: String,
    /// The line that names it, if it has to have an entry.
    must: Option<u32>,
}

/// An entry of a lockfile.
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    /// `None` where the format lets own packages go without.
    pub(super) version: Option<&'a str>,
    pub(super) line: u32,
    pub(super) origin: Origin,
    pub(super) groups: Vec<Group>,
    pub(super) marker: Option<String>,
    pub(super) indexes: Vec<String>,
}

/// Where a locked package comes from.
pub(super) enum Origin {
    /// A package index, whichever: mirrors are the norm.
    Index,
    /// The project itself.
    Own,
    /// Somewhere else, as the end of a sentence.
    Elsewhere(String),
}

/// Reads a lockfile's TOML. `empty`: what is said of an empty file.
pub(crate) fn document<'t>(bytes: &'t [u8], empty: &str, cure: &str) -> Result<Document<'t>, Fault> {
    let with_cure = |(line, cause): Fault| (line, format!("{cause}; {cure}"));
    let text = lines::utf8(bytes).map_err(with_cure)?;
    if text.trim().is_empty() {
        return Err(with_cure((None, empty.to_owned())));
    }
    damage::obvious(text, "TOML").map_or_else(|| Document::parse(text), Err).map_err(with_cure)
}

/// The refusal of a lockfile whose version is later than the newest major one that is read, or is none.
pub(super) fn refused(path: &str, version: Option<Node<'_>>, newest: u32, read: &str) -> Option<Extracted> {
    let major = |version: &str| version.split('.').next()?.trim().parse::<u32>().ok();
    let version = version.filter(|version| version.text().and_then(major).is_none_or(|major| major > newest))?;
    let shown = version.text().map_or_else(|| format!("a {}", version.kind()), lines::shorten);
    let cause = format!("lock version {shown}, and this version of overdue reads {read}: update overdue");
    Some(Extracted::not_understood(path, Some(version.line), cause))
}

/// The name of an entry and its line, or what is wrong with it.
pub(crate) fn named(entry: Node<'_>) -> Result<(&str, u32), String> {
    let name = entry.get("name").ok_or("an entry without a name")?;
    let text = name.text().ok_or("an entry whose name is no text")?;
    if is_name(text) { Ok((text, name.line)) } else { Err(format!("`{}` is no name of a package", lines::shorten(text))) }
}

impl<'p> Lock<'p> {
    pub(super) fn new(path: &'p str, cure: &'static str) -> Self {
        Self { path, cure, extracted: Extracted::default(), nodes: HashMap::new(), dependencies: Vec::new(), packages: HashMap::new() }
    }

    /// The entries under a key, which is a list of tables; what is none is told.
    pub(super) fn entries<'a>(&mut self, root: Node<'a>, key: &str) -> Vec<Node<'a>> {
        let Some(list) = root.get(key) else { return Vec::new() };
        let Some(items) = list.items() else {
            self.damaged_file(Some(list.line), &format!("`{key}` is a {}, where tables are expected", list.kind()));
            return Vec::new();
        };
        let (tables, others): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| item.entries().is_some());
        for other in others {
            self.damaged(other.line, "an entry", &format!("an entry is a {}, no table", other.kind()));
        }
        tables
    }

    /// The name of an entry with its line, or `None` after a word about its lack.
    pub(super) fn name<'a>(&mut self, entry: Node<'a>) -> Option<(&'a str, u32)> {
        let name = entry.get("name").and_then(|name| Some((name.text()?, name.line)));
        match name {
            Some((name, line)) if !is_name(name) => {
                self.damaged(line, name, &format!("`{}` is no name of a package", lines::shorten(name)));
                None
            }
            Some(name) => Some(name),
            None => {
                self.damaged(entry.line, "an entry without a name", "an entry has no name");
                None
            }
        }
    }

    /// Puts an entry where it belongs, and returns its node.
    pub(super) fn add(&mut self, entry: Entry<'_>) -> Option<usize> {
        let Entry { name, version, line, origin, groups, marker, indexes } = entry;
        let (None, Origin::Index) = (version, &origin) else {
            let shown = version.map_or_else(|| lines::shorten(name), |version| lines::shorten(&format!("{name} {version}")));
            let node = self.extracted.graph.add_node(shown.clone(), matches!(origin, Origin::Own));
            self.nodes.entry(pep503(name)).or_default().push(node);
            match origin {
                Origin::Own => self.extracted.own.push(OwnPackage { name: name.to_owned(), version: version.map(str::to_owned) }),
                Origin::Index => {
                    let wanted = Wanted::Version(version.unwrap_or_default().to_owned());
                    let package = Package::new(Ecosystem::new(Ecosystem::PYPI), name, wanted, line);
                    self.packages.insert(node, self.extracted.packages.len());
                    self.extracted.packages.push(Package { node: Some(node), groups, marker, indexes, ..package });
                }
                Origin::Elsewhere(place) => {
                    let detail = format!("it comes from {place}");
                    self.unchecked(line, shown, Reason::NotFromARegistry, detail);
                }
            }
            return Some(node);
        };
        self.damaged(line, name, &format!("the entry of {} has no version", lines::shorten(name)));
        None
    }

    /// States that a node depends on what has this name; with a line, that an entry is missing if there is none.
    pub(super) fn depends(&mut self, from: usize, name: &str, must: Option<u32>) {
        self.dependencies.push(Dependency { from, name: pep503(name), must });
    }

    /// States what the package of a node is wanted for, too, and under which condition.
    pub(super) fn wanted_for(&mut self, node: usize, groups: Vec<Group>, marker: Option<&str>) {
        if let Some(at) = self.packages.get(&node) {
            let package = &mut self.extracted.packages[*at];
            // Wanted under two conditions is as good as always.
            package.marker = package.marker.take().filter(|own| marker == Some(own));
            let all = &mut package.groups;
            all.extend(groups);
            all.sort_unstable();
            all.dedup();
        }
    }

    /// An entry that cannot be read.
    pub(super) fn damaged(&mut self, line: u32, subject: &str, fault: &str) {
        self.unchecked(line, lines::shorten(subject), Reason::NotUnderstood, format!("{fault}; {}", self.cure));
        self.extracted.file = FileState::NotRead;
    }

    /// A fault of the file as a whole; its entries are still matched.
    pub(super) fn damaged_file(&mut self, line: Option<u32>, fault: &str) {
        let (path, subject) = (self.path.to_owned(), file_name(self.path).to_owned());
        let detail = format!("{fault}; {}", self.cure);
        self.extracted.unchecked.push(Unchecked { path, line, subject, packages: 0, reason: Reason::NotUnderstood, detail });
        self.extracted.file = FileState::NotRead;
    }

    fn unchecked(&mut self, line: u32, subject: String, reason: Reason, detail: String) {
        self.extracted.unchecked.push(Unchecked { path: self.path.to_owned(), line: Some(line), subject, packages: 1, reason, detail });
    }

    /// The reading, with its graph.
    pub(super) fn whole(mut self) -> Extracted {
        let mut missing = HashSet::new();
        for Dependency { from, name, must } in std::mem::take(&mut self.dependencies) {
            let nodes = self.nodes.get(&name).map(Vec::as_slice).unwrap_or_default();
            for to in nodes.iter().take(MOST_NAMESAKES) {
                self.extracted.graph.add_edge(from, *to);
            }
            if let (true, Some(line)) = (nodes.is_empty(), must.filter(|_| missing.insert(name.clone()))) {
                let subject = lines::shorten(&name);
                let detail = format!("the file depends on {subject} but has no entry for it, as if the file were cut off; {}", self.cure);
                self.unchecked(line, subject, Reason::MissingEntry, detail);
                self.extracted.file = FileState::NotRead;
            }
        }
        self.extracted
    }
}
