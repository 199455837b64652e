//! Reading an `overdue.toml`.
//!
//! ```toml
//! [tiers.critical]        # also high, medium, low; each stage by itself
//! cvss = [9.0, 10.0]
//! examples = ["Remote code execution"]
//! respond = "1 day"       # also acknowledge, assess, disclose
//! fix = { within = "7 days", target = "72 hours", soft = true }
//!
//! [tiers.low]
//! fix = { until = "next-release" }
//!
//! [general]               # all vulnerabilities alike; also status-update
//! acknowledge = "2 business days"
//! fix = { words = "depends on the severity" }
//!
//! [[rules]]               # none of these may be known for longer without a fix
//! min-tier = "medium"
//! max-age = "60 days"
//!
//! [[supported-versions]]
//! pattern = "1.x"
//! supported = true
//! until = "2026-12-31"
//!
//! [known-exploited]       # what CISA's KEV lists
//! tier = "critical"       # at least this one
//! fix = "3 days"          # from the day that it was listed
//!
//! [gate]
//! admitted = false        # requirements that only let affected versions in do not trip it
//! groups = ["runtime"]    # nor do packages that are wanted for none of these
//!
//! [[resolved-elsewhere]]
//! manifest = "services/*/pyproject.toml"
//! by = "the lockfile that the image is built from"
//! ```
//!
//! What it does not know is an error: a misspelt promise must not be a broken one.

use std::{fmt, sync::Arc};

use serde::Deserialize as _;
use toml::Spanned;

use super::value::{
    RawConfig, RawDeadline, RawElsewhere, RawExploited, RawGate, RawGeneral, RawPromise, RawRow, RawRule, RawTiers, RawVersion,
};
use crate::{
    advisory::index::writer::sha256,
    inventory::lines::{self, LineIndex},
    model::{Group, Timestamp},
    policy::{
        Deadline, Deadlines, ExploitedRule, GateRules, PolicySource, Reading, ResolvedElsewhere, Stage, Tier, TierRow,
        deadline::{Origin, Until},
        length::{Length, length},
        reading::{AgeRule, BoundsOrigin, SupportedVersion, bounds_notes, version_notes},
    },
};

/// What an `overdue.toml` states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The file.
    pub source: PolicySource,
    /// What a SECURITY.md could say as well.
    pub reading: Reading,
    /// What it says of vulnerabilities that are known to be exploited.
    pub exploited: Option<ExploitedRule>,
    /// Which findings may trip the gate at all.
    pub gate: GateRules,
    /// Manifests whose ranges are resolved elsewhere.
    pub elsewhere: Vec<ResolvedElsewhere>,
}

/// A file that is no such policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file.
    pub path: String,
    /// Its line, counted from 1.
    pub line: Option<u32>,
    /// What stands there.
    pub excerpt: String,
    /// What is wrong with it.
    pub cause: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, excerpt, cause } = self;
        match line {
            Some(line) if excerpt.is_empty() => write!(f, "{path}:{line}: {cause}"),
            Some(line) => write!(f, "{path}:{line}: {cause}\n  {line} | {excerpt}"),
            None => write!(f, "{path}: {cause}"),
        }
    }
}

impl std::error::Error for ConfigError {}

/// Reads an `overdue.toml`.
///
/// # Errors
/// When it is no such file, with the line where one is to blame.
pub fn read(path: &str, bytes: &[u8]) -> Result<Config, ConfigError> {
    let text = lines::utf8(bytes).map_err(|(line, cause)| ConfigError { path: path.to_owned(), line, excerpt: String::new(), cause })?;
    let file = File { path: path.into(), text, lines: LineIndex::new(text) };
    let raw: RawConfig = lines::toml(text).map_err(|(line, cause)| file.error(line, cause))?;
    let RawTiers { critical, high, medium, low } = raw.tiers;
    let named = [(Tier::Critical, critical), (Tier::High, high), (Tier::Medium, medium), (Tier::Low, low)];
    let mut reading = Reading {
        tiers: named.into_iter().map(|(tier, row)| file.row(tier, row)).collect::<Result<_, _>>()?,
        general: file.general(raw.general)?,
        rules: raw.rules.into_iter().map(|raw| file.rule(&raw)).collect::<Result<_, _>>()?,
        supported_versions: raw.supported_versions.into_iter().map(|raw| file.version(raw)).collect::<Result<_, _>>()?,
        not_understood: Vec::new(),
        notes: Vec::new(),
        placeholder: false,
    };
    reading.notes = bounds_notes(&reading.tiers).into_iter().chain(version_notes(&reading.supported_versions)).collect();
    Ok(Config {
        source: PolicySource::Config { path: path.to_owned(), sha256: sha256(bytes) },
        reading,
        exploited: raw.known_exploited.map(|raw| file.exploited(raw)).transpose()?,
        gate: file.gate(raw.gate)?,
        elsewhere: raw.resolved_elsewhere.into_iter().map(|raw| file.elsewhere(raw)).collect::<Result<_, _>>()?,
    })
}

