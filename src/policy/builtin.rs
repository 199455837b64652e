//! The policy of a project that states none: ours, and said to be ours in every report.

use std::collections::BTreeMap;

use super::{Deadline, ExploitedRule, GateRules, Policy, PolicySource, Stage, Tier, TierRow, deadline::Origin};

/// Days to fix, by tier.
const DAYS: [(Tier, u32); 4] = [(Tier::Critical, 7), (Tier::High, 30), (Tier::Medium, 90), (Tier::Low, 180)];

/// Days to fix what is known to be exploited, from the day that this became known.
const EXPLOITED_DAYS: u32 = 14;

/// Critical within 7 days, high 30, medium 90, low 180; the usual CVSS bounds; no deadline for a response. What is known
/// to be exploited within 14 days of that, if its tier does not want it earlier.
#[must_use]
pub fn builtin() -> Policy {
    let row = |(tier, days): (Tier, u32)| {
        let fix = Deadline { limit_hours: days * 24, text: format!("{days} days"), line: None, origin: Origin::Builtin };
        TierRow { tier, bounds: tier.default_bounds(), line: None, deadlines: BTreeMap::from([(Stage::Fix, fix)]) }
    };
    let fix = Deadline { limit_hours: EXPLOITED_DAYS * 24, text: format!("{EXPLOITED_DAYS} days"), line: None, origin: Origin::Builtin };
    Policy {
        sources: vec![PolicySource::Builtin],
        tiers: DAYS.into_iter().map(row).collect(),
        exploited: Some(ExploitedRule { tier: None, fix: Some(fix) }),
        gate: GateRules::default(),
        elsewhere: Vec::new(),
    }
}
