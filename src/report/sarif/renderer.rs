//! `--format sarif`: one run, its rules, results and notifications, within the limits of code scanning.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

use serde_json::{Map, json};

use super::{
    log::{AutomationDetails, Driver, Invocation, Log, Run, SarifResult, Tool},
    notifications::{notifications, unlisted},
    options::SarifOptions,
    places::category,
    results::{is_excepted, result},
    rules::{rule, rule_id, security_severity},
};
use crate::{
    report::{Judged, Renderer, Report, View, identity::identities, phrases, places::Places},
    tree::repository::OUTSIDE,
};

/// GitHub keeps this many results of a run, not quite as documented which; so the gravest are chosen here.
const MOST_RESULTS: usize = 5000;
/// GitHub refuses a file that is larger than 10 MB after compression.
const LARGEST_FILE: usize = 10_000_000;

/// `--format sarif`.
pub struct Sarif;

impl Renderer for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn render(&self, report: &Report, view: &View, out: &mut dyn Write) -> io::Result<Vec<String>> {
        let (bytes, notices) = fitted(report, &view.sarif)?;
        out.write_all(&bytes)?;
        Ok(notices)
    }
}

/// The file in as many results as code scanning takes, and what was left out for that.
fn fitted(report: &Report, options: &SarifOptions) -> io::Result<(Vec<u8>, Vec<String>)> {
    let written = |most: usize| -> io::Result<(Vec<u8>, Vec<String>)> {
        let selection = Selection::new(report, options, most);
        let notices = selection.notices(report);
        let mut bytes = serde_json::to_vec_pretty(&assembled(report, options, selection, &notices)).map_err(io::Error::from)?;
        bytes.push(b'\n');
        Ok((bytes, notices))
    };
    let fits = |bytes: &[u8]| -> io::Result<bool> { Ok(bytes.len() <= LARGEST_FILE || compressed(bytes)? <= LARGEST_FILE) };
    let whole = written(MOST_RESULTS)?;
    if fits(&whole.0)? {
        return Ok(whole);
    }
    // As many as fit, to within a few.
    let (mut few, mut many) = (0, MOST_RESULTS);
    while many - few > 50 {
        let middle = few.midpoint(many);
        if fits(&written(middle)?.0)? { few = middle } else { many = middle }
    }
    written(few)
}

fn compressed(bytes: &[u8]) -> io::Result<usize> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

/// The whole file.
fn assembled(report: &Report, options: &SarifOptions, selection: Selection<'_>, notices: &[String]) -> Log {
    let places = Places::new(report);
    let mut by_rule: BTreeMap<String, Vec<&Judged>> = BTreeMap::new();
    for (judged, _) in &selection.kept {
        by_rule.entry(rule_id(judged)).or_default().push(judged);
    }
    let rules = by_rule.iter().map(|(id, findings)| rule(id, findings, options.score)).collect();
    let index: BTreeMap<&str, usize> = by_rule.keys().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
    let results = selection.kept.into_iter().map(|(judged, result)| {
        let rule_id = rule_id(judged);
        SarifResult { rule_index: index[rule_id.as_str()], rule_id, ..result }
    });
    let category = options.category.as_ref().map_or_else(|| category(&report.targets), |category| phrases::safe(category));
    Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: Driver { name: "overdue", semantic_version: env!("CARGO_PKG_VERSION"), rules } },
            automation_details: (!category.is_empty()).then(|| AutomationDetails { id: format!("{}/", category.trim_end_matches('/')) }),
            invocations: [Invocation { execution_successful: true, tool_execution_notifications: notifications(report, &places, notices) }],
            column_kind: "utf16CodeUnits",
            results: results.collect(),
            properties: Map::from_iter([
                ("as_of".to_owned(), json!(report.as_of)),
                ("verdict".to_owned(), json!(report.verdict.as_str())),
                ("complete".to_owned(), json!(report.complete)),
            ]),
        }],
    }
}

/// The findings that become results, and how many do not.
struct Selection<'a> {
    kept: Vec<(&'a Judged, SarifResult)>,
    over_the_limit: usize,
    /// Findings that no file of their target could carry.
    placeless: Vec<&'a Judged>,
}

impl<'a> Selection<'a> {
    fn new(report: &'a Report, options: &SarifOptions, most: usize) -> Self {
        let (places, identities) = (Places::new(report), identities(report));
        let mut wanted: Vec<_> = report.findings.iter().zip(&identities).collect();
        wanted.retain(|(judged, _)| options.suppressed || !is_excepted(judged));
        // The gravest first; the report's own order among equals.
        wanted.sort_by_key(|(judged, _)| std::cmp::Reverse(security_severity(judged, options.score)));
        let (mut kept, mut placeless, mut seen, mut over_the_limit) = (Vec::new(), Vec::new(), BTreeSet::new(), 0);
        for (judged, identity) in wanted {
            // Overlapping targets find one thing twice; it is one alert.
            if !seen.insert(identity) {
                continue;
            }
            match result(report, &places, judged, identity, options.suppressed) {
                None => placeless.push(judged),
                Some(_) if kept.len() == most => over_the_limit += 1,
                Some(result) => kept.push((judged, result)),
            }
        }
        Self { kept, over_the_limit, placeless }
    }

    fn notices(&self, report: &Report) -> Vec<String> {
        let titles = self.placeless.iter().map(|judged| format!("{}; no file of the target could carry it.", phrases::title(judged)));
        let cut = (self.over_the_limit > 0).then(|| {
            let left_out = phrases::count(self.over_the_limit as u64, "finding");
            format!("Code scanning takes {MOST_RESULTS} results and 10 MB; the {left_out} last in order of severity are left out here, and are in the other reports.")
        });
        let outside = report.targets.iter().filter(|target| target.base.starts_with(OUTSIDE));
        let outside = outside.map(|target| {
            format!(
                "{} is outside of the checkout that the working directory is in; its paths begin with {OUTSIDE}.",
                phrases::safe(&target.path)
            )
        });
        titles.chain(cut).chain(outside).chain(unlisted(report)).collect()
    }
}
