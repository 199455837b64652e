//! From typed words to a command, and from its outcome to an exit code.

use std::{ffi::OsString, path::PathBuf};

use clap::{Parser, error::ErrorKind};

use super::{
    Exit, ack,
    args::{COMMANDS, Cli, Command, Global},
    compliance, db, diff, environment,
    exit::Failure,
    explain,
    output::tell,
    policy, scan,
};
use crate::advisory::Store;

/// Runs the program with these words, the program's name first.
///
/// A fault of ours ends as exit code 2, after the panic's own message.
pub fn run(words: impl Iterator<Item = OsString>) -> Exit {
    let words: Vec<OsString> = words.collect();
    std::panic::catch_unwind(|| run_words(&words)).unwrap_or_else(|_| {
        tell("error: this is a fault of overdue; please report it with the message above");
        Exit::Usage
    })
}

fn run_words(words: &[OsString]) -> Exit {
    let cli = match parse(words) {
        Ok(cli) => cli,
        Err(error) => {
            // What cannot be printed (a closed pipe) cannot be complained about either.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Success };
        }
    };
    let outcome = prepare(&cli.global).and_then(|store| match &cli.command {
        Command::Scan(args) => scan::run(args, &cli.global, store),
        Command::Db(command) => db::run(command, cli.global.quiet, &store),
        Command::Policy(command) => policy::run(command, &cli.global),
        Command::Report(args) => compliance::run(args, &cli.global, store),
        Command::Ack(args) => ack::run(args, &cli.global, &store),
        Command::Diff(args) => diff::run(args, &cli.global),
        Command::Explain(args) => explain::run(args, &cli.global, &store),
    });
    outcome.unwrap_or_else(|failure| {
        complain(&failure);
        failure.exit
    })
}

/// `overdue TARGET` is short for `overdue scan TARGET`.
fn parse(words: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(words).or_else(|error| {
        // `overdue --format json scan .`: the options of a command may stand before its name.
        if let Some(at) = words.iter().position(|word| word == "scan").filter(|at| *at > 1 && error.kind() == ErrorKind::UnknownArgument) {
            let mut reordered = words.to_vec();
            reordered[1..=at].rotate_right(1);
            return Cli::try_parse_from(reordered);
        }
        let names_a_command = words.iter().skip(1).any(|word| COMMANDS.iter().any(|name| word == name));
        let perhaps_a_scan = matches!(
            error.kind(),
            ErrorKind::InvalidSubcommand
                | ErrorKind::MissingSubcommand
                | ErrorKind::UnknownArgument
                | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        );
        if names_a_command || !perhaps_a_scan {
            return Err(error);
        }
        let mut as_scan = words.to_vec();
        as_scan.insert(1.min(as_scan.len()), OsString::from("scan"));
        Cli::try_parse_from(as_scan)
    })
}

fn prepare(global: &Global) -> Result<Store, Failure> {
    if let Some(jobs) = global.jobs {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(jobs)).build_global();
        pool.map_err(|error| Failure::usage(format!("cannot start {jobs} threads: {error}")))?;
    }
    let folder: Option<PathBuf> = global.db.clone().or_else(environment::default_store);
    folder
        .map(Store::new)
        .ok_or_else(|| Failure::usage("this system names no cache directory").hint("say where the advisory indexes are: --db DIR"))
}

fn complain(failure: &Failure) {
    tell(&format!("error: {}", failure.message));
    if let Some(hint) = &failure.hint {
        tell(&format!("hint: {hint}"));
    }
}
