//! What was not looked at, and what limits left out, as notifications of the tool.

use super::{
    log::{Notification, Reference, SarifLocation, Text},
    places,
};
use crate::{
    model::unchecked::Why,
    report::{
        Report, configuration,
        phrases::{self, LONGEST_TEXT, shorten},
        places::Places,
        unlooked,
    },
};

/// More than this many are counted, not listed: they share the file's 10 MB with the results.
const MOST: usize = 1000;

/// The notifications of a report: `notices` first, then what was not checked, then what was passed over.
pub(super) fn notifications(report: &Report, files: &Places<'_>, notices: &[String]) -> Vec<Notification> {
    let mut all: Vec<Notification> = notices.iter().map(|text| notification("limit", "warning", text, None)).collect();
    all.extend(report.data.iter().filter(|data| data.stale).map(|data| {
        let text = format!("The advisories are too old to rely on: {}.", phrases::data(data, report.as_of));
        notification("stale-advisories", "warning", &text, None)
    }));
    all.extend(report.checks.iter().map(|check| {
        let file = check.path.as_deref().filter(|path| !path.starts_with("..") && !path.starts_with('/'));
        let text = format!("{}. Cure: {}.", configuration::sentence(check), check.cure);
        notification(check.kind.as_str(), "warning", &text, file.map(|file| places::location(file, check.line)))
    }));
    let unchecked = report.unchecked_files_first().map(|placed| {
        let item = &placed.item;
        let file = files.file(placed.target, &item.path);
        let place = file.as_deref().unwrap_or(&item.path);
        let subject = if place.ends_with(&item.subject) { String::new() } else { format!("{} in ", item.subject) };
        let text =
            format!("Not checked: {subject}{place} ({}): {}{}.", item.reason.phrase(), item.detail, unlooked::accepted(report, placed));
        let level = if report.accepted.contains_key(placed) { "note" } else { "warning" };
        notification(item.reason.as_str(), level, &text, file.as_deref().map(|file| places::location(file, item.line)))
    });
    let passed_over = passed_over(report).map(|placed| {
        let file = files.file(placed.target, &placed.item.path);
        let text = format!("Passed over: {} ({}).", file.as_deref().unwrap_or(&placed.item.path), placed.item.reason);
        notification("skipped", "note", &text, None)
    });
    all.extend(unchecked.chain(passed_over).take(MOST));
    all
}

/// Says how many things are not listed, if any.
pub(super) fn unlisted(report: &Report) -> Option<String> {
    let more = (report.unchecked.len() + passed_over(report).count()).checked_sub(MOST).filter(|more| *more > 0)?;
    Some(format!("{more} more things were not checked or passed over than are listed here; they are in the other reports."))
}

fn passed_over(report: &Report) -> impl Iterator<Item = &crate::report::Placed<crate::model::Skipped>> {
    report.skipped.iter().filter(|placed| placed.item.why != Why::Usual)
}

fn notification(id: &str, level: &'static str, text: &str, location: Option<SarifLocation>) -> Notification {
    let message = Text { text: phrases::safe(&shorten(text, LONGEST_TEXT)) };
    Notification { descriptor: Reference { id: id.to_owned() }, level, message, locations: location.into_iter().collect() }
}
