//! Claiming issues, moving claims and releasing them.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::attempt::ReleaseOutcome;
use issuecommand_core::domain::bounds::{ADDRESS_MAX, NOTE_MAX};
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::id::{AgentId, ClaimId, IssueNumber};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::service::{Service, ServiceResult};
use uuid::Uuid;

use super::{AGENT_ID, CLAIM_ID, Call, ISSUE_NUMBER, KEY, LEAN, OWN_AGENT_ID, REPO};
use crate::error::ApiError;
use crate::params::{Param, ParamType, Params};
use crate::response::{ClaimResponse, UpdateResponse};

const STATUS: Param = Param::needed("status", ParamType::Status, "where the claim goes");
const NOTE: Param = Param::optional(
    "note",
    ParamType::String,
    "why, for the history; at most 8192 bytes",
)
.up_to(NOTE_MAX);
const PR_URL: Param = Param::optional(
    "pr_url",
    ParamType::String,
    "the address of your pull request; pr_submitted needs it, now or earlier",
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

const TAKE_OVER: Param = Param::optional(
    "take_over",
    ParamType::Bool,
    "true: also from another live session of your name, or from an agent long stale",
);

/// A text that is no UUID gets the same answer as an unknown claim.
pub(super) fn claim_id(fields: &Params) -> Result<ClaimId, ApiError> {
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
    take_over: bool,
}

impl Call for ClaimIssue {
    const NAME: &'static str = "claim_issue";
    const PARAMS: &'static [Param] = &[OWN_AGENT_ID, REPO, ISSUE_NUMBER, TAKE_OVER, KEY];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    const GIVES_WORK: bool = true;
    const BY_NUMBER: bool = true;
    type Response = ClaimResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let agent = fields.needed_agent(&AGENT_ID)?;
        let repo = fields.needed_repo(&REPO)?;
        let number = fields.needed_issue(&ISSUE_NUMBER)?;
        let take_over = fields.is_set(&TAKE_OVER);
        Ok(Self {
            agent,
            repo,
            number,
            take_over,
        })
    }

    fn agent(&self) -> Option<&AgentId> {
        Some(&self.agent)
    }

    fn request(&self) -> Option<Vec<String>> {
        let number = self.number.to_string();
        let mut request = vec![Self::NAME, self.agent.as_str(), self.repo.key(), &number];
        if self.take_over {
            request.push(TAKE_OVER.name);
        }
        Some(request.into_iter().map(str::to_owned).collect())
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<ClaimResponse> {
        let Self {
            agent,
            repo,
            number,
            take_over,
        } = self;
        let claimed = service
            .claim_issue(caller, agent, repo, number, take_over)
            .await?;
        let attempts = service
            .previous_attempts(&claimed.claim, claimed.untried)
            .await;
        let mut answer = ClaimResponse::from(claimed);
        answer.previous_attempts = attempts.iter().map(Into::into).collect();
        Ok(answer)
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
    const PARAMS: &'static [Param] = &[CLAIM_ID, AGENT_ID, REASON, OUTCOME, KEY];
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

    fn agent(&self) -> Option<&AgentId> {
        Some(&self.agent)
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
    lean: bool,
}

impl Call for UpdateClaimStatus {
    const NAME: &'static str = "update_claim_status";
    const PARAMS: &'static [Param] = &[CLAIM_ID, AGENT_ID, STATUS, NOTE, PR_URL, LEAN, KEY];
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
            lean: fields.boolean(&LEAN).unwrap_or(fields.are_of_a_tool()),
        })
    }

    fn agent(&self) -> Option<&AgentId> {
        Some(&self.agent)
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<UpdateResponse> {
        let Self {
            claim,
            agent,
            to,
            note,
            pr_url,
            lean,
        } = self;
        let is_lean = lean && pr_url.is_none();
        let updated = service
            .update_claim(caller, claim, agent.clone(), to, note, pr_url)
            .await?;
        if !(is_lean && updated.idempotent) {
            return Ok(updated.into());
        }
        let held = std::slice::from_ref(&updated.claim);
        // The sign of life is recorded, so an error here is dropped.
        let feedback = service.feedback_for(caller, &agent, held).await;
        Ok(UpdateResponse::lean(updated, &feedback.unwrap_or_default()))
    }
}
