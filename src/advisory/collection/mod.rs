//! The records of an import or an update on their way to indexes: [`records`] gathers them and tells which are in force,
//! [`takeover`] adds what an index at hand states.

pub mod records;
pub mod takeover;

pub(super) use records::Member;
pub use records::{Collection, Spooled};
pub(super) use takeover::stem;
pub use takeover::{AddError, Keep};
