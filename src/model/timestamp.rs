//! Moments, to the second, in UTC. The only place that speaks to the calendar library.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A moment in UTC, to the second. Fractions that a source gives are cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// Text that is neither an RFC 3339 date-time nor a date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a date (2026-11-22) nor a moment (2026-11-22T00:00:00Z)")]
pub struct InvalidTimestamp(pub String);

/// Seconds of one day.
pub const DAY: i64 = 86_400;
/// Seconds of one hour.
pub const HOUR: i64 = 3_600;

impl Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z, clamped to the years that RFC 3339 can write.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        // -9999 to 9999 is what jiff holds; RFC 3339 has four-digit years only.
        Self(seconds.clamp(-62_167_219_200, 253_402_207_200))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// The moment `hours` later, saturating.
    #[must_use]
    pub fn plus_hours(self, hours: u32) -> Self {
        Self::from_seconds(self.0.saturating_add(i64::from(hours) * HOUR))
    }

    /// The number of seconds later, saturating.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_seconds(self.0.saturating_add(seconds))
    }

    /// The day of the week in UTC, 0 for Monday to 6 for Sunday.
    #[must_use]
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        u8::try_from((self.0.div_euclid(DAY) + 3).rem_euclid(7)).unwrap_or_default()
    }

    /// Parses an RFC 3339 moment with any offset, or a bare date, which is its midnight in UTC.
    ///
    /// # Errors
    /// When the text is neither.
    pub fn parse(text: &str) -> Result<Self, InvalidTimestamp> {
        let invalid = || InvalidTimestamp(text.to_owned());
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Ok(Self::from_seconds(moment.as_second()));
        }
        let date: jiff::civil::Date = text.parse().map_err(|_| invalid())?;
        // A date parser that also accepts the date of a broken date-time would hide the fault.
        if text.len() != 10 {
            return Err(invalid());
        }
        let zoned = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| invalid())?;
        Ok(Self::from_seconds(zoned.timestamp().as_second()))
    }

    /// Parses the date of an HTTP header (RFC 9110, section 5.6.7), as `Wed, 21 Oct 2026 07:28:00 GMT`. The two obsolete
    /// forms are not read.
    #[must_use]
    pub fn parse_http(text: &str) -> Option<Self> {
        jiff::fmt::rfc2822::parse(text.trim()).ok().map(|zoned| Self::from_seconds(zoned.timestamp().as_second()))
    }

    /// The date in UTC, as `2026-11-22`.
    #[must_use]
    pub fn date(self) -> String {
        self.to_string()[..10].to_owned()
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339, as `2026-11-22T00:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_second(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        write!(f, "{moment}")
    }
}

impl Serialize for Timestamp {
    /// Text for people's formats, a number for the index.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { serializer.serialize_i64(self.0) }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
        } else {
            i64::deserialize(deserializer).map(Self::from_seconds)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn days_of_the_week_are_known() {
        for (day, weekday) in [("1970-01-01", 3), ("1969-12-28", 6), ("2024-02-29", 3), ("2026-11-23", 0)] {
            assert_eq!(Timestamp::parse(day).map(Timestamp::weekday), Ok(weekday), "{day}");
        }
    }

    #[test]
    fn reads_what_advisories_and_people_write() {
        for (text, expected) in [
            ("2026-11-22", "2026-11-22T00:00:00Z"),
            ("2026-11-22T10:11:12Z", "2026-11-22T10:11:12Z"),
            ("2021-07-16T01:31:33.917972Z", "2021-07-16T01:31:33Z"),
            ("2026-11-22T01:00:00+02:00", "2026-11-21T23:00:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z"),
        ] {
            assert_eq!(Timestamp::parse(text).map(|t| t.to_string()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_moment() {
        for text in ["", "yesterday", "2025-02-29", "2026-13-01", "2026-11-22T10:11", "2026-11-22T25:00:00Z", "20261122"] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }
}
