//! What a Python manifest wants, sorted into packages, the project's own code and what cannot be checked: the part that
//! all such manifests have in common.

use std::collections::{HashMap, HashSet};

use super::{
    Extracted, FileState, OwnPackage, file_name,
    lines::shorten,
    pep508::direct_reference,
    pep508::marker::Marker,
    pep508::requirement::{self, InvalidRequirement, Requirement},
    python_indexes::Indexes,
    syntax::toml_tree::Node,
};
use crate::{
    model::{Group, Reason, Unchecked, pep503},
    version::Specifiers,
};

/// Why a package that comes from elsewhere is not checked.
const SUBJECT: &str = "advisories are about releases on PyPI";

/// The reading of one manifest.
pub(crate) struct Manifest<'a> {
    path: &'a str,
    /// The project's own name, normalised.
    own: Option<String>,
    /// Where packages come from that are not simply looked up by name, by their pep503 names.
    origins: HashMap<String, Vec<Origin>>,
    /// Which indexes packages are looked up in.
    pub(crate) indexes: Indexes,
    /// The packages that were wanted since this was last taken, normalised.
    pub(crate) stated: HashSet<String>,
    /// The project's own packages that were named already, normalised.
    own_seen: HashSet<String>,
    /// Whether it has a table that says what the project depends on.
    pub(crate) is_known: bool,
    /// What was read so far.
    pub(crate) extracted: Extracted,
}

/// Where a package comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An index, whichever.
    Index,
    /// The project's own tree.
    Own,
    /// A place that advisories do not speak of, as the end of a sentence.
    Elsewhere(String),
}

/// Where a package comes from, always or under a condition.
pub(crate) struct Origin {
    pub(crate) place: Place,
    pub(crate) is_conditional: bool,
}

/// A dependency that is stated in parts, not as PEP 508 has it.
pub(crate) struct Wish<'a> {
    pub(crate) name: &'a str,
    pub(crate) specifiers: Specifiers,
    pub(crate) marker: Option<String>,
    pub(crate) line: u32,
    pub(crate) groups: &'a [Group],
    /// The name of the index that it comes from, if it is told.
    pub(crate) index: Option<&'a str>,
}

impl Origin {
    fn is_like(&self, other: &Self) -> bool {
        self.is_conditional == other.is_conditional && self.place.is_like(&other.place)
    }
}

impl Place {
    fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// A local path: a directory is the project's own code, an archive was made by somebody.
    pub(crate) fn local(path: &str) -> Self {
        if direct_reference::is_archive(path) { Self::archive(path) } else { Self::Own }
    }

    /// A git repository.
    pub(crate) fn git(url: &str) -> Self {
        Self::Elsewhere(format!("the git repository {}; {SUBJECT}", shorten(&direct_reference::disclosed(url))))
    }

    /// A package's file, wherever it lies.
    pub(crate) fn archive(url: &str) -> Self {
        Self::Elsewhere(direct_reference::describe(url))
    }

    /// An address, which is local if it is a `file:` one.
    pub(crate) fn url(url: &str) -> Self {
        if url.starts_with("file:") { Self::local(url) } else { Self::Elsewhere(direct_reference::describe(url)) }
    }
}

impl<'a> Manifest<'a> {
    /// Of a project of this name.
    pub(crate) fn new(path: &'a str, own: Option<&str>) -> Self {
        Self {
            path,
            own: own.map(pep503),
            origins: HashMap::new(),
            indexes: Indexes::default(),
            stated: HashSet::new(),
            own_seen: HashSet::new(),
            is_known: false,
            extracted: Extracted::default(),
        }
    }

    /// States where a package comes from.
    pub(crate) fn add_origin(&mut self, name: &str, origin: Origin) {
        let known = self.origins.entry(pep503(name)).or_default();
        // One word about each kind of place is enough, however many there are.
        if !known.iter().any(|other| other.is_like(&origin)) {
            known.push(origin);
        }
    }

