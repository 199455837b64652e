//! `[dependency-groups]` of a `pyproject.toml`, by [PEP 735](https://peps.python.org/pep-0735/). Each requirement is read
//! once, where it is written, whatever includes its group.

use std::collections::HashMap;

use crate::inventory::{lines::shorten, python_manifest::Manifest, syntax::toml_tree::Node};
use crate::model::{Group, pep503};

/// An `include-group`: from which group, to which, on which line.
struct Include {
    from: usize,
    to: usize,
    line: u32,
}

/// Reads all groups.
pub(crate) fn read(groups: Node<'_>, manifest: &mut Manifest<'_>) {
    manifest.is_known = true;
    let Some(entries) = groups.entries() else {
        return manifest.wrong_table("dependency-groups", groups, "a table of lists of requirements");
    };
    let by_name: HashMap<String, usize> = entries.iter().enumerate().map(|(at, (name, _))| (pep503(name), at)).collect();
    let mut includes = Vec::new();
    for (name, list) in &entries {
        let label = format!("dependency-groups.{}", shorten(name));
        let Some(items) = list.items() else {
            manifest.wrong_table(&label, *list, "a list of requirements");
            continue;
        };
        let from = by_name[&pep503(name)];
        for item in items {
            match (item.text(), included(item)) {
                (Some(text), _) => manifest.requirement(text, item.line, &[Group::Dev]),
                (None, None) => manifest.wrong_item(&label, item),
                (None, Some(other)) => {
                    if let Some(to) = by_name.get(&pep503(other)) {
                        includes.push(Include { from, to: *to, line: item.line });
                        continue;
                    }
                    let detail = format!("`{label}` includes a group that the file does not have; correct its name");
                    manifest.wrong(shorten(other), Some(item.line), 0, detail);
                }
            }
        }
    }
    if let Some(include) = on_a_cycle(&includes, entries.len()) {
        let name = shorten(entries[include.from].0);
        let detail = format!("the group {name} includes itself by way of others; no tool can install it: take out an include");
        manifest.wrong(name, Some(include.line), 0, detail);
    }
}

/// The group that an item includes, if it is such an item and nothing else.
fn included(item: Node<'_>) -> Option<&str> {
    match item.entries()?.as_slice() {
        [("include-group", name)] => name.text(),
        _ => None,
    }
}

/// An include between groups that are on a cycle. Groups that include nothing are taken away until none is left.
fn on_a_cycle(includes: &[Include], groups: usize) -> Option<&Include> {
    let mut open = vec![0_usize; groups];
    let mut included_by: Vec<Vec<usize>> = vec![Vec::new(); groups];
    for include in includes {
        open[include.from] += 1;
        included_by[include.to].push(include.from);
    }
    let mut done: Vec<usize> = (0..groups).filter(|group| open[*group] == 0).collect();
    while let Some(group) = done.pop() {
        for from in &included_by[group] {
            open[*from] -= 1;
            if open[*from] == 0 {
                done.push(*from);
            }
        }
    }
    includes.iter().find(|include| open[include.from] > 0 && open[include.to] > 0)
}
