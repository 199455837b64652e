//! What feeds say of a finding's CVEs: its own, its aliases, and those that its records were derived from.

use crate::{
    advisory::{
        IndexError,
        feed::{Feeds, best_vector},
    },
    model::{AdvisoryId, CveStatement, Finding, Grade},
};

/// Completes a finding: a score where no advisory states one, known exploitation, its probability.
///
/// # Errors
/// When a feed is damaged.
pub fn complete(finding: &mut Finding, feeds: &Feeds) -> Result<(), IndexError> {
    let ids = std::iter::once(&finding.id).chain(&finding.aliases).chain(&finding.upstream);
    let cves: Vec<AdvisoryId> = ids.filter_map(|id| AdvisoryId::cve(&id.0)).collect();
    for cve in cves {
        let statements = feeds.about(&cve)?;
        // The nearest CVE that has a score: its own before those that it was derived from.
        if let (None, Some((tenths, vector))) = (finding.grade.score, best_vector(&statements)) {
            finding.grade = Grade { score: Some(tenths), vector: Some(vector.to_owned()), label: None, source: Some(cve) };
        }
        for statement in statements {
            match statement {
                CveStatement::Vector(_) => {}
                CveStatement::Exploited(entry) => {
                    let earlier = finding.exploited.take().filter(|known| known.added <= entry.added);
                    finding.exploited = earlier.or(Some(entry));
                }
                CveStatement::Epss(estimate) => finding.epss = finding.epss.max(Some(estimate)),
            }
        }
    }
    Ok(())
}
