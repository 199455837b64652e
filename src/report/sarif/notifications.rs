//! What was not looked at, and what limits left out, as notifications of the tool.

use super::{
    log::{Notification, Reference, Text},
    places,
};
use crate::{
    model::unchecked::Why,
    report::{Report, phrases, places::Places},
};

/// More than this many are counted, not listed: they share the file's 10 MB with the results.
const MOST: usize = 1000;

/// The notifications of a report: `notices` first, then what was not checked, then what was passed over.
pub(super) fn notifications(report: &Report, files: &Places<'_>, notices: &[String]) -> Vec<Notification> {
    let mut all: Vec<Notification> = notices.iter().map(|text| notification("limit", "warning", text)).collect();
    all.extend(report.data.iter().filter(|data| data.stale).map(|data| {
        let text = format!("The advisories are too old to rely on: {}.", phrases::data(data, report.as_of));
        notification("stale-advisories", "warning", &text)
    }));
    let unchecked = report.unchecked.iter().map(|placed| {
        let item = &placed.item;
        let text = format!("Not checked: {} ({}): {}.", item.subject, item.reason.phrase(), item.detail);
        let locations = files.file(placed.target, &item.path).map(|file| places::location(&file, item.line)).into_iter().collect();
        Notification { locations, ..notification(item.reason.as_str(), "warning", &text) }
    });
    let passed_over = report.skipped.iter().filter(|placed| placed.item.why != Why::Usual).map(|placed| {
        let text = format!("Passed over: {} ({}).", placed.item.path, placed.item.reason);
        notification("skipped", "note", &text)
    });
    let (listed, total) = (all.len() + MOST, all.len() + unchecked.len() + passed_over.clone().count());
    all.extend(unchecked.chain(passed_over).take(MOST));
    if total > listed {
        all.push(notification("limit", "warning", &format!("{} more things were not checked or passed over.", total - listed)));
    }
    all
}

fn notification(id: &str, level: &'static str, text: &str) -> Notification {
    let message = Text { text: phrases::safe(text) };
    Notification { descriptor: Reference { id: id.to_owned() }, level, message, locations: Vec::new() }
}
