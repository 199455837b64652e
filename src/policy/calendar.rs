//! Which days are business days, and what so many hours of them are. A day begins at midnight, at a fixed distance from
//! UTC: no time zone database, so that the same policy gives the same moment everywhere.

use std::collections::BTreeSet;

use crate::model::{Timestamp, timestamp::DAY};

/// The names of the days of the week, from Monday.
pub const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Holidays of every year that a calendar may have, so that business days remain.
pub const MOST_YEARLY: usize = 200;

/// A calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The days of the week that are none, 0 for Monday; never all seven.
    pub weekend: BTreeSet<u8>,
    /// Other days that are none: `2026-12-24`, or every year `12-25`.
    pub holidays: BTreeSet<String>,
    /// How far its midnight is ahead of that of UTC, in seconds.
    pub offset: i64,
}

impl Default for Calendar {
    /// Monday to Friday in UTC.
    fn default() -> Self {
        Self { weekend: BTreeSet::from([5, 6]), holidays: BTreeSet::new(), offset: 0 }
    }
}

impl Calendar {
    /// The moment so many hours of business days later, 24 a day, saturating. What begins on another day begins to count
    /// at the midnight after it.
    #[must_use]
    pub fn plus_hours(&self, from: Timestamp, hours: u32) -> Timestamp {
        let mut here = self.next_business_moment(from.plus_seconds(self.offset));
        for step in std::iter::repeat_n(DAY, hours as usize / 24).chain([i64::from(hours % 24) * 3_600]) {
            here = if step == DAY { self.next_business_day(here) } else { self.after(here, step) };
        }
        here.plus_seconds(-self.offset)
    }

    /// The same time of the next business day.
    fn next_business_day(&self, from: Timestamp) -> Timestamp {
        let mut here = from.plus_seconds(DAY);
        while self.is_free(here) && here < here.plus_seconds(DAY) {
            here = here.plus_seconds(DAY);
        }
        here
    }

    /// Less than a day later, where what lies on other days does not count.
    fn after(&self, from: Timestamp, seconds: i64) -> Timestamp {
        let left = midnight_after(from).seconds() - from.seconds();
        if seconds < left {
            return from.plus_seconds(seconds);
        }
        let begins = self.next_business_moment(midnight_after(from));
        begins.plus_seconds(seconds - left)
    }

    /// The moment itself on a business day, else the midnight at which the next one begins.
    fn next_business_moment(&self, from: Timestamp) -> Timestamp {
        let mut here = from;
        while self.is_free(here) && here < midnight_after(here) {
            here = midnight_after(here);
        }
        here
    }

    /// Whether a local moment is on a day that is no business day.
    fn is_free(&self, here: Timestamp) -> bool {
        if self.weekend.contains(&here.weekday()) {
            return true;
        }
        if self.holidays.is_empty() {
            return false;
        }
        let date = here.date();
        self.holidays.contains(&date) || self.holidays.contains(&date[5..])
    }
}

fn midnight_after(here: Timestamp) -> Timestamp {
    here.plus_seconds(DAY - here.seconds().rem_euclid(DAY))
}

#[cfg(test)]
mod tests {
    use super::Calendar;
    use crate::model::Timestamp;

    fn moment(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a moment")
    }

    #[test]
    fn weekends_holidays_and_time_zones_are_passed_over() {
        // 2026-01-01 is a Thursday.
        let usual = Calendar::default();
        let of = |weekend: &[u8], holidays: &[&str], offset: i64| Calendar {
            weekend: weekend.iter().copied().collect(),
            holidays: holidays.iter().map(|day| (*day).to_owned()).collect(),
            offset,
        };
        for (calendar, from, hours, to) in [
            (usual.clone(), "2026-01-01", 24, "2026-01-02T00:00:00Z"),
            (usual.clone(), "2026-01-02T12:00:00Z", 24, "2026-01-05T12:00:00Z"),
            (usual.clone(), "2026-01-03T12:00:00Z", 24, "2026-01-06T00:00:00Z"),
            (usual.clone(), "2026-01-01", 120, "2026-01-08T00:00:00Z"),
            (usual.clone(), "2026-01-02T20:00:00Z", 8, "2026-01-05T04:00:00Z"),
            (usual.clone(), "2026-01-05", 0, "2026-01-05T00:00:00Z"),
            // The leap day is a Thursday.
            (usual.clone(), "2024-02-28T10:00:00Z", 48, "2024-03-01T10:00:00Z"),
            (of(&[5, 6], &["2026-01-05"], 0), "2026-01-02T12:00:00Z", 24, "2026-01-06T12:00:00Z"),
            (of(&[5, 6], &["12-25"], 0), "2025-12-24", 48, "2025-12-29T00:00:00Z"),
            (of(&[5, 6], &["12-25"], 0), "2026-12-24", 48, "2026-12-29T00:00:00Z"),
            (of(&[4, 5], &[], 0), "2026-01-01", 48, "2026-01-05T00:00:00Z"),
            (of(&[], &[], 0), "2026-01-02", 48, "2026-01-04T00:00:00Z"),
            // Saturday begins two hours earlier in the east; Friday lasts five hours longer in the west.
            (of(&[5, 6], &[], 7_200), "2026-01-02T22:30:00Z", 24, "2026-01-05T22:00:00Z"),
            (of(&[5, 6], &[], -18_000), "2026-01-03T04:00:00Z", 24, "2026-01-06T04:00:00Z"),
        ] {
            assert_eq!(calendar.plus_hours(moment(from), hours).to_string(), to, "{from} {hours} {calendar:?}");
        }
    }

    #[test]
    fn the_end_of_time_ends_it() {
        let end = Timestamp::from_seconds(i64::MAX);
        assert_eq!(Calendar::default().plus_hours(end, 240), end);
    }

    proptest::proptest! {
        #[test]
        fn more_hours_are_never_earlier(from in 0_i64..4_000_000_000, hours in 0_u32..2_000, more in 0_u32..50, offset in -12_i64..14) {
            let calendar = Calendar { holidays: ["12-25".to_owned(), "2026-01-01".to_owned()].into(), offset: offset * 3_600, ..Calendar::default() };
            let from = Timestamp::from_seconds(from);
            let end = calendar.plus_hours(from, hours);
            proptest::prop_assert!(end >= from.plus_hours(hours));
            proptest::prop_assert!(calendar.plus_hours(from, hours + more) >= end);
            proptest::prop_assert!(!calendar.is_free(end.plus_seconds(calendar.offset)));
        }
    }
}
