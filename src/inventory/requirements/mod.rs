//! pip's requirements files, by pip's own grammar.

pub mod compiled;
pub mod file;
pub(crate) mod graph;
pub(crate) mod guess;
pub(crate) mod indexes;
pub(crate) mod line;
pub(crate) mod options;
pub(crate) mod text;

pub use compiled::USUAL_SOURCES;
pub use file::Requirements;
