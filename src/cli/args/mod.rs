//! What can be typed. Types and help only; what it means is in the commands.

mod cli;
mod db;
mod policy;
mod reports;
mod scan;
mod value;

pub use cli::{COMMANDS, Cli, Command, Global, When};
pub use db::{DbCommand, StatusFormat, UpdateArgs};
pub use policy::{AckArgs, PolicyCheckArgs, PolicyCommand, PolicyFormat, PolicyImportArgs, PolicyInitArgs, PolicyShowArgs};
pub use reports::{DiffArgs, DiffFormat, ExplainArgs, ReportArgs};
pub use scan::{BesidesArgs, ImageArgs, Output, PlatformChoice, PolicyArgs, RefreshArgs, SarifArgs, ScanArgs, ScoreChoice, WantedArgs};
