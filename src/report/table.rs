//! The terminal report: what is late, what is due next, the rest; the cure; what was not looked at; one verdict line.

use std::io;

use super::{
    Detail, Judged, Renderer, Report, Verdict, View,
    columns::{Column, FIXED, Layout, labelled},
    configuration, covered, cures, images, phrases, promises, supported, unlooked,
};
use crate::{
    model::Location,
    policy::{Standing, TierReason},
};

/// `--format table`.
pub struct Table;

/// Tier, score, package, advisory, due, by whose word, cure, place, headline, way: in the order of their worth.
const COLUMNS: [Column; 10] = [
    FIXED,
    FIXED,
    Column { shortest: Some(22), ..FIXED },
    FIXED,
    Column { optional: true, ..FIXED },
    Column { shortest: Some(14), optional: true, keeps_its_end: true },
    Column { shortest: Some(12), optional: true, ..FIXED },
    Column { shortest: Some(18), optional: true, keeps_its_end: true },
    Column { shortest: Some(24), optional: true, ..FIXED },
    Column { shortest: Some(24), optional: true, ..FIXED },
];
/// The column of places.
const PLACE: usize = 7;
/// The column of due dates.
const DUE: usize = 4;
/// The column of whose word it is.
const BY: usize = 5;
/// The column of what it is about, and why it stands where it does.
const HEADLINE: usize = 8;

impl Renderer for Table {
    fn name(&self) -> &'static str {
        "table"
    }

    fn render(&self, report: &Report, view: &View, out: &mut dyn io::Write) -> io::Result<Vec<String>> {
        if view.detail > Detail::Verdict {
            head(report, view, out)?;
            supported::write(report, view, out)?;
            findings(report, view, out)?;
            cures::write(report, view, out)?;
            covered::write(report, view, out)?;
            unlooked::write(report, view, out)?;
            configuration::write(report, view, out)?;
        }
        verdict(report, view, out)?;
        Ok(Vec::new())
    }
}

fn head(report: &Report, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
    for line in promises::policies(report) {
        writeln!(out, "{}", labelled("policy", &line, view.width))?;
    }
    for at in 0..report.targets.len() {
        if let Some(about) = images::about(report, at) {
            writeln!(out, "{}", labelled("image", &phrases::safe(&about), view.width))?;
        }
    }
    if !report.data.is_empty() {
        let data: Vec<String> = report.data.iter().map(|data| phrases::data(data, report.as_of)).collect();
        writeln!(out, "{}", labelled("advisories", &data.join(", "), view.width))?;
    }
    Ok(())
}

fn findings(report: &Report, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
    // Sections of one kind share their columns; the informational ones have longer words in the first.
    let layout = |security: bool| {
        let wanted = report.findings.iter().filter(|judged| judged.finding.kind.is_security() == security);
        Layout::fit(&COLUMNS, &wanted.map(|judged| row(judged, report)).collect::<Vec<_>>(), view.width)
    };
    let standing = |wanted| report.standing(wanted).collect();
    let page = Page { report, view, layout: layout(true) };
    page.section(&Section { title: "OVERDUE", due: "since", colour: Some("31"), findings: standing(Standing::Overdue) }, out)?;
    page.section(&Section { title: "DUE NEXT", due: "", colour: Some("33"), findings: standing(Standing::DueSoon) }, out)?;
    page.section(&Section { title: "ON TRACK", due: "by", colour: None, findings: standing(Standing::OnTrack) }, out)?;
    page.section(&Section { title: "NO DEADLINE", due: "", colour: None, findings: standing(Standing::NoDeadline) }, out)?;
    page.section(&Section { title: "EXCEPTED", due: "", colour: None, findings: standing(Standing::Excepted) }, out)?;
    let page = Page { layout: layout(false), ..page };
    page.section(&Section { title: "INFORMATIONAL", due: "", colour: None, findings: report.informational().collect() }, out)
}

