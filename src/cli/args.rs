//! What can be typed. Types and help only; what it means is in the commands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, builder::FalseyValueParser};

use crate::{
    advisory::sync::Base,
    inventory::pep508::environment::{Platform, PythonVersion},
    model::{
        Ecosystem, Timestamp,
        timestamp::{DAY, HOUR},
    },
    policy::FailOn,
    report::{RENDERERS, renderer},
    scan::RevisionRange,
};

/// Scan dependencies for known vulnerabilities and judge them by the deadlines that your security policy promises.
///
/// `overdue` alone scans the current directory; `overdue scan --help` has the options of a scan. Exit codes: 1 the gate
/// tripped (--fail-on), 2 usage or an unreadable target, 3 something was not checked or the advisory data is too old,
/// 4 the advisory index is damaged, 0 none of these.
#[derive(Debug, Parser)]
#[command(name = "overdue", version, max_term_width = 100)]
#[command(
    override_usage = "overdue [scan] [OPTIONS] [TARGET]...\n       overdue report --since DAY\n       overdue ack ID\n       overdue diff OLD NEW\n       overdue explain ID\n       overdue policy <COMMAND>\n       overdue db <COMMAND>"
)]
pub struct Cli {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Folder of the advisory indexes [env: `OVERDUE_DB`] [default: the user's cache directory]
    #[arg(long, value_name = "DIR", global = true)]
    pub db: Option<PathBuf>,
    /// Threads to use [default: one a processor]
    #[arg(short, long, value_name = "N", global = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Show more: aliases, sources of grades and deadlines, everything that was not checked
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Show the verdict only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Whether to use colours
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    pub color: When,
}

/// Whether to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan directories and lockfiles (the default)
    Scan(Box<ScanArgs>),
    /// Advisory data: update, import, status, verify, snapshot
    #[command(subcommand)]
    Db(DbCommand),
    /// The project's policy: show what was understood, check it, write an overdue.toml
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Tell how the policy was kept since a day, from git's history: what was fixed in time, what was late, what is open
    Report(ReportArgs),
    /// Record in overdue.toml that a vulnerability was answered for, which satisfies what is promised about responding
    Ack(AckArgs),
    /// Compare two JSON reports: what is new, fixed, changed
    Diff(DiffArgs),
    /// Tell all that is known of an advisory, by any of its ids
    Explain(ExplainArgs),
}

/// The names of the commands, so that `overdue TARGET` is not taken for a misspelt one.
pub const COMMANDS: [&str; 8] = ["scan", "db", "policy", "report", "ack", "diff", "explain", "help"];

/// `overdue scan`.
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// What to scan: directories, lockfiles
    #[arg(value_name = "TARGET", default_value = ".")]
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
    /// The platform that it runs on: linux, macos or windows; likewise
    #[arg(long, value_name = "NAME", value_parser = platform)]
    pub platform: Option<Platform>,
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

/// `overdue policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Show what was understood of a policy, each statement with its line and words
    ///
    /// With a FILE only what that file says; without, the policy in force here: overdue.toml over SECURITY.md over the
    /// built-in policy, each row with where it is from.
    Show(PolicyShowArgs),
    /// Find what is wrong with a policy: what was not understood, contradictions, what nobody has filled in, what has run
    /// out; exit code 1 if there are errors
    Check(PolicyCheckArgs),
    /// Write an overdue.toml that says what SECURITY.md says, or the built-in policy where there is none
    Init(PolicyInitArgs),
    /// Take over an ignore list of another scanner as exceptions: cargo-audit's audit.toml, deny.toml, osv-scanner.toml,
    /// .trivyignore, .trivyignore.yaml, .grype.yaml, Safety's policy file
    ///
    /// Each entry waits for its reason: nothing is judged by the file until they are filled in, and `overdue policy check`
    /// lists what is left.
    Import(PolicyImportArgs),
}

/// `overdue policy import`.
#[derive(Debug, Args)]
pub struct PolicyImportArgs {
    /// The ignore list; its format is told by its name, else by its content
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The overdue.toml to add to; `-` prints the entries
    #[arg(long, value_name = "FILE", default_value = "overdue.toml")]
    pub output: PathBuf,
    /// Until when entries hold that state no day [default: 90 days from now]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = Timestamp::parse)]
    pub expires: Option<Timestamp>,
}

