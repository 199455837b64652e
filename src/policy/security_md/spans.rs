//! What stands where around a figure: which marks of a sentence belong to it.
//!
//! A figure takes what stands right behind it (`7 days for critical issues`, `7 days (critical)`), else what stands between
//! it and the figure before it (`critical within 7 days, high within 14`), else, where nothing stands before the first
//! figure, what follows it (`within 48 hours we acknowledge`).

use std::ops::Range;

use super::{
    figure::Figure,
    severity::{self, Scope, TierMark},
    token::{Token, at},
};

/// What stands where around a figure.
pub(super) struct Spans<'a> {
    /// The tokens of the sentence.
    pub(super) tokens: &'a [Token],
    /// Its figures.
    pub(super) found: &'a [Figure],
    /// Which of them.
    pub(super) index: usize,
}

impl Spans<'_> {
    /// Tokens between the figure before and this one.
    fn before(&self) -> Range<usize> {
        let start = self.index.checked_sub(1).map_or(0, |before| self.found[before].span.end);
        start..self.found[self.index].span.start
    }

    /// Tokens between this figure and the next one.
    fn after(&self) -> Range<usize> {
        self.after_of(self.index)
    }

    fn after_of(&self, index: usize) -> Range<usize> {
        let end = self.found.get(index + 1).map_or(self.tokens.len(), |next| next.span.start);
        self.found[index].span.end..end
    }

    /// Where the words end that are tied to a figure from behind: `for critical issues`, `(critical)`, `to respond`.
    fn tied(&self, index: usize) -> Range<usize> {
        let after = self.after_of(index);
        let first = self.tokens.get(after.start);
        let opens = first.is_some_and(|token| token.any(&["for", "(", "to", "on", "[", "if"]));
        let start = after.start;
        if !opens || after.is_empty() {
            // "24-hour fix", "7 days fix"
            let adjective =
                first.is_some_and(|token| token.is_word() && !token.any(&["and", "or", "of", "after", "from", "we", "while", "but"]));
            let is_hyphened =
                self.tokens[self.found[index].span.clone()].windows(2).any(|pair| pair[0].number().is_some() && pair[1].is("-"));
            return if adjective && is_hyphened { start..(start + 3).min(after.end) } else { start..start };
        }
        let closes = if first.is_some_and(|token| token.is("(")) { &[")"][..] } else { &[";", ".", "(", "but", "while"] };
        // A list of tiers may have commas: "for critical, high and medium issues".
        let end = after.clone().skip(1).find(|place| self.tokens[*place].any(closes)).unwrap_or(after.end);
        start..end
    }

    /// Where the marks of this figure are looked for, the nearest place first; empty when they are those of the figure before.
    fn places(&self, marks: &[Range<usize>]) -> Option<(Vec<usize>, bool)> {
        let inside = |part: &Range<usize>| {
            marks.iter().enumerate().filter(|(_, mark)| part.contains(&mark.start)).map(|(at, _)| at).collect::<Vec<_>>()
        };
        let tied = self.cut(self.tied(self.index));
        let behind = inside(&tied);
        let none_before = inside(&(0..self.found[0].span.start)).is_empty()
            && !(0..self.index).any(|index| !inside(&self.cut(self.tied(index))).is_empty());
        // "Within 48 hours we acknowledge it, within 7 days we assess it."
        let is_last = self.index + 1 == self.found.len();
        let all_after = none_before && !inside(&self.after_of(self.found.len() - 1)).is_empty();
        let mut before = self.before();
        if let Some(previous) = self.index.checked_sub(1) {
            before.start = before.start.max(self.cut(self.tied(previous)).end);
        }
        let ahead = inside(&before);
        // "respond within 2 days to address the issue" is about responding.
        let is_purpose = self.tokens.get(tied.start).is_some_and(|token| token.is("to")) && !ahead.is_empty();
        if !behind.is_empty() && !is_purpose {
            return Some((behind, false));
        }
        let after = inside(&self.after());
        // "48 hours acknowledgement, 7 days assessment"
        let touching = after.first().filter(|at| marks[**at].start == self.found[self.index].span.end && ahead.is_empty());
        if let Some(touching) = touching {
            return Some((vec![*touching], false));
        }
        if !ahead.is_empty() && !all_after {
            return Some((ahead, true));
        }
        // What stands between two figures belongs to the second, unless all of them are named after their figures.
        (none_before && !after.is_empty() && (is_last || all_after)).then_some((after, false))
    }

    /// Where a label has told already, what only follows the figure tells nothing: `Status update: within 7 days with an
    /// assessment`.
    pub(super) fn nearest(&self, marks: &[Range<usize>], told: bool) -> Vec<usize> {
        match self.places(marks) {
            Some((some, false)) if told && !self.is_tied(marks[some[0]].start) => Vec::new(),
            Some((some, from_the_end)) => self.joined(marks, &some, from_the_end),
            None if self.index > 0 => Spans { tokens: self.tokens, found: self.found, index: self.index - 1 }.nearest(marks, told),
            None => Vec::new(),
        }
    }

    /// Whether a mark stands right behind the figure, or is tied to it.
    fn is_tied(&self, mark: usize) -> bool {
        mark == self.found[self.index].span.end || self.cut(self.tied(self.index)).contains(&mark)
    }

    /// Tied words end where the next figure's own words begin: behind the last comma or conjunction before it.
    fn cut(&self, tied: Range<usize>) -> Range<usize> {
        let runs_into_next = self.found.iter().any(|figure| figure.span.start == tied.end);
        if !runs_into_next || tied.is_empty() {
            return tied;
        }
        // "30 days (critical: 7 days)": what the parentheses hold is the next one's.
        if self.tokens[tied.start].any(&["(", "["]) {
            return tied.start..tied.start;
        }
        let last = tied.clone().rev().find(|place| self.tokens[*place].any(&[",", "and", "or", "/", ";"]));
        tied.start..last.unwrap_or(tied.end)
    }

    /// The nearest of some marks, and those that are joined to it: `acknowledge and triage`.
    fn joined(&self, marks: &[Range<usize>], some: &[usize], from_the_end: bool) -> Vec<usize> {
        let mut order = some.to_vec();
        if from_the_end {
            order.reverse();
        }
        let mut taken: Vec<usize> = Vec::new();
        for at in order {
            let is_joined = taken.last().is_none_or(|last: &usize| {
                let (first, second) = if marks[*last].start < marks[at].start { (*last, at) } else { (at, *last) };
                let between = self.tokens.get(marks[first].end..marks[second].start).unwrap_or_default();
                between.len() <= 3 && between.iter().all(|token| token.any(&["and", "or", "/", "&", ",", "+", "then", "initial"]))
            });
            if !is_joined {
                break;
            }
            taken.push(at);
        }
        taken
    }
}

