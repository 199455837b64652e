//! Grades against an oracle: `fixtures/severity/scores.txt` says how it was made.

use std::{collections::BTreeSet, fs};

use overdue::severity::score;

use crate::harness::fixture;

/// Vectors that a rule numbers, with the score that the oracle gives each.
struct Section {
    version: String,
    step: u128,
    metrics: Vec<(String, Vec<String>)>,
    scores: Vec<u8>,
}

impl Section {
    fn new(words: &[&str]) -> Self {
        let metrics = words[2..].iter().map(|word| {
            let (name, values) = word.split_once(':').expect("a name and values");
            (name.to_owned(), values.split(',').map(str::to_owned).collect())
        });
        Self { version: words[0].to_owned(), step: words[1].parse().expect("a step"), metrics: metrics.collect(), scores: Vec::new() }
    }

    fn combinations(&self) -> u128 {
        self.metrics.iter().map(|(_, values)| values.len() as u128).product()
    }

    /// The combination of a number, as an odometer shows it: the last metric turns fastest.
    fn vector(&self, mut number: u128) -> String {
        let mut parts = Vec::new();
        for (name, values) in self.metrics.iter().rev() {
            let radix = values.len() as u128;
            let value = &values[usize::try_from(number % radix).expect("small")];
            number /= radix;
            if value != "-" {
                parts.push(format!("{name}:{value}"));
            }
        }
        if self.version != "2.0" {
            parts.push(format!("CVSS:{}", self.version));
        }
        parts.reverse();
        parts.join("/")
    }

    fn vectors(&self) -> impl Iterator<Item = (String, u8)> {
        let numbers = std::iter::successors(Some(0), |number| Some((number + self.step) % self.combinations()));
        numbers.map(|number| self.vector(number)).zip(self.scores.iter().copied())
    }
}

fn sections() -> Vec<Section> {
    let table = fs::read_to_string(fixture("severity/scores.txt")).expect("the table");
    let mut sections: Vec<Section> = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        if words[0] == "vectors" {
            sections.push(Section::new(&words[1..]));
        } else {
            let scores = words.iter().map(|word| word.parse::<u8>().expect("tenths"));
            sections.last_mut().expect("a section").scores.extend(scores);
        }
    }
    sections
}

#[test]
fn every_score_is_the_oracles() {
    let mut wrong = Vec::new();
    for section in sections() {
        for (vector, expected) in section.vectors() {
            let ours = score(&vector);
            if ours != Ok(expected) {
                wrong.push(format!("{vector}: {ours:?}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ, among them {:#?}", wrong.len(), &wrong[..wrong.len().min(10)]);
}

/// A table that lost lines would still agree.
#[test]
fn the_table_covers_what_it_should() {
    let sections = sections();
    let distinct = |version: &str, wanted: &dyn Fn(&str) -> bool| {
        let of_version = sections.iter().filter(|section| section.version == version);
        let vectors: BTreeSet<String> = of_version.flat_map(Section::vectors).map(|(vector, _)| vector).collect();
        vectors.iter().filter(|vector| wanted(vector)).count()
    };
    let is_base = |vector: &str, metrics: usize| vector.split('/').count() == metrics;
    assert_eq!(distinct("2.0", &|vector| is_base(vector, 6)), 729);
    assert_eq!(distinct("3.0", &|vector| is_base(vector, 9)), 2592);
    assert_eq!(distinct("3.1", &|vector| is_base(vector, 9)), 2592);
    assert!(distinct("4.0", &|vector| is_base(vector, 12)) >= 9500);
    assert_eq!(distinct("4.0", &|_| true), 21_034);
    for metric in ["/E:", "/CR:", "/IR:", "/AR:", "/MSI:", "/MSA:", "/MVC:", "/AU:", "/U:"] {
        assert!(distinct("4.0", &|vector| vector.contains(metric)) >= 3000, "{metric}");
    }
    let highest = sections.iter().flat_map(|section| &section.scores).max();
    assert_eq!(highest, Some(&100));
}
