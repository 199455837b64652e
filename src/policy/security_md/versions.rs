//! Supported versions: tables, lists under a heading that says so, and sentences such as `only the latest release is
//! supported`.

use super::{
    line,
    markdown::{Document, Text},
    support::{self, Support},
    token::{Token, contains, tokens},
};
use crate::{model::Timestamp, policy::reading::SupportedVersion};

/// What a table's columns are, if it is about supported versions.
struct Columns {
    version: usize,
    support: Option<usize>,
    until: Option<usize>,
}

const VERSION: [&str; 22] = [
    "version", "versions", "release", "releases", "branch", "branches", "series", "line", "tag", "tags", "track", "channel", "major",
    "package", "component", "product", "image", "edition", "generation", "revision", "chart", "crate",
];
const SUPPORT: [&str; 20] = [
    "supported", "support", "status", "maintained", "maintenance", "updates", "patches", "fixes", "security", "state", "active",
    "receives", "lifecycle", "?", "backports", "coverage", "fixed", "maintained?", "supported?", "stage",
];

/// Reads the rows of a table about supported versions; `None` when it is about something else. Rows that say neither yes
/// nor no are given with their line only.
pub(super) fn table(document: &Document<'_>, header: &[Text], rows: &[Vec<Text>]) -> Option<Vec<Result<SupportedVersion, (u32, String)>>> {
    let heads: Vec<Vec<Token>> = header.iter().map(|cell| tokens(&cell.plain)).collect();
    if heads.iter().any(|head| head.iter().any(|token| token.any(&["cvss"])))
        && heads.iter().any(|head| contains(head, &["supported", "versions"]) || contains(head, &["versions"]))
    {
        return Some(by_score(document, &heads, rows));
    }
    let columns = columns(&heads, rows)?;
    let mut found = Vec::new();
    for row in rows {
        let Some(cell) = row.get(columns.version) else { continue };
        if cell.is_empty() {
            // A picture of a version, perhaps.
            let marked = columns.support.and_then(|at| row.get(at)).filter(|cell| support::support(&cell.plain).is_some());
            found.extend(marked.map(|cell| Err((document.line(cell, 0), row_words(document, row)))));
            continue;
        }
        let line = document.line(cell, 0);
        let text = |column: Option<usize>| column.and_then(|at| row.get(at)).map(|cell| flat(&cell.plain)).unwrap_or_default();
        let until = columns.until.and_then(|_| support::date(&tokens(&text(columns.until))));
        let said = columns.support.and_then(|_| support::support(&text(columns.support)));
        // A date that ends support says that there is some.
        let said = said.or_else(|| {
            until
                .filter(|_| columns.support.is_none() || text(columns.support).trim().is_empty())
                .map(|_| Support { supported: true, until: None })
        });
        // An end that cannot be read is not passed over.
        let ends = columns.until.map(|_| text(columns.until)).unwrap_or_default();
        let is_open = matches!(
            ends.trim().to_lowercase().as_str(),
            "" | "-" | "–" | "—" | "n/a" | "na" | "tbd" | "tba" | "none" | "?" | "active" | "ongoing" | "current"
        );
        let is_dated = ends.chars().any(|c| c.is_ascii_digit());
        let is_unread =
            is_dated && !is_open && until.is_none() && said.is_some_and(|said| said.supported) && support::support(&ends).is_none();
        found.push(match said.filter(|_| !is_unread) {
            Some(said) => Ok(entry(flat(&cell.plain), said, until, line)),
            None => Err((line, row_words(document, row))),
        });
    }
    Some(found)
}

fn entry(pattern: String, said: Support, until: Option<Timestamp>, line: u32) -> SupportedVersion {
    let until = said.until.or(until).filter(|_| said.supported);
    SupportedVersion { pattern, supported: said.supported, until, line: Some(line) }
}

/// The words of a row, its cells side by side.
pub(super) fn row_words(document: &Document<'_>, row: &[Text]) -> String {
    let cells: Vec<String> = row.iter().map(|cell| document.words(cell, line::trim(&cell.plain, 0..cell.plain.len()))).collect();
    cells.join(" | ")
}

/// `CVSS v3.0 | Supported Versions`: which releases get fixes of such a score.
fn by_score(document: &Document<'_>, heads: &[Vec<Token>], rows: &[Vec<Text>]) -> Vec<Result<SupportedVersion, (u32, String)>> {
    let column = heads.iter().position(|head| contains(head, &["versions"])).unwrap_or(0);
    let cells = rows.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.is_empty());
    cells.map(|cell| Ok(entry(flat(&cell.plain), Support { supported: true, until: None }, None, document.line(cell, 0)))).collect()
}

