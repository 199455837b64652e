//! `overdue.toml`: a policy stated exactly.
//!
//! ```toml
//! [tiers.critical]        # also high, medium, low; each stage by itself
//! respond = "1 day"
//! fix = "7 days"
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

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::Deserialize;
use toml::Spanned;

use super::{
    Deadline, ExploitedRule, GateRules, Policy, PolicySource, ResolvedElsewhere, Stage, Tier, TierRow, builtin::builtin, deadline::Origin,
    length,
};
use crate::{
    advisory::index::writer::sha256,
    inventory::lines::{self, LineIndex},
    model::Group,
};

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawConfig {
    #[serde(default)]
    tiers: RawTiers,
    known_exploited: Option<RawExploited>,
    #[serde(default)]
    gate: RawGate,
    #[serde(default)]
    resolved_elsewhere: Vec<RawElsewhere>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTiers {
    critical: Option<RawRow>,
    high: Option<RawRow>,
    medium: Option<RawRow>,
    low: Option<RawRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRow {
    respond: Option<Spanned<String>>,
    fix: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExploited {
    tier: Option<Spanned<String>>,
    fix: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGate {
    admitted: Option<bool>,
    groups: Option<Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawElsewhere {
    manifest: Spanned<String>,
    by: Spanned<String>,
}

/// Reads a policy. Where it names no deadline for any tier, the built-in policy applies, but for what it says of known
/// exploitation; where it names some, nothing but what it says.
///
/// # Errors
/// When it is no such file, with the line where one is to blame.
pub fn read(path: &str, bytes: &[u8]) -> Result<Policy, ConfigError> {
    let text = lines::utf8(bytes).map_err(|(line, cause)| ConfigError { path: path.to_owned(), line, excerpt: String::new(), cause })?;
    let file = File { path: path.into(), text, lines: LineIndex::new(text) };
    let raw: RawConfig = lines::toml(text).map_err(|(line, cause)| file.error(line, cause))?;
    let RawTiers { critical, high, medium, low } = raw.tiers;
    let named = [(Tier::Critical, critical), (Tier::High, high), (Tier::Medium, medium), (Tier::Low, low)];
    let rows: Vec<TierRow> = named.into_iter().map(|(tier, row)| file.row(tier, row)).collect::<Result<_, _>>()?;
    let exploited = raw.known_exploited.map(|raw| file.exploited(raw)).transpose()?;
    let gate = file.gate(raw.gate)?;
    let elsewhere = raw.resolved_elsewhere.into_iter().map(|raw| file.elsewhere(raw)).collect::<Result<_, _>>()?;
    let mut sources = vec![PolicySource::Config { path: path.to_owned(), sha256: sha256(bytes) }];
    if rows.iter().any(|row| !row.deadlines.is_empty()) {
        return Ok(Policy { sources, tiers: rows, exploited, gate, elsewhere });
    }
    let builtin = builtin();
    sources.extend(builtin.sources);
    // The built-in rule is filled up in the same way: what the file says of it goes first.
    let (own, theirs) = (exploited, builtin.exploited);
    let tier = own.as_ref().and_then(|rule| rule.tier).or_else(|| theirs.as_ref().and_then(|rule| rule.tier));
    let fix = own.and_then(|rule| rule.fix).or_else(|| theirs.and_then(|rule| rule.fix));
    Ok(Policy { sources, tiers: builtin.tiers, exploited: Some(ExploitedRule { tier, fix }), gate, elsewhere })
}

/// The file that is read.
struct File<'t> {
    path: Arc<str>,
    text: &'t str,
    lines: LineIndex,
}

impl File<'_> {
    fn row(&self, tier: Tier, raw: Option<RawRow>) -> Result<TierRow, ConfigError> {
        let mut deadlines = BTreeMap::new();
        if let Some(RawRow { respond, fix }) = raw {
            for (stage, text) in [(Stage::Respond, respond), (Stage::Fix, fix)] {
                if let Some(text) = text {
                    deadlines.insert(stage, self.deadline(&text)?);
                }
            }
        }
        let line = deadlines.values().filter_map(|deadline| deadline.line).min();
        Ok(TierRow { tier, bounds: tier.default_bounds(), line, deadlines })
    }

    fn exploited(&self, raw: RawExploited) -> Result<ExploitedRule, ConfigError> {
        let tier = raw.tier.map(|name| {
            let known = Tier::ALL.into_iter().find(|tier| tier.as_str() == name.as_ref());
            known.ok_or_else(|| self.wrong(&name, "is none of critical, high, medium and low"))
        });
        Ok(ExploitedRule { tier: tier.transpose()?, fix: raw.fix.map(|text| self.deadline(&text)).transpose()? })
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

    fn deadline(&self, text: &Spanned<String>) -> Result<Deadline, ConfigError> {
        let limit_hours = length::hours(text.as_ref()).ok_or_else(|| {
            self.wrong(text, "is no length of time: write a number of hours, days, weeks or months, as \"72 hours\" or \"30 days\"")
        })?;
        let (line, origin) = (Some(self.lines.line(text.span().start)), Origin::Config(Arc::clone(&self.path)));
        Ok(Deadline { limit_hours, text: text.as_ref().clone(), line, origin })
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
    use super::{Tier, read};

    #[test]
    fn what_is_not_stated_is_the_built_in_policys_only_where_no_tier_has_a_deadline() {
        for (text, high, exploited, sources) in [
            ("", Some(720), Some(336), 2),
            ("[known-exploited]\nfix = \"3 days\"\n", Some(720), Some(72), 2),
            ("[known-exploited]\ntier = \"critical\"\n", Some(720), Some(336), 2),
            ("[known-exploited]\n", Some(720), Some(336), 2),
            ("[tiers.critical]\nfix = \"24 hours\"\n", None, None, 1),
            ("[tiers.high]\nfix = \"2 weeks\"\n[known-exploited]\ntier = \"critical\"\n", Some(336), None, 1),
        ] {
            let policy = read("overdue.toml", text.as_bytes()).expect(text);
            let fix = policy.row(Tier::High).and_then(|row| row.deadlines.values().next()).map(|deadline| deadline.limit_hours);
            let rule = policy.exploited.as_ref().and_then(|rule| rule.fix.as_ref()).map(|deadline| deadline.limit_hours);
            assert_eq!((fix, rule, policy.sources.len()), (high, exploited, sources), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_an_error_with_its_line() {
        for (text, line, cause) in [
            ("[tiers.critical]\nfix = \"soon\"\n", 2, "`soon` is no length of time"),
            ("[tiers.critical]\n\nfxi = \"1 day\"\n", 3, "fxi"),
            ("[tiers.severe]\nfix = \"1 day\"\n", 1, "severe"),
            ("[known-exploited]\ntier = \"urgent\"\n", 2, "`urgent` is none of critical"),
            ("[gates]\n", 1, "gates"),
            ("[tiers.high]\nfix = 7\n", 2, "invalid type"),
            ("[gate]\ngroups = [\"runtime\",\n\"prod\"]\n", 3, "`prod` is none of runtime"),
            ("[gate]\nadmited = false\n", 2, "admited"),
            ("[[resolved-elsewhere]]\nmanifest = \"a.in\"\n", 1, "by"),
            ("[[resolved-elsewhere]]\nmanifest = \"a.in\"\nby = \" \"\n", 3, "does not say by what"),
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
