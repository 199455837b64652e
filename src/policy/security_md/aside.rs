//! Parts of a sentence that say something else than its figures and marks seem to: what clocks start at, what something
//! depends on, remarks, exclusions, pairs of numbers.

use std::ops::Range;

use super::{
    figure::Figure,
    severity,
    token::{Token, contains},
};

/// Words that say that something depends on something else.
pub(super) const DEPENDING: [&str; 5] = ["depends", "depending", "varies", "vary", "based"];

/// Whether what follows a figure tells from when it counts: `within 7 days of confirmation`, `30 days after triage`.
pub(super) fn anchors(tokens: &[Token], found: &[Figure]) -> Vec<Range<usize>> {
    let opens =
        |place: usize| tokens.get(place).is_some_and(|token| token.any(&["of", "after", "from", "following", "upon", "since", "once"]));
    let end = |place: usize| {
        (place..tokens.len().min(place + 8))
            .find(|at| tokens[*at].any(&[",", ";", ".", "(", ")", ":", "-", "we", "you", "i", "they", "and"]))
            .unwrap_or(tokens.len().min(place + 8))
    };
    found.iter().filter(|figure| opens(figure.span.end)).map(|figure| figure.span.end..end(figure.span.end)).collect()
}

/// `24h/48h`: which of them is whose is not told.
pub(super) fn are_paired(tokens: &[Token], found: &[Figure]) -> bool {
    found.windows(2).any(|pair| {
        let between = tokens.get(pair[0].span.end..pair[1].span.start).unwrap_or_default();
        between.len() == 1 && between[0].is("/") && pair[0].limit.is_some() && pair[1].limit.is_some()
    })
}

/// `30 days (7 for critical)`: a number beside a tier that has no unit of its own.
pub(super) fn has_loose_number(tokens: &[Token], found: &[Figure]) -> bool {
    let is_loose = |place: usize| {
        let token = &tokens[place];
        let is_part = |token: Option<&Token>| token.is_some_and(|token| token.any(&[".", "-", ":", "#", "/", "+"]));
        token.number().is_some_and(|number| number < 1000)
            && !token.glued
            && !found.iter().any(|figure| figure.span.contains(&place))
            && !is_part(tokens.get(place + 1))
            && !is_part(place.checked_sub(1).map(|before| &tokens[before]))
    };
    let near = |place: usize| tokens[place.saturating_sub(3)..(place + 4).min(tokens.len())].iter().any(severity::is_name);
    let scored = tokens.iter().any(|token| token.any(&["cvss", "score", "scores", "priority", "p", "level", "tier", "severity"]));
    !scored && found.iter().any(|figure| figure.limit.is_some()) && (0..tokens.len()).any(|place| is_loose(place) && near(place))
}

/// Whether tiers are left out: `all except critical ones`, `not for low`.
pub(super) fn excludes(tokens: &[Token], tiers: &[severity::TierMark]) -> bool {
    let before = |start: usize| &tokens[start.saturating_sub(3)..start];
    let excluding = |words: &[Token]| {
        words.iter().any(|token| token.any(&["except", "excluding", "excluded", "excepted", "besides", "without", "apart"]))
            || contains(words, &["other", "than"])
            || contains(words, &["not", "for"])
            || contains(words, &["but", "not"])
    };
    // Also of words that would mean no tier by themselves: "issues other than critical are ..."
    let named = (0..tokens.len()).filter(|place| severity::is_name(&tokens[*place]));
    let unless = |place: usize| tokens[place.saturating_sub(5)..place].iter().any(|token| token.is("unless"));
    if named.clone().any(|place| excluding(before(place)) || unless(place)) {
        return true;
    }
    tiers.iter().any(|mark| {
        let after = &tokens[mark.end..(mark.end + 3).min(tokens.len())];
        excluding(before(mark.start))
            || after.iter().take_while(|token| token.is_word()).any(|token| token.any(&["excluded", "excepted", "excluding"]))
    })
}

/// Of two limits the later one: `7 days or 30 days, whichever is later`.
pub(super) fn at_latest(tokens: &[Token]) -> bool {
    contains(tokens, &["whichever", "is", "later"])
        || contains(tokens, &["whichever", "is", "longer"])
        || contains(tokens, &["whichever", "comes", "later"])
}

/// What something depends on: `depending on how complex the fix is`.
pub(super) fn asides(tokens: &[Token]) -> Vec<Range<usize>> {
    let end = |place: usize| (place..tokens.len()).find(|at| tokens[*at].any(&[",", ";", ".", ")"])).unwrap_or(tokens.len());
    (0..tokens.len()).filter(|place| tokens[*place].any(&DEPENDING)).map(|place| place..end(place)).collect()
}

/// Remarks in parentheses that name a tier in passing: `(or sooner if critical)`, `(critical issues first)`.
pub(super) fn remarks(tokens: &[Token]) -> Vec<Range<usize>> {
    let passing = ["if", "sooner", "faster", "earlier", "first", "prioritized", "prioritised", "priority", "especially", "unless"];
    let close = |open: usize| (open..tokens.len()).find(|at| tokens[*at].is(")"));
    let found = (0..tokens.len()).filter(|place| tokens[*place].is("(")).filter_map(|open| close(open).map(|close| open..close));
    found.filter(|part| tokens[part.clone()].iter().any(|token| token.any(&passing))).collect()
}
