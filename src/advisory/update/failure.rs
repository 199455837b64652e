//! Why an update of an ecosystem or a feed failed.

use crate::{
    advisory::{
        IndexError,
        collection::AddError,
        import::ImportError,
        sync::{Location, TransportError},
    },
    model::{Ecosystem, Timestamp},
};

/// Why an ecosystem was not updated. Its index is as it was.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// A resource could not be fetched.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The mirror has no such ecosystem.
    #[error("there is no {0}")]
    Missing(String),
    /// An earlier one could not be fetched, and this one is at the same place.
    #[error("not tried, since {0} could not be reached")]
    NotTried(String),
    /// The list of changes cannot be read.
    #[error("cannot read {location}: {cause}")]
    List {
        /// The list.
        location: String,
        /// What is wrong with it.
        cause: String,
    },
    /// An archive cannot be read.
    #[error("{location}: {cause}")]
    Archive {
        /// Where it came from.
        location: String,
        /// What is wrong with it.
        cause: ImportError,
    },
    /// The archive of another ecosystem.
    #[error("{location} has no record about {ecosystem}")]
    Foreign {
        /// The archive.
        location: String,
        /// What it should be about.
        ecosystem: Ecosystem,
    },
    /// A feed that is older than the one at hand: a mirror that lags behind, or somebody who holds news back.
    #[error("{source_name} is of {}, and older than what is at hand, of {}; `overdue db import` takes it all the same", new.map_or_else(|| "no date".to_owned(), |new| new.to_string()), old)]
    Older {
        /// The source.
        source_name: String,
        /// The newest date of what is at hand.
        old: Timestamp,
        /// The newest date of what came.
        new: Option<Timestamp>,
    },
    /// Much less than there was.
    #[error("{new} in place of {old} are not believed; `overdue db import` takes them all the same")]
    Shrunk {
        /// Records that there were.
        old: u64,
        /// Records that there would be.
        new: u64,
    },
    /// The index at hand cannot be read.
    #[error("{0}")]
    AtHand(#[from] IndexError),
    /// What was read or built cannot be kept.
    #[error("cannot write the index: {0}")]
    Write(#[from] std::io::Error),
}

/// The first of these failures that says that a location's server cannot be reached.
pub fn unreachable<'e>(failures: impl IntoIterator<Item = &'e UpdateError>, location: &Location) -> Option<String> {
    failures.into_iter().find_map(|failure| match failure {
        UpdateError::Transport(error) if error.cause.is_unreachable() && location.shares_server(&error.location) => {
            Some(error.location.clone())
        }
        _ => None,
    })
}

impl From<AddError> for UpdateError {
    fn from(error: AddError) -> Self {
        match error {
            AddError::Index(error) => Self::AtHand(error),
            AddError::Spool(error) => Self::Write(error),
        }
    }
}
