//! `overdue db update`, and what `scan --update` does first.

use std::{
    fs::{self, File, TryLockError},
    thread,
    time::{Duration, Instant, UNIX_EPOCH},
};

use super::{
    Exit,
    args::UpdateArgs,
    db::{feed_summary, listed, summary, tell_oddities, unwritable},
    environment,
    exit::Failure,
    output::{print, tell},
    progress::Watch,
};
use crate::{
    advisory::{
        Store,
        feed::{Feed, FeedMetadata},
        index::writer::BESIDE,
        sync::{Base, Location, Progress, Settings, Transport},
        update::{Change, Native, Outcome, Update, UpdateError, Wanted, WantedFeed, failure::unreachable, plan::TARBALL},
    },
    model::{Ecosystem, Timestamp, timestamp::HOUR},
    report::phrases,
};

/// The public OSV export.
const EXPORT: &str = "https://storage.googleapis.com/osv-vulnerabilities";
/// The RustSec database.
const NATIVE: &str = "https://github.com/rustsec/advisory-db/archive/refs/heads/main.tar.gz";
/// Held by the update that runs: a second one waits, and then finds nothing new.
const LOCK: &str = ".update.lock";

/// CISA's catalogue of known exploited vulnerabilities.
const KEV: &str = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";
/// FIRST's exploit prediction scores.
const EPSS: &str = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz";

/// How long `scan --update` waits for a server to answer at all, and for another update.
const FIRST_ANSWER: Duration = Duration::from_secs(2);

/// What is to be updated from where.
struct Plan {
    base: Base,
    native: Native,
    wanted: Vec<Wanted>,
    /// With each, whether it was asked for by name, so that a failure counts.
    feeds: Vec<(WantedFeed, bool)>,
    if_older: Option<i64>,
}

/// Updates.
///
/// # Errors
/// When the arguments contradict each other, or an ecosystem could not be updated; the others are.
pub fn run(args: &UpdateArgs, quiet: bool, store: &Store) -> Result<Exit, Failure> {
    let base = base(args.from.as_ref())?;
    let native = native(args.rustsec.as_deref(), args.from.as_ref(), &base)?;
    let feeds = feeds(args, &base)?;
    let plan = Plan { base, native, wanted: wanted(&args.ecosystem, store)?, feeds, if_older: args.if_older };
    if args.offline && plan.is_remote() {
        return Err(Failure::usage("--offline forbids the network, and this update needs it")
            .hint("update from a folder: --from DIR, with --kev none --epss none if it has neither"));
    }
    let outcomes = update(store, Settings::new(store.folder()), None, &Watch::new(quiet), &plan)?;
    report(&outcomes, &plan)
}

/// Before a scan: a short try. What went wrong is told, and the scan goes on with what is there.
///
/// # Errors
/// When the indexes cannot be listed.
pub fn before_scan(from: Option<&Base>, quiet: bool, store: &Store) -> Result<(), Failure> {
    let base = base(from)?;
    let native = native(None, from, &base)?;
    let plan = Plan { base, native, wanted: wanted(&[], store)?, feeds: Vec::new(), if_older: None };
    let settings = Settings {
        first_answer: FIRST_ANSWER,
        idle: Duration::from_secs(5),
        total: Some(Duration::from_secs(15)),
        attempts: 1,
        ..Settings::new(store.folder())
    };
    let going_on = |what: &str| tell(&format!("warning: {}; going on with the data at hand", phrases::safe(what)));
    match update(store, settings, Some(FIRST_ANSWER), &Watch::new(quiet), &plan) {
        Err(failure) => going_on(&failure.message),
        Ok(Outcomes { ecosystems, .. }) => {
            for Outcome { ecosystem, result, .. } in ecosystems {
                if let Err(error) = result {
                    going_on(&format!("{ecosystem} was not refreshed: {error}"));
                }
            }
        }
    }
    Ok(())
}

impl Plan {
    fn is_remote(&self) -> bool {
        let feeds = self.feeds.iter().flat_map(|(wanted, _)| &wanted.locations);
        let native = match &self.native {
            Native::No => None,
            Native::At(location) | Native::IfThere(location) => Some(location),
        };
        matches!(self.base, Base::Http(_)) || feeds.chain(native).any(|location| matches!(location, Location::Http(_)))
    }
}

fn base(from: Option<&Base>) -> Result<Base, Failure> {
    from.cloned().map_or_else(|| Base::parse(EXPORT), Ok).map_err(|error| Failure::usage(error.to_string()))
}

fn location(option: &str, text: &str) -> Result<Location, Failure> {
    Location::parse(text).map_err(|error| Failure::usage(format!("{option}: {error}")))
}

fn native(named: Option<&str>, from: Option<&Base>, base: &Base) -> Result<Native, Failure> {
    Ok(match (named, from) {
        (Some("none"), _) => Native::No,
        (Some(named), _) => Native::At(location("--rustsec", named)?),
        (None, Some(_)) => Native::IfThere(base.join(&[TARBALL])),
        (None, None) => Native::At(location("--rustsec", NATIVE)?),
    })
}

