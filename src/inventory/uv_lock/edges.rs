//! The dependencies of a `uv.lock`: edges, groups and markers of its packages, and whether all that is named is there.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::inventory::{
    FileState, file_name,
    lines::shorten,
    syntax::toml_tree::Node,
    uv_lock::demand::Demand,
    uv_lock::file::{Entry, Reading, Source, source_of},
};
use crate::model::{Group, Reason, pep503};

/// What names an entry: its name, its version and its source, the latter two as far as they are given.
type Id<'a> = (String, Option<&'a str>, Option<Source<'a>>);

/// The dependencies of one file.
struct Edges<'a, 'r> {
    reading: &'r mut Reading<'a>,
    demand: Demand<'a>,
    /// Each entry by all that may name it; the first where several would do.
    by_id: HashMap<Id<'a>, usize>,
    /// The entries of each name.
    by_name: HashMap<String, Vec<usize>>,
    /// The extras of each entry.
    extras: Vec<Vec<(String, usize)>>,
    /// What has no entry, and had a word about that.
    missing: HashSet<String>,
}

/// A list of dependencies of an entry, and whose it is.
enum List {
    /// `dependencies`.
    Base,
    /// An item of `optional-dependencies`.
    Extra(String),
    /// An item of `dev-dependencies`.
    Group,
}

/// All that a script or a workspace asks for under one name.
#[derive(Default)]
struct Request<'a> {
    extras: BTreeSet<String>,
    markers: Vec<Option<&'a str>>,
    groups: BTreeSet<Group>,
    line: u32,
}

/// Reads the dependencies of all entries, and completes packages with what follows from those.
pub(crate) fn read<'a>(reading: &mut Reading<'a>, root: Node<'a>) {
    let count = reading.entries.len();
    let mut edges = Edges {
        reading,
        demand: Demand::new(count),
        by_id: HashMap::with_capacity(4 * count),
        by_name: HashMap::with_capacity(count),
        extras: vec![Vec::new(); count],
        missing: HashSet::new(),
    };
    edges.index();
    edges.of_entries();
    let asks = edges.of_manifest(root);
    let members = edges.members(root);
    edges.spread(&members);
    edges.complete();
    edges.whole(asks);
}

/// The lists of an entry, or the key of one that is none.
fn lists(node: Node<'_>) -> Result<Vec<(List, Vec<Node<'_>>)>, &'static str> {
    let mut lists = Vec::new();
    if let Some(list) = node.get("dependencies") {
        lists.push((List::Base, list.items().ok_or("dependencies")?));
    }
    for key in ["optional-dependencies", "dev-dependencies", "dependency-groups"] {
        let Some(table) = node.get(key) else { continue };
        for (name, list) in table.entries().ok_or(key)? {
            let whose = if key == "optional-dependencies" { List::Extra(pep503(name)) } else { List::Group };
            lists.push((whose, list.items().ok_or(key)?));
        }
    }
    Ok(lists)
}

/// The texts of a list; none where there is no list.
fn texts<'a>(node: Node<'a>, key: &str) -> Vec<&'a str> {
    node.get(key).and_then(Node::items).unwrap_or_default().into_iter().filter_map(Node::text).collect()
}

