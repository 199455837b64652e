//! Requirements and environment markers of Python packages, by PEP 508.

pub(crate) mod direct_reference;
pub mod environment;
pub(crate) mod literal;
pub mod marker;
pub mod requirement;
pub(crate) mod scanner;
pub(crate) mod specifiers;

pub use environment::Environment;
pub use marker::Marker;
pub use requirement::Requirement;
