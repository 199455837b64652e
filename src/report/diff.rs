//! What differs between two sides, for people and for machines: `overdue diff`, and the part of a scan's report that
//! says what is new.

use std::io;

use serde::Serialize;

use super::{
    Detail, View,
    columns::{Column, FIXED, Layout, labelled},
    comparison::{Change, Comparison, Entry, Side, compare},
    phrases,
};
use crate::model::Timestamp;

/// Lines of a kind that are shown in a scan's report, unless everything is asked for.
const FEW: usize = 10;

/// Two sides and what differs.
#[derive(Clone, Debug)]
pub struct Diff {
    /// The earlier side.
    pub before: Side,
    /// The later side.
    pub after: Side,
    /// What became of what.
    pub comparison: Comparison,
}

impl Diff {
    /// Compares.
    #[must_use]
    pub fn new(before: Side, after: Side) -> Self {
        Self { comparison: compare(&before, &after), before, after }
    }

    /// The later side's findings of which this became, each with what it was.
    fn became(&self, change: Change) -> impl Iterator<Item = (Option<&Entry>, &Entry)> {
        let pairs = self.comparison.after.iter().enumerate().filter(move |(_, (_, became))| *became == change);
        pairs.map(|(at, (old, _))| (old.map(|old| &self.before.entries[old]), &self.after.entries[at]))
    }

    fn earlier<'a>(&'a self, which: &'a [usize]) -> impl Iterator<Item = &'a Entry> {
        which.iter().map(|at| &self.before.entries[*at])
    }

    /// `1 new, 2 fixed, 0 changed, 10 unchanged`, and what could not be told.
    #[must_use]
    pub fn counts(&self) -> String {
        let count = |change| self.comparison.count(change);
        let mut text = format!(
            "{} new, {} fixed, {} changed, {} unchanged",
            count(Change::New),
            self.comparison.fixed.len(),
            count(Change::Changed),
            count(Change::Unchanged)
        );
        if !self.comparison.unknown.is_empty() {
            text.push_str(&format!(", {} no longer looked at", self.comparison.unknown.len()));
        }
        text
    }

    /// The whole of it for a person.
    ///
    /// # Errors
    /// What the writer says.
    pub fn table(&self, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
        if view.detail > Detail::Verdict {
            let side = |side: &Side| format!("{} ({})", side.label, side.as_of.map_or("undated".to_owned(), Timestamp::date));
            let sides = format!("{} with {}", side(&self.before), side(&self.after));
            writeln!(out, "{}", labelled("compared", &phrases::safe(&sides), view.width))?;
            self.sections(view, out)?;
            writeln!(out)?;
        }
        writeln!(out, "{}", view.paint(&labelled("diff", &self.counts(), view.width), None))
    }

    fn sections(&self, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
        let rows = |which| self.earlier(which).map(|entry| row(None, entry)).collect::<Vec<_>>();
        let pairs = |change| self.became(change).map(|(old, new)| row(old, new)).collect::<Vec<_>>();
        let mut sections = vec![
            ("NEW", pairs(Change::New)),
            ("CHANGED", pairs(Change::Changed)),
            ("FIXED", rows(&self.comparison.fixed)),
            ("NO LONGER LOOKED AT", rows(&self.comparison.unknown)),
        ];
        if view.detail == Detail::Everything {
            sections.push(("UNCHANGED", pairs(Change::Unchanged)));
        }
        let all: Vec<Vec<String>> = sections.iter().flat_map(|(_, rows)| rows.iter().cloned()).collect();
        let layout = Layout::fit(&COLUMNS, &all, view.width);
        for (title, rows) in sections.iter().filter(|(_, rows)| !rows.is_empty()) {
            writeln!(out)?;
            writeln!(out, "{}", view.paint(&format!("{title} {}", rows.len()), None))?;
            for line in layout.lines(rows) {
                writeln!(out, "{line}")?;
            }
        }
        Ok(())
    }

    /// The part of a scan's report that says what it was compared with, what is new and what is gone.
    ///
    /// # Errors
    /// What the writer says.
    pub fn summary(&self, view: &View, out: &mut dyn io::Write) -> io::Result<()> {
        let commit = self.before.commit.as_ref().map_or(String::new(), |commit| format!(" ({})", &commit[..commit.len().min(9)]));
        let text = format!("with {}{commit}: {}", self.before.label, self.counts());
        writeln!(out, "{}", labelled("compared", &phrases::safe(&text), view.width))?;
        let new: Vec<&Entry> = self.became(Change::New).map(|(_, new)| new).collect();
        let fixed: Vec<&Entry> = self.earlier(&self.comparison.fixed).collect();
        let unknown: Vec<&Entry> = self.earlier(&self.comparison.unknown).collect();
        for (label, entries) in [("new", new), ("fixed", fixed), ("not seen", unknown)] {
            let shown = if view.detail == Detail::Everything { entries.len() } else { FEW.min(entries.len()) };
            let mut lines: Vec<String> = entries[..shown].iter().map(|entry| row(None, entry).join(" ")).collect();
            if shown < entries.len() {
                lines.push(format!("and {} more (-v shows all)", entries.len() - shown));
            }
            for (at, line) in lines.iter().enumerate() {
                writeln!(out, "{}", labelled(if at == 0 { label } else { "" }, line, view.width))?;
            }
        }
        Ok(())
    }

