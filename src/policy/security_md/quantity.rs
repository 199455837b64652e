//! Quantities of time: numbers in digits and words, ranges, units. `24-72 hours`, `three (3) business days`, `1.5 weeks`.

use super::token::{Token, at};

/// A unit of time, in minutes.
pub(super) struct Unit {
    minutes: u32,
    business: bool,
    /// Behind the last token.
    pub(super) end: usize,
}

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

/// The unit of time that begins at a token.
pub(super) fn unit(tokens: &[Token], from: usize) -> Option<Unit> {
    let mut place = from;
    let mut business = false;
    while let Some(token) =
        tokens.get(place).filter(|token| token.any(&["business", "working", "work", "calendar", "full", "consecutive", "week"]))
    {
        // "1 week": a unit of its own unless another follows.
        if token.is("week") && !tokens.get(place + 1).is_some_and(|next| next.any(&["day", "days"])) {
            break;
        }
        business |= token.any(&["business", "working", "work", "week"]);
        place += 1;
        if tokens.get(place).is_some_and(|sign| sign.is("-")) {
            place += 1;
        }
    }
    let token = tokens.get(place)?;
    let minutes = match token.text.as_str() {
        "minute" | "minutes" | "min" | "mins" => 1,
        "hour" | "hours" | "hr" | "hrs" | "h" => HOUR,
        "day" | "days" | "d" => DAY,
        "weekday" | "weekdays" => {
            business = true;
            DAY
        }
        "week" | "weeks" | "wk" | "wks" | "w" => 7 * DAY,
        "fortnight" | "fortnights" => 14 * DAY,
        "month" | "months" | "mo" | "mos" | "mth" | "mths" => 30 * DAY,
        "quarter" | "quarters" => 90 * DAY,
        "year" | "years" | "yr" | "yrs" => 360 * DAY,
        _ => return None,
    };
    place += 1;
    if at(tokens, place, &["(", "s", ")"]) {
        place += 3;
    }
    Some(Unit { minutes, business, end: place })
}

const NUMBERS: [(&str, u32); 26] = [
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("eighteen", 18),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("hundred", 100),
];

/// A number in hundredths, so that "1.5 days" is one, and where it ends.
fn amount(tokens: &[Token], from: usize) -> Option<(u64, usize)> {
    let token = tokens.get(from)?;
    if let Some(whole) = token.number() {
        let whole = u64::from(whole) * 100;
        // "1,000"
        let is_group = |at: usize| {
            tokens.get(at).is_some_and(|sign| sign.is(",") && sign.glued)
                && tokens.get(at + 1).is_some_and(|part| part.glued && part.text.len() == 3 && part.number().is_some())
        };
        if is_group(from + 1) {
            let thousands = whole * 1000 + u64::from(tokens[from + 2].number()?) * 100;
            return (!is_group(from + 3)).then_some((thousands, from + 3));
        }
        let is_fraction = tokens.get(from + 1).is_some_and(|sign| sign.any(&[".", ","]) && sign.glued);
        if let Some(part) = tokens.get(from + 2).filter(|part| is_fraction && part.glued && part.text.len() <= 2).and_then(Token::number) {
            let scale = if tokens[from + 2].text.len() == 1 { 10 } else { 1 };
            return Some((whole + u64::from(part) * scale, from + 3));
        }
        return Some((whole, doubled(tokens, from + 1)));
    }
    let word =
        |place: usize| tokens.get(place).and_then(|token| NUMBERS.iter().find(|(name, _)| token.is(name))).map(|(_, number)| *number);
    let mut number = word(from)?;
    let mut end = from + 1;
    // "forty-five"
    if number >= 20
        && let Some(ones) = word(from + 2).filter(|ones| *ones < 10 && tokens[from + 1].is("-"))
    {
        number += ones;
        end = from + 3;
    }
    Some((u64::from(number) * 100, doubled(tokens, end)))
}

/// Passes over a number that is said twice: `three (3)`.
fn doubled(tokens: &[Token], end: usize) -> usize {
    let in_parentheses =
        |place: usize| tokens.get(place).is_some_and(|token| token.number().is_some() || NUMBERS.iter().any(|(name, _)| token.is(name)));
    if at(tokens, end, &["("]) && in_parentheses(end + 1) && at(tokens, end + 2, &[")"]) { end + 3 } else { end }
}