/// `overdue ack`.
#[derive(Debug, Args)]
pub struct AckArgs {
    /// An id of the advisory: RUSTSEC-2020-0071, CVE-2020-26235, GHSA-...
    #[arg(value_name = "ID")]
    pub id: String,
    /// Only of this package
    #[arg(long, value_name = "NAME")]
    pub package: Option<String>,
    /// What was answered
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// When [default: now]
    #[arg(long, value_name = "YYYY-MM-DD[THH:MM:SSZ]", value_parser = Timestamp::parse)]
    pub at: Option<Timestamp>,
    /// The overdue.toml to add to [default: the nearest one, else a new one at the root of the repository]
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

/// `overdue report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// What to look at: directories, lockfiles
    #[arg(value_name = "TARGET", default_value = ".")]
    pub targets: Vec<String>,
    /// The first day of the time that is looked at
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = Timestamp::parse)]
    pub since: Timestamp,
    /// The branch whose history is looked at
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    pub branch: String,
    /// By what findings are judged.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// The moment up to which it is looked at, and at which open findings are judged [default: now]
    #[arg(long, value_name = "YYYY-MM-DD[THH:MM:SSZ]", value_parser = Timestamp::parse)]
    pub as_of: Option<Timestamp>,
    /// table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: DiffFormat,
    /// Which packages are wanted at all.
    #[command(flatten)]
    pub wanted: WantedArgs,
    /// Width of the table [default: the terminal's; as wide as it gets in a pipe]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..))]
    pub width: Option<u16>,
}

/// `overdue policy show`.
#[derive(Debug, Args)]
pub struct PolicyShowArgs {
    /// A SECURITY.md or overdue.toml, or a folder to look from [default: look from here]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: PolicyFormat,
    /// Width of the table [default: the terminal's; as wide as it gets in a pipe]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..))]
    pub width: Option<u16>,
}

/// `overdue policy check`.
#[derive(Debug, Args)]
pub struct PolicyCheckArgs {
    /// A SECURITY.md or overdue.toml, or a folder to look from [default: look from here]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: PolicyFormat,
    /// Check as of this moment, for support that runs out [default: now]
    #[arg(long, value_name = "YYYY-MM-DD[THH:MM:SSZ]", value_parser = Timestamp::parse)]
    pub as_of: Option<Timestamp>,
    /// Width of the text [default: the terminal's; as wide as it gets in a pipe]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..))]
    pub width: Option<u16>,
}

/// `overdue policy init`.
#[derive(Debug, Args)]
pub struct PolicyInitArgs {
    /// The SECURITY.md, or a folder to look from [default: look from here]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Where to write it; `-` prints it
    #[arg(long, value_name = "FILE", default_value = "overdue.toml")]
    pub output: PathBuf,
    /// Replace the file if it is there already
    #[arg(long)]
    pub force: bool,
}

/// Formats of `policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PolicyFormat {
    /// For people
    Table,
    /// For machines
    Json,
}

/// `overdue diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The earlier report, made by `overdue scan --format json`
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The later one
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// table or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: DiffFormat,
    /// Width of the table [default: the terminal's; as wide as it gets in a pipe]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..))]
    pub width: Option<u16>,
}

/// `overdue explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// An id of the advisory: RUSTSEC-2020-0071, CVE-2020-26235, GHSA-...
    #[arg(value_name = "ID")]
    pub id: String,
    /// A JSON report: also tell where it found the advisory
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// By what it is judged.
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Judge as of this moment [default: now]
    #[arg(long, value_name = "YYYY-MM-DD[THH:MM:SSZ]", value_parser = Timestamp::parse)]
    pub as_of: Option<Timestamp>,
    /// Width of the text [default: the terminal's; as wide as it gets in a pipe]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..))]
    pub width: Option<u16>,
}

/// Formats of `diff`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people
    Table,
    /// For machines
    Json,
}

/// A report file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The format.
    pub format: String,
    /// The file.
    pub file: PathBuf,
}

