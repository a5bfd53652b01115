//! Whether an issue is handed out, on the wire.

use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::readiness::NotReady;
use issuecommand_core::domain::repo_name::RepoName;
use schemars::JsonSchema;
use serde::Serialize;

/// Whether an issue is handed out, and why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReadinessRecord {
    /// `owner/name`.
    pub repo: String,
    /// Its number.
    pub issue_number: i64,
    /// Whether it is handed out: there is no reason against it.
    pub ready: bool,
    /// Everything that stands against it, what must be mended first in front.
    pub reasons: Vec<ReasonRecord>,
}

/// A reason for which an issue is not handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReasonRecord {
    /// Its code.
    #[schemars(extend("enum" = ["closed", "repo_not_offered", "held", "withheld", "assigned", "excluded_label", "missing_label"]))]
    pub reason: &'static str,
    /// One sentence. Labels and logins in it are texts of GitHub.
    pub message: String,
    /// Whether it also refuses a claim by number. Other reasons only warn.
    pub hard: bool,
}

impl ReadinessRecord {
    /// The record of an issue with these reasons.
    pub(crate) fn of(repo: &RepoName, number: IssueNumber, reasons: &[NotReady]) -> Self {
        Self {
            repo: repo.to_string(),
            issue_number: number.get(),
            ready: reasons.is_empty(),
            reasons: reasons.iter().map(ReasonRecord::of).collect(),
        }
    }
}

impl ReasonRecord {
    fn of(reason: &NotReady) -> Self {
        Self {
            reason: reason.code().as_str(),
            message: reason.words(),
            hard: reason.code().is_hard(),
        }
    }
}
