//! Walks through a document and gathers what its headings, items, sentences and tables say.

use std::{collections::BTreeSet, ops::Range};

use super::{
    bounds,
    clause::{self, Context, Said, Statement},
    contact,
    figure::{Figure, Form},
    ledger::Ledger,
    line::{self, Label},
    markdown::{Document, Kind, Text},
    naming,
    pending::{self, Pending},
    promise, rule,
    severity::{Reading as Trust, Scope, tier_marks},
    stage::stage_marks,
    surroundings::{Surroundings, heading_scope},
    table::{self, Table, day_of},
    token::{Token, tokens},
    versions, zone,
};
use crate::policy::{
    Stage,
    reading::{About, NoteKind, Reading, SupportedVersion},
};

/// Texts longer than this are no sentences that somebody wrote for people.
pub(super) const LONGEST: usize = 4_000;

/// The state of reading.
pub(super) struct Reader<'d> {
    pub(super) document: &'d Document<'d>,
    surroundings: Surroundings<'d>,
    pub(super) ledger: Ledger,
    pending: Vec<Pending>,
    sentences: usize,
    has_template: bool,
}

impl<'d> Reader<'d> {
    pub(super) fn new(document: &'d Document<'d>, path: &str) -> Self {
        Self {
            document,
            surroundings: Surroundings::new(document),
            ledger: Ledger::new(path),
            pending: Vec::new(),
            sentences: 0,
            has_template: false,
        }
    }

    /// Reads the whole document.
    pub(super) fn read(mut self) -> Reading {
        for at in 0..self.document.blocks.len() {
            self.fill_in(at);
        }
        for at in 0..self.document.blocks.len() {
            self.block(at);
        }
        pending::resolve(&std::mem::take(&mut self.pending), &mut self.ledger);
        self.ledger.settle()
    }

    /// Notes contacts and sentences that nobody has filled in.
    fn fill_in(&mut self, at: usize) {
        let texts: Vec<&Text> = match &self.document.blocks[at].kind {
            Kind::Heading(_, text) | Kind::Paragraph(text) | Kind::Item(text, _) | Kind::Html(text) => vec![text],
            Kind::Table(header, rows) => header.iter().chain(rows.iter().flatten()).collect(),
        };
        let elsewhere = self.surroundings.titles(at).any(|title| title.elsewhere);
        for text in texts {
            for place in contact::template_sentences(&text.plain) {
                self.ledger.placeholder = true;
                self.has_template = true;
                let line = self.document.line(text, place);
                self.ledger.note(NoteKind::Template, line, "a sentence of GitHub's template that nobody has edited".to_owned());
            }
            let mut start = 0;
            for part in text.plain.split_inclusive(['\n', super::markdown::BREAK]) {
                let begins = start;
                start += part.len();
                // Examples of configuration and code have addresses, too.
                if elsewhere && !contact::is_about_reports(part) {
                    continue;
                }
                if let Some((place, word)) = contact::contact(part) {
                    let start = begins;
                    // Code that says more than an address is an example of something.
                    let at = start + place..start + place + 1;
                    if overlapping(&text.code, &at).any(|code| code.len() > word.len() + 2) {
                        continue;
                    }
                    let line = self.document.line(text, start + place);
                    self.ledger.note(NoteKind::Contact, line, format!("nobody has filled in the contact `{word}`"));
                }
            }
        }
    }

    fn block(&mut self, at: usize) {
        let document = self.document;
        let block = &document.blocks[at];
        if self.surroundings.titles(at).any(|title| title.elsewhere) {
            return;
        }
        if let Kind::Heading(_, text) = &block.kind
            && zone::is_elsewhere(&tokens(text.head()))
        {
            return;
        }
        match &block.kind {
            Kind::Html(text) => self.unread(text),
            _ if block.quoted => {
                if let Kind::Paragraph(text) | Kind::Item(text, _) = &block.kind {
                    self.unread(text);
                }
            }
            // A box to tick is something to do.
            Kind::Item(_, true) => {}
            Kind::Heading(_, text) => self.heading(at, text),
            Kind::Paragraph(text) => self.paragraph(at, text),
            Kind::Item(text, false) => self.item(at, text),
            Kind::Table(header, rows) => {
                let around = self.surroundings.around(at);
                if around.void {
                    return;
                }
                Table::new(header, rows).read(self, at, &around);
            }
        }
    }

