//! Lengths of time in a text: `within 48 hours`, `24–72h`, `three (3) business days`, `next release`, `as soon as possible`.
//!
//! Only what can be a deadline is found. Durations of something else are passed over: `for 12 months`, `in the last 30
//! days`, `24 hours a day`, `more than 60 days`, `7 days ago`.

use std::ops::Range;

use super::{
    quantity::{hyphenated_unit, quantity, single, unit},
    token::{Token, at},
};
use crate::policy::deadline::Until;

/// A length of time, or words in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    /// Its tokens, with what introduces it (`within`).
    pub(super) span: Range<usize>,
    /// The earlier end of a range, in hours.
    pub(super) target: Option<u32>,
    /// The limit, in hours; `None` for mere words.
    pub(super) limit: Option<u32>,
    /// Business days.
    pub(super) business: bool,
    /// Again and again.
    pub(super) recurring: bool,
    /// `next release`.
    pub(super) until: Option<Until>,
    /// How it stands there.
    pub(super) form: Form,
}

/// How a figure stands in its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Introduced: `within`, `up to`, `<`.
    Limit,
    /// By itself: `48 hours`.
    Bare,
    /// `after 90 days`: a deadline only of a disclosure.
    After,
    /// No figure: `as soon as possible`, `varies`.
    Words,
    /// A figure that nobody has filled in: `within [X] days`.
    Unfilled,
    /// A figure in digits that are not ours: `９０ days`.
    Unread,
}

impl Figure {
    /// A figure, or an event that ends it.
    pub(super) fn says_when(&self) -> bool {
        self.limit.is_some() || self.until.is_some()
    }
}

/// What the words before a quantity make of it.
enum Introduction {
    As(Form, bool),
    SomethingElse,
}

/// Looks back from a quantity; gives its form, whether it recurs, and where its introduction begins.
fn introduction(tokens: &[Token], from: usize) -> (Introduction, usize) {
    let mut place = from;
    let filler = ["about", "approximately", "approx", "around", "roughly", "~", "the", "a", "an", "next", "first", "(", "=", "of", "**"];
    while place > 0 && tokens[place - 1].any(&filler) && from - place < 3 {
        place -= 1;
    }
    let Some(last) = place.checked_sub(1).map(|at| &tokens[at]) else { return (Introduction::As(Form::Bare, false), from) };
    let two = |first: &str| place >= 2 && tokens[place - 2].is(first);
    let is_limit = match last.text.as_str() {
        "within" | "in" | "under" | "<" | "≤" | "by" | "inside" | "upto" | "max" | "maximum" => true,
        "most" => two("at"),
        "than" => two("less") || two("fewer") || two("later") || (two("more") && place >= 3 && tokens[place - 3].any(&["no", "not"])),
        "to" => two("up"),
        "exceed" => two("not") || two("to") && place >= 3 && tokens[place - 3].is("not"),
        _ => false,
    };
    // "not within 90 days"
    if place >= 2 && tokens[place - 2].is("not") && last.any(&["within", "in"]) {
        return (Introduction::As(Form::Unread, false), place - 1);
    }
    if is_limit {
        let long = matches!(last.text.as_str(), "than" | "to" | "exceed" | "most");
        return (Introduction::As(Form::Limit, false), place.saturating_sub(if long { 2 } else { 1 }));
    }
    // "an additional three days" counts from something that is not told.
    if tokens[from.saturating_sub(2)..from].iter().any(|token| token.any(&["additional", "another", "further", "extra"])) {
        return (Introduction::As(Form::Unread, false), from);
    }
    // "we aim for 72 hours"
    if last.is("for") && place >= 2 && tokens[place - 2].any(&["aim", "aims", "aiming", "strive", "strives", "target", "shoot"]) {
        return (Introduction::As(Form::Limit, false), place - 1);
    }
    if place >= 2 && last.is("order") || tokens[from.saturating_sub(3)..from].iter().any(|token| token.is("order")) {
        return (Introduction::As(Form::Unread, false), from);
    }
    match last.text.as_str() {
        "every" | "each" => (Introduction::As(Form::Limit, true), place - 1),
        "after" => (Introduction::As(Form::After, false), place - 1),
        "for" | "last" | "past" | "previous" | "preceding" | "prior" | "over" | "than" | "exceed" | "exceeds" | "exceeding" | "beyond"
        | "least" | "minimum" | ">" | "≥" | "since" | "until" | "wait" | "waiting" | "allow" | "give" | "per" | "version" | "v" | "$"
        | "€" => (Introduction::SomethingElse, place - 1),
        _ => (Introduction::As(Form::Bare, false), from),
    }
}