impl<'a> Edges<'a, '_> {
    fn index(&mut self) {
        for (at, entry) in self.reading.entries.iter().enumerate() {
            let Entry { key, version, source, .. } = entry;
            for (version, source) in [(None, None), (*version, None), (None, Some(*source)), (*version, Some(*source))] {
                self.by_id.entry((key.clone(), version, source)).or_insert(at);
            }
            self.by_name.entry(key.clone()).or_default().push(at);
            for (name, _) in entry.node.get("optional-dependencies").and_then(Node::entries).unwrap_or_default() {
                let name = pep503(name);
                let extra = self.demand.add_extra(at, name.clone());
                self.extras[at].push((name, extra));
            }
        }
    }

    fn of_entries(&mut self) {
        for from in 0..self.reading.entries.len() {
            let Entry { node, name, line, source, .. } = self.reading.entries[from];
            let is_own = source.0.is_own();
            let lists = match lists(node) {
                Ok(lists) => lists,
                Err(key) => {
                    let name = shorten(name);
                    let cause = format!("`{key}` of {name} cannot be read");
                    self.reading.wrong(name, Some(line), 0, Reason::NotUnderstood, &cause);
                    continue;
                }
            };
            for (list, items) in lists {
                // What an extra or a group of the project's own wants is wanted, whoever asks for it.
                let (vertex, group) = match list {
                    List::Base => (Some(from), None),
                    List::Extra(name) => (self.demand.extra(from, name), Some(Group::Optional)),
                    List::Group => (None, Some(Group::Dev)),
                };
                for item in items {
                    self.dependency(from, vertex, group.filter(|_| is_own), item);
                }
            }
        }
    }

    /// A dependency of the package `from`, be it wanted by itself, an extra, or a group.
    fn dependency(&mut self, from: usize, vertex: Option<usize>, group: Option<Group>, item: Node<'a>) {
        let Some(name) = item.text_of("name") else {
            let subject = shorten(self.reading.entries[from].name);
            let cause = format!("a dependency of {subject} has no name");
            return self.reading.wrong(subject, Some(item.line), 0, Reason::NotUnderstood, &cause);
        };
        let Some(to) = self.resolve(name, item) else { return };
        self.reading.extracted.graph.add_edge(from, to);
        self.demand.add_condition(to, item.text_of("marker"));
        let extras = texts(item, "extra").into_iter().filter_map(|extra| self.demand.extra(to, pep503(extra)));
        for target in std::iter::once(to).chain(extras.collect::<Vec<_>>()) {
            if let Some(vertex) = vertex {
                self.demand.add_edge(vertex, target);
            }
            if let Some(group) = group {
                self.demand.want(target, group);
            }
        }
    }

    /// The entry that a dependency names; else there is a word about it, as uv has one.
    fn resolve(&mut self, name: &str, item: Node<'a>) -> Option<usize> {
        let key = pep503(name);
        let (version, source) = (item.text_of("version"), item.get("source").and_then(source_of));
        let namesakes = self.by_name.get(&key).map_or(0, Vec::len);
        if namesakes > 1 && version.is_none() && source.is_none() {
            if self.missing.insert(key) {
                let name = shorten(name);
                let cause = format!("a dependency on {name} does not say on which of its {namesakes} entries");
                self.reading.wrong(name, Some(item.line), 0, Reason::NotUnderstood, &cause);
            }
            return None;
        }
        let id = (key, version, source);
        let found = self.by_id.get(&id).copied();
        if found.is_none() {
            let subject = version.map_or_else(|| name.to_owned(), |version| format!("{name} {version}"));
            self.no_entry(&id.0, &subject, item.line);
        }
        found
    }

    /// A dependency without an entry: the file was cut off or edited, and a package is not looked at.
    fn no_entry(&mut self, key: &str, subject: &str, line: u32) {
        // An entry that is there and damaged has had its word already.
        if self.reading.damaged.contains(key) || !self.missing.insert(pep503(subject)) {
            return;
        }
        let subject = shorten(subject);
        let cause = format!("the file depends on {subject} but has no entry for it, as if the file were cut off");
        self.reading.wrong(subject, Some(line), 1, Reason::MissingEntry, &cause);
    }

    /// What a script, or a workspace without a project, asks for. Returns whether there is any.
    fn of_manifest(&mut self, root: Node<'a>) -> bool {
        let Some(manifest) = root.get("manifest") else { return false };
        let mut requests: BTreeMap<String, Request<'a>> = BTreeMap::new();
        let mut add = |list: Node<'a>, group: Group| {
            for item in list.items().unwrap_or_default() {
                let Some(name) = item.text_of("name") else { continue };
                let request = requests.entry(pep503(name)).or_insert_with(|| Request { line: item.line, ..Request::default() });
                request.extras.extend(texts(item, "extras").into_iter().map(pep503));
                request.markers.push(item.text_of("marker"));
                request.groups.insert(group);
            }
        };
        if let Some(list) = manifest.get("requirements") {
            add(list, Group::Runtime);
        }
        for (_, list) in manifest.get("dependency-groups").and_then(Node::entries).unwrap_or_default() {
            add(list, Group::Dev);
        }
        if requests.is_empty() {
            return false;
        }
        let asking = self.reading.extracted.graph.add_node(asking(self.reading.path), true);
        let excluded: HashSet<String> = texts(manifest, "excludes").into_iter().map(pep503).collect();
        for (name, request) in requests {
            self.request(asking, &name, &request, &excluded);
        }
        true
    }

    fn request(&mut self, asking: usize, name: &str, request: &Request<'a>, excluded: &HashSet<String>) {
        let Some(entries) = self.by_name.get(name).cloned() else {
            // Under a marker that holds nowhere it needs no entry.
            if !excluded.contains(name) && request.markers.contains(&None) {
                self.no_entry(name, name, request.line);
            }
            return;
        };
        let is_one = entries.len() == 1;
        for to in entries {
            self.reading.extracted.graph.add_edge(asking, to);
            if is_one {
                for marker in &request.markers {
                    self.demand.add_condition(to, *marker);
                }
            } else {
                // Which of them is meant by which marker is not told.
                self.demand.add_condition(to, None);
            }
            let extras = self.extras[to].iter().filter(|(extra, _)| request.extras.contains(extra)).map(|(_, vertex)| *vertex);
            for target in std::iter::once(to).chain(extras) {
                for group in &request.groups {
                    self.demand.want(target, *group);
                }
            }
        }
    }

    /// The names of the workspace's members. Each has an entry.
    fn members(&mut self, root: Node<'a>) -> HashSet<String> {
        let Some(members) = root.at(&["manifest", "members"]).and_then(Node::items) else { return HashSet::new() };
        let mut names = HashSet::new();
        for member in members {
            let Some(name) = member.text() else { continue };
            let key = pep503(name);
            if !self.by_name.contains_key(&key) && !self.reading.damaged.contains(&key) && !names.contains(&key) {
                let name = shorten(name);
                let cause = format!("the workspace has the member {name} but the file has no entry for it, as if it were cut off");
                self.reading.wrong(name, Some(member.line), 0, Reason::MissingEntry, &cause);
            }
            names.insert(key);
        }
        names
    }

    /// The project and the members of its workspace want what they depend on. Of other local packages, what leads to
    /// them says what they are for: one that only tests depend on is a part of those.
    fn spread(&mut self, members: &HashSet<String>) {
        let is_root = |entry: &Entry<'a>| members.contains(&entry.key) || matches!(entry.source.1, "." | "./" | "");
        for needs_root in [true, false] {
            for (at, entry) in self.reading.entries.iter().enumerate() {
                let is_wanted = if needs_root { is_root(entry) } else { !self.demand.is_wanted(at) };
                if entry.source.0.is_own() && is_wanted {
                    self.demand.want(at, Group::Runtime);
                }
            }
            self.demand.spread();
        }
    }

    fn complete(&mut self) {
        for package in &mut self.reading.extracted.packages {
            if let Some(node) = package.node {
                package.groups = self.demand.groups(node);
                package.marker = self.demand.marker(node).map(str::to_owned);
            }
        }
    }

    /// A file that uv wrote has the project's own packages, or says what a script asks for, and those lead to others.
    /// One that was cut off between two entries still parses; this is what gives it away.
    fn whole(&mut self, asks: bool) {
        if self.reading.extracted.file == FileState::NotRead {
            return;
        }
        let is_own = |entry: &Entry<'a>| entry.source.0.is_own();
        let others = || self.reading.entries.iter().enumerate().filter(|(_, entry)| !is_own(entry));
        let cause = if !asks && !self.reading.entries.iter().any(is_own) {
            "it has no package of the project's own, as if the file were cut off"
        } else if others().next().is_some() && !others().any(|(at, _)| self.demand.is_wanted(at)) {
            "no package of the project leads to any other, as if the file were cut off"
        } else {
            return;
        };
        self.reading.wrong(file_name(self.reading.path).to_owned(), None, 0, Reason::NotUnderstood, cause);
    }
}

/// Who asks for what no package of the project's asks for: the script that the lockfile is named after, or the
/// workspace.
fn asking(path: &str) -> String {
    match file_name(path).strip_suffix(".lock") {
        Some("uv") | None => "the workspace".to_owned(),
        Some(script) => script.to_owned(),
    }
}
