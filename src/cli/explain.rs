//! `overdue explain ID`: all that the data at hand says of an advisory.

use std::path::Path;

use super::{
    Exit,
    args::{ExplainArgs, Global},
    db::at_hand,
    environment,
    exit::Failure,
    output::print,
    policy,
    scan::{read_report, view},
};
use crate::{
    advisory::{IndexError, Record, Store, feed::Feeds, index::Stored},
    matching::cves,
    model::{AdvisoryId, Certainty, Ecosystem, Finding, Timestamp, Wanted},
    policy::{Circumstances, Policy, judge},
    report::{Judged, explain::Explanation},
};

/// Explains.
///
/// # Errors
/// When nothing at hand bears the id, or what is at hand is damaged.
pub fn run(args: &ExplainArgs, global: &Global, store: &Store) -> Result<Exit, Failure> {
    let policy = policy::in_force(&args.policy, Path::new("."))?;
    let asked = args.id.trim();
    let ecosystems = at_hand(store)?;
    let (mut records, mut withdrawn) = (Vec::new(), Vec::new());
    for ecosystem in &ecosystems {
        gather(store, ecosystem, asked, &mut records, &mut withdrawn)?;
    }
    if records.is_empty() && withdrawn.is_empty() {
        let names: Vec<&str> = ecosystems.iter().map(Ecosystem::as_str).collect();
        let message = format!("nothing at hand bears the id {asked}; there are advisories about {}", names.join(", "));
        return Err(Failure::usage(message).hint("`overdue db update` brings in newer advisories"));
    }
    records.sort_by(|(a, ea), (b, eb)| (&a.id, ea, &a.name, &a.release).cmp(&(&b.id, eb, &b.name, &b.release)));
    let feeds = Feeds::open(store.folder())?;
    let now = args.as_of.unwrap_or_else(environment::now);
    let judged =
        records.into_iter().map(|(record, ecosystem)| judged(record, ecosystem, &feeds, &policy, now)).collect::<Result<_, _>>()?;
    let explanation = Explanation { records: judged, withdrawn, found: found(args, asked)? };
    let mut bytes = Vec::new();
    let written = explanation.write(&view(args.width, global), &mut bytes);
    written.map_err(|error| Failure::usage(format!("cannot write the explanation: {error}")))?;
    print(&bytes).map(|()| Exit::Success)
}

/// All records of an ecosystem that bear the id, as their own or as another name.
fn gather(
    store: &Store,
    ecosystem: &Ecosystem,
    asked: &str,
    records: &mut Vec<(Record, Ecosystem)>,
    withdrawn: &mut Vec<Stored>,
) -> Result<(), IndexError> {
    let Some(index) = store.open(ecosystem)? else { return Ok(()) };
    let is_asked = |id: &AdvisoryId| id.0.eq_ignore_ascii_case(asked);
    index.each_record(&mut |record| {
        let mut ids = std::iter::once(&record.id).chain(&record.group).chain(&record.aliases).chain(&record.upstream);
        if ids.any(is_asked) {
            records.push((record, ecosystem.clone()));
        }
    })?;
    index.each_stated(&mut |stated| {
        let advisory = &stated.advisory;
        if advisory.withdrawn.is_some() && std::iter::once(&advisory.id).chain(&advisory.aliases).any(is_asked) {
            withdrawn.push(stated);
        }
    })
}

/// What the policy in force would make of it if it were found.
fn judged(record: Record, ecosystem: Ecosystem, feeds: &Feeds, policy: &Policy, now: Timestamp) -> Result<(Record, Judged), IndexError> {
    let mut finding = Finding {
        target: 0,
        id: record.id.clone(),
        aliases: record.group.iter().chain(&record.aliases).filter(|id| **id != record.id).cloned().collect(),
        records: vec![record.id.clone()],
        upstream: record.upstream.clone(),
        kind: record.kind,
        summary: record.summary.clone(),
        categories: record.categories.clone(),
        cwes: record.cwes.clone(),
        ecosystem,
        name: record.name.clone(),
        source_package: None,
        wanted: Wanted::Version(String::new()),
        groups: Vec::new(),
        marker: None,
        admitted: None,
        certainty: Certainty::Affected,
        manifest: String::new(),
        locations: Vec::new(),
        layer: None,
        dependency_path: None,
        grade: record.grade.clone(),
        exploited: None,
        epss: None,
        published: record.published,
        modified: record.modified,
        fixed_versions: Vec::new(),
        cure: None,
        package_cure: None,
    };
    cves::complete(&mut finding, feeds)?;
    let judgement = judge(&finding, policy, &Circumstances::default(), now);
    Ok((record, Judged { finding: Box::new(finding), judgement, policy: 0 }))
}

fn found(args: &ExplainArgs, asked: &str) -> Result<Option<Vec<crate::report::comparison::Entry>>, Failure> {
    let Some(file) = &args.report else { return Ok(None) };
    let mut entries = read_report(file)?.entries;
    entries.retain(|entry| entry.ids.iter().any(|id| id.0.eq_ignore_ascii_case(asked)));
    Ok(Some(entries))
}
