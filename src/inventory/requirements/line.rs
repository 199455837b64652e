//! What one line of a requirements file asks for, as pip understands it: a requirement, a URL, a path.

use crate::inventory::{
    OwnPackage, lines,
    pep508::direct_reference as place,
    pep508::marker::Marker,
    pep508::requirement::{self, Requirement},
    requirements::options::{self as options, OptionKind},
};
use crate::model::{Package, Reason, Unchecked};

/// What a line asks for.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) entry: Entry,
    /// The package's name, as far as the line states it.
    pub(crate) name: Option<String>,
    /// What it is called in the dependency graph.
    pub(crate) label: String,
}

/// What that comes to.
#[derive(Debug)]
pub(crate) enum Entry {
    Package(Package),
    Own(OwnPackage),
    Unchecked(Unchecked),
}

/// Where a line stands.
#[derive(Clone, Copy)]
struct At<'a> {
    path: &'a str,
    line: u32,
}

/// Reads what stands on a line before its options.
///
/// # Errors
/// The cause and the cure, for what pip would not read.
pub(crate) fn read(text: &str, path: &str, line: u32) -> Result<Line, String> {
    let at = At { path, line };
    if let Some(variable) = variable(&place::disclosed(text)) {
        return Ok(at.variable(text, &variable));
    }
    let separator = if place::is_url(text) { "; " } else { ";" };
    let (what, marker) = text.split_once(separator).map_or((text, ""), |(what, marker)| (what, marker.trim()));
    let what = what.trim();
    if !marker.is_empty() {
        Marker::parse(marker).map_err(|error| requirement::of_marker(0, &error).to_string())?;
    }
    if place::is_url(what) {
        return Ok(at.url(what));
    }
    let bare = without_extras(what);
    let parsed = Requirement::parse(what);
    // `name @ file` is no file, whatever it ends in.
    let is_named = bare.split_once('@').is_some_and(|(name, _)| !name.starts_with('.') && !name.contains('/'));
    if place::is_archive(bare) && !is_named {
        return Ok(at.elsewhere(bare, place::stated(bare).map(|(name, _)| name)));
    }
    match parsed {
        Ok(parsed) => Ok(at.requirement(parsed, marker)),
        Err(_) if is_folder(bare) => Ok(at.folder(bare)),
        Err(error) => Err(foreign(what).unwrap_or(error.cause)),
    }
}

/// Reads the value of `-e`.
///
/// # Errors
/// The cause and the cure, for what pip would not read.
pub(crate) fn editable(text: &str, path: &str, line: u32) -> Result<Line, String> {
    let (at, text) = (At { path, line }, text.trim());
    if let Some(variable) = variable(&place::disclosed(text)) {
        return Ok(at.variable(text, &variable));
    }
    match Requirement::parse(text) {
        Ok(Requirement { url: Some(url), name, .. }) if place::scheme(&url).as_deref() == Some("file") => {
            return Ok(own(&name, Some(&name)));
        }
        Ok(parsed @ Requirement { url: Some(_), .. }) => return Ok(at.requirement(parsed, "")),
        Ok(parsed) if parsed.specifiers.only_list().is_none_or(|list| !list.is_empty()) => {
            return Err(format!("only a folder or a repository can be editable; write `{}` without -e", lines::shorten(text)));
        }
        _ => {}
    }
    let scheme = place::scheme(text).filter(|scheme| scheme.len() > 1);
    match scheme.as_deref() {
        _ if place::is_version_control(text) => Ok(at.url(text)),
        Some("git" | "hg" | "svn" | "bzr" | "ssh") => Ok(at.url(text)),
        Some("file") | None => {
            let bare = without_extras(text);
            let folder = bare.split('#').next().unwrap_or(bare);
            Ok(own(place::egg(bare).unwrap_or(folder), place::egg(bare)))
        }
        Some(_) => Err("an editable requirement is a folder or a repository (git+https://...); write name @ URL without -e".to_owned()),
    }
}

/// Whether a line reads as one of a requirements file, and whether nothing else would look like it. For guesses.
pub(crate) fn is_evident(text: &str) -> Option<bool> {
    let (what, rest) = options::split(text);
    let options = options::read(rest);
    if options.fault.is_some() || !options.stray.is_empty() {
        return None;
    }
    if what.is_empty() {
        return Some(true);
    }
    let evident = options.given.iter().any(|given| given.kind == OptionKind::Hash);
    let what = if what.trim_end().ends_with(';') { what.trim_end().trim_end_matches(';') } else { what };
    match Requirement::parse(what) {
        Ok(parsed) => {
            let evident_by_itself = match &parsed.url {
                Some(url) => place::is_url(url),
                None => parsed.specifiers.only_list().is_none_or(|list| !list.is_empty()),
            };
            Some(evident || evident_by_itself)
        }
        Err(_) => place::is_url(what).then_some(false).or_else(|| (what == ".").then_some(false)),
    }
}

