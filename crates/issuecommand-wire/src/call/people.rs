//! What people do with agents and their work. These calls are for operators, so they are no tools.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::bounds::NOTE_MAX;
use issuecommand_core::domain::followup::WorkItemId;
use issuecommand_core::domain::halt::HaltKind;
use issuecommand_core::domain::id::{AgentId, ClaimId, IssueNumber};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::engine::command::HaltTarget;
use issuecommand_core::service::{ParkOrOffer, Service, ServiceResult};

use super::claims::claim_id;
use super::followups::{WORK_ITEM_ID, work_item_id};
use super::{CLAIM_ID, Call, ISSUE_NUMBER, KEY, REPO as IN_REPO};
use crate::error::ApiError;
use crate::params::{Param, ParamType, Params};
use crate::record::ReadinessRecord;
use crate::response::{ClaimResponse, FollowupResponse, HaltResponse, ReadinessResponse};

const ACTION: Param = Param::needed(
    "action",
    ParamType::OneOf(&["pause", "drain", "resume"]),
    "pause: nothing is given; drain: no new issues are given, but feedback is; resume: work goes on",
);
const AGENT: Param = Param::optional(
    "agent_id",
    ParamType::String,
    "the work of this agent alone",
);
const REPO: Param = Param::optional(
    "repo",
    ParamType::String,
    "the work in this repository alone, as owner/name",
);
const NOTE: Param = Param::optional(
    "note",
    ParamType::String,
    "why; agents are told it. At most 8192 bytes",
)
.up_to(NOTE_MAX);

/// Halts the work of an agent, in a repository, or all of it, or lets it go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetWork {
    target: HaltTarget,
    kind: Option<HaltKind>,
    note: Option<String>,
}

impl Call for SetWork {
    const NAME: &'static str = "set_work";
    const PARAMS: &'static [Param] = &[ACTION, AGENT, REPO, NOTE, KEY];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    type Response = HaltResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let kind = match fields.needed_word(&ACTION)? {
            "pause" => Some(HaltKind::Paused),
            "drain" => Some(HaltKind::Draining),
            _ => None,
        };
        let target = match (fields.agent(&AGENT)?, fields.repo(&REPO)?) {
            (Some(_), Some(_)) => {
                return Err(ApiError::bad_request(
                    "agent_id and repo exclude each other: name one of them, or none for all work.",
                ));
            }
            (Some(agent), None) => HaltTarget::Agent(agent),
            (None, Some(repo)) => HaltTarget::Repo(repo),
            (None, None) => HaltTarget::Everything,
        };
        Ok(Self {
            target,
            kind,
            note: fields.text(&NOTE)?.map(str::to_owned),
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<HaltResponse> {
        let halt = service.set_halt(caller, self.target, self.kind, self.note);
        Ok(halt.await?.into())
    }
}

const TO_AGENT: Param = Param::needed(
    "to_agent_id",
    ParamType::String,
    "the agent that gets it: text of 1 to 200 bytes, not blank, without control characters",
);

/// Gives a claim to another agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiveClaim {
    claim: ClaimId,
    to: AgentId,
    note: Option<String>,
}

impl Call for GiveClaim {
    const NAME: &'static str = "give_claim";
    const PARAMS: &'static [Param] = &[CLAIM_ID, TO_AGENT, NOTE, KEY];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    type Response = ClaimResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            claim: claim_id(fields)?,
            to: fields.needed_agent(&TO_AGENT)?,
            note: fields.text(&NOTE)?.map(str::to_owned),
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<ClaimResponse> {
        let given = service.give_claim(caller, self.claim, self.to, self.note);
        Ok(given.await?.into())
    }
}

/// Gives a follow-up to an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiveFollowup {
    item: WorkItemId,
    to: AgentId,
    note: Option<String>,
}

impl Call for GiveFollowup {
    const NAME: &'static str = "give_followup";
    const PARAMS: &'static [Param] = &[WORK_ITEM_ID, TO_AGENT, NOTE, KEY];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    type Response = FollowupResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            item: work_item_id(fields)?,
            to: fields.needed_agent(&TO_AGENT)?,
            note: fields.text(&NOTE)?.map(str::to_owned),
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<FollowupResponse> {
        let given = service.give_followup(caller, self.item, self.to, self.note);
        Ok(given.await?.into())
    }
}

const WHY_NOT: Param = Param::needed(
    "note",
    ParamType::String,
    "why no answer is needed; it is kept with the feedback. At most 8192 bytes",
)
.up_to(NOTE_MAX);

/// Ends a follow-up without an answer, whoever has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DismissFollowup {
    item: WorkItemId,
    note: String,
}

impl Call for DismissFollowup {
    const NAME: &'static str = "dismiss_followup";
    const PARAMS: &'static [Param] = &[WORK_ITEM_ID, WHY_NOT, KEY];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    type Response = FollowupResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            item: work_item_id(fields)?,
            note: fields.needed_text(&WHY_NOT)?.to_owned(),
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<FollowupResponse> {
        let moved = service.dismiss_followup(caller, self.item, self.note);
        Ok(moved.await?.into())
    }
}

const WHY: Param = Param::needed(
    "note",
    ParamType::String,
    "why it is not to be offered; agents and people read it. At most 8192 bytes",
)
.up_to(NOTE_MAX);

/// Keeps an issue from being offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkIssue {
    repo: RepoName,
    number: IssueNumber,
    note: String,
}

impl Call for ParkIssue {
    const NAME: &'static str = "park_issue";
    const PARAMS: &'static [Param] = &[IN_REPO, ISSUE_NUMBER, WHY, KEY];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    type Response = ReadinessResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            repo: fields.needed_repo(&IN_REPO)?,
            number: fields.needed_issue(&ISSUE_NUMBER)?,
            note: fields.needed_text(&WHY)?.to_owned(),
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<ReadinessResponse> {
        let what = ParkOrOffer::Park(self.note);
        park_or_offer(service, caller, &self.repo, self.number, what).await
    }
}

/// Offers an issue again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferIssue {
    repo: RepoName,
    number: IssueNumber,
    note: Option<String>,
}

impl Call for OfferIssue {
    const NAME: &'static str = "offer_issue";
    const PARAMS: &'static [Param] = &[IN_REPO, ISSUE_NUMBER, NOTE, KEY];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    type Response = ReadinessResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            repo: fields.needed_repo(&IN_REPO)?,
            number: fields.needed_issue(&ISSUE_NUMBER)?,
            note: fields.text(&NOTE)?.map(str::to_owned),
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<ReadinessResponse> {
        let what = ParkOrOffer::Offer(self.note);
        park_or_offer(service, caller, &self.repo, self.number, what).await
    }
}

async fn park_or_offer(
    service: &Service,
    caller: &Caller,
    repo: &RepoName,
    number: IssueNumber,
    what: ParkOrOffer,
) -> ServiceResult<ReadinessResponse> {
    let reasons = service.park_or_offer(caller, repo, number, what).await?;
    Ok(ReadinessResponse {
        readiness: ReadinessRecord::of(repo, number, &reasons),
    })
}