/// Whether what follows a quantity makes it something else than a deadline.
fn is_something_else(tokens: &[Token], end: usize) -> bool {
    let follows = |words: &[&str]| tokens.get(end).is_some_and(|token| token.any(words));
    let a_unit = tokens.get(end).is_some_and(|token| token.any(&["a", "per", "/", "each", "every"])) && unit(tokens, end + 1).is_some();
    a_unit
        || follows(&["ago", "old", "before", "prior", "earlier", "older", "+"])
        || at(tokens, end, &["in", "advance"])
        || at(tokens, end, &["of", "support"])
        || at(tokens, end, &["of", "age"])
        || at(tokens, end, &["or", "more"])
        || at(tokens, end, &["or", "longer"])
        || at(tokens, end, &["notice"])
}

/// Words that stand for a figure, longest first.
const WORDS: [&[&str]; 24] = [
    &["based", "on", "severity"],
    &["based", "on", "the", "severity"],
    &["based", "on", "complexity"],
    &["based", "on", "impact"],
    &["based", "on", "risk"],
    &["case", "by", "case"],
    &["case", "-", "by", "-", "case"],
    &["to", "be", "determined"],
    &["end", "of", "day"],
    &["next", "business", "day"],
    &["next", "working", "day"],
    &["next", "day"],
    &["best", "-", "effort"],
    &["best", "effort"],
    &["best", "efforts"],
    &["asap"],
    &["immediate"],
    &["immediately"],
    &["promptly"],
    &["varies"],
    &["vary"],
    &["depends"],
    &["depending"],
    &["tbd"],
];

const RECURRING: [(&[&str], u32); 9] = [
    (&["once", "a", "week"], 168),
    (&["once", "a", "month"], 720),
    (&["every", "other", "week"], 336),
    (&["every", "week"], 168),
    (&["each", "week"], 168),
    (&["every", "day"], 24),
    (&["weekly"], 168),
    (&["daily"], 24),
    (&["monthly"], 720),
];

/// Words at a place in the place of a figure.
fn in_words(tokens: &[Token], from: usize) -> Option<Figure> {
    let made = |end: usize, limit: Option<u32>, form: Form| Figure {
        span: from..end,
        target: None,
        limit,
        business: false,
        recurring: false,
        until: None,
        form,
    };
    if let Some((words, limit)) = RECURRING.iter().find(|(words, _)| at(tokens, from, words)) {
        return Some(Figure { recurring: true, ..made(from + words.len(), Some(*limit), Form::Limit) });
    }
    let is_simultaneous = from >= 1 && tokens[from - 1].is("on") || from >= 2 && tokens[from - 2].is("on");
    for (words, business) in [(&["same", "day"][..], false), (&["same", "-", "day"], false), (&["same", "business", "day"], true)] {
        if at(tokens, from, words) && !is_simultaneous {
            return Some(Figure { business, ..made(from + words.len(), Some(24), Form::Limit) });
        }
    }
    if tokens[from].any(&["next", "upcoming", "future", "subsequent"]) {
        let fillers = [
            "minor", "major", "patch", "point", "scheduled", "regular", "planned", "stable", "feature", "available", "maintenance",
            "quarterly", "public", "official",
        ];
        let mut place = from + 1;
        while tokens.get(place).is_some_and(|token| token.any(&fillers)) && place < from + 4 {
            place += 1;
        }
        // "next minor" by itself
        let is_short = tokens[from].is("next") && place > from + 1 && tokens.get(place).is_none_or(|token| !token.is_word());
        if is_short && tokens[place - 1].any(&["minor", "major", "patch", "point", "maintenance"]) {
            return Some(Figure { until: Some(Until::NextRelease), ..made(place, None, Form::Words) });
        }
        if tokens.get(place).is_some_and(|token| token.any(&["release", "version", "releases"])) {
            place += 1;
            if tokens.get(place).is_some_and(|token| token.any(&["cycle", "window", "train"])) {
                place += 1;
            }
            let is_next = !tokens[from].is("future");
            return Some(Figure { until: is_next.then_some(Until::NextRelease), ..made(place, None, Form::Words) });
        }
    }
    // "as soon as reasonably possible", "as quickly as we can"
    if tokens[from].is("as")
        && tokens.get(from + 1).is_some_and(|token| token.any(&["soon", "quickly", "fast", "promptly", "rapidly"]))
        && at(tokens, from + 2, &["as"])
    {
        let ends = ["possible", "practical", "practicable", "feasible", "can", "able"];
        let end = tokens[from + 3..].iter().take(4).position(|token| token.any(&ends));
        return end.map(|end| made(from + 4 + end, None, Form::Words));
    }
    if let Some(words) = WORDS.iter().find(|words| at(tokens, from, words)) {
        return Some(made(from + words.len(), None, Form::Words));
    }
    // "a few days"
    let place = if tokens[from].any(&["a", "some"]) { from + 1 } else { from };
    let vague = tokens.get(place).filter(|token| token.any(&["few", "several", "couple"])).map(|_| place + 1);
    let place = vague.map(|place| if tokens.get(place).is_some_and(|token| token.is("of")) { place + 1 } else { place })?;
    unit(tokens, place).map(|unit| made(unit.end, None, Form::Words))
}

