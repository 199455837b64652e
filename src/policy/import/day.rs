//! Days on which an entry ends.

/// The day of a date or of a date with a time, as `YYYY-MM-DD`; `None` where it is neither.
pub(super) fn day(text: &str) -> Option<String> {
    let text = text.trim();
    let end = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let (date, time) = (text.get(..end)?, text.get(end..)?);
    let time = time.trim_start_matches(['T', 't', ' ']);
    if end < text.len() && !is_time(time) {
        return None;
    }
    let mut parts = date.split('-');
    let (year, month, day) = (number(parts.next()?, 4..=4)?, number(parts.next()?, 1..=2)?, number(parts.next()?, 1..=2)?);
    let is_real = parts.next().is_none() && year > 0 && (1..=12).contains(&month) && (1..=length(year, month)).contains(&day);
    is_real.then(|| format!("{year:04}-{month:02}-{day:02}"))
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    let is_number = digits.contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// A clock's time, with or without a zone.
fn is_time(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.contains(':')
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | '+' | '-' | 'Z' | 'z' | ' '))
}

fn length(year: u32, month: u32) -> u32 {
    let is_leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn dates_are_read_with_and_without_times() {
        for (text, expected) in [
            ("2026-01-31", Some("2026-01-31")),
            ("2026-1-3", Some("2026-01-03")),
            ("2024-02-29", Some("2024-02-29")),
            ("2026-01-31T07:32:00Z", Some("2026-01-31")),
            ("2026-01-31 07:32:00", Some("2026-01-31")),
            ("2026-01-31t07:32:00.5+02:00", Some("2026-01-31")),
            ("2025-02-29", None),
            ("1900-02-29", None),
            ("2026-13-01", None),
            ("2026-04-31", None),
            ("0000-01-01", None),
            ("2026-01-31T", None),
            ("2026-01-31 soon", None),
            ("07:32:00", None),
            ("26-01-31", None),
            ("2026-01-31-01", None),
            ("2026-01-é", None),
            ("", None),
        ] {
            assert_eq!(day(text).as_deref(), expected, "{text}");
        }
    }
}
