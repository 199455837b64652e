//! The package indexes that the tools' tables of a `pyproject.toml` name. What is no index there is passed over: the tool
//! itself says so best.

use crate::inventory::{
    python_indexes::{DEFAULT, Indexes},
    syntax::toml_tree::Node,
};

/// Reads every table.
pub(crate) fn read(root: Node<'_>, indexes: &mut Indexes) {
    for (tool, read) in [("uv", uv as fn(Node<'_>, &mut Indexes)), ("poetry", poetry), ("pdm", pdm)] {
        if let Some(table) = root.at(&["tool", tool]) {
            read(table, indexes);
        }
    }
}

/// The items of a list; none where there is no list.
fn items<'a>(table: Node<'a>, key: &str) -> Vec<Node<'a>> {
    table.get(key).and_then(Node::items).unwrap_or_default()
}

/// The texts of a list.
fn texts<'a>(table: Node<'a>, key: &str) -> Vec<&'a str> {
    items(table, key).into_iter().filter_map(Node::text).collect()
}

/// [uv's indexes](https://docs.astral.sh/uv/concepts/indexes/), and those that its options name as pip's do.
fn uv(table: Node<'_>, indexes: &mut Indexes) {
    let tables = items(table, "index");
    let instead = table.text_of("index-url");
    let extra = texts(table, "extra-index-url");
    for index in &tables {
        if let (Some(name), Some(url)) = (index.text_of("name"), index.text_of("url")) {
            indexes.name(name, url);
        }
    }
    if table.is_set("no-index") || (tables.is_empty() && instead.is_none() && extra.is_empty()) {
        return;
    }
    // An explicit one is asked only for what names it.
    let implicit = tables.iter().filter(|index| !index.is_set("explicit")).filter_map(|index| index.text_of("url"));
    for url in implicit.chain(extra).chain(instead) {
        indexes.list(url);
    }
    if instead.is_none() && !tables.iter().any(|index| index.is_set("default")) {
        indexes.list(DEFAULT);
    }
}

/// [Poetry's sources](https://python-poetry.org/docs/repositories/).
fn poetry(table: Node<'_>, indexes: &mut Indexes) {
    let sources = items(table, "source");
    let mut is_replaced = false;
    for source in &sources {
        let name = source.text_of("name").unwrap_or_default();
        // Its own is known by its name.
        let url = source.text_of("url").or_else(|| name.eq_ignore_ascii_case(DEFAULT).then_some(DEFAULT));
        let Some(url) = url else { continue };
        indexes.name(name, url);
        is_replaced |= url == DEFAULT;
        let priority = source.text_of("priority").map(str::to_lowercase);
        is_replaced |= match priority.as_deref() {
            Some(priority) => matches!(priority, "primary" | "default"),
            // Before there were priorities, the default one stayed unless another was called so.
            None if source.get("default").is_some() => source.is_set("default"),
            None => !source.is_set("secondary"),
        };
        if priority.as_deref() != Some("explicit") {
            indexes.list(url);
        }
    }
    indexes.name(DEFAULT, DEFAULT);
    if !sources.is_empty() && !is_replaced {
        indexes.list(DEFAULT);
    }
}

/// [PDM's sources](https://pdm-project.org/latest/usage/config/#configure-the-package-indexes). One of the name `pypi` takes
/// the place of the default one.
fn pdm(table: Node<'_>, indexes: &mut Indexes) {
    let sources = items(table, "source");
    for source in &sources {
        // A page of links is no index.
        let Some(url) = source.text_of("url").filter(|_| source.text_of("type") != Some("find_links")) else { continue };
        let (included, excluded) = (texts(*source, "include_packages"), texts(*source, "exclude_packages"));
        indexes.list_for(url, &included, &excluded);
    }
    if !sources.is_empty() && !sources.iter().any(|source| source.text_of("name") == Some("pypi")) {
        indexes.list(DEFAULT);
    }
}
