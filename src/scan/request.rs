//! What a scan depends on, and why there may be no report.

use super::{Policies, RevisionRange};
use crate::{
    advisory::{IndexError, Store},
    inventory::Environment,
    model::{Timestamp, timestamp::DAY},
    policy::FailOn,
    report::comparison::Side,
    tree::{
        GitError, Limits, TargetError,
        image::{self, Cache, ImageError},
    },
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
    /// How images are read.
    pub images: ImageOptions,
    /// What the gate looks back at.
    pub against: Against,
}

/// How images are read, and what of them counts.
#[derive(Clone, Debug, Default)]
pub struct ImageOptions {
    /// Only images of this platform, as `linux/arm64`.
    pub platform: Option<String>,
    /// The digests of the base's layers, the lowest first.
    pub base: Option<Vec<String>>,
    /// Folders of unpacked layers, the lowest first: one more target.
    pub layers: Vec<String>,
    /// What was read of layers before.
    pub cache: Option<Cache>,
    /// How much is read.
    pub limits: image::Limits,
    /// Findings that the base brought do not trip the gate.
    pub application_only: bool,
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
            images: ImageOptions::default(),
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
    /// An image cannot be read, or is damaged.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// An image was to be compared with a revision.
    #[error("{0} is an image or a root filesystem, and a git revision has none to compare with")]
    NoRevisionOfImages(String),
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
