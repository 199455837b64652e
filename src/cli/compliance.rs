//! `overdue report --since DAY`: how the policy was kept.

use super::{
    Exit,
    args::{DiffFormat, Global, ReportArgs},
    environment,
    exit::Failure,
    output::print,
    policy,
    scan::view,
};
use crate::{
    advisory::Store,
    scan::{ScanRequest, compliance},
};

/// Reports.
///
/// # Errors
/// When there is no history, or the advisory data cannot be trusted.
pub(super) fn run(args: &ReportArgs, global: &Global, store: Store) -> Result<Exit, Failure> {
    let as_of = args.as_of.unwrap_or_else(environment::now);
    if args.since > as_of {
        return Err(Failure::usage(format!("--since {} is later than {}, at which it would end", args.since.date(), as_of.date())));
    }
    let request = ScanRequest {
        policies: policy::load(&args.policy, &args.targets, None)?,
        no_dev: args.wanted.no_dev,
        environment: args.wanted.environment(),
        allow_empty: true,
        threads: global.jobs.map_or_else(environment::threads, usize::from),
        ..ScanRequest::new(args.targets.clone(), store, as_of)
    };
    let compliance = compliance(&request, args.since, &args.branch)?;
    let mut bytes = Vec::new();
    let written = match args.format {
        DiffFormat::Table => compliance.table(&view(args.width, global), &mut bytes),
        DiffFormat::Json => compliance.json(&mut bytes),
    };
    written.map_err(|error| Failure::usage(format!("cannot write the report: {error}")))?;
    print(&bytes).map(|()| Exit::Success)
}
