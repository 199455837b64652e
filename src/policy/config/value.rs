//! The values of an `overdue.toml` as they are written there.

use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawConfig {
    #[serde(default)]
    pub(super) tiers: RawTiers,
    #[serde(default)]
    pub(super) general: RawGeneral,
    #[serde(default)]
    pub(super) rules: Vec<RawRule>,
    #[serde(default)]
    pub(super) supported_versions: Vec<RawVersion>,
    pub(super) known_exploited: Option<RawExploited>,
    #[serde(default)]
    pub(super) gate: RawGate,
    #[serde(default)]
    pub(super) resolved_elsewhere: Vec<RawElsewhere>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTiers {
    pub(super) critical: Option<Spanned<RawRow>>,
    pub(super) high: Option<Spanned<RawRow>>,
    pub(super) medium: Option<Spanned<RawRow>>,
    pub(super) low: Option<Spanned<RawRow>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRow {
    pub(super) cvss: Option<Spanned<Vec<f64>>>,
    #[serde(default)]
    pub(super) examples: Vec<String>,
    pub(super) acknowledge: Option<Spanned<RawDeadline>>,
    pub(super) assess: Option<Spanned<RawDeadline>>,
    pub(super) respond: Option<Spanned<RawDeadline>>,
    pub(super) fix: Option<Spanned<RawDeadline>>,
    pub(super) disclose: Option<Spanned<RawDeadline>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawGeneral {
    pub(super) acknowledge: Option<Spanned<RawDeadline>>,
    pub(super) assess: Option<Spanned<RawDeadline>>,
    pub(super) respond: Option<Spanned<RawDeadline>>,
    pub(super) fix: Option<Spanned<RawDeadline>>,
    pub(super) status_update: Option<Spanned<RawDeadline>>,
    pub(super) disclose: Option<Spanned<RawDeadline>>,
}

/// `"7 days"`, or a [`RawPromise`]. Not an untagged enum: its errors would not tell which key is wrong.
pub(super) type RawDeadline = toml::Value;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPromise {
    pub(super) within: Option<String>,
    pub(super) target: Option<String>,
    pub(super) until: Option<String>,
    #[serde(default)]
    pub(super) soft: bool,
    #[serde(default)]
    pub(super) recurring: bool,
    pub(super) words: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawRule {
    pub(super) min_tier: Spanned<String>,
    pub(super) max_age: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawVersion {
    pub(super) pattern: Spanned<String>,
    pub(super) supported: bool,
    pub(super) until: Option<Spanned<toml::Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExploited {
    pub(super) tier: Option<Spanned<String>>,
    pub(super) fix: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawElsewhere {
    pub(super) manifest: Spanned<String>,
    pub(super) by: Spanned<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawGate {
    pub(super) admitted: Option<bool>,
    pub(super) groups: Option<Vec<Spanned<String>>>,
}
