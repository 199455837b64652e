//! Updates of what is said of CVEs: each feed is one resource, fetched whole if it is new.

use std::collections::BTreeMap;

use super::{
    Change, State, UpdateError,
    belief::refuse_shrunk,
    part::{Asking, Part},
    story::{Update, container},
};
use crate::advisory::{
    container::ContainerKind,
    feed::{Feed, FeedMetadata, OpenFeed},
    import,
    index::Origin,
    sync::{Body, Content, Expected, Location},
};

/// A feed to update.
#[derive(Clone, Debug)]
pub struct WantedFeed {
    /// Which.
    pub feed: Feed,
    /// Where it is.
    pub location: Location,
    /// That it is not there is no fault: the mirror may lack it.
    pub if_there: bool,
}

/// Entries that could not be used and are told by name.
const NAMED: usize = 20;
/// Larger ones are not taken: a year of NVD's feed has some 20 MB packed.
const MOST: u64 = 1 << 30;

impl Update<'_> {
    /// Updates a feed. `None` where the mirror lacks it and may.
    ///
    /// # Errors
    /// When it cannot be fetched, read or written; the feed that was there stays.
    pub fn feed(&self, wanted: &WantedFeed) -> Result<Option<(Change, FeedMetadata)>, UpdateError> {
        let open = OpenFeed::open(&wanted.feed.file(self.store.folder()), wanted.feed).ok().flatten();
        let state = open.as_ref().and_then(|open| self.store.feed_state(open));
        if let (Some(open), Some(state), Some(age)) = (&open, &state, self.if_older)
            && self.is_recent(state, age)
        {
            return Ok(Some((Change::Recent, open.metadata.clone())));
        }
        let known = state.map(|state| state.downloads).unwrap_or_default();
        let mut asking = Asking { transport: self.transport, progress: self.progress, now: self.now, known, said: BTreeMap::new() };
        let (change, metadata) = match (asking.resource(&wanted.location, &expected(&wanted.location))?, open) {
            (Part::Unchanged, Some(open)) => (Change::Unchanged, open.metadata),
            (Part::Whole(body), open) => (Change::Whole, self.replace_feed(wanted, &body, open.as_ref())?),
            (Part::Missing | Part::Unchanged | Part::Some(..), _) if wanted.if_there => return Ok(None),
            (Part::Missing | Part::Unchanged | Part::Some(..), _) => return Err(UpdateError::Missing(wanted.location.to_string())),
        };
        let state = State { index: metadata.sha256.clone(), checked_at: self.now, downloads: asking.said };
        self.store.remember(wanted.feed.name(), &state)?;
        Ok(Some((change, metadata)))
    }

    fn replace_feed(&self, wanted: &WantedFeed, body: &Body, old: Option<&OpenFeed>) -> Result<FeedMetadata, UpdateError> {
        let unreadable = |cause| UpdateError::Archive { location: wanted.location.to_string(), cause };
        let (kind, name) = shape(&wanted.location);
        let container = container(body, kind, &name);
        let facts = import::read_cves(&container, self.store.folder(), self.now).map_err(unreadable)?;
        if !facts.feeds().any(|feed| feed == wanted.feed) {
            let cause =
                import::ImportError::Nothing { path: container.told(), cause: format!("it says nothing of {}", wanted.feed.name()) };
            return Err(unreadable(cause));
        }
        refuse_shrunk(old.map_or(0, |open| open.metadata.cves), facts.cves(wanted.feed))?;
        for bad in facts.set_aside.iter().take(NAMED) {
            self.progress.note(&format!("set aside {bad}"));
        }
        if facts.set_aside.len() > NAMED {
            self.progress.note(&format!("set aside {} more of {}", facts.set_aside.len() - NAMED, wanted.feed.name()));
        }
        Ok(facts.replace(wanted.feed, Origin::Update, self.now, self.store.folder())?)
    }
}

/// What a location holds by its name, and what its one file is called.
fn shape(location: &Location) -> (ContainerKind, String) {
    let text = location.to_string();
    let file = text.rsplit(['/', '\\']).next().unwrap_or(&text);
    match file.strip_suffix(".gz") {
        Some(inner) => (ContainerKind::Gzip, inner.to_owned()),
        None if file.ends_with(".zip") => (ContainerKind::Zip, file.to_owned()),
        None => (ContainerKind::File, file.to_owned()),
    }
}

fn expected(location: &Location) -> Expected {
    let kind = match shape(location) {
        (ContainerKind::Gzip, _) => Content::Gzip,
        (ContainerKind::Zip, _) => Content::Zip,
        (_, name) if name.ends_with(".csv") => Content::Csv,
        _ => Content::Json,
    };
    Expected { kind, most_bytes: MOST }
}
