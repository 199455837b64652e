//! `--policy FILE`: which policy findings are judged by.

use std::{fs::File, io::Read};

use super::{args::PolicyArgs, exit::Failure};
use crate::policy::{Policy, builtin::builtin, config};

/// A policy is a page of text. Whatever is larger is something else.
const MOST: u64 = 1 << 20;

/// The policy that was named, else the built-in one.
///
/// # Errors
/// When it cannot be read or is none.
pub fn load(args: &PolicyArgs) -> Result<Policy, Failure> {
    let Some(path) = &args.policy else { return Ok(builtin()) };
    let shown = path.display().to_string();
    let unreadable = |cause: String| Failure::usage(format!("cannot read the policy {shown}: {cause}"));
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md")) {
        return Err(unreadable("a SECURITY.md is not understood yet".to_owned()).hint("state its deadlines in an overdue.toml"));
    }
    // Opening a pipe could wait for ever.
    if path.exists() && !path.is_file() {
        return Err(unreadable("it is no regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
    read.map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > MOST {
        return Err(unreadable(format!("it is larger than {} MiB", MOST >> 20)));
    }
    let hint = "an overdue.toml states [tiers.critical] fix = \"7 days\", and [known-exploited] with tier and fix";
    config::read(&shown, &bytes).map_err(|error| Failure::usage(error.to_string()).hint(hint))
}