/// The file that is read.
struct File<'t> {
    path: Arc<str>,
    text: &'t str,
    lines: LineIndex,
}

impl File<'_> {
    fn row(&self, tier: Tier, raw: Option<Spanned<RawRow>>) -> Result<TierRow, ConfigError> {
        let Some(raw) = raw else { return Ok(TierRow::silent(tier)) };
        let line = Some(self.lines.line(raw.span().start));
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
        Ok(TierRow { tier, bounds, bounds_origin, line, examples, deadlines: self.deadlines(stated)? })
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
        let line = self.lines.line(raw.span().start);
        let origin = Origin::Config(Arc::clone(&self.path));
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
            let line = self.lines.line(raw.span().start);
            self.error(Some(line), "cvss wants the lowest and the highest score, with one decimal, as [9.0, 10.0]".to_owned())
        })
    }

    fn rule(&self, raw: &RawRule) -> Result<AgeRule, ConfigError> {
        let line = self.lines.line(raw.max_age.span().start);
        let Length { hours, business } = self.length(line, raw.max_age.as_ref())?;
        if business {
            return Err(self.wrong(&raw.max_age, "counts business days, and a rule counts all"));
        }
        let text = format!("none of {} or above known for more than {}", raw.min_tier.as_ref(), raw.max_age.as_ref());
        let origin = Origin::Config(Arc::clone(&self.path));
        Ok(AgeRule { min_tier: self.tier(&raw.min_tier)?, max_age_hours: hours, line: Some(line), text, origin })
    }

    fn version(&self, raw: RawVersion) -> Result<SupportedVersion, ConfigError> {
        if raw.pattern.as_ref().trim().is_empty() {
            return Err(self.wrong(&raw.pattern, "names no version: write it as \"1.x\", \"< 2.0\" or \"latest\""));
        }
        let until = raw.until.as_ref().map(|raw| {
            let text = match raw.as_ref() {
                toml::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let day = Timestamp::parse(&text).ok().filter(|_| text.len() == 10);
            day.ok_or_else(|| {
                self.error(Some(self.lines.line(raw.span().start)), format!("`{}` is no day, as \"2026-12-31\"", lines::shorten(&text)))
            })
        });
        let line = Some(self.lines.line(raw.pattern.span().start));
        Ok(SupportedVersion { pattern: raw.pattern.into_inner(), supported: raw.supported, until: until.transpose()?, line })
    }

    fn tier(&self, name: &Spanned<String>) -> Result<Tier, ConfigError> {
        let known = Tier::ALL.into_iter().find(|tier| tier.as_str() == name.as_ref());
        known.ok_or_else(|| self.wrong(name, "is none of critical, high, medium and low"))
    }

    fn exploited(&self, raw: RawExploited) -> Result<ExploitedRule, ConfigError> {
        let fix = raw.fix.map(|text| {
            let line = self.lines.line(text.span().start);
            let Length { hours, business } = self.length(line, text.as_ref())?;
            let within = Deadline::within(hours, text.into_inner(), Some(line), Origin::Config(Arc::clone(&self.path)));
            Ok(Deadline { business_days: business, ..within })
        });
        Ok(ExploitedRule { tier: raw.tier.map(|name| self.tier(&name)).transpose()?, fix: fix.transpose()? })
    }

    fn gate(&self, raw: RawGate) -> Result<GateRules, ConfigError> {
        let group = |name: Spanned<String>| {
            let known = Group::ALL.into_iter().find(|group| group.as_str() == name.as_ref());
            known.ok_or_else(|| self.wrong(&name, "is none of runtime, optional and dev"))
        };
        let usual = GateRules::default();
        let groups = raw.groups.map(|names| names.into_iter().map(group).collect()).transpose()?.unwrap_or(usual.groups);
        Ok(GateRules { admitted: raw.admitted.unwrap_or(usual.admitted), groups })
    }

    fn elsewhere(&self, raw: RawElsewhere) -> Result<ResolvedElsewhere, ConfigError> {
        for (text, what) in
            [(&raw.manifest, "names no manifest: write its path, as \"services/*/pyproject.toml\""), (&raw.by, "does not say by what")]
        {
            if text.as_ref().trim().is_empty() {
                return Err(self.wrong(text, what));
            }
        }
        let line = self.lines.line(raw.manifest.span().start);
        Ok(ResolvedElsewhere { manifest: raw.manifest.into_inner(), by: raw.by.into_inner(), path: Arc::clone(&self.path), line })
    }

    fn length(&self, line: u32, text: &str) -> Result<Length, ConfigError> {
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

    fn wrong(&self, value: &Spanned<String>, what: &str) -> ConfigError {
        self.error(Some(self.lines.line(value.span().start)), format!("`{}` {what}", lines::shorten(value.as_ref())))
    }

    fn error(&self, line: Option<u32>, cause: String) -> ConfigError {
        let excerpt = line.and_then(|line| self.text.lines().nth(line as usize - 1)).unwrap_or_default();
        ConfigError { path: self.path.to_string(), line, excerpt: lines::shorten(excerpt), cause }
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_is_not_understood_is_an_error_with_its_line() {
        for (text, line, cause) in [
            ("[tiers.critical]\nfix = \"soon\"\n", 2, "`soon` is no length of time"),
            ("[tiers.critical]\n\nfxi = \"1 day\"\n", 3, "fxi"),
            ("[tiers.severe]\nfix = \"1 day\"\n", 1, "severe"),
            ("[known-exploited]\ntier = \"urgent\"\n", 2, "`urgent` is none of critical"),
            ("[gates]\n", 1, "gates"),
            ("[tiers.high]\nfix = 7\n", 2, "`7` is neither a length of time"),
            ("[gate]\ngroups = [\"runtime\",\n\"prod\"]\n", 3, "`prod` is none of runtime"),
            ("[gate]\nadmited = false\n", 2, "admited"),
            ("[[resolved-elsewhere]]\nmanifest = \"a.in\"\n", 1, "by"),
            ("[[resolved-elsewhere]]\nmanifest = \"a.in\"\nby = \" \"\n", 3, "does not say by what"),
            ("[tiers.high]\nfix = { withn = \"7 days\" }\n", 2, "unknown field `withn`"),
            ("[tiers.high]\nfix = { soft = true }\n", 2, "promises nothing"),
            ("[tiers.high]\nfix = \"0 days\"\n", 2, "no time at all"),
            ("[tiers.high]\nfix = { within = \"1 day\", target = \"2 days\" }\n", 2, "target is not before within"),
            ("[tiers.high]\nfix = { until = \"doomsday\" }\n", 2, "`doomsday` is no event"),
            ("[tiers.high]\ncvss = [9.0]\n", 2, "as [9.0, 10.0]"),
            ("[tiers.high]\ncvss = [9.0, 8.0]\n", 2, "as [9.0, 10.0]"),
            ("[general]\nreply = \"1 day\"\n", 2, "reply"),
            ("[[rules]]\nmin-tier = \"severe\"\nmax-age = \"60 days\"\n", 2, "`severe` is none"),
            ("[[supported-versions]]\npattern = \"1.x\"\nsupported = true\nuntil = \"2025\"\n", 4, "`2025` is no day"),
            ("= 1\n", 1, ""),
        ] {
            let error = read("overdue.toml", text.as_bytes()).expect_err(text);
            assert!(error.line == Some(line) && error.cause.contains(cause), "{text}: {error}");
            assert!(error.to_string().starts_with(&format!("overdue.toml:{line}: ")), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>, text in "(\\[tiers\\.(high|low)\\]\n|fix ?= ?\"[0-9a-z ]{0,9}\"\n|\\PC{0,9}\n){0,5}") {
            let _ = read("overdue.toml", &bytes);
            let _ = read("overdue.toml", text.as_bytes());
        }
    }
}
