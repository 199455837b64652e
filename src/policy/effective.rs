//! What holds in the end: an `overdue.toml` over a SECURITY.md over the built-in policy.

use super::{
    ExploitedRule, GateRules, Policy, PolicySource, Reading, Tier, TierRow, builtin::builtin, config::Config, reading::BoundsOrigin,
};

/// Puts together what the files of a project say. A row of the configuration beats that of the text. Where neither states
/// a deadline that could judge a dependency, the built-in policy's rows apply, each marked as such; where one does, the
/// tiers without have none.
#[must_use]
pub fn effective(config: Option<Config>, text: Option<(PolicySource, Reading)>) -> Policy {
    let mut sources = Vec::new();
    let (mut exploited, mut gate, mut elsewhere) = (None, GateRules::default(), Vec::new());
    let mut above = None;
    if let Some(config) = config {
        sources.push(config.source);
        above = Some(config.reading);
        (exploited, gate, elsewhere) = (config.exploited, config.gate, config.elsewhere);
    }
    let mut below = None;
    if let Some((source, reading)) = text {
        sources.push(source);
        below = Some(reading);
    }
    let judges = above.iter().chain(&below).any(Reading::states_a_deadline);
    let mut tiers: Vec<TierRow> = Tier::ALL.into_iter().map(|tier| row(tier, above.as_ref(), below.as_ref())).collect();
    let mut general = below.as_ref().map(|reading| reading.general.clone()).unwrap_or_default();
    general.extend(above.as_ref().map(|reading| reading.general.clone()).unwrap_or_default());
    if !judges {
        let builtin = builtin();
        sources.extend(builtin.sources);
        for (row, builtin) in tiers.iter_mut().zip(builtin.tiers) {
            row.deadlines.extend(builtin.deadlines);
        }
        // The built-in rule is filled up in the same way: what the file says of it goes first.
        let (own, theirs) = (exploited, builtin.exploited);
        let tier = own.as_ref().and_then(|rule| rule.tier).or_else(|| theirs.as_ref().and_then(|rule| rule.tier));
        let fix = own.and_then(|rule| rule.fix).or_else(|| theirs.and_then(|rule| rule.fix));
        exploited = Some(ExploitedRule { tier, fix });
    }
    let of = |reading: &Option<Reading>| reading.as_ref().map(|reading| reading.rules.clone()).filter(|rules| !rules.is_empty());
    let rules = of(&above).or_else(|| of(&below)).unwrap_or_default();
    let versions = |reading: &Option<Reading>| {
        reading.as_ref().map(|reading| reading.supported_versions.clone()).filter(|versions| !versions.is_empty())
    };
    let supported_versions = versions(&above).or_else(|| versions(&below)).unwrap_or_default();
    Policy { sources, tiers, general, rules, supported_versions, exploited, gate, elsewhere }
}

fn row(tier: Tier, above: Option<&Reading>, below: Option<&Reading>) -> TierRow {
    let of = |reading: Option<&Reading>| {
        reading.and_then(|reading| reading.tiers.iter().find(|row| row.tier == tier)).cloned().unwrap_or_else(|| TierRow::silent(tier))
    };
    let (above, mut row) = (of(above), of(below));
    row.deadlines.extend(above.deadlines);
    if above.bounds_origin == BoundsOrigin::Text {
        (row.bounds, row.bounds_origin) = (above.bounds, above.bounds_origin);
    }
    if !above.examples.is_empty() {
        row.examples = above.examples;
    }
    row.line = above.line.or(row.line);
    row
}

#[cfg(test)]
mod tests {
    use super::{Tier, effective};
    use crate::policy::{Policy, PolicySource, Stage, config, security_md};

    fn policy(toml: Option<&str>, text: Option<&str>) -> Policy {
        let config = toml.map(|toml| config::read("overdue.toml", toml.as_bytes()).expect(toml));
        let source = PolicySource::SecurityMd { path: "SECURITY.md".to_owned(), sha256: String::new() };
        effective(config, text.map(|text| (source, security_md::read("SECURITY.md", text.as_bytes()))))
    }

    #[test]
    fn what_is_not_stated_is_the_built_in_policys_only_where_no_tier_has_a_deadline() {
        for (text, high, exploited, sources) in [
            ("", Some(720), Some(336), 2),
            ("[known-exploited]\nfix = \"3 days\"\n", Some(720), Some(72), 2),
            ("[known-exploited]\ntier = \"critical\"\n", Some(720), Some(336), 2),
            ("[known-exploited]\n", Some(720), Some(336), 2),
            ("[tiers.critical]\nfix = \"24 hours\"\n", None, None, 1),
            ("[tiers.high]\nfix = \"2 weeks\"\n[known-exploited]\ntier = \"critical\"\n", Some(336), None, 1),
            ("[general]\nacknowledge = \"2 days\"\n", Some(720), Some(336), 2),
            ("[general]\nfix = \"90 days\"\n", None, None, 1),
        ] {
            let policy = policy(Some(text), None);
            let fix = policy.row(Tier::High).and_then(|row| row.deadlines.get(&Stage::Fix)).and_then(|deadline| deadline.limit_hours);
            let rule = policy.exploited.as_ref().and_then(|rule| rule.fix.as_ref()).and_then(|deadline| deadline.limit_hours);
            assert_eq!((fix, rule, policy.sources.len()), (high, exploited, sources), "{text}");
        }
    }

    #[test]
    fn a_row_of_the_configuration_beats_that_of_the_text() {
        let text = "- Critical: fixed within 7 days\n- High: fixed within 30 days\n\nWe respond within 48 hours.\n";
        let policy = policy(Some("[tiers.critical]\nfix = \"3 days\"\n"), Some(text));
        let said =
            |tier: Tier| policy.row(tier).and_then(|row| row.deadlines.get(&Stage::Fix)).map(|fix| (fix.limit_hours, fix.origin.as_str()));
        assert_eq!(
            [said(Tier::Critical), said(Tier::High), said(Tier::Medium)],
            [Some((Some(72), "config")), Some((Some(720), "file")), None]
        );
        assert_eq!(policy.general[&Stage::Respond].origin.as_str(), "file");
        assert_eq!(policy.sources.iter().map(PolicySource::as_str).collect::<Vec<_>>(), ["config", "security_md"]);
    }
}
