//! `overdue ack ID`: a dated entry in `overdue.toml` that says that a vulnerability was answered for.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::{
    Exit, append,
    args::{AckArgs, Global},
    db::at_hand,
    environment,
    exit::Failure,
    output::tell,
    policy,
};
use crate::{
    advisory::Store,
    model::{AdvisoryId, pep503},
    policy::{Response, config::quoted},
    report::phrases::safe,
};

/// Records it.
///
/// # Errors
/// When nothing at hand bears the id, it is recorded already, or the file cannot be written.
pub(super) fn run(args: &AckArgs, global: &Global, store: &Store) -> Result<Exit, Failure> {
    let asked = args.id.trim();
    let (id, ids, names) = known(store, asked)?;
    if let Some(package) = args.package.as_ref().filter(|package| !names.contains(&pep503(package)) && !names.contains(*package)) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let message = format!("{id} says nothing of a package {}", safe(package));
        return Err(Failure::usage(message).hint(format!("it is about {}", names.join(", "))));
    }
    let path: PathBuf = match &args.policy {
        Some(path) => path.clone(),
        None => policy::config_path(Path::new("."))?,
    };
    let shown = path.display();
    if path.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("toml")) {
        return Err(Failure::usage(format!("{shown} is no overdue.toml")).hint("responses are recorded in an overdue.toml: --policy FILE"));
    }
    let own = append::read(&path)?;
    let same = |package: &Option<String>| package == &args.package || package.is_none();
    let is_same = |known: &&Response| ids.contains(&known.id.to_ascii_uppercase()) && same(&known.package);
    let known = own.iter().flat_map(|config| &config.responses).find(is_same);
    if let Some(known) = known {
        return Err(Failure::usage(format!("{id} was answered for on {} ({shown}:{})", known.at.date(), known.line))
            .hint("change that entry, if it is not right"));
    }
    let at = args.at.unwrap_or_else(environment::now);
    if at > environment::now() {
        return Err(Failure::usage(format!("{at} is yet to come")).hint("a response is recorded when it was given"));
    }
    let mut entry = format!("[[responses]]\nid = {}\n", quoted(&id));
    if let Some(package) = &args.package {
        entry.push_str(&format!("package = {}\n", quoted(package)));
    }
    entry.push_str(&format!("at = \"{at}\"\n"));
    if let Some(note) = &args.note {
        entry.push_str(&format!("note = {}\n", quoted(note)));
    }
    append::append(&path, &entry)?;
    if !global.quiet {
        tell(&format!("{shown}: {} was answered for at {at}", safe(&id)));
    }
    Ok(Exit::Success)
}

/// The id as an advisory at hand writes it, all ids of that, in capitals, and the names of the packages that it is about.
fn known(store: &Store, asked: &str) -> Result<(String, BTreeSet<String>, BTreeSet<String>), Failure> {
    let (mut found, mut all, mut names) = (None, BTreeSet::new(), BTreeSet::new());
    for ecosystem in at_hand(store)? {
        let Some(index) = store.open(&ecosystem)? else { continue };
        index.each_record(&mut |record| {
            let ids = || std::iter::once(&record.id).chain(&record.group).chain(&record.aliases).chain(&record.upstream);
            if let Some(id) = ids().find(|id: &&AdvisoryId| id.0.eq_ignore_ascii_case(asked)) {
                found.get_or_insert_with(|| id.0.clone());
                all.extend(ids().map(|id| id.0.to_ascii_uppercase()));
                names.insert(record.name.clone());
            }
        })?;
    }
    let found = found.ok_or_else(|| {
        Failure::usage(format!("nothing at hand bears the id {}", safe(asked)))
            .hint("`overdue db update` brings in newer advisories; `overdue explain ID` tells what is known of one")
    })?;
    Ok((found, all, names))
}
