//! `rust-toolchain.toml` and `rust-toolchain`: the version of the Rust distribution, which has advisories of its own
//! (`std`, `cargo`, `rustdoc`).

use toml::{Table, Value};

use super::{Extracted, Extractor, FileState, file_name, lines};
use crate::{
    model::{Ecosystem, Package, Skipped},
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
        let text = match lines::utf8(bytes) {
            Ok(text) => text,
            Err((line, cause)) => return Extracted::not_understood(path, line, cause),
        };
        // The file without an ending may be one bare line, the old form.
        let bare = text.trim();
        if file_name(path) == "rust-toolchain" && !bare.contains('\n') && !bare.starts_with('[') {
            return from_channel(path, bare, 1);
        }
        let table: Table = match toml::from_str(text) {
            Ok(table) => table,
            Err(error) => {
                let (line, cause) = lines::toml_cause(&error.to_string());
                return Extracted::not_understood(path, line, cause);
            }
        };
        let Some(toolchain) = table.get("toolchain").and_then(Value::as_table) else {
            return Extracted::not_understood(path, None, "it has no [toolchain] table");
        };
        let line = text.lines().position(|line| line.trim_start().starts_with("channel")).map_or(1, |at| at + 1);
        match toolchain.get("channel").and_then(Value::as_str) {
            Some(channel) => from_channel(path, channel, u32::try_from(line).unwrap_or(1)),
            None => irrelevant(path, "it names no channel"),
        }
    }
}

fn from_channel(path: &str, channel: &str, line: u32) -> Extracted {
    let version = channel.split('-').next().unwrap_or_default();
    match package(version, line) {
        Some(package) => Extracted { packages: vec![package], ..Extracted::default() },
        None if channel.is_empty() => Extracted::not_understood(path, Some(line), "the file is empty"),
        None => irrelevant(path, &format!("the channel `{}` names no version; --rust-version says it", lines::shorten(channel))),
    }
}

fn irrelevant(path: &str, reason: &str) -> Extracted {
    Extracted {
        file: FileState::Irrelevant,
        skipped: vec![Skipped { path: path.to_owned(), reason: reason.to_owned(), usual: false }],
        ..Extracted::default()
    }
}

/// The Rust distribution of a version, as a package. `1.70` is the oldest that such a channel lets in, `1.70.0`.
#[must_use]
pub fn package(version: &str, line: u32) -> Option<Package> {
    let version = SemVer::parse_bound(version).ok()?;
    Some(Package { ecosystem: Ecosystem::rust_toolchain(), name: "rust".to_owned(), version: version.to_string(), line, node: None })
}
