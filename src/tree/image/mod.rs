//! Container images and root filesystems: layers read as they stream by, never unpacked, and merged into one view.

mod base;
mod cache;
mod decode;
mod entries;
mod folder;
mod kept;
mod layer;
mod limits;
mod log;
mod manifests;
mod merged;
mod nodes;
mod open;
mod path;
mod program;
mod room;
mod source;
mod sparse;
mod spec;
mod stacks;
mod told;
mod view;

pub use cache::Cache;
pub use kept::{Audit, Interest, Keep};
pub use limits::{Limit, Limits};
pub use open::{ImageError, Images, Options, Unwatched, Watch, file, folders, layers_of, layout};
pub use room::{Gate, Pass, Room};
pub use stacks::{merged_listing, wanted_listing};
pub use view::{Image, NamedFile, Program};
