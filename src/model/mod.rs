//! Floor 0: the words of the field, as types. No I/O, no clock, no policy.

pub mod advisory;
pub mod cve;
pub mod ecosystem;
pub mod finding;
pub mod graph;
pub mod image;
pub mod index_url;
pub mod location;
pub mod package;
pub mod percent;
pub mod purl;
pub mod timestamp;
pub mod unchecked;
pub mod version_list;

pub use advisory::{Advisory, AdvisoryId, Affected, Event, Kind, Range, RangeType, Statement};
pub use cve::{CveFact, CveStatement, CveVector, Epss, KnownExploited};
pub use ecosystem::{Ecosystem, normalise_name, pep503};
pub use finding::{Admitted, Certainty, Change, Cure, Finding, Grade};
pub use graph::DependencyGraph;
pub use image::{ImageLayer, LayerOrigin};
pub use index_url::same_index;
pub use location::Location;
pub use package::{Group, Package, SourcePackage, Wanted};
pub use timestamp::Timestamp;
pub use unchecked::{Reason, Skipped, Unchecked};
pub use version_list::VersionList;
