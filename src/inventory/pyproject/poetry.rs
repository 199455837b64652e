//! Poetry's own tables of a `pyproject.toml`: `[tool.poetry.dependencies]`, `[tool.poetry.dev-dependencies]` and
//! `[tool.poetry.group.<name>.dependencies]`.

use std::collections::HashSet;

use crate::inventory::{
    lines::shorten,
    pyproject::poetry_constraint,
    python_manifest::{Manifest, Origin, Place, Wish, all_of, with_prereleases},
    syntax::toml_tree::Node,
};
use crate::model::{Group, pep503};

/// A table of dependencies.
struct Dependencies<'a> {
    label: String,
    node: Node<'a>,
    group: Group,
}

/// What Poetry says of where packages come from that the standard tables name. It says so in its own tables, which
/// then ask for nothing by themselves (Poetry 2).
pub(crate) fn origins(poetry: Node<'_>, manifest: &mut Manifest<'_>) {
    for dependencies in tables(poetry) {
        for (name, value) in dependencies.node.entries().unwrap_or_default() {
            for (part, is_one_of_several) in parts(value) {
                let place = place(part).unwrap_or(Place::Index);
                // What only a group takes from elsewhere is taken from the index by the others.
                let is_of_group = dependencies.group != Group::Runtime;
                let is_conditional =
                    is_of_group || is_one_of_several || ["markers", "python", "platform"].iter().any(|key| part.get(key).is_some());
                if let Some(source) = part.text_of("source") {
                    manifest.indexes.pin(name, source, is_conditional);
                }
                if place != Place::Index || is_one_of_several {
                    manifest.add_origin(name, Origin { place, is_conditional });
                }
            }
        }
    }
}

/// Reads every table. What `stated` has is asked for in `[project]` already, so that Poetry's table of the project's own
/// dependencies only adds to it; likewise its groups to those of `stated_in_groups`.
pub(crate) fn read(poetry: Node<'_>, manifest: &mut Manifest<'_>, stated: &HashSet<String>, stated_in_groups: &HashSet<String>) {
    manifest.is_known = true;
    for dependencies in tables(poetry) {
        let label = &dependencies.label;
        let Some(entries) = dependencies.node.entries() else {
            manifest.wrong_table(label, dependencies.node, "a table of names and constraints");
            continue;
        };
        for (name, value) in entries {
            let key = pep503(name);
            // Python itself is no package.
            if key == "python" || (dependencies.group == Group::Runtime && stated.contains(&key)) {
                continue;
            }
            for (part, is_one_of_several) in parts(value) {
                // A group that only adds to what the standard's group of its name wants has no version.
                if stated_in_groups.contains(&key) && part.text().is_none() && part.get("version").is_none() {
                    continue;
                }
                // Each of several constraints is on a line of its own.
                let line = if is_one_of_several { part.line } else { value.line };
                dependency(manifest, name, part, line, dependencies.group);
            }
        }
    }
}

/// Whether it has a table of what the project itself wants.
pub(crate) fn states_dependencies(poetry: Node<'_>) -> bool {
    poetry.get("dependencies").is_some()
}

