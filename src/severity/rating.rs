//! Qualitative ratings, as CVSS v3.1 section 5 and v4.0 section 6 band the scores.

use crate::model::Grade;

/// A qualitative severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rating {
    /// 9.0 to 10.0.
    Critical,
    /// 7.0 to 8.9.
    High,
    /// 4.0 to 6.9.
    Medium,
    /// 0.1 to 3.9.
    Low,
    /// 0.0.
    None,
    /// Nobody has graded it.
    Unscored,
}

impl Rating {
    /// The band of a score in tenths.
    #[must_use]
    pub fn of_score(tenths: u8) -> Self {
        match tenths {
            0 => Self::None,
            1..=39 => Self::Low,
            40..=69 => Self::Medium,
            70..=89 => Self::High,
            _ => Self::Critical,
        }
    }

    /// The rating of a label as databases write them; `None` for a word that says nothing about severity.
    #[must_use]
    pub fn of_label(label: &str) -> Option<Self> {
        Some(match label.to_ascii_lowercase().as_str() {
            "critical" => Self::Critical,
            "high" | "important" => Self::High,
            "medium" | "moderate" => Self::Medium,
            // Ubuntu's and Debian's words for what is hardly worth a fix.
            "low" | "minor" | "negligible" | "unimportant" => Self::Low,
            "none" => Self::None,
            _ => return None,
        })
    }

    /// The rating of a grade: by its score, else by its label.
    #[must_use]
    pub fn of_grade(grade: &Grade) -> Self {
        match (grade.score, &grade.label) {
            (Some(tenths), _) => Self::of_score(tenths),
            (None, Some(label)) => Self::of_label(label).unwrap_or(Self::Unscored),
            (None, None) => Self::Unscored,
        }
    }

    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::None => "none",
            Self::Unscored => "unscored",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Rating;

    #[test]
    fn bands_have_exact_borders() {
        for (tenths, rating) in [
            (0, Rating::None),
            (1, Rating::Low),
            (39, Rating::Low),
            (40, Rating::Medium),
            (69, Rating::Medium),
            (70, Rating::High),
            (89, Rating::High),
            (90, Rating::Critical),
            (100, Rating::Critical),
        ] {
            assert_eq!(Rating::of_score(tenths), rating, "{tenths}");
        }
    }
}
