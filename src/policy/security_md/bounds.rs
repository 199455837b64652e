//! CVSS scores that bound a tier: `CVSS 9.0-10.0`, `9.0+`, `≥ 7.0 and < 9.0`, `< 4.0`.

use super::token::Token;

/// Bounds in tenths, both included.
pub(super) type Bounds = (u8, u8);

/// A score from 0 to 10, in tenths, and where it ends. A version (`3.1.2`) is none.
fn score(tokens: &[Token], from: usize) -> Option<(u8, usize)> {
    let whole = tokens.get(from)?.number().filter(|number| *number <= 10)?;
    // "v3", "3.1.2"
    if from > 0 && tokens[from].glued && tokens[from - 1].any(&["v", "."]) {
        return None;
    }
    let has_part =
        tokens.get(from + 1).is_some_and(|dot| dot.any(&[".", ","]) && dot.glued) && tokens.get(from + 2).is_some_and(|part| part.glued);
    let (part, end) = match tokens.get(from + 2).filter(|_| has_part).and_then(Token::number) {
        Some(part) if tokens[from + 2].text.len() == 1 => (part, from + 3),
        Some(_) => return None,
        None => (0, from + 1),
    };
    let tenths = whole * 10 + part;
    u8::try_from(tenths).ok().filter(|tenths| *tenths <= 100).map(|tenths| (tenths, end))
}

/// The bounds that a text states. Where `by_name` is set it must speak of CVSS or scores, or give a range with a decimal.
pub(super) fn bounds(tokens: &[Token], by_name: bool) -> Option<Bounds> {
    let named = tokens.iter().position(|token| token.any(&["cvss", "score", "scores", "cvssv"]));
    // "7.0 <= CVSS < 9.0"
    if let Some(bounds) = named.and_then(|at| between(tokens, at)) {
        return Some(bounds).filter(|(low, high)| low <= high);
    }
    // "CVSS v3.1", "CVSS 3.1:" name the version.
    let after = named.and_then(|at| first(tokens, at + 1));
    if after.is_some() {
        return after;
    }
    if by_name && named.is_none() && !tokens.iter().any(|token| token.is(".")) {
        return None;
    }
    // "9.5-10.0 CVSS"
    first(tokens, 0)
}

/// The first bounds from a place on.
fn first(tokens: &[Token], from: usize) -> Option<Bounds> {
    let mut place = from;
    while place < tokens.len() {
        if let Some(found) = bounds_at(tokens, place) {
            return Some(found).filter(|(low, high)| low <= high);
        }
        place += 1;
    }
    None
}

/// `7.0 <= CVSS < 9.0`, with the place of its middle.
fn between(tokens: &[Token], middle: usize) -> Option<Bounds> {
    let sign = |at: usize| tokens.get(at).is_some_and(|token| token.any(&["<", "≤"]));
    let is_equal = |at: usize| tokens.get(at).is_some_and(|token| token.is("="));
    let before = middle.checked_sub(1)?;
    let (place, included) = if is_equal(before) { (before.checked_sub(1)?, true) } else { (before, tokens[before].is("≤")) };
    if !sign(place) {
        return None;
    }
    // The score before it ends there: "7.0" are three tokens, "7" is one.
    let start = [3, 1]
        .into_iter()
        .filter_map(|length| place.checked_sub(length))
        .find(|start| score(tokens, *start).is_some_and(|(_, end)| end == place))?;
    let (low, _) = score(tokens, start)?;
    let low = if included { low } else { low.checked_add(1)? };
    let after = middle + 1;
    if !sign(after) {
        return None;
    }
    let with = tokens[after].is("≤") || is_equal(after + 1);
    let (high, _) = score(tokens, after + 1 + usize::from(is_equal(after + 1)))?;
    Some((low, if with { high } else { high.checked_sub(1)? }))
}

