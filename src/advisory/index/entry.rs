//! How the records about a package lie under its key: the versions that any of them lists, each once and in order; then
//! of each record its ranges, what it lists as runs of those versions, and all else; the last two as strings of bytes.
//!
//! So the hundreds of records about a popular package do not repeat its hundreds of versions, and a lookup decodes no
//! more than which versions are affected, unless one of them is the version in question.

use std::{cell::LazyCell, collections::HashMap, io, sync::Arc};

use super::{record::Record, tables::Value};
use crate::{
    model::{Ecosystem, Range, VersionList},
    version::listing,
};

/// Runs of versions that are listed one behind the other: where each begins, and how long it is.
type Runs = Vec<(u32, u32)>;
/// A record under its key, for decoding: its ranges, its [`Runs`], and the rest.
type Decoded<'a> = (Vec<Range<&'a str>>, &'a [u8], &'a [u8]);

/// The bytes of one record, on their way to [`join`]. Its name and its release are not in them: they are the key.
///
/// # Errors
/// Never for records that this program made; the signature is postcard's.
pub fn encode(record: &Record) -> Result<Vec<u8>, postcard::Error> {
    let rest = postcard::to_stdvec(record)?;
    postcard::to_stdvec(&(&record.ranges, &record.versions, rest.as_slice()))
}

/// The key of a package: its name, and its release where there is one. No name has a NUL.
#[must_use]
pub fn key(name: &str, release: Option<&str>) -> String {
    release.map_or_else(|| name.to_owned(), |release| format!("{name}\0{release}"))
}

/// The key of what marks a release as one that records name: no package has an empty name, so that nothing else is there,
/// and what is there is a list of no record.
#[must_use]
pub fn release_key(release: &str) -> String {
    key("", Some(release))
}

/// What is stored under a key, of all records that it has; empty values, which mark a release, are none.
///
/// # Errors
/// When what was encoded cannot be decoded.
pub fn join(ecosystem: &Ecosystem, values: &[&[u8]]) -> io::Result<Vec<u8>> {
    let decode = |value| postcard::from_bytes::<(Vec<Range<&str>>, &str, &[u8])>(value);
    let records: Vec<_> =
        values.iter().copied().filter(|value| !value.is_empty()).map(decode).collect::<Result<_, _>>().map_err(io::Error::other)?;
    let mut versions: Vec<&str> = records.iter().flat_map(|(_, listed, _)| lines(listed)).collect();
    versions.sort_unstable();
    versions.dedup();
    listing::sort(ecosystem, &mut versions);
    let numbers: HashMap<&str, u32> = versions.iter().copied().zip(0..).collect();
    let mut bytes = postcard::to_stdvec(&(versions.join("\n"), records.len())).map_err(io::Error::other)?;
    for (ranges, listed, rest) in records {
        let listed = runs(lines(listed).filter_map(|version| numbers.get(version).copied()).collect());
        let listed = postcard::to_stdvec(&listed).map_err(io::Error::other)?;
        bytes = postcard::to_extend(&(ranges, listed.as_slice(), rest), bytes).map_err(io::Error::other)?;
    }
    Ok(bytes)
}

fn lines(versions: &str) -> impl Iterator<Item = &str> {
    versions.split('\n').filter(|version| !version.is_empty())
}

fn runs(mut numbers: Vec<u32>) -> Runs {
    numbers.sort_unstable();
    numbers.dedup();
    let mut runs = Runs::new();
    for number in numbers {
        match runs.last_mut() {
            Some((start, length)) if *start + *length == number => *length += 1,
            _ => runs.push((number, 1)),
        }
    }
    runs
}

/// Whether a version's number is in a run.
fn is_in(number: u32, (start, length): (u32, u32)) -> bool {
    (start..start.saturating_add(length)).contains(&number)
}

/// What is under one key, not decoded yet.
#[derive(Clone, Debug)]
pub(super) struct Entries {
    key: Arc<str>,
    value: Value,
}

impl Entries {
    pub(super) fn new(key: &str, value: Value) -> Self {
        Self { key: key.into(), value }
    }

    /// As [`each_affected`].
    pub(super) fn each_affected(&self, is_meant: &dyn Fn(&str) -> bool, take: &mut TakeAffected<'_>) -> Result<(), postcard::Error> {
        each_affected(&self.value, is_meant, take)
    }

    /// As [`extend`].
    pub(super) fn extend(&self, listings: &mut Listings) -> Result<(), postcard::Error> {
        extend(listings, &self.key, &self.value)
    }

    /// The records.
    pub(super) fn records(&self) -> Result<Vec<Record>, postcard::Error> {
        records(&self.key, &self.value)
    }
}

/// What is done with what a record affects: with its ranges, and with what tells whether it lists the version in question.
pub type TakeAffected<'t> = dyn FnMut(&[Range<&str>], &mut dyn FnMut() -> bool) + 't;

