//! Which stage of handling the words of a text mean.

use super::token::{Token, at};
use crate::policy::Stage;

/// Words that mean a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StageMark {
    /// The first token.
    pub(super) start: usize,
    /// Behind the last token.
    pub(super) end: usize,
    /// The stage.
    pub(super) stage: Stage,
    /// `initial response`: an acknowledgement where no tier is named, else a response.
    pub(super) initial: bool,
    /// `resolution date`, `suggested fix`: a thing, not the handling itself.
    pub(super) thing: bool,
    /// `after triage`, `once it is confirmed`: when a clock starts, not what is promised.
    pub(super) anchor: bool,
}

/// Verbs and nouns by their beginnings. `address`, `confirm`, `update` and others need a look at what stands around them.
const STEMS: [(&str, Stage); 22] = [
    ("solv", Stage::Fix),
    ("acknowledg", Stage::Acknowledge),
    ("assess", Stage::Assess),
    ("triag", Stage::Assess),
    ("evaluat", Stage::Assess),
    ("investigat", Stage::Assess),
    ("validat", Stage::Assess),
    ("verif", Stage::Assess),
    ("respond", Stage::Respond),
    ("response", Stage::Respond),
    ("reply", Stage::Respond),
    ("replies", Stage::Respond),
    ("replied", Stage::Respond),
    ("resolv", Stage::Fix),
    ("resolution", Stage::Fix),
    ("patch", Stage::Fix),
    ("remediat", Stage::Fix),
    ("mitigat", Stage::Fix),
    ("hotfix", Stage::Fix),
    ("bugfix", Stage::Fix),
    ("disclos", Stage::Disclose),
    ("embargo", Stage::Disclose),
];

const FIX: [&str; 4] = ["fix", "fixes", "fixed", "fixing"];

/// Several words that mean a stage together.
const PHRASES: [(&[&str], Stage); 26] = [
    (&["status", "report"], Stage::StatusUpdate),
    (&["status", "reports"], Stage::StatusUpdate),
    (&["get", "back", "to", "you"], Stage::Respond),
    (&["getting", "back", "to", "you"], Stage::Respond),
    (&["hear", "back"], Stage::Respond),
    (&["hear", "from", "us"], Stage::Respond),
    (&["hear", "from", "me"], Stage::Respond),
    (&["hear", "from", "the"], Stage::Respond),
    (&["contact", "you"], Stage::Respond),
    (&["reach", "out", "to", "you"], Stage::Respond),
    (&["status", "update"], Stage::StatusUpdate),
    (&["status", "updates"], Stage::StatusUpdate),
    (&["progress", "update"], Stage::StatusUpdate),
    (&["progress", "updates"], Stage::StatusUpdate),
    (&["progress", "report"], Stage::StatusUpdate),
    (&["progress", "reports"], Stage::StatusUpdate),
    (&["update", "you"], Stage::StatusUpdate),
    (&["updates", "on"], Stage::StatusUpdate),
    (&["update", "on"], Stage::StatusUpdate),
    (&["public", "advisory"], Stage::Disclose),
    (&["public", "announcement"], Stage::Disclose),
    (&["made", "public"], Stage::Disclose),
    (&["go", "public"], Stage::Disclose),
    (&["going", "public"], Stage::Disclose),
    (&["advisory", "published"], Stage::Disclose),
    (&["time", "to", "response"], Stage::Respond),
];

/// What follows a word that only names a thing: `patch version`, `response team`, `disclosure policy`.
const THINGS: [&str; 32] = [
    "version", "versions", "team", "teams", "plan", "plans", "date", "dates", "header", "headers", "policy", "policies", "program",
    "programme", "guidelines", "strategy", "estimate", "level", "number", "form", "center", "centre", "headers", "body", "bodies", "code",
    "codes", "meeting", "meetings", "call", "eta", "etas",
];

/// What stands before a word that only names a thing: `suggested fix`, `responsible disclosure`.
const OF_A_THING: [&str; 14] = [
    "suggested", "proposed", "possible", "potential", "responsible", "incident", "http", "api", "premature", "unauthorized", "full",
    "planned", "expected", "estimated",
];

/// The stage words of a text, in order.
pub(super) fn stage_marks(tokens: &[Token]) -> Vec<StageMark> {
    let mut found: Vec<StageMark> = Vec::new();
    let mut place = 0;
    while place < tokens.len() {
        match mark(tokens, place) {
            Some(mark) => {
                place = mark.end;
                // "an update on the investigation and the remediation" is an update.
                let is_object = found.last().is_some_and(|last| {
                    let between = tokens.get(last.end.saturating_sub(1)..mark.start).unwrap_or_default();
                    last.stage == Stage::StatusUpdate
                        && between.iter().any(|token| token.any(&["on", "of", "about", "regarding"]))
                        && !between.iter().any(|token| token.any(&[",", ";", "we", "will"]) || token.number().is_some())
                });
                if !is_object {
                    found.push(mark);
                }
            }
            None => place += 1,
        }
    }
    // "a fix or mitigation ETA": what is joined to a thing is one, too.
    for at in (1..found.len()).rev() {
        let between = tokens.get(found[at - 1].end..found[at].start).unwrap_or_default();
        let is_followed = tokens.get(found[at].end).is_some_and(|token| token.any(&THINGS));
        if is_followed && found[at].thing && between.len() == 1 && between[0].any(&["or", "and", "/"]) {
            found[at - 1].thing = true;
        }
    }
    found
}

