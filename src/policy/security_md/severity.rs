//! Which severity tiers the words of a text mean.

use std::collections::BTreeSet;

use super::token::{Token, at};
use crate::policy::Tier;

/// Whom a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// These tiers.
    Tiers(BTreeSet<Tier>),
    /// All vulnerabilities alike, by name.
    All,
    /// The tiers that the statements beside it do not name.
    Others,
    /// The tiers below all that the statements beside it name.
    Lower,
    /// `Important`, which is high where it stands between critical and moderate.
    Important,
    /// A tier by a name that says nothing about CVSS: `P1`, `severe`.
    Unknown,
}

/// Words that mean tiers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TierMark {
    /// The first token.
    pub(super) start: usize,
    /// Behind the last token.
    pub(super) end: usize,
    /// What they mean.
    pub(super) scope: Scope,
}

/// How much a text is trusted to mean severity by words that have other meanings, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A sentence: `high quality` is no tier.
    Prose,
    /// A label, a cell, a short heading: nothing else is in question.
    Label,
}

/// The tier of a word.
fn named(token: &Token) -> Option<Tier> {
    match token.text.as_str() {
        "critical" | "criticals" => Some(Tier::Critical),
        "high" | "highs" => Some(Tier::High),
        "medium" | "moderate" | "med" => Some(Tier::Medium),
        "low" | "lows" => Some(Tier::Low),
        _ => None,
    }
}

/// Whether a word is the name of a tier, whatever it means where it stands.
pub(super) fn is_name(token: &Token) -> bool {
    named(token).is_some()
}

/// What is said to be critical or high where a tier is meant.
const SUBJECTS: [&str; 35] = [
    "severity", "severities", "vulnerability", "vulnerabilities", "issue", "issues", "risk", "risks", "bug", "bugs", "impact", "finding",
    "findings", "priority", "flaw", "flaws", "problem", "problems", "fix", "fixes", "patch", "patches", "security", "cve", "cves", "cvss",
    "ones", "rated", "reports", "report", "level", "alerts", "rating", "ratings", "category",
];

/// What may stand between such a word and its subject.
const LINKS: [&str; 18] = [
    "-", "and", "or", "/", ",", "&", "high", "medium", "moderate", "low", "critical", "confirmed", "exploitable", "dependency", "known",
    "open", "unpatched", "rated",
];

/// What says of something that it is of a tier.
const STATES: [&str; 9] = ["is", "are", "be", "considered", "deemed", "classified", "rated", "it's", "they're"];

/// The tiers above one, itself included.
fn and_above(tier: Tier) -> BTreeSet<Tier> {
    Tier::ALL.into_iter().filter(|other| *other <= tier).collect()
}

fn and_below(tier: Tier) -> BTreeSet<Tier> {
    Tier::ALL.into_iter().filter(|other| *other >= tier).collect()
}

/// The tier words of a text, in order.
pub(super) fn tier_marks(tokens: &[Token], reading: Reading) -> Vec<TierMark> {
    let mut found: Vec<TierMark> = Vec::new();
    let mut place = 0;
    while place < tokens.len() {
        let mark = known(tokens, place, reading, found.last())
            .or_else(|| others(tokens, place, reading))
            .or_else(|| unknown(tokens, place, reading));
        match mark {
            Some(mut mark) => {
                // A sign before it may be the end of the one before.
                mark.start = mark.start.max(found.last().map_or(0, |last| last.end));
                place = mark.end;
                found.push(mark);
            }
            None => place += 1,
        }
    }
    join_ranges(tokens, &mut found);
    // "P0 (Critical)", "Sev 1 - Critical": the known name tells.
    if found.iter().any(|mark| matches!(mark.scope, Scope::Tiers(_))) {
        found.retain(|mark| mark.scope != Scope::Unknown || reading == Reading::Prose);
    }
    found
}

/// `Medium - Critical` are all from one to the other.
fn join_ranges(tokens: &[Token], found: &mut Vec<TierMark>) {
    let mut at = 1;
    while at < found.len() {
        let between = tokens.get(found[at - 1].end..found[at].start).unwrap_or_default();
        let is_range = between.len() == 1 && between[0].any(&["-", "to", "through"]);
        let ends = match (&found[at - 1].scope, &found[at].scope) {
            (Scope::Tiers(first), Scope::Tiers(second)) if is_range => first.iter().chain(second).copied().collect::<BTreeSet<_>>(),
            _ => BTreeSet::new(),
        };
        if let (Some(first), Some(last)) = (ends.first(), ends.last()) {
            let all = Tier::ALL.into_iter().filter(|tier| (first..=last).contains(&tier)).collect();
            let end = found[at].end;
            found[at - 1].scope = Scope::Tiers(all);
            found[at - 1].end = end;
            found.remove(at);
        } else {
            at += 1;
        }
    }
}

