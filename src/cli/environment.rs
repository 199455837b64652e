//! The clock, the environment and the terminal, read once and passed down as values.

use std::{
    env,
    io::{IsTerminal, stdout},
    path::PathBuf,
    thread::available_parallelism,
    time::{SystemTime, UNIX_EPOCH},
};

use crate::model::Timestamp;

/// The present moment.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one door to the clock")]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_seconds(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// Where indexes live unless `--db` says otherwise: where `OVERDUE_DB` says (empty is unset), else in the user's cache
/// directory.
#[must_use]
pub fn default_store() -> Option<PathBuf> {
    let named = env::var_os("OVERDUE_DB").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    named.or_else(user_store)
}

fn user_store() -> Option<PathBuf> {
    dirs::cache_dir().map(|cache| cache.join("overdue"))
}

/// Where what was read of image layers is kept: in the user's cache directory.
#[must_use]
pub fn layer_cache() -> Option<PathBuf> {
    user_store().map(|folder| folder.join("layers"))
}

/// The terminal's width; `None` where stdout is no terminal.
#[must_use]
pub fn width() -> Option<u16> {
    stdout().is_terminal().then(|| terminal_size::terminal_size().map_or(80, |(width, _)| width.0))
}

/// Whether stdout wants colours: a terminal, `NO_COLOR` unset (no-color.org), `TERM` not `dumb`.
#[must_use]
pub fn colour() -> bool {
    let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    stdout().is_terminal() && !set("NO_COLOR") && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// As many threads as the machine runs at once.
#[must_use]
pub fn threads() -> usize {
    available_parallelism().map_or(1, usize::from)
}
