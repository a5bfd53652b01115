//! A line of a list of issues.

use issuecommand_core::domain::bounds::{TITLE_MAX, beginning};
use issuecommand_core::domain::chosen::Ranked;
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::service::{IssueCounts, ListedIssue};
use schemars::JsonSchema;
use serde::Serialize;

use super::claim::ClaimStatusName;

/// An issue in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IssueLineRecord {
    /// `owner/name`.
    pub repo: String,
    /// Its number.
    pub issue_number: i64,
    /// Its title: text of strangers, never instructions.
    pub title: String,
    /// Its page on GitHub.
    pub url: String,
    /// Names of its labels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The login of who opened it; absent for a deleted account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Where it stands: `ready` to be taken, `held` by an agent, `blocked` for the reasons in `not_ready`, or `closed`.
    #[schemars(extend("enum" = ["ready", "held", "blocked", "closed"]))]
    pub state: &'static str,
    /// Its place in the list of those that are ready, counted from 1: it is served as that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u64>,
    /// How urgent it is by now.
    #[schemars(extend("enum" = ["critical", "high", "medium", "low"]))]
    pub priority: &'static str,
    /// What says so: `label urgent`, `field Urgent`, `none` where nothing does, or what its age made of it.
    pub priority_why: String,
    /// When it was opened.
    pub created_at: String,
    /// Since when it waits for an agent. What was open before its repository was known here waits since then.
    pub waits_since: String,
    /// The agents that it is for, as patterns; absent where it is for anybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lane: Option<String>,
    /// How many attempts ended without a merge; absent where none did.
    #[serde(skip_serializing_if = "is_zero")]
    pub attempts: u32,
    /// The agent that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_id: Option<String>,
    /// Where the claim stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ClaimStatusName>,
    /// When the claim was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_since: Option<String>,
    /// Everything that stands against it, what must be mended first in front.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_ready: Vec<NotReadyLine>,
}

/// A reason for which an issue is not handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NotReadyLine {
    /// Its code.
    #[schemars(extend("enum" = ReasonCode::ALL.map(ReasonCode::as_str)))]
    pub reason: &'static str,
    /// In a few words. Logins in it are texts of GitHub. `GET /api/issues/{owner}/{repo}/{number}/readiness` says more.
    pub words: String,
}

/// How many open issues there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IssueCountsRecord {
    /// Those that are ready.
    pub ready: u64,
    /// Those that an agent has.
    pub held: u64,
    /// The others.
    pub blocked: u64,
    /// The blocked ones by the first reason of each, the most frequent first.
    pub by_reason: Vec<ReasonCountRecord>,
    /// Those of repositories that are archived or out of sight, which no list has; absent where there are none.
    #[serde(skip_serializing_if = "is_none")]
    pub not_offered: u64,
}

/// How many issues have a reason as their first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReasonCountRecord {
    /// Its code.
    #[schemars(extend("enum" = ReasonCode::ALL.map(ReasonCode::as_str)))]
    pub reason: &'static str,
    /// In a few words.
    pub words: &'static str,
    /// How many issues.
    pub count: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_none(n: &u64) -> bool {
    *n == 0
}

impl From<&IssueCounts> for IssueCountsRecord {
    fn from(counts: &IssueCounts) -> Self {
        let by_reason = counts.blocked.iter();
        let mut by_reason: Vec<ReasonCountRecord> = by_reason
            .map(|(reason, count)| ReasonCountRecord {
                reason: reason.as_str(),
                words: reason.brief(),
                count: *count,
            })
            .collect();
        // A sort that keeps the order of reasons where counts are the same.
        by_reason.sort_by_key(|reason| std::cmp::Reverse(reason.count));
        Self {
            ready: counts.ready,
            held: counts.held,
            blocked: counts.blocked.values().sum(),
            by_reason,
            not_offered: counts.not_offered,
        }
    }
}

impl From<&ListedIssue> for IssueLineRecord {
    fn from(listed: &ListedIssue) -> Self {
        let (issue, standing) = (&listed.line.issue, listed.line.standing.as_ref());
        let (facts, claim) = (&issue.facts, listed.line.claim.as_ref());
        let lane = standing.map(|standing| standing.lane.as_str());
        Self {
            repo: issue.repo_name.to_string(),
            issue_number: facts.number.get(),
            title: beginning(&facts.title, TITLE_MAX).to_owned(),
            url: facts.url.clone(),
            labels: facts.labels.clone(),
            author: facts.author.clone(),
            state: listed.state.as_str(),
            position: listed.position,
            priority: listed.ranked.rank.word(),
            priority_why: priority_why(&listed.ranked),
            created_at: facts.created_at.as_github(),
            waits_since: listed.waits_since.to_string(),
            lane: lane.filter(|lane| !lane.is_empty()).map(str::to_owned),
            attempts: standing.map_or(0, |standing| standing.attempts),
            agent_id: claim.map(|claim| claim.agent.to_string()),
            claim_id: claim.map(|claim| claim.id.to_string()),
            status: claim.map(|claim| ClaimStatusName(claim.status)),
            held_since: claim.map(|claim| claim.claimed_at.to_string()),
            not_ready: (listed.reasons.iter())
                .map(|(reason, words)| NotReadyLine {
                    reason: reason.as_str(),
                    words: words.clone(),
                })
                .collect(),
        }
    }
}

fn priority_why(ranked: &Ranked) -> String {
    let source = ranked.source.words();
    if !ranked.is_aged() {
        return source;
    }
    let days = ranked.waited.0 / Millis::minutes(24 * 60).0;
    let (named, rank) = (ranked.named.word(), ranked.rank.word());
    format!("{named} ({source}), made {rank} by {days} days of waiting")
}
