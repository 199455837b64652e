//! `Pipfile`: what a project of Pipenv's depends on, in
//! [its own TOML](https://pipenv.pypa.io/en/latest/pipfile.html).

use super::{
    Above, Coverage, Extent, Extracted, Extractor, file_name,
    lines::{self, Fault, shorten},
    pep508::direct_reference,
    pep508::specifiers,
    python_indexes::Indexes,
    python_manifest::{Manifest, Place, Wish, all_of, with_prereleases},
    syntax::damage,
    syntax::toml_tree::{Document, Node},
};
use crate::{model::Group, version::Specifiers};

/// Pipenv's manifest.
pub struct Pipfile;

/// The tables that hold no packages.
const OTHERS: [&str; 4] = ["source", "requires", "pipenv", "scripts"];

/// The variables of markers, each of which may be a key.
const VARIABLES: [&str; 11] = [
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_version",
    "python_full_version",
    "implementation_name",
    "implementation_version",
];

impl Extractor for Pipfile {
    fn name(&self) -> &'static str {
        "pipfile"
    }

    fn recognises(&self, path: &str) -> bool {
        file_name(path) == "Pipfile"
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        let read = lines::utf8(bytes).and_then(|text| from_text(path, text));
        let extracted = read.unwrap_or_else(|(line, cause)| {
            Extracted::not_understood(path, line, format!("{cause}; correct it, or restore it from version control"))
        });
        let coverage = Coverage { lockfiles: &["Pipfile.lock"], above: Above::Never, package: None, extent: Extent::Listed };
        Extracted { coverage: Some(coverage), ..extracted }
    }
}

fn from_text(path: &str, text: &str) -> Result<Extracted, Fault> {
    if let Some(fault) = damage::obvious(text, "TOML") {
        return Err(fault);
    }
    let document = Document::parse(text)?;
    let root = document.root();
    let lets_in_prereleases = root.get("pipenv").is_some_and(|pipenv| pipenv.is_set("allow_prereleases"));
    let mut manifest = Manifest::new(path, None);
    sources(root, &mut manifest.indexes);
    for (category, table) in root.entries().unwrap_or_default() {
        let group = match category {
            "packages" => Group::Runtime,
            "dev-packages" => Group::Dev,
            other if OTHERS.contains(&other) => continue,
            _ => Group::Optional,
        };
        let Some(entries) = table.entries() else {
            manifest.wrong_table(category, table, "a table of names and versions");
            continue;
        };
        for (name, value) in entries {
            dependency(&mut manifest, name, value, group, lets_in_prereleases);
        }
    }
    let mut extracted = manifest.extracted;
    manifest.indexes.complete(&mut extracted.packages);
    extracted.packages.sort_by_key(|package| package.line);
    Ok(extracted)
}

/// `[[source]]`: the indexes, instead of the one that Pipenv has by itself. The first is asked for what names none, the
/// others, too, by older versions and by `install_search_all_sources`.
fn sources(root: Node<'_>, indexes: &mut Indexes) {
    for source in root.get("source").and_then(Node::items).unwrap_or_default() {
        let Some(url) = source.text_of("url") else { continue };
        if let Some(name) = source.text_of("name") {
            indexes.name(name, url);
        }
        indexes.list(url);
    }
}

fn dependency(manifest: &mut Manifest<'_>, written: &str, value: Node<'_>, group: Group, lets_in_prereleases: bool) {
    // The extras may stand with the name.
    let name = written.split('[').next().unwrap_or_default().trim();
    if let Some(place) = place(value) {
        return manifest.put(name, &place, value.line);
    }
    let read = versions(value).and_then(|specifiers| Ok((specifiers, markers(value)?)));
    match read {
        Ok((specifiers, marker)) => {
            let specifiers = if lets_in_prereleases { with_prereleases(&specifiers) } else { specifiers };
            let index = value.text_of("index");
            manifest.wish(Wish { name, specifiers, marker, line: value.line, groups: &[group], index });
        }
        Err(cause) => {
            let name = shorten(name);
            manifest.wrong(name.clone(), Some(value.line), 1, format!("the entry of {name} cannot be read: {cause}"));
        }
    }
}

/// Where a dependency comes from, if it says so.
fn place(value: Node<'_>) -> Option<Place> {
    let text = |key: &str| value.text_of(key);
    let other = || ["hg", "svn", "bzr"].iter().find_map(|key| text(key).map(|url| format!("{key}+{url}")));
    let place = text("git").map(Place::git).or_else(|| other().map(|url| Place::Elsewhere(direct_reference::describe(&url))));
    let file = |file: &str| if direct_reference::is_url(file) { Place::url(file) } else { Place::local(file) };
    place.or_else(|| text("path").map(Place::local)).or_else(|| text("file").map(file))
}

fn versions(value: Node<'_>) -> Result<Specifiers, String> {
    let text = match (value.text(), value.get("version")) {
        (Some(text), _) => text,
        (None, Some(version)) => version.text().ok_or("its version is no text")?,
        (None, None) if value.entries().is_some() => "*",
        (None, None) => return Err(format!("it is of the type {}; write \"*\", a version as \"==1.0\", or a table", value.kind())),
    };
    let text = text.trim();
    let text = if text == "*" { "" } else { text };
    specifiers::list(text).map_err(|error| {
        let is_bare = text.starts_with(|c: char| c.is_ascii_digit());
        if is_bare { format!("a version needs an operator: write \"=={}\"", shorten(text)) } else { error.to_string() }
    })
}

/// Its conditions as one marker of PEP 508: `markers`, and one key a variable (`sys_platform = "== 'win32'"`).
fn markers(value: Node<'_>) -> Result<Option<String>, String> {
    let mut all = Vec::new();
    for key in std::iter::once("markers").chain(VARIABLES) {
        let Some(marker) = value.get(key) else { continue };
        let marker = marker.text().ok_or_else(|| format!("its `{key}` is no text"))?.trim();
        if !marker.is_empty() {
            all.push(if key == "markers" { marker.to_owned() } else { format!("{key} {marker}") });
        }
    }
    all_of(all)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Extractor, Pipfile};

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(
            table in "packages|dev-packages|docs|pipenv",
            key in "[a-z\\[\\]\"]{1,8}",
            value in "[\\[\\]{}\"'=a-z0-9 ,.<>~*;#|\\n-]{0,40}",
        ) {
            for package in Pipfile.extract("Pipfile", format!("[{table}]\n{key} = {value}\n").as_bytes()).packages {
                prop_assert!(package.line >= 2);
            }
        }
    }
}
