//! Version specifiers against PyPI's `packaging`: `fixtures/requirements/specifiers.tsv`, made by the script beside it.

use std::fs;

use overdue::version::{Pep440, Specifiers, Version};

use crate::harness::fixture;

/// Where we differ, and why.
const DIFFERENCES: [(&str, &str, &str); 1] = [(
    "===1.0.dev1",
    "1.dev1",
    "`===` compares text there; here it asks for a version, however it is spelt, which is what advisories name",
)];

#[test]
fn specifiers_mean_what_packaging_takes_them_for() {
    let text = fs::read_to_string(fixture("requirements/specifiers.tsv")).expect("the table");
    let mut rows = text.lines().filter(|line| !line.starts_with('#'));
    let versions: Vec<&str> = rows.next().expect("the versions").split('\t').skip(1).collect();
    let parsed: Vec<Pep440> = versions.iter().map(|version| Pep440::parse(version).expect("a version")).collect();
    let (mut pairs, mut differences) = (0, Vec::new());
    for row in rows {
        let (specifiers, expected) = row.split_once('\t').expect("two cells");
        let admissions = Specifiers::parse(specifiers).expect(specifiers).admissions();
        assert_eq!(expected.len(), versions.len(), "{specifiers}");
        for ((version, text), expected) in parsed.iter().zip(&versions).zip(expected.chars()) {
            let admission = &admissions[0];
            let actual = match (admission.set.contains(version), admission.contains(version)) {
                (false, _) => '0',
                (true, true) => '1',
                (true, false) => 'p',
            };
            pairs += 1;
            let is_known = DIFFERENCES.iter().any(|(set, version, _)| (*set, *version) == (specifiers, *text));
            if (actual != expected) != is_known {
                differences.push(format!("{specifiers} and {text}: {actual} where packaging says {expected}"));
            }
        }
    }
    assert!(pairs >= 20_000, "{pairs}");
    assert!(differences.is_empty(), "{} of {pairs}:\n{}", differences.len(), differences.join("\n"));
}