    /// A list of requirements.
    pub(crate) fn list(&mut self, node: Node<'_>, label: &str, groups: &[Group]) {
        self.is_known = true;
        let Some(items) = node.items() else { return self.wrong_table(label, node, "a list of requirements") };
        for item in items {
            // uv's extra build dependencies may be tables: `{requirement = "torch", match-runtime = true}`.
            match item.text().or_else(|| item.text_of("requirement")) {
                Some(text) => self.requirement(text, item.line, groups),
                None => self.wrong_item(label, item),
            }
        }
    }

    /// A table of lists of requirements.
    pub(crate) fn lists(&mut self, node: Node<'_>, label: &str, groups: &[Group]) {
        self.is_known = true;
        let Some(entries) = node.entries() else { return self.wrong_table(label, node, "a table of lists of requirements") };
        for (name, list) in entries {
            self.list(list, &format!("{label}.{name}"), groups);
        }
    }

    /// One requirement.
    pub(crate) fn requirement(&mut self, text: &str, line: u32, groups: &[Group]) {
        if let Some((name, place)) = direct(text) {
            self.stated.insert(pep503(&name));
            return self.put(&name, &place, line);
        }
        let requirement = match Requirement::parse(text) {
            Ok(requirement) => requirement,
            Err(error) => return self.no_requirement(text, line, &error),
        };
        let name = pep503(&requirement.name);
        let places = self.places(&name);
        if places.contains(&Place::Index) {
            requirement::place(requirement.clone(), self.path, line, groups, &mut self.extracted);
        }
        for place in places {
            self.put(&requirement.name, &place, line);
        }
        self.stated.insert(name);
    }

    /// A requirement that cannot be read, or that is whole only when a variable of the environment is known.
    pub(crate) fn no_requirement(&mut self, text: &str, line: u32, error: &InvalidRequirement) {
        let shown = shorten(&direct_reference::disclosed(text));
        match variable(text) {
            Some(name) => {
                let detail = format!("`{shown}` needs the variable {}, which overdue does not look up; write it out", shorten(name));
                self.unchecked(shown, Some(line), 1, Reason::NotUnderstood, detail);
            }
            None if direct_reference::is_url(text.trim()) => {
                let detail = format!("an address needs the package's name before it: write `name @ {shown}`");
                self.wrong(shown, Some(line), 1, detail);
            }
            None => self.wrong(shown, Some(line), 1, error.to_string()),
        }
    }

    /// A dependency that comes from an index, whichever.
    pub(crate) fn wish(&mut self, wish: Wish<'_>) {
        let Wish { name, specifiers, marker, line, groups, index } = wish;
        if self.own.as_deref() == Some(&pep503(name)) {
            return self.put(name, &Place::Own, line);
        }
        if !is_name(name) {
            let detail = format!("`{}` is no name of a Python package; write it as the index does", shorten(name));
            return self.wrong(shorten(name), Some(line), 1, detail);
        }
        let requirement = Requirement { name: name.to_owned(), extras: Vec::new(), specifiers, url: None, marker };
        let before = self.extracted.packages.len();
        requirement::place(requirement, self.path, line, groups, &mut self.extracted);
        if let Some(package) = self.extracted.packages.get_mut(before) {
            package.indexes = index.map_or_else(|| self.indexes.unpinned(name), |index| self.indexes.called(index));
        }
    }

    /// Puts a package that comes from no index.
    pub(crate) fn put(&mut self, name: &str, place: &Place, line: u32) {
        match place {
            Place::Index => {}
            Place::Own => {
                let key = pep503(name);
                if self.own_seen.insert(key) {
                    self.extracted.own.push(OwnPackage { name: name.to_owned(), version: None });
                }
            }
            Place::Elsewhere(why) => {
                let detail = format!("{} comes from {why}", shorten(name));
                self.unchecked(shorten(name), Some(line), 1, Reason::NotFromARegistry, detail);
            }
        }
    }