fn known(tokens: &[Token], from: usize, reading: Reading, last: Option<&TierMark>) -> Option<TierMark> {
    let tier = named(&tokens[from])?;
    if reading == Reading::Prose && !is_meant(tokens, from, last, Tier::ALL.len()) && compared(tokens, from, tier).is_none() {
        return None;
    }
    let mut end = from + 1;
    let before = from.checked_sub(1).map(|before| &tokens[before]);
    let negated =
        before.is_some_and(|token| token.any(&["non", "not"])) || (from >= 2 && tokens[from - 1].is("-") && tokens[from - 2].is("non"));
    if negated {
        let tiers = Tier::ALL.into_iter().filter(|other| *other > tier).collect();
        return Some(TierMark { start: from, end, scope: Scope::Tiers(tiers) });
    }
    if let Some((start, tiers)) = compared(tokens, from, tier) {
        return Some(TierMark { start, end, scope: Scope::Tiers(tiers) });
    }
    // "high severity and above", "medium or higher", "high+"
    let mut look = end;
    while tokens.get(look).is_some_and(|token| token.any(&["-", "severity", "risk", "vulnerabilities", "issues", "("])) && look < end + 3 {
        look += 1;
    }
    let open_end = tokens.get(look).is_some_and(|token| token.any(&["and", "or"]));
    let direction = tokens.get(look + usize::from(open_end)).filter(|token| open_end || token.is("+"));
    let tiers = match direction.map(|token| token.text.as_str()) {
        Some("above" | "higher" | "greater" | "worse" | "up" | "+") => and_above(tier),
        Some("below" | "lower" | "under") => and_below(tier),
        _ => BTreeSet::from([tier]),
    };
    if tiers.len() > 1 {
        end = look + 1 + usize::from(open_end);
    }
    Some(TierMark { start: from, end, scope: Scope::Tiers(tiers) })
}

/// The tiers of a comparison: `≥ high`, `at least high`, `< high`, `up to medium`.
fn compared(tokens: &[Token], from: usize, tier: Tier) -> Option<(usize, BTreeSet<Tier>)> {
    let is = |back: usize, words: &[&str]| from.checked_sub(back).is_some_and(|place| tokens[place].any(words));
    let without = |mut tiers: BTreeSet<Tier>| {
        tiers.remove(&tier);
        tiers
    };
    Some(match () {
        () if is(1, &["="]) && is(2, &[">"]) => (from - 2, and_above(tier)),
        () if is(1, &["="]) && is(2, &["<"]) => (from - 2, and_below(tier)),
        () if is(1, &["≥"]) => (from - 1, and_above(tier)),
        () if is(1, &["≤"]) => (from - 1, and_below(tier)),
        () if is(1, &["least"]) && is(2, &["at"]) => (from - 2, and_above(tier)),
        () if is(1, &["to"]) && is(2, &["up"]) => (from - 2, and_below(tier)),
        () if is(1, &["<", "below", "under"]) => (from - 1, without(and_below(tier))),
        () if is(1, &[">", "above"]) => (from - 1, without(and_above(tier))),
        () => return None,
    })
    .filter(|(_, tiers)| !tiers.is_empty())
}

