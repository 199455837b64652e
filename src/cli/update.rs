//! `overdue db update`, and what `scan --update` does first.

use std::{
    fs::{self, File, TryLockError},
    time::{Duration, UNIX_EPOCH},
};

use super::{
    Exit,
    args::UpdateArgs,
    db::{listed, summary, tell_oddities, unwritable},
    environment,
    exit::Failure,
    output::{print, tell},
    progress::Watch,
};
use crate::{
    advisory::{
        Store,
        sync::{Base, Location, Progress, Settings, Transport},
        update::{Change, Native, Outcome, Update, UpdateError, Wanted, story::TARBALL},
    },
    model::{Ecosystem, Timestamp, timestamp::DAY},
    report::phrases,
};

/// The public OSV export.
const EXPORT: &str = "https://storage.googleapis.com/osv-vulnerabilities";
/// The RustSec database.
const NATIVE: &str = "https://github.com/rustsec/advisory-db/archive/refs/heads/main.tar.gz";
/// Held by the update that runs: a second one waits, and then finds nothing new.
const LOCK: &str = ".update.lock";

/// Updates.
///
/// # Errors
/// When the arguments contradict each other, or an ecosystem could not be updated; the others are.
pub fn run(args: &UpdateArgs, quiet: bool, store: &Store) -> Result<Exit, Failure> {
    let base = args.from.clone().map_or_else(|| Base::parse(EXPORT), Ok).map_err(|error| Failure::usage(error.to_string()))?;
    let native = native(args.rustsec.as_deref(), args.from.as_ref(), &base)?;
    let remote = matches!(base, Base::Http(_)) || matches!(&native, Native::At(Location::Http(_)) | Native::IfThere(Location::Http(_)));
    if args.offline && remote {
        return Err(Failure::usage("--offline forbids the network, and this update needs it").hint("update from a folder: --from DIR"));
    }
    let wanted = wanted(&args.ecosystem, store)?;
    let watch = Watch::new(quiet);
    let outcomes = update(store, Settings::new(store.folder()), &watch, base, native, args.if_older, &wanted)?;
    report(&outcomes, &wanted)
}

/// Before a scan: a short try. What went wrong is told, and the scan goes on with what is there.
///
/// # Errors
/// When the indexes cannot be listed.
pub fn before_scan(from: Option<&Base>, quiet: bool, store: &Store) -> Result<(), Failure> {
    let base = from.cloned().map_or_else(|| Base::parse(EXPORT), Ok).map_err(|error| Failure::usage(error.to_string()))?;
    let native = native(None, from, &base)?;
    let settings = Settings { first_answer: Duration::from_secs(2), attempts: 1, ..Settings::new(store.folder()) };
    let wanted = wanted(&[], store)?;
    let going_on = |what: &str| tell(&format!("warning: {}; going on with the data at hand", phrases::safe(what)));
    match update(store, settings, &Watch::new(quiet), base, native, None, &wanted) {
        Err(failure) => going_on(&failure.message),
        Ok(outcomes) => {
            for Outcome { ecosystem, result, .. } in outcomes {
                if let Err(error) = result {
                    going_on(&format!("{ecosystem} was not refreshed: {error}"));
                }
            }
        }
    }
    Ok(())
}

fn native(named: Option<&str>, from: Option<&Base>, base: &Base) -> Result<Native, Failure> {
    let at = |text: &str| Location::parse(text).map_err(|error| Failure::usage(format!("--rustsec: {error}")));
    Ok(match (named, from) {
        (Some("none"), _) => Native::No,
        (Some(named), _) => Native::At(at(named)?),
        (None, Some(_)) => Native::IfThere(base.join(&[TARBALL])),
        (None, None) => Native::At(at(NATIVE)?),
    })
}

/// What to update: what has an index, else the two that everybody needs; and what was asked for.
fn wanted(named: &[Ecosystem], store: &Store) -> Result<Vec<Wanted>, Failure> {
    let mut wanted = listed(store)?;
    // The Rust distribution's comes with that of crates.
    wanted.retain(|ecosystem| *ecosystem != Ecosystem::rust_toolchain());
    let none = wanted.is_empty();
    if none {
        wanted = vec![Ecosystem::crates_io(), Ecosystem::new(Ecosystem::PYPI)];
    }
    wanted.extend(named.iter().map(Ecosystem::base));
    wanted.sort();
    wanted.dedup();
    let by_default = |ecosystem: &Ecosystem| none && !named.iter().any(|named| named.base() == *ecosystem);
    Ok(wanted.into_iter().map(|ecosystem| Wanted { by_default: by_default(&ecosystem), ecosystem }).collect())
}

fn update(
    store: &Store,
    settings: Settings,
    watch: &Watch,
    base: Base,
    native: Native,
    if_older: Option<i64>,
    wanted: &[Wanted],
) -> Result<Vec<Outcome>, Failure> {
    store.prepare().map_err(|error| unwritable(store.folder(), &error))?;
    let now = environment::now();
    let _lock = lock(store, watch)?;
    sweep(store, now);
    let transport = Transport::new(settings);
    Ok(Update { store, transport: &transport, progress: watch, base, native, now, if_older }.run(wanted))
}

/// Waits for the update that runs. Where a file system has no locks, two at once only do the work twice.
fn lock(store: &Store, watch: &Watch) -> Result<File, Failure> {
    let path = store.folder().join(LOCK);
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(|error| unwritable(&path, &error))?;
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        watch.note("another update is running; waiting for it");
        let _ = file.lock();
    }
    Ok(file)
}

/// Removes what updates and imports left behind that were killed. Imports run without the lock: theirs must be old.
fn sweep(store: &Store, now: Timestamp) {
    let Ok(entries) = fs::read_dir(store.folder()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_old = || {
            let written = entry.metadata().and_then(|metadata| metadata.modified()).ok()?;
            let seconds = i64::try_from(written.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()?;
            Some(now.seconds() - seconds > DAY)
        };
        let left = name.starts_with(".download-") || (name.starts_with('.') && name.ends_with(".new") && is_old().unwrap_or(false));
        if left {
            // What cannot be removed harms nobody.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn report(outcomes: &[Outcome], wanted: &[Wanted]) -> Result<Exit, Failure> {
    let any = outcomes.iter().any(|outcome| outcome.result.is_ok());
    let mut failed = 0;
    for outcome in outcomes {
        tell_oddities(&outcome.oddities);
        match &outcome.result {
            Ok((change, metadata)) => {
                let change = match change {
                    Change::Recent => "checked lately".to_owned(),
                    Change::Unchanged => "nothing new".to_owned(),
                    Change::Records(count) => format!("{} new or changed", phrases::count(*count as u64, "record")),
                    Change::Whole => "built anew".to_owned(),
                };
                print(format!("{} ({change})\n", phrases::safe(&summary(metadata))).as_bytes())?;
            }
            Err(error) => {
                let by_default = wanted.iter().any(|wanted| wanted.ecosystem == outcome.ecosystem && wanted.by_default);
                let is_told_only = any && by_default && matches!(error, UpdateError::Missing(_));
                let severity = if is_told_only { "note" } else { "error" };
                failed += usize::from(!is_told_only);
                tell(&format!("{severity}: {}: {}", outcome.ecosystem, phrases::safe(&error.to_string())));
            }
        }
    }
    if failed > 0 {
        let what = phrases::count(failed as u64, "ecosystem");
        return Err(Failure::usage(format!("{what} could not be updated")).hint("the indexes that were there are as they were"));
    }
    Ok(Exit::Success)
}
