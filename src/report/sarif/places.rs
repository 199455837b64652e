//! Paths of a report as URIs from the root of the checkout, and the category of its targets.

use super::log::{ArtifactLocation, PhysicalLocation, Region, SarifLocation};
use crate::{
    advisory::index::writer::sha256,
    model::{image, percent},
    report::{ReportTarget, identity::from_root},
};

/// A category longer than this is shortened, its digest at its end.
const LONGEST_CATEGORY: usize = 100;

/// A line of a file, which is given from the root of the checkout.
pub(super) fn location(file: &str, line: Option<u32>) -> SarifLocation {
    let region = Region { start_line: line.unwrap_or(1).max(1) };
    SarifLocation { id: None, physical_location: PhysicalLocation { artifact_location: ArtifactLocation { uri: uri(file) }, region } }
}

/// A relative path as a relative URI reference (RFC 3986, section 4.2).
#[must_use]
pub fn uri(path: &str) -> String {
    // Bytes that are no text stand as `\xFE` in a path (see `tree::names`).
    let mut parts = path.split("\\x");
    let first = percent::encode(parts.next().unwrap_or_default(), "/");
    parts.fold(first, |uri, part| {
        match part.get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b))) {
            Some(byte) => format!("{uri}%{byte}{}", percent::encode(&part[2..], "/")),
            None => format!("{uri}{}", percent::encode(&format!("\\x{part}"), "/")),
        }
    })
}

/// The category of these targets: runs over different targets must not close each other's alerts.
#[must_use]
pub fn category(targets: &[ReportTarget]) -> String {
    let place = |target: &ReportTarget| match target.kind {
        "lockfile" => from_root(&target.base, target.path.rsplit(['/', '\\']).next().unwrap_or(&target.path)),
        // Its tag is no part of what it is; its folder is, where an archive was given.
        "image" => image::repository(&target.path).to_owned(),
        _ => target.base.clone(),
    };
    let mut places: Vec<String> = targets.iter().map(place).collect();
    places.sort();
    places.dedup();
    let whole = places.iter().map(|place| if place.is_empty() { "." } else { place.as_str() }).collect::<Vec<_>>().join("+");
    if whole == "." {
        return "overdue".to_owned();
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-/".contains(c) { c } else { '-' };
    let plain = |place: &String| if place.is_empty() { ".".to_owned() } else { place.chars().map(plain).collect() };
    let plain = places.iter().map(plain).collect::<Vec<String>>().join("+");
    let kept: String = plain.chars().take(LONGEST_CATEGORY).collect();
    // What was replaced or cut off still tells two categories apart.
    if kept == whole { format!("overdue/{kept}") } else { format!("overdue/{kept}-{}", &sha256(whole.as_bytes())[..8]) }
}

#[cfg(test)]
mod tests {
    use super::{ReportTarget, category, uri};

    fn target(kind: &'static str, path: &str, base: &str) -> ReportTarget {
        ReportTarget { path: path.to_owned(), kind, digest: None, base: base.to_owned(), policy: 0, release: None, image: None }
    }

    #[test]
    fn uris_are_percent_encoded() {
        for (path, expected) in [
            ("a/Cargo.lock", "a/Cargo.lock"),
            ("ä b/c#d?e%:\\f", "%C3%A4%20b/c%23d%3Fe%25%3A%5Cf"),
            ("requirements[dev].txt", "requirements%5Bdev%5D.txt"),
            ("\\xFE/Cargo.lock", "%FE/Cargo.lock"),
            ("\\x5CxFE/Cargo.lock", "%5CxFE/Cargo.lock"),
            ("a\\xyz", "a%5Cxyz"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }

    #[test]
    fn different_targets_have_different_categories() {
        let cases = [
            (vec![target("directory", ".", "")], "overdue"),
            (vec![target("directory", "back", "back")], "overdue/back"),
            (vec![target("lockfile", "back/Cargo.lock", "back")], "overdue/back/Cargo.lock"),
            (vec![target("lockfile", "Cargo.lock", "")], "overdue/Cargo.lock"),
            (vec![target("directory", "b", "b"), target("directory", "a", "a")], "overdue/a+b"),
            (vec![target("directory", ".", ""), target("directory", "a", "a")], "overdue/.+a"),
        ];
        for (targets, expected) in cases {
            assert_eq!(category(&targets), expected);
        }
        let plus = category(&[target("directory", "a+b", "a+b")]);
        assert!(plus.starts_with("overdue/a-b-"), "{plus}");
        let odd = |name: &str| category(&[target("image", name, name)]);
        assert!(odd("index.example:5000/a").starts_with("overdue/index.example-5000/a-"));
        assert_ne!(odd("index.example:5000/a"), odd("index.example;5000/a"));
        assert_ne!(odd(&"x".repeat(300)), odd(&"x".repeat(301)));
        assert!(odd(&"x".repeat(300)).len() < 120);
    }
}
