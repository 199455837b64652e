//! What an `overdue.toml`, or a section of it, states of deadlines: what a SECURITY.md could say as well.

use serde::Deserialize as _;
use toml::Spanned;

use super::{
    error::ConfigError,
    file::File,
    value::{RawDeadline, RawExploited, RawGeneral, RawPromise, RawRow, RawRule, RawStatements, RawTiers, RawVersion},
};
use crate::{
    inventory::lines,
    policy::{
        Deadline, Deadlines, ExploitedRule, Reading, Stage, Tier, TierRow,
        deadline::Until,
        length::Length,
        reading::{AgeRule, BoundsOrigin, SupportedVersion, bounds_notes, version_notes},
        tier::Example,
    },
};

impl File<'_> {
    /// Deadlines, rules and versions.
    pub(super) fn statements(&self, raw: RawStatements) -> Result<(Reading, Option<ExploitedRule>), ConfigError> {
        let RawTiers { critical, high, medium, low } = raw.tiers;
        let named = [(Tier::Critical, critical), (Tier::High, high), (Tier::Medium, medium), (Tier::Low, low)];
        let mut reading = Reading {
            tiers: named.into_iter().map(|(tier, row)| self.row(tier, row)).collect::<Result<_, _>>()?,
            general: self.general(raw.general)?,
            rules: raw.rules.into_iter().map(|raw| self.rule(&raw)).collect::<Result<_, _>>()?,
            supported_versions: raw.supported_versions.into_iter().map(|raw| self.version(raw)).collect::<Result<_, _>>()?,
            not_understood: Vec::new(),
            notes: Vec::new(),
            placeholder: false,
        };
        reading.notes = bounds_notes(&reading.tiers).into_iter().chain(version_notes(&reading.supported_versions)).collect();
        Ok((reading, raw.known_exploited.map(|raw| self.exploited(raw)).transpose()?))
    }

    fn row(&self, tier: Tier, raw: Option<Spanned<RawRow>>) -> Result<TierRow, ConfigError> {
        let Some(raw) = raw else { return Ok(TierRow::silent(tier)) };
        let line = Some(self.line(&raw));
        let RawRow { cvss, examples, acknowledge, assess, respond, fix, disclose } = raw.into_inner();
        let stated = [
            (Stage::Acknowledge, acknowledge),
            (Stage::Assess, assess),
            (Stage::Respond, respond),
            (Stage::Fix, fix),
            (Stage::Disclose, disclose),
        ];
        let usual = TierRow::silent(tier);
        let (bounds, bounds_origin) = match cvss {
            Some(cvss) => (self.bounds(&cvss)?, BoundsOrigin::Text),
            None => (usual.bounds, usual.bounds_origin),
        };
        let examples = examples.into_iter().map(|example| {
            let line = Some(self.line(&example));
            Example::new(example.into_inner(), line, self.origin())
        });
        Ok(TierRow { tier, bounds, bounds_origin, line, examples: examples.collect(), deadlines: self.deadlines(stated)? })
    }

    fn general(&self, raw: RawGeneral) -> Result<Deadlines, ConfigError> {
        let RawGeneral { acknowledge, assess, respond, fix, status_update, disclose } = raw;
        self.deadlines([
            (Stage::Acknowledge, acknowledge),
            (Stage::Assess, assess),
            (Stage::Respond, respond),
            (Stage::Fix, fix),
            (Stage::StatusUpdate, status_update),
            (Stage::Disclose, disclose),
        ])
    }

    fn deadlines(&self, stated: impl IntoIterator<Item = (Stage, Option<Spanned<RawDeadline>>)>) -> Result<Deadlines, ConfigError> {
        let stated = stated.into_iter().filter_map(|(stage, raw)| raw.map(|raw| (stage, raw)));
        stated.map(|(stage, raw)| self.deadline(raw).map(|deadline| (stage, deadline))).collect()
    }

    fn deadline(&self, raw: Spanned<RawDeadline>) -> Result<Deadline, ConfigError> {
        let line = self.line(&raw);
        let origin = self.origin();
        let promise = match raw.into_inner() {
            RawDeadline::String(text) => {
                let Length { hours, business } = self.length(line, &text)?;
                return Ok(Deadline { business_days: business, ..Deadline::within(hours, text, Some(line), origin) });
            }
            RawDeadline::Table(table) => {
                RawPromise::deserialize(table).map_err(|error| self.error(Some(line), lines::shorten(error.message())))?
            }
            other => {
                return Err(self.error(Some(line), format!("`{other}` is neither a length of time, as \"7 days\", nor a table with within, target, until, words, soft, recurring")));
            }
        };
        let within = promise.within.as_deref().map(|text| self.length(line, text)).transpose()?;
        let target = promise.target.as_deref().map(|text| self.length(line, text)).transpose()?;
        let until = match promise.until.as_deref() {
            None => None,
            Some("next-release") => Some(Until::NextRelease),
            Some(other) => {
                return Err(self.error(Some(line), format!("`{}` is no event: only until = \"next-release\" is", lines::shorten(other))));
            }
        };
        if within.is_none() && until.is_none() && promise.words.is_none() {
            return Err(self.error(Some(line), "promises nothing: state within, until or words".to_owned()));
        }
        if target.is_some_and(|target| within.is_none_or(|within| within.hours <= target.hours || within.business != target.business)) {
            return Err(self.error(Some(line), "target is not before within, in the same kind of days".to_owned()));
        }
        let said = [promise.words, promise.within, promise.until].into_iter().flatten().next();
        Ok(Deadline {
            target_hours: target.map(|target| target.hours),
            limit_hours: within.map(|within| within.hours),
            business_days: within.is_some_and(|within| within.business),
            recurring: promise.recurring,
            soft: promise.soft,
            until,
            text: said.unwrap_or_default(),
            line: Some(line),
            origin,
        })
    }

    fn bounds(&self, raw: &Spanned<Vec<f64>>) -> Result<(u8, u8), ConfigError> {
        // Scores have one decimal.
        let tenths = |score: f64| (0..=100_u8).find(|tenths| (f64::from(*tenths) / 10.0 - score).abs() < 1e-9);
        let bounds = match raw.as_ref().as_slice() {
            [low, high] => tenths(*low).zip(tenths(*high)),
            _ => None,
        };
        bounds.filter(|(low, high)| low <= high).ok_or_else(|| {
            let line = self.line(raw);
            self.error(Some(line), "cvss wants the lowest and the highest score, with one decimal, as [9.0, 10.0]".to_owned())
        })
    }

    fn rule(&self, raw: &RawRule) -> Result<AgeRule, ConfigError> {
        let line = self.line(&raw.max_age);
        let hours = self.plain_length(&raw.max_age)?;
        let text = format!("none of {} or above known for more than {}", raw.min_tier.as_ref(), raw.max_age.as_ref());
        Ok(AgeRule { min_tier: self.tier(&raw.min_tier)?, max_age_hours: hours, line: Some(line), text, origin: self.origin() })
    }

    fn version(&self, raw: RawVersion) -> Result<SupportedVersion, ConfigError> {
        if raw.pattern.as_ref().trim().is_empty() {
            return Err(self.wrong(&raw.pattern, "names no version: write it as \"1.x\", \"< 2.0\" or \"latest\""));
        }
        let until = raw.until.as_ref().map(|raw| self.date(raw, false));
        let line = Some(self.line(&raw.pattern));
        Ok(SupportedVersion { pattern: raw.pattern.into_inner(), supported: raw.supported, until: until.transpose()?, line })
    }

    fn exploited(&self, raw: RawExploited) -> Result<ExploitedRule, ConfigError> {
        let fix = raw.fix.map(|text| {
            let line = self.line(&text);
            let Length { hours, business } = self.length(line, text.as_ref())?;
            let within = Deadline::within(hours, text.into_inner(), Some(line), self.origin());
            Ok(Deadline { business_days: business, ..within })
        });
        Ok(ExploitedRule { tier: raw.tier.map(|name| self.tier(&name)).transpose()?, fix: fix.transpose()? })
    }
}
