//! What is not believed, and what is told: data that went back in time, shrank, or lost records.

use super::{UpdateError, list::Modified};
use crate::{
    advisory::{
        Collection, Metadata,
        feed::{Feed, FeedMetadata},
        index::SourceInfo,
    },
    model::{AdvisoryId, Timestamp},
};

/// So many records that are gone are named.
const NAMED: usize = 10;

/// An update may lose so many records, or a tenth of what there was. Publishers withdraw records; they hardly ever
/// delete one.
const BELIEVED: u64 = 10;

/// Much less than there was is not believed.
///
/// # Errors
/// When it is not.
pub(super) fn refuse_shrunk(old: u64, new: u64) -> Result<(), UpdateError> {
    if old.saturating_sub(new) > BELIEVED.max(old / 10) { Err(UpdateError::Shrunk { old, new }) } else { Ok(()) }
}

/// Nothing of what is at hand is exchanged for something older, source by source.
///
/// # Errors
/// When something would be.
pub(super) fn refuse_older(at_hand: &Metadata, collection: &Collection) -> Result<(), UpdateError> {
    let (sources, _) = collection.sources_of(&at_hand.ecosystem);
    for old in &at_hand.sources {
        let same = |new: &&SourceInfo| (&new.format, &new.name) == (&old.format, &old.name);
        if let (Some(new), Some(date)) = (sources.iter().find(same), old.data_date)
            && new.data_date < Some(date)
        {
            return Err(UpdateError::Older { source_name: old.name.clone(), old: date, new: new.data_date });
        }
    }
    Ok(())
}

/// A list of changes whose newest change is older than the newest that is at hand is an old list. Dates after `now` are
/// not believed.
///
/// # Errors
/// When it is one.
pub(super) fn refuse_older_list(name: &str, listed: &Modified, at_hand: &Modified, now: Timestamp) -> Result<(), UpdateError> {
    let newest = |list: &Modified| list.values().filter(|moment| **moment <= now).max().copied();
    match (newest(at_hand), newest(listed)) {
        (Some(old), new) if new < Some(old) => Err(UpdateError::Older { source_name: name.to_owned(), old, new }),
        _ => Ok(()),
    }
}

/// A catalogue or estimates that are older than those at hand. Scores bear no date that says so.
///
/// # Errors
/// When they are.
pub(super) fn refuse_older_feed(at_hand: &FeedMetadata, new: Option<Timestamp>) -> Result<(), UpdateError> {
    match at_hand.data_date.filter(|_| at_hand.feed != Feed::Scores) {
        Some(old) if new < Some(old) => Err(UpdateError::Older { source_name: at_hand.feed.name().to_owned(), old, new }),
        _ => Ok(()),
    }
}

/// A sentence about records that were there and are no more.
pub(super) fn told_of_gone(gone: &[AdvisoryId]) -> Option<String> {
    let names: Vec<&str> = gone.iter().take(NAMED).map(|id| id.0.as_str()).collect();
    let more = gone.len() - names.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let verb = if gone.len() == 1 { "record is" } else { "records are" };
    (!gone.is_empty()).then(|| format!("{} {verb} there no more: {}{more}", gone.len(), names.join(", ")))
}
