//! Updates of what is said of CVEs: each feed is one resource or several, fetched whole if one of them is new.

use super::{
    State, UpdateError,
    belief::{refuse_older_feed, refuse_shrunk},
    gather::container,
    part::{Asking, Part},
    plan::{Change, Update},
};
use crate::advisory::{
    container::{Container, ContainerKind},
    feed::{Feed, FeedMetadata, OpenFeed},
    import,
    index::Origin,
    sync::{Body, Content, Expected, Location, Validators},
};

/// A feed to update.
#[derive(Clone, Debug)]
pub struct WantedFeed {
    /// Which.
    pub feed: Feed,
    /// Where it is; all of it together, since a feed is replaced as a whole.
    pub locations: Vec<Location>,
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
        let mut known = state.map(|state| state.downloads).unwrap_or_default();
        // One that was made of other resources as well is not what these make.
        if known.keys().any(|name| !wanted.locations.iter().any(|location| location.to_string() == *name)) {
            known.clear();
        }
        let mut asking = Asking::new(self.transport, self.progress, self.now, known);
        let Some(bodies) = bodies(wanted, &mut asking)? else { return Ok(None) };
        let (change, metadata) = match open {
            Some(open) if bodies.is_empty() => (Change::Unchanged, open.metadata),
            open => (Change::Whole, self.replace_feed(wanted, &bodies, open.as_ref())?),
        };
        let state = State { index: metadata.sha256.clone(), checked_at: self.now, downloads: asking.said };
        self.store.remember(wanted.feed.name(), &state)?;
        Ok(Some((change, metadata)))
    }

    fn replace_feed(&self, wanted: &WantedFeed, bodies: &[(&Location, Body)], old: Option<&OpenFeed>) -> Result<FeedMetadata, UpdateError> {
        let containers: Vec<Container> = bodies.iter().map(|(location, body)| of_body(wanted.feed, location, body)).collect();
        let shown: Vec<String> = bodies.iter().map(|(location, _)| location.to_string()).collect();
        let facts = import::read_cves(&containers, wanted.feed, self.store.folder(), self.now);
        let facts = facts.map_err(|cause| UpdateError::Archive { location: shown.join(", "), cause })?;
        if let Some(old) = old {
            refuse_shrunk(old.metadata.cves, facts.cves(wanted.feed))?;
            refuse_older_feed(&old.metadata, facts.data_date(wanted.feed, self.now))?;
        }
        for bad in facts.set_aside.iter().take(NAMED) {
            self.progress.note(&format!("set aside {bad}"));
        }
        if facts.set_aside.len() > NAMED {
            self.progress.note(&format!("set aside {} more of {}", facts.set_aside.len() - NAMED, wanted.feed.name()));
        }
        Ok(facts.replace(wanted.feed, Origin::Update, self.now, self.store.folder())?)
    }
}

/// All of a feed's resources, or none where none of them is new; `None` where it is missing and may be.
fn bodies<'w>(wanted: &'w WantedFeed, asking: &mut Asking<'_>) -> Result<Option<Vec<(&'w Location, Body)>>, UpdateError> {
    let mut bodies = Vec::new();
    let mut unchanged = Vec::new();
    for location in &wanted.locations {
        match asking.resource(location, &expected(wanted.feed, location))? {
            Part::Whole(body) => bodies.push((location, body)),
            Part::Unchanged => unchanged.push(location),
            Part::Missing | Part::Some(..) if wanted.if_there => return Ok(None),
            Part::Missing | Part::Some(..) => return Err(UpdateError::Missing(location.to_string())),
        }
    }
    if bodies.is_empty() {
        return Ok(Some(bodies));
    }
    for location in unchanged {
        // What is as it was is needed as well.
        asking.known.insert(location.to_string(), Validators::default());
        match asking.resource(location, &expected(wanted.feed, location))? {
            Part::Whole(body) => bodies.push((location, body)),
            Part::Unchanged | Part::Missing | Part::Some(..) => return Err(UpdateError::Missing(location.to_string())),
        }
    }
    Ok(Some(bodies))
}

/// What was fetched, under a name by which its format is known.
fn of_body(feed: Feed, location: &Location, body: &Body) -> Container {
    let (kind, name) = shape(location);
    let name = match feed {
        Feed::Epss if !(name.contains("epss") && name.ends_with(".csv")) => format!("epss-{name}.csv"),
        Feed::Exploited if !name.ends_with(".json") => format!("{name}.json"),
        Feed::Scores if kind != ContainerKind::Zip && !name.ends_with(".json") => format!("{name}.json"),
        Feed::Epss | Feed::Exploited | Feed::Scores => name,
    };
    container(body, kind, &name)
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

fn expected(feed: Feed, location: &Location) -> Expected {
    let kind = match (shape(location), feed) {
        ((ContainerKind::Gzip, _), _) => Content::Gzip,
        ((ContainerKind::Zip, _), _) => Content::Zip,
        (_, Feed::Epss) => Content::Csv,
        (_, Feed::Exploited | Feed::Scores) => Content::Json,
    };
    Expected { kind, most_bytes: MOST }
}