    /// HTML and quotations are not believed, but a promise in them is not passed over either.
    fn unread(&mut self, text: &Text) {
        for part in line::lines(text) {
            for sentence in line::sentences(&text.plain, part) {
                if sentence.len() > LONGEST {
                    continue;
                }
                let words = tokens(&text.plain[sentence.clone()]);
                let context = Context { value: true, ..Context::default() };
                let said = clause::read(&words, &context, &left_out(text, &sentence, &words));
                let is_promise = said.puzzling || said.statements.iter().any(|statement| statement.figure.says_when());
                if is_promise || looks_like_a_cell(&words) {
                    let place = sentence.start;
                    self.ledger.puzzle(self.document.line(text, place), &self.document.words(text, sentence), About::Promise);
                }
            }
        }
    }

    fn heading(&mut self, at: usize, text: &Text) {
        let words = tokens(text.head());
        let place = first_word(&text.plain);
        let line = self.document.line(text, place);
        if let Some(Scope::Tiers(tiers)) = heading_scope(text) {
            self.ledger.name(&tiers, line);
            if let Some(bounds) = bounds::bounds(&words, true) {
                self.ledger.bound(&tiers, bounds, line);
            }
        }
        if words.len() <= 24 {
            let around = self.surroundings.around(at);
            self.parts(at, text, &around, true);
        }
    }

    /// Whether the innermost heading is about which versions of this project are supported.
    fn is_about_support(&self, at: usize) -> bool {
        self.surroundings.titles(at).next().is_some_and(|title| title.about_support)
    }

    fn paragraph(&mut self, at: usize, text: &Text) {
        let around = self.surroundings.around(at);
        // "Within 24 hours." under "Response time" is all there is.
        let is_short = text.plain.len() <= 80 && tokens(&text.plain).len() <= 8;
        self.parts(at, text, &around, is_short);
    }

