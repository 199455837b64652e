//! From a text to its parts: lines that stand by themselves, labels and what they label, sentences.

use std::ops::Range;

use super::{
    clause::Context,
    figure::figures,
    markdown::{BREAK, Text},
    naming,
    severity::{self, Reading, Scope, tier_marks},
    stage::{distinct, stage_marks},
    token::{Token, tokens},
};

/// The parts of a text that stand on lines of their own: behind breaks that the author made, and where a line of a
/// paragraph begins with a label.
pub(super) fn lines(text: &Text) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in text.plain.char_indices() {
        let next = at + c.len_utf8();
        let ends = (c == BREAK && ends_here(text, start..at)) || (matches!(c, '\n' | BREAK) && starts_with_label(text, next));
        if ends {
            found.push(start..at);
            start = next;
        }
    }
    found.push(start..text.plain.len());
    found.retain(|part| !text.plain[part.clone()].trim().is_empty());
    found
}

/// Whether a line that the author broke is complete, and not just broken.
fn ends_here(text: &Text, line: Range<usize>) -> bool {
    let ends = text.plain[line.clone()].trim_end().ends_with(['.', '!', '?', ':', ';']);
    ends || label(text, line).is_some_and(|label| label.tells())
}

fn starts_with_label(text: &Text, at: usize) -> bool {
    // A capital in the middle of a sentence would be a name.
    if ["We ", "We'll ", "We’ll ", "You "].iter().any(|start| text.plain[at..].starts_with(start)) {
        return true;
    }
    let line = text.plain[at..].split(['\n', BREAK]).next().unwrap_or_default();
    if line.len() > 400 {
        return false;
    }
    label(text, at..at + line.len()).is_some_and(|label| label.tells())
}

/// A label and what it says.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Label {
    /// Where what it labels begins.
    pub(super) rest: usize,
    /// Its stages.
    pub(super) stages: Vec<crate::policy::Stage>,
    /// Whether it is an initial response.
    pub(super) initial: bool,
    /// Its tiers.
    pub(super) scope: Option<Scope>,
    /// Whether it calls what it labels an aim.
    pub(super) soft: bool,
    /// Whether it is only about time: `Timeline`, `SLA`.
    pub(super) generic: bool,
    /// Whether it names several stages in a way that tells none.
    pub(super) unclear: bool,
    /// Its words.
    pub(super) tokens: Vec<Token>,
}

impl Label {
    /// Whether it names a stage or a tier.
    pub(super) fn tells(&self) -> bool {
        !self.stages.is_empty() || self.scope.is_some()
    }

    /// What stands under it, of what stands around it.
    pub(super) fn under(&self, around: &Context) -> Context {
        let mut context = around.clone();
        if !self.stages.is_empty() {
            context.stages.clone_from(&self.stages);
            context.initial = self.initial;
            context.labelled = true;
            context.joint = true;
        } else if !self.tells() && !self.generic {
            // "Europe: 24 hours" is not what the heading is about.
            context.stages.clear();
            context.foreign = true;
            context.labelled |= self.unclear;
        }
        if self.scope.is_some() {
            context.scope.clone_from(&self.scope);
        }
        context.soft |= self.soft;
        context
    }
}

