//! What stands where in a Markdown text: headings, paragraphs, items, tables, each with its lines.
//!
//! `CommonMark` with GitHub's extensions, read by `pulldown-cmark`. Code blocks, comments and front matter are left out
//! here, once and for all: nothing that they say can become a statement.

use std::ops::Range;

use pulldown_cmark::{BlockQuoteKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use crate::inventory::lines::LineIndex;

/// A text as it is read, without markup, that knows where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    /// The words; a line's end is a line feed, a break that the author made is [`BREAK`].
    pub(super) plain: String,
    /// Pieces: where each begins in `plain`, ascending, and the part of the source that it comes from.
    origins: Vec<(usize, Range<usize>)>,
    /// Parts that are inline code.
    pub(super) code: Vec<Range<usize>>,
    /// Parts that are struck out.
    pub(super) struck: Vec<Range<usize>>,
    /// Parts that are emphasised.
    pub(super) strong: Vec<Range<usize>>,
    /// Where it ends in the source.
    end: usize,
}

/// How much of a heading, or of the end of an introduction, is heeded, in bytes. All that stands below looks at them, so
/// that long ones would cost their length each time.
const TITLE: usize = 600;

/// A line that the author ended by hand.
pub(super) const BREAK: char = '\u{2028}';

impl Text {
    fn push(&mut self, words: &str, source: usize) {
        self.push_text(words, source..source);
    }

    fn push_text(&mut self, words: &str, source: Range<usize>) {
        self.origins.push((self.plain.len(), source.clone()));
        self.plain.push_str(words);
        self.end = source.end;
    }

    /// The place in the source of a place in the text.
    pub(super) fn source(&self, at: usize) -> usize {
        let before = self.origins.partition_point(|(plain, _)| *plain <= at);
        match before.checked_sub(1).map(|index| &self.origins[index]) {
            // An entity, an escape or a replaced character does not keep pace with its source.
            Some((plain, source)) => (source.start + at - plain).min(source.end),
            None => self.end,
        }
    }

    /// Its beginning: what a title may have.
    pub(super) fn head(&self) -> &str {
        let end = (0..=TITLE.min(self.plain.len())).rev().find(|at| self.plain.is_char_boundary(*at));
        &self.plain[..end.unwrap_or(0)]
    }

    /// Its end, where a paragraph says what comes next.
    pub(super) fn tail(&self) -> &str {
        let start = (self.plain.len().saturating_sub(TITLE)..=self.plain.len()).find(|at| self.plain.is_char_boundary(*at));
        &self.plain[start.unwrap_or(self.plain.len())..]
    }

    /// Whether nothing stands there.
    pub(super) fn is_empty(&self) -> bool {
        self.plain.trim().is_empty()
    }
}

/// One block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// What it is.
    pub(super) kind: Kind,
    /// The innermost heading above it, by its place in the document.
    pub(super) heading: Option<usize>,
    /// The item that it stands in, by its place in the document.
    pub(super) parent: Option<usize>,
    /// The paragraph or item text right before its list or table, by its place in the document.
    pub(super) lead_in: Option<usize>,
    /// Whether it stands in a quotation that is no alert of GitHub's.
    pub(super) quoted: bool,
}

/// What a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A heading of a level from 1 to 6.
    Heading(u8, Text),
    /// A paragraph.
    Paragraph(Text),
    /// The own text of an item of a list; `true` for one with a box to tick.
    Item(Text, bool),
    /// A table: the cells of its header, and of its rows.
    Table(Vec<Text>, Vec<Vec<Text>>),
    /// HTML, as text without tags and comments.
    Html(Text),
}

/// A document.
pub(super) struct Document<'t> {
    source: &'t str,
    lines: LineIndex,
    /// Its blocks, in order.
    pub(super) blocks: Vec<Block>,
}

