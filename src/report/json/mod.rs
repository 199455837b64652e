//! The JSON report, schema 1.

pub(super) mod compliance;
pub mod finding;
mod image;
pub(super) mod policy;
pub mod report;

pub use report::Json;