fn columns(heads: &[Vec<Token>], rows: &[Vec<Text>]) -> Option<Columns> {
    let names = |head: &Vec<Token>, words: &[&str]| head.iter().any(|token| token.any(words));
    let is_until = |head: &Vec<Token>| {
        names(head, &["eol", "until", "till", "expires", "expiry", "ends"])
            || contains(head, &["end", "of"])
            || contains(head, &["end", "-", "of"])
            || contains(head, &["support", "ends"])
    };
    let version = heads.iter().position(|head| names(head, &VERSION) && !is_until(head))?;
    // Of bug fixes and security fixes the latter count.
    let about_security = |column: &usize| names(&heads[*column], &["security"]);
    let ends: Vec<usize> = (0..heads.len()).filter(|at| *at != version && is_until(&heads[*at])).collect();
    let until = ends.iter().copied().find(about_security).or(ends.first().copied());
    let candidates: Vec<usize> =
        (0..heads.len()).filter(|at| *at != version && Some(*at) != until && names(&heads[*at], &SUPPORT)).collect();
    // Among several, the one whose cells say yes or no.
    let says =
        |column: usize| rows.iter().filter(|row| row.get(column).is_some_and(|cell| support::support(&cell.plain).is_some())).count();
    let support =
        candidates.iter().copied().max_by_key(|column| (about_security(column) && says(*column) > 0, says(*column), usize::MAX - column));
    if support.is_none() && until.is_none() {
        return None;
    }
    // "Status" of something else: at least one row must say yes or no, or be a date.
    let any =
        support.is_some_and(|column| says(column) > 0 || names(&heads[column], &["supported", "support", "maintained"])) || until.is_some();
    any.then_some(Columns { version, support, until })
}

/// A cell on one line.
pub(super) fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a heading is about versions of something else: `Supported Ubuntu versions`.
pub(super) fn is_foreign(heading: &[Token]) -> bool {
    let others = [
        "ubuntu", "debian", "linux", "windows", "macos", "os", "platform", "platforms", "browser", "browsers", "python", "node", "nodejs",
        "php", "java", "ruby", "go", "rust", "django", "rails", "database", "databases", "postgres", "postgresql", "mysql", "kubernetes",
        "compiler", "compilers", "runtime", "runtimes", "hardware", "devices", "ios", "android", "language", "languages",
    ];
    heading.iter().any(|token| token.any(&others))
}

/// Whether a heading is about supported versions.
pub(super) fn is_about_support(heading: &[Token]) -> bool {
    if is_foreign(heading) {
        return false;
    }
    let has = |words: &[&str]| heading.iter().any(|token| token.any(words));
    // "Versions": what its items say decides.
    if heading.iter().filter(|token| token.is_word()).count() == 1 && has(&["versions", "releases"]) {
        return true;
    }
    has(&["supported", "support", "maintained", "maintenance"])
        && (has(&["version", "versions", "release", "releases", "branches", "branch"]) || heading.len() <= 3)
}

/// An item under such a heading: `1.x: supported`, `2.x ✅`, `3.0 – until March 2026`, `< 1.0 (not supported)`.
pub(super) fn item(plain: &str) -> Option<(String, Support)> {
    let flat = flat(plain);
    let words = tokens(&flat);
    // "✅ 5.0"
    if let Some(at) =
        words.iter().position(|token| token.is_word() || token.number().is_some() || token.any(&["<", ">", "≥", "≤"])).filter(|at| *at > 0)
    {
        let (sign, pattern) = (&flat[..words[at].start], flat[words[at].start..].trim());
        if let Some(said) = support::support(sign).filter(|_| words.len() - at <= 8) {
            return Some((pattern.to_owned(), said));
        }
    }
    let first = words.first()?;
    let is_version = |token: &Token| {
        token.number().is_some()
            || token.any(&[
                "v", "<", "≤", ">", "≥", "latest", "main", "master", "version", "all", "older", "n", "current", "any", "release", "lts",
                "stable", "newest",
            ])
            || token.text == "x"
    };
    if !is_version(first) || words.len() > 24 {
        return None;
    }
    // The pattern ends where the mark begins: at a separator, or at the first sign or word of support.
    let separator = words.iter().enumerate().skip(1).find(|(at, token)| {
        let spaced = !token.glued && words.get(at + 1).is_none_or(|next| !next.glued);
        token.is(":") || token.is("(") || (token.any(&["-", "→", "=", "|"]) && spaced)
    });
    let cut = separator.map(|(_, token)| (token.start, token.end)).or_else(|| {
        let place = words.iter().skip(1).find(|token| {
            !token.is_word() && token.number().is_none() && !token.any(&[".", "-", "<", "≤", ">", "≥", "=", "/", ",", "*", "+", "^", "~"])
        })?;
        Some((place.start, place.start))
    })?;
    let (pattern, rest) = (flat[..cut.0].trim(), &flat[cut.1..]);
    let said = support::support(rest)?;
    (!pattern.is_empty()).then(|| (pattern.to_owned(), said))
}

