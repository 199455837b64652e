//! Whole numbers of any length, as the digits that spell them. No arithmetic.

use std::cmp::Ordering;

/// A number without its leading zeros: a longer one is larger, whatever a machine word holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Number<'a>(&'a str);

impl<'a> Number<'a> {
    /// The number that a text begins with, and the text after it. `None` where it begins with no digit.
    pub(super) fn take(text: &'a str) -> Option<(Self, &'a str)> {
        let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = &text[..text.len() - rest.len()];
        (!digits.is_empty()).then(|| (Self(digits.trim_start_matches('0')), rest))
    }

    /// Zero.
    pub(super) const ZERO: Self = Self("");
}

impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(other.0))
    }
}

impl PartialOrd for Number<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn size_counts_and_zeros_in_front_do_not() {
        let number = |text| Number::take(text).map(|(number, _)| number);
        assert!(number("9") < number("10"));
        assert!(number("18446744073709551615") < number("18446744073709551616"));
        assert_eq!(number("007"), number("7"));
        assert_eq!(number("000"), Some(Number::ZERO));
        assert_eq!(number("x1"), None);
        assert_eq!(Number::take("12.3").map(|(_, rest)| rest), Some(".3"));
    }
}
