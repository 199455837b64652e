//! The outputs of a step of GitHub Actions: `name=value`, a line each.

use std::io;

use super::{Placed, Renderer, Report, View, phrases};
use crate::policy::Standing;

/// `--format outputs`.
pub struct Outputs;

impl Renderer for Outputs {
    fn name(&self) -> &'static str {
        "outputs"
    }

    fn render(&self, report: &Report, _view: &View, out: &mut dyn io::Write) -> io::Result<Vec<String>> {
        let overdue = report.findings.iter().filter(|judged| judged.judgement.standing == Standing::Overdue).count();
        writeln!(out, "verdict={}", report.verdict.as_str())?;
        writeln!(out, "complete={}", report.complete)?;
        writeln!(out, "findings={}", report.findings.len())?;
        writeln!(out, "overdue={overdue}")?;
        let withheld = withheld(report);
        writeln!(out, "uploadable={}", withheld.is_none())?;
        writeln!(out, "withheld={}", phrases::safe(&withheld.unwrap_or_default()))?;
        Ok(Vec::new())
    }
}

/// Why the report must not replace an earlier one in code scanning, which takes an alert that is missing for a fixed one:
/// something was not read, or the advisories are too old to know what newer ones knew.
fn withheld(report: &Report) -> Option<String> {
    if let Some(Placed { target, item }) = report.unchecked.iter().find(|placed| placed.item.reason.may_hide_findings()) {
        let path = phrases::place(report, *target, &item.path);
        return Some(format!("{path}: {}: {}", item.reason.phrase(), item.detail));
    }
    let stale = report.data.iter().find(|data| data.stale)?;
    Some(format!("the advisories are too old: {}", phrases::data(stale, report.as_of)))
}
