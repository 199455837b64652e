//! `db update`: brings indexes up to date from a mirror of the public export and the RustSec database, by as little
//! as suffices. [`plan`] has the words; the story is in [`story`]. [`part`] fetches one source, [`list`] tells what changed
//! in it, `gather` puts together what the new index is made of, `belief` says what is not believed, and [`state`] remembers
//! what the servers said.

mod belief;
pub mod failure;
pub mod feeds;
mod gather;
pub mod list;
pub mod part;
pub mod plan;
pub mod state;
pub mod story;

pub use failure::UpdateError;
pub use feeds::WantedFeed;
pub use plan::{Change, Native, Outcome, Update, Wanted};
pub use state::State;
