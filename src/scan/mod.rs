//! Floor 6: the story of a scan: targets, files, packages, findings, judgements, report.

pub mod files;
pub mod history;
pub mod lost;
pub mod request;
pub mod story;

pub use history::RevisionRange;
pub use request::{Against, ScanError, ScanRequest};
pub use story::scan;
