//! `overdue scan`: from arguments to a request, from a report to files, stdout and an exit code.

use super::{
    Exit,
    args::{Global, ScanArgs, When},
    environment,
    exit::Failure,
    output::{print, tell},
};
use crate::{
    advisory::Store,
    policy::builtin::builtin,
    report::{Detail, Report, View, renderer},
    scan::{ScanRequest, scan},
    tree::Limits,
};

/// Scans and reports.
///
/// # Errors
/// What leaves nothing to report.
pub fn run(args: &ScanArgs, global: &Global, store: Store) -> Result<Exit, Failure> {
    let request = ScanRequest {
        targets: args.targets.clone(),
        store,
        policy: builtin(),
        as_of: args.as_of.unwrap_or_else(environment::now),
        max_db_age: args.max_db_age,
        fail_on: args.fail_on.clone(),
        rust_version: args.rust_version.clone(),
        allow_empty: args.allow_empty,
        threads: global.jobs.map_or_else(environment::threads, usize::from),
        limits: Limits::default(),
    };
    let report = scan(&request)?;
    for output in &args.output {
        let bytes = rendered(&report, &output.format, &View::default())?;
        std::fs::write(&output.file, bytes).map_err(|error| Failure::usage(format!("cannot write {}: {error}", output.file.display())))?;
    }
    print(&rendered(&report, &args.format, &view(args, global))?)?;
    hints(&report);
    Ok(Exit::of_report(&report, args.allow_unchecked))
}

fn view(args: &ScanArgs, global: &Global) -> View {
    View {
        width: args.width.or_else(environment::width),
        colour: match global.color {
            When::Auto => environment::colour(),
            When::Always => true,
            When::Never => false,
        },
        detail: match (global.quiet, global.verbose) {
            (true, _) => Detail::Verdict,
            (false, true) => Detail::Everything,
            (false, false) => Detail::Usual,
        },
    }
}

fn rendered(report: &Report, format: &str, view: &View) -> Result<Vec<u8>, Failure> {
    let renderer = renderer(format).ok_or_else(|| Failure::usage(format!("unknown format {format}")))?;
    let mut bytes = Vec::new();
    renderer.render(report, view, &mut bytes).map_err(|error| Failure::usage(format!("cannot write the report: {error}")))?;
    Ok(bytes)
}

/// What a person may want to do next; on stderr, because it is no part of the report.
fn hints(report: &Report) {
    let stale: Vec<&str> = report.data.iter().filter(|data| data.stale).map(|data| data.metadata.ecosystem.as_str()).collect();
    if !stale.is_empty() {
        tell(&format!(
            "hint: the advisories for {} are older than --max-db-age; `overdue db import PATH` brings in newer ones",
            stale.join(", ")
        ));
    }
}