fn bounds_at(tokens: &[Token], place: usize) -> Option<Bounds> {
    let is = |at: usize, words: &[&str]| tokens.get(at).is_some_and(|token| token.any(words));
    // A score never has a unit of time behind it.
    let timed = |end: usize| {
        let end = if is(end, &["-"]) { end + 1 } else { end };
        is(end, &["hours", "hour", "days", "day", "weeks", "week", "months", "month", "business", "h", "d", "%", "working"])
    };
    let signed = ["<", "≤", ">", "≥", "above", "below", "under", "over", "least", "than"];
    let relation = |at: usize| -> Option<(&'static str, usize)> {
        if is(at, &["<"]) && is(at + 1, &["="]) || is(at, &["≤"]) {
            return Some(("to", at + 1 + usize::from(!is(at, &["≤"]))));
        }
        if is(at, &[">"]) && is(at + 1, &["="]) || is(at, &["≥", "least"]) {
            return Some(("from", at + 1 + usize::from(is(at, &[">"]))));
        }
        if is(at, &["<", "below", "under"]) || (is(at, &["than"]) && at > 0 && is(at - 1, &["less", "lower"])) {
            return Some(("below", at + 1));
        }
        if is(at, &[">", "above", "over"]) || (is(at, &["than"]) && at > 0 && is(at - 1, &["more", "greater", "higher"])) {
            return Some(("above", at + 1));
        }
        None
    };
    let side = |at: usize| -> Option<(Bounds, usize)> {
        let (relation, from) = relation(at)?;
        let (tenths, end) = score(tokens, from)?;
        let bounds = match relation {
            "to" => (1, tenths),
            "from" => (tenths, 100),
            "below" => (1, tenths.checked_sub(1)?),
            _ => (tenths.checked_add(1)?, 100),
        };
        (!timed(end)).then_some((bounds, end))
    };
    if is(place, &signed) {
        let ((low, high), end) = side(place)?;
        let joined = (end..(end + 3).min(tokens.len())).find_map(side);
        let ((other_low, other_high), _) = joined.unwrap_or(((1, 100), end));
        return Some((low.max(other_low), high.min(other_high)));
    }
    let (low, end) = score(tokens, place)?;
    if timed(end) {
        return None;
    }
    if is(end, &["-", "to", "through", "~"])
        && let Some((high, end)) = score(tokens, end + 1)
    {
        return (!timed(end)).then_some((low, high));
    }
    // "9.0+", "9.0 or higher", "4.0 and below"
    let joint = usize::from(is(end, &["or", "and"]));
    if is(end, &["+"]) || (joint == 1 && is(end + 1, &["higher", "above", "greater", "more", "up"])) {
        return Some((low, 100));
    }
    if joint == 1 && is(end + 1, &["lower", "below", "less"]) {
        return Some((1, low));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::bounds;
    use crate::policy::security_md::token::tokens;

    #[test]
    fn scores_bound_tiers() {
        for (text, expected) in [
            ("Critical (CVSS 9.0-10.0)", Some((90, 100))),
            ("Critical (9.0 – 10.0)", Some((90, 100))),
            ("Critical (9.5-10.0 CVSS)", Some((95, 100))),
            ("CVSS v3.1 score 7.0 to 8.9", Some((70, 89))),
            ("CVSS >= 9", Some((90, 100))),
            ("CVSS ≥ 7.0 and < 9.0", Some((70, 89))),
            ("CVSS < 4.0", Some((1, 39))),
            ("9.0+", Some((90, 100))),
            ("CVSS 9.0 or higher", Some((90, 100))),
            ("CVSS score: 0.1-3.9", Some((1, 39))),
            ("CVSS 3.1: 9.0-10.0", Some((90, 100))),
            ("Critical (24-72 hours)", None),
            ("Critical", None),
            ("version 1.2.3", None),
            ("within 7 days", None),
            ("CVSS v3", None),
            ("> 6.9", Some((70, 100))),
            ("High (7.0 <= CVSS < 9.0)", Some((70, 89))),
            ("4 ≤ CVSS ≤ 6.9", Some((40, 69))),
        ] {
            assert_eq!(bounds(&tokens(text), true), expected, "{text}");
        }
    }
}
