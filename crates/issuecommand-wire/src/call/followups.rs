//! Listing and moving follow-ups.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::bounds::NOTE_MAX;
use issuecommand_core::domain::followup::{FollowupStatus, WorkItemId};
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::ports::store::FollowupFilter;
use issuecommand_core::service::{Service, ServiceResult};
use uuid::Uuid;

use super::{Call, KEY, LEAN, OWN_AGENT_ID};
use crate::error::ApiError;
use crate::page::{CURSOR, LIMIT, Page};
use crate::params::{Param, ParamType, Params};
use crate::response::{FollowupResponse, FollowupsResponse, HeldFeedbackResponse};

const IN_REPO: Param = Param::optional(
    "repo",
    ParamType::String,
    "only of this repository, as owner/name",
);
const WITH_STATUS: Param = Param::optional(
    "status",
    ParamType::FollowupStatus,
    "only with this status; done, dismissed: those that ended so",
);
const OF_AGENT: Param = Param::optional(
    "claimed_by_agent_id",
    ParamType::String,
    "only what this agent works, or last worked, on",
);
const OF_PULL: Param = Param::optional(
    "pr_number",
    ParamType::Integer {
        least: 1,
        most: i32::MAX as i64,
    },
    "only of this pull request",
);
pub(super) const WORK_ITEM_ID: Param = Param::needed(
    "work_item_id",
    ParamType::String,
    "the work_item_id of the answer that gave you the follow-up",
)
.up_to(usize::MAX);

/// A text that is no UUID gets the same answer as an unknown follow-up.
pub(super) fn work_item_id(fields: &Params) -> Result<WorkItemId, ApiError> {
    let text = fields.needed_text(&WORK_ITEM_ID)?;
    Uuid::parse_str(text)
        .map(WorkItemId)
        .map_err(|_| ApiError::no_such_followup(text))
}
const STATUS: Param = Param::needed(
    "status",
    ParamType::FollowupStatus,
    "where the follow-up goes",
);
const NOTE: Param = Param::optional(
    "note",
    ParamType::String,
    "why, for the history; at most 8192 bytes",
)
.up_to(NOTE_MAX);

/// Lists waiting and held follow-ups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetFollowups(FollowupFilter, Page);

impl Call for GetFollowups {
    const NAME: &'static str = "get_followups";
    const PARAMS: &'static [Param] = &[IN_REPO, WITH_STATUS, OF_AGENT, OF_PULL, LIMIT, CURSOR];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = FollowupsResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let filter = FollowupFilter {
            repo: fields.repo(&IN_REPO)?,
            status: fields.followup_status(&WITH_STATUS)?,
            owner: fields.agent(&OF_AGENT)?,
            number: fields.number(&OF_PULL)?,
            ..FollowupFilter::default()
        };
        Ok(Self(filter, Page::read(fields)?))
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<FollowupsResponse> {
        let Self(filter, page) = self;
        let mut answer = FollowupsResponse::from(service.followups(caller, filter).await?);
        (answer.followups, answer.next_cursor) =
            page.of(answer.followups, |item| item.work_item_id.clone());
        Ok(answer)
    }
}

/// Lists feedback that is kept from agents, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldFeedback;

impl Call for HeldFeedback {
    const NAME: &'static str = "held_feedback";
    const PARAMS: &'static [Param] = &[];
    const CHANGES: bool = false;
    const REFUSES: bool = true;
    type Response = HeldFeedbackResponse;

    fn read(_: &Params) -> Result<Self, ApiError> {
        Ok(Self)
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<HeldFeedbackResponse> {
        let held = service.held_feedback(caller).await?;
        Ok(HeldFeedbackResponse {
            held_feedback: held.iter().map(Into::into).collect(),
        })
    }
}

/// Moves a follow-up, or sends a heartbeat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateFollowupStatus {
    item: WorkItemId,
    agent: AgentId,
    to: FollowupStatus,
    note: Option<String>,
    lean: bool,
}

impl Call for UpdateFollowupStatus {
    const NAME: &'static str = "update_followup_status";
    const PARAMS: &'static [Param] = &[WORK_ITEM_ID, OWN_AGENT_ID, STATUS, NOTE, LEAN, KEY];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    type Response = FollowupResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let agent = fields.needed_agent(&OWN_AGENT_ID)?;
        let to = fields.needed_followup_status(&STATUS)?;
        let note = fields.text(&NOTE)?.map(str::to_owned);
        Ok(Self {
            item: work_item_id(fields)?,
            agent,
            to,
            note,
            lean: fields.boolean(&LEAN).unwrap_or(fields.are_of_a_tool()),
        })
    }

    fn agent(&self) -> Option<&AgentId> {
        Some(&self.agent)
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<FollowupResponse> {
        let Self {
            item,
            agent,
            to,
            note,
            lean,
        } = self;
        let moved = service
            .update_followup(caller, item, agent, to, note)
            .await?;
        Ok(if lean && moved.idempotent {
            FollowupResponse::lean(&moved)
        } else {
            moved.into()
        })
    }
}
