//! Asks GitHub what issues wait for, where lists and deliveries say that there is something but not what.

use super::Service;
use crate::domain::access::Caller;
use crate::domain::dependency_cycles::cycles;
use crate::domain::edge::Cycle;
use crate::domain::failure::{Failure, GithubError, GithubErrorKind};
use crate::domain::id::IssueNumber;
use crate::domain::issue::{IssueFacts, IssueLookup, RelationCount};
use crate::domain::lease::LeaseProof;
use crate::domain::repo_name::RepoName;
use crate::engine::command::{Action, Command, SeenEdges};

/// The most issues of which one sync run asks what they wait for, the longest due first.
const ASKED: u32 = 50;

impl Service {
    /// Asks for the edges that are due, then looks for circles among all.
    pub(super) async fn sync_dependencies(&self, lease: &LeaseProof) -> Result<(), Failure> {
        let now = self.clock.now();
        for (repo, number) in self.store.edges_due(now, ASKED).await? {
            if repo.is_unnamed() || !self.is_served(&repo) {
                continue;
            }
            match self.ask_edges(&repo, number, Some(lease)).await {
                // The others would be refused too. They stay due.
                Err(Failure::Github(error)) if error.retry_after.is_some() => break,
                Err(Failure::Github(_) | Failure::RepoNotFound { .. }) | Ok(()) => {}
                Err(failure) => return Err(failure),
            }
        }
        let open = self.store.open_dependencies().await?;
        let mut found: Vec<Cycle> = cycles(&open)
            .into_iter()
            .map(|issues| Cycle { issues })
            .collect();
        found.sort_by_key(Cycle::first);
        if found != self.store.dependency_cycles().await? {
            let action = Action::RecordCycles(found);
            self.note(Command::system(action).under(Some(lease)))
                .await?;
        }
        Ok(())
    }

    fn is_served(&self, repo: &RepoName) -> bool {
        self.scoped(&Caller::system()).scope.has(repo)
    }

    /// Asks for the issue itself, which says how much it waits for, then for the lists of what is not nothing.
    pub(super) async fn ask_edges(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        let looked = self.look(repo, number, None).await?;
        let more = match &looked {
            IssueLookup::Issue { issue, .. } => issue.more.clone(),
            IssueLookup::Unchanged
            | IssueLookup::PullRequest
            | IssueLookup::Withheld(_)
            | IssueLookup::Transferred { .. } => IssueFacts::default(),
        };
        let is_shown = matches!(looked, IssueLookup::Issue { .. });
        let action = Action::RecordIssue {
            repo: repo.clone(),
            number,
            seen: looked,
        };
        let command = Command::system(action).under(lease);
        self.store
            .transact(command.skewed(self.github.skew()))
            .await?;
        let none = |count: Option<RelationCount>| count.is_some_and(|count| count.total == 0);
        let blockers = if none(more.blockers) {
            Some(Vec::new())
        } else if is_shown {
            shown(self.github.blocked_by(repo, number).await)?
        } else {
            None
        };
        let children = if none(more.children) {
            Some(Vec::new())
        } else if is_shown {
            shown(self.github.sub_issues(repo, number).await)?
        } else {
            None
        };
        let seen = Box::new(SeenEdges {
            blockers,
            children,
            blocker_count: more.blockers,
            child_count: more.children,
        });
        let action = Action::RecordEdges {
            repo: repo.clone(),
            number,
            seen,
        };
        self.note(Command::system(action).under(lease))
            .await
            .map(drop)
    }
}

/// What GitHub does not show cannot be said.
fn shown<T>(answer: Result<Option<T>, GithubError>) -> Result<Option<T>, Failure> {
    match answer {
        Ok(list) => Ok(list),
        Err(error) if error.kind == GithubErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
