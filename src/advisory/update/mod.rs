//! `db update`: brings indexes up to date from a mirror of the public export and the RustSec database, by as little
//! as suffices. The story is in [`story`]; [`part`] fetches one source, [`list`] tells what changed in it, and
//! [`state`] remembers what the servers said.

mod belief;
pub mod failure;
pub mod feeds;
mod gather;
pub mod list;
pub mod part;
pub mod state;
pub mod story;

pub use failure::UpdateError;
pub use feeds::WantedFeed;
pub use state::State;
pub use story::{Change, Native, Outcome, Update, Wanted};
