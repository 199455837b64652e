//! `--format sarif`: one run, its rules, results and notifications, within the limits of code scanning.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use serde_json::{Map, json};

use super::{
    log::{AutomationDetails, Driver, Invocation, Log, Run, SarifResult, Tool},
    notifications::notifications,
    options::SarifOptions,
    places::category,
    results::{is_excepted, result},
    rules::{rule, security_severity},
};
use crate::report::{Judged, Renderer, Report, View, identity::identities, phrases, places::Places};

/// GitHub keeps this many results of a run, not quite as documented which; so the gravest are chosen here.
const MOST_RESULTS: usize = 5000;

/// `--format sarif`.
pub struct Sarif;

impl Renderer for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn render(&self, report: &Report, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, &log(report, &view.sarif)).map_err(io::Error::from)?;
        writeln!(out)
    }

    fn notices(&self, report: &Report, view: &View) -> Vec<String> {
        Selection::new(report, &view.sarif).notices()
    }
}

/// The whole file.
#[must_use]
pub fn log(report: &Report, options: &SarifOptions) -> Log {
    let selection = Selection::new(report, options);
    let places = Places::new(report);
    let notices = selection.notices();
    let mut by_rule: BTreeMap<&str, Vec<&Judged>> = BTreeMap::new();
    for (judged, result) in &selection.kept {
        by_rule.entry(&result.rule_id).or_default().push(judged);
    }
    let rules = by_rule.values().map(|findings| rule(findings, options.score)).collect();
    let index: BTreeMap<String, usize> = by_rule.keys().enumerate().map(|(at, id)| ((*id).to_owned(), at)).collect();
    let results = selection.kept.into_iter().map(|(_, result)| SarifResult { rule_index: index[&result.rule_id], ..result });
    let category = options.category.clone().unwrap_or_else(|| category(&report.targets));
    Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: Driver { name: "overdue", semantic_version: env!("CARGO_PKG_VERSION"), rules } },
            automation_details: (!category.is_empty()).then(|| AutomationDetails { id: format!("{}/", category.trim_end_matches('/')) }),
            invocations: [Invocation {
                execution_successful: true,
                tool_execution_notifications: notifications(report, &places, &notices),
            }],
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
    fn new(report: &'a Report, options: &SarifOptions) -> Self {
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
            match result(report, &places, judged, identity) {
                None => placeless.push(judged),
                Some(_) if kept.len() == MOST_RESULTS => over_the_limit += 1,
                Some(result) => kept.push((judged, result)),
            }
        }
        Self { kept, over_the_limit, placeless }
    }

    fn notices(&self) -> Vec<String> {
        let titles = self.placeless.iter().map(|judged| format!("{}; no file of the target could carry it.", phrases::title(judged)));
        let cut = (self.over_the_limit > 0).then(|| {
            let left_out = phrases::count(self.over_the_limit as u64, "finding");
            format!("Code scanning keeps {MOST_RESULTS} results; the {left_out} of the lowest severity are left out here, and are in the other reports.")
        });
        titles.chain(cut).collect()
    }
}