/// Whether a word in a sentence means a tier. `reach` is how many tiers beside it may be asked for what they mean.
fn is_meant(tokens: &[Token], from: usize, last: Option<&TierMark>, reach: usize) -> bool {
    let before = from.checked_sub(1).map(|before| &tokens[before]);
    // "mission-critical", "most critical"
    if before.is_some_and(|token| token.any(&["most", "very", "so", "too", "more", "less"])) {
        return false;
    }
    if before.is_some_and(|token| token.is("-") && token.glued) && !at(tokens, from.saturating_sub(2), &["non", "-"]) {
        return false;
    }
    let after = |words: &[&str]| tokens.get(from + 1).is_some_and(|token| token.any(words));
    if after(&[
        "that", "to", "infrastructure", "path", "role", "section", "sections", "component", "components", "system", "systems",
        "availability", "quality", "level",
    ]) && !at(tokens, from + 1, &["to", "medium"])
    {
        return false;
    }
    // "critical severity", "critical security vulnerabilities", "critical-severity"
    // "a high priority", unless it is one of issues
    let is_priority = tokens.get(from + 1).is_some_and(|token| token.is("priority"));
    let of_issues = tokens
        .get(from + 2)
        .is_some_and(|token| token.any(&["issues", "vulnerabilities", "bugs", "reports", "findings", ":", "within", "-"]));
    if is_priority && !of_issues && before.is_some_and(|token| token.any(&["a", "with", "as", "our", "the", "of", "highest", "top"])) {
        return false;
    }
    for (at, token) in tokens[from + 1..].iter().take(3).enumerate() {
        if token.any(&SUBJECTS) {
            return true;
        }
        // "critical and fix issues": a conjunction leads on to another tier only.
        let joins = token.any(&["and", "or", "/", ",", "&"]);
        let leads_on = tokens.get(from + 2 + at).is_some_and(|next| named(next).is_some() || next.any(&LINKS));
        if !token.any(&LINKS) || (joins && !leads_on) {
            break;
        }
    }
    let ranked = after(&["+"])
        || after(&["and", "or"])
            && tokens.get(from + 2).is_some_and(|token| token.any(&["above", "higher", "greater", "worse", "up", "below", "lower"]));
    // "medium and low within 30 days": the next one is meant, and this one stands beside it.
    let beside = reach > 0
        && after(&["and", "or", ",", "/", "&"])
        && tokens.get(from + 2).is_some_and(|token| named(token).is_some())
        && is_meant(tokens, from + 2, None, reach - 1);
    let coordinated = last.is_some_and(|last| {
        tokens[last.end..from].len() <= 4
            && tokens[last.end..from].iter().all(|token| token.any(&["and", "or", "/", ",", "&", "severity", "-", "to"]))
    });
    let is_dashed = after(&["-"]) && tokens.get(from + 1).is_some_and(|dash| !dash.glued);
    let announced = is_dashed
        || after(&[":", "=", "(", "within", "in", "<", "≤", "→", "/"])
        || tokens.get(from + 1).is_some_and(|token| token.number().is_some());
    let parenthesised = before.is_some_and(|token| token.any(&["(", ":"])) && after(&[")", ",", "/"])
        || before.is_some_and(|token| token.any(&["and", "or", ",", "/"])) && after(&[")"]);
    // "if the issue is critical, ..."
    let supposed = before.is_some_and(|token| token.any(&STATES))
        && tokens[from.saturating_sub(12)..from].iter().any(|token| token.any(&["if", "when", "should", "where", "once"]));
    let told = before.is_some_and(|token| token.any(&["for", "as", "severity", "rated", ":", "if"]))
        && (from + 1 == tokens.len() || after(&[",", ".", ")", ";", "and", "or", "within", "in"]));
    supposed || ranked || beside || coordinated || announced || parenthesised || told
}

fn others(tokens: &[Token], from: usize, reading: Reading) -> Option<TierMark> {
    let made = |end: usize| Some(TierMark { start: from, end, scope: Scope::Others });
    let token = &tokens[from];
    if token.any(&["others", "remainder", "otherwise"]) {
        return made(from + 1);
    }
    if at(tokens, from, &["everything", "else"]) || at(tokens, from, &["anything", "else"]) || at(tokens, from, &["all", "else"]) {
        return made(from + 2);
    }
    if at(tokens, from, &["the", "rest"]) {
        return made(from + 2);
    }
    let subjects = [
        "vulnerability", "vulnerabilities", "issue", "issues", "severity", "severities", "bug", "bugs", "finding", "findings", "problem",
        "problems", "level", "levels", "tiers", "flaws", "security",
    ];
    let is_subject = |place: usize| tokens.get(place).is_some_and(|token| token.any(&subjects));
    // "All confirmed vulnerabilities", but neither "all critical vulnerabilities" nor "all other issues".
    if token.any(&["all", "every", "any"]) {
        let near = tokens[from + 1..]
            .iter()
            .take(4)
            .take_while(|token| named(token).is_none() && !token.any(&["other", "others", "else", "remaining", "non", "lower"]));
        let subject = near
            .enumerate()
            .find(|(_, token)| token.any(&["vulnerability", "vulnerabilities", "issue", "issues", "severities", "reports", "flaws"]));
        return subject.map(|(at, _)| TierMark { start: from, end: from + 2 + at, scope: Scope::All });
    }
    // "lower-severity issues" are those that are lower than what was named.
    if token.any(&["lower", "lesser"])
        && tokens[from + 1..]
            .iter()
            .take(2)
            .any(|next| next.any(&["severity", "risk", "priority", "impact", "issues", "vulnerabilities", "ones"]))
    {
        return Some(TierMark { start: from, end: from + 1, scope: Scope::Lower });
    }
    if token.any(&["other", "remaining"])
        && (is_subject(from + 1)
            || (reading == Reading::Label && tokens.len() <= 3)
            || tokens.get(from + 1).is_some_and(|token| token.any(&[")", ":", "within", "="])))
    {
        return made(from + 1);
    }
    None
}

