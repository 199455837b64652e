//! The story of an update: each ecosystem by itself, so that one that cannot be had does not hold up the others; its
//! index is replaced in one step or stays as it was.

use std::{collections::BTreeMap, fs::File, io::Read, path::Path};

use super::{
    State, UpdateError,
    belief::{refuse_older, refuse_shrunk, told_of_gone},
    failure::unreachable,
    list::Modified,
    part::{Asking, Part},
};
use crate::{
    advisory::{
        AdvisorySource, Collection, Contents, Index, IndexError, Metadata, Store,
        collection::Spooled,
        container::{Container, ContainerKind},
        import,
        index::{Origin, SetAside, SourceInfo, Stored},
        osv::Osv,
        rustsec::RustSec,
        sync::{Base, Body, Location, Progress, Transport},
    },
    model::{Ecosystem, Timestamp},
};

/// What the RustSec database's tarball is called among an index's sources.
pub const TARBALL: &str = "advisory-db-main.tar.gz";
/// An update.
pub struct Update<'a> {
    /// Where the indexes are.
    pub store: &'a Store,
    /// How resources are fetched.
    pub transport: &'a Transport,
    /// Who watches.
    pub progress: &'a dyn Progress,
    /// Where the export is.
    pub base: Base,
    /// Where the RustSec database is.
    pub native: Native,
    /// The present moment.
    pub now: Timestamp,
    /// Indexes that were checked within so many seconds are left alone.
    pub if_older: Option<i64>,
}

/// Where the native RustSec database is.
#[derive(Clone, Debug)]
pub enum Native {
    /// It is left out.
    No,
    /// There, and it is an error if it is not.
    At(Location),
    /// There, if the mirror has it.
    IfThere(Location),
}

/// An ecosystem to update.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Which.
    pub ecosystem: Ecosystem,
    /// Nobody asked for it by name: if it is not there, it is only told.
    pub by_default: bool,
}

/// What became of an ecosystem.
#[derive(Debug)]
pub struct Outcome {
    /// Which.
    pub ecosystem: Ecosystem,
    /// What the index says of itself now, and what changed.
    pub result: Result<(Change, Metadata), UpdateError>,
    /// What could not be used, as sentences.
    pub oddities: Vec<String>,
}

/// What an update changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was checked lately, and nobody was asked.
    Recent,
    /// There is nothing new.
    Unchanged,
    /// So many records were fetched or dropped.
    Records(usize),
    /// It was built from whole archives.
    Whole,
}

/// The index at hand with what is remembered of it.
struct AtHand {
    index: Index,
    state: Option<State>,
}

