//! `overdue policy show [FILE]`: what was understood of a file, or what holds in the end.

use std::fs;

use super::{
    files::{Loaded, layered, read},
    find::{Side, find, read_found},
};
use crate::{
    cli::{
        Exit,
        args::{Global, PolicyFormat, PolicyShowArgs},
        exit::Failure,
        output::print,
        scan::view,
    },
    policy::Reading,
    report::policies::Shown,
    tree::names::way,
};

/// Shows a policy.
///
/// # Errors
/// When it cannot be read or is none.
pub(super) fn run(args: &PolicyShowArgs, global: &Global) -> Result<Exit, Failure> {
    let mut bytes = Vec::new();
    let mut write = |shown: &Shown<'_>| match args.format {
        PolicyFormat::Table => shown.table(&view(args.width, global), &mut bytes),
        PolicyFormat::Json => shown.json(&mut bytes),
    };
    let written = if let Some(file) = args.file.as_ref().filter(|file| !file.is_dir()) {
        let loaded = read(file)?;
        let faults = vec![(None, loaded.reading())];
        let config = loaded.config();
        let exploited = config.and_then(|config| config.stated.exploited.as_ref());
        let sources = std::slice::from_ref(loaded.source());
        write(&Shown { sources, reading: loaded.reading(), effective: false, exploited, config, faults })
    } else {
        let folder = args.file.as_deref().unwrap_or(".".as_ref());
        let found = find(&Side::Disk, folder)?;
        let loaded = read_found(&Side::Disk, &found)?;
        let layered = layered(loaded.clone());
        let here = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let policy = layered.policy(&layered.sections_at(&way(&found.folder, &here)));
        let faults = loaded.iter().map(|loaded| (loaded.source().file().map(|(path, _)| path), loaded.reading())).collect();
        let placeholder = loaded.iter().any(|loaded| loaded.reading().placeholder);
        let reading = Reading { placeholder, ..policy.reading() };
        let config = loaded.iter().find_map(Loaded::config);
        write(&Shown { sources: &policy.sources, reading: &reading, effective: true, exploited: policy.exploited.as_ref(), config, faults })
    };
    written.map_err(|error| Failure::usage(format!("cannot write the policy: {error}")))?;
    print(&bytes).map(|()| Exit::Success)
}
