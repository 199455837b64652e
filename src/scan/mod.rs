//! Floor 6: the story of a scan: targets, files, packages, findings, judgements, report.

mod checks;
mod circumstances;
mod compliance;
mod constraints;
mod covered;
mod exclusions;
pub mod files;
mod follow;
pub mod history;
mod image;
mod links;
pub mod lost;
mod memory;
pub mod policies;
mod references;
mod releases;
pub mod request;
pub mod story;
mod subject;
mod supported;

pub use compliance::compliance;
pub use history::RevisionRange;
pub use policies::{Policies, Project};
pub use request::{Against, ImageOptions, ScanError, ScanRequest};
pub use story::{scan, scan_watched};
