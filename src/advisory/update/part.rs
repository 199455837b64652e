//! One source of an index: is there anything new, and if so, all of it or only the records that changed.

use std::{
    collections::BTreeMap,
    io::BufReader,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::{
    UpdateError,
    belief::older_list,
    list::{self, Differences, Modified},
};
use crate::{
    advisory::{
        AdvisorySource, Contents, SourceRecord,
        osv::Osv,
        sync::{Base, Body, Content, Expected, Fetched, Location, Progress, Transport, TransportError, Validators},
    },
    model::{Advisory, Ecosystem, Timestamp},
};

/// Up to so many changed records are fetched one by one.
const MOST_SINGLE: usize = 200;
/// How many are fetched at a time.
const AT_A_TIME: usize = 8;

const ZIP: Expected = Expected { kind: Content::Zip, most_bytes: 8 << 30 };
const LIST: Expected = Expected { kind: Content::Csv, most_bytes: 1 << 30 };
const RECORD: Expected = Expected { kind: Content::Json, most_bytes: 16 << 20 };
const TARBALL: Expected = Expected { kind: Content::Gzip, most_bytes: 1 << 30 };

/// A record that was fetched by itself: its id, and what it says.
pub type Single = (String, Result<SourceRecord, String>);

/// What of a source is new.
#[derive(Debug)]
pub enum Part {
    /// Nothing.
    Unchanged,
    /// The source is not there.
    Missing,
    /// The records under these ids (sorted), or why one cannot be read.
    Some(Vec<Single>),
    /// All of it.
    Whole(Body),
}

/// Asks servers, and remembers what they say for the next time.
pub struct Asking<'a> {
    /// How.
    pub transport: &'a Transport,
    /// Who watches.
    pub progress: &'a dyn Progress,
    /// The present moment.
    pub now: Timestamp,
    /// What was said the last time; nothing where there is no index that it was about.
    pub known: BTreeMap<String, Validators>,
    /// What is said now.
    pub said: BTreeMap<String, Validators>,
}

impl<'a> Asking<'a> {
    /// One that has asked nothing yet; `known` is what was said the last time.
    #[must_use]
    pub fn new(transport: &'a Transport, progress: &'a dyn Progress, now: Timestamp, known: BTreeMap<String, Validators>) -> Self {
        Self { transport, progress, now, known, said: BTreeMap::new() }
    }

    /// The export of an ecosystem. `at_hand` reads what of it the index has, and is only asked when it counts.
    ///
    /// # Errors
    /// When a server cannot be asked, or answers with nonsense.
    pub fn export(
        &mut self,
        base: &Base,
        ecosystem: &Ecosystem,
        at_hand: &dyn Fn() -> Result<Option<Modified>, UpdateError>,
    ) -> Result<Part, UpdateError> {
        let at = |file: &str| base.join(&[ecosystem.as_str(), file]);
        let (zip, list) = (at("all.zip"), at("modified_id.csv"));
        // What the list says has changed, where the archive is asked all the same.
        let mut beside = None;
        if self.known.contains_key(&zip.to_string()) {
            match self.ask(&list, &LIST)? {
                // Without a list only the archive itself can say.
                Fetched::Missing => {}
                Fetched::Unchanged => {
                    self.keep(&zip);
                    return Ok(Part::Unchanged);
                }
                Fetched::Body(body) => {
                    let listed = read_list(&list, &body)?;
                    match self.by_list(&listed, ecosystem, &at, at_hand)? {
                        ByList::Says(part) => {
                            self.keep(&zip);
                            return Ok(part);
                        }
                        ByList::Asks(changed) => beside = Some((listed, changed)),
                    }
                    // The archive may be older than the list, which is then to be compared again.
                    self.said.remove(&list.to_string());
                }
            }
        }
        Ok(match (self.ask(&zip, &ZIP)?, beside) {
            (Fetched::Body(body), _) => Part::Whole(body),
            (Fetched::Missing, _) => Part::Missing,
            (Fetched::Unchanged, None) => Part::Unchanged,
            (Fetched::Unchanged, Some((listed, changed))) => {
                self.progress.note(&format!("{list} names changes that {zip} does not have yet; the next update asks again"));
                let records = self.singles(&changed, &listed, ecosystem, &at)?;
                records.filter(|records| !records.is_empty()).map_or(Part::Unchanged, Part::Some)
            }
        })
    }

