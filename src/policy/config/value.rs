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
    pub(super) judging: RawJudging,
    pub(super) calendar: Option<RawCalendar>,
    #[serde(default)]
    pub(super) gate: RawGate,
    #[serde(default)]
    pub(super) data: RawData,
    #[serde(default)]
    pub(super) exceptions: Vec<RawException>,
    #[serde(default)]
    pub(super) accepted_unchecked: Vec<RawAccepted>,
    #[serde(default)]
    pub(super) responses: Vec<RawResponse>,
    #[serde(default)]
    pub(super) private_indexes: Vec<RawPrivateIndex>,
    #[serde(default)]
    pub(super) resolved_elsewhere: Vec<RawElsewhere>,
    #[serde(default)]
    pub(super) paths: Vec<RawSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawSection {
    pub(super) path: Spanned<String>,
    #[serde(default)]
    pub(super) tiers: RawTiers,
    #[serde(default)]
    pub(super) general: RawGeneral,
    #[serde(default)]
    pub(super) rules: Vec<RawRule>,
    pub(super) known_exploited: Option<RawExploited>,
    #[serde(default)]
    pub(super) judging: RawJudging,
    pub(super) calendar: Option<RawCalendar>,
    #[serde(default)]
    pub(super) gate: RawGate,
}

/// What a file and a section of it can state alike of deadlines.
pub(super) struct RawStatements {
    pub(super) tiers: RawTiers,
    pub(super) general: RawGeneral,
    pub(super) rules: Vec<RawRule>,
    pub(super) supported_versions: Vec<RawVersion>,
    pub(super) known_exploited: Option<RawExploited>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawJudging {
    pub(super) clock: Option<Spanned<String>>,
    pub(super) unscored: Option<Spanned<String>>,
    /// `"3 days"`, or a [`RawDueSoon`].
    pub(super) due_soon: Option<Spanned<toml::Value>>,
    pub(super) state: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawDueSoon {
    pub(super) share: Option<toml::Value>,
    pub(super) at_most: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawCalendar {
    pub(super) weekend: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) holidays: Vec<Spanned<toml::Value>>,
    pub(super) utc_offset: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawData {
    pub(super) max_db_age: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawException {
    pub(super) id: Spanned<String>,
    pub(super) package: Option<Spanned<String>>,
    pub(super) versions: Option<Spanned<String>>,
    pub(super) path: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) until_fixed: bool,
    pub(super) reason: Option<Spanned<String>>,
    pub(super) expires: Option<Spanned<toml::Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawAccepted {
    pub(super) path: Option<Spanned<String>>,
    pub(super) subject: Option<Spanned<String>>,
    pub(super) because: Option<Spanned<String>>,
    pub(super) reason: Option<Spanned<String>>,
    pub(super) expires: Option<Spanned<toml::Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawResponse {
    pub(super) id: Spanned<String>,
    pub(super) package: Option<Spanned<String>>,
    pub(super) at: Spanned<toml::Value>,
    pub(super) note: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPrivateIndex {
    pub(super) url: Spanned<String>,
    #[serde(default)]
    pub(super) packages: Vec<Spanned<String>>,
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
    pub(super) examples: Vec<Spanned<String>>,
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
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RawGate {
    /// One text, or a list of them.
    pub(super) fail_on: Option<Spanned<toml::Value>>,
    pub(super) admitted: Option<bool>,
    pub(super) base: Option<bool>,
    pub(super) kinds: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) groups: Option<Spanned<Vec<Spanned<String>>>>,
}
