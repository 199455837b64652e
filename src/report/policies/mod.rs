//! Policies themselves, for people and machines: what was understood of one, and what is wrong with it.

mod checked;
mod shown;
mod shown_config;
mod shown_json;

pub use checked::{Checked, CheckedFile};
pub use shown::Shown;