/// What a label, header or heading says by itself.
pub(super) fn naming(words: Vec<Token>, rest: usize) -> Label {
    let mut marks = stage_marks(&words);
    // "Fix timeline", "Response plan": in a label even things mean the stage; but "response team" is somebody.
    let mut planned = false;
    marks.retain(|mark| {
        let plans = ["plan", "plans", "estimate", "estimates", "eta", "proposal", "strategy"];
        let somebody = ["team", "teams", "policy", "policies", "program", "version", "versions", "header", "headers"];
        let is_somebody = mark.thing && words.get(mark.end).is_some_and(|token| token.any(&somebody));
        // A plan is not what it is a plan of; what stands beside it may be another plan.
        let is_plan = words[mark.end..]
            .iter()
            .take(4)
            .find(|token| !token.any(&["or", "and", "/", "&", "mitigation", "fix", "remediation", "resolution"]))
            .is_some_and(|token| token.any(&plans));
        planned |= is_plan;
        let is_operation = mark.start.checked_sub(1).is_some_and(|before| words[before].any(&["incident", "emergency", "http", "api"]));
        !mark.anchor && !is_somebody && !is_plan && !is_operation
    });
    let mut stages = distinct(&marks);
    if stages.is_empty()
        && words.len() <= 4
        && words.iter().any(|token| token.any(&["update", "updates"]))
        && !words.iter().any(|token| {
            token.any(&[
                "security", "version", "dependency", "dependencies", "regular", "emergency", "software", "system", "feature", "critical",
                "automatic", "package",
            ])
        })
    {
        stages.push(crate::policy::Stage::StatusUpdate);
    }
    // "Initial triage response": two stages side by side tell neither.
    let joined = ["and", "or", "/", "&", ",", "+", "(", ")", "then", "initial", "-"];
    let are_joined = marks.windows(2).all(|pair| {
        let between = words.get(pair[0].end..pair[1].start).unwrap_or_default();
        pair[0].stage == pair[1].stage || !between.is_empty() && between.iter().any(|token| token.any(&joined))
    });
    let unclear =
        (stages.len() > 1 && !are_joined) || (planned && stages.is_empty()) || words.iter().any(|token| token.any(&["minimum", "min"]));
    if unclear {
        stages.truncate(0);
    }
    let initial = marks.first().is_some_and(|mark| mark.initial);
    let scope = naming::label(&words).or_else(|| {
        let tiers = tier_marks(&words, if words.len() <= 6 { Reading::Label } else { Reading::Prose });
        (!stages.is_empty() && !tiers.is_empty()).then(|| severity::united(&tiers))
    });
    // "All but critical"
    let excludes = super::aside::excludes(&words, &tier_marks(&words, Reading::Label));
    let scope = if excludes { Some(Scope::Unknown) } else { scope };
    let soft = super::clause::is_soft(&words);
    let about_time = [
        "timeline", "timeframe", "time", "times", "frame", "sla", "slas", "deadline", "deadlines", "target", "goal", "window", "when",
        "due", "duration", "within", "days", "hours", "max", "maximum", "the", "our", "timing", "period", "limit", "date", "day",
        "estimated", "expected", "schedule", "delay",
    ];
    let generic = !words.is_empty() && words.iter().all(|token| !token.is_word() || token.any(&about_time));
    Label { rest, stages, initial, scope, soft, generic, unclear, tokens: words }
}

/// The label that a line begins with.
pub(super) fn label(text: &Text, line: Range<usize>) -> Option<Label> {
    let plain = &text.plain[line.clone()];
    // A label is short: what stands behind many words is no value.
    let head: String = plain.chars().take(120).collect();
    let words = tokens(&head);
    let mut depth = 0_usize;
    let opener = words.iter().take(24).enumerate().find(|(at, token)| {
        match token.text.as_str() {
            "(" | "[" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && is_separator(&words, *at, token)
    });
    // A label is no sentence.
    let is_one = |at: usize| {
        let outside = words[..at].iter().position(|token| token.is("(")).unwrap_or(at);
        (1..=20).contains(&at) && !words[..outside].windows(2).any(|pair| pair[0].any(&[".", "?", "!"]) && !pair[1].glued)
    };
    if let Some((at, _)) = opener.filter(|(at, _)| is_one(*at)) {
        let mut end = at + 1;
        // "->", "=>", "--"
        while words.get(end).is_some_and(|sign| sign.glued && sign.any(&[">", "-"])) {
            end += 1;
        }
        let rest = line.start + words[end - 1].end;
        let label = naming(words[..at].to_vec(), rest);
        let is_colon = words[at].is(":");
        // A dash also stands in the middle of sentences: only a label that tells something is one.
        let stands = !text.plain[rest..line.end].trim().is_empty();
        if !stands {
            return None;
        }
        let is_dated = !is_colon && words[..at].iter().any(|token| token.number().is_some());
        let speaks = words[..at].iter().any(|token| token.any(&["we", "we'll", "will", "you", "i", "i'll"]));
        // "Severity - TBD" is about severity.
        let rest_tokens = tokens(&text.plain[rest..line.end].chars().take(40).collect::<String>());
        let is_mere = figures(&rest_tokens).first().is_some_and(|figure| figure.span.start <= 1);
        let is_plain_name = at <= 3 && is_mere && words[..at].iter().all(|token| token.is_word() && !token.any(&["within", "in"]));
        if is_plain_name || (is_colon && at <= 10) || (label.tells() && !speaks && !is_dated && outside(&words[..at]) <= 6) {
            return Some(label);
        }
    }
    // "**Critical** 24 hours"
    let first = plain.len() - plain.trim_start().len() + line.start;
    // They are in order, and there may be many.
    let from = text.strong.partition_point(|part| part.start < first);
    let strong = text.strong[from..].iter().take_while(|part| part.start <= first + 8).find(|part| !part.is_empty())?;
    if strong.end >= line.end || strong.len() > 60 || text.plain[first..strong.start].chars().any(char::is_alphanumeric) {
        return None;
    }
    let label = naming(tokens(&text.plain[strong.clone()]), strong.end);
    let rest = tokens(&text.plain[strong.end..line.end].chars().take(40).collect::<String>());
    // Emphasis in the flow of a sentence is no label.
    let flows = rest.first().is_some_and(|token| {
        token.any(&[
            "vulnerabilities", "vulnerability", "issues", "severity", "will", "are", "is", "and", "or", "we", ",", "reports", "response",
            "fixes", "within",
        ])
    });
    (label.tells() && !flows).then_some(label)
}

/// How many words stand outside of parentheses.
fn outside(words: &[Token]) -> usize {
    let mut depth = 0_usize;
    let mut count = 0;
    for token in words {
        match token.text.as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => count += usize::from(depth == 0 && token.is_word()),
        }
    }
    count
}

