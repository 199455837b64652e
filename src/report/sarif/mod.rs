//! SARIF 2.1.0 for code scanning: the parts of the format that GitHub reads, and no result that it would refuse.

pub mod log;
pub mod notifications;
pub mod options;
pub mod places;
pub mod renderer;
pub mod results;
pub mod rules;

pub use options::{SarifOptions, SarifScore};
pub use renderer::Sarif;
