//! Floor 6: the story of a scan: targets, files, packages, findings, judgements, report.

pub mod files;
pub mod request;
pub mod story;

pub use request::{ScanError, ScanRequest};
pub use story::scan;