/// The stages of some marks, each once, in order.
pub(super) fn distinct(marks: &[StageMark]) -> Vec<Stage> {
    let mut stages = Vec::new();
    for mark in marks {
        if !stages.contains(&mark.stage) {
            stages.push(mark.stage);
        }
    }
    stages
}

fn mark(tokens: &[Token], from: usize) -> Option<StageMark> {
    let (stage, end, initial) = phrase(tokens, from).or_else(|| word(tokens, from).map(|stage| (stage, from + 1, false)))?;
    let follows = tokens.get(end).filter(|token| token.any(&THINGS));
    let before = from.checked_sub(1).map(|before| &tokens[before]);
    // "an estimated timeline for a fix", "decide whether to fix it": not yet the fix.
    let planned =
        ["timeline", "plan", "plans", "eta", "estimate", "estimated", "decide", "decision", "whether", "schedule", "roadmap", "proposal"];
    let is_planned = tokens[from.saturating_sub(4)..from].iter().rev().take_while(|token| token.is_word()).any(|token| token.any(&planned));
    let is_known = is_planned || before.is_some_and(|token| token.any(&OF_A_THING));
    let thing = follows.is_some() || is_known;
    Some(StageMark { start: from, end, stage, initial, thing, anchor: is_anchored(tokens, from) })
}

/// Several words that mean a stage.
fn phrase(tokens: &[Token], from: usize) -> Option<(Stage, usize, bool)> {
    let within = |words: &[&str], reach: usize| {
        tokens[from + 1..]
            .iter()
            .take(reach)
            .take_while(|token| !token.any(&[".", ";", ","]))
            .position(|token| token.any(words))
            .map(|at| from + 2 + at)
    };
    let token = &tokens[from];
    if token.any(&["initial", "first", "preliminary"])
        && let Some(next) = tokens.get(from + 1)
    {
        if next.any(&["response", "responses", "reply", "contact", "reaction", "answer"]) {
            return Some((Stage::Respond, from + 2, true));
        }
        if next.is("human") && tokens.get(from + 2).is_some_and(|token| token.is("response")) {
            return Some((Stage::Respond, from + 3, true));
        }
    }
    if token.is("confirmed") {
        // "confirmed vulnerabilities" are a kind of vulnerabilities; "the vulnerability is confirmed within ..." is a stage.
        let before = &tokens[from.saturating_sub(5)..from];
        let passive = before.last().is_some_and(|token| token.any(&["is", "are", "be", "been"]));
        let subject = before.iter().any(|token| token.any(&["vulnerability", "vulnerabilities", "issue", "issues", "bug", "problem"]));
        return (passive && subject).then_some((Stage::Assess, from + 1, false));
    }
    if token.text.starts_with("confirm") && within(&["got", "received", "arrived", "arrival"], 6).is_some() {
        return within(&["got", "received", "arrived", "arrival"], 6).map(|end| (Stage::Acknowledge, end, false));
    }
    if token.text.starts_with("confirm") {
        if let Some(end) = within(&["receipt", "reception"], 4) {
            return Some((Stage::Acknowledge, end, false));
        }
        if let Some(end) =
            within(&["vulnerability", "vulnerabilities", "issue", "issues", "bug", "problem", "finding", "validity", "impact"], 4)
        {
            return Some((Stage::Assess, end, false));
        }
        return None;
    }
    if token.is("receipt") {
        return Some((Stage::Acknowledge, from + 1, false));
    }
    if token.text.starts_with("determin") {
        return within(&["severity", "impact", "validity"], 4).map(|end| (Stage::Assess, end, false));
    }
    for (words, stage) in PHRASES {
        if at(tokens, from, words) {
            return Some((stage, from + words.len(), false));
        }
    }
    if token.any(&["keep", "kept", "keeping", "informed", "posted"]) && within(&["informed", "updated", "posted"], 3).is_some() {
        return within(&["informed", "updated", "posted"], 3).map(|end| (Stage::StatusUpdate, end, false));
    }
    if token.any(&["publish", "publishes", "published", "publishing", "release", "releasing", "released", "announce", "announced"])
        && let Some(end) = within(&["advisory", "advisories", "details", "cve", "writeup", "publicly"], 5)
    {
        return Some((Stage::Disclose, end, false));
    }
    if token.any(&["advisory", "advisories", "details", "writeup"])
        && let Some(end) = within(&["published", "publish", "public", "publicly", "posted", "issued", "appears", "appear"], 5)
    {
        return Some((Stage::Disclose, end, false));
    }
    if token.is("security") && tokens.get(from + 1).is_some_and(|next| next.any(&["update", "updates", "release", "releases"])) {
        // Which is released, not announced.
        let released = [
            "release", "released", "publish", "published", "ship", "shipped", "issue", "issued", "provide", "provided", "deliver",
            "delivered",
        ];
        let near = tokens[from.saturating_sub(5)..(from + 7).min(tokens.len())].iter().any(|token| token.any(&released));
        return near.then_some((Stage::Fix, from + 2, false));
    }
    None
}

