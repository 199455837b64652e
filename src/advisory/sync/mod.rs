//! Advisory data from elsewhere: a mirror over HTTP, or a folder in the same layout. Fetches one resource at a time and
//! knows no format but by its first bytes.

pub mod content;
pub mod failure;
pub mod intake;
pub mod location;
pub mod transport;

pub use content::{Content, Expected};
pub use failure::{Cause, TransportError};
pub use intake::{Body, Progress};
pub use location::{Base, InvalidLocation, Location};
pub use transport::{Fetched, Settings, Transport, Validators};
