//! The native form and the OSV form of the RustSec database say the same. Over the whole database:
//! `cargo run --release --example differential`.

use crate::{compare::compare, harness::fixture};

#[test]
fn both_forms_give_the_same_verdicts() {
    let comparison = compare(fixture("advisories/rustsec-as-osv"), fixture("advisories/rustsec"));
    assert_eq!(comparison.differences, Vec::<String>::new());
    assert_eq!(comparison.shared, 3);
    assert!(comparison.verdicts > 300, "{}", comparison.verdicts);
}

#[test]
fn a_difference_would_be_seen() {
    let comparison = compare(fixture("advisories/osv"), fixture("advisories/rustsec"));
    assert!(comparison.differences.iter().any(|d| d.contains("RUSTSEC-2099-0010: only in the native form")), "{comparison:?}");
}
