//! The tables of uv, PDM, Hatch, Flit and Rye in a `pyproject.toml`.

use crate::inventory::{
    FileState,
    lines::shorten,
    python_manifest::{Manifest, Origin, Place},
    syntax::toml_tree::Node,
};
use crate::model::{Group, Reason};

/// Lists of requirements, by their place. uv's `constraint-dependencies` ask for nothing.
const LISTS: [(&[&str], Group); 9] = [
    // What is overridden is installed so, whoever wants it.
    (&["tool", "uv", "override-dependencies"], Group::Runtime),
    (&["tool", "uv", "dev-dependencies"], Group::Dev),
    (&["tool", "rye", "dev-dependencies"], Group::Dev),
    (&["tool", "pdm", "plugins"], Group::Dev),
    (&["tool", "hatch", "env", "requires"], Group::Dev),
    (&["tool", "hatch", "build", "dependencies"], Group::Dev),
    (&["tool", "flit", "metadata", "requires"], Group::Runtime),
    (&["tool", "flit", "metadata", "dev-requires"], Group::Dev),
    (&["tool", "flit", "metadata", "test-requires"], Group::Dev),
];

/// Tables of such lists.
const TABLES: [(&[&str], Group); 3] = [
    (&["tool", "pdm", "dev-dependencies"], Group::Dev),
    (&["tool", "uv", "extra-build-dependencies"], Group::Dev),
    (&["tool", "flit", "metadata", "requires-extra"], Group::Optional),
];

/// Tables that are not read, and what they are.
const UNREAD: [(&[&str], &str); 6] = [
    (&["tool", "pixi", "dependencies"], "dependencies of pixi's"),
    (&["tool", "pixi", "pypi-dependencies"], "dependencies of pixi's"),
    (&["tool", "pixi", "feature"], "dependencies of pixi's"),
    (&["tool", "pixi", "target"], "dependencies of pixi's"),
    (&["tool", "conda-lock", "dependencies"], "dependencies of conda-lock's"),
    (&["tool", "pdm", "dependencies"], "dependencies in a notation that PDM gave up before its version 1"),
];

/// Reads every table.
pub(crate) fn read(root: Node<'_>, manifest: &mut Manifest<'_>) {
    for (path, group) in LISTS {
        if let Some(list) = root.at(path) {
            manifest.list(list, &path.join("."), &[group]);
        }
    }
    for (path, group) in TABLES {
        if let Some(table) = root.at(path) {
            manifest.lists(table, &path.join("."), &[group]);
        }
    }
    for (path, what) in UNREAD {
        if let Some(table) = root.at(path) {
            let label = path.join(".");
            manifest.is_known = true;
            manifest.extracted.file = FileState::NotRead;
            let detail = format!("`[{label}]` has {what}: overdue does not read them yet");
            manifest.unchecked(label, Some(table.line), 0, Reason::UnsupportedFormat, detail);
        }
    }
    if let Some(hatch) = root.at(&["tool", "hatch"]) {
        read_hatch(hatch, manifest);
    }
}

/// Hatch's environments and the plugins that build with packages of their own.
fn read_hatch(hatch: Node<'_>, manifest: &mut Manifest<'_>) {
    for (name, environment) in hatch.get("envs").and_then(Node::entries).unwrap_or_default() {
        let label = format!("tool.hatch.envs.{}", shorten(name));
        hatch_lists(environment, &label, manifest);
        // `overrides.<kind>.<value>.dependencies`: what certain matrices, platforms and variables add.
        for (_, kind) in environment.get("overrides").and_then(Node::entries).unwrap_or_default() {
            for (_, value) in kind.entries().unwrap_or_default() {
                hatch_lists(value, &format!("{label}.overrides"), manifest);
            }
        }
    }
    let Some(build) = hatch.get("build") else { return };
    for (name, hook) in build.get("hooks").and_then(Node::entries).unwrap_or_default() {
        hatch_lists(hook, &format!("tool.hatch.build.hooks.{}", shorten(name)), manifest);
    }
    for (name, target) in build.get("targets").and_then(Node::entries).unwrap_or_default() {
        let label = format!("tool.hatch.build.targets.{}", shorten(name));
        hatch_lists(target, &label, manifest);
        for (name, hook) in target.get("hooks").and_then(Node::entries).unwrap_or_default() {
            hatch_lists(hook, &format!("{label}.hooks.{}", shorten(name)), manifest);
        }
    }
}

fn hatch_lists(holder: Node<'_>, label: &str, manifest: &mut Manifest<'_>) {
    for key in ["dependencies", "extra-dependencies"] {
        let Some(list) = holder.get(key) else { continue };
        let label = format!("{label}.{key}");
        manifest.is_known = true;
        let Some(items) = list.items() else {
            manifest.wrong_table(&label, list, "a list of requirements");
            continue;
        };
        for item in items {
            // An override may be a table: `{value = "...", if = [...]}`.
            match item.text().or_else(|| item.text_of("value")) {
                Some(text) => hatch_requirement(text, item.line, manifest),
                None => manifest.wrong_item(&label, item),
            }
        }
    }
}

/// A requirement in which Hatch may fill in fields.
fn hatch_requirement(text: &str, line: u32, manifest: &mut Manifest<'_>) {
    let field = text.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(field, _)| field);
    match field.filter(|field| !field.starts_with("root")) {
        Some(field) => {
            let name: String = text.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
            let subject = shorten(if name.is_empty() { text } else { &name });
            let detail = format!("`{{{}}}` in `{}` is known only when Hatch runs; write it out", shorten(field), shorten(text));
            manifest.unchecked(subject, Some(line), 1, Reason::NotUnderstood, detail);
        }
        None => manifest.requirement(text, line, &[Group::Dev]),
    }
}

/// [`[tool.uv.sources]`](https://docs.astral.sh/uv/concepts/projects/dependencies/#dependency-sources): where packages
/// come from that other tables name.
pub(crate) fn uv_sources(root: Node<'_>, manifest: &mut Manifest<'_>) {
    let Some(sources) = root.at(&["tool", "uv", "sources"]) else { return };
    let Some(entries) = sources.entries() else { return manifest.wrong_table("tool.uv.sources", sources, "a table of sources") };
    for (name, value) in entries {
        for source in value.items().unwrap_or_else(|| vec![value]) {
            let is_conditional = ["marker", "extra", "group"].iter().any(|key| source.get(key).is_some());
            if let Some(place) = uv_place(source) {
                if let (Place::Index, Some(index)) = (&place, source.text_of("index")) {
                    manifest.indexes.pin(name, index, is_conditional);
                }
                manifest.add_origin(name, Origin { place, is_conditional });
                continue;
            }
            let name = shorten(name);
            let detail =
                format!("the source of {name} has none of git, url, path, workspace and index; correct it as uv's documentation says");
            manifest.wrong(format!("tool.uv.sources.{name}"), Some(source.line), 0, detail);
        }
    }
}

fn uv_place(source: Node<'_>) -> Option<Place> {
    let text = |key: &str| source.text_of(key);
    let place = text("git").map(Place::git).or_else(|| text("url").map(Place::url)).or_else(|| text("path").map(Place::local));
    place.or_else(|| source.is_set("workspace").then_some(Place::Own)).or_else(|| text("index").map(|_| Place::Index))
}
