//! `overdue scan`.

use std::path::PathBuf;

use clap::{
    Args, ValueEnum,
    builder::{ArgPredicate, FalseyValueParser},
};

use super::value::{duration, format_name, output, platform, python_version};
use crate::{
    advisory::sync::Base,
    inventory::{
        Environment,
        pep508::environment::{Platform, PythonVersion},
    },
    model::Timestamp,
    policy::FailOn,
    scan::RevisionRange,
};

/// `overdue scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// What to scan: directories, lockfiles, images (docker save, Podman, OCI layouts), root filesystems
    #[arg(value_name = "TARGET", default_value = ".", default_value_if("layers", ArgPredicate::IsPresent, None))]
    pub targets: Vec<String>,
    /// Whether advisories are refreshed first.
    #[command(flatten)]
    pub refresh: RefreshArgs,
    /// By what findings are judged.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Judge as of this moment [default: now]; moves the clock only, not the data
    #[arg(long, value_name = "YYYY-MM-DD[THH:MM:SSZ]", value_parser = Timestamp::parse)]
    pub as_of: Option<Timestamp>,
    /// Format of the report on stdout: table, json, sarif, markdown, github or outputs
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = format_name)]
    pub format: String,
    /// Also write a report to a file (repeatable)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output)]
    pub output: Vec<Output>,
    /// What trips the gate: any, critical, high, medium, low (that tier and above), overdue, exploited, admitted,
    /// unmaintained, unsound, notice, checks, never; comma-separated [default: what overdue.toml says, else any]
    #[arg(long, value_name = "LIST")]
    pub fail_on: Option<FailOn>,
    /// How images are read.
    #[command(flatten)]
    pub images: ImageArgs,
    /// What is looked at or written besides.
    #[command(flatten)]
    pub besides: BesidesArgs,
    /// An earlier JSON report: the gate counts only what is new since then; the report still holds everything
    #[arg(long, value_name = "FILE", conflicts_with = "new_since")]
    pub baseline: Option<PathBuf>,
    /// A git revision: the gate counts only what is new since then, as `origin/main`; with A..B or A...B the files of B
    /// are scanned instead of those on disk
    #[arg(long, value_name = "REV")]
    pub new_since: Option<RevisionRange>,
    /// Advisory data older than this makes the result incomplete, as 30d, 12h or 2w [default: what overdue.toml says,
    /// else 30d]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub max_db_age: Option<i64>,
    /// Requirements that only let an affected version in do not trip the gate; --fail-on admitted counts them anyway
    #[arg(long)]
    pub allow_admitted: bool,
    /// Do not exit with 3 when something was not checked or the advisory data is too old
    #[arg(long)]
    pub allow_unchecked: bool,
    /// Which packages are wanted at all.
    #[command(flatten)]
    pub wanted: WantedArgs,
    /// A target without any dependency file is fine
    #[arg(long)]
    pub allow_empty: bool,
    /// Also check this version of the Rust distribution (std, cargo, rustdoc), as 1.70.0
    #[arg(long, value_name = "VERSION")]
    pub rust_version: Option<String>,
    /// Width of the table [default: the terminal's; as wide as it gets in a pipe]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..))]
    pub width: Option<u16>,
    /// Choices of the SARIF report.
    #[command(flatten)]
    pub sarif: SarifArgs,
}

/// How images are read, and what of them counts.
#[derive(Debug, Args)]
pub struct ImageArgs {
    /// The base of the image: the digests of its layers, the lowest first, comma-separated, or its archive or OCI layout
    /// [default: inferred from the history]
    #[arg(long, value_name = "DIGESTS|IMAGE")]
    pub base: Option<String>,
    /// Unpacked layers, the lowest first, as one root filesystem; with whiteouts of OCI and of overlayfs
    #[arg(long, value_name = "DIR", num_args = 1..)]
    pub layers: Vec<String>,
    /// Findings that the base brought do not trip the gate
    #[arg(long)]
    pub application_only: bool,
    /// Read each layer, whether it was read before or not
    #[arg(long)]
    pub no_cache: bool,
}

/// What is looked at or written besides.
#[derive(Debug, Args)]
pub struct BesidesArgs {
    /// Also scan the newest release of each line that the policy supports, from git's tags; nothing is checked out
    #[arg(long, conflicts_with_all = ["baseline", "new_since"])]
    pub supported: bool,
    /// Write down in the state file (overdue.state) what was found for the first time, for the clocks first-seen and
    /// fix-available
    #[arg(long, conflicts_with = "new_since")]
    pub record: bool,
}

/// Which packages are wanted at all.
#[derive(Debug, Args)]
pub struct WantedArgs {
    /// Leave out packages that only development wants, where the format says so
    #[arg(long)]
    pub no_dev: bool,
    /// The version of Python that the project runs on, as 3.11 or 3.11.4: packages whose marker does not hold there are
    /// left out
    #[arg(long, value_name = "VERSION", value_parser = python_version)]
    pub python_version: Option<PythonVersion>,
    /// The platform that it runs on: linux, macos or windows; likewise. With an architecture, as linux/arm64: of an archive
    /// or layout with images of several platforms, only those of this one
    #[arg(long, value_name = "NAME", value_parser = platform)]
    pub platform: Option<PlatformChoice>,
}

impl WantedArgs {
    /// Where the project runs, as far as that was said.
    #[must_use]
    pub fn environment(&self) -> Environment {
        let platform = match &self.platform {
            Some(PlatformChoice::System(platform)) => Some(*platform),
            Some(PlatformChoice::Image(_)) | None => None,
        };
        Environment { python_version: self.python_version.clone(), platform }
    }
}

/// A platform, by its system or with an architecture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlatformChoice {
    /// Where a project runs.
    System(Platform),
    /// What an image is for, as `linux/arm64`.
    Image(String),
}

/// By what findings are judged.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// The policy to judge by: an overdue.toml or a SECURITY.md [default: both as found from the target up to the root of
    /// its repository, else the built-in one]
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

/// Whether advisories are refreshed before a scan.
#[derive(Debug, Args)]
pub struct RefreshArgs {
    /// Bring the advisory indexes up to date first, as `db update` does; when there is no answer within 2 seconds, the
    /// scan goes on with what is there and says so
    #[arg(long)]
    pub update: bool,
    /// With --update: a mirror, as for `db update`
    #[arg(long, value_name = "URL|DIR", value_parser = Base::parse, requires = "update")]
    pub from: Option<Base>,
    /// Assert that no network is used (a scan uses none unless told to)
    #[arg(long, env = "OVERDUE_OFFLINE", value_parser = FalseyValueParser::new())]
    pub offline: bool,
}

/// Choices of the SARIF report.
#[derive(Debug, Args)]
pub struct SarifArgs {
    /// What SARIF's security-severity says: the CVSS score moved into the band of the policy's tier, or as it is
    #[arg(id = "sarif_score", long = "sarif-score", value_name = "WHAT", default_value = "policy")]
    pub score: ScoreChoice,
    /// Include excepted findings in SARIF, as suppressed (code scanning shows them as open)
    #[arg(id = "sarif_suppressed", long = "sarif-suppressed")]
    pub suppressed: bool,
    /// The category of the SARIF report [default: made from the targets; empty: none]
    #[arg(id = "sarif_category", long = "sarif-category", value_name = "TEXT")]
    pub category: Option<String>,
}

/// What SARIF's `security-severity` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScoreChoice {
    /// The CVSS score, moved into the band of the policy's tier
    Policy,
    /// The CVSS score
    Cvss,
}

/// A report file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The format.
    pub format: String,
    /// The file.
    pub file: PathBuf,
}
