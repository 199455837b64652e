//! `overdue policy` and `overdue ack`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::model::Timestamp;

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
