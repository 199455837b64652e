//! Floor 1: how bad. CVSS vectors to scores, scores and labels to ratings.

pub mod cvss;
pub mod metrics;
pub mod rating;

pub use cvss::{RefusedVector, best_score, score};
pub use rating::Rating;
