//! The outputs of a step of GitHub Actions: `name=value`, a line each.

use std::io;

use super::{Renderer, Report, View, phrases};
use crate::policy::Standing;

/// `--format outputs`.
pub struct Outputs;

impl Renderer for Outputs {
    fn name(&self) -> &'static str {
        "outputs"
    }

    fn render(&self, report: &Report, _view: &View, out: &mut dyn io::Write) -> io::Result<()> {
        let overdue = report.findings.iter().filter(|judged| judged.judgement.standing == Standing::Overdue).count();
        writeln!(out, "verdict={}", report.verdict.as_str())?;
        writeln!(out, "complete={}", report.complete)?;
        writeln!(out, "findings={}", report.findings.len())?;
        writeln!(out, "overdue={overdue}")?;
        // Code scanning takes an alert that is missing for a fixed one.
        let hidden = report.unchecked.iter().find(|placed| placed.item.reason.may_hide_findings());
        writeln!(out, "uploadable={}", hidden.is_none())?;
        let why = hidden.map_or(String::new(), |placed| {
            let path = phrases::place(report, placed.target, &placed.item.path);
            phrases::safe(&format!("{path}: {}: {}", placed.item.reason.phrase(), placed.item.detail))
        });
        writeln!(out, "withheld={why}")
    }
}
