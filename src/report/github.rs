//! Annotations for GitHub Actions, as workflow commands. What others wrote (package names, file names) is escaped in
//! commands, and printed where commands are not read.

use std::io;

use super::{Judged, Placed, Renderer, Report, View, cures, images, phrases, places::Places, sarif::rules::level, unlooked};
use crate::{advisory::index::writer::sha256, model::Unchecked, policy::Standing, report::comparison::Change};

/// GitHub shows this many annotations of a kind and step.
const MOST: usize = 10;

/// `--format github`.
pub struct Github;

/// How many of them what was not looked at has for sure.
const FOR_UNLOOKED: usize = 3;

/// The kinds of annotation.
const KINDS: [&str; 3] = ["error", "warning", "notice"];

/// An annotation.
struct Annotation {
    kind: &'static str,
    file: Option<String>,
    line: Option<u32>,
    title: String,
    message: String,
    /// Whether it is about what was not looked at.
    unlooked: bool,
}

impl Renderer for Github {
    fn name(&self) -> &'static str {
        "github"
    }

    fn render(&self, report: &Report, _view: &View, out: &mut dyn io::Write) -> io::Result<Vec<String>> {
        let annotations = annotations(report);
        let mut left_out = Vec::new();
        for kind in KINDS {
            let all: Vec<&Annotation> = annotations.iter().filter(|annotation| annotation.kind == kind).collect();
            // What was not looked at has a few of the places, however much was found.
            let (unlooked, found): (Vec<&Annotation>, Vec<&Annotation>) = all.iter().partition(|annotation| annotation.unlooked);
            let for_found = MOST - FOR_UNLOOKED.min(unlooked.len());
            for annotation in found.iter().take(for_found.max(MOST.saturating_sub(unlooked.len()))).chain(&unlooked).take(MOST) {
                writeln!(out, "{}", command(annotation))?;
            }
            if all.len() > MOST {
                left_out.push(phrases::count((all.len() - MOST) as u64, kind));
            }
        }
        let mut text = phrases::safe(&phrases::whole_verdict(report));
        if !left_out.is_empty() {
            text.push_str(&format!("\nnot shown as annotations: {}", left_out.join(", ")));
        }
        // Nobody can know the token before the text is whole, so the text cannot end the guard.
        let token = sha256(text.as_bytes());
        writeln!(out, "::stop-commands::{token}\n{text}\n::{token}::")?;
        Ok(Vec::new())
    }
}

/// What is new first, where that is known; then by tier; then what was not checked.
fn annotations(report: &Report) -> Vec<Annotation> {
    let places = Places::new(report);
    let mut findings: Vec<(usize, &Judged)> = report.findings.iter().enumerate().collect();
    findings.retain(|(_, judged)| judged.judgement.standing != Standing::Excepted);
    findings.sort_by_key(|(at, judged)| (report.change(*at).is_some_and(|change| change != Change::New), judged.judgement.tier));
    let findings = findings.into_iter().map(|(_, judged)| of_finding(&places, judged));
    let unlooked = report.unchecked_files_first().map(|placed| of_unchecked(report, &places, placed));
    let stale = report.data.iter().filter(|data| data.stale).map(|data| Annotation {
        kind: "warning",
        file: None,
        line: None,
        title: "old advisories".to_owned(),
        message: format!("The advisories are too old to rely on: {}", phrases::data(data, report.as_of)),
        unlooked: true,
    });
    let checks = report.checks.iter().map(|check| Annotation {
        kind: "warning",
        file: check.path.clone().filter(|path| !path.starts_with("..") && !path.starts_with('/')),
        line: check.line,
        title: format!("configuration: {}", check.kind.as_str()),
        message: format!("{}. Cure: {}", check.message, check.cure),
        unlooked: true,
    });
    findings.chain(stale).chain(checks).chain(unlooked).collect()
}

fn of_finding(places: &Places<'_>, judged: &Judged) -> Annotation {
    let finding = &judged.finding;
    let location = finding.locations.first();
    let file = location.and_then(|location| places.file(finding.target, &location.path));
    // Of a release the line is not that of the file at hand.
    let location = location.filter(|_| !places.is_release(finding.target));
    let cure = cures::of(finding);
    let release =
        places.release(finding.target).map_or(String::new(), |release| format!(" The supported release {} ships it.", release.tag));
    let layer = finding.layer.as_ref().map_or(String::new(), |layer| format!(" Brought by {}.", images::layer(layer)));
    let let_in = phrases::let_in(finding).map_or(String::new(), |let_in| format!(" The requirement {let_in}."));
    Annotation {
        kind: match level(judged) {
            "error" => "error",
            "warning" => "warning",
            _ => "notice",
        },
        line: location.filter(|_| file.is_some()).map(|location| location.line),
        file: file.or_else(|| places.any_file(finding.target)),
        title: phrases::shorten(&format!("{} {}", finding.name, finding.wanted), phrases::LONGEST_NAME),
        message: format!(
            "{}.{release}{layer}{let_in}{}",
            phrases::title(judged),
            cure.map_or(String::new(), |cure| format!(" Cure: {cure}"))
        ),
        unlooked: false,
    }
}

fn of_unchecked(report: &Report, places: &Places<'_>, unchecked: &Placed<Unchecked>) -> Annotation {
    let Placed { target, item } = unchecked;
    Annotation {
        kind: if report.accepted.contains_key(unchecked) { "notice" } else { "warning" },
        file: places.file(*target, &item.path),
        line: item.line,
        title: format!("not checked: {}", if item.packages == 0 { &item.path } else { &item.subject }),
        unlooked: true,
        message: format!("{}: {}{}", item.reason.phrase(), item.detail, unlooked::accepted(report, unchecked)),
    }
}

/// `::error file=a,line=1,title=b::c`.
fn command(annotation: &Annotation) -> String {
    let mut properties = Vec::new();
    properties.extend(annotation.file.as_ref().map(|file| format!("file={}", property(file))));
    properties.extend(annotation.line.map(|line| format!("line={line}")));
    properties.push(format!("title={}", property(&annotation.title)));
    format!("::{} {}::{}", annotation.kind, properties.join(","), data(&phrases::shorten(&annotation.message, phrases::LONGEST_TEXT)))
}

/// Escapes what a command says.
fn data(text: &str) -> String {
    phrases::safe(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes what a command's property says.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn no_text_ends_a_command_or_a_property() {
        assert_eq!(property("a,b:c%0A::error::d"), "a%2Cb%3Ac%250A%3A%3Aerror%3A%3Ad");
        assert!(!data("a\n::error::b\r").contains(['\n', '\r']));
    }
}
