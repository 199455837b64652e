//! An advisory that applies to a package in a target: facts only. What the policy makes of it is a judgement,
//! two floors up.

use serde::{Deserialize, Serialize};

use super::{AdvisoryId, Ecosystem, Epss, Kind, KnownExploited, Location, Timestamp};

/// A package that an advisory applies to.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The target, as an index into the report's targets.
    pub target: usize,
    /// The record that stands for the alias group.
    pub id: AdvisoryId,
    /// The other ids of the alias group, in order of preference.
    pub aliases: Vec<AdvisoryId>,
    /// The records of the group that are about this package, whether they match this version or not, in order of
    /// preference.
    pub records: Vec<AdvisoryId>,
    /// What the matching records were derived from.
    pub upstream: Vec<AdvisoryId>,
    /// The gravest kind of the matching records.
    pub kind: Kind,
    /// The record's one-line summary, where the index has it.
    pub summary: Option<String>,
    /// RustSec categories.
    pub categories: Vec<String>,
    /// Weaknesses.
    pub cwes: Vec<String>,
    /// The package's ecosystem.
    pub ecosystem: Ecosystem,
    /// The package's name.
    pub name: String,
    /// The package's version, as written.
    pub version: String,
    /// Whether the version is affected or only admitted.
    pub certainty: Certainty,
    /// The dependency file, relative to the target.
    pub manifest: String,
    /// Where the package stands; never empty.
    pub locations: Vec<Location>,
    /// From a root of the dependency graph to the package, as `name version`.
    pub dependency_path: Option<Vec<String>>,
    /// The severity, if anything in the group states one.
    pub grade: Grade,
    /// The entry in the catalogue of known exploited vulnerabilities, if one of its CVEs is there.
    pub exploited: Option<KnownExploited>,
    /// The estimate that one of its CVEs is exploited soon; of several the gravest.
    pub epss: Option<Epss>,
    /// The earliest publication among the group's records.
    pub published: Option<Timestamp>,
    /// The earliest modification among the group's records, for want of a publication.
    pub modified: Option<Timestamp>,
    /// Versions that the records call fixed, ascending.
    pub fixed_versions: Vec<String>,
    /// The smallest fixed version above the package's own.
    pub cure: Option<String>,
    /// The smallest version that is free of every vulnerability known for the package; the same for all its findings.
    pub package_cure: Option<Cure>,
}

/// A version to move a package to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cure {
    /// The version.
    pub version: String,
    /// Whether the ecosystem's usual requirement lets it in, so that a lockfile update suffices.
    pub compatible: bool,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// The version in use is affected.
    Affected,
    /// An unpinned requirement lets an affected version in.
    Admitted,
}

impl Certainty {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Affected, Self::Admitted];

    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Affected => "affected",
            Self::Admitted => "admitted",
        }
    }
}

/// A severity and where it came from. Empty when nothing in the alias group states one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grade {
    /// The CVSS score in tenths, 0 to 100.
    pub score: Option<u8>,
    /// The vector that the score was computed from, as published.
    pub vector: Option<String>,
    /// A qualitative severity, lower case, for want of a vector.
    pub label: Option<String>,
    /// The record that stated the vector or the label.
    pub source: Option<AdvisoryId>,
}
