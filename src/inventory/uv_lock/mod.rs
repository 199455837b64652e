//! `uv.lock`.

pub(crate) mod demand;
pub(crate) mod edges;
pub mod file;

pub use file::UvLock;
