//! SECURITY.md: what a project promises in its own words, by rules and never by guessing.
//!
//! A Markdown text becomes blocks (`markdown`), blocks become lines, labels and sentences (`line`), and those become
//! tokens (`token`) in which lengths of time (`figure`), stages (`stage`) and tiers (`severity`) are looked for. `clause`
//! tells which belong together, `table` the same for tables; `promise` and `zone` leave out what is no promise of the
//! project's. `ledger` settles what was gathered.
//!
//! A figure is taken only where its stage is told, and its tiers are, or it is about all of them. What looks like a promise
//! and does not tell is kept as not understood.

mod aside;
mod bounds;
mod clause;
mod contact;
mod figure;
mod ledger;
mod line;
mod markdown;
mod naming;
mod pending;
mod promise;
mod quantity;
mod reader;
mod rule;
mod severity;
mod spans;
mod stage;
mod support;
mod surroundings;
mod table;
mod text;
mod token;
mod versions;
mod zone;

pub use text::{decode, read};
