//! One requirement, by [PEP 508](https://peps.python.org/pep-0508/): `name[extra]>=1.0,<2 ; python_version < "3.11"`
//! or `name @ https://...`. It accepts what PyPI's `packaging` accepts.

use crate::{
    inventory::{
        Extracted, lines,
        pep508::direct_reference,
        pep508::marker::{InvalidMarker, Marker},
        pep508::scanner::Scanner,
        pep508::specifiers,
    },
    model::{Ecosystem, Group, Package, Reason, Unchecked, Wanted},
    version::Specifiers,
};

/// A requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The package's name, as written.
    pub name: String,
    /// Its extras, as written.
    pub extras: Vec<String>,
    /// The versions that it lets in. With a URL: any.
    pub specifiers: Specifiers,
    /// The place that it comes from, if not an index.
    pub url: Option<String>,
    /// When it is wanted, as written. It is known to be a marker.
    pub marker: Option<String>,
}

/// Text that is no requirement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct InvalidRequirement {
    /// Where, in bytes from the beginning.
    pub at: usize,
    /// What is wrong and, where it is obvious, what to write.
    pub cause: String,
}

/// What a requirement comes to.
#[derive(Debug)]
pub(crate) enum Entry {
    /// A package that advisories can be matched against.
    Package(Package),
    /// One that they cannot, and why.
    Unchecked(Unchecked),
}

impl Requirement {
    /// Reads a requirement.
    ///
    /// # Errors
    /// Where and why it is none.
    pub fn parse(text: &str) -> Result<Self, InvalidRequirement> {
        let mut scanner = Scanner::new(text);
        scanner.blanks();
        let name = name(&mut scanner).ok_or_else(|| fault(scanner.at, nameless(scanner.rest())))?.to_owned();
        scanner.blanks();
        let extras = extras(&mut scanner)?;
        scanner.blanks();
        let (specifiers, url) =
            if scanner.take("@") { (any(scanner.at)?, Some(url(&mut scanner)?)) } else { (versions(&mut scanner, &name)?, None) };
        let marker = marker(&mut scanner, url.is_some())?;
        Ok(Self { name, extras, specifiers, url, marker })
    }

    /// What it comes to at a place in a dependency file.
    pub(crate) fn entry(self, path: &str, line: u32, groups: &[Group]) -> Entry {
        let unchecked = |reason, subject: &str, detail: String| {
            let subject = lines::shorten(&direct_reference::disclosed(subject));
            Entry::Unchecked(Unchecked { path: path.to_owned(), line: Some(line), subject, packages: 1, reason, detail })
        };
        if let Some(url) = &self.url {
            let name = lines::shorten(&self.name);
            return unchecked(Reason::NotFromARegistry, &name, format!("{name} comes from {}", direct_reference::describe(url)));
        }
        if self.specifiers.is_unsatisfiable() {
            let subject = format!("{}{}", self.name, self.specifiers);
            let detail = format!("no version satisfies `{}`; mend the specifiers", lines::shorten(&subject));
            return unchecked(Reason::NotUnderstood, &subject, detail);
        }
        let wanted = match self.specifiers.pin() {
            Some(version) => Wanted::Version(version.to_owned()),
            None => Wanted::Requirement(self.specifiers.to_string()),
        };
        let mut groups = groups.to_vec();
        groups.sort_unstable();
        groups.dedup();
        let package = Package::new(Ecosystem::new(Ecosystem::PYPI), self.name, wanted, line);
        Entry::Package(Package { groups, marker: self.marker, ..package })
    }
}

/// Puts a requirement where it belongs: among the packages, or among what cannot be checked.
pub fn place(requirement: Requirement, path: &str, line: u32, groups: &[Group], extracted: &mut Extracted) {
    match requirement.entry(path, line, groups) {
        Entry::Package(package) => extracted.packages.push(package),
        Entry::Unchecked(unchecked) => extracted.unchecked.push(unchecked),
    }
}

type Read<T> = Result<T, InvalidRequirement>;

fn fault(at: usize, cause: impl Into<String>) -> InvalidRequirement {
    InvalidRequirement { at, cause: cause.into() }
}

fn any(at: usize) -> Read<Specifiers> {
    Specifiers::parse("").map_err(|error| fault(at, error.to_string()))
}

/// A name: letters, digits, `.`, `-` and `_`, which begins with one of the former two and does not end in `.` or `-`.
fn name<'a>(scanner: &mut Scanner<'a>) -> Option<&'a str> {
    if !scanner.rest().starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let run = scanner.take_while(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let name = run.trim_end_matches(['.', '-']);
    scanner.at -= run.len() - name.len();
    Some(name)
}

fn nameless(rest: &str) -> String {
    match rest.chars().next() {
        None => "the name of a package is missing".to_owned(),
        Some(_) => format!("`{}` is no name of a package", excerpt(rest)),
    }
}

fn extras(scanner: &mut Scanner<'_>) -> Read<Vec<String>> {
    let opened = scanner.at;
    if !scanner.take("[") {
        return Ok(Vec::new());
    }
    scanner.blanks();
    let mut extras: Vec<String> = Vec::new();
    while let Some(extra) = name(scanner) {
        extras.push(extra.to_owned());
        scanner.blanks();
        if !scanner.take(",") {
            break;
        }
        scanner.blanks();
        if !scanner.rest().starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(fault(scanner.at, "the name of an extra is expected after the comma"));
        }
    }
    if scanner.take("]") {
        return Ok(extras);
    }
    Err(match scanner.rest() {
        "" => fault(opened, "the bracket of the extras is never closed"),
        rest => fault(scanner.at, format!("`{}` cannot stand among extras, which are names between commas", excerpt(rest))),
    })
}