fn feeds(args: &UpdateArgs, base: &Base) -> Result<Vec<(WantedFeed, bool)>, Failure> {
    let mut feeds = Vec::new();
    for (feed, option, named, usual) in [(Feed::Exploited, "--kev", &args.kev, KEV), (Feed::Epss, "--epss", &args.epss, EPSS)] {
        let file = usual.rsplit('/').next().unwrap_or_default();
        let (at, if_there) = match (named.as_deref(), &args.from) {
            (Some("none"), _) => continue,
            (Some(named), _) => (location(option, named)?, false),
            (None, Some(_)) => (base.join(&[file]), true),
            (None, None) => (location(option, usual)?, false),
        };
        feeds.push((WantedFeed { feed, locations: vec![at], if_there }, named.is_some()));
    }
    if !args.scores.is_empty() {
        let locations = args.scores.iter().map(|named| location("--scores", named)).collect::<Result<_, _>>()?;
        feeds.push((WantedFeed { feed: Feed::Scores, locations, if_there: false }, true));
    }
    Ok(feeds)
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

/// What became of a feed; `None` where the mirror lacks it and may.
type FeedOutcome = Result<Option<(Change, FeedMetadata)>, UpdateError>;

/// What became of a plan.
struct Outcomes {
    ecosystems: Vec<Outcome>,
    feeds: Vec<(Feed, FeedOutcome)>,
}

/// Updates; `patience` is how long to wait for another update, if there is a limit.
fn update(store: &Store, settings: Settings, patience: Option<Duration>, watch: &Watch, plan: &Plan) -> Result<Outcomes, Failure> {
    store.prepare().map_err(|error| unwritable(store.folder(), &error))?;
    let _lock = lock(store, patience, watch)?;
    let now = environment::now();
    sweep(store, now);
    let transport = Transport::new(settings);
    let (base, native) = (plan.base.clone(), plan.native.clone());
    let update = Update { store, transport: &transport, progress: watch, base, native, now, if_older: plan.if_older };
    let ecosystems = update.run(&plan.wanted);
    let mut feeds: Vec<(Feed, FeedOutcome)> = Vec::new();
    for (wanted, _) in &plan.feeds {
        let failures = ecosystems.iter().filter_map(|outcome| outcome.result.as_ref().err());
        let failures: Vec<&UpdateError> = failures.chain(feeds.iter().filter_map(|(_, result)| result.as_ref().err())).collect();
        let result = match wanted.locations.iter().find_map(|location| unreachable(failures.iter().copied(), location)) {
            Some(location) => Err(UpdateError::NotTried(location)),
            None => update.feed(wanted),
        };
        feeds.push((wanted.feed, result));
    }
    Ok(Outcomes { ecosystems, feeds })
}

/// Waits for the update that runs. Where a file system has no locks, two at once only do the work twice.
fn lock(store: &Store, patience: Option<Duration>, watch: &Watch) -> Result<File, Failure> {
    let path = store.folder().join(LOCK);
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(|error| unwritable(&path, &error))?;
    let is_held = || matches!(file.try_lock(), Err(TryLockError::WouldBlock));
    if is_held() {
        watch.note("another update is running; waiting for it");
        match patience {
            None => drop(file.lock()),
            Some(patience) => {
                let end = Instant::now() + patience;
                while is_held() {
                    if Instant::now() > end {
                        return Err(Failure::usage("another update is still running"));
                    }
                    thread::sleep(Duration::from_millis(50));
                }
            }
        }
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
            Some(now.seconds() - seconds > HOUR)
        };
        let left = name.starts_with(".download-") || (name.starts_with('.') && name.ends_with(BESIDE) && is_old().unwrap_or(false));
        if left {
            // What cannot be removed harms nobody.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn report(outcomes: &Outcomes, plan: &Plan) -> Result<Exit, Failure> {
    let any = outcomes.ecosystems.iter().any(|outcome| outcome.result.is_ok());
    let mut failed = 0;
    for outcome in &outcomes.ecosystems {
        tell_oddities(&outcome.oddities);
        match &outcome.result {
            Ok((change, metadata)) => print(format!("{} ({})\n", phrases::safe(&summary(metadata)), told(*change)).as_bytes())?,
            Err(error) => {
                let by_default = plan.wanted.iter().any(|wanted| wanted.ecosystem == outcome.ecosystem && wanted.by_default);
                let is_told_only = any && by_default && matches!(error, UpdateError::Missing(_));
                let severity = if is_told_only { "note" } else { "error" };
                failed += usize::from(!is_told_only);
                tell(&format!("{severity}: {}: {}", outcome.ecosystem, phrases::safe(&error.to_string())));
            }
        }
    }
    for ((feed, result), (_, by_name)) in outcomes.feeds.iter().zip(&plan.feeds) {
        match result {
            Ok(Some((change, metadata))) => print(format!("{} ({})\n", feed_summary(metadata), told(*change)).as_bytes())?,
            Ok(None) => {}
            Err(error) => {
                // What nobody asked for by name does not fail an update of advisories.
                let severity = if *by_name { "error" } else { "warning" };
                failed += usize::from(*by_name);
                tell(&format!("{severity}: {}: {}", feed.name(), phrases::safe(&error.to_string())));
            }
        }
    }
    if failed > 0 {
        let what = phrases::count(failed as u64, "source");
        return Err(Failure::usage(format!("{what} could not be updated")).hint("the indexes that were there are as they were"));
    }
    Ok(Exit::Success)
}

fn told(change: Change) -> String {
    match change {
        Change::Recent => "checked lately".to_owned(),
        Change::Unchanged => "nothing new".to_owned(),
        Change::Records(count) => format!("{} new or changed", phrases::count(count as u64, "record")),
        Change::Whole => "built anew".to_owned(),
    }
}
