//! Floor 3: packages against advisories. Knows nothing of policy; every advisory that applies is a finding.

pub mod affected;
mod cure;
pub mod cves;
mod finding;
pub mod language;
mod listed;
mod reach;
mod requirement;

pub use language::{Estimate, Manifest, Matched, match_manifest, match_within};
