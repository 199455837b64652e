//! An order in which the versions of one package are listed and numbered. Not for matching: there, a version that
//! cannot be read is unchecked.

use std::cmp::Ordering;

use super::{SemVer, Version};
use crate::model::Ecosystem;

/// Orders two versions of a package: by the ecosystem's scheme where it is known and reads both; what it cannot read
/// comes last, by its text. Versions of equal precedence are told apart by their text.
#[must_use]
pub fn order(ecosystem: &Ecosystem, a: &str, b: &str) -> Ordering {
    let by_scheme = match ecosystem.base().as_str() {
        Ecosystem::CRATES_IO | Ecosystem::RUST_TOOLCHAIN => match (SemVer::parse(a), SemVer::parse(b)) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => Ordering::Equal,
        },
        _ => Ordering::Equal,
    };
    by_scheme.then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::order;
    use crate::model::Ecosystem;

    #[test]
    fn numbers_count_as_numbers_and_the_unreadable_comes_last() {
        let mut versions = ["1.10.0", "x", "1.9.0", "1.9.0-rc.1", "?"];
        versions.sort_by(|a, b| order(&Ecosystem::crates_io(), a, b));
        assert_eq!(versions, ["1.9.0-rc.1", "1.9.0", "1.10.0", "?", "x"]);
    }
}
