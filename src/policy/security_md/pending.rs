//! Statements that wait until all is read, because only then it is known which tiers "the others" are.

use std::collections::{BTreeMap, BTreeSet};

use super::{clause::Statement, ledger::Ledger, severity::Scope};
use crate::policy::Tier;

/// A statement that waits until it is known which tiers are the others.
pub(super) struct Pending {
    /// The statement.
    pub(super) statement: Statement,
    /// Its line.
    pub(super) line: u32,
    /// Its words.
    pub(super) text: String,
    /// From the narrowest to the widest: the sentence, the block, the list or table, the part under a heading.
    pub(super) within: [usize; 4],
}

/// Now that all is read, it is known which tiers the others are.
pub(super) fn resolve(pending: &[Pending], ledger: &mut Ledger) {
    let named = Named::of(pending);
    for entry in pending {
        let mut statement = entry.statement.clone();
        if statement.scope == Some(Scope::Important) {
            let beside = named.within(2, entry);
            let is_high = beside.contains(&Tier::Critical) && beside.contains(&Tier::Medium) && !beside.contains(&Tier::High);
            statement.scope = Some(if is_high { Scope::Tiers(BTreeSet::from([Tier::High])) } else { Scope::Unknown });
        }
        if statement.scope == Some(Scope::Others) || statement.scope == Some(Scope::Lower) {
            let named = (0..4).map(|level| named.within(level, entry)).find(|named| !named.is_empty());
            let is_lower = statement.scope == Some(Scope::Lower);
            // "The others" of high alone would be the critical ones, too, which nobody means.
            let is_sound = |named: &BTreeSet<Tier>| is_lower || named.contains(&Tier::Critical);
            let lowest = named.as_ref().and_then(|named| named.last().copied());
            let others: BTreeSet<Tier> = Tier::ALL
                .into_iter()
                .filter(|tier| named.as_ref().is_some_and(|named| is_sound(named) && !named.contains(tier)))
                .filter(|tier| !is_lower || lowest.is_some_and(|lowest| *tier > lowest))
                .collect();
            if !others.is_empty() {
                statement.scope = Some(Scope::Tiers(others));
            }
        }
        ledger.state(&statement, entry.line, &entry.text);
    }
}

/// The tiers that are named in each sentence, block, list and part.
struct Named([BTreeMap<usize, BTreeSet<Tier>>; 4]);

impl Named {
    fn of(pending: &[Pending]) -> Self {
        let mut named: [BTreeMap<usize, BTreeSet<Tier>>; 4] = Default::default();
        for entry in pending {
            if let Some(Scope::Tiers(tiers)) = &entry.statement.scope {
                for (level, places) in named.iter_mut().enumerate() {
                    places.entry(entry.within[level]).or_default().extend(tiers);
                }
            }
        }
        Self(named)
    }

    fn within(&self, level: usize, entry: &Pending) -> BTreeSet<Tier> {
        self.0[level].get(&entry.within[level]).cloned().unwrap_or_default()
    }
}
