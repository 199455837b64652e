//! One advisory, told in full: whom it is about, how bad, since when, what the policy makes of it, where it was found.

use std::io;

use super::{Judged, View, columns::labelled, comparison::Entry, phrases, promises};
use crate::{
    advisory::{Record, index::Stored},
    model::{Event, Range},
    severity::metrics::metrics,
};

/// What is known of an advisory.
pub struct Explanation {
    /// What its records say of packages, judged as if each were found.
    pub records: Vec<(Record, Judged)>,
    /// What was taken back under this id.
    pub withdrawn: Vec<Stored>,
    /// Where a report found it: the report's entries.
    pub found: Option<Vec<Entry>>,
}

impl Explanation {
    /// Writes it for a person.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
        let mut line = |label: &str, text: &str| writeln!(out, "{}", labelled(label, text, view.width));
        let mut before: Option<&(Record, Judged)> = None;
        for entry in &self.records {
            let (record, judged) = entry;
            let is_same = before.is_some_and(|(before, _)| before.id == record.id);
            if !is_same {
                if before.is_some() {
                    line("", "")?;
                }
                about(record, judged, &mut line)?;
            }
            // Entries of one record may be graded each by itself.
            if !before.is_some_and(|(_, before)| is_same && before.finding.grade == judged.finding.grade) {
                grade(judged, &mut line)?;
                line("policy", &promises::tier_and_promise(judged))?;
            }
            package(record, judged, &mut line)?;
            before = Some(entry);
        }
        for Stored { advisory, .. } in &self.withdrawn {
            let date = advisory.withdrawn.map_or(String::new(), |date| format!(" on {}", date.date()));
            let text = format!("{}{date}: it was taken back, and matches nothing", advisory.id);
            line("withdrawn", &phrases::safe(&text))?;
        }
        match &self.found {
            Some(found) if found.is_empty() => line("found", "nowhere in that report"),
            Some(found) => found.iter().try_for_each(|entry| {
                let place =
                    format!("{} {}, {}, {}", entry.name, entry.version, format_args!("{}:{}", entry.manifest, entry.line), entry.standing);
                line("found", &phrases::safe(&place))
            }),
            None => Ok(()),
        }
    }
}

/// Writes a labelled line.
type Line<'a> = dyn FnMut(&str, &str) -> io::Result<()> + 'a;

fn about(record: &Record, judged: &Judged, line: &mut Line<'_>) -> io::Result<()> {
    let finding = &judged.finding;
    let (kind, headline) = (record.kind.as_str(), phrases::headline(finding));
    let headline = if headline == kind { String::new() } else { format!(": {headline}") };
    line("advisory", &phrases::safe(&format!("{}, {kind}{headline}", record.id)))?;
    let others: Vec<&str> = record.group.iter().filter(|id| **id != record.id).map(|id| id.0.as_str()).collect();
    if !others.is_empty() {
        line("aliases", &phrases::safe(&others.join(", ")))?;
    }
    let upstream: Vec<&str> = record.upstream.iter().map(|id| id.0.as_str()).collect();
    if !upstream.is_empty() {
        line("upstream", &phrases::safe(&upstream.join(", ")))?;
    }
    let weak: Vec<&str> = record.categories.iter().chain(&record.cwes).map(String::as_str).collect();
    if !weak.is_empty() {
        line("weakness", &phrases::safe(&weak.join(", ")))?;
    }
    let date = |moment: Option<crate::model::Timestamp>| moment.map_or("unknown".to_owned(), crate::model::Timestamp::date);
    line("dates", &format!("published {}, modified {}", date(record.published), date(record.modified)))
}

fn package(record: &Record, judged: &Judged, line: &mut Line<'_>) -> io::Result<()> {
    let release = record.release.as_ref().map_or(String::new(), |release| format!(":{release}"));
    line("package", &phrases::safe(&format!("{} ({}{release})", record.name, judged.finding.ecosystem)))?;
    for range in &record.ranges {
        line("affected", &phrases::safe(&events(range)))?;
    }
    let versions: Vec<&str> = record.versions.iter().collect();
    if !versions.is_empty() {
        line("versions", &phrases::safe(&versions.join(", ")))?;
    }
    if !record.functions.is_empty() {
        line("functions", &phrases::safe(&record.functions.join(", ")))?;
    }
    Ok(())
}

/// `<0.5.0; >=1.0.0, <1.2.3; >=2.0.0`, in the record's order.
fn events(range: &Range) -> String {
    let mut spans: Vec<Vec<String>> = Vec::new();
    for event in &range.events {
        let bound = match event {
            Event::Introduced(version) if version == "0" => String::new(),
            Event::Introduced(version) => format!(">={version}"),
            Event::Fixed(version) => format!("<{version}"),
            Event::LastAffected(version) => format!("<={version}"),
            Event::Limit(version) => format!("below the limit {version}"),
        };
        match spans.last_mut() {
            Some(span) if !matches!(event, Event::Introduced(_)) => span.push(bound),
            _ => spans.push(vec![bound]),
        }
    }
    let told = |span: Vec<String>| {
        let bounds: Vec<String> = span.into_iter().filter(|bound| !bound.is_empty()).collect();
        if bounds.is_empty() { "all".to_owned() } else { bounds.join(", ") }
    };
    spans.into_iter().map(told).collect::<Vec<_>>().join("; ")
}

fn grade(judged: &Judged, line: &mut Line<'_>) -> io::Result<()> {
    let grade = &judged.finding.grade;
    let by = grade.source.as_ref().map_or(String::new(), |source| format!(", by {source}"));
    match (grade.score, &grade.label) {
        (Some(tenths), _) => line("grade", &phrases::safe(&format!("{}{by}", phrases::score(tenths))))?,
        (None, Some(label)) => line("grade", &phrases::safe(&format!("{label}{by}")))?,
        (None, None) => line("grade", "nobody has graded it")?,
    }
    if let Some(vector) = &grade.vector {
        line("", &phrases::safe(vector))?;
        for (name, value) in metrics(vector) {
            line("", &phrases::safe(&format!("{name}: {value}")))?;
        }
    }
    if let Some(entry) = &judged.finding.exploited {
        let due = entry.due.map_or(String::new(), |due| format!(", due for agencies by {}", due.date()));
        let ransomware = if entry.ransomware { ", in ransomware campaigns" } else { "" };
        line("exploited", &format!("known since {}{ransomware}{due} (CISA KEV)", entry.added.date()))?;
    }
    match judged.finding.epss {
        Some(estimate) => line("EPSS", &phrases::epss(estimate)),
        None => Ok(()),
    }
}
