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

/// Policies with what is wrong with them.
#[derive(Clone, Debug)]
pub struct Checked<'a> {
    /// The files, the strongest first.
    pub files: Vec<CheckedFile<'a>>,
}

/// A policy with what is wrong with it.
#[derive(Clone, Debug)]
pub struct CheckedFile<'a> {
    /// The file.
    pub source: &'a PolicySource,
    /// Its text, for excerpts.
    pub text: &'a str,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

#[derive(Serialize)]
struct CheckedJson<'a> {
    sources: Vec<PolicySourceJson<'a>>,
    errors: usize,
    warnings: usize,
    problems: Vec<ProblemJson<'a>>,
}

#[derive(Serialize)]
struct ProblemJson<'a> {
    level: &'static str,
    kind: &'static str,
    path: &'a str,
    line: Option<u32>,
    excerpt: Option<&'a str>,
    reason: &'a str,
    cure: &'a str,
}

impl Checked<'_> {
    /// How many problems are of a level.
    #[must_use]
    pub fn count(&self, level: Level) -> usize {
        self.files.iter().flat_map(|file| &file.problems).filter(|problem| problem.level == level).count()
    }

    /// Writes it for people.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn table(&self, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
        let excerpt_width = view.width.map_or(160, |width| usize::from(width).saturating_sub(10).max(20));
        for file in self.files.iter().filter(|_| view.detail > Detail::Verdict) {
            let lines: Vec<&str> = file.text.lines().collect();
            for problem in &file.problems {
                let place = problem.line.map_or(safe(file.path()), |line| format!("{}:{line}", safe(file.path())));
                let colour = if problem.level == Level::Error { "31" } else { "33" };
                writeln!(out, "{place}: {}: {}", view.paint(problem.level.as_str(), Some(colour)), safe(&problem.reason))?;
                if let (Some(line), Some(excerpt)) = (problem.line, excerpt(&lines, problem.line)) {
                    writeln!(out, "  {line} | {}", safe(&shorten(excerpt.trim(), excerpt_width)))?;
                }
                writeln!(out, "{}\n", labelled("  cure", problem.cure, view.width))?;
            }
        }
        let paths: Vec<String> = self.files.iter().map(|file| safe(file.path())).collect();
        let verdict = match (self.count(Level::Error), self.count(Level::Warning)) {
            (0, 0) => "nothing is wrong".to_owned(),
            (errors, warnings) => format!("{}, {}", count(errors as u64, "error"), count(warnings as u64, "warning")),
        };
        writeln!(out, "{}", labelled("policy", &format!("{}: {verdict}", paths.join(", ")), view.width))
    }

    /// Writes it as JSON.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let json = CheckedJson {
            sources: self.files.iter().map(|file| PolicySourceJson::from(file.source)).collect(),
            errors: self.count(Level::Error),
            warnings: self.count(Level::Warning),
            problems: self.files.iter().flat_map(CheckedFile::problems).collect(),
        };
        serde_json::to_writer_pretty(&mut *out, &json).map_err(io::Error::from)?;
        out.write_all(b"\n")
    }
}

impl CheckedFile<'_> {
    fn path(&self) -> &str {
        self.source.file().map_or("", |(path, _)| path)
    }

    fn problems(&self) -> Vec<ProblemJson<'_>> {
        let lines: Vec<&str> = self.text.lines().collect();
        let problem = |problem| -> ProblemJson<'_> {
            let Problem { level, kind, line, reason, cure }: &Problem = problem;
            ProblemJson { level: level.as_str(), kind, path: self.path(), line: *line, excerpt: excerpt(&lines, *line), reason, cure }
        };
        self.problems.iter().map(problem).collect()
    }
}

fn excerpt<'t>(lines: &[&'t str], line: Option<u32>) -> Option<&'t str> {
    lines.get(line?.checked_sub(1)? as usize).copied()
}