/// A figure that nobody has filled in: `[X] days`, `within XX hours`, `<N> days`.
fn unfilled(tokens: &[Token], from: usize) -> Option<Figure> {
    let opens = tokens[from].any(&["[", "<", "{"]);
    let mut place = from + usize::from(opens);
    let token = tokens.get(place)?;
    let wide = token.text.starts_with(|c: char| c.is_numeric() && !c.is_ascii_digit());
    let stands_for_a_number = wide || token.any(&["x", "xx", "xxx", "n", "nn", "y", "yy", "z", "zz", "?", "_", "#", "number", "tbd"]);
    let is_introduced =
        opens || wide || from.checked_sub(1).is_some_and(|before| tokens[before].any(&["within", "in", "under", "to", ":"]));
    if !stands_for_a_number || !is_introduced {
        return None;
    }
    place += 1;
    while tokens.get(place).is_some_and(|token| token.any(&["x", "xx", "?", "_", "]", ">", "}", "-"])) && place < from + 6 {
        place += 1;
    }
    if tokens.get(place).is_some_and(|token| token.text.starts_with(|c: char| c.is_numeric() && !c.is_ascii_digit())) {
        place += 1;
    }
    let end = hyphenated_unit(tokens, place)?.end;
    let form = if wide { Form::Unread } else { Form::Unfilled };
    Some(Figure { span: from..end, target: None, limit: None, business: false, recurring: false, until: None, form })
}

/// A counted figure at a place; `Err` with its end when it is a length of time, but no deadline.
fn counted(tokens: &[Token], from: usize) -> Option<Result<Figure, usize>> {
    // "-3 days", "1 000 hours"
    let before = from.checked_sub(1).map(|at| &tokens[at]);
    let is_negative = tokens[from].glued && before.is_some_and(|sign| sign.is("-") && !sign.glued);
    let is_tail = !tokens[from].glued && tokens[from].number().is_some() && before.is_some_and(|number| number.number().is_some());
    if is_negative {
        return quantity(tokens, from, false).map(|found| Err(found.end));
    }
    if is_tail {
        let unread =
            |end| Figure { span: from..end, target: None, limit: None, business: false, recurring: false, until: None, form: Form::Unread };
        return quantity(tokens, from, false).map(|found| Ok(unread(found.end)));
    }
    // A part of a version, a date or an amount of money.
    if tokens[from].glued
        && from > 0
        && tokens[from - 1].any(&[".", "-", "$", "€", "#", ":"])
        && tokens[from - 1].glued
        && from > 1
        && tokens[from - 2].number().is_some()
    {
        return None;
    }
    let found = if tokens[from].any(&["a", "an"]) {
        let before = from.checked_sub(1).map(|at| &tokens[at]);
        before.filter(|token| token.any(&["within", "in", "under", "than"]))?;
        single(tokens, from + 1)?
    } else {
        let between = from.checked_sub(1).is_some_and(|before| tokens[before].is("between"));
        quantity(tokens, from, between)?
    };
    let (how, start) = introduction(tokens, from);
    let start =
        if start == from && from.checked_sub(1).is_some_and(|before| tokens[before].any(&["between", "from"])) { from - 1 } else { start };
    // `24 hours a day`, and what is no range: `5 to 3 days`.
    if is_something_else(tokens, found.end) || found.low.is_some_and(|low| low > found.high) {
        return Some(Err(found.end));
    }
    Some(match how {
        // "7 / 14 days", "7, 14 and 30 days": which of them is whose is not told. "0 days" is no time.
        Introduction::As(form, _) if found.high == 0 || (form != Form::After && is_one_of_several(tokens, start)) => Ok(Figure {
            span: start..found.end,
            target: None,
            limit: None,
            business: false,
            recurring: false,
            until: None,
            form: Form::Unread,
        }),
        Introduction::As(form, recurring) => Ok(Figure {
            span: start..found.end,
            target: found.low,
            limit: Some(found.high),
            business: found.business || in_business_days(tokens, found.end),
            recurring,
            until: None,
            form,
        }),
        Introduction::SomethingElse => Err(found.end),
    })
}

