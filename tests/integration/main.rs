//! The program, run as people run it: exit code, stdout and stderr, in a scrubbed environment.

// The action's scripts run in bash.
#[cfg(unix)]
mod action;
mod admissions;
mod bad_input;
mod compare;
mod damage;
mod database;
mod demo;
mod differential;
mod directories;
mod evaluation;
mod explain;
mod extractors;
mod feeds;
mod gate;
mod groups;
mod harness;
mod import;
mod json;
mod policy;
mod policy_command;
mod projects;
mod python;
mod renderers;
mod requirements;
#[cfg(unix)]
mod runner;
mod sarif;
mod security_md;
mod server;
mod severity;
mod snapshot;
mod specifiers;
mod transport;
mod update;
mod versions;
