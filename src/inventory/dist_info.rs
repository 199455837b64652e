//! `*.dist-info` of an installed Python package: `METADATA` names the package, `direct_url.json` says where it was
//! installed from if not from an index by name.

use super::{Extracted, Extractor, core_metadata, direct_url, file_name};

/// The record of an installed package.
pub struct DistInfo;

impl Extractor for DistInfo {
    fn name(&self) -> &'static str {
        "dist_info"
    }

    fn recognises(&self, path: &str) -> bool {
        matches!(file_name(path), "METADATA" | "direct_url.json") && path.rsplit('/').nth(1).is_some_and(|f| f.ends_with(".dist-info"))
    }

    fn looks_like(&self, bytes: &[u8]) -> bool {
        core_metadata::looks_like(bytes)
    }

    /// It speaks of one package, and no more is held of it.
    fn parts(&self, _bytes: &[u8]) -> u64 {
        1
    }

    fn extract(&self, path: &str, bytes: &[u8]) -> Extracted {
        if file_name(path) == "direct_url.json" { direct_url::extract(path, bytes) } else { core_metadata::extract(path, bytes) }
    }
}
