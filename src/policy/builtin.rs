//! The policy of a project that states none: ours, and said to be ours in every report.

use super::{
    Calendar, Deadline, Deadlines, ExploitedRule, GateRules, Judging, Policy, PolicySource, Stage, Tier, TierRow, deadline::Origin,
};

/// Days to fix, by tier.
const DAYS: [(Tier, u32); 4] = [(Tier::Critical, 7), (Tier::High, 30), (Tier::Medium, 90), (Tier::Low, 180)];

/// Days to fix what is known to be exploited, from the day that this became known.
const EXPLOITED_DAYS: u32 = 14;

/// Critical within 7 days, high 30, medium 90, low 180; the usual CVSS bounds; no deadline for a response. What is known
/// to be exploited within 14 days of that, if its tier does not want it earlier.
#[must_use]
pub fn builtin() -> Policy {
    let row = |(tier, days): (Tier, u32)| {
        let fix = Deadline::within(days * 24, format!("{days} days"), None, Origin::Builtin);
        TierRow { deadlines: Deadlines::from([(Stage::Fix, fix)]), ..TierRow::silent(tier) }
    };
    let fix = Deadline::within(EXPLOITED_DAYS * 24, format!("{EXPLOITED_DAYS} days"), None, Origin::Builtin);
    Policy {
        sources: vec![PolicySource::Builtin],
        scope: None,
        tiers: DAYS.into_iter().map(row).collect(),
        general: Deadlines::new(),
        rules: Vec::new(),
        supported_versions: Vec::new(),
        versions_path: None,
        exploited: Some(ExploitedRule { tier: None, fix: Some(fix) }),
        judging: Judging::default(),
        calendar: Calendar::default(),
        gate: GateRules::default(),
        elsewhere: Vec::new(),
        exceptions: Vec::new(),
        accepted: Vec::new(),
        responses: Vec::new(),
        private_indexes: Vec::new(),
        max_db_age: None,
    }
}
