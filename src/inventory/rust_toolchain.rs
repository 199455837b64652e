//! `rust-toolchain.toml` and `rust-toolchain`: the version of the Rust distribution, which has advisories of its own
//! (`std`, `cargo`, `rustdoc`).

use toml::{Table, Value};

use super::{
    Extracted, Extractor, FileState, file_name,
    lines::{self, Fault},
};
use crate::{
    model::{Ecosystem, Package, Reason, Skipped, Wanted, unchecked::Why},
    version::{SemVer, Version},
};

/// rustup's toolchain file.
pub struct RustToolchain;

impl Extractor for RustToolchain {
    fn name(&self) -> &'static str {
        "rust_toolchain"
    }

    fn recognises(&self, path: &str) -> bool {
        matches!(file_name(path), "rust-toolchain.toml" | "rust-toolchain")
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        let read = lines::utf8(bytes).and_then(|text| from_text(path, text));
        read.unwrap_or_else(|(line, cause)| Extracted::not_understood(path, line, cause))
    }
}

fn from_text(path: &str, text: &str) -> Result<Extracted, Fault> {
    // The file without an ending may be one bare line, the old form.
    let bare = text.trim();
    if file_name(path) == "rust-toolchain" && !bare.contains('\n') && !bare.starts_with('[') {
        return Ok(from_channel(path, bare, 1));
    }
    let table: Table = lines::toml(text)?;
    let toolchain = table.get("toolchain").and_then(Value::as_table).ok_or((None, "it has no [toolchain] table".to_owned()))?;
    let line = text.lines().position(|line| line.trim_start().starts_with("channel")).map_or(1, |at| at + 1);
    let line = u32::try_from(line).unwrap_or(1);
    match toolchain.get("channel").map(Value::as_str) {
        Some(Some(channel)) => Ok(from_channel(path, channel, line)),
        Some(None) => Err((Some(line), "the channel is no text".to_owned())),
        None => Ok(unversioned(path, "it names no channel")),
    }
}

/// The channels that name no version (rustup's toolchain specification: a channel, a date, a host).
const MOVING: [&str; 3] = ["stable", "beta", "nightly"];

fn from_channel(path: &str, channel: &str, line: u32) -> Extracted {
    let first = channel.split('-').next().unwrap_or_default();
    if let Some(package) = package(version_of(channel), line) {
        return Extracted { packages: vec![package], ..Extracted::default() };
    }
    if channel.is_empty() {
        Extracted::not_understood(path, Some(line), "it names no toolchain; write a channel, as 1.75.0")
    } else if MOVING.contains(&first) && channel[first.len()..].starts_with("-2") {
        let detail = format!("`{}` names a day, not a version; --rust-version says which one it is", lines::shorten(channel));
        Extracted::not_read(path, Some(line), Reason::InvalidVersion, 1, detail)
    } else if MOVING.contains(&first) {
        unversioned(path, &format!("the channel `{}` names no version; --rust-version says it", lines::shorten(channel)))
    } else {
        let detail = format!("`{}` is neither a version of Rust (1.75.0) nor one of its channels", lines::shorten(channel));
        Extracted::not_read(path, Some(line), Reason::InvalidVersion, 1, detail)
    }
}

/// The version of a toolchain's name without the host: `1.56.1` of `1.56.1-x86_64-unknown-linux-gnu`,
/// `1.52.0-beta.1` of itself.
fn version_of(channel: &str) -> &str {
    let Some((release, rest)) = channel.split_once('-') else { return channel };
    if !rest.starts_with("beta") {
        return release;
    }
    let beta = rest.split('-').next().unwrap_or_default();
    &channel[..release.len() + 1 + beta.len()]
}

/// Without a version there is nothing to check: the file is named, and does not count as a dependency file.
fn unversioned(path: &str, reason: &str) -> Extracted {
    Extracted {
        file: FileState::Irrelevant,
        skipped: vec![Skipped { path: path.to_owned(), reason: reason.to_owned(), why: Why::Notable }],
        ..Extracted::default()
    }
}

/// The Rust distribution of a version, as a package. `1.70` is the oldest that such a channel lets in, `1.70.0`.
#[must_use]
pub fn package(version: &str, line: u32) -> Option<Package> {
    let version = SemVer::parse_bound(version).ok()?;
    Some(Package::new(Ecosystem::rust_toolchain(), "rust", Wanted::Version(version.to_string()), line))
}

#[cfg(test)]
mod tests {
    use super::version_of;

    #[test]
    fn the_host_is_no_part_of_the_version() {
        for (channel, version) in [
            ("1.56.1", "1.56.1"),
            ("1.56.1-x86_64-unknown-linux-gnu", "1.56.1"),
            ("1.56-aarch64-apple-darwin", "1.56"),
            ("1.52.0-beta.1", "1.52.0-beta.1"),
            ("1.52.0-beta.1-x86_64-unknown-linux-gnu", "1.52.0-beta.1"),
        ] {
            assert_eq!(version_of(channel), version);
        }
    }
}
