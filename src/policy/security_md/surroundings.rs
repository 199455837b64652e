//! What a block stands under: the items around it, what introduces its list or table, the headings above.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use super::{
    clause::{self, Context},
    figure::{Figure, figures},
    line::{self, Label},
    markdown::{Document, Kind, Text},
    naming, promise,
    severity::{self, Reading as Trust, Scope, tier_marks},
    stage::{distinct, stage_marks},
    token::{Token, tokens},
    versions, zone,
};
use crate::policy::Stage;

/// What blocks stand under. What a heading or an introduction says is worked out once, however much stands below it.
pub(super) struct Surroundings<'d> {
    document: &'d Document<'d>,
    titles: RefCell<BTreeMap<usize, Rc<Title>>>,
    introductions: RefCell<BTreeMap<usize, Rc<Introduction>>>,
}

/// What a heading says.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Title {
    label: Label,
    /// Whether what stands below is about something else than handling vulnerabilities.
    pub(super) elsewhere: bool,
    /// Whether it is about which versions of this project are supported.
    pub(super) about_support: bool,
    /// Whether it is about versions of something else.
    pub(super) foreign: bool,
    /// Whether it is about what we do.
    ours: bool,
}

/// What a paragraph or item says of what it introduces.
pub(super) struct Introduction {
    label: Label,
    /// The words of its last sentence.
    pub(super) words: Vec<Token>,
    /// Whether it promises nothing, so that neither does what it introduces.
    void: bool,
    /// Whether it calls what it introduces an aim.
    aims: bool,
    /// Whether it is about what we do.
    ours: bool,
}

impl Introduction {
    /// Whether what it introduces may be examples: it says so, or introduces nothing in particular.
    pub(super) fn may_list_examples(&self) -> bool {
        let about =
            ["example", "examples", "include", "includes", "including", "such", "vulnerabilities", "issues", "criteria", "types", "like"];
        !self.words.last().is_some_and(|token| token.is(":")) || self.words.iter().any(|token| token.any(&about))
    }
}

impl<'d> Surroundings<'d> {
    pub(super) fn new(document: &'d Document<'d>) -> Self {
        Self { document, titles: RefCell::default(), introductions: RefCell::default() }
    }

    /// What the headings above a block say, the innermost first.
    pub(super) fn titles(&self, block: usize) -> impl Iterator<Item = Rc<Title>> {
        self.document
            .headings(block)
            .map(|(at, text)| Rc::clone(self.titles.borrow_mut().entry(at).or_insert_with(|| Rc::new(title(text)))))
    }

    /// What a paragraph or item says of what it introduces.
    pub(super) fn introduction(&self, at: usize, text: &Text) -> Rc<Introduction> {
        Rc::clone(self.introductions.borrow_mut().entry(at).or_insert_with(|| Rc::new(introduction(text))))
    }

    /// What a block stands under.
    pub(super) fn around(&self, at: usize) -> Context {
        let mut context = Context::default();
        // A label that names stages so that none is told hides what stands further out, too.
        let mut blocked = false;
        let mut fill = |label: &Label, is_heading: bool| {
            if context.scope.is_none() {
                context.scope.clone_from(&label.scope);
            }
            if label.unclear {
                blocked = true;
                context.labelled |= context.stages.is_empty();
            }
            // Several stages tell as little as none, but they hide what stands further out.
            if context.stages.is_empty() && !blocked && !(is_heading && stage_of_heading(label).is_none()) {
                context.stages.clone_from(&label.stages);
                context.initial = label.initial;
                context.joint = !is_heading;
                context.labelled |= !is_heading && !label.stages.is_empty();
            }
        };
        let (mut soft, mut void, mut ours) = (false, false, false);
        let document = self.document;
        let outermost = document.parents(at).last().unwrap_or(at);
        let lead_ins = [document.blocks[at].lead_in, document.blocks[outermost].lead_in];
        for place in document.parents(at).chain(lead_ins.into_iter().flatten()) {
            let (Kind::Item(text, _) | Kind::Paragraph(text)) = &document.blocks[place].kind else { continue };
            let introduction = self.introduction(place, text);
            soft |= introduction.label.soft || introduction.aims;
            void |= introduction.void;
            ours |= introduction.ours;
            fill(&introduction.label, false);
        }
        for (index, title) in self.titles(at).enumerate() {
            ours |= title.ours;
            // "Response targets"
            soft |= index == 0 && title.label.soft;
            fill(&title.label, true);
        }
        (context.soft, context.void, context.ours) = (soft, void, ours);
        context
    }
}

fn title(text: &Text) -> Title {
    let words = tokens(text.head());
    let us = ["we", "us", "our", "expect", "commitment", "commitments", "response", "timeline", "sla", "promise"];
    let (elsewhere, about_support, foreign) =
        (zone::is_elsewhere(&words), versions::is_about_support(&words), versions::is_foreign(&words));
    let ours = words.iter().any(|token| token.any(&us));
    let mut label = line::naming(words, 0);
    label.scope = heading_scope(text);
    Title { label, elsewhere, about_support, foreign, ours }
}

fn introduction(text: &Text) -> Introduction {
    let words = last_sentence(text);
    let introduces = words.last().is_some_and(|token| token.is(":"));
    let is_example = words.iter().any(|token| token.any(&["example", "examples", "sample"]));
    Introduction {
        void: introduces && (is_example || promise::is_nobodys(&words, false)),
        aims: introduces && clause::is_soft(&words),
        ours: words.iter().any(|token| token.any(&["we", "we'll", "our", "i", "i'll"])),
        label: line::label(text, 0..text.plain.len()).unwrap_or_else(|| introducing(words.clone())),
        words,
    }
}

/// The tier that a heading is the name of, before its first separator too: `Critical — 24 hours`.
pub(super) fn heading_scope(text: &Text) -> Option<Scope> {
    let words = tokens(text.head());
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
    let tail = text.tail();
    line::sentences(tail, 0..tail.len()).pop().map(|last| tokens(&tail[last])).unwrap_or_default()
}

/// What a paragraph says of the list or table that it introduces: the stage and tiers of its last sentence.
fn introducing(words: Vec<Token>) -> Label {
    // One that says when says it for itself.
    let says_when = figures(&words).iter().any(Figure::says_when);
    if says_when && !words.last().is_some_and(|token| token.is(":")) {
        return line::naming(Vec::new(), 0);
    }
    let mut marks = stage_marks(&words);
    marks.retain(|mark| !mark.anchor && !mark.thing);
    let mut stages = distinct(&marks);
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
