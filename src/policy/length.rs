//! Lengths of time as `overdue.toml` writes them: `72 hours`, `30 days`, `2w`, `3 business days`. Weeks have 168 hours,
//! months 720; a business day counts as 24 hours of business days.

/// Longer ones are slips of the keyboard: a hundred years.
const MOST: u32 = 876_000;

/// Business days are counted one by one: five years of them.
const MOST_BUSINESS: u32 = 43_800;

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// In hours.
    pub hours: u32,
    /// Whether they are those of business days.
    pub business: bool,
}

/// Reads a length of time; `None` where it is none.
#[must_use]
pub fn length(text: &str) -> Option<Length> {
    let text = text.trim();
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = (text[..unit_at].parse::<u32>().ok()?, text[unit_at..].trim_start().to_ascii_lowercase());
    let (unit, business) = match unit.strip_prefix("business ") {
        Some(unit) => (unit.trim_start(), true),
        None => (unit.as_str(), false),
    };
    let unit = match unit {
        "h" | "hour" | "hours" => 1,
        "d" | "day" | "days" => 24,
        // How many of them are business days is the calendar's to say.
        "w" | "week" | "weeks" if !business => 168,
        "month" | "months" if !business => 720,
        _ => return None,
    };
    let most = if business { MOST_BUSINESS } else { MOST };
    let hours = number.checked_mul(unit).filter(|hours| *hours <= most)?;
    Some(Length { hours, business })
}

/// Writes hours so that [`length`] reads them back: in days where they are whole ones, else in hours.
#[must_use]
pub fn shown(hours: u32, business: bool) -> String {
    let (number, unit) = if hours.is_multiple_of(24) && (hours > 72 || business) { (hours / 24, "day") } else { (hours, "hour") };
    format!("{number} {}{unit}{}", if business { "business " } else { "" }, if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::{Length, length, shown};

    #[test]
    fn numbers_with_a_unit_are_lengths() {
        for (text, expected) in [
            ("72 hours", Some(72)),
            ("1 day", Some(24)),
            (" 30days ", Some(720)),
            ("2w", Some(336)),
            ("3 Months", Some(2160)),
            ("0h", Some(0)),
            ("7", None),
            ("days", None),
            ("-1 days", None),
            ("1.5 days", None),
            ("99999999 weeks", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(length(text).map(|length| length.hours), expected, "{text}");
        }
        assert_eq!(length("5 business days"), Some(Length { hours: 120, business: true }));
        assert_eq!(length("5 days"), Some(Length { hours: 120, business: false }));
    }

    #[test]
    fn what_is_written_is_read_back() {
        for hours in [0, 1, 23, 24, 36, 48, 72, 96, 168, 720, 8640] {
            for business in [false, true] {
                assert_eq!(length(&shown(hours, business)), Some(Length { hours, business }), "{hours} {business}");
            }
        }
        assert_eq!([shown(24, false), shown(168, false), shown(24, true)], ["24 hours", "7 days", "1 business day"]);
    }
}