/// `overdue db`.
#[derive(Debug, Subcommand)]
pub enum DbCommand {
    /// Build indexes from advisories on disk: an OSV export, a folder or zip of OSV records, the RustSec database
    Import {
        /// Folders, zips, tarballs, single records
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
        /// Only these ecosystems, as crates.io or PyPI
        #[arg(long, value_name = "ECOSYSTEM")]
        ecosystem: Vec<String>,
    },
    /// Bring the indexes up to date from the public OSV export and the RustSec database, or from a mirror
    ///
    /// Asks only for what is new, and replaces each index in one step. Proxies are taken from `HTTPS_PROXY`,
    /// `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
    Update(UpdateArgs),
    /// Show what advisory data there is, and how old
    Status {
        /// table or json
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: StatusFormat,
    },
    /// Read and check every byte of the indexes
    Verify,
    /// Write the snapshot of facts that the program embeds (for developers of overdue)
    Snapshot {
        /// Sources, as for import
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<PathBuf>,
        /// The folder to write to
        #[arg(long, value_name = "DIR", default_value = "advisories-cache")]
        out: PathBuf,
        /// Dates after this moment are not believed [default: now]
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = Timestamp::parse)]
        as_of: Option<Timestamp>,
    },
}

/// `overdue db update`.
#[derive(Debug, Args)]
pub struct UpdateArgs {
    /// A mirror of the OSV export, with `ECOSYSTEM/all.zip` below: http(s)://, file:// or a folder. The RustSec tarball is
    /// taken from its `advisory-db-main.tar.gz` if it is there
    #[arg(long, value_name = "URL|DIR", value_parser = Base::parse)]
    pub from: Option<Base>,
    /// The RustSec database's tarball, as URL or file; `none` leaves it out
    #[arg(long, value_name = "URL|FILE|none")]
    pub rustsec: Option<String>,
    /// CISA's catalogue of known exploited vulnerabilities, as URL or file; `none` leaves it out
    #[arg(long, value_name = "URL|FILE|none")]
    pub kev: Option<String>,
    /// FIRST's EPSS scores (`epss*.csv.gz`), as URL or file; `none` leaves them out
    #[arg(long, value_name = "URL|FILE|none")]
    pub epss: Option<String>,
    /// CVSS scores by CVE: a zip of CVE records (CVE JSON 5) or a feed of NVD, as URL or file; none by default. Repeat it
    /// for all that the scores are made of: they are replaced as a whole
    #[arg(long, value_name = "URL|FILE")]
    pub scores: Vec<String>,
    /// Update this ecosystem too, as Debian (repeatable) [default: those that have an index, else crates.io and PyPI]
    #[arg(long, value_name = "ECOSYSTEM", value_parser = Ecosystem::parse)]
    pub ecosystem: Vec<Ecosystem>,
    /// Leave alone what was checked within this time, as 24h
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub if_older: Option<i64>,
    /// Assert that no network is used: only a folder or file:// may be updated from
    #[arg(long, env = "OVERDUE_OFFLINE", value_parser = FalseyValueParser::new())]
    pub offline: bool,
}

/// Formats of `db status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatusFormat {
    /// For people
    Table,
    /// For machines
    Json,
}

fn python_version(text: &str) -> Result<PythonVersion, String> {
    PythonVersion::parse(text).ok_or_else(|| "write it as 3.11 or 3.11.4".to_owned())
}

fn platform(text: &str) -> Result<Platform, String> {
    Platform::parse(text).ok_or_else(|| "the platforms are linux, macos and windows".to_owned())
}

fn format_name(text: &str) -> Result<String, String> {
    let names = || RENDERERS.iter().map(|renderer| renderer.name()).collect::<Vec<_>>().join(", ");
    renderer(text).map(|_| text.to_owned()).ok_or_else(|| format!("the formats are {}", names()))
}

fn output(text: &str) -> Result<Output, String> {
    let (format, file) = text.split_once('=').ok_or("write it as FORMAT=FILE, as json=report.json")?;
    if file.is_empty() {
        return Err("the file is missing".to_owned());
    }
    Ok(Output { format: format_name(format)?, file: PathBuf::from(file) })
}

/// A length of time in seconds.
fn duration(text: &str) -> Result<i64, String> {
    let wrong = || "write it as a number with h, d or w, as 30d".to_owned();
    let unit = match text.bytes().last() {
        Some(b'h') => HOUR,
        Some(b'd') => DAY,
        Some(b'w') => 7 * DAY,
        _ => return Err(wrong()),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    Ok(i64::from(number) * unit)
}

#[cfg(test)]
mod tests {
    use super::{Cli, duration};

    #[test]
    fn the_command_line_is_well_formed() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn durations() {
        for (text, seconds) in [("30d", Ok(2_592_000)), ("12h", Ok(43_200)), ("2w", Ok(1_209_600)), ("0d", Ok(0))] {
            assert_eq!(duration(text), seconds);
        }
        for text in ["", "d", "30", "-1d", "1.5d", "30 d", "30é"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