    /// Where a package comes from; several where that depends.
    fn places(&self, name: &str) -> Vec<Place> {
        if self.own.as_deref() == Some(name) {
            return vec![Place::Own];
        }
        let origins = self.origins.get(name).map(Vec::as_slice).unwrap_or_default();
        let mut places: Vec<Place> = Vec::new();
        for origin in origins {
            if !places.iter().any(|place| place.is_like(&origin.place)) {
                places.push(origin.place.clone());
            }
        }
        // Where no condition holds, it comes from the index after all.
        if origins.iter().all(|origin| origin.is_conditional) && !places.contains(&Place::Index) {
            places.push(Place::Index);
        }
        places
    }

    /// An item of a list that is no text.
    pub(crate) fn wrong_item(&mut self, label: &str, item: Node<'_>) {
        let detail = format!("an item of `{label}` is of the type {}, where a requirement in quotes belongs", item.kind());
        self.wrong(format!("an item of {}", shorten(label)), Some(item.line), 1, detail);
    }

    /// A table or list that is none.
    pub(crate) fn wrong_table(&mut self, label: &str, node: Node<'_>, expected: &str) {
        let detail = format!("`{}` is of the type {}, and should be {expected}", shorten(label), node.kind());
        self.wrong(shorten(label), Some(node.line), 0, detail);
    }

    /// A part of the file that is damaged.
    pub(crate) fn wrong(&mut self, subject: String, line: Option<u32>, packages: u32, detail: String) {
        self.is_known = true;
        self.extracted.file = FileState::NotRead;
        self.unchecked(subject, line, packages, Reason::NotUnderstood, detail);
    }

    /// What is wanted is not written in this file.
    pub(crate) fn not_stated(&mut self, line: u32, detail: String) {
        self.extracted.file = FileState::NotRead;
        self.unchecked(file_name(self.path).to_owned(), Some(line), 0, Reason::NoLockfile, detail);
    }

    /// Something that cannot be checked.
    pub(crate) fn unchecked(&mut self, subject: String, line: Option<u32>, packages: u32, reason: Reason, detail: String) {
        self.extracted.unchecked.push(Unchecked { path: self.path.to_owned(), line, subject, packages, reason, detail });
    }

    /// The manifest's path.
    pub(crate) fn path(&self) -> &'a str {
        self.path
    }
}

/// The same with pre-releases let in: a specifier is added that names one and bars nothing.
pub(crate) fn with_prereleases(specifiers: &Specifiers) -> Specifiers {
    match Specifiers::parse(">=0.dev0") {
        Ok(any) if specifiers.pin().is_none() => specifiers.and(&any),
        _ => specifiers.clone(),
    }
}

/// Conditions that must all hold, as one marker of PEP 508; `None` if there are none.
///
/// # Errors
/// When that is no marker.
pub(crate) fn all_of(markers: Vec<String>) -> Result<Option<String>, String> {
    let several = markers.len() > 1;
    let group = |marker: String| if several && marker.contains(" or ") { format!("({marker})") } else { marker };
    let marker = markers.into_iter().map(group).collect::<Vec<_>>().join(" and ");
    if marker.is_empty() {
        return Ok(None);
    }
    match Marker::parse(&marker) {
        Ok(_) => Ok(Some(marker)),
        Err(error) => Err(format!("`{}` is no marker: {error}", shorten(&marker))),
    }
}

