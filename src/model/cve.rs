//! What is known of a CVE beside advisories: scores, known exploitation, the probability of it.

use serde::{Deserialize, Serialize};

use super::{AdvisoryId, Timestamp};

/// A CVSS vector that somebody published for a CVE.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CveVector {
    /// The CVSS vector, of any version.
    pub vector: String,
    /// Who published it: the CNA's or ADP's short name in CVE records, the source in NVD's feeds.
    pub provider: String,
}

/// An entry of CISA's catalogue of known exploited vulnerabilities (KEV).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KnownExploited {
    /// When it was added to the catalogue.
    pub added: Timestamp,
    /// By when agencies are to have acted, if the catalogue says.
    pub due: Option<Timestamp>,
    /// Whether ransomware campaigns are known to use it.
    pub ransomware: bool,
}

/// FIRST's estimate that a CVE is exploited within 30 days (EPSS).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Epss {
    /// The probability, in millionths.
    pub probability: u32,
    /// The share of CVEs that are as probable or less, in millionths.
    pub percentile: u32,
    /// The day of the estimate.
    pub date: Timestamp,
}

/// One statement about a CVE.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum CveStatement {
    /// A vector.
    Vector(CveVector),
    /// It is known to be exploited.
    Exploited(KnownExploited),
    /// How probable that is.
    Epss(Epss),
}

/// A statement with the CVE that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CveFact {
    /// The CVE.
    pub id: AdvisoryId,
    /// What is said of it.
    pub statement: CveStatement,
}
