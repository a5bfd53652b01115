//! Which work is halted, as callers are shown it.

use super::{Service, ServiceResult};
use crate::domain::access::{Caller, Scope};
use crate::domain::claim::Claim;
use crate::domain::failure::{Failure, StoreError};
use crate::domain::halt::{Halt, HaltKind, HaltOf};
use crate::domain::id::AgentId;
use crate::domain::repo_name::RepoName;
use crate::engine::command::{Action, Answer, Command, HaltTarget, Missing, Outcome};
use crate::service::claims::unexpected;

/// A halt with the name of what is halted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownHalt {
    /// The halt.
    pub halt: Halt,
    /// The repository, if the halt is of one.
    pub repo: Option<RepoName>,
}

impl Service {
    /// Halts work, or lets it go on (`kind` is `None`). Returns the halt after the call. Needs a key that is bound to no agent.
    pub async fn set_halt(
        &self,
        caller: &Caller,
        target: HaltTarget,
        kind: Option<HaltKind>,
        note: Option<String>,
    ) -> ServiceResult<Option<ShownHalt>> {
        let sees_all = caller.scope == Scope::All;
        let caller = self.scoped(caller);
        let repo = match &target {
            HaltTarget::Repo(repo) => {
                Self::permit(&caller, repo)?;
                Some(repo.clone())
            }
            HaltTarget::Everything | HaltTarget::Agent(_) if sees_all => None,
            HaltTarget::Everything | HaltTarget::Agent(_) => {
                return Err(Failure::ScopeTooNarrow.into());
            }
        };
        for _ in 0..2 {
            let action = Action::SetHalt {
                target: target.clone(),
                kind,
                note: note.clone(),
            };
            match self.store.transact(Command::new(&caller, action)).await? {
                Outcome::Done(Answer::Halt(halt)) => {
                    return Ok(halt.map(|halt| ShownHalt { halt: *halt, repo }));
                }
                Outcome::Refused(refusal) => return Err(refusal.into()),
                Outcome::Missing(Missing::Repo(repo)) => self.learn_repo(&repo).await?,
                other => return Err(unexpected(&other)),
            }
        }
        Err(Failure::NotSynced.into())
    }

    /// What is halted, as far as the caller may know: of agents only by a caller who sees all repositories, and by the agent itself.
    pub(super) async fn halts_for(&self, caller: &Caller) -> Result<Vec<ShownHalt>, StoreError> {
        let mut halts = self.store.halts().await?;
        halts.retain(|halt| match &halt.of {
            HaltOf::Agent(agent) => match &caller.agent {
                Some(own) => own == agent,
                None => caller.scope == Scope::All,
            },
            HaltOf::Everything | HaltOf::Repo(_) => true,
        });
        let of_repos = halts.iter().any(|halt| matches!(halt.of, HaltOf::Repo(_)));
        let repos = if of_repos {
            self.store.repos().await?
        } else {
            Vec::new()
        };
        let sight = self.sight(caller);
        let shown = halts.into_iter().filter_map(|halt| {
            let HaltOf::Repo(id) = halt.of else {
                return Some(ShownHalt { halt, repo: None });
            };
            let repo = repos.iter().find(|row| row.repo.id == id)?;
            let name = repo.repo.facts.name.clone();
            let repo = Some(name).filter(|name| sight.has(name));
            repo.is_some().then_some(ShownHalt { halt, repo })
        });
        Ok(shown.collect())
    }

    /// What is halted of an agent's work: everything, the agent itself, or a repository in which it has one of these claims.
    pub(super) async fn halts_of(
        &self,
        agent: &AgentId,
        claims: &[Claim],
    ) -> Result<Vec<ShownHalt>, StoreError> {
        let halts = self.store.halts().await?.into_iter();
        let own = halts.filter_map(|halt| {
            let repo = match &halt.of {
                HaltOf::Everything => None,
                HaltOf::Agent(halted) if halted == agent => None,
                HaltOf::Agent(_) => return None,
                HaltOf::Repo(id) => {
                    let claim = claims.iter().find(|claim| claim.repo == *id)?;
                    Some(claim.repo_name.clone())
                }
            };
            Some(ShownHalt { halt, repo })
        });
        Ok(own.collect())
    }
}
