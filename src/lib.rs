#![doc = include_str!("ARCHITECTURE.md")]

pub mod advisory;
pub mod cli;
pub mod inventory;
pub mod matching;
pub mod model;
pub mod policy;
pub mod report;
pub mod scan;
pub mod severity;
pub mod tree;
pub mod version;