/// Hands to `take`, of each record of a value, the ranges that it affects, and what tells whether it lists a version that
/// `is_meant`. Versions are looked through once for all records, and only if that is asked.
fn each_affected(value: &[u8], is_meant: &dyn Fn(&str) -> bool, take: &mut TakeAffected<'_>) -> Result<(), postcard::Error> {
    let (versions, records) = split(value)?;
    let of_meant = || lines(versions).zip(0..).filter(|(version, _)| is_meant(version)).map(|(_, number)| number);
    let meant: LazyCell<Vec<u32>, _> = LazyCell::new(|| of_meant().collect());
    records.each(&mut |(ranges, listed, _)| {
        let mut asked = Ok(());
        take(&ranges, &mut || match postcard::from_bytes::<Runs>(listed) {
            Ok(runs) => !runs.is_empty() && meant.iter().any(|number| runs.iter().any(|run| is_in(*number, *run))),
            Err(error) => {
                asked = Err(error);
                true
            }
        });
        asked
    })
}

/// What an index holds about one package, with the versions that its records list told once for all of them.
#[derive(Clone, Debug, Default)]
pub struct Listings {
    /// The records, without the versions that they list.
    pub records: Vec<Record>,
    /// The versions that any of them lists, each once.
    pub versions: Vec<String>,
    /// Of each record, the runs of versions that it lists: where each begins, and how long it is.
    pub runs: Vec<Vec<(u32, u32)>>,
}

impl From<Vec<Record>> for Listings {
    fn from(mut records: Vec<Record>) -> Self {
        let mut versions: Vec<String> = records.iter().flat_map(|record| record.versions.iter()).map(str::to_owned).collect();
        versions.sort_unstable();
        versions.dedup();
        let numbers: HashMap<&str, u32> = versions.iter().map(String::as_str).zip(0..).collect();
        let listed = |record: &Record| runs(record.versions.iter().filter_map(|version| numbers.get(version).copied()).collect());
        let runs = records.iter().map(listed).collect();
        for record in &mut records {
            record.versions = VersionList::default();
        }
        Self { records, versions, runs }
    }
}

/// Adds what lies under a key.
pub(super) fn extend(listings: &mut Listings, key: &str, value: &[u8]) -> Result<(), postcard::Error> {
    let (name, release) = split_key(key);
    let (versions, records) = split(value)?;
    let before = u32::try_from(listings.versions.len()).unwrap_or(u32::MAX);
    listings.versions.extend(lines(versions).map(str::to_owned));
    let count = u32::try_from(listings.versions.len()).unwrap_or(u32::MAX);
    records.each(&mut |(ranges, runs, rest)| {
        let runs: Runs = postcard::from_bytes(runs)?;
        let runs: Runs = runs.into_iter().map(|(start, length)| (start.saturating_add(before), length)).collect();
        // Runs ascend, so that no few bytes become many versions.
        let ends = runs.iter().map(|(start, length)| start.saturating_add(*length));
        let ascend = runs.iter().skip(1).zip(ends.clone()).all(|((start, _), end)| *start >= end);
        if !ascend || ends.max() > Some(count) {
            return Err(postcard::Error::DeserializeUnexpectedEnd);
        }
        listings.runs.push(runs);
        let (name, release) = (name.to_owned(), release.map(str::to_owned));
        let ranges = ranges.iter().map(Range::to_owned).collect();
        listings.records.push(Record { name, release, ranges, versions: VersionList::default(), ..postcard::from_bytes(rest)? });
        Ok(())
    })
}

/// The name of a package, and its release, out of its key.
fn split_key(key: &str) -> (&str, Option<&str>) {
    key.split_once('\0').map_or((key, None), |(name, release)| (name, Some(release)))
}

/// The records of a value, which lies under a key.
pub(super) fn records(key: &str, value: &[u8]) -> Result<Vec<Record>, postcard::Error> {
    let (name, release) = split_key(key);
    let (versions, records) = split(value)?;
    let versions: Vec<&str> = lines(versions).collect();
    let mut all = Vec::new();
    records.each(&mut |(ranges, runs, rest)| {
        let (mut listed, mut end): (Vec<&str>, u32) = (Vec::new(), 0);
        for (start, length) in postcard::from_bytes::<Runs>(runs)? {
            let run = versions.get(start as usize..start.saturating_add(length) as usize);
            // Runs ascend, so that no few bytes become many versions.
            listed.extend(run.filter(|_| start >= end).ok_or(postcard::Error::DeserializeUnexpectedEnd)?);
            end = start.saturating_add(length);
        }
        all.push(Record {
            name: name.to_owned(),
            release: release.map(str::to_owned),
            ranges: ranges.iter().map(Range::to_owned).collect(),
            versions: listed.into_iter().collect(),
            ..postcard::from_bytes(rest)?
        });
        Ok(())
    })?;
    Ok(all)
}