/// Whether it may be the name of a package (PEP 508, `identifier`).
pub(crate) fn is_name(name: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    edge(name.chars().next()) && edge(name.chars().last()) && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// The first `${NAME}` in a text.
fn variable(text: &str) -> Option<&str> {
    text.split_once("${")?.1.split_once('}').map(|(name, _)| name)
}

/// The name and the place of a requirement that says where its code is: `-e` with an address, or one in the project's
/// own tree. An address of PEP 508 elsewhere is the parser's.
fn direct(text: &str) -> Option<(String, Place)> {
    let text = text.trim();
    let editable = ["-e ", "--editable ", "--editable="].iter().find_map(|option| text.strip_prefix(option));
    if let Some(target) = editable {
        // A marker follows after a blank.
        let target = target.trim().split(" ;").next().unwrap_or_default().trim();
        let last = || target.trim_end_matches('/').rsplit('/').next().unwrap_or(target);
        let name = direct_reference::egg(target).unwrap_or_else(last).to_owned();
        let is_remote = direct_reference::is_url(target) && !target.starts_with("file:");
        let place = if is_remote { Place::Elsewhere(direct_reference::describe(target)) } else { Place::local(target) };
        return Some((name, place));
    }
    let (name, url) = text.split_once('@')?;
    let name = name.split('[').next().unwrap_or_default().trim();
    let url = url.trim().split(" ;").next().unwrap_or_default().trim();
    let is_local = url.starts_with("file:") || url.starts_with("{root:");
    (is_name(name) && is_local).then(|| (name.to_owned(), Place::local(url)))
}

#[cfg(test)]
mod tests {
    use super::{Place, all_of, direct, is_name, with_prereleases};
    use crate::version::{Pep440, Specifiers, Version};

    #[test]
    fn prereleases_are_let_in_on_demand() {
        for (specifiers, expected) in [(">=1.2,<2.0", ">=1.2,<2.0,>=0.dev0"), ("", ">=0.dev0"), ("==1.0", "==1.0")] {
            let specifiers = with_prereleases(&Specifiers::parse(specifiers).expect("specifiers"));
            assert_eq!(specifiers.to_string(), expected);
        }
        let specifiers = with_prereleases(&Specifiers::parse(">=1.2,<2.0").expect("specifiers"));
        let lets_in = |version: &str| specifiers.admissions().iter().any(|a| a.contains(&Pep440::parse(version).expect("a version")));
        assert!(lets_in("1.3rc1") && !lets_in("2.0rc1") && !lets_in("1.2rc1"));
    }

    #[test]
    fn conditions_are_joined() {
        let (a, b) = ("os_name == 'nt' or os_name == 'posix'", "python_version < '3'");
        for (markers, expected) in [(vec![], Ok(None)), (vec![a], Ok(Some(a.to_owned()))), (vec![a, b], Ok(Some(format!("({a}) and {b}"))))]
        {
            assert_eq!(all_of(markers.into_iter().map(str::to_owned).collect()), expected);
        }
        assert!(all_of(vec!["python = 3".to_owned()]).is_err());
    }

    #[test]
    fn code_in_the_own_tree_is_told_from_code_elsewhere() {
        for (text, expected) in [
            ("-e file:///${PROJECT_ROOT}/sub#egg=x", Some(("x", Place::Own))),
            ("-e ./libs/thing/", Some(("thing", Place::Own))),
            ("--editable=git+https://u:p@git.example/a.git@main#egg=a&subdirectory=s", {
                Some((
                    "a",
                    Place::Elsewhere(
                        "the git repository git+https://git.example/a.git@main#egg=a&subdirectory=s; advisories are about releases on PyPI"
                            .to_owned(),
                    ),
                ))
            }),
            ("lib[fast] @ {root:uri}/lib ; python_version < '4'", Some(("lib", Place::Own))),
            ("lib @ file:///${PROJECT_ROOT}/lib-1.0.whl", {
                Some((
                    "lib",
                    Place::Elsewhere("the file file:///${PROJECT_ROOT}/lib-1.0.whl; advisories are about releases on PyPI".to_owned()),
                ))
            }),
            ("lib @ https://git.example/lib.zip", None),
            ("lib>=1", None),
        ] {
            assert_eq!(direct(text), expected.map(|(name, place)| (name.to_owned(), place)), "{text}");
        }
    }

    #[test]
    fn a_name_begins_and_ends_with_a_letter_or_digit() {
        assert!(is_name("Zope.interface") && is_name("a") && is_name("7z"));
        assert!(!is_name("") && !is_name("-a") && !is_name("a-") && !is_name("a b") && !is_name("é"));
    }
}
