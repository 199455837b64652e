//! From collected records to an index: which are in force, their alias groups, their grades.

use std::{collections::BTreeSet, fs::File, io, path::Path};

use super::{
    Metadata, Record,
    collection::{Collection, Member},
    grade::Grades,
    group::{Groups, Linker},
    index::{
        Origin, Stored,
        entry::{self, key, release_key},
        spill::Spill,
        writer::{self, Packing, Table},
    },
};
use crate::model::{Advisory, AdvisoryId, Affected, Ecosystem, Kind};

/// What an index is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// To be looked up on disk, and to be built upon by the next update.
    OnDisk,
    /// To be embedded in the program: small, and without what its sources state by id.
    Embedded,
}

/// What was made of an ecosystem.
#[derive(Debug)]
pub struct Built {
    /// What the index says of itself, but for its digest.
    pub metadata: Metadata,
    /// CVSS vectors that were refused, as sentences.
    pub refused: BTreeSet<String>,
    /// Records of one id in one source, as sentences.
    pub rivals: Vec<String>,
}

/// Writes the index of an ecosystem to a file. `folder` is where files go that outgrow memory.
///
/// # Errors
/// What the system says.
pub fn build(
    collection: &mut Collection,
    ecosystem: &Ecosystem,
    origin: Origin,
    purpose: Use,
    folder: &Path,
    file: &mut File,
) -> io::Result<Built> {
    let members = collection.members(ecosystem);
    let live: Vec<Member> = members.iter().copied().filter(|member| member.in_force && !member.withdrawn).collect();
    let (groups, grades) = survey(collection, ecosystem, &live)?;
    let mut by_name = Spill::new(folder);
    let mut by_id = Spill::new(folder);
    let (mut refused, mut releases) = (BTreeSet::new(), BTreeSet::new());
    let encode = |member: &Member, advisory: Advisory| encode(member, advisory, &groups, &grades);
    collection.each(ecosystem, &members, &encode, &mut |_, encoded| {
        let Encoded { id, stored, records, releases: named, refused: bad } = encoded?;
        if purpose == Use::OnDisk {
            by_id.push(&id.0, &stored)?;
        }
        refused.extend(bad);
        releases.extend(named);
        records.iter().try_for_each(|(key, bytes)| by_name.push(key, bytes))
    })?;
    drop((groups, grades));
    for release in &releases {
        by_name.push(&release_key(release), &[])?;
    }
    let metadata = metadata(collection, ecosystem, origin, &members);
    let packing = if purpose == Use::OnDisk { Packing::Quick } else { Packing::Small };
    let tables = [
        Table { spill: by_name, packing, join: &|values| entry::join(ecosystem, values) },
        Table { spill: by_id, packing: Packing::Seldom, join: &writer::list },
    ];
    writer::write(file, tables, &|sha256| postcard::to_stdvec(&Metadata { sha256, ..metadata.clone() }).map_err(io::Error::other))?;
    Ok(Built { metadata, refused, rivals: collection.rivals(&members) })
}

/// Links and gathers grades: what must be known of all records before any can be finished.
fn survey(collection: &mut Collection, ecosystem: &Ecosystem, live: &[Member]) -> io::Result<(Groups, Grades)> {
    let (mut linker, mut grades) = (Linker::default(), Grades::default());
    collection.each(ecosystem, live, &|_, advisory| advisory, &mut |_, advisory| {
        linker.add(&advisory);
        grades.add(&advisory);
        Ok(())
    })?;
    Ok((linker.groups(), grades))
}

fn metadata(collection: &Collection, ecosystem: &Ecosystem, origin: Origin, members: &[Member]) -> Metadata {
    let (sources, numbers) = collection.sources_of(ecosystem);
    let (set_aside, set_aside_count) = collection.set_aside_of(ecosystem, &numbers);
    let in_force = || members.iter().filter(|member| member.in_force);
    Metadata {
        ecosystem: ecosystem.clone(),
        records: in_force().count() as u64,
        withdrawn: in_force().filter(|member| member.withdrawn).count() as u64,
        data_date: sources.iter().filter_map(|source| source.data_date).max(),
        // That is remembered beside the index.
        checked_at: None,
        origin,
        sources,
        sha256: String::new(),
        set_aside,
        set_aside_count,
    }
}

/// A record, ready for both tables.
struct Encoded {
    id: AdvisoryId,
    stored: Vec<u8>,
    records: Vec<(String, Vec<u8>)>,
    releases: BTreeSet<String>,
    refused: Vec<String>,
}

fn encode(member: &Member, advisory: Advisory, groups: &Groups, grades: &Grades) -> io::Result<Encoded> {
    let mut encoded =
        Encoded { id: advisory.id.clone(), stored: Vec::new(), records: Vec::new(), releases: BTreeSet::new(), refused: Vec::new() };
    if member.in_force && !member.withdrawn {
        for affected in &advisory.affected {
            let record = record(&advisory, affected, groups, grades, &mut encoded.refused);
            let key = key(&record.name, record.release.as_deref());
            encoded.releases.extend(record.release.clone());
            encoded.records.push((key, entry::encode(&record).map_err(io::Error::other)?));
        }
    }
    encoded.stored = postcard::to_stdvec(&Stored { source: member.source, advisory }).map_err(io::Error::other)?;
    Ok(encoded)
}

fn record(advisory: &Advisory, affected: &Affected, groups: &Groups, grades: &Grades, refused: &mut Vec<String>) -> Record {
    let group = groups.of(&advisory.id).cloned().unwrap_or_default();
    let (grade, bad) = grades.of(advisory, affected, &group.ids);
    refused.extend(bad.iter().map(|bad| format!("{}: {bad}", advisory.id)));
    Record {
        id: advisory.id.clone(),
        group: group.ids,
        aliases: advisory.aliases.clone(),
        upstream: advisory.upstream.clone(),
        kind: kind(advisory, affected),
        summary: advisory.summary.clone(),
        categories: together(&advisory.statement.categories, &affected.statement.categories),
        cwes: together(&advisory.statement.cwes, &affected.statement.cwes),
        grade,
        published: group.published,
        modified: group.modified,
        release: affected.ecosystem.release().map(str::to_owned),
        name: affected.name.clone(),
        ranges: affected.ranges.clone(),
        versions: affected.versions.clone(),
        functions: affected.functions.clone(),
    }
}

/// What a record warns of for one package: the package's own word counts, unless the whole record is about an attack.
fn kind(advisory: &Advisory, affected: &Affected) -> Kind {
    let whole = advisory.statement.kind;
    whole.filter(|kind| *kind == Kind::Malicious).or(affected.statement.kind).or(whole).unwrap_or_default()
}

fn together(a: &[String], b: &[String]) -> Vec<String> {
    a.iter().chain(b).cloned().collect::<BTreeSet<_>>().into_iter().collect()
}
