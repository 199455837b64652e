//! Where a record's grade comes from: its own CVSS, then its alias group's, then its `upstream` records', then a
//! label. Worked out once, at import, so that a scan only reads it.

use std::collections::HashMap;

use crate::{
    model::{Advisory, AdvisoryId, Affected, Grade, Statement},
    severity::{Rating, RefusedVector, best_score},
};

/// Everything that can grade, by id: of each record only what it says of how bad it is.
#[derive(Default)]
pub struct Grades {
    by_id: HashMap<AdvisoryId, Advisory>,
}

impl Grades {
    /// Takes in a record, if it says anything.
    pub fn add(&mut self, record: &Advisory) {
        let says = |statement: &Statement| !statement.cvss.is_empty() || statement.label.is_some();
        if !says(&record.statement) && !record.affected.iter().any(|affected| says(&affected.statement)) {
            return;
        }
        let bare = |affected: &Affected| Affected {
            statement: affected.statement.clone(),
            ..Affected::new(affected.ecosystem.clone(), affected.name.clone())
        };
        let affected = record.affected.iter().filter(|affected| says(&affected.statement)).map(bare).collect();
        self.by_id.insert(record.id.clone(), Advisory { affected, summary: None, ..record.clone() });
    }

    /// The grade of what a record says of one package, and the vectors that were refused on the way.
    ///
    /// What a record states in the very entry goes before what it states of all of them; entries about other versions
    /// do not count. Of another record, which may say it in several entries, the gravest about the package counts.
    #[must_use]
    pub fn of(&self, record: &Advisory, affected: &Affected, group: &[AdvisoryId]) -> (Grade, Vec<RefusedVector>) {
        let mut refused = Vec::new();
        // Most records are graded by the first of these, and need not look for the others.
        let sources = || {
            let own = [&affected.statement, &record.statement].map(|statement| (&record.id, vec![statement]));
            let others = group.iter().filter(|id| **id != record.id).chain(&record.upstream).filter_map(|id| self.by_id.get(id));
            own.into_iter().chain(others.flat_map(|other| {
                let same = other.affected.iter().filter(|own| own.ecosystem == affected.ecosystem && own.name == affected.name);
                [same.map(|own| &own.statement).collect(), vec![&other.statement]].map(|statements| (&other.id, statements))
            }))
        };
        for (source, statements) in sources() {
            let scored = statements.iter().filter_map(|statement| {
                let (best, bad) = best_score(&statement.cvss);
                refused.extend(bad);
                best
            });
            if let Some((tenths, vector)) = scored.max_by_key(|(tenths, _)| *tenths) {
                let grade = Grade { score: Some(tenths), vector: Some(vector.to_owned()), label: None, source: Some(source.clone()) };
                return (grade, refused);
            }
        }
        let labelled = sources().find_map(|(source, statements)| {
            let labels = statements.iter().filter_map(|statement| statement.label.as_ref());
            let label = labels.filter(|label| Rating::of_label(label).is_some()).min_by_key(|label| Rating::of_label(label))?;
            Some(Grade { score: None, vector: None, label: Some(label.clone()), source: Some(source.clone()) })
        });
        (labelled.unwrap_or_default(), refused)
    }
}

#[cfg(test)]
mod tests {
    use super::Grades;
    use crate::{
        advisory::{AdvisorySource, Contents, osv::Osv},
        model::{Advisory, AdvisoryId, Affected, Ecosystem},
    };

    fn record(json: &str) -> Advisory {
        match Osv.read("x.json", json.as_bytes()) {
            Ok(Contents::Advisory(record)) => record.advisory,
            other => panic!("{other:?}"),
        }
    }

    fn grades(records: &[&Advisory]) -> Grades {
        let mut grades = Grades::default();
        for record in records {
            grades.add(record);
        }
        grades
    }

    fn package() -> Affected {
        Affected::new(Ecosystem::crates_io(), "a")
    }

    #[test]
    fn what_is_said_of_the_package_goes_first() {
        let own = record(
            r#"{"id":"GHSA-1","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}],"affected":[
                {"package":{"ecosystem":"crates.io","name":"a"},"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]},
                {"package":{"ecosystem":"crates.io","name":"b"},"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"}]},
                {"package":{"ecosystem":"npm","name":"c"}}]}"#,
        );
        let grades = grades(&[&own]);
        let scores: Vec<_> = own.affected.iter().map(|affected| grades.of(&own, affected, &[]).0.score).collect();
        assert_eq!(scores, [Some(98), Some(18), Some(62)]);
    }

    const HIGH: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H";

    #[test]
    fn an_entry_about_other_versions_does_not_count() {
        let entry = |vector: &str| {
            format!(r#"{{"package":{{"ecosystem":"crates.io","name":"a"}},"severity":[{{"type":"CVSS_V3","score":"{vector}"}}]}}"#)
        };
        let low = "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N";
        for entries in [[low, HIGH], [HIGH, low]] {
            let json = format!(r#"{{"id":"GHSA-1","affected":[{},{}]}}"#, entry(entries[0]), entry(entries[1]));
            let own = record(&json);
            let scores: Vec<_> = own.affected.iter().map(|affected| grades(&[&own]).of(&own, affected, &[]).0.vector).collect();
            assert_eq!(scores, entries.map(|vector| Some(vector.to_owned())));
            // For another record of the group it cannot be told which of them is meant: the gravest.
            let other = record(r#"{"id":"RUSTSEC-1","aliases":["GHSA-1"]}"#);
            let group = [AdvisoryId("RUSTSEC-1".into()), AdvisoryId("GHSA-1".into())];
            assert_eq!(grades(&[&own, &other]).of(&other, &package(), &group).0.score, Some(75));
        }
    }

    #[test]
    fn the_source_is_the_nearest_record_with_a_usable_vector() {
        let own = record(
            r#"{"id":"RUSTSEC-1","aliases":["GHSA-1"],"upstream":["CVE-9"],"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N"}]}"#,
        );
        let alias = record(&format!(
            r#"{{"id":"GHSA-1","severity":[{{"type":"CVSS_V3","score":"{HIGH}"}}],"database_specific":{{"severity":"LOW"}}}}"#
        ));
        let group = [AdvisoryId("RUSTSEC-1".into()), AdvisoryId("GHSA-1".into())];

        let (grade, refused) = grades(&[&own, &alias]).of(&own, &package(), &group);
        assert_eq!((grade.score, grade.source), (Some(75), Some(AdvisoryId("GHSA-1".into()))));
        assert_eq!(refused.len(), 1);

        let upstream = record(&format!(r#"{{"id":"CVE-9","severity":[{{"type":"CVSS_V3","score":"{HIGH}"}}]}}"#));
        let (grade, _) = grades(&[&own, &upstream]).of(&own, &package(), &group);
        assert_eq!(grade.source, Some(AdvisoryId("CVE-9".into())));

        let labelled = record(r#"{"id":"GHSA-1","database_specific":{"severity":"MODERATE"}}"#);
        let (grade, _) = grades(&[&own, &labelled]).of(&own, &package(), &group);
        assert_eq!((grade.score, grade.label.as_deref()), (None, Some("moderate")));

        assert_eq!(grades(&[&own]).of(&own, &package(), &group).0.source, None);
    }
}
