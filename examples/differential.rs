//! Compares two forms of the RustSec database: do the native record and the OSV record of the same id give the same
//! verdict for every version? The versions are a grid drawn from the records' own bounds.
//!
//! `cargo run --release --example differential -- OSV NATIVE`

use std::path::PathBuf;

#[path = "../tests/integration/compare.rs"]
mod compare;

#[expect(clippy::print_stdout, reason = "a program of its own")]
fn main() {
    let mut paths = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(osv), Some(native)) = (paths.next(), paths.next()) else { panic!("usage: differential OSV NATIVE") };
    let comparison = compare::compare(osv, native);
    for difference in &comparison.differences {
        println!("{difference}");
    }
    println!("{} shared records, {} verdicts, {} differences", comparison.shared, comparison.verdicts, comparison.differences.len());
}
