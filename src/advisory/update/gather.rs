//! What a new index is made of: of what is at hand, what is not replaced; and what came.

use super::{
    UpdateError,
    list::Modified,
    part::{Part, Single},
    plan::{AtHand, Change, Native, TARBALL, Update},
};
use crate::{
    advisory::{
        AdvisorySource, Collection, Index,
        container::{Container, ContainerKind},
        import::{self, ReadAdvisory},
        index::{Origin, SetAside, SourceInfo, Stored},
        osv::Osv,
        rustsec::RustSec,
        sync::{Body, Location},
    },
    model::{AdvisoryId, Ecosystem, Timestamp},
};

/// What came of an ecosystem's sources.
pub(super) struct Came {
    /// Of its export.
    pub(super) export: Part,
    /// Of the RustSec database.
    pub(super) native: Part,
}

impl Came {
    /// Leaves what is at hand of a source: what came of it is older.
    pub(super) fn leave(&mut self, source: &str) {
        *(if source == TARBALL { &mut self.native } else { &mut self.export }) = Part::Unchanged;
    }

    /// What changes by it.
    pub(super) fn change(&self) -> Change {
        match (&self.export, &self.native) {
            (Part::Some(records), Part::Unchanged | Part::Missing | Part::Some(..)) => Change::Records(records.len()),
            _ => Change::Whole,
        }
    }
}

impl Update<'_> {
    /// Gathers it.
    ///
    /// # Errors
    /// When an archive cannot be read, or is about something else.
    pub(super) fn gather(&self, ecosystem: &Ecosystem, at_hand: Option<&AtHand>, came: &Came) -> Result<Collection, UpdateError> {
        let mut collection = Collection::new(self.store.folder());
        let (archive, toolchain) = (format!("{ecosystem}/all.zip"), Ecosystem::rust_toolchain());
        if let Some(at_hand) = at_hand {
            let keep = |source: &SourceInfo, id: &AdvisoryId| self.keeps(at_hand, came, source.name == archive, source, id);
            collection.add_index(&at_hand.index, &keep, self.now)?;
        }
        match &came.export {
            Part::Whole(body) => {
                let container = Container { scope: Some(ecosystem.clone()), ..container(body, ContainerKind::Zip, &archive) };
                self.read(&container, &self.archive(ecosystem), std::slice::from_ref(ecosystem), &mut collection)?;
            }
            Part::Some(records) => add_records(records, ecosystem, &archive, self.now, &mut collection)?,
            Part::Unchanged | Part::Missing => {}
        }
        if let (Part::Whole(body), Native::At(location) | Native::IfThere(location)) = (&came.native, &self.native) {
            self.read(&container(body, ContainerKind::Tar, TARBALL), location, &[ecosystem.clone(), toolchain.clone()], &mut collection)?;
            if at_hand.is_some_and(|at_hand| has_native(&at_hand.index.metadata().sources))
                && !has_native(&collection.sources_of(ecosystem).0)
            {
                return Err(UpdateError::Foreign { location: location.to_string(), ecosystem: ecosystem.clone() });
            }
        }
        collection.retain(&|found| found == ecosystem || *found == toolchain);
        Ok(collection)
    }

    /// Whether a record at hand is still what its source states.
    fn keeps(&self, at_hand: &AtHand, came: &Came, is_export: bool, source: &SourceInfo, id: &AdvisoryId) -> bool {
        if source.format == RustSec.name() {
            return match came.native {
                Part::Unchanged => true,
                // A mirror that has lost the tarball does not lose what it once said.
                Part::Missing => matches!(self.native, Native::IfThere(_)) && at_hand.index.metadata().origin == Origin::Update,
                Part::Some(..) | Part::Whole(_) => false,
            };
        }
        is_export
            && match &came.export {
                Part::Unchanged => true,
                Part::Some(records) => records.binary_search_by(|(changed, _)| changed.cmp(&id.0)).is_err(),
                Part::Missing | Part::Whole(_) => false,
            }
    }

    /// Reads an archive that has to say something about one of these ecosystems.
    fn read(
        &self,
        container: &Container,
        location: &Location,
        ecosystems: &[Ecosystem],
        collection: &mut Collection,
    ) -> Result<(), UpdateError> {
        let from = collection.len();
        let read = import::collect_one(container, collection, self.now);
        read.map_err(|cause| UpdateError::Archive { location: location.to_string(), cause })?;
        let named = collection.named(from..collection.len());
        if ecosystems.iter().any(|ecosystem| named.contains(ecosystem)) {
            return Ok(());
        }
        Err(UpdateError::Foreign { location: location.to_string(), ecosystem: ecosystems[0].clone() })
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

/// Whether the RustSec database is among these sources.
pub(super) fn has_native(sources: &[SourceInfo]) -> bool {
    sources.iter().any(|source| source.format == RustSec.name())
}

/// The records of an index that came from an ecosystem's export, with the moments of their last changes.
pub(super) fn modified(index: &Index, ecosystem: &Ecosystem) -> Result<Modified, UpdateError> {
    let archive = format!("{ecosystem}/all.zip");
    let sources = &index.metadata().sources;
    let is_export = |stated: &Stored| sources.get(usize::from(stated.source)).is_some_and(|source| source.name == archive);
    let mut list = Modified::new();
    index.each_stated(&mut |stated| {
        if let (true, Some(modified)) = (is_export(&stated), stated.advisory.modified) {
            // Two files of an archive may bear one id; the newest of them is in force.
            let newest = list.entry(stated.advisory.id.0).or_insert(modified);
            *newest = modified.max(*newest);
        }
    })?;
    Ok(list)
}

/// Takes in single records; a bad one is set aside.
fn add_records(
    records: &[Single],
    ecosystem: &Ecosystem,
    archive: &str,
    now: Timestamp,
    collection: &mut Collection,
) -> Result<(), UpdateError> {
    let info = SourceInfo { format: Osv.name().to_owned(), name: archive.to_owned(), sha256: None, data_date: None };
    let number = collection.source(info)?;
    let from = collection.len();
    let (mut bad, mut lost) = (Vec::new(), Vec::new());
    let told = |id: &str, cause| SetAside { source: number, path: format!("{id}.json"), cause };
    for (id, record) in records {
        match record.clone().and_then(|record| import::spooled(record, Osv.name(), now)) {
            Ok(ReadAdvisory { spooled, warnings, partial, .. }) => {
                collection.add(spooled, number)?;
                collection.warnings.extend(warnings);
                bad.extend(partial.map(|cause| told(id, cause)));
            }
            Err(cause) => {
                bad.push(told(id, cause));
                lost.push(id.as_str());
            }
        }
    }
    let ecosystems = std::slice::from_ref(ecosystem);
    collection.assign(from..collection.len(), ecosystems, None)?;
    collection.unreadable(archive, lost.into_iter());
    collection.set_aside(&bad, bad.len() as u64, ecosystems);
    Ok(())
}
