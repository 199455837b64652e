//! The orders of versions, as the tables under `fixtures/versions/` state them. A new case is a new line there, with
//! its reason.

use std::{cmp::Ordering, fs};

use overdue::version::{Apk, Dpkg, Pep440, Rpm, Scheme, SemVer, Version};

use crate::harness::fixture;

#[test]
fn every_scheme_orders_as_its_table_says() {
    for scheme in Scheme::ALL {
        let table = fs::read_to_string(fixture("versions").join(format!("{}.tsv", scheme.name()))).expect("a table");
        let mut lines = table.lines();
        assert_eq!(lines.next(), Some("a\top\tb\treason"));
        for line in lines {
            let [a, op, b, reason] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}: not four columns") };
            let expected = match op {
                "<" => Ordering::Less,
                "=" => Ordering::Equal,
                ">" => Ordering::Greater,
                _ => panic!("{line}: no relation"),
            };
            assert!(!reason.is_empty(), "{line}: no reason");
            assert_eq!(compare(scheme, a, b), expected, "{} {line}", scheme.name());
            assert_eq!(compare(scheme, b, a), expected.reverse(), "{} {line}, turned around", scheme.name());
        }
    }
}

#[test]
fn every_table_has_a_scheme() {
    let mut tables: Vec<String> = Vec::new();
    for entry in fs::read_dir(fixture("versions")).expect("the tables").flatten() {
        tables.push(entry.file_name().to_string_lossy().into_owned());
    }
    tables.sort();
    let mut schemes = Scheme::ALL.map(|scheme| format!("{}.tsv", scheme.name()));
    schemes.sort();
    assert_eq!(tables, schemes);
}

fn compare(scheme: Scheme, a: &str, b: &str) -> Ordering {
    match scheme {
        Scheme::SemVer => compare_by::<SemVer>(a, b),
        Scheme::Pep440 => compare_by::<Pep440>(a, b),
        Scheme::Dpkg => compare_by::<Dpkg>(a, b),
        Scheme::Apk => compare_by::<Apk>(a, b),
        Scheme::Rpm => compare_by::<Rpm>(a, b),
    }
}

fn compare_by<V: Version>(a: &str, b: &str) -> Ordering {
    let read = |text| V::parse_bound(text).unwrap_or_else(|error| panic!("{error}"));
    read(a).cmp(&read(b))
}
