//! Floor 5: one sorted, complete [`Report`], and one pure renderer a format.
//!
//! A new format is one file here that implements [`Renderer`], its line in [`RENDERERS`], and a fixture.

pub mod columns;
pub mod json;
pub mod model;
pub mod phrases;
pub mod table;
pub mod unlooked;

pub use model::{Counts, DataUse, Gate, Judged, Placed, Report, ReportTarget, Verdict};

use std::io;

/// A report format. Pure: the same report and view give the same bytes.
pub trait Renderer: Sync {
    /// The name for `--format`, also the name of its snapshots' folder.
    fn name(&self) -> &'static str;

    /// Writes the report.
    ///
    /// # Errors
    /// What the writer says.
    fn render(&self, report: &Report, view: &View, out: &mut dyn io::Write) -> io::Result<()>;
}

/// Every format of `--format`. The first is the default.
pub const RENDERERS: &[&dyn Renderer] = &[&table::Table, &json::Json];

/// How a person looks at a report. Formats for machines pay no heed to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Columns to fit into; `None`: as wide as it gets (a pipe).
    pub width: Option<u16>,
    /// Whether colours may be used.
    pub colour: bool,
    /// How much is shown.
    pub detail: Detail,
}

/// How much of a report is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// The verdict only.
    Verdict,
    /// The usual.
    #[default]
    Usual,
    /// Also aliases, where grades and deadlines come from, every unchecked thing.
    Everything,
}

/// The renderer of a name.
#[must_use]
pub fn renderer(name: &str) -> Option<&'static dyn Renderer> {
    RENDERERS.iter().copied().find(|renderer| renderer.name() == name)
}
