//! What is understood of policy texts: `fixtures/security_md/NAME.md`, with the whole expected result beside it in
//! `NAME.expected`. A new case is two new files. `fixtures/security_md/README` tells the notation.

use std::fmt::Write as _;

use overdue::policy::{Deadline, Reading, reading::BoundsOrigin, security_md};

use crate::harness::{cases, fixture};

/// A reading in the notation of the fixtures, sorted.
fn notation(reading: &Reading) -> Vec<String> {
    let mut lines = Vec::new();
    for row in &reading.tiers {
        let name = row.tier.as_str();
        if let Some(line) = row.line {
            let bounds = match row.bounds_origin {
                BoundsOrigin::Text => format!("{}.{}-{}.{} ", row.bounds.0 / 10, row.bounds.0 % 10, row.bounds.1 / 10, row.bounds.1 % 10),
                BoundsOrigin::Default => String::new(),
            };
            lines.push(format!("tier {name} {bounds}@{line}"));
        }
        lines.extend(row.deadlines.iter().map(|(stage, deadline)| deadline_line(name, stage.as_str(), deadline)));
        lines.extend(row.examples.iter().map(|example| format!("example {name} {:?}", example.text)));
    }
    lines.extend(reading.general.iter().map(|(stage, deadline)| deadline_line("general", stage.as_str(), deadline)));
    lines.extend(
        reading
            .rules
            .iter()
            .map(|rule| format!("rule {} {} @{}", rule.min_tier.as_str(), rule.max_age_hours, rule.line.unwrap_or_default())),
    );
    for version in &reading.supported_versions {
        let said = match (version.supported, version.until) {
            (_, Some(day)) => format!("until={}", day.date()),
            (true, None) => "yes".to_owned(),
            (false, None) => "no".to_owned(),
        };
        lines.push(format!("version {:?} {said} @{}", version.pattern, version.line.unwrap_or_default()));
    }
    lines.extend(reading.not_understood.iter().map(|passage| format!("not-understood @{}", passage.line)));
    lines.extend(reading.notes.iter().map(|note| format!("warning {} @{}", note.kind.as_str(), note.line)));
    lines.extend(reading.placeholder.then(|| "placeholder".to_owned()));
    lines.sort();
    lines
}

fn deadline_line(whose: &str, stage: &str, deadline: &Deadline) -> String {
    let mut line = format!("{whose} {stage}");
    let mut flag = |text: String| write!(line, " {text}").expect("a string");
    deadline.target_hours.into_iter().for_each(|hours| flag(format!("target={hours}")));
    deadline.limit_hours.into_iter().for_each(|hours| flag(format!("limit={hours}")));
    deadline.until.into_iter().for_each(|until| flag(format!("until={}", until.as_str())));
    for (is, name) in [
        (deadline.business_days, "business"),
        (deadline.recurring, "recurring"),
        (deadline.soft, "soft"),
        (deadline.limit_hours.is_none() && deadline.until.is_none(), "words"),
    ] {
        is.then(|| flag(name.to_owned()));
    }
    line + &format!(" @{}", deadline.line.unwrap_or_default())
}

#[test]
fn every_text_says_what_is_expected_of_it() {
    let mut wrong = String::new();
    let texts: Vec<String> = cases("security_md").into_iter().filter(|name| name.ends_with(".md")).collect();
    assert!(texts.len() > 60, "{} texts", texts.len());
    for name in texts {
        let path = fixture("security_md").join(&name);
        let reading = security_md::read(&name, &std::fs::read(&path).expect("a text"));
        let expected = std::fs::read_to_string(path.with_extension("expected")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        expected.sort_unstable();
        let read = notation(&reading);
        let missing: Vec<&&str> = expected.iter().filter(|line| !read.iter().any(|other| other == **line)).collect();
        let besides: Vec<&String> = read.iter().filter(|line| !expected.contains(&line.as_str())).collect();
        if !(missing.is_empty() && besides.is_empty() && read.len() == expected.len()) {
            writeln!(wrong, "{name}\n  missing {missing:#?}\n  besides {besides:#?}").expect("a string");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
