//! The records of an import, of all its sources and ecosystems, before anything is worked out. What matters for
//! choosing among them is in memory; the records themselves are spooled.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
    ops::Range,
    path::Path,
};

use rayon::prelude::*;

use crate::advisory::{
    index::{SetAside, SourceInfo},
    spool::{Place, Spool},
};
use crate::model::{Advisory, AdvisoryId, Ecosystem, Timestamp};

/// Set-aside records and warnings that are kept by name; the others are counted.
const NAMED: usize = 1_000;

/// Records on their way to indexes.
pub struct Collection {
    spool: Spool,
    pub(super) rows: Vec<Row>,
    pub(super) sources: Vec<SourceInfo>,
    /// The sets of ecosystems that rows name.
    sets: Vec<Vec<Ecosystem>>,
    pub(super) ecosystems: BTreeMap<Ecosystem, Extent>,
    /// The files that could not be read, by their names without ending, and the name of their source: a record's file
    /// bears its id.
    pub(super) unreadable: BTreeSet<(String, String)>,
    /// What was passed over and should be known, as sentences.
    pub warnings: Vec<String>,
}

/// A record, as far as choosing needs it.
pub(super) struct Row {
    pub(super) id: AdvisoryId,
    place: Place,
    pub(super) source: u16,
    /// The ecosystems that it goes to, in [`Collection::sets`].
    set: u16,
    pub(super) modified: Option<Timestamp>,
    date: Option<Timestamp>,
    withdrawn: bool,
}

/// What is known of an ecosystem.
#[derive(Debug, Default)]
pub struct Extent {
    /// What it was read from, as numbers of the collection's sources, each with the newest date of its data.
    pub(super) sources: BTreeMap<u16, Option<Timestamp>>,
    set_aside: Vec<SetAside>,
    set_aside_count: u64,
}

/// A record as it is spooled, made by any thread.
pub struct Spooled {
    id: AdvisoryId,
    bases: Vec<Ecosystem>,
    modified: Option<Timestamp>,
    date: Option<Timestamp>,
    withdrawn: bool,
    bytes: Vec<u8>,
}

impl Spooled {
    /// Encodes a record. Dates after `now` are not believed: such records exist, and must not make old data look
    /// fresh.
    ///
    /// # Errors
    /// Never for records that this program made.
    pub fn new(advisory: &Advisory, now: Timestamp) -> Result<Self, postcard::Error> {
        let mut bases: Vec<Ecosystem> = advisory.affected.iter().map(|affected| affected.ecosystem.base()).collect();
        bases.sort();
        bases.dedup();
        Ok(Self {
            id: advisory.id.clone(),
            bases,
            modified: advisory.modified,
            date: [advisory.modified, advisory.published].into_iter().flatten().filter(|date| *date <= now).max(),
            withdrawn: advisory.withdrawn.is_some(),
            bytes: postcard::to_stdvec(advisory)?,
        })
    }

    /// When the record was published or changed, if that is to be believed.
    #[must_use]
    pub fn date(&self) -> Option<Timestamp> {
        self.date
    }
}

