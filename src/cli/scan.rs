//! `overdue scan`: from arguments to a request, from a report to files, stdout and an exit code.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use super::{
    Exit,
    args::{Global, SarifArgs, ScanArgs, ScoreChoice, When},
    environment,
    exit::Failure,
    image,
    output::{print_with, tell},
    policy, record, update,
};
use crate::{
    advisory::{Store, feed::Feed},
    report::{
        CheckKind, Detail, Report, View, baseline,
        comparison::Side,
        phrases, renderer,
        sarif::{SarifOptions, SarifScore},
    },
    scan::{Against, ScanRequest, scan_watched},
    tree::Limits,
};

/// Scans and reports.
///
/// # Errors
/// What leaves nothing to report.
pub fn run(args: &ScanArgs, global: &Global, store: Store) -> Result<Exit, Failure> {
    if args.refresh.update && args.refresh.offline {
        return Err(Failure::usage("--update needs the network, and --offline (or OVERDUE_OFFLINE) forbids it"));
    }
    // Layers are judged, as all images are, by what is found from the working directory on.
    let here = [".".to_owned()];
    let judged = if args.targets.is_empty() { &here[..] } else { &args.targets };
    let policies = policy::load(&args.policy, judged, args.new_since.as_ref())?;
    if args.refresh.update {
        update::before_scan(args.refresh.from.as_ref(), global.quiet, &store)?;
    }
    let asks = match &args.fail_on {
        Some(fail_on) => fail_on.needs_catalogue(),
        None => policies.projects.iter().any(|project| project.layered.needs_catalogue()),
    };
    if asks && !Feed::Exploited.file(store.folder()).exists() {
        let hint = "`overdue db update` brings in the catalogue (CISA's KEV); `overdue db import FILE` takes it from disk";
        return Err(Failure::usage("--fail-on exploited: nothing at hand says what is known to be exploited").hint(hint));
    }
    let mut request = ScanRequest {
        targets: args.targets.clone(),
        store,
        policies,
        as_of: args.as_of.unwrap_or_else(environment::now),
        max_db_age: args.max_db_age,
        fail_on: args.fail_on.clone(),
        allow_admitted: args.allow_admitted,
        supported: args.besides.supported,
        rust_version: args.rust_version.clone(),
        no_dev: args.wanted.no_dev,
        environment: args.wanted.environment(),
        allow_empty: args.allow_empty,
        threads: global.jobs.map_or_else(environment::threads, usize::from),
        limits: Limits::default(),
        images: image::options(args)?,
        against: against(args)?,
    };
    if let Some(twice) = (1..args.output.len()).find(|at| args.output[..*at].iter().any(|other| other.file == args.output[*at].file)) {
        let file = args.output[twice].file.display();
        return Err(Failure::usage(format!("two reports for one file: {file}")).hint("give each --output a file of its own"));
    }
    if args.besides.record && request.as_of > environment::now() {
        return Err(Failure::usage("--record writes down what is seen now, and --as-of is later"));
    }
    let watch = image::Watched::new(global.quiet);
    let mut report = scan_watched(&request, &watch)?;
    if args.besides.record {
        // Judged by what is written down, as the next run will.
        record::run(&report, &mut request, global.quiet)?;
        drop(report);
        report = scan_watched(&request, &watch)?;
    }
    let view = View { sarif: sarif(&args.sarif), ..view(args.width, global) };
    let plain = View { sarif: view.sarif.clone(), ..View::default() };
    for output in &args.output {
        let cannot = |error: io::Error| Failure::usage(format!("cannot write {}: {error}", output.file.display()));
        let mut file = BufWriter::new(File::create(&output.file).map_err(cannot)?);
        render(&report, &output.format, &plain, &mut file).and_then(|()| file.flush()).map_err(cannot)?;
    }
    print_with(&mut |out| render(&report, &args.format, &view, out))?;
    hints(&report);
    Ok(Exit::of_report(&report, args.allow_unchecked))
}

fn against(args: &ScanArgs) -> Result<Against, Failure> {
    Ok(match (&args.baseline, &args.new_since) {
        (Some(file), _) => Against::Report(read_report(file)?),
        (None, Some(range)) => Against::Revision(range.clone()),
        (None, None) => Against::Nothing,
    })
}

/// Reads an earlier JSON report.
///
/// # Errors
/// When it is not there or no such report; it is never taken for an empty one.
pub fn read_report(file: &Path) -> Result<Side, Failure> {
    let hint = "make it with `overdue scan --format json`, and keep it where this run finds it";
    let failed = |error: String| Failure::usage(format!("cannot compare with {}: {error}", file.display())).hint(hint);
    let bytes = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
    baseline::read_report(&file.display().to_string(), &bytes).map_err(|error| failed(error.to_string()))
}

/// How the person at the terminal looks at it.
#[must_use]
pub fn view(width: Option<u16>, global: &Global) -> View {
    View {
        width: width.or_else(environment::width),
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
        sarif: SarifOptions::default(),
    }
}

fn sarif(args: &SarifArgs) -> SarifOptions {
    SarifOptions {
        score: match args.score {
            ScoreChoice::Policy => SarifScore::Policy,
            ScoreChoice::Cvss => SarifScore::Cvss,
        },
        suppressed: args.suppressed,
        category: args.category.clone(),
    }
}

/// Writes a report as it is made: it may be very long.
fn render(report: &Report, format: &str, view: &View, out: &mut dyn Write) -> io::Result<()> {
    let renderer = renderer(format).ok_or_else(|| io::Error::other(format!("unknown format {format}")))?;
    for notice in renderer.render(report, view, out)? {
        tell(&format!("warning: {format}: {}", phrases::safe(&notice)));
    }
    Ok(())
}

/// What a person may want to do next; on stderr, because it is no part of the report.
fn hints(report: &Report) {
    let asks_for_overdue = report.gate.fail_on.split([',', ';', ' ']).any(|word| word == "overdue");
    let is_loud = |kind: CheckKind| kind == CheckKind::NoDeadline || (kind == CheckKind::ReleasesUnknown && asks_for_overdue);
    for check in report.checks.iter().filter(|check| is_loud(check.kind)) {
        tell(&format!("WARNING: {}", phrases::safe(&check.message)));
        tell(&format!("WARNING: {}", phrases::safe(&check.cure)));
    }
    let stale: Vec<&str> = report.data.iter().filter(|data| data.stale).map(|data| data.metadata.ecosystem.as_str()).collect();
    let feeds: Vec<&str> = report.feeds.iter().filter(|used| used.stale).map(|used| used.metadata.feed.name()).collect();
    if !feeds.is_empty() {
        tell(&format!("hint: {} is older than --max-db-age; `overdue db update` brings in what is new", feeds.join(" and ")));
    }
    if !stale.is_empty() {
        tell(&format!(
            "hint: the advisories for {} are older than --max-db-age; `overdue db update` brings in newer ones",
            stale.join(", ")
        ));
    }
}
