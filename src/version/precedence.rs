//! Equality and the partial order of a version type out of its `Ord`, so that the three cannot disagree.

/// Versions are equal when neither precedes the other, however they are spelt.
macro_rules! equal_by_precedence {
    ($version:ty) => {
        impl PartialEq for $version {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other).is_eq()
            }
        }

        impl Eq for $version {}

        impl PartialOrd for $version {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }
    };
}

pub(super) use equal_by_precedence;
