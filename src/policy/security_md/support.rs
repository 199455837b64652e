//! Whether a cell says that a version is supported: words, signs, signs that were decoded with the wrong table, days.

use super::token::{Token, contains, tokens};
use crate::model::Timestamp;

/// What a cell says of support.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Support {
    /// Whether there is any.
    pub(super) supported: bool,
    /// The last day of it.
    pub(super) until: Option<Timestamp>,
}

const YES_SIGNS: [&str; 16] = ["✅", "✔", "✓", "☑", "🟢", "👍", "🆗", "💚", "⭕", "🟩", "●", "✳", "🗸", "☀", "🔵", "✴"];
const NO_SIGNS: [&str; 14] = ["❌", "✗", "✘", "✖", "×", "🔴", "⛔", "🚫", "👎", "❎", "🟥", "☒", "✕", "🛑"];

const YES_CODES: [&str; 8] =
    [":white_check_mark:", ":heavy_check_mark:", ":ballot_box_with_check:", ":green_circle:", ":+1:", ":thumbsup:", ":green_heart:", ":o:"];
const NO_CODES: [&str; 9] = [
    ":x:",
    ":no_entry:",
    ":negative_squared_cross_mark:",
    ":heavy_multiplication_x:",
    ":red_circle:",
    ":no_entry_sign:",
    ":-1:",
    ":thumbsdown:",
    ":cross_mark:",
];

/// What `✅`, `✔`, `✓` and `❌`, `✖`, `✗`, `✘` become where their UTF-8 bytes are read as Windows-1252 or -1254, or as Mac
/// Roman, bytes without a character dropped, replaced or kept.
const YES_BROKEN: [&str; 8] = ["âœ…", "âœ”", "âœ“", "‚úÖ", "‚úî", "‚úì", "â\u{9c}\u{85}", "â\u{9c}\u{94}"];
const NO_BROKEN: [&str; 8] = ["âŒ", "âœ–", "âœ—", "âœ˜", "‚ùå", "‚úñ", "â\u{9d}\u{8c}", "‚úó"];

/// What a cell says; `None` when that is not understood.
pub(super) fn support(cell: &str) -> Option<Support> {
    let lower = cell.to_lowercase();
    let words = tokens(&lower);
    let made = |supported: bool, until: Option<Timestamp>| Some(Support { supported, until });
    let has = |list: &[&str]| words.iter().any(|token| token.any(list));
    if let Some(day) = until(&words) {
        return made(true, Some(day));
    }
    let denied = has(&[
        "no", "not", "none", "never", "unsupported", "unmaintained", "eol", "deprecated", "obsolete", "retired", "discontinued",
        "inactive", "false", "archived", "abandoned", "ended", "n", "expired", "superseded", "withdrawn", "yanked",
    ]) || contains(&words, &["end", "of"])
        || contains(&words, &["end", "-", "of"])
        || contains(&words, &["out", "of", "support"]);
    if denied {
        return made(false, None);
    }
    let affirmed = has(&[
        "yes", "supported", "active", "maintained", "current", "lts", "true", "y", "maintenance", "stable", "latest", "full", "fully",
        "actively", "supports", "security", "limited", "partial", "partially", "critical", "fixes", "updates", "ongoing", "supported",
        "ok", "extended",
    ]);
    if affirmed {
        return made(true, None);
    }
    // Signs as they are: in lower case one broken sign is the beginning of another.
    let shows = |signs: &[&str]| signs.iter().any(|sign| cell.contains(sign) || (sign.starts_with(':') && lower.contains(sign)));
    let (yes, no) =
        (shows(&YES_SIGNS) || shows(&YES_CODES) || shows(&YES_BROKEN), shows(&NO_SIGNS) || shows(&NO_CODES) || shows(&NO_BROKEN));
    let is_bare_x = words.len() == 1 && words[0].is("x");
    match (yes, no || is_bare_x) {
        (true, false) => made(true, None),
        (false, true) => made(false, None),
        _ => None,
    }
}