/// What all sections of a kind share.
struct Page<'a> {
    report: &'a Report,
    view: &'a View,
    layout: Layout,
}

/// Findings under a heading.
struct Section<'a> {
    title: &'static str,
    /// What the dates below say.
    due: &'static str,
    colour: Option<&'static str>,
    findings: Vec<&'a Judged>,
}

impl Page<'_> {
    fn section(&self, section: &Section<'_>, out: &mut dyn io::Write) -> io::Result<()> {
        let Page { report, view, layout } = self;
        if section.findings.is_empty() {
            return Ok(());
        }
        let title_and_count = format!("{} {}", section.title, section.findings.len());
        let heading = match layout.start(DUE) {
            Some(start) if start > title_and_count.len() => format!("{title_and_count:<start$}{}", section.due),
            _ => title_and_count,
        };
        writeln!(out)?;
        writeln!(out, "{}", view.paint(heading.trim_end(), section.colour))?;
        let several = phrases::manifests(report).len() > 1;
        for judged in &section.findings {
            for line in layout.lines(&[row(judged, report)]) {
                writeln!(out, "{line}")?;
            }
            // Where the same package may stand in several files, its place is not to be missed.
            let below = self.below(judged, several);
            if !below.is_empty() {
                writeln!(out, "{}", labelled("", &below, view.width))?;
            }
            if view.detail == Detail::Everything {
                writeln!(out, "{}", labelled("", &particulars(judged), view.width))?;
            }
        }
        Ok(())
    }
}

impl Page<'_> {
    /// What is not to be missed of a finding, where its columns have no room: whose word makes it late or due next, and
    /// where several files may have the package, which one does.
    fn below(&self, judged: &Judged, several: bool) -> String {
        let Page { report, view, layout } = self;
        let row = row(judged, report);
        let is_urgent = matches!(judged.judgement.standing, Standing::Overdue | Standing::DueSoon);
        let everything = view.detail == Detail::Everything;
        let by = layout.start(BY).is_none() && (is_urgent || everything);
        let place = layout.start(PLACE).is_none() && (several || everything);
        // What is excepted is never shown without the reason.
        let why = judged.judgement.exception.as_ref().filter(|_| layout.start(HEADLINE).is_none());
        let parts = [by.then(|| row[BY].clone()), place.then(|| row[PLACE].clone()), why.map(|exception| phrases::safe(&exception.reason))];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
    }
}

fn row(judged: &Judged, report: &Report) -> Vec<String> {
    let (finding, judgement) = (&judged.finding, &judged.judgement);
    let tier = phrases::tier(judged);
    let score = match (finding.grade.score, judgement.tier_reason) {
        (Some(tenths), _) => phrases::score(tenths),
        (None, TierReason::Unscored | TierReason::Example) => "?".to_owned(),
        (None, _) => "-".to_owned(),
    };
    let cure = match (&finding.cure, finding.kind.is_security()) {
        _ if finding.wanted.version().is_none() => phrases::safe(&cures::in_short(finding)),
        (Some(version), _) => format!("-> {}", phrases::safe(version)),
        (None, true) => "no fix".to_owned(),
        (None, false) => "-".to_owned(),
    };
    let place = |l: &Location| format!("{}:{}", phrases::place(report, finding.target, &l.path), l.line);
    let mut places: Vec<String> = finding.locations.iter().map(place).collect();
    // Who brought it says more than the file that lists it.
    if let Some(layer) = &finding.layer {
        places = vec![images::layer(layer)];
    }
    vec![
        tier.to_owned(),
        score,
        phrases::safe(&format!("{} {}", finding.name, finding.wanted)),
        phrases::safe(&finding.id.0),
        promises::due(judged, report.as_of),
        promises::by_file(judged),
        cure,
        phrases::safe(&places.join(", ")),
        promises::story(judged),
        phrases::safe(&finding.dependency_path.as_ref().map_or(String::new(), |path| way(path))),
    ]
}

