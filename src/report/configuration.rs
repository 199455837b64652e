//! The part of the terminal report that says what is wrong with the configuration.

use std::io;

use super::{Check, Detail, Report, View, columns::labelled, phrases::safe};

/// Faults that are named, unless everything is asked for.
const FEW: usize = 10;

/// Writes the faults; nothing where there are none.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
    if report.checks.is_empty() {
        return Ok(());
    }
    let shown = if view.detail == Detail::Everything { report.checks.len() } else { FEW.min(report.checks.len()) };
    writeln!(out)?;
    for (at, check) in report.checks[..shown].iter().enumerate() {
        let label = if at == 0 { "checks" } else { "" };
        writeln!(out, "{}", view.paint(&labelled(label, &sentence(check), view.width), Some("33")))?;
        if view.detail == Detail::Everything {
            writeln!(out, "{}", labelled("", &safe(&check.cure), view.width))?;
        }
    }
    if shown < report.checks.len() {
        writeln!(out, "{}", labelled("", &format!("and {} more (-v shows all)", report.checks.len() - shown), view.width))?;
    }
    Ok(())
}

/// A fault with its place.
#[must_use]
pub fn sentence(check: &Check) -> String {
    let place = match (&check.path, check.line) {
        // Some are about a file as a whole, and begin with its name.
        (Some(path), None) if check.message.starts_with(path.as_str()) => String::new(),
        (Some(path), Some(line)) => format!("{path}:{line}: "),
        (Some(path), None) => format!("{path}: "),
        (None, _) => String::new(),
    };
    safe(&format!("{place}{}", check.message))
}