/// The first variable of the environment in a text: `${NAME}`, the one form that pip fills in.
pub(crate) fn variable(text: &str) -> Option<String> {
    text.match_indices("${").find_map(|(at, opening)| {
        let rest = &text[at + opening.len()..];
        let length = rest.bytes().take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_').count();
        (length > 0 && rest[length..].starts_with('}')).then(|| lines::shorten(&format!("${{{}}}", &rest[..length])))
    })
}

fn without_extras(text: &str) -> &str {
    let end = text.strip_suffix(']').and_then(|text| text.rfind('['));
    end.map_or(text, |at| text[..at].trim_end())
}

/// Whether a text that is no requirement may be a folder.
fn is_folder(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || "._-/\\~+:".contains(c);
    let is_path = matches!(text, "." | "..") || text.contains('/') || text.contains('\\');
    is_path && !text.contains("://") && !text.starts_with("//") && text.chars().all(fits) && (!text.contains(':') || place::has_drive(text))
}

/// What is wrong with a URL that pip does not take.
fn foreign(text: &str) -> Option<String> {
    let scheme = place::scheme(text).filter(|_| text.contains("://") && !text.contains(char::is_whitespace))?;
    let cure = "write it as name @ git+https://... (or git+ssh://git@host/...), or name a release";
    Some(format!("`{}://` is no scheme that pip takes; {cure}", lines::shorten(&scheme)))
}

fn own(label: &str, name: Option<&str>) -> Line {
    let label = lines::shorten(label);
    Line { entry: Entry::Own(OwnPackage { name: label.clone(), version: None }), name: name.map(str::to_owned), label }
}

impl At<'_> {
    fn requirement(self, mut parsed: Requirement, marker: &str) -> Line {
        if !marker.is_empty() {
            parsed.marker = Some(marker.to_owned());
        }
        let name = parsed.name.clone();
        let (entry, label) = match parsed.entry(self.path, self.line, &[]) {
            requirement::Entry::Package(package) => {
                let label = package.wanted.version().map_or(name.clone(), |version| format!("{name} {version}"));
                (Entry::Package(package), label)
            }
            requirement::Entry::Unchecked(unchecked) => (Entry::Unchecked(unchecked), name.clone()),
        };
        Line { entry, name: Some(name), label }
    }

    /// A URL without a name before it.
    fn url(self, url: &str) -> Line {
        let scheme = place::scheme(url);
        let path = url.split('#').next().unwrap_or(url);
        let relative = scheme.as_deref() == Some("file") && !place::is_absolute(&path["file:".len()..]);
        if relative && !place::is_archive(path) && path["file:".len()..].split('/').all(|part| matches!(part, "" | "." | "..")) {
            return own(place::egg(url).unwrap_or(path), place::egg(url));
        }
        let name = place::egg(url).map(str::to_owned).or_else(|| place::stated(url).map(|(name, _)| name));
        self.elsewhere(url, name)
    }

    /// A folder: the one that the file lies in, or one above, is the project's own; any other may be anybody's code.
    fn folder(self, path: &str) -> Line {
        let bare = path.split('[').next().unwrap_or(path);
        let is_own = bare.split(['/', '\\']).all(|part| matches!(part, "" | "." | "..")) && !place::is_absolute(bare);
        if is_own { own(path, None) } else { self.elsewhere(path, None) }
    }

    /// Third-party code that advisories do not speak of.
    fn elsewhere(self, what: &str, name: Option<String>) -> Line {
        let subject = lines::shorten(&name.clone().unwrap_or_else(|| place::disclosed(what)));
        let detail = match &name {
            Some(_) => format!("{subject} comes from {}", place::describe(what)),
            None => format!("it comes from {}", place::describe(what)),
        };
        let entry = Entry::Unchecked(self.unchecked(subject.clone(), Reason::NotFromARegistry, detail));
        Line { entry, name, label: subject }
    }

    fn variable(self, text: &str, variable: &str) -> Line {
        let subject = lines::shorten(&place::disclosed(text));
        let detail = format!("`{subject}` holds the variable {variable}, which overdue does not fill in; write what it stands for");
        Line { entry: Entry::Unchecked(self.unchecked(subject.clone(), Reason::NotUnderstood, detail)), name: None, label: subject }
    }

    fn unchecked(self, subject: String, reason: Reason, detail: String) -> Unchecked {
        Unchecked { path: self.path.to_owned(), line: Some(self.line), subject, packages: 1, reason, detail }
    }
}