fn url(scanner: &mut Scanner<'_>) -> Read<String> {
    scanner.blanks();
    let url = scanner.take_while(|c| !c.is_whitespace());
    if url.is_empty() { Err(fault(scanner.at, "a URL is expected after `@`")) } else { Ok(url.to_owned()) }
}

fn versions(scanner: &mut Scanner<'_>, name: &str) -> Read<Specifiers> {
    let opened = scanner.at;
    let in_parentheses = scanner.take("(");
    let at = scanner.at;
    let text = scanner.take_while(|c| !matches!(c, ';' | ')'));
    if in_parentheses && !scanner.take(")") {
        return Err(fault(opened, "the parenthesis is never closed"));
    }
    let specifiers = specifiers::list(text).map_err(|error| {
        // A lone word is better explained than a specifier without an operator.
        let cause = mistaken(text.trim(), name).unwrap_or_else(|| format!("`{}`: {}", lines::shorten(&error.text), error.cause));
        fault(at, cause)
    });
    scanner.blanks();
    specifiers
}

/// The obvious mistakes, and their cures.
fn mistaken(text: &str, name: &str) -> Option<String> {
    let first = text.chars().next()?;
    let shown = excerpt(text);
    if text.starts_with("=>") || text.starts_with("=<") {
        let other = if text.starts_with("=>") { ">=" } else { "<=" };
        Some(format!("`{}` is no operator: write `{other}`", &text[..2]))
    } else if first == '=' && text[1..].split('=').filter(|part| !part.is_empty()).count() == 2 && !text.contains("==") {
        Some("a line of conda's export; `pip list --format=freeze` writes one for pip".to_owned())
    } else if first == '=' && !text.starts_with("==") {
        Some("`=` is no operator: write `==` for a version".to_owned())
    } else if first == '^' || first == '~' && !text.starts_with("~=") {
        Some(format!("`{first}` is an operator of other tools: write the range, as >=1.4,<2 or ~=1.4"))
    } else if first.is_ascii_digit() {
        Some(format!("a version needs an operator: write {}=={shown}", lines::shorten(name)))
    } else if "=!<>~".contains(first) {
        let joined = text.replace([' ', '\t'], "");
        let again = second_operator(&joined)?;
        let both = format!("{},{}", &joined[..again], &joined[again..]);
        specifiers::list(&both).is_ok().then(|| format!("a comma is missing between specifiers: write {}", lines::shorten(&both)))
    } else {
        Some(format!(
            "`{shown}` cannot stand there: a name is followed by specifiers (>=1.4), `@` or `;`, and each line is one requirement"
        ))
    }
}

/// Where a second specifier begins without a comma before it.
fn second_operator(text: &str) -> Option<usize> {
    let is_operator = |c: char| "=!<>~".contains(c);
    let version = text.find(|c| !is_operator(c))?;
    text[version..].find(is_operator).map(|at| at + version).filter(|at| !text[..*at].ends_with(','))
}

fn marker(scanner: &mut Scanner<'_>, after_url: bool) -> Read<Option<String>> {
    let end = scanner.at;
    scanner.blanks();
    if scanner.is_done() {
        return Ok(None);
    }
    let separated = !after_url || scanner.at > end;
    if !separated || !scanner.take(";") {
        return Err(fault(end, format!("`{}` cannot stand there; a marker begins with `;`", excerpt(scanner.rest()))));
    }
    let text = scanner.rest();
    Marker::parse(text).map_err(|error| of_marker(scanner.at, &error))?;
    Ok(Some(text.trim_matches([' ', '\t']).to_owned()))
}

/// What is wrong with a marker, as a fault of the requirement that it belongs to.
pub(crate) fn of_marker(begin: usize, error: &InvalidMarker) -> InvalidRequirement {
    fault(begin + error.at, format!("its marker, {error}"))
}

/// The next word, for people.
fn excerpt(rest: &str) -> String {
    let word = rest.split_whitespace().next().unwrap_or_default();
    lines::shorten(&direct_reference::disclosed(word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Requirement;

    #[test]
    fn the_obvious_mistakes_have_cures() {
        for (text, cure) in [
            ("foo=1.0", "write `==`"),
            ("foo=1.0=py311_0", "conda"),
            ("foo 1.0", "write foo==1.0"),
            ("foo=>1.0", "write `>=`"),
            ("foo>=1.0.*", "`==` and `!=` only"),
            ("foo>=1.0 <2", "write >=1.0,<2"),
            ("foo^1.0", "~=1.4"),
            ("foo~1.0", "~=1.4"),
            ("foo bar", "each line is one requirement"),
            ("foo[bar", "never closed"),
            ("foo(>=1", "never closed"),
            ("foo @", "a URL is expected"),
            ("foo; python_version > 3", "`3` is no variable of markers; a text needs quotes"),
            ("foo; python_version = '3'", "write `==`"),
            ("", "the name of a package is missing"),
            ("<foo>", "`<foo>` is no name"),
        ] {
            let error = Requirement::parse(text).expect_err(text);
            assert!(error.cause.contains(cure), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,30}|(a|1|\\.|\\*|[-_,;@()\\[\\]'\" =<>~!]|in|not|and|extra|\\\\|é){0,20}") {
            if let Err(error) = Requirement::parse(&text) {
                prop_assert!(error.at <= text.len());
            }
        }
    }
}
