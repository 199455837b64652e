//! Floor 3: packages against advisories. Knows nothing of policy; every advisory that applies is a finding.

pub mod affected;
pub mod cves;
pub mod language;

pub use language::{Manifest, Matched, match_manifest};
