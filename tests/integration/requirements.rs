//! Requirement lines and markers, against what PyPI's `packaging` and pip make of them: `fixtures/requirements/oracle.py`
//! asked them and wrote it down. A difference needs its reason there.

use std::{collections::BTreeSet, fs};

use overdue::{
    inventory::{
        Environment, Extracted, Extractor, Marker, ReferenceKind,
        pep508::{
            Requirement,
            environment::{Platform, PythonVersion},
        },
        requirements::Requirements,
    },
    model::Reason,
};
use serde_json::{Value, json};

use crate::harness::fixture;

fn table(name: &str, head: &str) -> Vec<Vec<String>> {
    let text = fs::read_to_string(fixture("requirements").join(name)).expect("a table");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(head));
    lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn lines_mean_what_packaging_and_pip_make_of_them() {
    let rows = table("lines.tsv", "text\tpackaging\tpip\tour requirement\tour line\treason");
    assert!(rows.len() >= 220, "{} lines", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let [text, packaging, pip, our_requirement, our_line, reason] = row.as_slice() else { panic!("{row:?}: not six columns") };
        let value = |column: &str| serde_json::from_str::<Value>(column).expect("JSON");
        let text = value(text).as_str().expect("text").to_owned();
        assert_eq!(
            reason.is_empty(),
            our_requirement.is_empty() && our_line.is_empty(),
            "{text:?}: a difference and its reason go together"
        );
        let expected = |theirs: &str, ours: &str| if ours.is_empty() { value(theirs) } else { value(ours) };
        let requirement = describe_requirement(&text);
        if squashed(&requirement) != squashed(&expected(packaging, our_requirement)) {
            wrong.push(format!("{text:?} as a requirement: {requirement}, not {}", expected(packaging, our_requirement)));
        }
        let line = Value::String(describe_line(&Requirements.extract("requirements.txt", text.as_bytes())));
        if squashed(&line) != squashed(&expected(pip, our_line)) {
            wrong.push(format!("{text:?} as a line: {line}, not {}", expected(pip, our_line)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn describe_requirement(text: &str) -> Value {
    let Ok(read) = Requirement::parse(text) else { return json!({"error": true}) };
    let sorted = |items: Vec<String>| items.into_iter().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    json!({
        "name": read.name,
        "extras": sorted(read.extras),
        "specifiers": specifiers(&read.specifiers.to_string()),
        "url": read.url,
        "marker": read.marker,
    })
}

fn specifiers(text: &str) -> BTreeSet<&str> {
    text.split(',').filter(|part| !part.is_empty()).collect()
}

/// A text without what is a matter of spelling in markers: blanks, parentheses, quotes, and the old names of variables.
/// `==` is as good as `===`, which a pin does not keep.
fn squashed(value: &Value) -> String {
    let text: String = value.to_string().chars().filter(|c| !" ()'\"\\".contains(*c)).collect();
    let old = [("os.name", "os_name"), ("sys.platform", "sys_platform"), ("platform.", "platform_"), ("===", "==")];
    let text = old.iter().fold(text, |text, (old, new)| text.replace(old, new));
    text.replace("platform_python_implementation", "python_implementation")
}

/// What a file of this line comes to, in the words of the oracle.
fn describe_line(extracted: &Extracted) -> String {
    if extracted.unchecked.iter().any(|unchecked| unchecked.reason != Reason::NotFromARegistry) {
        return "error".to_owned();
    }
    let mut found = Vec::new();
    for package in &extracted.packages {
        let text = match package.wanted.version() {
            Some(version) => format!("=={version}"),
            None => package.wanted.text().to_owned(),
        };
        let text = specifiers(&text).into_iter().collect::<Vec<_>>().join(",");
        let marker = package.marker.as_deref().map(|marker| format!(" if {marker}")).unwrap_or_default();
        found.push((package.line, format!("package {} {text}{marker}", package.name)));
    }
    found.extend(extracted.own.iter().map(|_| (1, "own".to_owned())));
    found.extend(extracted.unchecked.iter().map(|unchecked| (unchecked.line.expect("a line"), "elsewhere".to_owned())));
    for reference in &extracted.references {
        let kind = if reference.kind == ReferenceKind::Requirements { "refers" } else { "bound by" };
        found.push((reference.line, format!("{kind} {}", reference.path)));
    }
    found.sort_by_key(|(line, _)| *line);
    let found: Vec<String> = found.into_iter().map(|(_, text)| text).collect();
    if found.is_empty() { "nothing".to_owned() } else { found.join(" | ") }
}

#[test]
fn a_marker_that_is_decided_is_decided_as_packaging_does() {
    let rows = table("markers.tsv", "marker\tpython\tplatform\tpackaging");
    let (mut agreed, mut decided) = (0, 0);
    for row in &rows {
        let [text, python, platform, verdict] = row.as_slice() else { panic!("{row:?}: not four columns") };
        let marker = Marker::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let environment = Environment { python_version: PythonVersion::parse(python), platform: Platform::parse(platform) };
        assert_eq!((environment.python_version.is_some(), environment.platform.is_some()), (!python.is_empty(), !platform.is_empty()));
        if let Some(ours) = marker.evaluate(&environment) {
            let fits = verdict == "undefined" || *verdict == ours.to_string();
            assert!(fits, "{text} with python {python:?} on {platform:?}: {ours}, not {verdict}");
            decided += usize::from(verdict != "undefined");
        }
        agreed += usize::from(["true", "false"].contains(&verdict.as_str()) && !(python.is_empty() && platform.is_empty()));
    }
    // `packaging` was asked about few environments; what all of them have in common need not hold in all.
    assert!(decided * 2 > agreed, "{decided} of {agreed} decided");
}
