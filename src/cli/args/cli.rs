//! The commands, and what they have in common.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::{AckArgs, DbCommand, DiffArgs, ExplainArgs, PolicyCommand, ReportArgs, ScanArgs};

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

#[cfg(test)]
mod tests {
    use super::Cli;

    #[test]
    fn the_command_line_is_well_formed() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
