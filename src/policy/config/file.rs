//! The file that is being read: its lines, and words that several parts of it share.

use std::sync::Arc;

use toml::Spanned;

use super::error::ConfigError;
use crate::{
    inventory::lines::{self, LineIndex},
    model::Timestamp,
    policy::{
        Tier,
        deadline::Origin,
        length::{Length, length},
    },
};

/// The file that is read.
pub(super) struct File<'t> {
    pub(super) path: Arc<str>,
    pub(super) text: &'t str,
    pub(super) lines: LineIndex,
}

impl File<'_> {
    pub(super) fn origin(&self) -> Origin {
        Origin::Config(Arc::clone(&self.path))
    }

    pub(super) fn line<T>(&self, value: &Spanned<T>) -> u32 {
        self.lines.line(value.span().start)
    }

    pub(super) fn length(&self, line: u32, text: &str) -> Result<Length, ConfigError> {
        // By then everything would be late.
        if length(text).is_some_and(|length| length.hours == 0) {
            return Err(self.error(Some(line), format!("`{}` is no time at all", lines::shorten(text))));
        }
        length(text).ok_or_else(|| {
            let what =
                "is no length of time: write a number of hours, days, business days, weeks or months, as \"72 hours\" or \"30 days\"";
            self.error(Some(line), format!("`{}` {what}", lines::shorten(text)))
        })
    }

    /// A length of time that counts all days, in hours.
    pub(super) fn plain_length(&self, text: &Spanned<String>) -> Result<u32, ConfigError> {
        let Length { hours, business } = self.length(self.line(text), text.as_ref())?;
        if business { Err(self.wrong(text, "counts business days, and this counts all")) } else { Ok(hours) }
    }

    pub(super) fn tier(&self, name: &Spanned<String>) -> Result<Tier, ConfigError> {
        let known = Tier::ALL.into_iter().find(|tier| tier.as_str() == name.as_ref());
        known.ok_or_else(|| self.wrong(name, "is none of critical, high, medium and low"))
    }

    /// A day, or where `or_moment` a moment as well: as text, or as a date of TOML.
    pub(super) fn date(&self, raw: &Spanned<toml::Value>, or_moment: bool) -> Result<Timestamp, ConfigError> {
        let text = match raw.as_ref() {
            toml::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let date = Timestamp::parse(text.trim()).ok().filter(|_| or_moment || text.trim().len() == 10);
        date.ok_or_else(|| {
            self.error(
                Some(self.line(raw)),
                format!(
                    "`{}` is no day, as \"2026-12-31\"{}",
                    lines::shorten(&text),
                    if or_moment { ", nor a moment, as \"2026-12-31T10:00:00Z\"" } else { "" }
                ),
            )
        })
    }

    /// A text that says something.
    pub(super) fn said(&self, text: Spanned<String>, what: &str) -> Result<String, ConfigError> {
        if text.as_ref().trim().is_empty() { Err(self.wrong(&text, what)) } else { Ok(text.into_inner().trim().to_owned()) }
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&self, word: &Spanned<String>, known: &[(&str, T)]) -> Result<T, ConfigError> {
        let found = known.iter().find(|(name, _)| *name == word.as_ref());
        let names = || known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        found.map(|(_, value)| *value).ok_or_else(|| self.wrong(word, &format!("is none of {}", names())))
    }

    pub(super) fn wrong(&self, value: &Spanned<String>, what: &str) -> ConfigError {
        self.error(Some(self.line(value)), format!("`{}` {what}", lines::shorten(value.as_ref())))
    }

    pub(super) fn error(&self, line: Option<u32>, cause: String) -> ConfigError {
        let excerpt = line.and_then(|line| self.text.lines().nth(line as usize - 1)).unwrap_or_default();
        ConfigError { path: self.path.to_string(), line, excerpt: lines::shorten(excerpt), cause }
    }
}
