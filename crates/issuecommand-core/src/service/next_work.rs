//! What an agent gets next.

use super::claims::unexpected;
use super::{Reply, Service};
use crate::claim::Claim;
use crate::command::{Action, Answer, Caller, Command, IdempotencyKey, Missing, Outcome};
use crate::failure::Failure;
use crate::followup::Followup;
use crate::id::AgentId;
use crate::issue::{IssueFilter, MirroredIssue};
use crate::refusal::Refusal;
use crate::repo::RepoName;

/// What an agent got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// Feedback to answer.
    Followup(Box<Followup>),
    /// A new issue.
    Issue {
        /// The claim on it.
        claim: Box<Claim>,
        /// The issue.
        issue: Box<MirroredIssue>,
    },
}

impl Service {
    /// Gives an agent the most urgent issue that fits, always another one; a repeated call with the same key gets the same.
    pub async fn next_issue(
        &self,
        caller: &Caller,
        agent: AgentId,
        filter: IssueFilter,
        key: Option<IdempotencyKey>,
    ) -> Reply<(Claim, MirroredIssue)> {
        let action = Action::NextIssue {
            agent,
            filter: filter.clone(),
        };
        match self.next(caller, action, &filter, key).await? {
            Given::Issue { claim, issue } => Ok((*claim, *issue)),
            Given::Followup(item) => {
                Err(Failure::Internal(format!("next_issue gave the follow-up {}", item.id)).into())
            }
        }
    }

    /// Gives an agent feedback to answer, or where there is none for it an issue as [`Service::next_issue`] does.
    pub async fn next_work(
        &self,
        caller: &Caller,
        agent: AgentId,
        filter: IssueFilter,
        key: Option<IdempotencyKey>,
    ) -> Reply<Given> {
        let action = Action::NextWork {
            agent,
            filter: filter.clone(),
        };
        self.next(caller, action, &filter, key).await
    }

    /// Fills the mirror for a call that found nothing in what is there. Says whether to look again: where no repository that is
    /// missing can be read, the others have answered.
    async fn fill_for(
        &self,
        caller: &Caller,
        filter: &IssueFilter,
        missing: &[RepoName],
    ) -> Result<bool, Failure> {
        if missing.is_empty() {
            self.ensure_synced(&[]).await?;
            return Ok(true);
        }
        let repos = self.store.repos().await?;
        let others = filter.repo.is_none()
            && repos.iter().map(|count| &count.repo).any(|repo| {
                repo.offered && repo.synced_at.is_some() && caller.scope.has(&repo.facts.name)
            });
        let failed = self.sync_each(missing, others).await?;
        Ok(failed.len() < missing.len())
    }

    async fn next(
        &self,
        caller: &Caller,
        action: Action,
        filter: &IssueFilter,
        key: Option<IdempotencyKey>,
    ) -> Reply<Given> {
        let caller = self.scoped(caller);
        if let Some(repo) = &filter.repo {
            Self::permit(&caller, repo)?;
        }
        // Three rounds suffice: the repository may be new to us, then its issues.
        for _ in 0..3 {
            let command = Command::new(&caller, action.clone()).keyed(key.clone());
            match self.store.transact(command).await? {
                Outcome::Done(Answer::Claim {
                    claim,
                    issue: Some(issue),
                    ..
                }) => {
                    return Ok(Given::Issue { claim, issue });
                }
                Outcome::Done(Answer::Followup { item, .. }) => return Ok(Given::Followup(item)),
                Outcome::Refused(refusal) => return Err(refusal.into()),
                Outcome::Missing(Missing::Repo(repo)) => self.learn_repo(&repo).await?,
                Outcome::Missing(Missing::Sync(repos)) => {
                    if !self.fill_for(&caller, filter, &repos).await? {
                        let missing = repos;
                        return Err(Refusal::NothingAmongRead { missing }.into());
                    }
                }
                other => return Err(unexpected(&other)),
            }
        }
        Err(Failure::NotSynced.into())
    }
}
