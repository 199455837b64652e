//! CVSS metrics by name: what a vector says, word by word. Names and values as in the specifications (v2.0 section 2,
//! v3.1 sections 2 to 4, v4.0 sections 2 to 5).

/// A metric: its short name, its name, and its values with their words.
type Metric = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const IMPACT: &[(&str, &str)] = &[("H", "high"), ("L", "low"), ("N", "none")];
const REQUIREMENT: &[(&str, &str)] = &[("X", "not defined"), ("H", "high"), ("M", "medium"), ("L", "low")];
const VECTOR: &[(&str, &str)] = &[("N", "network"), ("A", "adjacent"), ("L", "local"), ("P", "physical")];
const LEVEL: &[(&str, &str)] = &[("L", "low"), ("H", "high")];

const V2: &[Metric] = &[
    ("AV", "access vector", &[("N", "network"), ("A", "adjacent network"), ("L", "local")]),
    ("AC", "access complexity", &[("L", "low"), ("M", "medium"), ("H", "high")]),
    ("Au", "authentication", &[("N", "none"), ("S", "single"), ("M", "multiple")]),
    ("C", "confidentiality impact", &[("N", "none"), ("P", "partial"), ("C", "complete")]),
    ("I", "integrity impact", &[("N", "none"), ("P", "partial"), ("C", "complete")]),
    ("A", "availability impact", &[("N", "none"), ("P", "partial"), ("C", "complete")]),
];

const V3: &[Metric] = &[
    ("AV", "attack vector", VECTOR),
    ("AC", "attack complexity", LEVEL),
    ("PR", "privileges required", IMPACT),
    ("UI", "user interaction", &[("N", "none"), ("R", "required")]),
    ("S", "scope", &[("U", "unchanged"), ("C", "changed")]),
    ("C", "confidentiality impact", IMPACT),
    ("I", "integrity impact", IMPACT),
    ("A", "availability impact", IMPACT),
    (
        "E",
        "exploit code maturity",
        &[("X", "not defined"), ("U", "unproven"), ("P", "proof of concept"), ("F", "functional"), ("H", "high")],
    ),
    (
        "RL",
        "remediation level",
        &[("X", "not defined"), ("O", "official fix"), ("T", "temporary fix"), ("W", "workaround"), ("U", "unavailable")],
    ),
    ("RC", "report confidence", &[("X", "not defined"), ("U", "unknown"), ("R", "reasonable"), ("C", "confirmed")]),
];

const V4: &[Metric] = &[
    ("AV", "attack vector", VECTOR),
    ("AC", "attack complexity", LEVEL),
    ("AT", "attack requirements", &[("N", "none"), ("P", "present")]),
    ("PR", "privileges required", IMPACT),
    ("UI", "user interaction", &[("N", "none"), ("P", "passive"), ("A", "active")]),
    ("VC", "vulnerable system confidentiality", IMPACT),
    ("VI", "vulnerable system integrity", IMPACT),
    ("VA", "vulnerable system availability", IMPACT),
    ("SC", "subsequent system confidentiality", IMPACT),
    ("SI", "subsequent system integrity", IMPACT),
    ("SA", "subsequent system availability", IMPACT),
    ("E", "exploit maturity", &[("X", "not defined"), ("A", "attacked"), ("P", "proof of concept"), ("U", "unreported")]),
    ("CR", "confidentiality requirement", REQUIREMENT),
    ("IR", "integrity requirement", REQUIREMENT),
    ("AR", "availability requirement", REQUIREMENT),
];

/// The metrics of a vector in its order, each as its name and its value in words; what has no words here keeps its
/// letters.
#[must_use]
pub fn metrics(vector: &str) -> Vec<(String, String)> {
    let bare = vector.trim_start_matches('(').trim_end_matches(')');
    let known = match () {
        () if bare.starts_with("CVSS:4") => V4,
        () if bare.starts_with("CVSS:3") => V3,
        () => V2,
    };
    let parts = bare.split('/').filter(|part| !part.starts_with("CVSS:")).filter_map(|part| part.split_once(':'));
    parts
        .map(|(short, value)| match known.iter().find(|(own, ..)| *own == short) {
            Some((_, name, values)) => {
                let word = values.iter().find(|(own, _)| *own == value).map_or(value, |(_, word)| word);
                ((*name).to_owned(), word.to_owned())
            }
            None => (short.to_owned(), value.to_owned()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{V2, V3, V4, metrics};
    use crate::severity::score;

    #[test]
    fn every_word_is_one_that_the_specification_scores() {
        for (prefix, known, mandatory) in [("", V2, 6), ("CVSS:3.1/", V3, 8), ("CVSS:4.0/", V4, 11)] {
            for (changed, (_, _, values)) in known.iter().enumerate() {
                for (value, word) in *values {
                    let parts = known.iter().enumerate().filter(|(at, _)| *at < mandatory || *at == changed);
                    let part = |(at, (short, _, values)): (usize, &super::Metric)| {
                        format!("{short}:{}", if at == changed { value } else { values[0].0 })
                    };
                    let vector = format!("{prefix}{}", parts.map(part).collect::<Vec<_>>().join("/"));
                    assert!(score(&vector).is_ok(), "{vector}");
                    let words = metrics(&vector);
                    assert_eq!(words[changed.min(mandatory)].1, *word, "{vector}");
                }
            }
        }
    }
}