impl Update<'_> {
    /// Updates these ecosystems, one after the other.
    #[must_use]
    pub fn run(&self, wanted: &[Wanted]) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = Vec::new();
        for wanted in wanted {
            // A server that cannot be reached is not asked again for each ecosystem.
            let failures = outcomes.iter().filter_map(|outcome| outcome.result.as_ref().err());
            let unreachable = unreachable(failures, &self.base.join(&[]));
            match unreachable {
                Some(location) => {
                    let result = Err(UpdateError::NotTried(location));
                    outcomes.push(Outcome { ecosystem: wanted.ecosystem.clone(), result, oddities: Vec::new() });
                }
                None => outcomes.extend(self.ecosystem(wanted)),
            }
        }
        outcomes
    }

    fn ecosystem(&self, wanted: &Wanted) -> Vec<Outcome> {
        let mut oddities = Vec::new();
        let outcome = |ecosystem: &Ecosystem, result, oddities| Outcome { ecosystem: ecosystem.clone(), result, oddities };
        match self.bring(&wanted.ecosystem, &mut oddities) {
            Ok(done) => {
                let mut oddities = Some(oddities);
                done.into_iter()
                    .map(|(change, data)| outcome(&data.ecosystem.clone(), Ok((change, data)), oddities.take().unwrap_or_default()))
                    .collect()
            }
            Err(error) => vec![outcome(&wanted.ecosystem, Err(error), oddities)],
        }
    }

    /// Brings one ecosystem up to date; with that of crates comes that of the Rust distribution.
    fn bring(&self, ecosystem: &Ecosystem, oddities: &mut Vec<String>) -> Result<Vec<(Change, Metadata)>, UpdateError> {
        let at_hand = self.at_hand(ecosystem, oddities);
        let state = at_hand.as_ref().and_then(|at_hand| at_hand.state.as_ref());
        if let (Some(at_hand), Some(state), Some(age)) = (&at_hand, state, self.if_older)
            && self.is_recent(state, age)
        {
            return Ok(vec![(Change::Recent, at_hand.index.metadata().clone())]);
        }
        let known = state.map(|state| state.downloads.clone()).unwrap_or_default();
        let mut asking = Asking { transport: self.transport, progress: self.progress, now: self.now, known, said: BTreeMap::new() };
        let export = asking.export(&self.base, ecosystem, &|| at_hand.as_ref().map(|old| modified(&old.index, ecosystem)).transpose())?;
        if matches!(export, Part::Missing) {
            return Err(UpdateError::Missing(self.base.join(&[ecosystem.as_str(), "all.zip"]).to_string()));
        }
        let native = if *ecosystem == Ecosystem::crates_io() { self.native(&mut asking)? } else { Part::Missing };
        let downloads = asking.said;
        if let (Some(old), Part::Unchanged, Part::Unchanged | Part::Missing) = (&at_hand, &export, &native) {
            let metadata = self.remember(&old.index, &downloads)?;
            let toolchain =
                matches!(native, Part::Unchanged).then(|| self.store.on_disk(&Ecosystem::rust_toolchain()).ok().flatten()).flatten();
            let toolchain = toolchain.map(|index| self.remember(&index, &downloads)).transpose()?;
            return Ok(std::iter::once(metadata).chain(toolchain).map(|data| (Change::Unchanged, data)).collect());
        }
        let change = match &export {
            Part::Some(records, differences) if !matches!(native, Part::Whole(_)) => {
                Change::Records(records.len() + differences.gone.len())
            }
            Part::Some(..) | Part::Unchanged | Part::Missing | Part::Whole(_) => Change::Whole,
        };
        let mut collection = self.gather(ecosystem, at_hand.as_ref(), &export, &native, oddities)?;
        let old_records = at_hand.as_ref().map_or(0, |old| old.index.metadata().records);
        if let Some(AtHand { index, .. }) = &at_hand {
            refuse_older(index.metadata(), &collection)?;
            oddities.extend(told_of_gone(&collection.gone_since(index).map_err(std::io::Error::other)?));
        }
        let mut done = Vec::new();
        for ecosystem in collection.ecosystems().cloned().collect::<Vec<_>>() {
            if done.is_empty() && ecosystem != Ecosystem::rust_toolchain() {
                refuse_shrunk(old_records, collection.members_in_force(&ecosystem))?;
            }
            let origin = Origin::Update;
            let built = self.store.replace(&mut collection, &ecosystem, origin)?;
            oddities.extend(built.refused.iter().map(|text| format!("not graded by {text}")));
            let index = self.store.on_disk(&ecosystem).map_err(std::io::Error::other)?;
            let index = index.ok_or_else(|| std::io::Error::other("the index vanished"))?;
            done.push((change, self.remember(&index, &downloads)?));
        }
        Ok(done)
    }

    /// Whether the servers were asked within so many seconds.
    pub(super) fn is_recent(&self, state: &State, age: i64) -> bool {
        (0..age).contains(&(self.now.seconds() - state.checked_at.seconds()))
    }

    /// The index at hand. One that is damaged, or of another version of this program, is as good as none here.
    fn at_hand(&self, ecosystem: &Ecosystem, oddities: &mut Vec<String>) -> Option<AtHand> {
        let index = match self.sound(ecosystem) {
            Ok(index) => index?,
            Err(error) => {
                oddities.push(format!("{error}; it is built anew"));
                return None;
            }
        };
        let state = self.store.state(&index).filter(|_| index.metadata().origin == Origin::Update);
        Some(AtHand { index, state })
    }

    /// The index on disk, every byte of it checked: a damaged one must not pass for up to date.
    fn sound(&self, ecosystem: &Ecosystem) -> Result<Option<Index>, IndexError> {
        let index = self.store.on_disk(ecosystem)?;
        index.as_ref().map(Index::check).transpose()?;
        Ok(index)
    }

    fn native(&self, asking: &mut Asking<'_>) -> Result<Part, UpdateError> {
        let (location, required) = match &self.native {
            Native::No => return Ok(Part::Missing),
            Native::At(location) => (location, true),
            Native::IfThere(location) => (location, false),
        };
        // The tarball fills two indexes: what is known of it counts for both or not at all.
        let toolchain = self.sound(&Ecosystem::rust_toolchain()).ok().flatten();
        let name = location.to_string();
        let known = toolchain.and_then(|index| self.store.state(&index)).and_then(|state| state.downloads.get(&name).cloned());
        if known.as_ref() != asking.known.get(&name) {
            asking.known.remove(&name);
        }
        match asking.tarball(location)? {
            Part::Missing if required => Err(UpdateError::Missing(name)),
            part => Ok(part),
        }
    }

    /// What the new index is made of: of what is at hand, what is not replaced; and what came.
    fn gather(
        &self,
        ecosystem: &Ecosystem,
        at_hand: Option<&AtHand>,
        export: &Part,
        native: &Part,
        oddities: &mut Vec<String>,
    ) -> Result<Collection, UpdateError> {
        let mut collection = Collection::new(self.store.folder());
        let archive = format!("{ecosystem}/all.zip");
        if let Some(AtHand { index, state: Some(_) }) = at_hand {
            let keep = |source: &SourceInfo, id: &str| match (source.format.as_str(), source.name == archive) {
                ("osv", true) => match export {
                    Part::Unchanged => true,
                    Part::Some(_, differences) => {
                        let has = |ids: &Vec<String>| ids.binary_search_by(|own| own.as_str().cmp(id)).is_ok();
                        !has(&differences.changed) && !has(&differences.gone)
                    }
                    Part::Missing | Part::Whole(_) => false,
                },
                // A mirror that has lost the tarball does not lose what it once said.
                (format, _) if format == RustSec.name() => match native {
                    Part::Unchanged => true,
                    Part::Missing => matches!(self.native, Native::IfThere(_)),
                    Part::Some(..) | Part::Whole(_) => false,
                },
                _ => false,
            };
            collection.add_index(index, &|source, id| keep(source, &id.0), self.now)?;
        }
        match export {
            Part::Whole(body) => {
                let container = Container { scope: Some(ecosystem.clone()), ..container(body, ContainerKind::Zip, &archive) };
                self.read(&container, &self.base.join(&[ecosystem.as_str(), "all.zip"]), &mut collection)?;
            }
            Part::Some(records, _) => add_records(records, ecosystem, &archive, self.now, &mut collection)?,
            Part::Unchanged | Part::Missing => {}
        }
        if let (Part::Whole(body), Native::At(location) | Native::IfThere(location)) = (native, &self.native) {
            self.read(&container(body, ContainerKind::Tar, TARBALL), location, &mut collection)?;
        }
        if let Some(AtHand { index, .. }) = at_hand {
            let kept = collection.add_unreadable(index, self.now)?;
            oddities.extend(kept.iter().map(|id| format!("what was known of {id} is kept, because it cannot be read now")));
        }
        let toolchain = Ecosystem::rust_toolchain();
        collection.retain(&|found| found == ecosystem || *found == toolchain);
        oddities.extend(collection.all_set_aside().iter().map(|bad| format!("set aside {}: {}", bad.path, bad.cause)));
        oddities.append(&mut collection.warnings);
        Ok(collection)
    }

    fn read(&self, container: &Container, location: &Location, collection: &mut Collection) -> Result<(), UpdateError> {
        import::collect_one(container, collection, self.now).map_err(|cause| UpdateError::Archive { location: location.to_string(), cause })
    }

    /// Writes down what the servers said, and answers with what the index now says of itself.
    fn remember(&self, index: &Index, downloads: &BTreeMap<String, crate::advisory::sync::Validators>) -> Result<Metadata, UpdateError> {
        let metadata = index.metadata();
        let state = State { index: metadata.sha256.clone(), checked_at: self.now, downloads: downloads.clone() };
        self.store.remember(metadata.ecosystem.as_str(), &state)?;
        Ok(Metadata { checked_at: Some(self.now), ..metadata.clone() })
    }
}

