//! Floor 6: the command line. The only place that knows the clock, the environment, the terminal and exit codes.

pub mod args;
pub mod db;
pub mod diff;
pub mod environment;
pub mod exit;
pub mod explain;
pub mod output;
pub mod policy;
pub mod progress;
pub mod run;
pub mod scan;
pub mod snapshot;
pub mod update;

pub use exit::Exit;
pub use run::run;
