//! How a download is watched: bars on a terminal, plain lines elsewhere, nothing with `-q`. On stderr.

use std::{
    io::{IsTerminal, stderr},
    sync::{Mutex, PoisonError},
};

use indicatif::{ProgressBar, ProgressStyle};

use super::output::tell;
use crate::{advisory::sync::Progress, report::phrases};

/// Watches for a person.
pub struct Watch {
    manner: Manner,
    bar: Mutex<Option<ProgressBar>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Bars,
    Lines,
    Silence,
}

impl Watch {
    /// Bars where stderr is a terminal. A quiet one tells of trouble only.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        let manner = match quiet {
            true => Manner::Silence,
            false if stderr().is_terminal() => Manner::Bars,
            false => Manner::Lines,
        };
        Self { manner, bar: Mutex::default() }
    }

    fn with_bar(&self, act: impl FnOnce(&mut Option<ProgressBar>)) {
        act(&mut self.bar.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

const KNOWN: &str = "{msg} {wide_bar} {bytes} of {total_bytes}";
const UNKNOWN: &str = "{msg} {spinner} {bytes}";

impl Progress for Watch {
    fn begin(&self, what: &str, total: Option<u64>) {
        let what = phrases::safe(what);
        match self.manner {
            Manner::Silence => {}
            Manner::Lines => tell(&format!("fetching {what}")),
            Manner::Bars => self.with_bar(|bar| {
                let new = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
                // A template that cannot be read would be a fault of ours; the default does as well.
                if let Ok(style) = ProgressStyle::with_template(if total.is_some() { KNOWN } else { UNKNOWN }) {
                    new.set_style(style);
                }
                new.set_message(what);
                *bar = Some(new);
            }),
        }
    }

    fn advance(&self, bytes: u64) {
        if self.manner == Manner::Bars {
            self.with_bar(|bar| bar.iter().for_each(|bar| bar.inc(bytes)));
        }
    }

    fn end(&self) {
        self.with_bar(|bar| bar.take().into_iter().for_each(|bar| bar.finish_and_clear()));
    }

    fn note(&self, line: &str) {
        tell(&format!("note: {}", phrases::safe(line)));
    }
}
