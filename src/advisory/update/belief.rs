//! What is not believed, and what is told: data that went back in time, shrank, or lost records.

use std::collections::BTreeMap;

use super::{UpdateError, list::Modified};
use crate::{
    advisory::{
        Collection, Index,
        feed::{Feed, FeedMetadata},
    },
    model::{AdvisoryId, Ecosystem, Timestamp},
};

/// So many records that are gone are named.
const NAMED: usize = 10;

/// An update may lose so many records, or a tenth of what there was. Publishers withdraw records; they hardly ever
/// delete one.
const BELIEVED: u64 = 2;

/// Much less than there was is not believed.
///
/// # Errors
/// When it is not.
pub(super) fn refuse_shrunk(old: u64, new: u64) -> Result<(), UpdateError> {
    if old.saturating_sub(new) > BELIEVED.max(old / 10) { Err(UpdateError::Shrunk { old, new }) } else { Ok(()) }
}

/// A sentence about an index that has less than half of what it takes the place of.
pub(super) fn told_of_little(ecosystem: &Ecosystem, old: u64, whose: &str, new: u64) -> Option<String> {
    (new * 2 < old).then(|| format!("{ecosystem}: {new} in place of the {old} records {whose}"))
}

/// The sources of which something older came than what is at hand, each with a sentence about it: their newest date went
/// back, and there is nothing new in them. A source that lost or redated its newest record has other news sooner or later.
///
/// # Errors
/// When an index at hand is damaged.
pub(super) fn older_sources(at_hand: &[&Index], collection: &Collection) -> Result<Vec<(String, String)>, UpdateError> {
    let mut older = BTreeMap::new();
    for index in at_hand.iter().filter(|index| collection.has(&index.metadata().ecosystem)) {
        let (sources, _) = collection.sources_of(&index.metadata().ecosystem);
        for old in &index.metadata().sources {
            if let (Some(new), Some(date)) = (sources.iter().find(|new| new.is_same(old)), old.data_date)
                && new.data_date < Some(date)
                && !collection.has_news(index, old)?
            {
                older.insert(old.name.clone(), told_of_older(date, new.data_date));
            }
        }
    }
    Ok(older.into_iter().collect())
}

fn told_of_older(old: Timestamp, new: Option<Timestamp>) -> String {
    let new = new.map_or_else(|| "without a date".to_owned(), |new| format!("of {new}"));
    format!("is {new}, older than what is at hand, of {old}, which is kept; `overdue db import` takes the older")
}

/// A sentence about a list of changes that has nothing newer than what is at hand, and whose newest change is older than
/// the newest there. Dates after `now` are not believed.
pub(super) fn older_list(listed: &Modified, at_hand: &Modified, now: Timestamp) -> Option<String> {
    let newest = |list: &Modified| list.values().filter(|moment| **moment <= now).max().copied();
    let has_news = listed.iter().any(|(id, moment)| at_hand.get(id).is_none_or(|known| moment > known));
    let (old, new) = (newest(at_hand)?, newest(listed));
    (new < Some(old) && !has_news).then(|| told_of_older(old, new))
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
