//! The JSON report, schema 1.

pub mod finding;
pub mod report;

pub use report::Json;
