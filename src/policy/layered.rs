//! What holds in the end: sections of an `overdue.toml` over the rest of it, over a SECURITY.md, over the built-in policy.

use super::{
    Deadline, ExploitedRule, FailOn, Policy, PolicySource, Reading, TierRow,
    builtin::builtin,
    config::Config,
    pattern,
    stated::{Section, Stated},
};

/// The files of a project together, before they are asked about a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layered {
    config: Option<Config>,
    text: Option<(PolicySource, Reading)>,
}

impl Layered {
    /// What the files of a project say.
    #[must_use]
    pub fn new(config: Option<Config>, text: Option<(PolicySource, Reading)>) -> Self {
        Self { config, text }
    }

    /// The sections that speak of a path, which is given from the folder of the policy; the nearest first.
    #[must_use]
    pub fn sections_at(&self, path: &str) -> Vec<usize> {
        let sections = self.sections();
        let begins = |at: usize| pattern::begins(&sections[at].path, path).map(|begins| (begins, at));
        let mut found: Vec<(usize, usize)> = (0..sections.len()).filter_map(begins).collect();
        // Of two that are as near the later one in the file holds.
        found.sort_unstable();
        found.into_iter().rev().map(|(_, at)| at).collect()
    }

    fn sections(&self) -> &[Section] {
        self.config.as_ref().map_or(&[], |config| &config.sections)
    }

    /// The `overdue.toml`.
    #[must_use]
    pub fn config(&self) -> Option<&Config> {
        self.config.as_ref()
    }

    /// The file whose rows of supported versions hold.
    fn versions_path(&self) -> Option<String> {
        let own = self.config.as_ref().filter(|config| !config.stated.reading.supported_versions.is_empty());
        let source = own.map(|config| &config.source).or(self.text.as_ref().map(|(source, _)| source));
        source?.file().map(|(path, _)| path.to_owned())
    }

    /// Whether anything of it asks the gate for what is known to be exploited.
    #[must_use]
    pub fn needs_catalogue(&self) -> bool {
        let stated = self.config.iter().map(|config| &config.stated).chain(self.sections().iter().map(|section| &section.stated));
        stated.filter_map(|stated| stated.fail_on.as_ref()).any(FailOn::needs_catalogue)
    }

    /// The SECURITY.md.
    #[must_use]
    pub fn text(&self) -> Option<&Reading> {
        self.text.as_ref().map(|(_, reading)| reading)
    }

    /// The policy where these sections speak, the nearest first. A row of the configuration beats that of the text.
    /// Where nothing states a deadline that could judge a dependency, the built-in policy's rows apply, each marked as
    /// such; where anything does, the tiers without have none.
    #[must_use]
    pub fn policy(&self, sections: &[usize]) -> Policy {
        let mut sources = Vec::new();
        let nearest: Vec<&Section> = sections.iter().filter_map(|at| self.sections().get(*at)).collect();
        let mut layers: Vec<Stated> = nearest.iter().map(|section| section.stated.clone()).collect();
        if let Some(config) = &self.config {
            sources.push(config.source.clone());
            layers.push(config.stated.clone());
        }
        if let Some((source, reading)) = &self.text {
            sources.push(source.clone());
            layers.push(Stated::text(reading.clone()));
        }
        let stated = layers.into_iter().reduce(Stated::over);
        let own = self.config.as_ref();
        let (judging, gate) = stated.as_ref().map(|stated| (stated.judging(), stated.gate())).unwrap_or_default();
        let mut policy = Policy {
            scope: nearest.first().map(|section| section.path.clone()),
            judging,
            gate,
            calendar: stated.as_ref().and_then(|stated| stated.calendar.clone()).unwrap_or_default(),
            elsewhere: own.map(|config| config.elsewhere.clone()).unwrap_or_default(),
            exceptions: own.map(|config| config.exceptions.clone()).unwrap_or_default(),
            accepted: own.map(|config| config.accepted.clone()).unwrap_or_default(),
            responses: own.map(|config| config.responses.clone()).unwrap_or_default(),
            private_indexes: own.map(|config| config.private_indexes.clone()).unwrap_or_default(),
            max_db_age: own.and_then(|config| config.max_db_age),
            ..builtin()
        };
        let Some(Stated { reading, exploited, .. }) = stated else { return policy };
        policy.supported_versions.clone_from(&reading.supported_versions);
        policy.versions_path = self.versions_path();
        if reading.states_a_deadline() {
            (policy.tiers, policy.general, policy.rules) = (reading.tiers, reading.general, reading.rules);
            policy.exploited = exploited;
        } else {
            sources.append(&mut policy.sources);
            policy.tiers = reading.tiers.into_iter().zip(&policy.tiers).map(|(own, builtin)| filled(own, builtin)).collect();
            policy.general = reading.general;
            // The built-in rule is filled up in the same way: what the file says of it goes first.
            let (tier, fix) = exploited.map_or((None, None), |rule| (rule.tier, rule.fix));
            let builtin = policy.exploited.take();
            let (theirs, their_fix) = builtin.map_or((None, None), |rule| (rule.tier, rule.fix));
            policy.exploited = Some(ExploitedRule { tier: tier.or(theirs), fix: fix.or(their_fix) });
        }
        policy.sources = sources;
        policy
    }
}

/// A row without a figure, with the deadlines of the built-in policy.
fn filled(own: TierRow, builtin: &TierRow) -> TierRow {
    let mut deadlines = own.deadlines;
    deadlines.extend(builtin.deadlines.iter().map(|(stage, deadline): (_, &Deadline)| (*stage, deadline.clone())));
    TierRow { deadlines, ..own }
}

/// What the files of a project say where no section of them speaks.
#[must_use]
pub fn effective(config: Option<Config>, text: Option<(PolicySource, Reading)>) -> Policy {
    Layered::new(config, text).policy(&[])
}

#[cfg(test)]
mod tests {
    use super::{Layered, effective};
    use crate::policy::{Policy, PolicySource, Stage, Tier, config, security_md};

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

    #[test]
    fn of_several_sections_the_nearest_holds_row_by_row() {
        let toml = "[tiers.critical]\nfix = \"7 days\"\n[tiers.low]\nfix = \"90 days\"\n\
                    [[paths]]\npath = \"services\"\n[paths.tiers.critical]\nfix = \"5 days\"\n[paths.judging]\nclock = \"introduced\"\n\
                    [[paths]]\npath = \"services/*\"\n[paths.tiers.critical]\nfix = \"1 day\"\n";
        let config = config::read("overdue.toml", toml.as_bytes()).expect(toml);
        let layered = Layered::new(Some(config), None);
        for (path, scope, critical, clock) in [
            ("Cargo.lock", None, 168, "published"),
            ("services/Cargo.lock", Some("services"), 120, "introduced"),
            ("services/a/Cargo.lock", Some("services/*"), 24, "introduced"),
            ("service/Cargo.lock", None, 168, "published"),
        ] {
            let policy = layered.policy(&layered.sections_at(path));
            let fix = |tier| policy.promise(tier, Stage::Fix).and_then(|deadline| deadline.limit_hours);
            let said = (policy.scope.as_deref(), fix(Tier::Critical), fix(Tier::Low), policy.judging.clock.as_str());
            // A pattern with `*` is also that of the file beside the folders.
            let (scope, critical) = if path == "services/Cargo.lock" { (Some("services/*"), 24) } else { (scope, critical) };
            assert_eq!(said, (scope, Some(critical), Some(2160), clock), "{path}");
        }
    }
}