/// The tiers of a figure.
pub(super) enum Group {
    /// None are named.
    None,
    /// These.
    One(Scope),
    /// It cannot be told which.
    Unclear,
}

/// The tiers that belong to a figure.
/// `stage_ahead`: the stage stands before the figure, so that tiers behind it belong to something else.
pub(super) fn tier_group(tokens: &[Token], marks: &[TierMark], spans: &Spans<'_>, stage_ahead: bool) -> Group {
    if marks.is_empty() {
        return Group::None;
    }
    let places: Vec<Range<usize>> = marks.iter().map(|mark| mark.start..mark.end).collect();
    let Some((near, from_the_end)) = spans.places(&places) else { return carried(tokens, marks, spans) };
    let end = spans.found[spans.index].span.end;
    let is_loose = |at: &usize| places[*at].start > end && !spans.cut(spans.tied(spans.index)).contains(&places[*at].start);
    if stage_ahead && !from_the_end && near.first().is_some_and(is_loose) {
        return carried(tokens, marks, spans);
    }
    let own: Vec<TierMark> = near.iter().map(|at| marks[*at].clone()).collect();
    if severity::are_coordinated(tokens, &own) { Group::One(severity::united(&own)) } else { Group::Unclear }
}

/// The tiers of the figure before hold on, unless a new subject begins in between: `critical issues are acknowledged within
/// 24 hours and fixed within 7 days`.
fn carried(tokens: &[Token], marks: &[TierMark], spans: &Spans<'_>) -> Group {
    let Some(previous) = spans.index.checked_sub(1) else { return Group::None };
    let between = tokens.get(spans.before()).unwrap_or_default();
    let new_subject = between
        .iter()
        .any(|token| token.any(&["we", "we'll", "you", "you'll", "i", "reports", "report", "all", "every", "each", "any", "it", "they"]));
    let earlier = tier_group(tokens, marks, &Spans { tokens, found: spans.found, index: previous }, true);
    match earlier {
        Group::None => Group::None,
        // "For critical vulnerabilities, we respond within 1 day and we fix within 7": said of the whole sentence.
        Group::One(scope) if !new_subject || at(tokens, 0, &["for"]) || at(tokens, 0, &["in", "case"]) => Group::One(scope),
        _ => Group::Unclear,
    }
}
