//! `Pipfile.lock`, Pipenv's lockfile: JSON, format 6.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    Extracted, Extractor, FileState, file_name,
    lines::{self, Fault, shorten},
    pep508::direct_reference,
    pep508::specifiers,
    pyproject::file::own_named,
    python_indexes::Indexes,
    python_manifest::{Place, is_name},
    syntax::damage,
    syntax::json_object::{Json, Member, text},
};
use crate::model::{Ecosystem, Group, Package, Reason, Unchecked, Wanted};

/// Pipenv's lockfile.
pub struct PipfileLock;

/// What to do about a lockfile that cannot be read.
const CURE: &str = "restore it, or write it anew with `pipenv lock`";

/// The section that holds no packages.
const META: &str = "_meta";

impl Extractor for PipfileLock {
    fn name(&self) -> &'static str {
        "pipfile_lock"
    }

    fn recognises(&self, path: &str) -> bool {
        file_name(path) == "Pipfile.lock"
    }

    fn looks_like(&self, bytes: &[u8]) -> bool {
        lines::utf8(bytes).is_ok_and(|text| {
            text.trim_start().starts_with('{')
                && text.contains("\"pipfile-spec\"")
                && Json::parse(text).is_ok_and(|json| spec(&json).is_some())
        })
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        let read = lines::utf8(bytes).map_err(with_cure).and_then(|text| from_text(path, text));
        read.unwrap_or_else(|(line, cause)| Extracted::not_understood(path, line, cause))
    }
}

fn with_cure((line, cause): Fault) -> Fault {
    (line, format!("{cause}; {CURE}"))
}

/// The version of the format, as written, and its line.
fn spec(json: &Json<'_>) -> Option<(String, u32)> {
    let meta = json.members(json.root()).unwrap_or_default().into_iter().find(|section| section.key == META);
    let spec = meta.and_then(|meta| json.members(meta.value)?.into_iter().find(|member| member.key == "pipfile-spec"));
    spec.map(|spec| (spec.value.get().to_owned(), spec.line))
}

/// The indexes that the file was locked with: `sources` of `_meta`.
fn indexes(json: &Json<'_>) -> Indexes {
    let mut indexes = Indexes::default();
    let meta = json.members(json.root()).unwrap_or_default().into_iter().find(|section| section.key == META);
    let sources = meta.and_then(|meta| json.members(meta.value)?.into_iter().find(|member| member.key == "sources"));
    let sources: Vec<Value> = sources.and_then(|sources| serde_json::from_str(sources.value.get()).ok()).unwrap_or_default();
    for source in sources {
        let text = |key: &str| source.get(key).and_then(Value::as_str);
        let Some(url) = text("url") else { continue };
        if let Some(name) = text("name") {
            indexes.name(name, url);
        }
        indexes.list(url);
    }
    indexes
}

fn from_text(path: &str, text: &str) -> Result<Extracted, Fault> {
    let is_empty = || text.trim().is_empty().then(|| (None, "the file is empty".to_owned()));
    if let Some(fault) = is_empty().or_else(|| damage::obvious(text, "JSON")) {
        return Err(with_cure(fault));
    }
    let json = Json::parse(text).map_err(with_cure)?;
    check_spec(spec(&json))?;
    let sections = json.members(json.root()).unwrap_or_default();
    if !sections.iter().any(|section| matches!(section.key.as_str(), "default" | "develop")) {
        return Err(with_cure((None, "it has neither a section `default` nor a section `develop`".to_owned())));
    }
    let indexes = indexes(&json);
    let mut reading = Reading { path, json: &json, indexes, own_seen: HashSet::new(), extracted: Extracted::default() };
    for section in sections {
        reading.repeated(&section, "the section");
        if section.key != META {
            reading.section(&section);
        }
    }
    reading.indexes.complete(&mut reading.extracted.packages);
    Ok(reading.extracted)
}

fn check_spec(spec: Option<(String, u32)>) -> Result<(), Fault> {
    let Some((spec, line)) = spec else {
        return Err(with_cure((None, "it has no `pipfile-spec` in `_meta`, which every Pipfile.lock has".to_owned())));
    };
    match spec.parse::<u64>() {
        Ok(6) => Ok(()),
        Ok(newer) if newer > 6 => Err((Some(line), format!("format {newer}, and this version of overdue reads 6: update overdue"))),
        _ => Err(with_cure((Some(line), format!("format {}, and overdue reads 6", shorten(&spec))))),
    }
}

