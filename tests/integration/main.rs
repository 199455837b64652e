//! The program, run as people run it: exit code, stdout and stderr, in a scrubbed environment.

mod bad_input;
mod compare;
mod damage;
mod database;
mod demo;
mod differential;
mod directories;
mod extractors;
mod gate;
mod harness;
mod json;
mod projects;
mod renderers;
mod sarif;
mod snapshot;
