//! What holds for every version scheme, as the property tests of each ask it.

use std::cmp::Ordering;

use proptest::{prelude::*, test_runner::TestCaseResult};

use super::Version;

/// The order is a total preorder that equality agrees with, and a version survives being written and read again.
pub(super) fn hold<V: Version + std::fmt::Debug>(a: &V, b: &V, c: &V) -> TestCaseResult {
    prop_assert_eq!(a.cmp(a), Ordering::Equal);
    prop_assert_eq!(a.cmp(b), b.cmp(a).reverse(), "{} {}", a, b);
    prop_assert_eq!(a == b, a.cmp(b).is_eq(), "{} {}", a, b);
    for [a, b, c] in [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]] {
        prop_assert!(!(a <= b && b <= c) || a <= c, "{} {} {}", a, b, c);
    }
    let again = V::parse_bound(&a.to_string());
    prop_assert_eq!(again.as_ref().map(|again| again.cmp(a)), Ok(Ordering::Equal), "{}", a);
    Ok(())
}

/// Any text at all, and text that looks like a version for a while.
pub(super) fn text() -> impl Strategy<Value = String> {
    "\\PC{0,20}|[0-9.+a-z~^:!_-]{0,20}|(1|[0-9]{1,40}|[.:~^_+-]|alpha|rc|post|dev|r){0,8}|\\s?1\\.0\\s?"
}

/// Reads two texts and, where they are versions, compares and writes them.
pub(super) fn survive<V: Version>(a: &str, b: &str) {
    let read = |text: &str| [V::parse(text), V::parse_bound(text)].into_iter().flatten().collect::<Vec<_>>();
    for (a, b) in read(a).iter().zip(&read(b)) {
        let _ = (a.cmp(b), a.relative_to(b), a.to_string());
    }
}