/// `48 hours (business days only)`
fn in_business_days(tokens: &[Token], end: usize) -> bool {
    let inside = tokens.get(end).filter(|token| token.is("(")).map(|_| tokens[end + 1..].iter().take_while(|token| !token.is(")")));
    inside.is_some_and(|mut inside| inside.any(|token| token.any(&["business", "working", "weekdays"])))
}

/// Whether a bare number stands right before, as one of several that share a unit.
fn is_one_of_several(tokens: &[Token], start: usize) -> bool {
    let Some(sign) = start.checked_sub(1).filter(|at| tokens[*at].any(&[",", "/", "and", "&"])) else { return false };
    sign.checked_sub(1).is_some_and(|at| tokens[at].number().is_some() && !(at > 0 && tokens[at - 1].any(&[".", "cvss", "v", "version"])))
}

/// All figures of a text, in order.
pub(super) fn figures(tokens: &[Token]) -> Vec<Figure> {
    let mut found: Vec<Figure> = Vec::new();
    let mut place = 0;
    while place < tokens.len() {
        let figure = match counted(tokens, place) {
            Some(Ok(figure)) => Some(figure),
            Some(Err(end)) => {
                place = end;
                continue;
            }
            None => unfilled(tokens, place).or_else(|| in_words(tokens, place)),
        };
        let Some(mut figure) = figure else {
            place += 1;
            continue;
        };
        // What introduces it is not taken from the one before.
        figure.span.start = figure.span.start.max(found.last().map_or(0, |last| last.span.end));
        place = figure.span.end;
        match found.last_mut().filter(|last| belong_together(tokens, last, &figure)) {
            Some(last) => join(last, &figure),
            None => found.push(figure),
        }
    }
    found
}

/// Whether two figures are one statement: `Immediate (within 24 hours)`, `30 days or next release`.
fn belong_together(tokens: &[Token], first: &Figure, second: &Figure) -> bool {
    let between = tokens.get(first.span.end..second.span.start).unwrap_or_default();
    let glue = [
        "(", ")", ",", "or", "/", "-", "in", "the", "with", "by", "typically", "usually", "ideally", "generally", "normally", "at", "but",
        "and", "a", "an", "target", ":", "=", "whichever", "on", "basis", "we", "aim", "for", "is", "latest", "earlier", "sooner",
    ];
    let is_mere_words = |figure: &Figure| figure.limit.is_none() && figure.form == Form::Words;
    (is_mere_words(first) || is_mere_words(second)) && between.len() <= 5 && between.iter().all(|token| token.any(&glue))
}

fn join(first: &mut Figure, second: &Figure) {
    first.span.end = second.span.end;
    // "the next scheduled release (every 6 weeks)"
    if first.until.is_some() && second.recurring {
        return;
    }
    first.until = first.until.or(second.until);
    if second.limit.is_some() {
        first.target = second.target;
        first.limit = second.limit;
        first.business = second.business;
        first.recurring = second.recurring;
        first.form = second.form;
    }
}

#[cfg(test)]
mod tests {
    use super::{Form, figures};
    use crate::policy::security_md::token::tokens;

