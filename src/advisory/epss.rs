//! FIRST's exploit prediction scores (EPSS), as their daily CSV: a comment with the model and the day, a heading, a line
//! a CVE.

use super::{AdvisorySource, Contents, SourceCves};
use crate::model::{AdvisoryId, CveFact, CveStatement, Epss as Estimate, Timestamp};

/// The daily scores, one file.
pub struct Epss;

impl AdvisorySource for Epss {
    fn name(&self) -> &'static str {
        "epss"
    }

    fn recognises(&self, path: &str) -> bool {
        // Exports have other tables beside their archives.
        let name = path.rsplit('/').next().unwrap_or(path);
        name.contains("epss") && name.ends_with(".csv")
    }

    fn read(&self, _path: &str, bytes: &[u8]) -> Result<Contents, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| format!("not UTF-8: {error}"))?;
        let mut lines = text.lines().enumerate();
        let (_, comment) = lines.next().ok_or("it is empty")?;
        let date = comment.trim_start_matches('#').split(',').find_map(|part| part.trim().strip_prefix("score_date:"));
        let date = date.ok_or("line 1 names no score_date")?;
        let date = Timestamp::parse(date.trim()).or_else(|_| Timestamp::parse(date.get(..10).unwrap_or(date)));
        let date = date.map_err(|error| format!("line 1: {error}"))?;
        let (mut facts, mut bad) = (Vec::new(), Vec::new());
        for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with("cve,")) {
            match fact(line, date) {
                Some(fact) => facts.push(fact),
                None => bad.push(format!("line {} is no `cve,epss,percentile`", at + 1)),
            }
        }
        if facts.is_empty() {
            Err(bad.into_iter().next().unwrap_or_else(|| "it has no scores".to_owned()))
        } else {
            Ok(Contents::Cves(SourceCves { facts, bad, dated: Some(date) }))
        }
    }
}

fn fact(line: &str, date: Timestamp) -> Option<CveFact> {
    let mut parts = line.trim().split(',');
    let (id, probability, percentile) = (parts.next()?, parts.next()?, parts.next()?);
    let estimate = Estimate { probability: millionths(probability)?, percentile: millionths(percentile)?, date };
    Some(CveFact { id: AdvisoryId::cve(id)?, statement: CveStatement::Epss(estimate) })
}

/// A share between 0 and 1, in millionths.
fn millionths(text: &str) -> Option<u32> {
    let value: f64 = text.trim().parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a million")]
    (0.0..=1.0).contains(&value).then(|| (value * 1e6).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::{AdvisorySource, Epss, millionths};
    use crate::advisory::{Contents, SourceCves};

    #[test]
    fn the_day_and_every_line_are_read() {
        let text = "#model_version:v2025.03.14,score_date:2026-05-18T00:00:00+0000\ncve,epss,percentile\nCVE-2021-1000,0.94231,0.99900\n";
        let Ok(Contents::Cves(SourceCves { facts, .. })) = Epss.read("epss.csv", text.as_bytes()) else { panic!("not read") };
        assert_eq!(facts.len(), 1);
        for text in ["", "cve,epss,percentile\n", "#score_date:2026-05-18\nCVE-1,2,0\n", "#score_date:2026-05-18\nx,0.1,0.1\n"] {
            assert!(Epss.read("epss.csv", text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(millionths("0.00043"), Some(430));
    }
}
