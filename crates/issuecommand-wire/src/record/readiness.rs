//! Whether an issue is handed out, on the wire.

use issuecommand_core::domain::chosen::Ranked;
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::readiness::{NotReady, ReasonCode};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::service::Readiness;
use schemars::JsonSchema;
use serde::Serialize;

use super::why::HindranceRecord;

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
    /// The priority by which it is served; absent for a closed issue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["critical", "high", "medium", "low"]))]
    pub rank: Option<&'static str>,
    /// What names the priority, such as `label urgent`; `none` where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank_source: Option<String>,
    /// `true` where its age made it more urgent than it was named.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub aged: bool,
    /// The agents that it is for, as patterns in which `*` is any text and `?` one character; an agent's name must match one of each
    /// group. Absent where it is for anybody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lane: Vec<Vec<String>>,
    /// What keeps the agent that was asked about from the issue, besides the reasons; absent where nothing does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agent: Vec<HindranceRecord>,
}

/// A reason for which an issue is not handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct ReasonRecord {
    /// Its code.
    #[schemars(extend("enum" = ReasonCode::ALL.map(ReasonCode::as_str)))]
    pub reason: &'static str,
    /// One sentence. Labels and logins in it are texts of GitHub.
    pub message: String,
    /// Whether it also refuses a claim by number. Other reasons only warn.
    pub hard: bool,
}

impl ReadinessRecord {
    /// The record of an issue.
    pub(crate) fn of(repo: &RepoName, number: IssueNumber, readiness: &Readiness) -> Self {
        let Readiness {
            reasons,
            ranked,
            lane,
            agent,
        } = readiness;
        let ranked = ranked.as_ref();
        let owned = |group: Vec<&str>| group.into_iter().map(str::to_owned).collect();
        Self {
            repo: repo.to_string(),
            issue_number: number.get(),
            ready: reasons.is_empty(),
            reasons: reasons.iter().map(ReasonRecord::of).collect(),
            rank: ranked.map(|ranked| ranked.rank.word()),
            rank_source: ranked.map(|ranked| ranked.source.words()),
            aged: ranked.is_some_and(Ranked::is_aged),
            lane: lane.groups().map(owned).collect(),
            agent: agent.iter().map(HindranceRecord::of).collect(),
        }
    }
}

impl ReasonRecord {
    pub(crate) fn of(reason: &NotReady) -> Self {
        Self {
            reason: reason.code().as_str(),
            message: reason.words(),
            hard: reason.code().is_hard(),
        }
    }
}
