//! Floor 5: one sorted, complete [`Report`], and one pure renderer a format.
//!
//! A new format is one file here that implements [`Renderer`], its line in [`RENDERERS`], and a fixture.

pub mod baseline;
pub mod check;
pub mod columns;
pub mod comparison;
pub mod compliance;
pub mod configuration;
pub mod covered;
pub mod cures;
pub mod diff;
pub mod explain;
pub mod github;
pub mod identity;
pub mod images;
pub mod json;
pub mod links;
pub mod markdown;
pub mod model;
pub mod moves;
pub mod outputs;
pub mod pairing;
pub mod phrases;
pub mod places;
pub mod policies;
pub mod promises;
pub mod release;
pub mod sarif;
pub mod supported;
pub mod table;
pub mod unlooked;
pub mod view;

pub use check::{Check, CheckKind};
pub use model::{Counts, DataUse, DependencyFile, FeedUse, Gate, Judged, Placed, Report, ReportTarget, Verdict};
pub use release::{LineOutcome, ReleaseTarget, Supported, SupportedLine, Uncovered};
pub use view::{Detail, View};

use std::io;

/// A report format. Pure: the same report and view give the same bytes.
pub trait Renderer: Sync {
    /// The name for `--format`, also the name of its snapshots' folder.
    fn name(&self) -> &'static str;

    /// Writes the report, and answers with what a person should know of this rendering: what the format's limits left
    /// out.
    ///
    /// # Errors
    /// What the writer says.
    fn render(&self, report: &Report, view: &View, out: &mut dyn io::Write) -> io::Result<Vec<String>>;
}

/// Every format of `--format`. The first is the default.
pub const RENDERERS: &[&dyn Renderer] =
    &[&table::Table, &json::Json, &sarif::Sarif, &markdown::Markdown, &github::Github, &outputs::Outputs];

/// The renderer of a name.
#[must_use]
pub fn renderer(name: &str) -> Option<&'static dyn Renderer> {
    RENDERERS.iter().copied().find(|renderer| renderer.name() == name)
}
