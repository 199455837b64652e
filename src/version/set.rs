//! Sets of versions of Python packages, and their algebra: what a requirement lets in, what an advisory affects, what
//! the two have in common.

use std::fmt;

use super::{Cut, End, Interval, Pep440, cut::Side};

/// A set of versions: spans between cuts, in order and apart from each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionSet {
    spans: Vec<Span>,
}

/// What lies between two cuts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Where it begins; `None`: at the first version that there can be.
    pub lower: Option<Cut>,
    /// Where it ends; `None`: never.
    pub upper: Option<Cut>,
}

impl Span {
    /// Whether a version lies in it.
    #[must_use]
    pub fn contains(&self, version: &Pep440) -> bool {
        self.lower.as_ref().is_none_or(|lower| !lower.is_above(version)) && self.upper.as_ref().is_none_or(|upper| upper.is_above(version))
    }

    /// Whether it is one version, with its local versions or without.
    #[must_use]
    pub fn is_one_version(&self) -> bool {
        let (Some(lower), Some(upper)) = (&self.lower, &self.upper) else { return false };
        lower.side == Side::Before && matches!(upper.side, Side::After | Side::AfterLocals) && lower.version == upper.version
    }

    /// A version that lies in it, if one can: the first, or one near to it. `finals`: it must be no pre-release.
    #[must_use]
    pub fn witness(&self, finals: bool) -> Option<Pep440> {
        let first = match &self.lower {
            Some(lower) => lower.version_above(self.upper.as_ref(), finals),
            None if finals => Pep440(pep440_rs::Version::new([0])),
            None => Pep440(pep440_rs::Version::new([0]).with_dev(Some(0))),
        };
        self.contains(&first).then_some(first)
    }
}

impl VersionSet {
    /// No version.
    pub const EMPTY: Self = Self { spans: Vec::new() };

    /// Every version.
    #[must_use]
    pub fn all() -> Self {
        Self { spans: vec![Span { lower: None, upper: None }] }
    }

    /// What lies between two cuts; `None` is an open end.
    #[must_use]
    pub fn between(lower: Option<Cut>, upper: Option<Cut>) -> Self {
        let nothing = matches!((&lower, &upper), (Some(lower), Some(upper)) if lower >= upper);
        Self { spans: if nothing { Vec::new() } else { vec![Span { lower, upper }] } }
    }

    /// What an advisory means by naming a version: with a local part this very one, else also its local versions.
    #[must_use]
    pub fn named(version: &Pep440) -> Self {
        Self::between(Some(Cut::new(version.clone(), Side::Before)), Some(through(version)))
    }

    /// The affected versions of these intervals.
    #[must_use]
    pub fn of_intervals(intervals: &[Interval<Pep440>]) -> Self {
        let span = |interval: &Interval<Pep440>| {
            let lower = interval.start.clone().map(|start| Cut::new(start, Side::Before));
            let upper = match &interval.end {
                End::Never => None,
                End::Before(end) => Some(Cut::new(end.clone(), Side::Before)),
                End::Through(end) => Some(through(end)),
            };
            Self::between(lower, upper)
        };
        Self::union_of(intervals.iter().map(span))
    }

    /// The spans, in order.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// Whether a version is in the set.
    #[must_use]
    pub fn contains(&self, version: &Pep440) -> bool {
        let ended = self.spans.partition_point(|span| span.upper.as_ref().is_some_and(|upper| !upper.is_above(version)));
        self.spans.get(ended).is_some_and(|span| span.contains(version))
    }

