//! The wire format: the subset of SARIF 2.1.0 (OASIS standard, section numbers below) that is written.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

/// `sarifLog`, section 3.13.
#[derive(Debug, Serialize)]
pub struct Log {
    /// Where the schema is published.
    #[serde(rename = "$schema")]
    pub schema: &'static str,
    /// The version of the format.
    pub version: &'static str,
    /// Always one: code scanning refuses two runs of one tool and category.
    pub runs: [Run; 1],
}

/// `run`, section 3.14.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The tool with its rules.
    pub tool: Tool,
    /// The category.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automation_details: Option<AutomationDetails>,
    /// The one run of the program.
    pub invocations: [Invocation; 1],
    /// What columns count.
    pub column_kind: &'static str,
    /// The results; present even when empty.
    pub results: Vec<SarifResult>,
    /// The verdict and the moment of judging.
    pub properties: Map<String, Value>,
}

/// `tool`, section 3.18.
#[derive(Debug, Serialize)]
pub struct Tool {
    /// The driver.
    pub driver: Driver,
}

/// `toolComponent`, section 3.19.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Driver {
    /// The tool's name.
    pub name: &'static str,
    /// The tool's version.
    pub semantic_version: &'static str,
    /// The rules, sorted by id.
    pub rules: Vec<Rule>,
}

/// `reportingDescriptor`, section 3.49.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The id that stands for an alias group.
    pub id: String,
    /// At most 1024 characters.
    pub short_description: Text,
    /// At most 1024 characters.
    pub full_description: Text,
    /// What to do.
    pub help: Help,
    /// Where the advisory can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help_uri: Option<String>,
    /// The level of results that state none.
    pub default_configuration: Configuration,
    /// Tags, precision and score.
    pub properties: RuleProperties,
}

/// What GitHub reads among a rule's properties.
#[derive(Debug, Serialize)]
pub struct RuleProperties {
    /// At most ten.
    pub tags: Vec<String>,
    /// How sure results are.
    pub precision: &'static str,
    /// A number as text; anything else sinks the whole file.
    #[serde(rename = "security-severity")]
    pub security_severity: String,
}

/// `reportingConfiguration`, section 3.50.
#[derive(Debug, Serialize)]
pub struct Configuration {
    /// `error`, `warning` or `note`.
    pub level: &'static str,
}

/// `multiformatMessageString`, section 3.12, without Markdown.
#[derive(Debug, Serialize)]
pub struct Text {
    /// Plain text.
    pub text: String,
}

/// `multiformatMessageString`, section 3.12.
#[derive(Debug, Serialize)]
pub struct Help {
    /// Plain text.
    pub text: String,
    /// Markdown; goes before the text.
    pub markdown: String,
}

/// `runAutomationDetails`, section 3.17.
#[derive(Debug, Serialize)]
pub struct AutomationDetails {
    /// What stands before the last `/` is the category.
    pub id: String,
}

/// `invocation`, section 3.20.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invocation {
    /// Whether the program ended by itself.
    pub execution_successful: bool,
    /// What was not looked at, and what limits left out.
    pub tool_execution_notifications: Vec<Notification>,
}

/// `notification`, section 3.58.
#[derive(Debug, Serialize)]
pub struct Notification {
    /// What kind of thing it is about.
    pub descriptor: Reference,
    /// `warning` or `note`.
    pub level: &'static str,
    /// The cause and the cure.
    pub message: Text,
    /// Where.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<SarifLocation>,
}

/// `reportingDescriptorReference`, section 3.52.
#[derive(Debug, Serialize)]
pub struct Reference {
    /// The id.
    pub id: String,
}

/// `result`, section 3.27.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SarifResult {
    /// The rule's id.
    pub rule_id: String,
    /// Its place among the rules.
    pub rule_index: usize,
    /// `error`, `warning` or `note`.
    pub level: &'static str,
    /// Its first sentence is the alert's title.
    pub message: Text,
    /// Exactly one: GitHub shows the first.
    pub locations: [SarifLocation; 1],
    /// The others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub related_locations: Vec<SarifLocation>,
    /// What makes it the same alert tomorrow.
    pub partial_fingerprints: BTreeMap<&'static str, String>,
    /// Why it does not count, where an exception says so.
    /// Either every result has a list, or none has: only where suppressed results are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressions: Option<Vec<Suppression>>,
    /// The facts, for machines.
    pub properties: Map<String, Value>,
}

/// `suppression`, section 3.35.
#[derive(Debug, Serialize)]
pub struct Suppression {
    /// It is stated outside of the file with the finding.
    pub kind: &'static str,
    /// It counts.
    pub status: &'static str,
    /// The reason.
    pub justification: String,
}

/// `location`, section 3.28.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SarifLocation {
    /// A number for a related location.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<usize>,
    /// The file and line; GitHub refuses a file with a location without.
    pub physical_location: PhysicalLocation,
}

/// `physicalLocation`, section 3.29.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PhysicalLocation {
    /// The file.
    pub artifact_location: ArtifactLocation,
    /// The line.
    pub region: Region,
}

/// `artifactLocation`, section 3.4.
#[derive(Clone, Debug, Serialize)]
pub struct ArtifactLocation {
    /// Relative to the root of the checkout, percent-encoded (RFC 3986), never empty.
    pub uri: String,
}

/// `region`, section 3.30.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Region {
    /// Counted from 1.
    pub start_line: u32,
}
