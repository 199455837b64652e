//! What a caller can choose about the SARIF report.

/// Choices of the SARIF report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SarifOptions {
    /// What `security-severity` says.
    pub score: SarifScore,
    /// Whether excepted findings are in it, as suppressed. GitHub pays no heed to that and shows them as open.
    pub suppressed: bool,
    /// The category, under which code scanning keeps apart what several runs found; `None`: it is made from the
    /// targets; empty: the report has none.
    pub category: Option<String>,
}

/// What `security-severity` says of a finding. Code scanning blocks pull requests by it, not by the level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SarifScore {
    /// The CVSS score, moved into the band of the tier that the policy puts the finding in.
    #[default]
    Policy,
    /// The CVSS score as it is.
    Cvss,
}
