//! The JSON report, schema 1.

pub(super) mod compliance;
pub mod finding;
pub(super) mod policy;
pub mod report;

pub use report::Json;
