//! What a block stands under: the items around it, what introduces its list or table, the headings above.

use super::{
    clause::{self, Context},
    figure::{Figure, figures},
    line::{self, Label},
    markdown::{Document, Kind, Text},
    naming, promise,
    reader::LONGEST,
    severity::{self, Reading as Trust, Scope, tier_marks},
    stage::stage_marks,
    token::{Token, tokens},
};
use crate::policy::Stage;

/// What a block stands under.
pub(super) fn around(document: &Document<'_>, at: usize) -> Context {
    let mut context = Context::default();
    // A label that names stages so that none is told hides what stands further out, too.
    let mut blocked = false;
    let mut fill = |label: &Label, is_heading: bool| {
        if context.scope.is_none() {
            context.scope.clone_from(&label.scope);
        }
        // Several stages tell as little as none, but they hide what stands further out.
        if label.unclear {
            blocked = true;
            context.labelled |= context.stages.is_empty();
        }
        if context.stages.is_empty() && !blocked && !(is_heading && stage_of_heading(label).is_none()) {
            context.stages.clone_from(&label.stages);
            context.initial = label.initial;
            context.joint = !is_heading;
            context.labelled |= !is_heading && !label.stages.is_empty();
        }
    };
    let mut soft = false;
    let (mut void, mut ours, mut aims) = (false, false, false);
    let mut listen = |words: &[Token]| {
        let introduces = words.last().is_some_and(|token| token.is(":"));
        let is_example = words.iter().any(|token| token.any(&["example", "examples", "sample"]));
        void |= introduces && (is_example || promise::is_nobodys(words, false));
        aims |= introduces && clause::is_soft(words);
        ours |= words.iter().any(|token| token.any(&["we", "we'll", "our", "i", "i'll"]));
    };
    for parent in document.parents(at) {
        if let Kind::Item(text, _) = &document.blocks[parent].kind {
            let label = line::label(text, 0..text.plain.len()).unwrap_or_else(|| introduction(text));
            listen(&last_sentence(text));
            soft |= label.soft;
            fill(&label, false);
        }
    }
    let outermost = document.parents(at).last().unwrap_or(at);
    for lead_in in [document.blocks[at].lead_in, document.blocks[outermost].lead_in].into_iter().flatten() {
        if let Kind::Paragraph(text) = &document.blocks[lead_in].kind {
            let label = introduction(text);
            listen(&last_sentence(text));
            soft |= label.soft;
            fill(&label, false);
        }
    }
    for (index, (_, heading)) in document.headings(at).enumerate() {
        let mut label = line::naming(tokens(&heading.plain), 0);
        ours |= label
            .tokens
            .iter()
            .any(|token| token.any(&["we", "us", "our", "expect", "commitment", "commitments", "response", "timeline", "sla", "promise"]));
        // "Response targets"
        soft |= index == 0 && label.soft;
        label.scope = heading_scope(heading);
        fill(&label, true);
    }
    (context.soft, context.void, context.ours) = (soft || aims, void, ours);
    context
}

/// The tier that a heading is the name of, before its first separator too: `Critical — 24 hours`.
pub(super) fn heading_scope(text: &Text) -> Option<Scope> {
    let words = tokens(&text.plain);
    naming::label(&words).or_else(|| line::label(text, 0..text.plain.len()).and_then(|label| label.scope).filter(|_| words.len() <= 24))
}

/// What a heading tells of the stage: exactly one, and never that of disclosure, which is what the whole page is about.
fn stage_of_heading(label: &Label) -> Option<Stage> {
    match label.stages.as_slice() {
        [] | [Stage::Disclose] => None,
        [stage, ..] => Some(*stage),
    }
}

fn last_sentence(text: &Text) -> Vec<Token> {
    let last = line::sentences(&text.plain, 0..text.plain.len()).pop().filter(|last| last.len() <= LONGEST);
    last.map(|last| tokens(&text.plain[last])).unwrap_or_default()
}

/// What a paragraph says of the list or table that it introduces: the stage and tiers of its last sentence.
fn introduction(text: &Text) -> Label {
    let words = last_sentence(text);
    // One that says when says it for itself.
    let says_when = figures(&words).iter().any(Figure::says_when);
    if says_when && !words.last().is_some_and(|token| token.is(":")) {
        return line::naming(Vec::new(), 0);
    }
    let mut marks = stage_marks(&words);
    marks.retain(|mark| !mark.anchor && !mark.thing);
    let mut stages: Vec<Stage> = Vec::new();
    for mark in &marks {
        if !stages.contains(&mark.stage) {
            stages.push(mark.stage);
        }
    }
    let introduces = words.last().is_some_and(|token| token.is(":"));
    let vague = stages == [Stage::Disclose] && !introduces && words.len() > 6;
    // Two stages of one sentence do not tell which of them its list is about.
    if stages.len() != 1 || vague {
        stages.clear();
    }
    let tiers = tier_marks(&words, Trust::Prose);
    let named = || (introduces && !tiers.is_empty() && severity::are_coordinated(&words, &tiers)).then(|| severity::united(&tiers));
    let scope = naming::label(&words).or_else(named);
    let initial = marks.first().is_some_and(|mark| mark.initial);
    Label { rest: 0, stages, initial, scope, soft: clause::is_soft(&words), generic: false, unclear: false, tokens: words }
}
