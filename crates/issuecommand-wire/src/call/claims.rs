//! Claiming issues, moving claims and releasing them.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::attempt::ReleaseOutcome;
use issuecommand_core::domain::bounds::{ADDRESS_MAX, NOTE_MAX};
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::id::{AgentId, ClaimId, IssueNumber};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::engine::command::IdempotencyKey;
use issuecommand_core::service::{Service, ServiceResult};
use uuid::Uuid;

use super::{AGENT_ID, CLAIM_ID, Call, ISSUE_NUMBER, KEY, REPO, key};
use crate::error::ApiError;
use crate::params::{Param, ParamType, Params};
use crate::response::{ClaimResponse, UpdateResponse};

const STATUS: Param = Param::needed("status", ParamType::Status, "where the claim goes");
const NOTE: Param = Param::optional(
    "note",
    ParamType::String,
    "why, for whoever reads the claim's history; at most 8192 bytes",
)
.up_to(NOTE_MAX);
const PR_URL: Param = Param::optional(
    "pr_url",
    ParamType::String,
    "the address of your pull request, at most 2048 bytes; pr_submitted needs it, now or earlier",
)
.up_to(ADDRESS_MAX);
const REASON: Param = Param::optional(
    "reason",
    ParamType::String,
    "why you give it back, at most 8192 bytes",
)
.up_to(NOTE_MAX);
const OUTCOME: Param = Param::optional(
    "outcome",
    ParamType::OneOf(&[
        "gave_up",
        "blocked",
        "not_reproducible",
        "already_done",
        "needs_human",
    ]),
    "what you found; all but gave_up keep the issue from other agents until a person has looked, so say in reason what that is",
);

/// A text that is no UUID gets the same answer as an unknown claim.
fn claim_id(fields: &Params) -> Result<ClaimId, ApiError> {
    let text = fields.needed_text(&CLAIM_ID)?;
    Uuid::parse_str(text)
        .map(ClaimId)
        .map_err(|_| ApiError::no_such_claim(text))
}

/// Claims an issue for an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimIssue {
    agent: AgentId,
    repo: RepoName,
    number: IssueNumber,
    key: Option<IdempotencyKey>,
}

impl Call for ClaimIssue {
    const NAME: &'static str = "claim_issue";
    const PARAMS: &'static [Param] = &[AGENT_ID, REPO, ISSUE_NUMBER, KEY];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    type Response = ClaimResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let agent = fields.needed_agent(&AGENT_ID)?;
        let repo = fields.needed_repo(&REPO)?;
        let number = fields.needed_issue(&ISSUE_NUMBER)?;
        let key = key(
            fields,
            &[Self::NAME, agent.as_str(), repo.key(), &number.to_string()],
        )?;
        Ok(Self {
            agent,
            repo,
            number,
            key,
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<ClaimResponse> {
        Ok(service
            .claim_issue(caller, self.agent, self.repo, self.number, self.key)
            .await?
            .into())
    }
}

/// Releases an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseIssue {
    claim: ClaimId,
    agent: AgentId,
    reason: Option<String>,
    outcome: Option<ReleaseOutcome>,
}

impl Call for ReleaseIssue {
    const NAME: &'static str = "release_issue";
    const PARAMS: &'static [Param] = &[CLAIM_ID, AGENT_ID, REASON, OUTCOME];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    type Response = ClaimResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let agent = fields.needed_agent(&AGENT_ID)?;
        let reason = fields.text(&REASON)?.map(str::to_owned);
        let outcome = fields.word(&OUTCOME)?.and_then(ReleaseOutcome::parse);
        Ok(Self {
            claim: claim_id(fields)?,
            agent,
            reason,
            outcome,
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<ClaimResponse> {
        Ok(service
            .release_claim(caller, self.claim, self.agent, self.reason, self.outcome)
            .await?
            .into())
    }
}

/// Moves a claim, or sends a heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateClaimStatus {
    claim: ClaimId,
    agent: AgentId,
    to: ClaimStatus,
    note: Option<String>,
    pr_url: Option<String>,
}

impl Call for UpdateClaimStatus {
    const NAME: &'static str = "update_claim_status";
    const PARAMS: &'static [Param] = &[CLAIM_ID, AGENT_ID, STATUS, NOTE, PR_URL];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    type Response = UpdateResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let agent = fields.needed_agent(&AGENT_ID)?;
        let to = fields.needed_status(&STATUS)?;
        let note = fields.text(&NOTE)?.map(str::to_owned);
        let pr_url = fields.text(&PR_URL)?.map(str::to_owned);
        Ok(Self {
            claim: claim_id(fields)?,
            agent,
            to,
            note,
            pr_url,
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<UpdateResponse> {
        let Self {
            claim,
            agent,
            to,
            note,
            pr_url,
        } = self;
        Ok(service
            .update_claim(caller, claim, agent, to, note, pr_url)
            .await?
            .into())
    }
}
