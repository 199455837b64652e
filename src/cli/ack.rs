//! `overdue ack ID`: a dated entry in `overdue.toml` that says that a vulnerability was answered for.

use std::path::{Path, PathBuf};

use super::{
    Exit, append,
    args::{AckArgs, Global},
    db::at_hand,
    environment,
    exit::Failure,
    output::tell,
    policy,
};
use crate::{advisory::Store, model::AdvisoryId, policy::config::quoted, report::phrases::safe};

/// Records it.
///
/// # Errors
/// When nothing at hand bears the id, it is recorded already, or the file cannot be written.
pub(super) fn run(args: &AckArgs, global: &Global, store: &Store) -> Result<Exit, Failure> {
    let asked = args.id.trim();
    let id = known(store, asked)?;
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
    let known = own.iter().flat_map(|config| &config.responses).find(|known| known.id.eq_ignore_ascii_case(&id) && same(&known.package));
    if let Some(known) = known {
        return Err(Failure::usage(format!("{id} was answered for on {} ({shown}:{})", known.at.date(), known.line))
            .hint("change that entry, if it is not right"));
    }
    let at = args.at.unwrap_or_else(environment::now);
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

/// The id as an advisory at hand writes it.
fn known(store: &Store, asked: &str) -> Result<String, Failure> {
    let mut found = None;
    for ecosystem in at_hand(store)? {
        let Some(index) = store.open(&ecosystem)? else { continue };
        index.each_record(&mut |record| {
            let mut ids = std::iter::once(&record.id).chain(&record.group).chain(&record.aliases).chain(&record.upstream);
            if found.is_none() {
                found = ids.find(|id: &&AdvisoryId| id.0.eq_ignore_ascii_case(asked)).map(|id| id.0.clone());
            }
        })?;
    }
    found.ok_or_else(|| {
        Failure::usage(format!("nothing at hand bears the id {asked}"))
            .hint("`overdue db update` brings in newer advisories; `overdue explain ID` tells what is known of one")
    })
}
