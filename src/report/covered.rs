//! The part of the terminal report that says which file speaks for which, and how much was left out as was asked for.

use std::io;

use super::{Detail, Report, View, columns::labelled, phrases};

/// Files that are named, unless everything is asked for.
const FEW: usize = 5;

/// Writes which manifests are covered by which lockfiles, and what was left out; nothing where there is nothing of either.
///
/// # Errors
/// What the writer says.
pub fn write(report: &Report, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
    let mut lines = covered(report);
    let shown = if view.detail == Detail::Everything { lines.len() } else { FEW.min(lines.len()) };
    if shown < lines.len() {
        let more = format!("and {} more (-v shows all)", lines.len() - shown);
        lines.truncate(shown);
        lines.push(more);
    }
    if !lines.is_empty() || report.excluded > 0 {
        writeln!(out)?;
    }
    for (at, line) in lines.iter().enumerate() {
        writeln!(out, "{}", labelled(if at == 0 { "covered" } else { "" }, &phrases::safe(line), view.width))?;
    }
    if report.excluded > 0 {
        let text = format!("{} as was asked for, not counted as checked", phrases::count(report.excluded, "package"));
        writeln!(out, "{}", labelled("left out", &text, view.width))?;
    }
    Ok(())
}

/// `pyproject.toml by uv.lock: 12 of its packages are judged as locked`.
fn covered(report: &Report) -> Vec<String> {
    let covered = report.files_read.iter().filter(|placed| placed.item.covered > 0);
    let line = |placed: &super::Placed<super::DependencyFile>| {
        let place = |path: &str| phrases::place(report, placed.target, path);
        let file = &placed.item;
        let rest = if file.packages == 0 { "none by itself".to_owned() } else { format!("{} by itself", file.packages) };
        if let Some(why) = &file.covered_because {
            return format!("{}: {}: {why}", place(&file.path), phrases::count(file.covered, "package"));
        }
        let by: Vec<String> = file.covered_by.iter().map(|path| place(path)).collect();
        if by.is_empty() {
            return format!(
                "{}: {} only {} what other files want, {rest}",
                place(&file.path),
                phrases::count(file.covered, "line"),
                if file.covered == 1 { "limits" } else { "limit" }
            );
        }
        format!("{} by {}: {} judged as locked, {rest}", place(&file.path), by.join(", "), phrases::count(file.covered, "package"))
    };
    covered.map(line).collect()
}
