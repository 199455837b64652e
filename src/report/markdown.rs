//! Markdown for a job's summary: the verdict, what is overdue, then tier by tier, then what was not looked at.

use std::io;

use super::{
    Check, Judged, Placed, Renderer, Report, View, configuration, cures, images, links, phrases, places::Places, promises, supported,
    unlooked,
};
use crate::{
    model::{Unchecked, unchecked::Why},
    policy::{Standing, Tier, TierReason},
};

/// GitHub refuses a summary of more than 1024 KiB whole; this leaves room for what else the step writes.
const LARGEST: usize = 900 * 1024;
/// What of that is kept for what was not looked at.
const RESERVED: usize = 100 * 1024;

/// Characters of a cell.
const LONGEST_CELL: usize = 400;

/// `--format markdown`.
pub struct Markdown;

impl Renderer for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn render(&self, report: &Report, _view: &View, out: &mut dyn io::Write) -> io::Result<Vec<String>> {
        let mut page = Page { text: String::new(), largest: LARGEST - RESERVED };
        head(report, &mut page);
        releases(report, &mut page);
        findings(report, &mut page);
        page.largest = LARGEST;
        checks(report, &mut page);
        not_checked(report, &mut page);
        out.write_all(page.text.as_bytes())?;
        Ok(Vec::new())
    }
}

/// Text that grows up to a limit, and never by half a row.
struct Page {
    text: String,
    largest: usize,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A table under a heading, as many of its rows as have room, and how many have none.
    fn table(&mut self, heading: &str, columns: &[&str], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return;
        }
        self.line(&format!("\n### {heading} ({})\n", rows.len()));
        self.line(&format!("| {} |", columns.join(" | ")));
        self.line(&format!("|{}", "---|".repeat(columns.len())));
        let mut left_out = 0;
        for row in rows {
            let row = format!("| {} |", row.join(" | "));
            if self.text.len() + row.len() > self.largest {
                left_out += 1;
            } else {
                self.line(&row);
            }
        }
        if left_out > 0 {
            self.line(&format!("\n{left_out} more are left out here, for want of room; the JSON report has them all."));
        }
    }
}

fn head(report: &Report, page: &mut Page) {
    page.line(&format!("## overdue: {}\n", escape(&phrases::whole_verdict(report))));
    if report.gate.tripped() || report.compared.is_some() {
        page.line(&format!("**Gate** {}  ", escape(&phrases::gate(report))));
    }
    if let Some(diff) = &report.compared {
        page.line(&format!("**Compared** with {}: {}  ", escape(&diff.before.label), escape(&diff.counts())));
    }
    for line in promises::policies(report) {
        page.line(&format!("**Policy** {}  ", escape(&line)));
    }
    if !report.data.is_empty() {
        let data: Vec<String> = report.data.iter().map(|data| phrases::data(data, report.as_of)).collect();
        page.line(&format!("**Advisories** {}", escape(&data.join(", "))));
    }
}

fn findings(report: &Report, page: &mut Page) {
    let places = Places::new(report);
    let all: Vec<(usize, &Judged)> = report.findings.iter().enumerate().collect();
    let rows = |wanted: &dyn Fn(&Judged) -> bool| {
        let wanted = all.iter().filter(|(_, judged)| wanted(judged));
        wanted.map(|(at, judged)| row(report, &places, *at, judged)).collect::<Vec<_>>()
    };
    let columns = ["tier", "CVSS", "package", "advisory", "due", "cure", "where"];
    let standing = |judged: &Judged| judged.judgement.standing;
    let is_security = |judged: &Judged| judged.finding.kind.is_security();
    page.table("Overdue", &columns, &rows(&|judged| standing(judged) == Standing::Overdue));
    for (heading, tier) in
        [("Critical", Tier::Critical), ("High", Tier::High), ("Medium", Tier::Medium), ("Low", Tier::Low), ("Score 0.0", Tier::None)]
    {
        let open = |judged: &Judged| !matches!(standing(judged), Standing::Overdue | Standing::Excepted);
        page.table(heading, &columns, &rows(&|judged| is_security(judged) && judged.judgement.tier == tier && open(judged)));
    }
    page.table("Informational", &columns, &rows(&|judged| !is_security(judged) && standing(judged) != Standing::Excepted));
    page.table("Excepted", &columns, &rows(&|judged| standing(judged) == Standing::Excepted));
}

/// What is wrong with the configuration.
fn checks(report: &Report, page: &mut Page) {
    let row = |check: &Check| vec![cell(&configuration::sentence(check)), cell(&check.cure)];
    page.table("Configuration", &["what", "cure"], &report.checks.iter().map(row).collect::<Vec<_>>());
}

