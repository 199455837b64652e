//! `overdue policy check`, for people and machines: each problem with its place, the excerpt, the reason and the cure.

use std::io;

use serde::Serialize;

use crate::{
    policy::{
        PolicySource,
        check::{Level, Problem},
    },
    report::{
        Detail, View,
        columns::labelled,
        json::policy::PolicySourceJson,
        phrases::{count, safe, shorten},
    },
};

/// A policy with what is wrong with it.
#[derive(Clone, Debug)]
pub struct Checked<'a> {
    /// The file.
    pub source: &'a PolicySource,
    /// Its text, for excerpts.
    pub text: &'a str,
    /// What is wrong.
    pub problems: &'a [Problem],
}

#[derive(Serialize)]
struct CheckedJson<'a> {
    source: PolicySourceJson<'a>,
    errors: usize,
    warnings: usize,
    problems: Vec<ProblemJson<'a>>,
}

#[derive(Serialize)]
struct ProblemJson<'a> {
    level: &'static str,
    kind: &'static str,
    line: Option<u32>,
    excerpt: Option<&'a str>,
    reason: &'a str,
    cure: &'a str,
}

impl Checked<'_> {
    /// How many problems are of a level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.problems.iter().filter(|problem| problem.level == level).count()
    }

    /// Writes it for people.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn table(&self, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
        let path = safe(self.source.file().map_or("", |(path, _)| path));
        let lines: Vec<&str> = self.text.lines().collect();
        let shown = self.problems.iter().filter(|_| view.detail > Detail::Verdict);
        for problem in shown {
            let place = problem.line.map_or(path.clone(), |line| format!("{path}:{line}"));
            let colour = if problem.level == Level::Error { "31" } else { "33" };
            writeln!(out, "{place}: {}: {}", view.paint(problem.level.as_str(), Some(colour)), safe(&problem.reason))?;
            if let (Some(line), Some(excerpt)) = (problem.line, excerpt(&lines, problem.line)) {
                writeln!(out, "  {line} | {}", safe(&shorten(excerpt.trim(), 160)))?;
            }
            writeln!(out, "{}\n", labelled("  cure", problem.cure, view.width))?;
        }
        let (errors, warnings) = (self.count(Level::Error), self.count(Level::Warning));
        let verdict = match (errors, warnings) {
            (0, 0) => "nothing is wrong with it".to_owned(),
            _ => format!("{}, {}", count(errors as u64, "error"), count(warnings as u64, "warning")),
        };
        writeln!(out, "{}", labelled("policy", &format!("{path}: {verdict}"), view.width))
    }

    /// Writes it as JSON.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let lines: Vec<&str> = self.text.lines().collect();
        let problems = self.problems.iter().map(|problem| ProblemJson {
            level: problem.level.as_str(),
            kind: problem.kind,
            line: problem.line,
            excerpt: excerpt(&lines, problem.line),
            reason: &problem.reason,
            cure: problem.cure,
        });
        let json = CheckedJson {
            source: PolicySourceJson::from(self.source),
            errors: self.count(Level::Error),
            warnings: self.count(Level::Warning),
            problems: problems.collect(),
        };
        serde_json::to_writer_pretty(&mut *out, &json).map_err(io::Error::from)?;
        out.write_all(b"\n")
    }
}

fn excerpt<'t>(lines: &[&'t str], line: Option<u32>) -> Option<&'t str> {
    lines.get(line?.checked_sub(1)? as usize).copied()
}
