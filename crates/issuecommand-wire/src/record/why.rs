//! Why an agent gets no issue, on the wire.

use issuecommand_core::domain::chosen::Chosen;
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::service::{Example, Explanation, Hindrance, WhyNot};
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{ApiError, Reason};

/// How many open issues there are for an agent, and why not all are handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct WhyRecord {
    /// Open issues that are for the agent.
    pub considered: u64,
    /// Those that are handed out.
    pub ready: u64,
    /// What stands against the others, what must be mended first in front. Each issue counts once, by the first of its reasons.
    pub reasons: Vec<WhyNotRecord>,
    /// Issues that are handed out to other agents alone; absent where there is none.
    #[serde(skip_serializing_if = "is_zero")]
    pub elsewhere: u64,
    /// What keeps the agent from issues that are ready, or from all; absent where nothing does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agent: Vec<HindranceRecord>,
    /// When the first of the issues that the agent gave back is offered to it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_free_at: Option<String>,
    /// `true` where there are more issues with these labels than were counted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub approximate: bool,
}

/// A reason, and the issues of which it is the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct WhyNotRecord {
    /// The code of the reason.
    #[schemars(extend("enum" = ReasonCode::ALL.map(ReasonCode::as_str)))]
    pub reason: &'static str,
    /// How many issues.
    pub count: u64,
    /// The oldest of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<ExampleRecord>,
}

/// What keeps an agent from issues that are handed out to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct HindranceRecord {
    /// What, as a word. `repo_halted`: work in one repository is paused or drained; `repo_full`: it has as many claims as it may have;
    /// `other_agents`: a route gives the issue to other agents; `cooldown`: the agent gave the issues back a short time ago.
    #[schemars(extend("enum" = ["paused", "at_capacity", "repo_halted", "repo_full", "other_agents", "cooldown"]))]
    pub reason: &'static str,
    /// One sentence or two. Notes in it are texts of people.
    pub message: String,
    /// Of `cooldown`: how many issues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Until when, where it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl HindranceRecord {
    pub(super) fn of(hindrance: &Hindrance) -> Self {
        let plain = |reason, message| Self {
            reason,
            message,
            count: None,
            until: None,
        };
        match hindrance {
            Hindrance::Refused(refusal) => match ApiError::reason_and_message(refusal) {
                (Some(Reason::AtCapacity), message) => plain("at_capacity", message),
                (_, message) => plain("paused", message),
            },
            Hindrance::Halted(refusal) => {
                plain("repo_halted", ApiError::reason_and_message(refusal).1)
            }
            Hindrance::RepoFull(repo) => plain(
                "repo_full",
                format!("{repo} has as many active claims as it may have (MAX_CLAIMS_PER_REPO)."),
            ),
            Hindrance::OtherAgents(lane) => plain(
                "other_agents",
                format!("A route gives it to agents named {} alone.", lane.words()),
            ),
            Hindrance::Cooldown {
                count,
                repo,
                number,
                until,
            } => Self {
                count: Some(*count),
                until: Some(until.to_string()),
                ..plain(
                    "cooldown",
                    format!(
                        "You gave {repo}#{number} back a short time ago (COOLDOWN_MINUTES). claim_issue gives it to you before that."
                    ),
                )
            },
        }
    }
}

/// One issue that is not handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct ExampleRecord {
    /// `owner/name`.
    pub repo: String,
    /// Its number.
    pub issue_number: i64,
    /// One sentence. Labels and logins in it are texts of GitHub.
    pub message: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl WhyRecord {
    pub(crate) fn of(why: &Explanation) -> Self {
        Self {
            considered: why.considered,
            ready: why.ready,
            reasons: why.reasons.iter().map(Into::into).collect(),
            elsewhere: why.elsewhere,
            agent: why.agent.iter().map(HindranceRecord::of).collect(),
            next_free_at: why.next_free_at.map(|at| at.to_string()),
            approximate: why.approximate,
        }
    }
}

impl From<&WhyNot> for WhyNotRecord {
    fn from(why: &WhyNot) -> Self {
        Self {
            reason: why.reason.as_str(),
            count: why.count,
            example: why.example.as_ref().map(Into::into),
        }
    }
}

impl From<&Example> for ExampleRecord {
    fn from(example: &Example) -> Self {
        Self {
            repo: example.repo.to_string(),
            issue_number: example.number.get(),
            message: example.message.clone(),
        }
    }
}

/// Why this work was given before all other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChosenRecord {
    /// One line. Labels in it are texts of GitHub.
    pub words: String,
    /// Of an issue: the priority by which it is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["critical", "high", "medium", "low"]))]
    pub rank: Option<&'static str>,
    /// Of an issue: what names the priority, such as `label urgent`; `none` where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank_source: Option<String>,
    /// Of an issue: `true` where its age made it more urgent than it was named.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub aged: bool,
    /// Whole days for which the issue had been open or the feedback had waited.
    pub age_days: i64,
    /// Of feedback: `true` where it is on the pull request of the agent's own claim.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub own_pull_request: bool,
}

impl From<&Chosen> for ChosenRecord {
    fn from(chosen: &Chosen) -> Self {
        const DAY: i64 = 24 * 60 * 60 * 1_000;
        let words = chosen.words();
        match chosen {
            Chosen::Issue { ranked, open_for } => Self {
                words,
                rank: Some(ranked.rank.word()),
                rank_source: Some(ranked.source.words()),
                aged: ranked.is_aged(),
                age_days: open_for.0 / DAY,
                own_pull_request: false,
            },
            Chosen::Followup { own, waited } => Self {
                words,
                rank: None,
                rank_source: None,
                aged: false,
                age_days: waited.0 / DAY,
                own_pull_request: *own,
            },
        }
    }
}
