//! What a scan depends on, and why there may be no report.

use super::{Policies, RevisionRange};
use crate::{
    advisory::{IndexError, Store},
    inventory::Environment,
    model::{Timestamp, timestamp::DAY},
    policy::FailOn,
    report::comparison::Side,
    tree::{GitError, Limits, TargetError},
};

/// How old advisory data may be where nobody says it, in seconds.
pub const MAX_DB_AGE: i64 = 30 * DAY;

/// Everything that a scan depends on. The same request over the same files gives the same report.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the command line, each by itself")]
pub struct ScanRequest {
    /// What to scan, as given.
    pub targets: Vec<String>,
    /// Where the advisories are.
    pub store: Store,
    /// What findings are judged by.
    pub policies: Policies,
    /// The moment of judging.
    pub as_of: Timestamp,
    /// Advisory data older than this, in seconds, makes the result incomplete; `None`: what the policies say, else
    /// [`MAX_DB_AGE`].
    pub max_db_age: Option<i64>,
    /// What trips the gate; `None`: what the policies say, else what usually does.
    pub fail_on: Option<FailOn>,
    /// Requirements that only let affected versions in do not trip it.
    pub allow_admitted: bool,
    /// Besides the targets themselves, look at the newest release of each line that their policies support.
    pub supported: bool,
    /// A version of the Rust distribution to check besides.
    pub rust_version: Option<String>,
    /// Packages that only development wants are left out.
    pub no_dev: bool,
    /// What is known of where the project runs: markers that do not hold there leave packages out.
    pub environment: Environment,
    /// A target without dependency files is fine.
    pub allow_empty: bool,
    /// How many threads walk directories.
    pub threads: usize,
    /// How much is read.
    pub limits: Limits,
    /// What the gate looks back at.
    pub against: Against,
}

impl ScanRequest {
    /// Whether packages are left out as was asked for, which others could find.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        self.no_dev || self.environment.python_version.is_some() || self.environment.platform.is_some()
    }

    /// A scan of these targets by the built-in policy, of data of any age, with everything else left at its plainest.
    #[must_use]
    pub fn new(targets: Vec<String>, store: Store, as_of: Timestamp) -> Self {
        Self {
            targets,
            store,
            policies: Policies::default(),
            as_of,
            max_db_age: Some(i64::MAX),
            fail_on: None,
            allow_admitted: false,
            supported: false,
            rust_version: None,
            no_dev: false,
            environment: Environment::default(),
            allow_empty: false,
            threads: 1,
            limits: Limits::default(),
            against: Against::Nothing,
        }
    }
}

/// What a scan is compared with, so that the gate counts only what is new.
#[derive(Clone, Debug, Default)]
pub enum Against {
    /// Nothing: everything counts.
    #[default]
    Nothing,
    /// An earlier report.
    Report(Side),
    /// A git revision.
    Revision(RevisionRange),
}

/// Why there is no report at all.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// A target cannot be read: the caller's error.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The advisory data cannot be trusted.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The revision to compare with cannot be read.
    #[error(transparent)]
    Git(#[from] GitError),
    /// Supported releases were asked for, and no policy says which are.
    #[error("no policy here says which versions are supported")]
    NothingSupported,
    /// `--rust-version` is no version.
    #[error("`{0}` is no version of Rust, as 1.70.0")]
    RustVersion(String),
}
