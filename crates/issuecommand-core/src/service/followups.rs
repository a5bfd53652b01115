//! Follow-ups: looking at them and moving them.

use super::claims::unexpected;
use super::{Reply, Service};
use crate::command::{Action, Answer, Caller, Command, Outcome};
use crate::followup::{Followup, FollowupStatus, WorkItemId};
use crate::id::AgentId;
use crate::store::FollowupFilter;

/// A follow-up that was moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedFollowup {
    /// The follow-up as it stands.
    pub item: Followup,
    /// It was so before.
    pub idempotent: bool,
}

impl Service {
    /// Open follow-ups, in serving order. With a status that an ended one has, the ended ones, the latest first.
    pub async fn followups(
        &self,
        caller: &Caller,
        mut filter: FollowupFilter,
    ) -> Reply<Vec<Followup>> {
        filter.scope = self.scoped(caller).scope;
        Ok(self.store.followups(&filter).await?)
    }

    /// Moves a follow-up, or shows a sign of life.
    pub async fn update_followup(
        &self,
        caller: &Caller,
        item: WorkItemId,
        agent: AgentId,
        to: FollowupStatus,
        note: Option<String>,
    ) -> Reply<MovedFollowup> {
        let action = Action::UpdateFollowup {
            item,
            agent,
            to,
            note,
        };
        match self
            .store
            .transact(Command::new(&self.scoped(caller), action))
            .await?
        {
            Outcome::Done(Answer::Followup { item, idempotent }) => Ok(MovedFollowup {
                item: *item,
                idempotent,
            }),
            Outcome::Refused(refusal) => Err(refusal.into()),
            other => Err(unexpected(&other)),
        }
    }
}