fn tables(poetry: Node<'_>) -> Vec<Dependencies<'_>> {
    let mut tables = Vec::new();
    let known = [("dependencies", Group::Runtime), ("dev-dependencies", Group::Dev), ("requires-plugins", Group::Dev)];
    for (key, group) in known {
        if let Some(node) = poetry.get(key) {
            tables.push(Dependencies { label: format!("tool.poetry.{key}"), node, group });
        }
    }
    for (name, group) in poetry.get("group").and_then(Node::entries).unwrap_or_default() {
        if let Some(node) = group.get("dependencies") {
            // Poetry's name of the project's own dependencies.
            let group = if pep503(name) == "main" { Group::Runtime } else { Group::Dev };
            tables.push(Dependencies { label: format!("tool.poetry.group.{}.dependencies", shorten(name)), node, group });
        }
    }
    tables
}

/// The constraints of one dependency, and whether there is a list of them.
fn parts(value: Node<'_>) -> Vec<(Node<'_>, bool)> {
    match value.items() {
        Some(items) => {
            let several = items.len() > 1;
            items.into_iter().map(|item| (item, several)).collect()
        }
        None => vec![(value, false)],
    }
}

/// Where a dependency comes from, if it says so.
fn place(part: Node<'_>) -> Option<Place> {
    let text = |key: &str| part.text_of(key);
    let place = text("git").map(Place::git).or_else(|| text("file").map(Place::archive));
    place.or_else(|| text("path").map(Place::local)).or_else(|| text("url").map(Place::url))
}

fn dependency(manifest: &mut Manifest<'_>, name: &str, part: Node<'_>, line: u32, group: Group) {
    if let Some(place) = place(part) {
        return manifest.put(name, &place, line);
    }
    let is_table = part.entries().is_some();
    let constraint = match (part.text(), part.get("version")) {
        (Some(text), _) => Ok(text),
        (None, Some(version)) => version.text().ok_or("its version is no text"),
        (None, None) if is_table => Ok("*"),
        (None, None) => Err("it is neither a constraint nor a table"),
    };
    let specifiers = constraint.map_err(str::to_owned).and_then(poetry_constraint::parse);
    let marker = markers(part);
    let (specifiers, marker) = match specifiers.and_then(|specifiers| Ok((specifiers, marker?))) {
        Ok(read) => read,
        Err(cause) => {
            let detail = format!("the entry of {} cannot be read: {cause}; `poetry check` says more", shorten(name));
            return manifest.wrong(shorten(name), Some(line), 1, detail);
        }
    };
    let specifiers = if part.is_set("allow-prereleases") { with_prereleases(&specifiers) } else { specifiers };
    let group = if part.is_set("optional") { Group::Optional } else { group };
    manifest.wish(Wish { name, specifiers, marker, line, groups: &[group], index: part.text_of("source") });
}

/// Its conditions as one marker of PEP 508.
fn markers(part: Node<'_>) -> Result<Option<String>, String> {
    let mut all = Vec::new();
    for (key, read) in [("markers", verbatim as fn(&str) -> Result<String, String>), ("python", python), ("platform", platform)] {
        if let Some(value) = part.get(key) {
            let marker = read(value.text().ok_or_else(|| format!("its `{key}` is no text"))?)?;
            if !marker.is_empty() {
                all.push(marker);
            }
        }
    }
    all_of(all)
}

/// A marker is one already. Poetry's markers may stand on several lines.
#[expect(clippy::unnecessary_wraps, reason = "one of three readers")]
fn verbatim(marker: &str) -> Result<String, String> {
    Ok(marker.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Versions of Python as a marker.
fn python(constraint: &str) -> Result<String, String> {
    let text = poetry_constraint::parse(constraint)?.to_string();
    let clause = |specifier: &str| {
        let (operator, version) = specifier.split_at(specifier.find(|c| !"=!<>~".contains(c)).unwrap_or(0));
        // `python_version` has two segments: it is 3.8 for every 3.8.x, and cannot tell what follows 3.8 from 3.8.
        if let Some(minor) = version.strip_suffix(".*").filter(|minor| minor.split('.').count() == 2) {
            return format!("python_version {operator} \"{minor}\"");
        }
        let is_short = version.split('.').count() <= 2 && matches!(operator, ">=" | "<" | "==" | "!=");
        format!("{} {operator} \"{version}\"", if is_short { "python_version" } else { "python_full_version" })
    };
    let list = |list: &str| list.split(',').filter(|part| !part.is_empty()).map(clause).collect::<Vec<_>>().join(" and ");
    Ok(text.split(" || ").map(list).collect::<Vec<_>>().join(" or "))
}

/// Names of platforms as a marker: `linux`, `!=win32`, `linux || darwin`.
fn platform(constraint: &str) -> Result<String, String> {
    let clause = |name: &str| {
        let name = name.trim();
        let (operator, name) = name.split_at(name.find(|c| !"=!".contains(c)).unwrap_or(name.len()));
        let name = name.trim();
        let operator = if operator == "!=" { "!=" } else { "==" };
        let is_plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        is_plain.then(|| format!("sys_platform {operator} \"{name}\"")).ok_or_else(|| format!("`{}` is no platform", shorten(name)))
    };
    let list = |list: &str| Ok(list.split(',').map(clause).collect::<Result<Vec<_>, String>>()?.join(" and "));
    Ok(constraint.replace("||", "|").split('|').map(list).collect::<Result<Vec<_>, String>>()?.join(" or "))
}

#[cfg(test)]
mod tests {
    use super::{platform, python};

    #[test]
    fn conditions_are_markers() {
        for (constraint, expected) in [
            ("^3.8", "python_version >= \"3.8\" and python_version < \"4.0\""),
            ("<3.8 || >=3.9.1", "python_version < \"3.8\" or python_full_version >= \"3.9.1\""),
            ("3.8.*", "python_version == \"3.8\""),
            ("*", ""),
        ] {
            assert_eq!(python(constraint).as_deref(), Ok(expected), "{constraint}");
        }
        for (constraint, expected) in [
            ("linux", "sys_platform == \"linux\""),
            ("!=win32", "sys_platform != \"win32\""),
            ("linux || darwin", "sys_platform == \"linux\" or sys_platform == \"darwin\""),
        ] {
            assert_eq!(platform(constraint).as_deref(), Ok(expected), "{constraint}");
        }
        assert!(platform("a\"b").is_err() && platform("").is_err() && python("three").is_err());
    }
}
