//! What an `overdue.toml` chooses: clock, calendar, what trips the gate.

use std::collections::BTreeSet;

use serde::Deserialize as _;
use toml::Spanned;

use super::{
    error::ConfigError,
    file::File,
    value::{RawCalendar, RawDueSoon, RawGate, RawJudging, RawStatements},
};
use crate::{
    inventory::lines,
    model::{
        Group, Kind,
        timestamp::{DAY, HOUR},
    },
    policy::{
        Calendar, Clock, DueSoon, FailOn,
        calendar::{MOST_YEARLY, WEEKDAYS},
        length::Length,
        stated::Stated,
    },
};

impl File<'_> {
    /// What a file, or a section of it, states.
    pub(super) fn stated(
        &self,
        statements: RawStatements,
        judging: RawJudging,
        calendar: Option<RawCalendar>,
        gate: RawGate,
    ) -> Result<Stated, ConfigError> {
        let (reading, exploited) = self.statements(statements)?;
        let RawJudging { clock, unscored, due_soon, state } = judging;
        let clocks = Clock::ALL.map(|clock| (clock.as_str(), clock));
        let (kinds, groups) = (Kind::ALL.map(|kind| (kind.as_str(), kind)), Group::ALL.map(|group| (group.as_str(), group)));
        let RawGate { fail_on, admitted, base, kinds: of_kinds, groups: of_groups } = gate;
        Ok(Stated {
            reading,
            exploited,
            clock: clock.map(|word| self.word(&word, &clocks)).transpose()?,
            unscored: unscored.map(|word| self.tier(&word)).transpose()?,
            due_soon: due_soon.map(|raw| self.due_soon(raw)).transpose()?,
            state: state.map(|path| self.state(path)).transpose()?,
            calendar: calendar.map(|raw| self.calendar(raw)).transpose()?,
            fail_on: fail_on.map(|raw| self.fail_on(&raw)).transpose()?,
            admitted,
            base,
            kinds: self.counted(of_kinds, &kinds)?,
            groups: self.counted(of_groups, &groups)?,
        })
    }

    /// A file below this one's folder, whose name means nothing else in a pattern of git's.
    fn state(&self, path: Spanned<String>) -> Result<String, ConfigError> {
        let text = path.as_ref();
        let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
        let is_file = text.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.to_ascii_lowercase().starts_with(".git"));
        if is_plain && is_file {
            Ok(path.into_inner())
        } else {
            Err(self.wrong(&path, "is no plain name of a file below this folder, as \"overdue.state\""))
        }
    }

    fn words<T: Copy + Ord>(&self, words: Option<Vec<Spanned<String>>>, known: &[(&str, T)]) -> Result<Option<BTreeSet<T>>, ConfigError> {
        words.map(|words| words.iter().map(|word| self.word(word, known)).collect()).transpose()
    }

    /// Words that something counts for: without any, nothing would ever count.
    fn counted<T: Copy + Ord>(
        &self,
        words: Option<Spanned<Vec<Spanned<String>>>>,
        known: &[(&str, T)],
    ) -> Result<Option<BTreeSet<T>>, ConfigError> {
        if let Some(none) = words.as_ref().filter(|words| words.as_ref().is_empty()) {
            let cause = "an empty list lets nothing trip the gate: name some, or say fail-on = \"never\"".to_owned();
            return Err(self.error(Some(self.line(none)), cause));
        }
        self.words(words.map(Spanned::into_inner), known)
    }

    fn due_soon(&self, raw: Spanned<toml::Value>) -> Result<DueSoon, ConfigError> {
        let line = self.line(&raw);
        let usual = DueSoon::default();
        let at_most = |text: &str| {
            let Length { hours, business } = self.length(line, text)?;
            let wrong = || self.error(Some(line), format!("`{text}` counts business days, and this counts all"));
            if business { Err(wrong()) } else { Ok(i64::from(hours) * HOUR) }
        };
        match raw.into_inner() {
            toml::Value::String(text) => Ok(DueSoon { share: 100, at_most: at_most(&text)? }),
            toml::Value::Table(table) => {
                let raw = RawDueSoon::deserialize(table).map_err(|error| self.error(Some(line), lines::shorten(error.message())))?;
                if raw.share.is_none() && raw.at_most.is_none() {
                    return Err(self.error(Some(line), "says nothing: state share, at-most or both".to_owned()));
                }
                let share = raw.share.map(|share| self.per_cent(line, &share)).transpose()?;
                let at_most = raw.at_most.as_deref().map(at_most).transpose()?;
                Ok(DueSoon { share: share.unwrap_or(usual.share), at_most: at_most.unwrap_or(usual.at_most) })
            }
            other => {
                Err(self
                    .error(Some(line), format!("`{other}` is neither a length of time, as \"3 days\", nor a table with share and at-most")))
            }
        }
    }

    fn per_cent(&self, line: u32, raw: &toml::Value) -> Result<u8, ConfigError> {
        let number = match raw {
            toml::Value::String(text) => text.trim().strip_suffix('%').and_then(|number| number.trim().parse::<u8>().ok()),
            _ => None,
        };
        let share = number.filter(|number| *number <= 100);
        share.ok_or_else(|| self.error(Some(line), format!("`{raw}` is no part of a period: write it as \"25%\"")))
    }

    fn calendar(&self, raw: RawCalendar) -> Result<Calendar, ConfigError> {
        let usual = Calendar::default();
        let weekdays: Vec<(&str, u8)> = WEEKDAYS.into_iter().zip(0..).collect();
        let weekend = match raw.weekend {
            None => usual.weekend,
            Some(names) => {
                let days: BTreeSet<u8> = names.iter().map(|name| self.word(name, &weekdays)).collect::<Result<_, _>>()?;
                if let Some(last) = names.last().filter(|_| days.len() == WEEKDAYS.len()) {
                    return Err(self.error(Some(self.line(last)), "a weekend of seven days leaves no business day".to_owned()));
                }
                days
            }
        };
        let holidays: BTreeSet<String> = raw.holidays.iter().map(|day| self.holiday(day)).collect::<Result<_, _>>()?;
        let yearly = holidays.iter().filter(|day| day.len() == 5).count();
        if let Some(first) = raw.holidays.first().filter(|_| yearly > MOST_YEARLY) {
            let cause = format!("{yearly} holidays in every year: at most {MOST_YEARLY} are taken, so that business days remain");
            return Err(self.error(Some(self.line(first)), cause));
        }
        let offset = raw.utc_offset.map(|text| self.offset(&text)).transpose()?.unwrap_or(usual.offset);
        Ok(Calendar { weekend, holidays, offset })
    }

    /// `2026-12-24`, or in every year `12-25`.
    fn holiday(&self, raw: &Spanned<toml::Value>) -> Result<String, ConfigError> {
        if let toml::Value::String(text) = raw.as_ref() {
            let yearly = text.trim();
            // Of a leap year, so that its leap day is a day as well.
            let is_day = yearly.len() == 5 && crate::model::Timestamp::parse(&format!("2024-{yearly}")).is_ok();
            if is_day {
                return Ok(yearly.to_owned());
            }
        }
        let day = self.date(raw, false).map_err(|error| {
            let cause = error.cause.replace("as \"2026-12-31\"", "as \"2026-12-24\", or in every year \"12-25\"");
            ConfigError { cause, ..error }
        })?;
        Ok(day.date())
    }

    /// `+02:00`, in seconds.
    fn offset(&self, raw: &Spanned<String>) -> Result<i64, ConfigError> {
        let text = raw.as_ref().trim();
        let wrong = || self.wrong(raw, "is no distance from UTC, as \"+02:00\"");
        if text == "Z" || text == "UTC" {
            return Ok(0);
        }
        let (sign, rest) = match text.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            _ => return Err(wrong()),
        };
        let number = |text: &str| text.parse::<i64>().ok().filter(|_| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit()));
        let parts = rest.split_once(':').and_then(|(hours, minutes)| Some((number(hours)?, number(minutes)?)));
        let (hours, minutes) = parts.filter(|(hours, minutes)| *hours <= 14 && *minutes < 60).ok_or_else(wrong)?;
        let seconds = sign * (hours * HOUR + minutes * 60);
        if seconds.abs() < DAY { Ok(seconds) } else { Err(wrong()) }
    }

    fn fail_on(&self, raw: &Spanned<toml::Value>) -> Result<FailOn, ConfigError> {
        let line = Some(self.line(raw));
        let text = match raw.as_ref() {
            toml::Value::String(text) => Some(text.clone()),
            toml::Value::Array(words) => words
                .iter()
                .map(toml::Value::as_str)
                .collect::<Option<Vec<_>>>()
                .filter(|words| !words.is_empty())
                .map(|words| words.join(",")),
            _ => None,
        };
        let text = text.ok_or_else(|| self.error(line, "fail-on wants words, as [\"overdue\", \"critical\"]".to_owned()))?;
        text.parse().map_err(|error: crate::policy::gate::InvalidFailOn| self.error(line, error.to_string()))
    }
}