fn word(tokens: &[Token], from: usize) -> Option<Stage> {
    let token = &tokens[from];
    let before = from.checked_sub(1).map(|before| &tokens[before]);
    if token.any(&["address", "addresses"]) {
        let verb = [
            "to", "will", "we", "and", "or", "shall", "must", "should", "they", "team", "maintainers", "i", "can", "we'll", "i'll",
            "project",
        ];
        return before.filter(|token| token.any(&verb)).map(|_| Stage::Fix);
    }
    if token.any(&["addressed", "addressing"]) {
        return Some(Stage::Fix);
    }
    if token.any(&FIX) {
        return Some(Stage::Fix);
    }
    if token
        .any(&["review", "reviewed", "reviewing", "reproduce", "reproduced", "reproduction", "analyze", "analyse", "analyzed", "analysis"])
    {
        return Some(Stage::Assess);
    }
    if token.any(&["ack", "acks", "ack'd"]) {
        return Some(Stage::Acknowledge);
    }
    if token.any(&["answer", "answered"]) {
        return Some(Stage::Respond);
    }
    // "Validators" and "responders" are things and people.
    if ["or", "ors", "er", "ers"].iter().any(|end| token.text.ends_with(end)) {
        return None;
    }
    STEMS.iter().find(|(stem, _)| token.text.starts_with(stem)).map(|(_, stage)| *stage)
}

/// Whether the words say from when on or until when, as `after triage`, `until resolved`.
fn is_anchored(tokens: &[Token], from: usize) -> bool {
    let words = ["after", "following", "upon", "once", "since", "before", "until", "till", "when", "while", "pending", "unless", "if"];
    let near = tokens[from.saturating_sub(4)..from].iter().rev().take_while(|token| token.is_word() || token.is("-")).enumerate();
    let mut reached = false;
    for (distance, token) in near {
        // "after triage we will fix": the clause that the anchor opens has ended where another subject begins.
        if token.any(&["we", "will", "shall", "i"]) {
            return false;
        }
        // "if it is critical fix within ...": the condition is over by then.
        reached |= token.any(&words) && (distance < 2 || !token.is("if"));
    }
    let article = |token: &Token| token.any(&["the", "our", "your", "initial", "first"]);
    let counted_from = from >= 1 && (tokens[from - 1].is("from") || from >= 2 && article(&tokens[from - 1]) && tokens[from - 2].is("from"));
    let prior = from >= 2 && tokens[from - 1].is("to") && tokens[from - 2].is("prior");
    reached || prior || counted_from
}

#[cfg(test)]
mod tests {
    use super::stage_marks;
    use crate::policy::security_md::token::tokens;

    #[test]
    fn words_mean_stages() {
        for (text, expected) in [
            ("we acknowledge your report", &["acknowledge"][..]),
            ("we confirm receipt of it", &["acknowledge"]),
            ("we confirm the vulnerability", &["assess"]),
            ("Initial response", &["respond initial"]),
            ("triage and fix", &["assess", "fix"]),
            ("your email address", &[]),
            ("we address issues", &["fix"]),
            ("issues are addressed", &["fix"]),
            ("patch version", &["fix thing"]),
            ("security response team", &["respond thing"]),
            ("suggested fix", &["fix thing"]),
            ("responsible disclosure", &["disclose thing"]),
            ("weekly until resolved", &["fix anchor"]),
            ("after triage, a fix", &["assess anchor", "fix"]),
            ("we will get back to you", &["respond"]),
            ("keep you informed", &["status_update"]),
            ("publish the advisory", &["disclose"]),
            ("security updates are announced", &[]),
            ("we release a security update", &["fix"]),
            ("confirmation dialog", &[]),
        ] {
            let said = |mark: super::StageMark| {
                let flags = [(mark.initial, " initial"), (mark.thing, " thing"), (mark.anchor, " anchor")];
                mark.stage.as_str().to_owned() + &flags.iter().filter(|(is, _)| *is).map(|(_, name)| *name).collect::<String>()
            };
            assert_eq!(stage_marks(&tokens(text)).into_iter().map(said).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
