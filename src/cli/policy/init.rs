//! `overdue policy init`: an `overdue.toml` that says what SECURITY.md says, or the built-in policy.

use std::{fs::OpenOptions, io::Write, path::Path};

use super::{
    files::{Loaded, PolicyFile, read},
    find::{Side, find},
};
use crate::{
    cli::{
        Exit,
        args::{Global, PolicyInitArgs},
        exit::Failure,
        output::{print, tell},
    },
    policy::{builtin::builtin, config},
    report::phrases::count,
};

const OWN: &str = "The built-in policy of overdue: days to fix by severity, and for what is known to be\n\
                   exploited from the day that it became known. Change what your project promises.";

/// Writes it.
///
/// # Errors
/// When the SECURITY.md cannot be read, or the file is there already, or cannot be written.
pub(super) fn run(args: &PolicyInitArgs, global: &Global) -> Result<Exit, Failure> {
    let found = if let Some(file) = args.file.as_ref().filter(|file| !file.is_dir()) {
        Some(read(file)?)
    } else {
        let found = find(&Side::Disk, args.file.as_deref().unwrap_or(".".as_ref()))?;
        found.text.map(|place| place.read(&Side::Disk)).transpose()?
    };
    let (text, told) = found.map_or_else(|| Ok(own()), |loaded| of(&loaded))?;
    if args.output == Path::new("-") {
        return print(text.as_bytes()).map(|()| Exit::Success);
    }
    let shown = args.output.display();
    let mut options = OpenOptions::new();
    options.write(true);
    let opened =
        if args.force { options.create(true).truncate(true).open(&args.output) } else { options.create_new(true).open(&args.output) };
    let cannot = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::usage(format!("{shown} is there already")).hint("--force replaces it; `--output -` only prints")
        }
        _ => Failure::usage(format!("cannot write {shown}: {error}")),
    };
    opened.and_then(|mut file| file.write_all(text.as_bytes())).map_err(cannot)?;
    if !global.quiet {
        tell(&format!("wrote {shown}: {told}"));
    }
    Ok(Exit::Success)
}

/// What a SECURITY.md says, and what to tell of it.
fn of(loaded: &Loaded) -> Result<(String, String), Failure> {
    let shown = loaded.source().file().map_or(String::new(), |(path, _)| path.replace(char::is_control, " "));
    if matches!(loaded.file, PolicyFile::Config(_)) {
        return Err(Failure::usage(format!("{shown} is an overdue.toml already")).hint("name a SECURITY.md"));
    }
    let reading = loaded.reading();
    let head = format!("What {shown} says, as overdue understands it; check it against the text.\nA row here beats the text's.");
    let missed = reading
        .not_understood
        .iter()
        .map(|passage| config::comment(&format!("not understood: {shown}:{}: {}", passage.line, passage.text)));
    let missed: String = missed.collect();
    let missed = if missed.is_empty() { missed } else { format!("\n{missed}") };
    let told = match reading.not_understood.len() {
        0 => format!("from {shown}"),
        some => format!("from {shown}; {} of it not understood, see the end", count(some as u64, "passage")),
    };
    Ok((config::write(reading, Some(&shown), &head) + &missed, told))
}

/// The built-in policy.
fn own() -> (String, String) {
    let policy = builtin();
    let exploited = policy.exploited.as_ref().and_then(|rule| rule.fix.as_ref());
    let exploited = exploited.map(|fix| format!("\n[known-exploited]\nfix = \"{}\"\n", fix.text)).unwrap_or_default();
    (config::write(&policy.reading(), None, OWN) + &exploited, "the built-in policy, since there is no SECURITY.md".to_owned())
}
