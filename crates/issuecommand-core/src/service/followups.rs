//! Use cases for listing and updating follow-ups.

use std::collections::BTreeSet;

use super::claims::unexpected;
use super::{Service, ServiceResult};
use crate::domain::access::Caller;
use crate::domain::failure::StoreError;
use crate::domain::followup::{Followup, FollowupStatus, WorkItemId};
use crate::domain::id::AgentId;
use crate::domain::repo_name::RepoName;
use crate::engine::command::{Action, Answer, Command, Outcome};
use crate::ports::store::FollowupFilter;

/// The answer to an update of a follow-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedFollowup {
    /// The follow-up after the call.
    pub item: Followup,
    /// The follow-up already had this state.
    pub idempotent: bool,
}

impl Service {
    /// Open follow-ups, in serving order. With a terminal status: ended ones, latest first.
    pub async fn followups(
        &self,
        caller: &Caller,
        mut filter: FollowupFilter,
    ) -> ServiceResult<Vec<Followup>> {
        filter.scope = self.scoped(caller).scope;
        let mut items = self.store.followups(&filter).await?;
        let mut withdrawn = BTreeSet::new();
        let mut asked = BTreeSet::new();
        for item in items.iter().filter(|item| !item.repo_offered) {
            if asked.insert(item.repo) && self.is_withdrawn(&item.repo_name).await? {
                withdrawn.insert(item.repo);
            }
        }
        items.retain(|item| !withdrawn.contains(&item.repo));
        Ok(items)
    }

    /// Whether a repository was known only from deliveries and GitHub then refused to show it to the credential.
    async fn is_withdrawn(&self, repo: &RepoName) -> Result<bool, StoreError> {
        let row = self.store.repo(repo).await?;
        Ok(row.is_some_and(|row| {
            !row.offered && !row.unseen && !row.facts.archived && row.synced_at.is_none()
        }))
    }

    /// Updates a follow-up, or renews its sign of life.
    pub async fn update_followup(
        &self,
        caller: &Caller,
        item: WorkItemId,
        agent: AgentId,
        to: FollowupStatus,
        note: Option<String>,
    ) -> ServiceResult<MovedFollowup> {
        let action = Action::UpdateFollowup {
            item,
            agent,
            to,
            note,
        };
        let command = Command::new(&self.scoped(caller), action);
        let mut outcome = self.store.transact(command.clone()).await?;
        if let (Outcome::Refused(refusal), Some(agent)) = (&outcome, command.action.agent())
            && self.clears_the_way(agent, refusal).await?
        {
            outcome = self.store.transact(command.clone()).await?;
        }
        match outcome {
            Outcome::Done(Answer::Followup { item, idempotent }) => Ok(MovedFollowup {
                item: *item,
                idempotent,
            }),
            Outcome::Refused(refusal) => Err(refusal.into()),
            other => Err(unexpected(&other)),
        }
    }
}
