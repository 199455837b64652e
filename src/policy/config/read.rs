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
//! [judging]
//! clock = "first-seen"    # published (usual), introduced, fix-available
//! unscored = "critical"   # the tier of what nobody has graded; usually high
//! due-soon = { share = "25%", at-most = "7 days" }
//! state = "overdue.state" # where what was first seen is written down
//!
//! [calendar]              # what business days are
//! weekend = ["saturday", "sunday"]
//! holidays = ["2026-12-24", "12-25"]
//! utc-offset = "+01:00"
//!
//! [data]
//! max-db-age = "14 days"
//!
//! [gate]
//! fail-on = ["overdue", "critical"]
//! admitted = false        # requirements that only let affected versions in do not trip it
//! base = false            # what the base of a container image brought does not trip it
//! kinds = ["malicious"]   # nor do findings of other kinds than these
//! groups = ["runtime"]    # nor do packages that are wanted for none of these
//!
//! [[exceptions]]
//! id = "RUSTSEC-2020-0071"    # any id of its alias group, or one that it was derived from
//! package = "time"            # these four may be left out
//! versions = "<0.2"
//! path = "services/*"
//! until-fixed = true
//! reason = "we never set the time zone"
//! expires = 2027-01-31
//!
//! [[accepted-unchecked]]      # at least one of the first three
//! subject = "mylib"
//! path = "requirements.txt"
//! because = "not-from-a-registry"
//! reason = "reviewed by hand each month"
//! expires = 2027-01-31
//!
//! [[responses]]               # `overdue ack` writes them
//! id = "CVE-2024-23334"
//! at = 2026-11-22
//!
//! [[private-indexes]]         # what comes from here is not what the public advisories speak of
//! url = "https://index.example/simple"
//! packages = ["acme-*"]       # or is named so
//!
//! [[resolved-elsewhere]]
//! manifest = "services/*/pyproject.toml"
//! by = "the lockfile that the image is built from"
//!
//! [[paths]]                   # for what is below; of several the nearest holds, row by row
//! path = "services/billing"
//! [paths.tiers.critical]
//! fix = "24 hours"
//! ```
//!
//! What it does not know is an error: a misspelt promise must not be a broken one.

use std::sync::Arc;

use toml::Spanned;

use super::{
    error::ConfigError,
    file::File,
    value::{RawConfig, RawElsewhere, RawPrivateIndex, RawSection, RawStatements},
};
use crate::{
    advisory::index::writer::sha256,
    inventory::lines::{self, LineIndex},
    policy::{
        Accepted, Exception, PolicySource, PrivateIndex, ResolvedElsewhere, Response,
        stated::{Section, Stated},
    },
};

/// What an `overdue.toml` states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The file.
    pub source: PolicySource,
    /// What it states for everything.
    pub stated: Stated,
    /// What it states for what is below single paths.
    pub sections: Vec<Section>,
    /// Exceptions.
    pub exceptions: Vec<Exception>,
    /// Unchecked things that are accepted.
    pub accepted: Vec<Accepted>,
    /// Recorded responses.
    pub responses: Vec<Response>,
    /// Package indexes that are private.
    pub private_indexes: Vec<PrivateIndex>,
    /// Manifests whose ranges are resolved elsewhere.
    pub elsewhere: Vec<ResolvedElsewhere>,
    /// Advisory data older than this, in seconds, makes a result incomplete.
    pub max_db_age: Option<i64>,
    /// What nobody has filled in. Nothing is to be judged by a file with any.
    pub unfilled: Vec<ConfigError>,
}

/// Reads an `overdue.toml`.
///
/// # Errors
/// When it is no such file, with the line where one is to blame.
pub fn read(path: &str, bytes: &[u8]) -> Result<Config, ConfigError> {
    let text = lines::utf8(bytes).map_err(|(line, cause)| ConfigError { path: path.to_owned(), line, excerpt: String::new(), cause })?;
    let file = File { path: path.into(), text, lines: LineIndex::new(text) };
    let raw: RawConfig = lines::toml(text).map_err(|(line, cause)| file.error(line, cause))?;
    let mut unfilled = Vec::new();
    let max_db_age = raw.data.max_db_age.map(|text| file.plain_length(&text)).transpose()?;
    let (tiers, general, rules, known_exploited) = (raw.tiers, raw.general, raw.rules, raw.known_exploited);
    let statements = RawStatements { tiers, general, rules, supported_versions: raw.supported_versions, known_exploited };
    Ok(Config {
        source: PolicySource::Config { path: path.to_owned(), sha256: sha256(bytes) },
        stated: file.stated(statements, raw.judging, raw.calendar, raw.gate)?,
        sections: raw.paths.into_iter().map(|raw| file.section(raw)).collect::<Result<_, _>>()?,
        exceptions: raw.exceptions.into_iter().map(|raw| file.exception(raw, &mut unfilled)).collect::<Result<_, _>>()?,
        accepted: raw.accepted_unchecked.into_iter().map(|raw| file.accepted(raw, &mut unfilled)).collect::<Result<_, _>>()?,
        responses: raw.responses.into_iter().map(|raw| file.response(raw)).collect::<Result<_, _>>()?,
        private_indexes: raw.private_indexes.into_iter().map(|raw| file.private_index(raw)).collect::<Result<_, _>>()?,
        elsewhere: raw.resolved_elsewhere.into_iter().map(|raw| file.elsewhere(raw)).collect::<Result<_, _>>()?,
        max_db_age: max_db_age.map(|hours| i64::from(hours) * 3_600),
        unfilled,
    })
}

impl File<'_> {
    fn section(&self, raw: RawSection) -> Result<Section, ConfigError> {
        let line = self.line(&raw.path);
        if raw.path.as_ref().contains('\\') || raw.path.as_ref().starts_with('/') || raw.path.as_ref().split('/').any(|part| part == "..") {
            return Err(self.wrong(&raw.path, "is no path below this folder: write it from there, with /, as \"services/billing\""));
        }
        let state = raw.judging.state.as_ref().map(|state| self.line(state));
        let (tiers, general, rules, known_exploited) = (raw.tiers, raw.general, raw.rules, raw.known_exploited);
        let statements = RawStatements { tiers, general, rules, supported_versions: Vec::new(), known_exploited };
        let stated = self.stated(statements, raw.judging, raw.calendar, raw.gate)?;
        if let Some(state) = state {
            return Err(self.error(Some(state), "the state file is one for all: state it in [judging], and not for a path".to_owned()));
        }
        let path = self.said(raw.path, "names no path: write it from the folder of this file, as \"services/billing\"")?;
        Ok(Section { path, line, stated })
    }

    fn private_index(&self, raw: RawPrivateIndex) -> Result<PrivateIndex, ConfigError> {
        let line = self.line(&raw.url);
        let url = self.said(raw.url, "names no index: write its address, as \"https://index.example/simple\"")?;
        let name = |name: Spanned<String>| self.said(name, "names no package: write its name, as \"acme-auth\" or \"acme-*\"");
        let packages = raw.packages.into_iter().map(name).collect::<Result<_, _>>()?;
        Ok(PrivateIndex { url, packages, path: Arc::clone(&self.path), line })
    }

    fn elsewhere(&self, raw: RawElsewhere) -> Result<ResolvedElsewhere, ConfigError> {
        let line = self.line(&raw.manifest);
        let manifest = self.said(raw.manifest, "names no manifest: write its path, as \"services/*/pyproject.toml\"")?;
        let by = self.said(raw.by, "does not say by what")?;
        Ok(ResolvedElsewhere { manifest, by, path: Arc::clone(&self.path), line })
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