/// The reading of one file.
struct Reading<'a, 'j> {
    path: &'a str,
    json: &'j Json<'a>,
    indexes: Indexes,
    /// The names of the project's own packages so far, normalised.
    own_seen: HashSet<String>,
    extracted: Extracted,
}

/// What an entry says.
#[derive(Default)]
struct Entry {
    version: Option<String>,
    marker: Option<String>,
    place: Option<Place>,
    /// The name of the index that it comes from.
    index: Option<String>,
}

impl<'a> Reading<'a, '_> {
    fn section(&mut self, section: &Member<'a>) {
        let group = match section.key.as_str() {
            "default" => Group::Runtime,
            "develop" => Group::Dev,
            _ => Group::Optional,
        };
        let Some(members) = self.json.members(section.value) else {
            let name = shorten(&section.key);
            let cause = format!("the section {name} is no object of packages");
            return self.wrong(name, section.line, 0, &cause);
        };
        for member in members {
            self.repeated(&member, "the package");
            match self.entry(&member) {
                Ok(entry) => self.place(&member, entry, group),
                Err(cause) => self.wrong(shorten(&member.key), member.line, 1, &cause),
            }
        }
    }

    /// What stands there twice is read twice. Of which one Pipenv would make use depends on its parser.
    fn repeated(&mut self, member: &Member<'_>, what: &str) {
        if let Some(before) = member.before {
            let name = shorten(&member.key);
            let cause = format!("{what} {name} is there twice, first in line {before}");
            self.wrong(name, member.line, 0, &cause);
        }
    }

    /// The entry, or what is wrong with it.
    fn entry(&self, member: &Member<'a>) -> Result<Entry, String> {
        let name = shorten(&member.key);
        if !is_name(&member.key) {
            return Err(format!("`{name}` is no name of a package"));
        }
        if let Some(version) = text(member.value) {
            return Ok(Entry { version: Some(version), ..Entry::default() });
        }
        let fields = self.json.members(member.value).ok_or_else(|| format!("the entry of {name} is no object"))?;
        if let Some((field, before)) = fields.iter().find_map(|field| Some((field, field.before?))) {
            return Err(format!("the entry of {name} has `{}` twice, in lines {before} and {}", shorten(&field.key), field.line));
        }
        let find = |key: &str| match fields.iter().find(|field| field.key == key) {
            None => Ok(None),
            Some(field) if field.value.get() == "null" => Ok(None),
            Some(field) => text(field.value).map(Some).ok_or_else(|| format!("`{key}` of {name} is no text")),
        };
        let marker = find("markers")?.filter(|marker| !marker.trim().is_empty());
        let index = find("index").unwrap_or_default();
        Ok(Entry { version: find("version")?, marker, place: place(find)?, index })
    }

    fn place(&mut self, member: &Member<'_>, entry: Entry, group: Group) {
        let (name, line) = (member.key.as_str(), member.line);
        match entry.place.unwrap_or(Place::Index) {
            Place::Own => {
                let version = entry.version.as_deref().and_then(|version| version.strip_prefix("=="));
                let own = own_named(name, version);
                // It stands in each section that wants it.
                if self.own_seen.insert(own.name.clone()) {
                    self.extracted.own.push(own);
                }
            }
            Place::Elsewhere(why) => {
                let name = shorten(name);
                let detail = format!("{name} comes from {why}");
                self.unchecked(name, line, 1, Reason::NotFromARegistry, detail);
            }
            Place::Index => match wanted(entry.version.as_deref().unwrap_or("*")) {
                Ok(wanted) => {
                    let package = Package::new(Ecosystem::new(Ecosystem::PYPI), name, wanted, line);
                    let indexes = entry.index.map(|index| self.indexes.called(&index)).unwrap_or_default();
                    self.extracted.packages.push(Package { groups: vec![group], marker: entry.marker, indexes, ..package });
                }
                Err(cause) => {
                    let name = shorten(name);
                    let cause = format!("the version of {name} cannot be read: {cause}");
                    self.wrong(name, line, 1, &cause);
                }
            },
        }
    }

    /// A part of the file that is damaged.
    fn wrong(&mut self, subject: String, line: u32, packages: u32, cause: &str) {
        self.extracted.file = FileState::NotRead;
        self.unchecked(subject, line, packages, Reason::NotUnderstood, format!("{cause}; {CURE}"));
    }

    fn unchecked(&mut self, subject: String, line: u32, packages: u32, reason: Reason, detail: String) {
        self.extracted.unchecked.push(Unchecked { path: self.path.to_owned(), line: Some(line), subject, packages, reason, detail });
    }
}