pub(super) fn container(body: &Body, kind: ContainerKind, name: &str) -> Container {
    Container {
        path: body.file.path().to_owned(),
        kind,
        scope: None,
        name: Some(name.to_owned()),
        sha256: Some(body.sha256.clone()),
        optional: false,
    }
}

/// The records of an index that came from an ecosystem's export, with the moments of their last changes.
fn modified(index: &Index, ecosystem: &Ecosystem) -> Result<Modified, UpdateError> {
    let archive = format!("{ecosystem}/all.zip");
    let sources = &index.metadata().sources;
    let is_export = |stated: &Stored| sources.get(usize::from(stated.source)).is_some_and(|source| source.name == archive);
    let mut list = Modified::new();
    let read = index.each_stated(&mut |stated| {
        if let (true, Some(modified)) = (is_export(&stated), stated.advisory.modified) {
            // Two files of an archive may bear one id; the newest of them is in force.
            let newest = list.entry(stated.advisory.id.0).or_insert(modified);
            *newest = modified.max(*newest);
        }
    });
    read.map_err(|error: IndexError| UpdateError::Write(std::io::Error::other(error)))?;
    Ok(list)
}

/// Takes in single records; a bad one is set aside.
fn add_records(
    records: &[(String, Body)],
    ecosystem: &Ecosystem,
    archive: &str,
    now: Timestamp,
    collection: &mut Collection,
) -> Result<(), UpdateError> {
    let info = SourceInfo { format: Osv.name().to_owned(), name: archive.to_owned(), sha256: None, data_date: None };
    let number = collection.source(info)?;
    let from = collection.len();
    let mut bad = Vec::new();
    for (id, body) in records {
        match read_record(id, body.file.path(), now) {
            Ok(spooled) => collection.add(spooled, number)?,
            Err(cause) => bad.push(SetAside { source: number, path: format!("{id}.json"), cause }),
        }
    }
    let ecosystems = std::slice::from_ref(ecosystem);
    collection.assign(from..collection.len(), ecosystems, None)?;
    collection.unreadable(archive, bad.iter().map(|bad| bad.path.as_str()));
    collection.set_aside(&bad, bad.len() as u64, ecosystems);
    Ok(())
}

fn read_record(id: &str, path: &Path, now: Timestamp) -> Result<Spooled, String> {
    let mut bytes = Vec::new();
    File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(|error| error.to_string())?;
    let Contents::Advisory(record) = Osv.read(&format!("{id}.json"), &bytes)? else {
        return Err("not an OSV record".to_owned());
    };
    if record.advisory.id.0 != *id {
        return Err(format!("it is about {}", record.advisory.id));
    }
    Spooled::new(&record.advisory, now).map_err(|error| error.to_string())
}
