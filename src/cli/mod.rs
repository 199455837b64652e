//! Floor 6: the command line. The only place that knows the clock, the environment, the terminal and exit codes.

mod ack;
mod append;
pub mod args;
mod compliance;
pub mod db;
pub mod diff;
pub mod environment;
pub mod exit;
pub mod explain;
mod image;
pub mod output;
pub mod policy;
pub mod progress;
mod record;
pub mod run;
pub mod scan;
pub mod snapshot;
pub mod update;

pub use exit::Exit;
pub use run::run;
