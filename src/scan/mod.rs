//! Floor 6: the story of a scan: targets, files, packages, findings, judgements, report.

mod constraints;
mod covered;
mod exclusions;
pub mod files;
pub mod history;
mod links;
pub mod lost;
mod references;
pub mod request;
pub mod story;

pub use history::RevisionRange;
pub use request::{Against, ScanError, ScanRequest};
pub use story::scan;