/// Where a package comes from, if the entry says so and it is no index.
fn place(find: impl Fn(&str) -> Result<Option<String>, String>) -> Result<Option<Place>, String> {
    let revision = find("ref")?.map(|revision| format!("@{revision}")).unwrap_or_default();
    if let Some(url) = find("git")? {
        return Ok(Some(Place::git(&format!("{url}{revision}"))));
    }
    for system in ["hg", "svn", "bzr"] {
        if let Some(url) = find(system)? {
            let url = if direct_reference::is_version_control(&url) { url } else { format!("{system}+{url}") };
            return Ok(Some(Place::Elsewhere(direct_reference::describe(&format!("{url}{revision}")))));
        }
    }
    if let Some(path) = find("path")? {
        return Ok(Some(Place::local(&path)));
    }
    let file = find("file")?.map_or_else(|| find("url"), |file| Ok(Some(file)))?;
    Ok(file.map(|file| if direct_reference::is_url(&file) { Place::url(&file) } else { Place::local(&file) }))
}

/// What a version asks for: `==1.0`, or `*`, which Pipenv writes for what it did not resolve on its own platform.
fn wanted(version: &str) -> Result<Wanted, String> {
    let version = version.trim();
    if version == "*" {
        return Ok(Wanted::Requirement(String::new()));
    }
    match specifiers::list(version) {
        Ok(read) => {
            let pin = read.pin().map(|pin| Wanted::Version(pin.to_owned()));
            Ok(pin.unwrap_or_else(|| Wanted::Requirement(version.to_owned())))
        }
        // What is no version of PEP 440 is one to somebody.
        Err(error) => match version.strip_prefix("==").map(|pin| pin.trim_start_matches('=').trim()) {
            Some(pin) if !pin.is_empty() && !pin.contains([',', ' ']) => Ok(Wanted::Version(pin.to_owned())),
            _ => Err(error.to_string()),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Extractor, PipfileLock, wanted};
    use crate::model::Wanted;

    #[test]
    fn versions_are_pinned_or_open() {
        for (version, expected) in [
            ("==1.0", Some(Wanted::Version("1.0".to_owned()))),
            ("== 1.0-Beta1", Some(Wanted::Version("1.0-Beta1".to_owned()))),
            ("===1.0", Some(Wanted::Version("1.0".to_owned()))),
            ("==2004d-what", Some(Wanted::Version("2004d-what".to_owned()))),
            ("*", Some(Wanted::Requirement(String::new()))),
            ("==1.*", Some(Wanted::Requirement("==1.*".to_owned()))),
            (">=1,<2", Some(Wanted::Requirement(">=1,<2".to_owned()))),
            ("1.0", None),
            ("==", None),
        ] {
            assert_eq!(wanted(version).ok(), expected, "{version}");
        }
    }

    #[test]
    fn content_tells_it_from_other_json() {
        assert!(PipfileLock.looks_like(b"\n{\"_meta\": {\"pipfile-spec\": 6}, \"default\": {}}"));
        for other in ["{}", "{\"pipfile-spec\": 6}", "{\"_meta\": \"\\\"pipfile-spec\\\"\"}", "[]", "\"pipfile-spec\""] {
            assert!(!PipfileLock.looks_like(other.as_bytes()), "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(
            section in "default|develop|docs|_meta",
            value in "(\\{|\\}|\"a\"|\"version\"|\"git\"|\"markers\"|\"==1.0\"|:|,|\\[|\\]|null|1| |\n){0,16}",
        ) {
            let text = format!("{{\"_meta\": {{\"pipfile-spec\": 6}},\n\"{section}\": {{{value}}}, \"default\": {{\"b\": \"==1\"}}}}");
            for package in PipfileLock.extract("Pipfile.lock", text.as_bytes()).packages {
                prop_assert!(package.line >= 2);
            }
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = PipfileLock.looks_like(&bytes);
            PipfileLock.extract("Pipfile.lock", &bytes);
        }
    }
}