/// A quantity of time: both ends in hours, and where it ends.
pub(super) struct Quantity {
    /// The lower end of a range.
    pub(super) low: Option<u32>,
    /// The upper end, or all of it.
    pub(super) high: u32,
    /// Whether it is about business days.
    pub(super) business: bool,
    /// Behind the last token.
    pub(super) end: usize,
}

/// Hours of hundredths of a unit, rounded up: a limit is never made shorter than it was said.
fn hours(hundredths: u64, unit: &Unit) -> Option<u32> {
    let minutes = hundredths.checked_mul(u64::from(unit.minutes))?.div_ceil(100);
    // A hundred years are a slip of the keyboard.
    u32::try_from(minutes.div_ceil(u64::from(HOUR))).ok().filter(|hours| *hours <= 876_000)
}

/// The unit at a place, perhaps behind a hyphen: `90-day`.
pub(super) fn hyphenated_unit(tokens: &[Token], place: usize) -> Option<Unit> {
    let place = if tokens.get(place).is_some_and(|sign| sign.is("-")) { place + 1 } else { place };
    unit(tokens, place)
}

/// The quantity at a place; `between` lets its ends be joined by `and`.
pub(super) fn quantity(tokens: &[Token], from: usize, between: bool) -> Option<Quantity> {
    let (first, place) = amount(tokens, from)?;
    let own_unit = hyphenated_unit(tokens, place);
    let after = own_unit.as_ref().map_or(place, |unit| unit.end);
    let joins = |token: &Token| token.any(&["-", "to", "~"]) || (own_unit.is_none() && token.is("or")) || (between && token.is("and"));
    if let Some((second, end)) = tokens.get(after).filter(|token| joins(token)).and_then(|_| amount(tokens, after + 1))
        && let Some(unit) = hyphenated_unit(tokens, end)
    {
        let low = hours(first, own_unit.as_ref().unwrap_or(&unit))?;
        let high = hours(second, &unit)?;
        return Some(Quantity { low: Some(low).filter(|low| *low != high && *low > 0), high, business: unit.business, end: unit.end });
    }
    let unit = own_unit?;
    // "one week or two", "a day or two"
    if let Some((second, end)) = or_two(tokens, unit.end) {
        let (low, high) = (hours(first, &unit)?, hours(second, &unit)?);
        return Some(Quantity { low: Some(low).filter(|low| *low < high), high: high.max(low), business: unit.business, end });
    }
    Some(Quantity { low: None, high: hours(first, &unit)?, business: unit.business, end: unit.end })
}

/// `or two` behind a unit that both numbers share.
fn or_two(tokens: &[Token], place: usize) -> Option<(u64, usize)> {
    let (second, end) = tokens.get(place).filter(|token| token.is("or")).and_then(|_| amount(tokens, place + 1))?;
    hyphenated_unit(tokens, end).is_none().then_some((second, end))
}

/// The length of time at a place, whatever stands before it, in hours; none of business days.
pub(super) fn length(tokens: &[Token], from: usize) -> Option<u32> {
    quantity(tokens, from, false).filter(|quantity| !quantity.business).map(|quantity| quantity.high)
}

/// One of the unit at a place, behind `a`: `a week`, `a day or two`.
pub(super) fn single(tokens: &[Token], from: usize) -> Option<Quantity> {
    let unit = unit(tokens, from)?;
    let one = hours(100, &unit)?;
    Some(match or_two(tokens, unit.end) {
        Some((second, end)) => {
            let high = hours(second, &unit)?;
            Quantity { low: Some(one).filter(|low| *low < high), high: high.max(one), business: unit.business, end }
        }
        None => Quantity { low: None, high: one, business: unit.business, end: unit.end },
    })
}

/// Whether a length of time stands anywhere, whatever it is about; `90+ days` is one, too.
pub(super) fn is_any(tokens: &[Token]) -> bool {
    (0..tokens.len()).any(|place| {
        let end = amount(tokens, place).map(|(_, end)| if tokens.get(end).is_some_and(|sign| sign.is("+")) { end + 1 } else { end });
        end.is_some_and(|end| hyphenated_unit(tokens, end).is_some())
    })
}