    /// What a list says is new, or that the archive has to be asked.
    fn by_list(
        &mut self,
        listed: &Modified,
        ecosystem: &Ecosystem,
        at: &(dyn Fn(&str) -> Location + Sync),
        at_hand: &dyn Fn() -> Result<Option<Modified>, UpdateError>,
    ) -> Result<ByList, UpdateError> {
        let Some(at_hand) = at_hand()?.filter(|_| !listed.is_empty()) else { return Ok(ByList::Asks(Vec::new())) };
        let name = at("modified_id.csv");
        if let Some(older) = older_list(listed, &at_hand, self.now) {
            self.progress.note(&format!("{name} {older}"));
            return Ok(ByList::Says(Part::Unchanged));
        }
        let Differences { changed, gone } = list::differences(listed, &at_hand);
        if changed.len() > MOST_SINGLE {
            return Ok(ByList::Asks(Vec::new()));
        }
        // A list that was cut off reads like one of fewer records: what is gone, the archive decides.
        if !gone.is_empty() {
            return Ok(ByList::Asks(changed));
        }
        if changed.is_empty() {
            return Ok(ByList::Says(Part::Unchanged));
        }
        // One that is listed and not there, or there and not as listed: the export is being written.
        let records = self.singles(&changed, listed, ecosystem, at)?;
        Ok(records.map_or(ByList::Asks(Vec::new()), |records| ByList::Says(Part::Some(records))))
    }

    /// Fetches records one by one; `None` where one of them is not what was listed.
    fn singles(
        &mut self,
        ids: &[String],
        listed: &Modified,
        ecosystem: &Ecosystem,
        at: &(dyn Fn(&str) -> Location + Sync),
    ) -> Result<Option<Vec<Single>>, UpdateError> {
        let Some(bodies) = self.fetch_all(ids, at)? else { return Ok(None) };
        let records: Vec<Single> = bodies
            .into_iter()
            .map(|(id, body)| {
                let record = read_single(&id, &body);
                (id, record)
            })
            .collect();
        for (id, record) in &records {
            match record {
                Ok(record) if is_as_listed(&record.advisory, listed.get(id).copied(), ecosystem) => {}
                Ok(_) => {
                    self.progress.note(&format!("{} is not as it was listed; the archive is asked", at(&format!("{id}.json"))));
                    return Ok(None);
                }
                // It is to be compared again.
                Err(_) => drop(self.said.remove(&at("modified_id.csv").to_string())),
            }
        }
        Ok(Some(records))
    }

