//! What a collection takes over of an index that is there: what no source states anew, and what was known of records that
//! cannot be read this time.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    io,
};

use super::{Collection, Spooled};
use crate::{
    advisory::{
        Index, IndexError, Metadata,
        index::{SetAside, SourceInfo, Stored},
    },
    model::{AdvisoryId, Timestamp},
};

/// Why the facts of an index could not be taken over.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// The index is damaged.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The spool cannot be written or read.
    #[error("cannot keep what was read: {0}")]
    Spool(#[from] io::Error),
}

/// What of an index is taken over: by the source and the id.
pub type Keep<'k> = dyn Fn(&SourceInfo, &AdvisoryId) -> bool + 'k;

impl Collection {
    /// Takes over what an index states, but for what `keep` (by the name of the source and the id) leaves out.
    ///
    /// # Errors
    /// When the index is damaged, or what the system says of the spool.
    pub fn add_index(&mut self, index: &Index, keep: &Keep<'_>, now: Timestamp) -> Result<(), AddError> {
        let metadata = index.metadata();
        let numbers = self.add_stated(index, &SourceInfo::clone, keep, now)?;
        self.keep_set_aside(metadata, &numbers, keep);
        // A tarball's own date is no record's.
        let kept = self.ecosystems.get(&metadata.ecosystem).map(|extent| extent.sources.keys().copied().collect::<Vec<_>>());
        let kept: Vec<u16> = kept.unwrap_or_default().into_iter().filter(|number| numbers.contains(number)).collect();
        self.date_sources(&metadata.ecosystem, &kept);
        Ok(())
    }

    /// Takes over what an index states under ids whose files could not be read this time: what was known stays known.
    /// Answers with those ids.
    ///
    /// # Errors
    /// As [`Collection::add_index`].
    pub fn add_unreadable(&mut self, index: &Index, now: Timestamp) -> Result<Vec<AdvisoryId>, AddError> {
        if self.unreadable.is_empty() {
            return Ok(Vec::new());
        }
        let (from, unreadable) = (self.rows.len(), self.unreadable.clone());
        let keep = |source: &SourceInfo, id: &AdvisoryId| unreadable.contains(&(source.name.clone(), id.0.clone()));
        // They are single records beside what the source has now.
        let single = |source: &SourceInfo| SourceInfo { sha256: None, data_date: None, ..source.clone() };
        self.add_stated(index, &single, &keep, now)?;
        Ok(self.rows[from..].iter().map(|row| row.id.clone()).collect())
    }

    /// Notes the records of a source that could not be read, by their ids.
    pub fn unreadable<'p>(&mut self, source: &str, ids: impl Iterator<Item = &'p str>) {
        self.unreadable.extend(ids.map(|id| (source.to_owned(), id.to_owned())));
    }

    /// Whether a source has anything here that an index does not state: another record, or a newer one.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn has_news(&self, index: &Index, source: &SourceInfo) -> Result<bool, IndexError> {
        let mut known: HashMap<AdvisoryId, Option<Timestamp>> = HashMap::new();
        let sources = &index.metadata().sources;
        index.each_stated(&mut |stated| {
            if sources.get(usize::from(stated.source)).is_some_and(|own| own.is_same(source)) {
                let modified = stated.advisory.modified;
                let newest = known.entry(stated.advisory.id).or_insert(modified);
                *newest = modified.max(*newest);
            }
        })?;
        let mut rows = self.rows_of(&index.metadata().ecosystem).filter(|(_, row)| self.sources[usize::from(row.source)].is_same(source));
        Ok(rows.any(|(_, row)| known.get(&row.id).is_none_or(|known| row.modified > *known)))
    }

    /// The records that an index states and that are here no more.
    ///
    /// # Errors
    /// When the index is damaged.
    pub fn gone_since(&self, index: &Index) -> Result<Vec<AdvisoryId>, IndexError> {
        let here: HashSet<&AdvisoryId> = self.rows_of(&index.metadata().ecosystem).map(|(_, row)| &row.id).collect();
        let mut gone = BTreeSet::new();
        index.each_stated(&mut |stated| {
            if !here.contains(&stated.advisory.id) {
                gone.insert(stated.advisory.id);
            }
        })?;
        Ok(gone.into_iter().collect())
    }

    /// Takes over what an index states, as `keep` has it, under sources as `told`; answers with their numbers here.
    fn add_stated(
        &mut self,
        index: &Index,
        told: &dyn Fn(&SourceInfo) -> SourceInfo,
        keep: &Keep<'_>,
        now: Timestamp,
    ) -> Result<Vec<u16>, AddError> {
        let metadata = index.metadata();
        let mut numbers = Vec::new();
        for source in &metadata.sources {
            numbers.push(self.source(told(source))?);
        }
        let from = self.rows.len();
        let mut failed = Ok(());
        index.each_stated(&mut |stated: Stored| {
            let source = usize::from(stated.source);
            let (Some(number), Some(info)) = (numbers.get(source), metadata.sources.get(source)) else { return };
            if failed.is_ok() && keep(info, &stated.advisory.id) {
                let spooled = Spooled::new(&stated.advisory, now).map_err(io::Error::other);
                failed = spooled.and_then(|spooled| self.add(spooled, *number));
            }
        })?;
        failed?;
        let rows = from..self.rows.len();
        let ecosystems = std::slice::from_ref(&metadata.ecosystem);
        self.assign(rows, ecosystems, None)?;
        Ok(numbers)
    }

    /// What could not be used the last time cannot be used now, unless it is read anew. The file of a record bears
    /// its id.
    fn keep_set_aside(&mut self, metadata: &Metadata, numbers: &[u16], keep: &Keep<'_>) {
        let named = metadata.set_aside.len() as u64;
        let kept = |bad: &SetAside| {
            let (source, number) = (metadata.sources.get(usize::from(bad.source))?, numbers.get(usize::from(bad.source))?);
            keep(source, &AdvisoryId(stem(&bad.path).to_owned())).then(|| SetAside { source: *number, ..bad.clone() })
        };
        let bad: Vec<SetAside> = metadata.set_aside.iter().filter_map(kept).collect();
        // Those that had no room by name are still counted.
        let count = bad.len() as u64 + metadata.set_aside_count.saturating_sub(named);
        if !bad.is_empty() {
            self.set_aside(&bad, count, std::slice::from_ref(&metadata.ecosystem));
        }
    }
}

/// The id that the file of a record bears: its name without folders and ending.
pub(in crate::advisory) fn stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or_default();
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}