    fn read(text: &str) -> Vec<String> {
        let figure = |figure: super::Figure| {
            let mut said: Vec<String> = Vec::new();
            said.extend(figure.target.map(|hours| format!("from {hours}")));
            said.extend(figure.limit.map(|hours| hours.to_string()));
            said.extend(figure.business.then(|| "business".to_owned()));
            said.extend(figure.recurring.then(|| "recurring".to_owned()));
            said.extend(figure.until.map(|_| "release".to_owned()));
            said.extend((figure.form == Form::Words && figure.until.is_none()).then(|| "words".to_owned()));
            said.extend((figure.form == Form::Unread).then(|| "unread".to_owned()));
            said.extend((figure.form == Form::Unfilled).then(|| "unfilled".to_owned()));
            said.join(" ")
        };
        figures(&tokens(text)).into_iter().map(figure).collect()
    }

    #[test]
    fn lengths_of_time_are_read_as_they_are_written() {
        for (text, expected) in [
            ("within 48 hours", &["48"][..]),
            ("48h", &["48"]),
            ("24hrs", &["24"]),
            ("2wks", &["336"]),
            ("3 mo.", &["2160"]),
            ("7d", &["168"]),
            ("≤ 7 days", &["168"]),
            ("<=7 days", &["168"]),
            ("< 14 days (Critical), < 30 days (other)", &["336", "720"]),
            ("24-72 hours", &["from 24 72"]),
            ("24 – 72h", &["from 24 72"]),
            ("24h—72h", &["from 24 72"]),
            ("24 hours to 3 days", &["from 24 72"]),
            ("between 3 and 5 business days", &["from 72 120 business"]),
            ("2 or 3 days", &["from 48 72"]),
            ("three (3) business days", &["72 business"]),
            ("one (1) week", &["168"]),
            ("forty-five days", &["1080"]),
            ("1.5 days", &["36"]),
            ("30 minutes", &["1"]),
            ("within a week", &["168"]),
            ("a fortnight's notice in a fortnight", &["336"]),
            ("within two working days", &["48 business"]),
            ("within a day or two", &["from 24 48"]),
            ("0-48 hours", &["48"]),
            ("a few days (we aim for 72 hours)", &["72"]),
            ("1,000 hours", &["1000"]),
            ("1 000 hours", &["unread"]),
            ("7/14/30 days", &["unread"]),
            ("48 hours (business days only)", &["48 business"]),
            ("next minor", &["release"]),
            ("7 / 14 days", &["unread"]),
            ("7, 14 and 30 days", &["unread"]),
            ("0 days", &["unread"]),
            ("next scheduled release (every 6 weeks)", &["release"]),
            ("an additional three (3) business days", &["72 business unread"]),
            ("a 90-day window", &["2160"]),
            ("Immediate (within 24 hours)", &["24"]),
            ("Immediately", &["words"]),
            ("as soon as possible, typically within 7 days", &["168"]),
            ("30 days or next release", &["720 release"]),
            ("Next release cycle", &["release"]),
            ("the next scheduled minor release", &["release"]),
            ("a future release", &["words"]),
            ("same day", &["24"]),
            ("weekly", &["168 recurring"]),
            ("every 5 business days", &["120 business recurring"]),
            ("a couple of days", &["words"]),
            ("several weeks", &["words"]),
            ("within [X] days", &["unfilled"]),
            ("within XX hours", &["unfilled"]),
            ("within [N] days", &["unfilled"]),
            ("within ４８ hours", &["unread"]),
            ("no later than 30 days", &["720"]),
            ("no more than 5 days", &["120"]),
            ("1 day(s)", &["24"]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn other_durations_are_no_deadlines() {
        for text in [
            "for 12 months",
            "in the last 30 days",
            "24 hours a day, 7 days a week",
            "24/7",
            "more than 60 days",
            "30+ days",
            "7 days ago",
            "at least 48 hours",
            "30 days in advance",
            "wait 90 days",
            "version 7.2 days",
            "5 to 3 days",
            "99999999999 days",
            "TLS 1.2",
            "-3 days",
            "published on the same day",
            "a day",
        ] {
            assert_eq!(read(text), [] as [&str; 0], "{text}");
        }
    }
}