fn is_separator(words: &[Token], at: usize, token: &Token) -> bool {
    match token.text.as_str() {
        ":" => !words.get(at + 1).is_some_and(|next| next.glued && next.is("/")),
        "-" => {
            let next = words.get(at + 1);
            let is_spaced = !token.glued && next.is_some_and(|next| !next.glued);
            let is_arrow = next.is_some_and(|next| next.glued && next.any(&[">", "-"]));
            // "9.0 - 10.0" is a range.
            let is_range = at.checked_sub(1).is_some_and(|before| words[before].number().is_some())
                && next.is_some_and(|next| next.number().is_some());
            (is_spaced || is_arrow) && !is_range
        }
        "=" | "→" | "⇒" | "➜" | "»" | "|" => true,
        _ => false,
    }
}

const ABBREVIATIONS: [&str; 14] = ["e.g", "i.e", "approx", "max", "min", "etc", "vs", "incl", "cf", "no", "mo", "hrs", "wks", "resp"];

/// The sentences of a part of a text.
pub(super) fn sentences(plain: &str, part: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = part.start;
    let text = &plain[part.clone()];
    for (at, c) in text.char_indices() {
        if !matches!(c, '.' | '!' | '?' | '。') {
            continue;
        }
        let at = part.start + at;
        let next = at + c.len_utf8();
        let rest = &plain[next..part.end];
        let follows = rest.trim_start_matches([')', '"', '”', '*', '\'', '’']);
        if c != '。' && !follows.is_empty() && !follows.starts_with(char::is_whitespace) {
            continue;
        }
        let word = plain[start..at].rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default().to_ascii_lowercase();
        let goes_on = follows.trim_start().starts_with(char::is_lowercase);
        if c == '.'
            && (ABBREVIATIONS.contains(&word.as_str()) && (goes_on || word.contains('.') || !matches!(word.as_str(), "no" | "max" | "min"))
                || goes_on)
        {
            continue;
        }
        let next = next + rest.len() - follows.len();
        found.push(start..next);
        start = next;
    }
    found.push(start..part.end);
    let mut trimmed: Vec<Range<usize>> = found.into_iter().map(|range| trim(plain, range)).collect();
    trimmed.retain(|range| !range.is_empty());
    trimmed
}

/// A part of a text without the spaces around it.
pub(super) fn trim(plain: &str, range: Range<usize>) -> Range<usize> {
    let part = &plain[range.clone()];
    let start = range.start + (part.len() - part.trim_start().len());
    start..start.max(range.start + part.trim_end().len())
}

#[cfg(test)]
mod tests {
    use super::sentences;

    #[test]
    fn sentences_end_where_the_next_begins() {
        let split = |text: &str| sentences(text, 0..text.len()).into_iter().map(|range| text[range].to_owned()).collect::<Vec<_>>();
        assert_eq!(split("We fix. Within 7 days! Yes"), ["We fix.", "Within 7 days!", "Yes"]);
        assert_eq!(split("Issues, e.g. Remote ones, v1.2.3 too. End."), ["Issues, e.g. Remote ones, v1.2.3 too.", "End."]);
        assert_eq!(split("(See below.) Next"), ["(See below.)", "Next"]);
    }
}
