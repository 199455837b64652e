//! How a person looks at a report. Formats for machines pay no heed to it.

use super::sarif::SarifOptions;

/// How a person looks at a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Columns to fit into; `None`: as wide as it gets (a pipe).
    pub width: Option<u16>,
    /// Whether colours may be used.
    pub colour: bool,
    /// How much is shown.
    pub detail: Detail,
    /// Choices of the SARIF report, the one format for machines that has any.
    pub sarif: SarifOptions,
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

impl View {
    /// Bold and coloured, where colours are wanted (ECMA-48, SGR). `colour` is a foreground colour's number.
    #[must_use]
    pub fn paint(&self, text: &str, colour: Option<&str>) -> String {
        match (self.colour, colour) {
            (false, _) => text.to_owned(),
            (true, Some(colour)) => format!("\u{1b}[1;{colour}m{text}\u{1b}[0m"),
            (true, None) => format!("\u{1b}[1m{text}\u{1b}[0m"),
        }
    }
}