/// The supported releases.
fn releases(report: &Report, page: &mut Page) {
    let cells = |row: Vec<String>| row.iter().map(|text| cell(text)).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = supported::rows(report).into_iter().map(cells).collect();
    page.table("Releases", &supported::HEADS, &rows);
    for uncovered in report.supported.iter().flat_map(|supported| &supported.uncovered) {
        page.line(&format!("\n**Not covered** {}", escape(&supported::not_covered(report, uncovered))));
    }
}

fn row(report: &Report, places: &Places<'_>, at: usize, judged: &Judged) -> Vec<String> {
    let (finding, judgement) = (&judged.finding, &judged.judgement);
    let tier = phrases::tier(judged);
    let change = report.change(at).map_or(String::new(), |change| format!(" **{}**", change.as_str()));
    let score = match (finding.grade.score, judgement.tier_reason) {
        (Some(tenths), _) => phrases::score(tenths),
        (None, TierReason::Unscored) => "unscored".to_owned(),
        (None, _) => String::new(),
    };
    // Days, and no lengths of time: a page is read when it is read.
    let due = match (&judgement.no_deadline, judgement.fix_by.or(judgement.respond_by)) {
        (Some(reason), _) => promises::no_deadline(reason).unwrap_or_default(),
        (None, Some(due)) => due.date(),
        (None, None) if judgement.standing == Standing::OnTrack => "next release".to_owned(),
        (None, None) => String::new(),
    };
    let due = [due, promises::by_file(judged)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let due = match &judgement.exception {
        Some(exception) => format!("excepted until {}: {}", exception.expires.date(), exception.reason),
        None => due,
    };
    let cure = match cures::of(finding) {
        Some(cure) => cell(&cure),
        None if finding.kind.is_security() => "no fix".to_owned(),
        None => String::new(),
    };
    let place = |location: &crate::model::Location| {
        if report.targets.get(finding.target).is_some_and(|target| target.release.is_some()) {
            return format!("{}:{}", phrases::place(report, finding.target, &location.path), location.line);
        }
        places.file(finding.target, &location.path).map_or_else(|| location.path.clone(), |file| format!("{file}:{}", location.line))
    };
    let mut places: Vec<String> = finding.locations.iter().map(place).collect();
    places.extend(finding.layer.as_ref().map(|layer| images::layer(layer)));
    vec![
        format!("{tier}{change}"),
        score,
        cell(&format!("{} {}", finding.name, finding.wanted)),
        format!("{} {}", links::markdown(&finding.id), cell(&phrases::headline(finding))),
        cell(&due),
        cure,
        cell(&places.join(", ")),
    ]
}

fn not_checked(report: &Report, page: &mut Page) {
    let place = |target: usize, path: &str| report.from_root(target, path);
    let row = |placed: &Placed<Unchecked>| {
        let item = &placed.item;
        let line = item.line.map_or(String::new(), |line| format!(":{line}"));
        let place = format!("{}{line}", place(placed.target, &item.path));
        vec![
            cell(if placed.item.packages == 0 { "the file" } else { &item.subject }),
            cell(&place),
            cell(&format!("{}: {}{}", item.reason.phrase(), item.detail, unlooked::accepted(report, placed))),
        ]
    };
    page.table("Not checked", &["what", "where", "why"], &report.unchecked_files_first().map(row).collect::<Vec<_>>());
    let passed_over = report.skipped.iter().filter(|placed| placed.item.why != Why::Usual);
    let row = |placed: &Placed<crate::model::Skipped>| vec![cell(&place(placed.target, &placed.item.path)), cell(&placed.item.reason)];
    page.table("Passed over", &["where", "why"], &passed_over.map(row).collect::<Vec<_>>());
}

/// Text for a cell of a table, which is not for reading books in.
fn cell(text: &str) -> String {
    escape(&phrases::shorten(text, LONGEST_CELL))
}

/// Text in which Markdown and HTML see nothing of their own: no markup, no table border, no mention, no address.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in phrases::safe(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '!' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.replace("://", "&#58;//").replace("www.", "www&#46;")
}

#[cfg(test)]
mod tests {
    use super::{Page, escape};

    #[test]
    fn nothing_in_a_cell_is_markup() {
        assert_eq!(
            escape("a|b `c` <img src=x> [d](https://e) @f www.g\nh"),
            "a\\|b \\`c\\` &lt;img src=x&gt; \\[d\\](https&#58;//e) &#64;f www&#46;g\u{fffd}h"
        );
    }

    #[test]
    fn a_table_ends_at_a_row_and_says_so() {
        let mut page = Page { text: String::new(), largest: 80 };
        let rows: Vec<Vec<String>> = (0..100).map(|at| vec![format!("row {at:03}")]).collect();
        page.table("Many", &["name"], &rows);
        let shown = page.text.lines().filter(|line| line.starts_with("| row")).count();
        assert!(shown > 0 && page.text.contains(&format!("\n{} more are left out", 100 - shown)), "{}", page.text);
        assert!(page.text.lines().filter(|line| line.starts_with('|')).all(|line| line.ends_with('|')));
    }
}
