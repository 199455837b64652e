//! `.trivyignore` of Trivy: one identifier a line, of whatever Trivy finds.
//!
//! Trivy takes the first word of a line, looks for an `exp:` among the others and passes over the rest; it knows no
//! comments behind an identifier, so that any words will do for one.

use super::{
    advisory_id::{is_known, is_word},
    day::day,
    entry::{Entry, ImportError, Imported},
    importer::Importer,
    words::{both, remark, shown},
};

/// Trivy's list.
pub struct Trivyignore;

impl Importer for Trivyignore {
    fn name(&self) -> &'static str {
        "trivy"
    }

    fn recognises(&self, file_name: &str) -> bool {
        matches!(file_name, ".trivyignore" | "trivyignore")
    }

    fn looks_like(&self, text: &str) -> bool {
        let mut firsts =
            text.lines().map(str::trim).filter(|line| !line.starts_with('#')).filter_map(|line| line.split_whitespace().next());
        let is_list = firsts.clone().all(|word| is_word(word) && !word.ends_with(':'));
        is_list && firsts.any(is_known)
    }

    fn import(&self, text: &str) -> Result<Imported, ImportError> {
        let mut imported = Imported::new(self.name());
        let mut above = Above::default();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() {
                above = Above::default();
            } else if line.starts_with('#') {
                above.comment(line);
            } else {
                read(number, line, above.said(), &mut imported);
            }
        }
        Ok(imported)
    }
}

/// The comment above. It speaks of all the lines below it, up to an empty one or the next comment.
#[derive(Default)]
struct Above<'a> {
    lines: Vec<&'a str>,
    /// Whether a line below was read, so that the next comment is another one.
    is_used: bool,
    said: Option<String>,
}

impl<'a> Above<'a> {
    fn comment(&mut self, line: &'a str) {
        if std::mem::take(&mut self.is_used) {
            self.lines.clear();
        }
        self.lines.push(line);
    }

    fn said(&mut self) -> Option<String> {
        if !std::mem::replace(&mut self.is_used, true) {
            self.said = remark(&self.lines);
        }
        self.said.clone()
    }
}

fn read(number: u32, line: &str, above: Option<String>, imported: &mut Imported) {
    let mut fields = line.split_whitespace();
    let Some(id) = fields.next() else { return };
    if !is_known(id) {
        let why = if id.contains('#') {
            "Trivy takes the sign # for a part of the identifier"
        } else {
            "it is no identifier of a vulnerability: a misconfiguration, a secret or a license"
        };
        return imported.leave(number, shown(line), why);
    }
    let expiry = fields.clone().find_map(|field| field.strip_prefix("exp:"));
    // Without leading zeros it is no date to Trivy.
    let expires = expiry.and_then(|text| day(text).filter(|day| day == text));
    if expiry.is_some() && expires.is_none() {
        return imported.leave(number, shown(line), "its date is none, and Trivy passes over the line");
    }
    let mut said = Vec::new();
    let mut is_comment = false;
    for field in fields.filter(|field| !field.starts_with("exp:")) {
        is_comment |= field.starts_with('#');
        if !is_comment && is_known(field) {
            imported.leave(number, shown(field), "it is not the first word of its line, and Trivy reads the first one");
        } else {
            said.push(field);
        }
    }
    let reason = both(above, remark(&[&said.join(" ")]));
    imported.entries.push(Entry { reason, expires, ..Entry::of(id, number) });
}
