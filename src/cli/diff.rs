//! `overdue diff`: two JSON reports compared.

use super::{
    Exit,
    args::{DiffArgs, DiffFormat, Global},
    exit::Failure,
    output::print,
    scan::{read_report, view},
};
use crate::report::diff::Diff;

/// Compares two reports. A finding that is gone because its file was not looked at is not called fixed, and makes the
/// outcome incomplete.
///
/// # Errors
/// When one of them cannot be read.
pub fn run(args: &DiffArgs, global: &Global) -> Result<Exit, Failure> {
    let diff = Diff::new(read_report(&args.old)?, read_report(&args.new)?);
    let mut bytes = Vec::new();
    let written = match args.format {
        DiffFormat::Table => diff.table(&view(args.width, global), &mut bytes),
        DiffFormat::Json => diff.json(&mut bytes),
    };
    written.map_err(|error| Failure::usage(format!("cannot write the comparison: {error}")))?;
    print(&bytes)?;
    Ok(if diff.comparison.unknown.is_empty() { Exit::Success } else { Exit::Incomplete })
}