/// The day until which something is supported, as words say it: `until EOL 2025`, `until March 2026`, `EOL 2026-03-01`.
fn until(words: &[Token]) -> Option<Timestamp> {
    let ended = words.iter().any(|token| token.any(&["since", "ended", "no", "not", "was"]));
    let said = words
        .iter()
        .position(|token| token.any(&["until", "till", "through", "eol", "til", "ends", "end", "expires", "thru"]) || token.is("to"))?;
    if ended {
        return None;
    }
    date(&words[said + 1..])
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The last day of the first date in a text: a day, a month, a quarter or a year.
pub(super) fn date(words: &[Token]) -> Option<Timestamp> {
    let year_at =
        words.iter().position(|token| token.number().is_some_and(|year| (1990..2200).contains(&year)) && token.text.len() == 4)?;
    let year = words[year_at].number()?;
    let number = |at: Option<usize>| at.and_then(|at| words.get(at)).and_then(Token::number);
    let dashed = |at: usize| {
        words.get(at).is_some_and(|sign| sign.glued && sign.any(&["-", "/", "."])) && words.get(at + 1).is_some_and(|next| next.glued)
    };
    // 2026-03-01, 2026-03
    if dashed(year_at + 1)
        && let Some(month) = number(Some(year_at + 2)).filter(|month| (1..=12).contains(month))
    {
        return match number(Some(year_at + 4)).filter(|_| dashed(year_at + 3)) {
            Some(day) => day_of(year, month, day),
            None => last_day(year, month),
        };
    }
    // "Q2 2026", "2026-Q2", "2026 Q2"
    let quarter =
        (0..words.len()).find(|at| words[*at].is("q")).and_then(|at| number(Some(at + 1))).filter(|quarter| (1..=4).contains(quarter));
    if let Some(quarter) = quarter {
        return last_day(year, quarter * 3);
    }
    // "March 2026", "March 1, 2026", "1 March 2026"
    let month_of = |token: &Token| {
        MONTHS.iter().position(|month| token.is_word() && token.text.starts_with(month)).and_then(|at| u32::try_from(at + 1).ok())
    };
    if let Some((at, month)) = words.iter().enumerate().find_map(|(at, token)| month_of(token).map(|month| (at, month))) {
        let is_day = |day: &u32| (1..=31).contains(day);
        let day = number(Some(at + 1)).filter(is_day).or_else(|| number(at.checked_sub(1)).filter(is_day));
        return match day {
            Some(day) => day_of(year, month, day),
            None => last_day(year, month),
        };
    }
    // "12/2026" and "01.03.2026": a month before the year; two numbers before it can be either way round.
    if let Some(month) =
        number(year_at.checked_sub(2)).filter(|month| (1..=12).contains(month)).filter(|_| dashed(year_at - 1) || words[year_at].glued)
    {
        let is_day_before = year_at >= 4 && words[year_at - 3].any(&["/", ".", "-"]);
        if !is_day_before {
            return last_day(year, month);
        }
        // With full stops the day stands first everywhere; with slashes only a day beyond the twelfth tells.
        let day = number(year_at.checked_sub(4))?;
        let is_told = words[year_at - 3].is(".") || day > 12;
        return if is_told { day_of(year, month, day) } else { None };
    }
    last_day(year, 12)
}

fn day_of(year: u32, month: u32, day: u32) -> Option<Timestamp> {
    Timestamp::parse(&format!("{year:04}-{month:02}-{day:02}")).ok()
}

fn last_day(year: u32, month: u32) -> Option<Timestamp> {
    (28..=31).rev().find_map(|day| day_of(year, month, day))
}

#[cfg(test)]
mod tests {
    use super::support;

    #[test]
    fn words_decide_then_signs() {
        for (cell, expected) in [
            (":white_check_mark:", "yes"),
            (":x:", "no"),
            ("✅", "yes"),
            ("❌ No", "no"),
            ("âœ… Yes", "yes"),
            ("âŒ No", "no"),
            ("âŒ", "no"),
            ("âœ…", "yes"),
            ("‚úÖ Yes", "yes"),
            ("‚ö†Ô∏è Until EOL 2025", "2025-12-31T00:00:00Z"),
            ("‚ùå No", "no"),
            ("Supported", "yes"),
            ("Not supported", "no"),
            ("End of life", "no"),
            ("EOL since 2023", "no"),
            ("EOL 2025-06", "2025-06-30T00:00:00Z"),
            ("until March 2026", "2026-03-31T00:00:00Z"),
            ("✅ until 2026-03-01", "2026-03-01T00:00:00Z"),
            ("until 31.12.2026", "2026-12-31T00:00:00Z"),
            ("Until Q2 2026", "2026-06-30T00:00:00Z"),
            ("until February 2028", "2028-02-29T00:00:00Z"),
            ("Security fixes only", "yes"),
            ("No longer supported", "no"),
            ("?", "nothing"),
            ("", "nothing"),
            ("⚠️", "nothing"),
        ] {
            let said = support(cell).map_or("nothing".to_owned(), |said| match said.until {
                Some(day) => day.to_string(),
                None => if said.supported { "yes" } else { "no" }.to_owned(),
            });
            assert_eq!(said, expected, "{cell}");
        }
    }
}