impl<'t> Document<'t> {
    /// Reads a text.
    pub(super) fn new(source: &'t str) -> Self {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_GFM
            | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
        let mut reader = Reader::default();
        for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
            reader.event(event, range);
        }
        reader.flush();
        Self { source, lines: LineIndex::new(source), blocks: reader.blocks }
    }

    /// The line of a place in a text, counted from 1.
    pub(super) fn line(&self, text: &Text, at: usize) -> u32 {
        self.lines.line(text.source(at))
    }

    /// The words of a part of a text as they stand in the source, on one line.
    pub(super) fn words(&self, text: &Text, part: Range<usize>) -> String {
        let (mut start, mut end) = (text.source(part.start), text.source(part.end.saturating_sub(1)) + 1);
        while !self.source.is_char_boundary(start) {
            start -= 1;
        }
        end = end.clamp(start, self.source.len());
        while !self.source.is_char_boundary(end) {
            end += 1;
        }
        // Emphasis that the part begins or ends with belongs to it.
        let is_mark = |c: char| matches!(c, '*' | '_' | '`');
        let start = self.source[..start].trim_end_matches(is_mark).len();
        let end = self.source.len() - self.source[end..].trim_start_matches(is_mark).len();
        self.source[start..end].split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The headings above a block, the innermost first.
    pub(super) fn headings(&self, block: usize) -> impl Iterator<Item = (usize, &Text)> {
        let above = |at: &usize| self.blocks[*at].heading;
        std::iter::successors(self.blocks[block].heading, above).filter_map(|at| match &self.blocks[at].kind {
            Kind::Heading(_, text) => Some((at, text)),
            _ => None,
        })
    }

    /// The items that a block stands in, the innermost first.
    pub(super) fn parents(&self, block: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.blocks[block].parent, |at| self.blocks[*at].parent)
    }
}

/// The state of reading.
#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    /// The text that is being read.
    text: Text,
    /// The open items: the block of each one's own text, once it is there.
    items: Vec<Option<usize>>,
    /// What stood right before the open lists.
    lead_ins: Vec<Option<usize>>,
    headings: Vec<(u8, usize)>,
    quotes: Vec<bool>,
    table: Option<(Vec<Text>, Vec<Vec<Text>>)>,
    row: Vec<Text>,
    /// How deep in parts that say nothing: code, metadata, images.
    silent: usize,
    ticked: bool,
    html: bool,
}

fn level(level: HeadingLevel) -> u8 {
    level as u8
}

