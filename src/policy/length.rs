//! Lengths of time as people write them in a policy: `72 hours`, `30 days`, `2w`. Weeks have 168 hours, months 720.

/// Longer ones are slips of the keyboard: a hundred years.
const MOST: u32 = 876_000;

/// The hours of a length of time; `None` where it is none.
#[must_use]
pub fn hours(text: &str) -> Option<u32> {
    let text = text.trim();
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = (text[..unit_at].parse::<u32>().ok()?, text[unit_at..].trim_start().to_ascii_lowercase());
    let unit = match unit.as_str() {
        "h" | "hour" | "hours" => 1,
        "d" | "day" | "days" => 24,
        "w" | "week" | "weeks" => 168,
        "month" | "months" => 720,
        _ => return None,
    };
    number.checked_mul(unit).filter(|hours| *hours <= MOST)
}

#[cfg(test)]
mod tests {
    use super::hours;

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
            ("5 business days", None),
            ("99999999 weeks", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(hours(text), expected, "{text}");
        }
    }
}
