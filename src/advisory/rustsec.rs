//! The native RustSec database, one Markdown file an advisory, read by the `rustsec` crate.
//!
//! `crates/<name>/RUSTSEC-*.md` are about crates; `rust/<name>/*.md` are about the Rust distribution and stay a
//! collection of their own, because a crate may bear the same name.

use ::rustsec::{Advisory as Native, advisory::Informational, osv::ranges_for_advisory};

use super::{AdvisorySource, Contents, SourceRecord, osv};
use crate::model::{Advisory, AdvisoryId, Affected, Ecosystem, Event, Range, RangeType, Statement, Timestamp};

/// The RustSec database's own files.
pub struct RustSec;

impl AdvisorySource for RustSec {
    fn name(&self) -> &'static str {
        "rustsec"
    }

    fn recognises(&self, path: &str) -> bool {
        collection(path).is_some()
    }

    fn read(&self, path: &str, bytes: &[u8]) -> Result<Contents, String> {
        let ecosystem = collection(path).ok_or_else(|| "neither under crates/ nor under rust/".to_owned())?;
        let text = std::str::from_utf8(bytes).map_err(|error| format!("not UTF-8: {error}"))?;
        let native: Native = text.parse().map_err(|error: ::rustsec::Error| format!("not a RustSec advisory: {error}"))?;
        Ok(Contents::Advisory(Box::new(SourceRecord { advisory: convert(&native, ecosystem), warnings: Vec::new(), partial: None })))
    }
}

/// The collection of a path such as `advisory-db-main/crates/time/RUSTSEC-2020-0071.md`.
fn collection(path: &str) -> Option<Ecosystem> {
    let mut parts = path.rsplit('/');
    let file = parts.next()?;
    let (_package, collection) = (parts.next()?, parts.next()?);
    // `RUSTSEC-0000-0000.md` is a draft that has no id yet.
    if !file.ends_with(".md") || file.starts_with('.') || file.starts_with("RUSTSEC-0000-0000") {
        return None;
    }
    match collection {
        "crates" => Some(Ecosystem::crates_io()),
        "rust" => Some(Ecosystem::rust_toolchain()),
        _ => None,
    }
}

fn convert(native: &Native, ecosystem: Ecosystem) -> Advisory {
    let metadata = &native.metadata;
    let id = metadata.id.to_string();
    let categories: Vec<String> = metadata.categories.iter().map(|c| c.name().to_owned()).collect();
    let functions = native.affected.iter().flat_map(|a| a.functions.keys()).map(ToString::to_string).collect();
    let date = |date: &::rustsec::advisory::Date| Timestamp::parse(&format!("{date}T12:00:00Z")).ok();
    let mut aliases: Vec<_> = metadata.aliases.iter().map(|a| AdvisoryId(a.to_string())).collect();
    aliases.sort();
    Advisory {
        statement: Statement {
            kind: osv::kind(&categories, metadata.informational.as_ref().map(Informational::as_str)),
            categories,
            cwes: Vec::new(),
            cvss: metadata.cvss.iter().map(ToString::to_string).collect(),
            label: None,
        },
        id: AdvisoryId(id),
        aliases,
        upstream: Vec::new(),
        summary: Some(metadata.title.clone()).filter(|t| !t.trim().is_empty()),
        // The database dates its advisories to the day; its OSV export puts them at noon, and so do we: a deadline
        // must not depend on which of the two was imported.
        published: date(&metadata.date),
        modified: None,
        withdrawn: metadata.withdrawn.as_ref().map(|d| date(d).unwrap_or(Timestamp::from_seconds(0))),
        affected: vec![Affected { ranges: ranges(native), functions, ..Affected::new(ecosystem, metadata.package.to_string()) }],
    }
}

/// RustSec states what is *not* affected; the crate turns that into half-open affected ranges.
fn ranges(native: &Native) -> Vec<Range> {
    let mut events = Vec::new();
    for range in ranges_for_advisory(&native.versions) {
        events.push(Event::Introduced(range.introduced.map_or_else(|| "0".to_owned(), |v| v.to_string())));
        events.extend(range.fixed.map(|v| Event::Fixed(v.to_string())));
    }
    vec![Range { range_type: RangeType::Semver, events }]
}

#[cfg(test)]
mod tests {
    use super::{AdvisorySource, Contents, RustSec, collection};
    use crate::model::{Ecosystem, Event};

    #[test]
    fn the_collection_is_the_grandparent_folder() {
        assert_eq!(collection("db/crates/cargo/RUSTSEC-2099-0001.md"), Some(Ecosystem::crates_io()));
        assert_eq!(collection("rust/cargo/CVE-2099-1.md"), Some(Ecosystem::rust_toolchain()));
        for path in ["README.md", "crates/README.md", "db/crates/x/RUSTSEC-0000-0000.md", "crates/x/y.toml", "docs/a/b.md"] {
            assert_eq!(collection(path), None, "{path}");
        }
    }

    #[test]
    fn unaffected_versions_become_affected_ranges() {
        let text = "```toml\n[advisory]\nid = \"RUSTSEC-2099-0001\"\npackage = \"a\"\ndate = \"2099-01-01\"\n[versions]\npatched = [\">= 1.2.0\"]\nunaffected = [\"< 1.0.0\"]\n```\n\n# A title\n\nText.\n";
        let Ok(Contents::Advisory(record)) = RustSec.read("crates/a/RUSTSEC-2099-0001.md", text.as_bytes()) else {
            panic!("not an advisory")
        };
        assert_eq!(record.advisory.affected[0].ranges[0].events, [Event::Introduced("1.0.0".into()), Event::Fixed("1.2.0".into())]);
        assert_eq!(record.advisory.published.map(|t| t.to_string()).as_deref(), Some("2099-01-01T12:00:00Z"));
    }
}
