//! Feedback on pull requests: looking at it and saying where the work on it stands.

use issuecommand_core::bounds::NOTE_MAX;
use issuecommand_core::command::Caller;
use issuecommand_core::followup::{FollowupStatus, WorkItemId};
use issuecommand_core::id::AgentId;
use issuecommand_core::service::{Reply, Service};
use issuecommand_core::store::FollowupFilter;
use uuid::Uuid;

use super::{AGENT_ID, Call};
use crate::answer::{FollowupAnswer, FollowupsAnswer};
use crate::input::{Fields, Input, Kind};
use crate::no::WireNo;

const IN_REPO: Input =
    Input::optional("repo", Kind::Text, "only of this repository, as owner/name");
const WITH_STATUS: Input = Input::optional(
    "status",
    Kind::FollowupStatus,
    "only with this status; done or dismissed: those that ended so, the latest first",
);
const OF_AGENT: Input = Input::optional(
    "claimed_by_agent_id",
    Kind::Text,
    "only what this agent works, or last worked, on",
);
const OF_PULL: Input = Input::optional(
    "pr_number",
    Kind::Whole {
        least: 1,
        most: i32::MAX as i64,
    },
    "only of the pull request with this number, a whole number from 1 to 2147483647",
);
const WORK_ITEM_ID: Input = Input::needed(
    "work_item_id",
    Kind::Text,
    "the work_item_id of the answer that gave you the follow-up",
)
.up_to(usize::MAX);
const STATUS: Input = Input::needed("status", Kind::FollowupStatus, "where the follow-up goes");
const NOTE: Input = Input::optional(
    "note",
    Kind::Text,
    "why, for whoever reads the follow-up's history; with dismissed it is the dismiss_reason; at most 8192 bytes",
)
.up_to(NOTE_MAX);

/// Which feedback waits, and who works on what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetFollowups(FollowupFilter);

impl Call for GetFollowups {
    const NAME: &'static str = "get_followups";
    const INPUTS: &'static [Input] = &[IN_REPO, WITH_STATUS, OF_AGENT, OF_PULL];
    const REFUSES: bool = false;
    type Answer = FollowupsAnswer;

    fn read(fields: &Fields) -> Result<Self, WireNo> {
        Ok(Self(FollowupFilter {
            repo: fields.repo(&IN_REPO)?,
            status: fields.followup_status(&WITH_STATUS)?,
            owner: fields.agent(&OF_AGENT)?,
            number: fields.number(&OF_PULL)?,
            ..FollowupFilter::default()
        }))
    }

    async fn run(self, service: &Service, caller: &Caller) -> Reply<FollowupsAnswer> {
        Ok(service.followups(caller, self.0).await?.into())
    }
}

/// Move a follow-up, or show a sign of life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateFollowupStatus {
    item: WorkItemId,
    agent: AgentId,
    to: FollowupStatus,
    note: Option<String>,
}

impl Call for UpdateFollowupStatus {
    const NAME: &'static str = "update_followup_status";
    const INPUTS: &'static [Input] = &[WORK_ITEM_ID, AGENT_ID, STATUS, NOTE];
    const REFUSES: bool = true;
    type Answer = FollowupAnswer;

    fn read(fields: &Fields) -> Result<Self, WireNo> {
        let agent = fields.needed_agent(&AGENT_ID)?;
        let to = fields.needed_followup_status(&STATUS)?;
        let note = fields.text(&NOTE)?.map(str::to_owned);
        let id = fields.needed_text(&WORK_ITEM_ID)?;
        // A text that is no UUID can name no follow-up, and is told so in the same words.
        let item = Uuid::parse_str(id).map_err(|_| WireNo::no_such_followup(id))?;
        Ok(Self {
            item: WorkItemId(item),
            agent,
            to,
            note,
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> Reply<FollowupAnswer> {
        let Self {
            item,
            agent,
            to,
            note,
        } = self;
        Ok(service
            .update_followup(caller, item, agent, to, note)
            .await?
            .into())
    }
}