    fn item(&mut self, at: usize, text: &Text) {
        let around = self.surroundings.around(at);
        let words = if text.plain.len() <= LONGEST { tokens(&text.plain) } else { Vec::new() };
        if let Some(Scope::Tiers(tiers)) = naming::label(&words) {
            self.ledger.name(&tiers, self.document.line(text, first_word(&text.plain)));
            if let Some(bounds) = bounds::bounds(&words, true) {
                self.ledger.bound(&tiers, bounds, self.document.line(text, first_word(&text.plain)));
            }
        }
        let about_support = self.is_about_support(at);
        if about_support && let Some((pattern, said)) = versions::item(&text.plain) {
            let line = self.document.line(text, first_word(&text.plain));
            self.ledger.supported.push(SupportedVersion {
                pattern,
                supported: said.supported,
                until: said.until.filter(|_| said.supported),
                line: Some(line),
            });
            return;
        }
        let lead_in = self.document.blocks[at].lead_in.and_then(|place| match &self.document.blocks[place].kind {
            Kind::Paragraph(text) => Some(self.surroundings.introduction(place, text)),
            _ => None,
        });
        let listed = lead_in.as_ref().filter(|_| about_support).and_then(|lead_in| versions::introduced(&text.plain, &lead_in.words));
        if let Some((pattern, said)) = listed {
            let line = self.document.line(text, first_word(&text.plain));
            self.ledger.supported.push(SupportedVersion { pattern, supported: said.supported, until: None, line: Some(line) });
            return;
        }
        let before = self.pending.len();
        let puzzled = self.parts(at, text, &around, true);
        // What stands under a tier and is no statement is an example of it.
        let label = line::label(text, 0..text.plain.len());
        let is_labelled = label.as_ref().is_some_and(Label::tells) || naming::label(&words).is_some();
        if self.pending.len() > before || puzzled || words.is_empty() {
            return;
        }
        // Under "Actions:" there are none.
        let introduced = lead_in.is_none_or(|lead_in| lead_in.may_list_examples());
        if let Some(Scope::Tiers(tiers)) = around.scope.as_ref().filter(|_| !is_labelled && introduced) {
            let line = self.document.line(text, first_word(&text.plain));
            match label {
                None => self.ledger.example(&tiers.clone(), line, &versions::flat(&text.plain)),
                Some(label) if label.tokens.iter().any(|token| token.any(&["example", "examples"])) => {
                    let tiers = tiers.clone();
                    for thing in table::things(&text.plain[label.rest..]) {
                        self.ledger.example(&tiers, line, &thing);
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Reads the lines and sentences of a text; tells whether something was not understood.
    fn parts(&mut self, at: usize, text: &Text, around: &Context, is_short: bool) -> bool {
        let mut puzzled = false;
        // Under "please wait:" nothing is promised.
        let parts = if around.void { Vec::new() } else { line::lines(text) };
        for part in parts {
            let part = line::trim(&text.plain, part);
            let label = line::label(text, part.clone());
            if let Some(label) = label.as_ref().filter(|label| is_short && day_of(&label.tokens).is_some()) {
                self.day_in_list(at, text, &part, label, around);
                continue;
            }
            // "7 days: patch for critical issues" has its figure first, and is read as a sentence.
            let label = label.filter(|label| label.tells() || !super::figure::figures(&label.tokens).iter().any(Figure::says_when));
            if label.as_ref().is_some_and(|label| label.tokens.first().is_some_and(|token| token.any(&["example", "examples", "sample"]))) {
                continue;
            }
            let mut context = around.clone();
            let mut rest = part.clone();
            if let Some(label) = &label {
                context = label.under(around);
                rest.start = label.rest;
                if let Some(Scope::Tiers(tiers)) = label.scope.as_ref().filter(|_| naming::label(&label.tokens).is_some()) {
                    let line = self.document.line(text, part.start);
                    self.ledger.name(tiers, line);
                    if let Some(bounds) = bounds::bounds(&label.tokens, true) {
                        self.ledger.bound(tiers, bounds, line);
                    }
                } else {
                    self.bounds_in_prose(&label.tokens, self.document.line(text, part.start));
                }
            }
            let mut spoke_of_tier = false;
            for (index, sentence) in line::sentences(&text.plain, rest).into_iter().enumerate() {
                // A label may deny what stands behind it: "There is no SLA: ...".
                let denied =
                    || index == 0 && label.is_some() && promise::is_nobodys(&tokens(&text.plain[part.start..sentence.end]), around.ours);
                if sentence.len() > LONGEST {
                    // Too long to be taken apart; what it may promise is not passed over.
                    puzzled |= self.too_long(text, &sentence);
                    continue;
                }
                if denied() {
                    continue;
                }
                let words = tokens(&text.plain[sentence.clone()]);
                // A value stands behind a label, or is all there is.
                context.value = (label.is_some() && index == 0 && is_value(&words)) || (is_short && label.is_none() && words.len() <= 8);
                let whole = if index == 0 { part.start..sentence.end } else { sentence.clone() };
                // "Critical issues ... A fix follows within 7 days." may still be about the critical ones.
                let speaks_of_tier = tier_marks(&words, Trust::Prose).iter().any(|mark| mark.scope != Scope::All);
                let subjects = [
                    "we", "we'll", "reports", "report", "all", "every", "any", "you", "your", "vulnerabilities", "issues", "our", "i",
                    "i'll",
                ];
                context.hanging = spoke_of_tier && !speaks_of_tier && !words.iter().any(|token| token.any(&subjects));
                spoke_of_tier |= speaks_of_tier;
                puzzled |= self.sentence(at, text, &words, &sentence, whole, &context);
            }
        }
        puzzled
    }

    /// A sentence that is longer than any that is read: listed, if it has a length of time near a stage or tier.
    fn too_long(&mut self, text: &Text, sentence: &Range<usize>) -> bool {
        let mut start = sentence.start;
        while start < sentence.end {
            let mut end = sentence.end.min(start + LONGEST);
            while !text.plain.is_char_boundary(end) {
                end -= 1;
            }
            if looks_like_a_cell(&tokens(&text.plain[start..end])) {
                let beginning = start..text.plain[..end].char_indices().map(|(at, _)| at).find(|at| *at >= start + 120).unwrap_or(end);
                self.ledger.puzzle(self.document.line(text, sentence.start), &self.document.words(text, beginning), About::Promise);
                return true;
            }
            start = end;
        }
        false
    }

    /// `Day 30: fix released`
    fn day_in_list(&mut self, at: usize, text: &Text, part: &Range<usize>, label: &Label, around: &Context) {
        let Some((target, limit)) = day_of(&label.tokens).filter(|(_, limit)| *limit > 0) else { return };
        let event = line::naming(tokens(&text.plain[label.rest..part.end]), 0);
        if event.stages.is_empty() {
            return;
        }
        let context = event.under(around);
        let line = self.document.line(text, part.start);
        let shown = self.document.words(text, part.clone());
        self.take(at, on_day(target, limit, &context), line, &shown);
    }

    fn sentence(
        &mut self,
        at: usize,
        text: &Text,
        words: &[Token],
        sentence: &Range<usize>,
        whole: Range<usize>,
        context: &Context,
    ) -> bool {
        let line = self.document.line(text, whole.start);
        if let Some((tier, hours)) = rule::rule(words) {
            self.ledger.rule(tier, hours, line, self.document.words(text, whole));
            return false;
        }
        for (pattern, supported) in if self.is_about_support(at) { versions::listed(words) } else { Vec::new() } {
            self.ledger.supported.push(SupportedVersion { pattern, supported, until: None, line: Some(line) });
        }
        if let Some(pattern) = versions::sentence(words) {
            self.ledger.supported.push(SupportedVersion { pattern, supported: true, until: None, line: Some(line) });
        }
        self.bounds_in_prose(words, line);
        let code: Vec<Range<usize>> = left_out(text, sentence, words);
        let said = clause::read(words, context, &code);
        let shown = self.document.words(text, whole);
        self.take(at, said, line, &shown)
    }

    /// `Critical (CVSS 9.0-10.0) issues are ...`
    fn bounds_in_prose(&mut self, words: &[Token], line: u32) {
        if !words.iter().any(|token| token.is("cvss")) {
            return;
        }
        let marks = tier_marks(words, Trust::Prose);
        for (index, mark) in marks.iter().enumerate() {
            let end = marks.get(index + 1).map_or(words.len(), |next| next.start);
            let behind = words.get(mark.end..end.min(mark.end + 16)).unwrap_or_default();
            let opens = behind.iter().take(4).position(|token| token.is("("));
            if let (Some(open), Scope::Tiers(tiers)) = (opens, &mark.scope) {
                let close = behind.iter().position(|token| token.is(")")).unwrap_or(behind.len());
                if let Some(bounds) = behind.get(open..close).and_then(|inside| bounds::bounds(inside, true)) {
                    self.ledger.name(tiers, line);
                    self.ledger.bound(tiers, bounds, line);
                }
            }
        }
    }

    /// Reads a cell of a table.
    /// `row` are the words of its row, where the cell alone would say too little.
    pub(super) fn value(&mut self, at: usize, cell: &Text, context: &Context, head: &[Token], row: Option<&str>) {
        for part in line::lines(cell) {
            let part = line::trim(&cell.plain, part);
            if part.len() > LONGEST {
                continue;
            }
            let label = line::label(cell, part.clone()).filter(Label::tells);
            let context =
                label.as_ref().map_or_else(|| context.clone(), |label| Context { value: true, labelled: true, ..label.under(context) });
            let rest = label.as_ref().map_or(part.clone(), |label| label.rest..part.end);
            let words = tokens(&cell.plain[rest.clone()]);
            let words = table::with_unit(&words, head).unwrap_or(words);
            let mut said = clause::read(&words, &context, &left_out(cell, &rest, &words));
            if head.iter().any(|token| token.any(&["business", "working"])) {
                for statement in &mut said.statements {
                    statement.figure.business |= statement.figure.limit.is_some_and(|hours| hours % 24 == 0);
                }
            }
            // "90+ days", or a number without a unit: something is said that was not taken.
            let is_time = words.iter().any(|token| token.number().is_some()) && (words.len() <= 3 || super::quantity::is_any(&words));
            let is_about = context.labelled && !context.stages.is_empty() && label.is_none();
            said.puzzling |= is_about
                && is_time
                && said.statements.is_empty()
                && super::figure::figures(&words).is_empty()
                && !promise::is_nobodys(&words, false);
            let line = self.document.line(cell, part.start);
            let shown = row.map_or_else(|| self.document.words(cell, part), str::to_owned);
            self.take(at, said, line, &shown);
        }
    }

    /// Reads a day of a timeline; `false` when the cell is none.
    pub(super) fn day(&mut self, at: usize, cell: &Text, event: &Text, context: &Context) -> bool {
        let Some((target, limit)) = day_of(&tokens(&cell.plain)) else { return false };
        if limit > 0 {
            let line = self.document.line(cell, 0);
            let part = |text: &Text| self.document.words(text, line::trim(&text.plain, 0..text.plain.len()));
            let shown = format!("{}: {}", part(cell), part(event));
            self.take(at, on_day(target, limit, context), line, &shown);
        }
        true
    }

    /// Rows of a table about versions.
    pub(super) fn versions(&mut self, at: usize, found: Vec<Result<SupportedVersion, (u32, String)>>) {
        if self.surroundings.titles(at).next().is_some_and(|title| title.foreign) {
            return;
        }
        for row in found {
            match row {
                Ok(version) if self.has_template && contact::TEMPLATE_VERSIONS.contains(&version.pattern.as_str()) => {}
                Ok(version) => self.ledger.supported.push(version),
                Err((line, text)) => self.ledger.puzzle(line, &text, About::Version),
            }
        }
    }

    /// Takes what a sentence said; tells whether something was not understood.
    fn take(&mut self, at: usize, said: Said, line: u32, text: &str) -> bool {
        self.sentences += 1;
        if said.unfilled {
            self.ledger.note(NoteKind::Unfilled, line, "nobody has filled in the figure".to_owned());
        }
        if said.puzzling {
            self.ledger.puzzle(line, text, About::Promise);
        }
        let block = &self.document.blocks[at];
        let list = block.lead_in.or(block.parent).map_or(usize::MAX / 2 + block.heading.unwrap_or_default(), |place| place);
        let within = [self.sentences, at, list, block.heading.unwrap_or(usize::MAX)];
        for statement in said.statements {
            self.pending.push(Pending { statement, line, text: text.to_owned(), within });
        }
        said.puzzling
    }
}

/// What a day of a timeline says of the stages of a context.
fn on_day(target: Option<u32>, limit: u32, context: &Context) -> Said {
    let figure = Figure { span: 0..0, target, limit: Some(limit), business: false, recurring: false, until: None, form: Form::Bare };
    let stages: BTreeSet<Stage> = context.stages.iter().copied().collect();
    let statements = stages.into_iter().map(|stage| {
        let stage = if context.initial && context.scope.is_none() { Stage::Acknowledge } else { stage };
        Statement { stage, scope: context.scope.clone(), figure: figure.clone(), soft: context.soft }
    });
    Said { statements: statements.collect(), ..Said::default() }
}

/// Whether what stands behind a label is a value, and no sentence about something.
fn is_value(words: &[Token]) -> bool {
    let figures = super::figure::figures(words);
    words.len() <= 12 || figures.first().is_some_and(|figure| figure.span.start <= 2)
}

/// A figure beside a tier or a stage, as rows of HTML tables have them.
fn looks_like_a_cell(words: &[Token]) -> bool {
    let has_figure =
        super::figure::figures(words).iter().any(|figure| figure.limit.is_some() && figure.form != Form::After && !figure.recurring);
    let out = promise::taken_out(words, false);
    has_figure && out.is_empty() && (!tier_marks(words, Trust::Prose).is_empty() || !stage_marks(words).is_empty())
}

/// The parts of a sentence that are struck out, or code that says more than a figure, from where it begins.
fn left_out(text: &Text, sentence: &Range<usize>, words: &[Token]) -> Vec<Range<usize>> {
    let moved = |parts: &[Range<usize>]| {
        let inside = overlapping(parts, sentence);
        inside.map(|part| part.start.max(sentence.start) - sentence.start..part.end.min(sentence.end) - sentence.start).collect::<Vec<_>>()
    };
    // `48 hours` by itself is a figure that somebody set in another type.
    let is_long = |part: &Range<usize>| words.iter().filter(|token| part.contains(&token.start)).count() > 3;
    moved(&text.code).into_iter().filter(is_long).chain(moved(&text.struck)).collect()
}

/// Those of some parts, which are in order, that lie in another.
fn overlapping<'p>(parts: &'p [Range<usize>], whole: &'p Range<usize>) -> impl Iterator<Item = &'p Range<usize>> {
    let from = parts.partition_point(|part| part.end <= whole.start);
    parts[from..].iter().take_while(|part| part.start < whole.end)
}

fn first_word(plain: &str) -> usize {
    plain.len() - plain.trim_start().len()
}