/// The records of a value, one behind the other.
struct Records<'a> {
    count: usize,
    bytes: &'a [u8],
}

/// The versions of a value, as lines, and its records.
fn split(value: &[u8]) -> Result<(&str, Records<'_>), postcard::Error> {
    let ((versions, count), bytes) = postcard::take_from_bytes::<(&str, usize)>(value)?;
    Ok((versions, Records { count, bytes }))
}

/// What is done with a record.
type Take<'t, 'a> = dyn FnMut(Decoded<'a>) -> Result<(), postcard::Error> + 't;

impl<'a> Records<'a> {
    fn each(self, take: &mut Take<'_, 'a>) -> Result<(), postcard::Error> {
        let mut left = self.bytes;
        for _ in 0..self.count {
            let (record, behind) = postcard::take_from_bytes::<Decoded<'a>>(left)?;
            take(record)?;
            left = behind;
        }
        if left.is_empty() { Ok(()) } else { Err(postcard::Error::DeserializeUnexpectedEnd) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Listings, each_affected, encode, extend, join, records, runs};
    use crate::{
        advisory::Record,
        model::{AdvisoryId, Ecosystem, Event, Grade, Kind, Range, RangeType},
    };

    fn record(id: &str, versions: &[&str]) -> Record {
        let range = Range { range_type: RangeType::Ecosystem, events: vec![Event::Introduced("0".into()), Event::Fixed(id.into())] };
        Record {
            id: AdvisoryId(id.into()),
            group: vec![AdvisoryId(id.into())],
            aliases: Vec::new(),
            upstream: Vec::new(),
            kind: Kind::Vulnerability,
            summary: Some("a text".into()),
            categories: Vec::new(),
            cwes: Vec::new(),
            grade: Grade::default(),
            published: None,
            modified: None,
            release: Some("12".into()),
            name: "a".into(),
            ranges: vec![range],
            versions: versions.iter().collect(),
            functions: Vec::new(),
        }
    }

    proptest! {
        #[test]
        fn what_was_joined_comes_apart(lists in prop::collection::vec(prop::collection::btree_set("[0-9]{1,2}|x", 0..6), 0..5)) {
            let pypi = Ecosystem::new(Ecosystem::PYPI);
            let all: Vec<Record> = lists.iter().enumerate().map(|(at, list)| {
                let mut versions: Vec<&str> = list.iter().map(String::as_str).collect();
                crate::version::listing::sort(&pypi, &mut versions);
                record(&at.to_string(), &versions)
            }).collect();
            let encoded: Vec<Vec<u8>> = all.iter().map(|record| encode(record).expect("encoded")).collect();
            let joined = join(&pypi, &encoded.iter().map(Vec::as_slice).collect::<Vec<_>>()).expect("joined");
            let decoded = records("a\u{0}12", &joined).expect("decoded");
            // What a lookup is told of a record, without decoding it, is what the record says.
            for version in lists.iter().flatten().map(String::as_str).chain(["absent"]) {
                let mut told = Vec::new();
                each_affected(&joined, &|listed| listed == version, &mut |ranges, lists| told.push((ranges.len(), lists()))).expect("decoded");
                let said: Vec<_> = decoded.iter().map(|record| (record.ranges.len(), record.versions.iter().any(|own| own == version))).collect();
                prop_assert_eq!(told, said, "{}", version);
            }
            // Nor is it another thing with the versions told once.
            let mut listings = Listings::default();
            extend(&mut listings, "a\u{0}12", &joined).expect("decoded");
            for (record, runs) in decoded.iter().zip(&listings.runs) {
                let listed = runs.iter().flat_map(|(start, length)| &listings.versions[*start as usize..(start + length) as usize]);
                prop_assert!(listed.map(String::as_str).eq(record.versions.iter()));
            }
            prop_assert_eq!(listings.runs.len(), decoded.len());
            prop_assert_eq!(decoded, all);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let _ = records("a", &bytes);
            let _ = extend(&mut Listings::default(), "a", &bytes);
            let _ = each_affected(&bytes, &|_| true, &mut |_, lists| {
                let _ = lists();
            });
        }
    }

    #[test]
    fn a_mark_of_a_release_is_a_list_of_no_record() {
        let joined = join(&Ecosystem::new("Debian"), &[&[]]).expect("joined");
        assert_eq!(records("\u{0}12", &joined), Ok(Vec::new()));
    }

    #[test]
    fn runs_are_as_few_as_can_be() {
        assert_eq!(runs(vec![4, 0, 1, 5, 4, 9]), [(0, 2), (4, 2), (9, 1)]);
    }
}