    /// The whole of it for a machine.
    ///
    /// # Errors
    /// What the writer says.
    pub fn json(&self, out: &mut dyn io::Write) -> io::Result<()> {
        let pairs = |change| {
            let pairs = self.became(change).map(|(old, new)| PairJson { before: old.map(EntryJson::from), after: new.into() });
            pairs.collect::<Vec<_>>()
        };
        let diff = DiffJson {
            schema_version: "1",
            before: (&self.before).into(),
            after: (&self.after).into(),
            new: self.became(Change::New).map(|(_, new)| new.into()).collect(),
            fixed: self.earlier(&self.comparison.fixed).map(EntryJson::from).collect(),
            changed: pairs(Change::Changed),
            unchanged: pairs(Change::Unchanged),
            unknown: self.earlier(&self.comparison.unknown).map(EntryJson::from).collect(),
        };
        serde_json::to_writer_pretty(&mut *out, &diff).map_err(io::Error::from)?;
        writeln!(out)
    }
}

/// Tier, score, package, advisory, standing, place.
const COLUMNS: [Column; 6] = [
    FIXED,
    FIXED,
    Column { shortest: Some(22), ..FIXED },
    FIXED,
    Column { optional: true, ..FIXED },
    Column { shortest: Some(18), optional: true, keeps_its_end: true },
];

fn row(old: Option<&Entry>, new: &Entry) -> Vec<String> {
    let moved = |of: &dyn Fn(&Entry) -> String| match old.map(of).filter(|old| *old != of(new)) {
        Some(old) => format!("{old} -> {}", of(new)),
        None => of(new),
    };
    let tier = |entry: &Entry| if entry.tier == "none" { entry.kind.clone() } else { entry.tier.clone() };
    let cells = [
        moved(&tier),
        moved(&|entry| entry.score.map_or("-".to_owned(), |score| format!("{score:.1}"))),
        format!("{} {}", new.name, moved(&|entry| entry.version.clone())),
        new.ids.first().map_or(String::new(), ToString::to_string),
        moved(&|entry| entry.standing.clone()),
        format!("{}:{}", new.manifest, new.line),
    ];
    cells.iter().map(|cell| phrases::safe(cell)).collect()
}

#[derive(Serialize)]
struct DiffJson<'a> {
    schema_version: &'static str,
    before: SideJson<'a>,
    after: SideJson<'a>,
    new: Vec<EntryJson<'a>>,
    fixed: Vec<EntryJson<'a>>,
    changed: Vec<PairJson<'a>>,
    unchanged: Vec<PairJson<'a>>,
    unknown: Vec<EntryJson<'a>>,
}

#[derive(Serialize)]
struct SideJson<'a> {
    path: &'a str,
    as_of: Option<Timestamp>,
    findings: usize,
}

#[derive(Serialize)]
struct PairJson<'a> {
    before: Option<EntryJson<'a>>,
    after: EntryJson<'a>,
}

#[derive(Serialize)]
struct EntryJson<'a> {
    id: String,
    aliases: Vec<String>,
    kind: &'a str,
    ecosystem: &'a str,
    name: &'a str,
    version: &'a str,
    manifest: &'a str,
    line: u32,
    certainty: &'a str,
    tier: &'a str,
    score: Option<f64>,
    standing: &'a str,
    due: Option<Timestamp>,
}

impl<'a> From<&'a Side> for SideJson<'a> {
    fn from(side: &'a Side) -> Self {
        Self { path: &side.label, as_of: side.as_of, findings: side.entries.len() }
    }
}

impl<'a> From<&'a Entry> for EntryJson<'a> {
    fn from(entry: &'a Entry) -> Self {
        let mut ids = entry.ids.iter().map(ToString::to_string);
        Self {
            id: ids.next().unwrap_or_default(),
            aliases: ids.collect(),
            kind: &entry.kind,
            ecosystem: entry.ecosystem.as_str(),
            name: &entry.name,
            version: &entry.version,
            manifest: &entry.manifest,
            line: entry.line,
            certainty: &entry.certainty,
            tier: &entry.tier,
            score: entry.score,
            standing: &entry.standing,
            due: entry.due,
        }
    }
}