/// The versions that a sentence under such a heading lists: `we support 1.x and 2.x`, `0.x is not supported`.
pub(super) fn listed(words: &[Token]) -> Vec<(String, bool)> {
    let has = |list: &[&str]| words.iter().any(|token| token.any(list));
    let denies = has(&["not", "no", "unsupported", "longer", "aren't", "isn't", "eol"]);
    let supports = has(&["support", "supports", "supported", "maintain", "maintained"])
        || (has(&["receive", "receives", "get", "gets"]) && has(&["security"]));
    let other = has(&[
        "if", "before", "since", "until", "after", "upgrade", "please", "but", "except", "from", "python", "node", "between", "older",
        "newer", "below", "above",
    ]);
    if !supports || other || words.len() > 24 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut place = 0;
    while place < words.len() {
        let start = place;
        // "v1.2.x": parts that are joined by dots, of numbers and x, the last part at least one behind a dot.
        let mut pattern = String::new();
        let mut dots = 0;
        if words[place].is("v") && words.get(place + 1).is_some_and(|next| next.glued && next.number().is_some()) {
            pattern.push('v');
            place += 1;
        }
        while let Some(token) = words.get(place).filter(|token| place == start || token.glued) {
            match token.text.as_str() {
                "." if words.get(place + 1).is_some_and(|next| next.glued && (next.number().is_some() || next.is("x"))) => dots += 1,
                "x" if dots > 0 => {}
                text if token.number().is_some() && text.len() <= 4 => {}
                _ => break,
            }
            pattern.push_str(&token.text);
            place += 1;
        }
        // "pre-1.0" is another version.
        let is_part = start > 0 && words[start].glued && words[start - 1].any(&["-", "/", "_", "."]);
        if dots > 0 && !is_part {
            found.push((pattern, !denies));
        }
        place = place.max(start + 1);
    }
    found
}

/// `Releases within the previous three months receive security fixes.`
fn recent(words: &[Token]) -> Option<String> {
    let start = words.iter().position(|token| token.any(&["releases", "versions"])).filter(|at| *at <= 2)?;
    let verb = words.iter().position(|token| token.any(&["receive", "receives", "get", "are", "will"])).filter(|at| *at > start + 2)?;
    let part = &words[start..verb];
    let is_recent = part.iter().any(|token| token.any(&["previous", "last", "past"])) && super::quantity::is_any(part);
    let supported = words[verb..].iter().any(|token| token.any(&["security", "supported", "fixes", "patches", "updates"]))
        && !words.iter().any(|token| token.any(&["not", "no"]));
    (is_recent && supported).then(|| part.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" "))
}

/// `Only the latest release is supported`, `we support the two latest minor versions`.
pub(super) fn sentence(words: &[Token]) -> Option<String> {
    let has = |list: &[&str]| words.iter().any(|token| token.any(list));
    if let Some(pattern) = recent(words) {
        return Some(pattern);
    }
    let newest = words.iter().position(|token| token.any(&["latest", "newest", "current", "recent", "last"]))?;
    let counts = ["one", "two", "three", "four", "five", "six", "1", "2", "3", "4", "5", "6"];
    let adjectives = [
        "stable", "major", "minor", "patch", "published", "released", "official", "public", "tagged", "and", "lts", "feature", "alpha",
        "beta", "rc", "preview", "/", "maintained",
    ];
    let is_adjective = |token: &Token| token.any(&adjectives) || token.any(&counts);
    let mut end = newest + 1;
    while words.get(end).is_some_and(is_adjective) && end < newest + 5 {
        end += 1;
    }
    words.get(end).filter(|token| token.any(&["release", "version", "releases", "versions", "branch", "series"]))?;
    let denies = has(&[
        "not", "no", "don't", "unsupported", "if", "before", "upgrade", "please", "update", "reproduce", "test", "check", "affects",
        "ensure", "using", "use", "running", // What somebody else supports, or what is asked for.
        "itself", "language", "kernel", "upstream", "vendor", "requests", "request", "prior",
    ]);
    let supports = has(&["supported", "support", "supports", "maintained", "maintain"])
        || ((has(&["only"]) || has(&["receives", "receive", "gets", "get", "provided", "provide", "released"]))
            && has(&["security", "fixes", "patches", "updates", "fix"]));
    // "Python supports the latest version": the subject of such a verb must be us.
    let by_others = has(&["supports", "guarantees", "provides", "maintains"]) && !has(&["project", "we", "team", "repository", "package"]);
    if denies || !supports || by_others || words.len() > 40 {
        return None;
    }
    let mut start = if words[newest].is("recent") && newest > 0 && words[newest - 1].is("most") { newest - 1 } else { newest };
    if start > 0 && words[start - 1].any(&counts) {
        start -= 1;
    }
    Some(words[start..=end].iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ").replace(" / ", "/"))
}

/// What an item without a mark says under `security fixes are provided for:`; the words are those of the introduction.
pub(super) fn introduced(plain: &str, introduction: &[Token]) -> Option<(String, Support)> {
    let has = |list: &[&str]| introduction.iter().any(|token| token.any(list));
    let about = introduction.last().is_some_and(|token| token.is(":"))
        && has(&["supported", "support", "provided", "receive", "receives", "maintained", "patched", "maintain", "provide"]);
    let pattern = flat(plain);
    let is_short = tokens(&pattern).iter().filter(|token| token.is_word()).count() <= 5 && pattern.len() <= 60;
    let supported = !has(&["not", "no", "unsupported", "longer", "aren't", "don't"]);
    (about && is_short && !pattern.is_empty()).then_some((pattern, Support { supported, until: None }))
}
