//! The entries of a requirements file and who wants them, as its `# via` comments say.

use crate::model::pep503;
use std::collections::HashMap;

use crate::inventory::{Extracted, requirements::compiled::Parent};

/// What lines ask for, in order.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    all: Vec<Entry>,
    /// By pep503 name: the first entry of each.
    by_name: HashMap<String, usize>,
    /// An entry, and one that wants it.
    wanted: Vec<(usize, Parent)>,
}

#[derive(Debug)]
struct Entry {
    label: String,
    is_own: bool,
    /// Its place among the file's packages, if it is one.
    package: Option<usize>,
}

impl Entries {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// Adds an entry and returns its number.
    pub(crate) fn add(&mut self, label: String, name: Option<&str>, is_own: bool, package: Option<usize>) -> usize {
        let entry = self.all.len();
        if let Some(name) = name {
            self.by_name.entry(pep503(name)).or_insert(entry);
        }
        self.all.push(Entry { label, is_own, package });
        entry
    }

    /// States who wants an entry.
    pub(crate) fn wanted_by(&mut self, entry: usize, parents: Vec<Parent>) {
        self.wanted.extend(parents.into_iter().map(|parent| (entry, parent)));
    }

    /// All who want anything.
    pub(crate) fn parents(&self) -> impl Iterator<Item = &Parent> {
        self.wanted.iter().map(|(_, parent)| parent)
    }

    /// The graph, if any comment speaks of one. Files and projects that want something are nodes of their own.
    pub(crate) fn into_graph(self, extracted: &mut Extracted) {
        if self.wanted.is_empty() {
            return;
        }
        for entry in self.all {
            let node = extracted.graph.add_node(entry.label, entry.is_own);
            if let Some(package) = entry.package.and_then(|package| extracted.packages.get_mut(package)) {
                package.node = Some(node);
            }
        }
        let mut files: HashMap<String, usize> = HashMap::new();
        for (entry, parent) in self.wanted {
            let from = match parent {
                Parent::Package(name) => self.by_name.get(&name).copied(),
                Parent::File(label) | Parent::Project(label, _) => {
                    Some(*files.entry(label).or_insert_with_key(|label| extracted.graph.add_node(label.clone(), true)))
                }
            };
            if let Some(from) = from {
                extracted.graph.add_edge(from, entry);
            }
        }
    }
}