impl Reader {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, &range),
            Event::End(tag) => self.end(tag),
            _ if self.silent > 0 => {}
            Event::Text(words) => self.words(&words, range),
            Event::Code(words) => {
                let at = self.text.plain.len();
                // The marks around it may be several; the words stand somewhere between.
                let inner = (range.len() - words.len().min(range.len())) / 2;
                self.words(&words, range.start + inner..range.end - inner);
                self.text.code.push(at..self.text.plain.len());
            }
            Event::SoftBreak => self.text.push("\n", range.start),
            Event::HardBreak => self.text.push(BREAK.encode_utf8(&mut [0; 4]), range.start),
            Event::InlineHtml(tag) => {
                let tag = tag.to_ascii_lowercase();
                if tag.starts_with("<code") {
                    open(&mut self.text.code, self.text.plain.len());
                } else if tag.starts_with("</code") {
                    close(&mut self.text.code, self.text.plain.len());
                }
                if tag.starts_with("<br") || tag.starts_with("</p") || tag.starts_with("</li") {
                    self.text.push(BREAK.encode_utf8(&mut [0; 4]), range.start);
                }
            }
            Event::Html(raw) => self.words(&raw, range),
            Event::TaskListMarker(_) => self.ticked = true,
            Event::FootnoteReference(_) | Event::InlineMath(_) | Event::DisplayMath(_) | Event::Rule => {}
        }
    }

    fn words(&mut self, words: &str, range: Range<usize>) {
        // Text that joins on keeps pace with the source; several events make one text.
        self.text.push_text(words, range);
    }

    fn start(&mut self, tag: &Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::CodeBlock(_) => {
                self.flush();
                self.silent += 1;
            }
            Tag::MetadataBlock(_) | Tag::Image { .. } => self.silent += 1,
            Tag::BlockQuote(kind) => {
                self.flush();
                self.quotes.push(!is_alert(*kind));
            }
            Tag::List(_) => {
                self.flush();
                let lead_in = self.blocks.len().checked_sub(1).filter(|at| self.leads_in(*at));
                self.lead_ins.push(lead_in);
            }
            Tag::Item => {
                self.flush();
                self.items.push(None);
                self.ticked = false;
            }
            Tag::Table(_) => {
                self.flush();
                self.table = Some((Vec::new(), Vec::new()));
            }
            Tag::TableHead | Tag::TableRow => self.row.clear(),
            Tag::TableCell => self.text = Text { end: range.start, ..Text::default() },
            Tag::HtmlBlock => {
                self.flush();
                self.html = true;
            }
            Tag::Paragraph | Tag::Heading { .. } | Tag::FootnoteDefinition(_) => self.flush(),
            Tag::Strong | Tag::Emphasis => open(&mut self.text.strong, self.text.plain.len()),
            Tag::Strikethrough => open(&mut self.text.struck, self.text.plain.len()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock | TagEnd::MetadataBlock(_) | TagEnd::Image => self.silent = self.silent.saturating_sub(1),
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.quotes.pop();
            }
            TagEnd::List(_) => {
                self.flush();
                self.lead_ins.pop();
            }
            TagEnd::Item => {
                self.flush();
                self.items.pop();
            }
            TagEnd::Heading(of) => self.end_heading(level(of)),
            TagEnd::HtmlBlock => {
                let text = without_tags(std::mem::take(&mut self.text));
                self.html = false;
                if !text.is_empty() {
                    self.push(Kind::Html(text));
                }
            }
            TagEnd::TableCell => self.row.push(std::mem::take(&mut self.text)),
            TagEnd::TableHead => {
                if let Some((header, _)) = &mut self.table {
                    *header = std::mem::take(&mut self.row);
                }
            }
            TagEnd::TableRow => {
                if let Some((_, rows)) = &mut self.table {
                    rows.push(std::mem::take(&mut self.row));
                }
            }
            TagEnd::Table => {
                if let Some((header, rows)) = self.table.take() {
                    self.push(Kind::Table(header, rows));
                }
            }
            TagEnd::Paragraph | TagEnd::FootnoteDefinition => self.flush(),
            TagEnd::Strong | TagEnd::Emphasis => close(&mut self.text.strong, self.text.plain.len()),
            TagEnd::Strikethrough => close(&mut self.text.struck, self.text.plain.len()),
            _ => {}
        }
    }

    fn end_heading(&mut self, level: u8) {
        let text = std::mem::take(&mut self.text);
        // A heading in a list or quotation heads nothing but itself.
        if !self.items.is_empty() || !self.quotes.is_empty() {
            return self.push(Kind::Paragraph(text));
        }
        while self.headings.last().is_some_and(|(above, _)| *above >= level) {
            self.headings.pop();
        }
        self.push(Kind::Heading(level, text));
        self.headings.push((level, self.blocks.len() - 1));
    }

    /// Ends the text that is being read: it is an item's own, or a paragraph.
    fn flush(&mut self) {
        if self.html || self.table.is_some() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        if text.is_empty() {
            return;
        }
        if self.items.last() == Some(&None) {
            self.push(Kind::Item(text, self.ticked));
            let own = self.blocks.len() - 1;
            if let Some(item) = self.items.last_mut() {
                *item = Some(own);
            }
        } else {
            self.push(Kind::Paragraph(text));
        }
    }

    /// Whether a block introduces what comes right after it.
    fn leads_in(&self, at: usize) -> bool {
        let block = &self.blocks[at];
        let is_open_item = self.items.last() == Some(&Some(at));
        matches!(&block.kind, Kind::Paragraph(_)) && block.parent == self.parent() || is_open_item
    }

    /// Whether a paragraph is a title in bold.
    fn is_title(&self, at: usize) -> bool {
        match &self.blocks[at].kind {
            Kind::Paragraph(text) => {
                let words = text.plain.trim();
                words.len() <= 60 && text.strong.iter().any(|part| part.len() >= words.len() && !part.is_empty())
            }
            _ => false,
        }
    }

    fn parent(&self) -> Option<usize> {
        self.items.iter().rev().find_map(|item| *item)
    }

    fn push(&mut self, kind: Kind) {
        let parent = self.parent();
        let lead_in = match &kind {
            Kind::Item(..) => self.lead_ins.last().copied().flatten(),
            Kind::Table(..) => self.blocks.len().checked_sub(1).filter(|at| self.leads_in(*at)),
            Kind::Paragraph(_) => self.blocks.len().checked_sub(1).filter(|at| self.leads_in(*at) && self.is_title(*at)),
            _ => None,
        };
        let (heading, quoted) = (self.headings.last().map(|(_, at)| *at), self.quotes.contains(&true));
        self.blocks.push(Block { kind, heading, parent, lead_in, quoted });
    }
}

fn open(parts: &mut Vec<Range<usize>>, at: usize) {
    parts.push(at..at);
}

fn close(parts: &mut [Range<usize>], at: usize) {
    if let Some(part) = parts.iter_mut().rev().find(|part| part.start == part.end) {
        part.end = at;
    }
}

fn is_alert(kind: Option<BlockQuoteKind>) -> bool {
    kind.is_some()
}

/// HTML as text: comments and tags become spaces, so that places stay what they are.
fn without_tags(mut text: Text) -> Text {
    let mut plain = String::with_capacity(text.plain.len());
    let mut rest = text.plain.as_str();
    while let Some(open) = rest.find('<') {
        plain.push_str(&rest[..open]);
        let close = if rest[open..].starts_with("<!--") { "-->" } else { ">" };
        let end = rest[open..].find(close).map_or(rest.len(), |at| open + at + close.len());
        plain.extend(std::iter::repeat_n(' ', end - open));
        rest = &rest[end..];
    }
    plain.push_str(rest);
    text.plain = plain;
    text
}