/// `app > chrono > time`: names only, the versions are in their own rows.
fn way(path: &[String]) -> String {
    let name = |label: &String| label.split(' ').next().unwrap_or_default().to_owned();
    path.iter().map(name).collect::<Vec<_>>().join(" > ")
}

/// What `-v` adds below a finding.
fn particulars(judged: &Judged) -> String {
    let (finding, judgement) = (&judged.finding, &judged.judgement);
    let mut parts = Vec::new();
    if !finding.aliases.is_empty() {
        parts.push(finding.aliases.iter().map(|id| id.0.as_str()).collect::<Vec<_>>().join(", "));
    }
    parts.push(match &finding.grade.source {
        Some(source) => format!("graded by {source}{}", finding.grade.vector.as_ref().map_or(String::new(), |v| format!(" {v}"))),
        None if judgement.tier_reason == TierReason::Unscored => format!("graded by nobody, judged as {}", judgement.tier.as_str()),
        None => format!("tier by {}", judgement.tier_reason.as_str()),
    });
    parts.extend(phrases::wanted_when(finding).map(|when| format!("wanted {when}")));
    if judgement.tier_reason == TierReason::Exploited {
        parts.push("in its tier because it is known to be exploited".to_owned());
    }
    // Its column has the layer.
    parts.extend(finding.layer.as_ref().map(|_| format!("in /{}", finding.manifest)));
    if let Some(estimate) = finding.epss {
        parts.push(phrases::epss(estimate));
    }
    if let Some(example) = &judgement.example {
        parts.push(promises::example(example));
    }
    if let Some(by) = &judgement.judged_by {
        let aim = if by.soft { ", an aim" } else { "" };
        let stage = by.stage.map(|stage| format!("{} deadline{aim}", stage.as_str()));
        parts.extend(promises::stated_by(by).zip(stage).map(|(whose, stage)| format!("{whose}: {stage}")));
    }
    if let Some(started) = judgement.started {
        parts.push(format!("{} {}", judgement.basis.as_str(), started.date()));
    }
    parts.extend(judgement.fallback.as_ref().map(|why| format!("not the clock that was chosen: {why}")));
    if let Some(response) = &judgement.response {
        let note = response.note.as_ref().map_or(String::new(), |note| format!(": {note}"));
        parts.push(format!("answered for on {} ({}:{}){note}", response.at.date(), response.file, response.line));
    }
    parts.extend(judgement.no_deadline.as_ref().and_then(promises::no_deadline));
    phrases::safe(&parts.join("; "))
}

fn verdict(report: &Report, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
    if view.detail > Detail::Verdict {
        writeln!(out)?;
        let (graded, by_example, unscored) = report.graded();
        if by_example + unscored > 0 {
            let mut parts = vec![format!("{graded} graded")];
            parts.extend((by_example > 0).then(|| format!("{by_example} unscored in the tier of an example")));
            parts.extend((unscored > 0).then(|| format!("{unscored} unscored judged as {}", promises::unscored_as(report))));
            writeln!(out, "{}", labelled("grades", &parts.join(", "), view.width))?;
        }
        if let Some(diff) = &report.compared {
            diff.summary(view, out)?;
        }
        if report.gate.tripped() || report.compared.is_some() || report.gate.of_base > 0 {
            writeln!(out, "{}", labelled("gate", &phrases::gate(report), view.width))?;
        }
    }
    let colour = match report.verdict {
        Verdict::Overdue => "31",
        Verdict::Open | Verdict::Incomplete => "33",
        Verdict::Clean => "32",
    };
    let text = phrases::whole_verdict(report);
    let label = if report.verdict == Verdict::Overdue { "overdue" } else { "verdict" };
    writeln!(out, "{}", view.paint(&labelled(label, &text, view.width), Some(colour)))
}
