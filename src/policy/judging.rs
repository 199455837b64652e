//! How findings are judged, beside the deadlines: which clock, which tier for what nobody has graded, when a deadline is near.

use super::{Clock, Tier};
use crate::model::timestamp::DAY;

/// The choices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judging {
    /// What starts the clock.
    pub clock: Clock,
    /// The tier of a vulnerability that nobody has graded.
    pub unscored: Tier,
    /// When a deadline is near.
    pub due_soon: DueSoon,
    /// The state file, from the folder of the policy.
    pub state: Option<String>,
}

impl Default for Judging {
    fn default() -> Self {
        Self { clock: Clock::default(), unscored: Tier::High, due_soon: DueSoon::default(), state: None }
    }
}

/// When a deadline is near: in the last part of its period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueSoon {
    /// The part, in per cent of the period.
    pub share: u8,
    /// The part is at most so long, in seconds.
    pub at_most: i64,
}

impl Default for DueSoon {
    /// The last quarter, and at most seven days.
    fn default() -> Self {
        Self { share: 25, at_most: 7 * DAY }
    }
}

impl DueSoon {
    /// How long before its end a period of so many seconds is near it.
    #[must_use]
    pub fn of(self, period: i64) -> i64 {
        (period.saturating_mul(i64::from(self.share)) / 100).min(self.at_most).max(0)
    }
}
