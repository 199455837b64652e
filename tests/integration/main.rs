//! The program, run as people run it: exit code, stdout and stderr, in a scrubbed environment.

// The action's scripts run in bash.
mod ack_and_import;
#[cfg(unix)]
mod action;
mod admissions;
mod bad_input;
mod clocks;
mod compare;
mod compliance;
mod damage;
mod database;
mod demo;
mod differential;
mod directories;
mod distributions;
mod evaluation;
mod exceptions;
mod explain;
mod extractors;
mod feeds;
mod gate;
mod groups;
mod harness;
mod images;
mod import;
mod json;
mod monorepo;
mod next_release;
mod policy;
mod policy_command;
mod private_indexes;
mod projects;
mod python;
mod renderers;
mod requirements;
#[cfg(unix)]
mod runner;
mod sarif;
mod security_md;
mod seed_policies;
mod server;
mod severity;
mod snapshot;
mod specifiers;
mod supported;
mod transport;
mod trusted_policy;
mod update;
mod versions;