    /// A version in the set, if there can be one: the first, or one near to it. `finals`: it must be no pre-release.
    #[must_use]
    pub fn witness(&self, finals: bool) -> Option<Pep440> {
        self.spans.iter().find_map(|span| span.witness(finals))
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut a, mut b) = (self.spans.iter().peekable(), other.spans.iter().peekable());
        let mut spans = Vec::new();
        while let (Some(left), Some(right)) = (a.peek(), b.peek()) {
            // `None` sorts first, which is what an open lower end means.
            let lower = left.lower.clone().max(right.lower.clone());
            let left_ends = ends_first(left.upper.as_ref(), right.upper.as_ref());
            let upper = if left_ends { left.upper.clone() } else { right.upper.clone() };
            spans.extend(Self::between(lower, upper).spans);
            if left_ends {
                a.next()
            } else {
                b.next()
            };
        }
        Self { spans }
    }

    /// What is in neither.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut spans = Vec::new();
        let mut lower = None;
        for span in &self.spans {
            if span.lower.is_some() {
                spans.push(Span { lower: lower.take(), upper: span.lower.clone() });
            }
            match &span.upper {
                Some(upper) => lower = Some(upper.clone()),
                None => return Self { spans },
            }
        }
        spans.push(Span { lower, upper: None });
        Self { spans }
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.intersection(&other.complement())
    }

    /// What is in any of these.
    #[must_use]
    pub fn union_of(sets: impl IntoIterator<Item = Self>) -> Self {
        let mut all: Vec<Span> = sets.into_iter().flat_map(|set| set.spans).collect();
        all.sort_by(|a, b| a.lower.cmp(&b.lower));
        let mut spans: Vec<Span> = Vec::with_capacity(all.len());
        for span in all {
            match spans.last_mut() {
                // They overlap, or one begins where the other ends.
                Some(last) if last.upper.is_none() || span.lower <= last.upper => {
                    if !ends_first(span.upper.as_ref(), last.upper.as_ref()) {
                        last.upper = span.upper;
                    }
                }
                _ => spans.push(span),
            }
        }
        Self { spans }
    }
}

impl From<Span> for VersionSet {
    fn from(span: Span) -> Self {
        Self { spans: vec![span] }
    }
}

/// The cut behind all that a bound means.
fn through(version: &Pep440) -> Cut {
    Cut::new(version.clone(), if version.0.is_local() { Side::After } else { Side::AfterLocals })
}

/// Whether the first of two upper ends is not above the other; `None` is above all.
fn ends_first(a: Option<&Cut>, b: Option<&Cut>) -> bool {
    match (a, b) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(a), Some(b)) => a <= b,
    }
}

impl fmt::Display for Span {
    /// As specifiers, for people: `>=3.9.0,<3.9.2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lower = self.lower.as_ref().map(|cut| match cut.side {
            Side::Before => format!(">={}", plain(&cut.version)),
            Side::After | Side::AfterLocals | Side::AfterPosts => format!(">{}", cut.version),
        });
        let upper = self.upper.as_ref().map(|cut| match cut.side {
            Side::Before => format!("<{}", plain(&cut.version)),
            Side::After | Side::AfterLocals | Side::AfterPosts => format!("<={}", cut.version),
        });
        match (lower, upper) {
            _ if self.is_one_version() => write!(f, "=={}", self.lower.as_ref().map_or(String::new(), |cut| cut.version.to_string())),
            (Some(lower), Some(upper)) => write!(f, "{lower},{upper}"),
            (Some(one), None) | (None, Some(one)) => f.write_str(&one),
            (None, None) => f.write_str("any version"),
        }
    }
}

impl fmt::Display for VersionSet {
    /// As specifiers, for people; where there are many spans, the first few.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const FEW: usize = 4;
        let shown: Vec<String> = self.spans.iter().take(FEW).map(ToString::to_string).collect();
        f.write_str(if shown.is_empty() { "no version" } else { "" })?;
        f.write_str(&shown.join(" or "))?;
        if self.spans.len() > FEW { write!(f, " and {} more", self.spans.len() - FEW) } else { Ok(()) }
    }
}

/// `1.4.dev0`, where `1.4` begins, as `1.4`.
fn plain(version: &Pep440) -> String {
    let is_first = version.0.dev() == Some(0) && version.0.pre().is_none() && version.0.post().is_none();
    if is_first { version.0.clone().with_dev(None).to_string() } else { version.to_string() }
}
