//! Ignore lists of other scanners, to be written anew as exceptions of `overdue.toml`.
//!
//! A new format is one file here that implements [`Importer`], its line in [`IMPORTERS`], and a fixture.

mod advisory_id;
pub mod cargo_audit;
pub mod cargo_deny;
mod day;
mod entry;
pub mod grype;
mod importer;
pub mod osv_scanner;
mod purl;
pub mod safety;
mod scalar;
mod setting;
mod toml_tree;
mod tree;
pub mod trivyignore;
pub mod trivyignore_yaml;
mod words;
mod yaml_tree;

pub use entry::{Entry, ImportError, Imported, NotCarried};
pub use importer::{IMPORTERS, Importer, import};