    fn fetch_all(&self, ids: &[String], at: &(dyn Fn(&str) -> Location + Sync)) -> Result<Option<Vec<(String, Body)>>, UpdateError> {
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<(usize, Fetched)>> = Mutex::default();
        let failed: Mutex<Option<TransportError>> = Mutex::default();
        let quiet = Quiet(self.progress);
        self.progress.begin(&format!("{} changed records", ids.len()), None);
        let fetch = || {
            while let Some(id) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
                let fetched = match self.transport.fetch(&at(&format!("{id}.json")), &Validators::default(), &RECORD, &quiet) {
                    // One bad record does not hold up the others: the archive has them too.
                    Err(error) if error.cause.is_about_content() => {
                        self.progress.note(&format!("{error}; the whole archive is fetched"));
                        Ok(Fetched::Missing)
                    }
                    fetched => fetched,
                };
                match fetched {
                    Ok(fetched) => {
                        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                        let position = ids.binary_search(id).unwrap_or_default();
                        done.push((position, fetched));
                    }
                    Err(error) => {
                        *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                        next.store(ids.len(), Ordering::Relaxed);
                    }
                }
            }
        };
        thread::scope(|scope| (0..AT_A_TIME.min(ids.len())).for_each(|_| drop(scope.spawn(fetch))));
        self.progress.end();
        if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error.into());
        }
        let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.sort_by_key(|(position, _)| *position);
        let body = |(position, fetched): (usize, Fetched)| match fetched {
            Fetched::Body(body) => Some((ids[position].clone(), body)),
            Fetched::Unchanged | Fetched::Missing => None,
        };
        Ok(done.into_iter().map(body).collect())
    }

    /// The RustSec database's tarball.
    ///
    /// # Errors
    /// As [`Asking::resource`].
    pub fn tarball(&mut self, location: &Location) -> Result<Part, UpdateError> {
        self.resource(location, &TARBALL)
    }

    /// A resource that is fetched whole if it is new.
    ///
    /// # Errors
    /// When a server cannot be asked, or answers with nonsense.
    pub fn resource(&mut self, location: &Location, expected: &Expected) -> Result<Part, UpdateError> {
        Ok(match self.ask(location, expected)? {
            Fetched::Unchanged => Part::Unchanged,
            Fetched::Missing => Part::Missing,
            Fetched::Body(body) => Part::Whole(body),
        })
    }

    fn ask(&mut self, location: &Location, expected: &Expected) -> Result<Fetched, UpdateError> {
        let name = location.to_string();
        let known = self.known.get(&name).cloned().unwrap_or_default();
        let fetched = self.transport.fetch(location, &known, expected, self.progress)?;
        match &fetched {
            Fetched::Body(body) => drop(self.said.insert(name, body.validators.clone())),
            Fetched::Unchanged => self.keep(location),
            Fetched::Missing => {}
        }
        Ok(fetched)
    }

    /// What is known of a location stays known.
    fn keep(&mut self, location: &Location) {
        let name = location.to_string();
        if let Some(known) = self.known.get(&name) {
            self.said.insert(name, known.clone());
        }
    }
}

/// What a list comes to.
enum ByList {
    /// All that there is to know.
    Says(Part),
    /// The archive has to be asked. These records have changed in any case.
    Asks(Vec<String>),
}

fn read_list(list: &Location, body: &Body) -> Result<Modified, UpdateError> {
    let unreadable = |error: std::io::Error| UpdateError::List { location: list.to_string(), cause: error.to_string() };
    list::read(BufReader::new(body.file.as_file())).map_err(unreadable)
}

fn read_single(id: &str, body: &Body) -> Result<SourceRecord, String> {
    let bytes = std::fs::read(body.file.path()).map_err(|error| error.to_string())?;
    match Osv.read(&format!("{id}.json"), &bytes)? {
        Contents::Advisory(record) if record.advisory.id.0 == id => Ok(*record),
        Contents::Advisory(record) => Err(format!("it is about {}", record.advisory.id)),
        Contents::Cves(_) => Err("not an OSV record".to_owned()),
    }
}

/// Whether a record is what its line in the list promised: not an older one, and still about the ecosystem.
fn is_as_listed(advisory: &Advisory, listed: Option<Timestamp>, ecosystem: &Ecosystem) -> bool {
    let is_about = advisory.affected.is_empty() || advisory.affected.iter().any(|affected| affected.ecosystem.base() == *ecosystem);
    advisory.modified >= listed && is_about
}

/// Passes on what should be told, and not the bytes of many small bodies at once.
struct Quiet<'a>(&'a dyn Progress);

impl Progress for Quiet<'_> {
    fn begin(&self, _what: &str, _total: Option<u64>) {}

    fn advance(&self, bytes: u64) {
        self.0.advance(bytes);
    }

    fn end(&self) {}

    fn note(&self, line: &str) {
        self.0.note(line);
    }
}
