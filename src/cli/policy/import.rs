//! `overdue policy import FILE`: an ignore list of another scanner as exceptions that wait for their reasons.

use std::{collections::HashSet, fs, path::Path};

use super::files::bytes;
use crate::{
    cli::{
        Exit, append,
        args::{Global, PolicyImportArgs},
        environment,
        exit::Failure,
        output::{print, tell},
    },
    model::Timestamp,
    policy::{
        Exception,
        config::{PLACEHOLDER, comment, quoted},
        exception::VersionBounds,
        import::{Entry, NotCarried, import},
    },
    report::phrases::{count, safe},
};

/// How long entries hold that state no day, in hours: 90 days.
const USUAL: u32 = 90 * 24;

/// Takes it over.
///
/// # Errors
/// When it cannot be read, is no ignore list, or the file cannot be added to.
pub(super) fn run(args: &PolicyImportArgs, global: &Global) -> Result<Exit, Failure> {
    let shown = args.file.display().to_string();
    let read = bytes(&args.file).map_err(|cause| Failure::usage(format!("cannot read {shown}: {cause}")))?;
    let imported = import(&shown, &read).map_err(|error| {
        let line = error.line.map_or(String::new(), |line| format!(":{line}"));
        Failure::usage(format!("{shown}{line}: {error}"))
    })?;
    let is_printed = args.output == Path::new("-");
    if !is_printed && args.output.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("toml")) {
        let message = format!("{} is no overdue.toml", args.output.display());
        return Err(Failure::usage(message).hint("exceptions are kept in an overdue.toml: --output FILE, or `--output -` to print them"));
    }
    let own = if is_printed { None } else { append::read(&args.output)? };
    let text_before = if is_printed { String::new() } else { fs::read_to_string(&args.output).unwrap_or_default() };
    let mut subjects: HashSet<Subject> = own.iter().flat_map(|own| own.exceptions.iter().map(Subject::of)).collect();
    let expires = args.expires.unwrap_or_else(|| environment::now().plus_hours(USUAL));
    let (mut text, mut added, mut known, mut left) = (String::new(), 0_u64, 0_u64, imported.not_carried);
    for entry in imported.entries {
        match exceptions(&entry, &shown, expires) {
            Ok(exceptions) => {
                // An id of the other scanner's own was filled in where the comment tells where it is from.
                let from_here = comment(&format!("{shown}:{}", entry.line));
                let is_filled_in = entry.foreign_id && text_before.contains(&from_here);
                for (exception, subject) in exceptions {
                    if is_filled_in || subjects.contains(&subject) {
                        known += 1;
                        continue;
                    }
                    subjects.insert(subject);
                    let separator = if text.is_empty() { "" } else { "\n" };
                    text.push_str(&format!("{separator}{exception}"));
                    added += 1;
                }
            }
            Err(why) => left.push(NotCarried { line: entry.line, what: entry.id, why }),
        }
    }
    left.sort_by_key(|left| left.line);
    if is_printed {
        print(text.as_bytes())?;
    } else if added > 0 {
        append::append(&args.output, &text)?;
    }
    for NotCarried { line, what, why } in &left {
        tell(&format!("{shown}:{line}: not taken over: {}: {}", safe(what), safe(why)));
    }
    if !global.quiet {
        let output = if is_printed { "printed".to_owned() } else { args.output.display().to_string() };
        let already = if known > 0 { format!(", {known} there already") } else { String::new() };
        tell(&format!("{output}: {} from {shown} ({}){already}", count(added, "exception"), imported.format));
        if added > 0 {
            tell(
                "hint: each waits for its reason; `overdue policy check` lists what is left, and nothing is judged by the file until then",
            );
        }
    }
    Ok(Exit::Success)
}

/// What two entries about the same have in common.
#[derive(PartialEq, Eq, Hash)]
struct Subject {
    id: String,
    package: Option<String>,
    versions: Option<String>,
    path: Option<String>,
}

impl Subject {
    fn of(exception: &Exception) -> Self {
        Self {
            id: exception.id.to_ascii_uppercase(),
            package: exception.package.clone(),
            versions: exception.versions.as_ref().map(|versions| versions.text.clone()),
            path: exception.path.clone(),
        }
    }
}

/// An entry as exceptions, one for each of its paths, or why it can be none: an exception never covers more.
fn exceptions(entry: &Entry, from: &str, expires: Timestamp) -> Result<Vec<(String, Subject)>, String> {
    let versions = entry.version.as_ref().map(|version| format!("={version}"));
    if versions.as_ref().is_some_and(|versions| VersionBounds::parse(versions).is_none()) {
        return Err("its version is none that an exception could be limited to".to_owned());
    }
    let is_odd = |path: &&String| path.contains(['?', '[', ']', '{', '}', '\\', '!']) || path.starts_with('/');
    if let Some(odd) = entry.paths.iter().find(is_odd) {
        return Err(format!("its path `{odd}` has signs that mean something else in overdue.toml, which knows * and **"));
    }
    let paths: Vec<Option<&String>> = if entry.paths.is_empty() { vec![None] } else { entry.paths.iter().map(Some).collect() };
    let of = |path: Option<&String>| {
        let id = if entry.foreign_id { format!("{PLACEHOLDER}: the advisory's id for {}", entry.id) } else { entry.id.clone() };
        let mut text = comment(&format!("{from}:{}", entry.line));
        text.push_str(&format!("[[exceptions]]\nid = {}\n", quoted(&id)));
        for (key, value) in [("package", entry.package.as_ref()), ("versions", versions.as_ref()), ("path", path)] {
            text.push_str(&value.map(|value| format!("{key} = {}\n", quoted(value))).unwrap_or_default());
        }
        if entry.until_fixed {
            text.push_str("until-fixed = true\n");
        }
        let reason = match &entry.reason {
            Some(reason) => format!("{PLACEHOLDER}: is this still why? {reason}"),
            None => format!("{PLACEHOLDER}: why can the project live with it?"),
        };
        text.push_str(&format!("reason = {}\n", quoted(&reason)));
        match &entry.expires {
            Some(day) => text.push_str(&format!("expires = {day}\n")),
            None => text.push_str(&format!("expires = {} # the list names no day\n", expires.date())),
        }
        let subject =
            Subject { id: id.to_ascii_uppercase(), package: entry.package.clone(), versions: versions.clone(), path: path.cloned() };
        (text, subject)
    };
    Ok(paths.into_iter().map(of).collect())
}
