//! An advisory that applies to a package in a target: facts only. What the policy makes of it is a judgement,
//! two floors up.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{AdvisoryId, Ecosystem, Epss, Group, ImageLayer, Kind, KnownExploited, Location, Timestamp, Wanted};

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
    /// The source package that a distribution builds it from, if it is one's. Fixed versions and cures are versions of that.
    pub source_package: Option<String>,
    /// The package's version, or the requirement that lets affected versions in, as written.
    pub wanted: Wanted,
    /// What it is wanted for, sorted; empty where the format does not say.
    pub groups: Vec<Group>,
    /// Under which circumstances it is wanted, as written; `None`: always.
    pub marker: Option<String>,
    /// Whether the version is affected or only admitted.
    pub certainty: Certainty,
    /// Of a requirement: what it lets in of what the advisory affects.
    pub admitted: Option<Admitted>,
    /// The dependency file, relative to the target.
    pub manifest: String,
    /// Where the package stands; never empty.
    pub locations: Vec<Location>,
    /// The layer of an image that brought the package.
    pub layer: Option<Arc<ImageLayer>>,
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
    /// The smallest fixed version above the package's own; of a requirement: the change that clears all findings of the
    /// package, as `>=3.9.2`.
    pub cure: Option<String>,
    /// What clears every vulnerability known for the package; the same for all its findings.
    pub package_cure: Option<Cure>,
}

/// What clears a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cure {
    /// To move to the smallest version that is free of every known vulnerability.
    Version {
        /// The version.
        version: String,
        /// Whether the ecosystem's usual requirement lets it in, so that a lockfile update suffices.
        compatible: bool,
    },
    /// To change the requirement so that it lets no affected version in.
    Requirement {
        /// What kind of change.
        change: Change,
        /// The specifiers to add, or to put in place of those that they make idle: `>=3.9.2`, `!=2.0.1`.
        specifiers: String,
        /// The requirement as it is then: `>=3.9.2,<4`.
        requirement: String,
    },
}

/// How a requirement is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Its floor is raised to a version that is known.
    Raise,
    /// Single versions are excluded, and nothing else.
    Exclude,
    /// Its floor is raised and single versions above are excluded.
    RaiseAndExclude,
    /// There is no fixed version yet, and what is below is free: a ceiling.
    Cap,
    /// Nothing that it allows is free: it has to allow more.
    Leave,
}

impl Change {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Raise => "raise",
            Self::Exclude => "exclude",
            Self::RaiseAndExclude => "raise-and-exclude",
            Self::Cap => "cap",
            Self::Leave => "leave",
        }
    }
}

/// What a requirement lets in of what an advisory affects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// How many releases the requirement lets in that are known to be affected; none where only ranges tell.
    pub releases: usize,
    /// The first and the last of them.
    pub ends: Option<(String, String)>,
    /// Where they lie, as specifiers: `>=3.9.0,<3.9.2`.
    pub range: String,
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
