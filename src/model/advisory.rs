//! An advisory as facts, whatever format it came in. Not the index's record (that adds what import works out).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Ecosystem, Timestamp, VersionList};

/// The id of an advisory in its database: `RUSTSEC-2020-0071`, `GHSA-...`, `CVE-...`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AdvisoryId(pub String);

impl AdvisoryId {
    /// The id of a CVE, however its case: `CVE-`, the year, four digits or more. `None` for what is none.
    #[must_use]
    pub fn cve(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_uppercase();
        let (year, number) = text.strip_prefix("CVE-")?.split_once('-')?;
        let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        (year.len() == 4 && number.len() >= 4 && is_number(year) && is_number(number)).then_some(Self(text))
    }

    /// The database that issued the id: what stands before the first hyphen.
    #[must_use]
    pub fn database(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// Which id of an alias group stands for it: RUSTSEC, then PYSEC, then GHSA, then a distribution's own (or any
    /// other), then CVE. Lower is preferred.
    fn rank(&self) -> u8 {
        match self.database() {
            "RUSTSEC" => 0,
            "PYSEC" => 1,
            "GHSA" => 2,
            "CVE" => 4,
            _ => 3,
        }
    }
}

impl PartialOrd for AdvisoryId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AdvisoryId {
    /// By preference, then by text, so that the smallest id of a group is the one to show.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank()).then_with(|| self.0.cmp(&other.0))
    }
}

impl fmt::Display for AdvisoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an advisory warns of. Ordered from the gravest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The package itself is an attack (`MAL-` records, RustSec's category `malicious`).
    Malicious,
    /// A vulnerability.
    #[default]
    Vulnerability,
    /// Unsound: safe code can reach undefined behaviour (RustSec `informational = "unsound"`).
    Unsound,
    /// Nobody maintains the package any more.
    Unmaintained,
    /// Anything else worth knowing.
    Notice,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Malicious, Self::Vulnerability, Self::Unsound, Self::Unmaintained, Self::Notice];

    /// Whether findings of this kind gate by default and get a tier: vulnerabilities and malicious packages do, the
    /// informational kinds do not.
    #[must_use]
    pub fn is_security(self) -> bool {
        match self {
            Self::Malicious | Self::Vulnerability => true,
            Self::Unsound | Self::Unmaintained | Self::Notice => false,
        }
    }

    /// The name in reports and in `--fail-on`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malicious => "malicious",
            Self::Vulnerability => "vulnerability",
            Self::Unsound => "unsound",
            Self::Unmaintained => "unmaintained",
            Self::Notice => "notice",
        }
    }
}

/// One advisory, as its database states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advisory {
    /// Its own id.
    pub id: AdvisoryId,
    /// Ids of the same vulnerability in other databases.
    pub aliases: Vec<AdvisoryId>,
    /// Ids of the vulnerabilities that this record was derived from (OSV `upstream`).
    pub upstream: Vec<AdvisoryId>,
    /// What it says of all its packages.
    pub statement: Statement,
    /// The database's one-line summary. Prose: never part of the embedded snapshot.
    pub summary: Option<String>,
    /// When it was first published.
    pub published: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// When it was taken back: a withdrawn advisory matches nothing and links nothing.
    pub withdrawn: Option<Timestamp>,
    /// What it affects.
    pub affected: Vec<Affected>,
}

/// What a record says of how bad it is and of what kind: of all its packages, or of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// What it warns of; `None` where nothing else is said than that it is a vulnerability.
    pub kind: Option<Kind>,
    /// RustSec categories, as `memory-corruption`.
    pub categories: Vec<String>,
    /// Weaknesses, as `CWE-787`.
    pub cwes: Vec<String>,
    /// CVSS vectors as published, of any version, in the record's order.
    pub cvss: Vec<String>,
    /// A qualitative severity, lower case (GHSA's `database_specific.severity`, a distribution's urgency).
    pub label: Option<String>,
}

/// One affected package of an advisory (OSV `affected[]`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// The package's ecosystem, with its release.
    pub ecosystem: Ecosystem,
    /// The package's name, normalised by its ecosystem's rule.
    pub name: String,
    /// What the record says of this package; it goes before what it says of all (OSV `affected[].severity`).
    pub statement: Statement,
    /// Version ranges; `GIT` ranges are left out on reading, since no lockfile names commits of a package.
    pub ranges: Vec<Range>,
    /// Affected versions by name.
    pub versions: VersionList,
    /// Affected functions, as canonical paths.
    pub functions: Vec<String>,
}

impl Affected {
    /// An entry that says nothing yet but whom it is about.
    pub fn new(ecosystem: Ecosystem, name: impl Into<String>) -> Self {
        Self {
            ecosystem,
            name: name.into(),
            statement: Statement::default(),
            ranges: Vec::new(),
            versions: VersionList::default(),
            functions: Vec::new(),
        }
    }
}

/// How the events of a range compare (OSV `ranges[].type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RangeType {
    /// Semantic Versioning 2.0.
    Semver,
    /// The ecosystem's own order.
    Ecosystem,
    /// A type, or a kind of event, that this program does not know: the range cannot be evaluated.
    Unknown,
}

/// A range of affected versions, as its events (OSV `ranges[]`). `S` is how its texts are held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range<S = String> {
    /// How its events compare.
    #[serde(rename = "type")]
    pub range_type: RangeType,
    /// Its events, in the record's order.
    pub events: Vec<Event<S>>,
}

/// One event of a range (OSV `ranges[].events[]`). The texts are versions of the range's scheme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event<S = String> {
    /// The first affected version; `0` is before every version.
    Introduced(S),
    /// The first version that is affected no more.
    Fixed(S),
    /// The last affected version.
    LastAffected(S),
    /// Versions from here on are outside the range; `*` is no limit.
    Limit(S),
}

impl<S: AsRef<str>> Event<S> {
    /// The version that the event names.
    #[must_use]
    pub fn version(&self) -> &str {
        match self {
            Self::Introduced(v) | Self::Fixed(v) | Self::LastAffected(v) | Self::Limit(v) => v.as_ref(),
        }
    }
}

impl Range<&str> {
    /// The same, with texts of its own.
    #[must_use]
    pub fn to_owned(&self) -> Range {
        let event = |event: &Event<&str>| match *event {
            Event::Introduced(version) => Event::Introduced(version.into()),
            Event::Fixed(version) => Event::Fixed(version.into()),
            Event::LastAffected(version) => Event::LastAffected(version.into()),
            Event::Limit(version) => Event::Limit(version.into()),
        };
        Range { range_type: self.range_type, events: self.events.iter().map(event).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::AdvisoryId;

    #[test]
    fn a_cve_is_known_in_any_case() {
        for (text, expected) in [
            ("CVE-2020-26235", Some("CVE-2020-26235")),
            (" cve-1999-0001 ", Some("CVE-1999-0001")),
            ("CVE-2020-123", None),
            ("CVE-20-12345", None),
            ("CVE-2020-12a45", None),
            ("GHSA-wcg3-cvx6-7396", None),
            ("", None),
        ] {
            assert_eq!(AdvisoryId::cve(text).map(|id| id.0).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn ids_of_one_group_are_ordered_by_preference() {
        let order = ["RUSTSEC-2020-0071", "PYSEC-2024-24", "GHSA-wcg3-cvx6-7396", "DSA-5000-1", "CVE-2020-26235"];
        let mut ids: Vec<_> = order.iter().rev().map(|id| AdvisoryId((*id).to_owned())).collect();
        ids.sort();
        assert_eq!(ids.iter().map(|id| id.0.as_str()).collect::<Vec<_>>(), order);
    }
}