impl Collection {
    /// An empty one. What outgrows memory goes to nameless files in `folder`.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            spool: Spool::new(folder),
            rows: Vec::new(),
            sources: Vec::new(),
            sets: Vec::new(),
            ecosystems: BTreeMap::new(),
            unreadable: BTreeSet::new(),
            warnings: Vec::new(),
        }
    }

    /// Registers a source and answers with its number.
    ///
    /// # Errors
    /// When there are more than can be numbered.
    pub fn source(&mut self, source: SourceInfo) -> io::Result<u16> {
        self.sources.push(source);
        u16::try_from(self.sources.len() - 1).map_err(io::Error::other)
    }

    /// Takes in a record; [`Collection::assign`] then says where it goes.
    ///
    /// # Errors
    /// What the system says of the spool.
    pub fn add(&mut self, record: Spooled, source: u16) -> io::Result<()> {
        let Spooled { id, bases, modified, date, withdrawn, bytes } = record;
        let (place, set) = (self.spool.push(&bytes)?, self.set(bases)?);
        self.rows.push(Row { id, place, source, set, modified, date, withdrawn });
        Ok(())
    }

    /// How many records there are, which is the number of the next one.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The ecosystems that these records name.
    #[must_use]
    pub fn named(&self, rows: Range<usize>) -> Vec<Ecosystem> {
        let mut sets: Vec<u16> = self.rows[rows].iter().map(|row| row.set).collect();
        sets.sort_unstable();
        sets.dedup();
        let mut named: Vec<Ecosystem> = sets.into_iter().flat_map(|set| self.sets[set as usize].clone()).collect();
        named.sort();
        named.dedup();
        named
    }

    /// Gives each of these ecosystems its records. Those without a package go to all, since they link and grade
    /// others; where there is but one ecosystem, so do those about another.
    ///
    /// # Errors
    /// When there are more combinations of ecosystems than can be numbered.
    pub fn assign(&mut self, rows: Range<usize>, ecosystems: &[Ecosystem], dated: Option<Timestamp>) -> io::Result<()> {
        let mut known: HashMap<u16, u16> = HashMap::new();
        for at in rows {
            let (set, source, date) = (self.rows[at].set, self.rows[at].source, self.rows[at].date);
            let chosen = if let Some(chosen) = known.get(&set) {
                *chosen
            } else {
                let bases = &self.sets[set as usize];
                let goes = |ecosystem: &&Ecosystem| bases.contains(ecosystem) || bases.is_empty() || ecosystems.len() == 1;
                let chosen = ecosystems.iter().filter(goes).cloned().collect();
                let chosen = self.set(chosen)?;
                known.insert(set, chosen);
                chosen
            };
            self.rows[at].set = chosen;
            for ecosystem in &self.sets[chosen as usize] {
                let newest = self.ecosystems.entry(ecosystem.clone()).or_default().sources.entry(source).or_default();
                *newest = (*newest).max(date).max(dated);
            }
        }
        Ok(())
    }

    /// Notes records of a source that could not be used, for these ecosystems.
    pub fn set_aside(&mut self, bad: &[SetAside], count: u64, ecosystems: &[Ecosystem]) {
        for ecosystem in ecosystems {
            let extent = self.ecosystems.entry(ecosystem.clone()).or_default();
            let room = NAMED.saturating_sub(extent.set_aside.len());
            extent.set_aside.extend(bad.iter().take(room).cloned());
            extent.set_aside_count += count;
            for bad in bad {
                extent.sources.entry(bad.source).or_default();
            }
        }
    }

    /// Gives an ecosystem these sources with the dates that they state: a tarball's own date is no record's.
    pub fn date_sources(&mut self, ecosystem: &Ecosystem, numbers: &[u16]) {
        let extent = self.ecosystems.entry(ecosystem.clone()).or_default();
        for number in numbers {
            let stated = self.sources.get(usize::from(*number)).and_then(|source| source.data_date);
            let newest = extent.sources.entry(*number).or_default();
            *newest = (*newest).max(stated);
        }
    }

    /// The ecosystems that there are records for, sorted.
    pub fn ecosystems(&self) -> impl Iterator<Item = &Ecosystem> {
        self.ecosystems.keys()
    }

    /// Whether there are records for an ecosystem.
    #[must_use]
    pub fn has(&self, ecosystem: &Ecosystem) -> bool {
        self.ecosystems.contains_key(ecosystem)
    }

    /// Keeps only these ecosystems.
    pub fn retain(&mut self, keep: &dyn Fn(&Ecosystem) -> bool) {
        self.ecosystems.retain(|ecosystem, _| keep(ecosystem));
    }

    /// All records that could not be used, of every ecosystem, each once.
    #[must_use]
    pub fn all_set_aside(&self) -> Vec<&SetAside> {
        let mut all: Vec<&SetAside> = self.ecosystems.values().flat_map(|extent| &extent.set_aside).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The records in force of an ecosystem, withdrawn ones included, sorted by id.
    ///
    /// # Errors
    /// What the system says of the spool.
    pub fn advisories(&mut self, ecosystem: &Ecosystem) -> io::Result<Vec<Advisory>> {
        let members: Vec<Member> = self.members(ecosystem).into_iter().filter(|member| member.in_force).collect();
        let mut all = Vec::new();
        self.each(ecosystem, &members, &|_, advisory| advisory, &mut |_, advisory| {
            all.push(advisory);
            Ok(())
        })?;
        all.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(all)
    }

    /// The sources of an ecosystem, in their order, and the number that each collection source has among them.
    #[must_use]
    pub fn sources_of(&self, ecosystem: &Ecosystem) -> (Vec<SourceInfo>, BTreeMap<u16, u16>) {
        let extent = &self.ecosystems[ecosystem];
        let with_date = |(number, date): (&u16, &Option<Timestamp>)| {
            let source = &self.sources[usize::from(*number)];
            (SourceInfo { data_date: *date, ..source.clone() }, *number)
        };
        let mut sources: Vec<(SourceInfo, u16)> = extent.sources.iter().map(with_date).collect();
        sources.sort();
        let mut infos: Vec<SourceInfo> = Vec::new();
        let mut numbers = BTreeMap::new();
        for (info, number) in sources {
            match infos.last_mut() {
                Some(last) if last.is_same(&info) => {
                    last.data_date = last.data_date.max(info.data_date);
                }
                _ => infos.push(info),
            }
            numbers.insert(number, u16::try_from(infos.len() - 1).unwrap_or(u16::MAX));
        }
        (infos, numbers)
    }

    /// What of an ecosystem could not be used, by name as far as there was room, and the count.
    pub(in crate::advisory) fn set_aside_of(&self, ecosystem: &Ecosystem, numbers: &BTreeMap<u16, u16>) -> (Vec<SetAside>, u64) {
        let extent = &self.ecosystems[ecosystem];
        let renumbered = |bad: &SetAside| SetAside { source: numbers.get(&bad.source).copied().unwrap_or_default(), ..bad.clone() };
        let mut bad: Vec<SetAside> = extent.set_aside.iter().map(renumbered).collect();
        bad.sort();
        (bad, extent.set_aside_count)
    }

    /// How many records of an ecosystem are in force.
    #[must_use]
    pub fn members_in_force(&self, ecosystem: &Ecosystem) -> u64 {
        self.members(ecosystem).iter().filter(|member| member.in_force).count() as u64
    }

    /// Where one source has several records of one id, as sentences: one of them counts, and that may be the wrong one.
    #[must_use]
    pub(in crate::advisory) fn rivals(&self, members: &[Member]) -> Vec<String> {
        let named = |in_force: bool| {
            let chosen = members.iter().filter(move |member| member.in_force == in_force);
            chosen.map(|member| (self.rows[member.row].id.0.as_str(), member.source))
        };
        let beaten: BTreeSet<(&str, u16)> = named(false).collect();
        let twice = named(true).filter(|named| beaten.contains(named));
        twice
            .map(|(id, _)| format!("{id} stands in several files of one source; the one that was modified last, or stands first, counts"))
            .collect()
    }

    /// The rows of an ecosystem with their numbers.
    pub(super) fn rows_of(&self, ecosystem: &Ecosystem) -> impl Iterator<Item = (usize, &Row)> {
        let belongs: Vec<bool> = self.sets.iter().map(|set| set.contains(ecosystem)).collect();
        self.rows.iter().enumerate().filter(move |(_, row)| belongs[row.set as usize])
    }

    /// The records of an ecosystem, in the order of the spool.
    pub(in crate::advisory) fn members(&self, ecosystem: &Ecosystem) -> Vec<Member> {
        let (_, numbers) = self.sources_of(ecosystem);
        let rows = || self.rows_of(ecosystem);
        // Of records of one id the one that was modified last is in force; of such, the one of the first source.
        let strength = |at: usize| {
            let row = &self.rows[at];
            (row.modified, std::cmp::Reverse((numbers.get(&row.source), at)))
        };
        let mut strongest: HashMap<&AdvisoryId, usize> = HashMap::new();
        for (at, row) in rows() {
            let best = strongest.entry(&row.id).or_insert(at);
            if strength(at) > strength(*best) {
                *best = at;
            }
        }
        let member = |(at, row): (usize, &Row)| Member {
            row: at,
            source: numbers.get(&row.source).copied().unwrap_or_default(),
            in_force: strongest.get(&row.id) == Some(&at),
            withdrawn: row.withdrawn,
        };
        rows().map(member).collect()
    }

    /// Reads members back, of each what it says of this ecosystem; `work` is done on all processors, and `take` gets
    /// its results in order.
    pub(in crate::advisory) fn each<T: Send>(
        &mut self,
        ecosystem: &Ecosystem,
        members: &[Member],
        work: &(dyn Fn(&Member, Advisory) -> T + Sync),
        take: &mut dyn FnMut(&Member, T) -> io::Result<()>,
    ) -> io::Result<()> {
        let places: Vec<Place> = members.iter().map(|member| self.rows[member.row].place).collect();
        self.spool.each(&places, &mut |chunk| {
            let read = |(at, bytes): (usize, &[u8])| {
                let mut advisory: Advisory = postcard::from_bytes(bytes).map_err(io::Error::other)?;
                advisory.affected.retain(|affected| affected.ecosystem.base() == *ecosystem);
                Ok((at, work(&members[at], advisory)))
            };
            let done: io::Result<Vec<(usize, T)>> = chunk.into_par_iter().map(read).collect();
            done?.into_iter().try_for_each(|(at, result)| take(&members[at], result))
        })
    }

    fn set(&mut self, ecosystems: Vec<Ecosystem>) -> io::Result<u16> {
        let known = self.sets.iter().position(|set| *set == ecosystems);
        let at = known.unwrap_or_else(|| {
            self.sets.push(ecosystems);
            self.sets.len() - 1
        });
        u16::try_from(at).map_err(io::Error::other)
    }
}

/// A record of one ecosystem.
#[derive(Clone, Copy, Debug)]
pub(in crate::advisory) struct Member {
    row: usize,
    /// Its source, as a number among the ecosystem's.
    pub(in crate::advisory) source: u16,
    /// Whether it is the one of its id that counts.
    pub(in crate::advisory) in_force: bool,
    /// Whether it was taken back.
    pub(in crate::advisory) withdrawn: bool,
}
