//! `overdue report`, `diff` and `explain`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{PolicyArgs, WantedArgs};
use crate::model::Timestamp;

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