/// Names of tiers that say nothing about CVSS.
fn unknown(tokens: &[Token], from: usize, reading: Reading) -> Option<TierMark> {
    let made = |end: usize| Some(TierMark { start: from, end, scope: Scope::Unknown });
    let number_at = |place: usize| tokens.get(place).filter(|token| token.number().is_some_and(|number| number <= 5));
    let token = &tokens[from];
    if token.any(&["p", "s", "sev", "severity", "priority", "tier", "level", "l"]) {
        let dashed = tokens.get(from + 1).is_some_and(|sign| sign.is("-"));
        let place = from + 1 + usize::from(dashed);
        let is_glued = number_at(place).is_some_and(|number| number.glued);
        // "severity 2 hours" is no tier.
        let is_alone =
            !tokens.get(place + 1).is_some_and(|next| next.any(&["hours", "days", "weeks", "h", "d", ".", "-"]) && next.is_word());
        if number_at(place).is_some() && (is_glued || token.text.len() > 1) && is_alone {
            return made(place + 1);
        }
    }
    let follows = tokens.get(from + 1).is_some_and(|token| token.any(&SUBJECTS) || token.any(&[":", "-", "within", "("]));
    if token.is("important") && reading == Reading::Label {
        return Some(TierMark { start: from, end: from + 1, scope: Scope::Important });
    }
    let is_name = token.any(&[
        "severe", "urgent", "serious", "major", "minor", "important", "blocker", "trivial", "informational", "catastrophic", "emergency",
        "extreme",
    ]);
    let supposed = from.checked_sub(1).is_some_and(|before| tokens[before].any(&STATES));
    (is_name && (follows || supposed || reading == Reading::Label)).then(|| made(from + 1)).flatten()
}

/// What several marks mean together.
pub(super) fn united(marks: &[TierMark]) -> Scope {
    let mut tiers = BTreeSet::new();
    for mark in marks {
        match &mark.scope {
            Scope::Tiers(more) => tiers.extend(more),
            other => return other.clone(),
        }
    }
    Scope::Tiers(tiers)
}

/// Whether nothing but conjunctions and what goes with tiers stands between neighbouring marks.
pub(super) fn are_coordinated(tokens: &[Token], marks: &[TierMark]) -> bool {
    let glue = [
        "and", "or", "/", ",", "&", "to", "through", "severity", "-", "risk", "vulnerabilities", "issues", "vulnerability", "rated", "+",
        "(", ")", "cvss", ".", "bugs", "as", "well", "both", "impact", "priority",
    ];
    marks.windows(2).all(|pair| {
        tokens.get(pair[0].end..pair[1].start).unwrap_or_default().iter().all(|token| token.any(&glue) || token.number().is_some())
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Reading, Scope, tier_marks};
    use crate::policy::security_md::token::tokens;

    pub(crate) fn said(scope: &Scope) -> String {
        match scope {
            Scope::Tiers(tiers) => tiers.iter().map(|tier| tier.as_str()).collect::<Vec<_>>().join(" "),
            Scope::Others => "others".to_owned(),
            Scope::Lower => "lower".to_owned(),
            Scope::Important => "important".to_owned(),
            Scope::All => "all".to_owned(),
            Scope::Unknown => "unknown".to_owned(),
        }
    }

    #[test]
    fn words_mean_tiers_where_severity_is_spoken_of() {
        for (text, expected) in [
            ("critical severity vulnerabilities", &["critical"][..]),
            ("critical and high severity issues", &["critical", "high"]),
            ("high-severity bugs", &["high"]),
            ("non-critical issues", &["high medium low"]),
            ("medium or higher severity", &["critical high medium"]),
            ("high severity and above", &["critical high"]),
            ("high quality and low latency", &[]),
            ("it is critical that you tell us", &[]),
            ("mission-critical systems", &[]),
            ("within 7 days (critical)", &["critical"]),
            ("all others", &["others"]),
            ("all confirmed vulnerabilities", &["all"]),
            ("all critical vulnerabilities", &["critical"]),
            ("any information", &[]),
            ("other vulnerabilities", &["others"]),
            ("any other information", &[]),
            ("severe vulnerabilities", &["unknown"]),
            ("critical: 24 hours, high: 3 days", &["critical", "high"]),
        ] {
            let marks = tier_marks(&tokens(text), Reading::Prose);
            assert_eq!(marks.iter().map(|mark| said(&mark.scope)).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
