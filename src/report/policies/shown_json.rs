//! `overdue policy show --format json`. Fields are added, never changed.

use std::{collections::BTreeMap, io};

use serde::Serialize;

use super::{Shown, shown_config::ConfigJson};
use crate::{
    policy::reading::{Note, Passage},
    report::json::policy::{DeadlineJson, ExploitedRuleJson, PolicySourceJson, RuleJson, TierJson, VersionJson, deadlines},
};

#[derive(Serialize)]
struct ShownJson<'a> {
    source: Option<PolicySourceJson<'a>>,
    sources: Vec<PolicySourceJson<'a>>,
    tiers: Vec<TierJson<'a>>,
    general: BTreeMap<&'static str, DeadlineJson<'a>>,
    rules: Vec<RuleJson<'a>>,
    known_exploited: Option<ExploitedRuleJson<'a>>,
    supported_versions: Vec<VersionJson<'a>>,
    config: Option<ConfigJson<'a>>,
    not_understood: Vec<PassageJson<'a>>,
    warnings: Vec<WarningJson<'a>>,
    placeholder: bool,
}

#[derive(Serialize)]
struct PassageJson<'a> {
    line: u32,
    text: &'a str,
    path: Option<&'a str>,
}

#[derive(Serialize)]
struct WarningJson<'a> {
    line: u32,
    text: &'a str,
    kind: &'static str,
    path: Option<&'a str>,
}

impl Shown<'_> {
    /// Writes it as JSON.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, &ShownJson::from(self)).map_err(io::Error::from)?;
        out.write_all(b"\n")
    }
}

impl<'a> From<&Shown<'a>> for ShownJson<'a> {
    fn from(shown: &Shown<'a>) -> Self {
        let reading = shown.reading;
        Self {
            source: shown.sources.first().map(PolicySourceJson::from),
            sources: shown.sources.iter().map(PolicySourceJson::from).collect(),
            tiers: reading.tiers.iter().map(TierJson::from).collect(),
            general: deadlines(&reading.general),
            rules: reading.rules.iter().map(RuleJson::from).collect(),
            known_exploited: shown.exploited.map(ExploitedRuleJson::from),
            supported_versions: reading.supported_versions.iter().map(VersionJson::from).collect(),
            config: shown.config.map(ConfigJson::from),
            not_understood: shown
                .faults
                .iter()
                .flat_map(|(path, of)| of.not_understood.iter().map(|passage| PassageJson::new(*path, passage)))
                .collect(),
            warnings: shown.faults.iter().flat_map(|(path, of)| of.notes.iter().map(|note| WarningJson::new(*path, note))).collect(),
            placeholder: reading.placeholder,
        }
    }
}

impl<'a> PassageJson<'a> {
    fn new(path: Option<&'a str>, passage: &'a Passage) -> Self {
        Self { line: passage.line, text: &passage.text, path }
    }
}

impl<'a> WarningJson<'a> {
    fn new(path: Option<&'a str>, note: &'a Note) -> Self {
        Self { line: note.line, text: &note.text, kind: note.kind.as_str(), path }
    }
}
