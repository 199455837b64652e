//! The story of an update: each ecosystem by itself, so that one that cannot be had does not hold up the others; its
//! index is replaced in one step or stays as it was.

use std::collections::BTreeMap;

use super::{
    State, UpdateError,
    belief::{older_sources, refuse_shrunk, told_of_gone, told_of_little},
    failure::unreachable,
    gather::{Came, has_native, modified},
    part::{Asking, Part},
    plan::{AtHand, Change, Native, Outcome, Update, Wanted},
};
use crate::{
    advisory::{
        Collection, Index, IndexError, Metadata,
        index::Origin,
        snapshot,
        sync::{Location, Validators},
    },
    model::Ecosystem,
};

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
        let mut asking = Asking::new(self.transport, self.progress, self.now, known);
        let export = asking.export(&self.base, ecosystem, &|| at_hand.as_ref().map(|old| modified(&old.index, ecosystem)).transpose())?;
        if matches!(export, Part::Missing) {
            return Err(UpdateError::Missing(self.archive(ecosystem).to_string()));
        }
        let native = if *ecosystem == Ecosystem::crates_io() { self.native(&mut asking)? } else { Part::Missing };
        let mut came = Came { export, native };
        let toolchain = matches!(came.native, Part::Whole(_)).then(|| self.sound(&Ecosystem::rust_toolchain()).ok().flatten()).flatten();
        let indexes: Vec<&Index> = at_hand.iter().map(|at_hand| &at_hand.index).chain(&toolchain).collect();
        let mut collection = loop {
            if let (Some(old), Part::Unchanged, Part::Unchanged | Part::Missing) = (&at_hand, &came.export, &came.native) {
                return self.unchanged(&old.index, matches!(came.native, Part::Unchanged), &asking.said);
            }
            let collection = self.gather(ecosystem, at_hand.as_ref(), &came)?;
            let older = older_sources(&indexes, &collection)?;
            if older.is_empty() {
                break collection;
            }
            for (name, older) in older {
                oddities.push(format!("{name} {older}"));
                came.leave(&name);
            }
        };
        self.believe(ecosystem, &indexes, &mut collection, oddities)?;
        oddities.extend(self.told_of_native(at_hand.as_ref(), &came));
        self.replace(&mut collection, came.change(), &asking.said, oddities)
    }

    /// Completes what was gathered by what was known, and refuses it where too much would be lost.
    fn believe(
        &self,
        ecosystem: &Ecosystem,
        indexes: &[&Index],
        collection: &mut Collection,
        oddities: &mut Vec<String>,
    ) -> Result<(), UpdateError> {
        for index in indexes.iter().copied().filter(|index| collection.has(&index.metadata().ecosystem)).collect::<Vec<_>>() {
            let kept = collection.add_unreadable(index, self.now)?;
            oddities.extend(kept.iter().map(|id| format!("what was known of {id} is kept, because it cannot be read now")));
            let (old, new) = (index.metadata().records, collection.members_in_force(&index.metadata().ecosystem));
            // What was imported may have come from elsewhere, of which a mirror knows nothing.
            if index.metadata().origin == Origin::Update {
                refuse_shrunk(old, new)?;
            } else {
                oddities.extend(told_of_little(&index.metadata().ecosystem, old, "that were imported", new));
            }
            oddities.extend(told_of_gone(&collection.gone_since(index)?));
        }
        if indexes.is_empty() {
            let old = snapshot::embedded(ecosystem)?.map_or(0, |snapshot| snapshot.metadata().records);
            oddities.extend(told_of_little(ecosystem, old, "of the built-in snapshot", collection.members_in_force(ecosystem)));
        }
        oddities.extend(collection.all_set_aside().iter().map(|bad| format!("set aside {}: {}", bad.path, bad.cause)));
        oddities.append(&mut collection.warnings);
        Ok(())
    }

    /// That a mirror has lost the RustSec database, of which the index has something.
    fn told_of_native(&self, at_hand: Option<&AtHand>, came: &Came) -> Option<String> {
        let had = at_hand.is_some_and(|at_hand| has_native(&at_hand.index.metadata().sources));
        match (&self.native, &came.native) {
            (Native::IfThere(location), Part::Missing) if had => Some(format!("there is no {location} any more; what it said is kept")),
            _ => None,
        }
    }

    /// Nothing is new.
    fn unchanged(
        &self,
        index: &Index,
        with_toolchain: bool,
        downloads: &BTreeMap<String, Validators>,
    ) -> Result<Vec<(Change, Metadata)>, UpdateError> {
        let toolchain = with_toolchain.then(|| self.store.on_disk(&Ecosystem::rust_toolchain()).ok().flatten()).flatten();
        let indexes = std::iter::once(index).chain(&toolchain);
        indexes.map(|index| Ok((Change::Unchanged, self.remember(index, downloads)?))).collect()
    }

    /// Builds the indexes of what was gathered, and puts them in place one by one.
    fn replace(
        &self,
        collection: &mut Collection,
        change: Change,
        downloads: &BTreeMap<String, Validators>,
        oddities: &mut Vec<String>,
    ) -> Result<Vec<(Change, Metadata)>, UpdateError> {
        let mut done = Vec::new();
        for ecosystem in collection.ecosystems().cloned().collect::<Vec<_>>() {
            let built = self.store.replace(collection, &ecosystem, Origin::Update)?;
            oddities.extend(built.refused.iter().map(|text| format!("not graded by {text}")));
            oddities.extend(built.rivals);
            let index = self.store.on_disk(&ecosystem)?.ok_or_else(|| std::io::Error::other("the index vanished"))?;
            done.push((change, self.remember(&index, downloads)?));
        }
        Ok(done)
    }

    /// The archive of an ecosystem.
    pub(super) fn archive(&self, ecosystem: &Ecosystem) -> Location {
        self.base.join(&[ecosystem.as_str(), "all.zip"])
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

    /// Writes down what the servers said, and answers with what the index now says of itself.
    fn remember(&self, index: &Index, downloads: &BTreeMap<String, Validators>) -> Result<Metadata, UpdateError> {
        let metadata = index.metadata();
        let state = State { index: metadata.sha256.clone(), checked_at: self.now, downloads: downloads.clone() };
        self.store.remember(metadata.ecosystem.as_str(), &state)?;
        Ok(Metadata { checked_at: Some(self.now), ..metadata.clone() })
    }
}
