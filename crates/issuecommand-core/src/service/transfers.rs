//! Follows issues that were transferred to other repositories, when only lists show them.

use super::Service;
use crate::domain::access::Caller;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::issue::{Issue, IssueLookup, IssueState, WithheldReason};
use crate::domain::lease::LeaseProof;
use crate::domain::repo::RepoSnapshot;
use crate::domain::repo_name::RepoName;
use crate::engine::command::{Action, Command};
use crate::ports::store::ClaimFilter;

/// The most claimed issues that are checked because a new issue has the same title.
const LOOKS: usize = 20;

impl Service {
    /// A list does not say that a new issue was transferred. So claimed issues elsewhere with the same title are checked before
    /// the new one is offered: the claim moves with its issue, and no other agent gets it.
    pub(super) async fn follow_arrivals(
        &self,
        repo: &RepoName,
        issues: &[Issue],
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        let mut new = Vec::new();
        for issue in issues
            .iter()
            .filter(|issue| issue.state == IssueState::Open)
        {
            if self.store.issue(repo, issue.number).await?.is_none() {
                new.push(issue);
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        let held = self.store.claims(&ClaimFilter::default()).await?;
        let alike = held.iter().filter(|claim| {
            claim.repo_name != *repo && new.iter().any(|issue| issue.title == claim.title)
        });
        for claim in alike.take(LOOKS) {
            match self.look(&claim.repo_name, claim.number, None).await {
                Ok(seen @ IssueLookup::Transferred { .. }) => {
                    let action = Action::RecordIssue {
                        repo: claim.repo_name.clone(),
                        number: claim.number,
                        seen,
                    };
                    self.note(Command::system(action).under(lease)).await?;
                }
                // The issue was not transferred, or GitHub does not say: the list counts.
                Ok(_) | Err(Failure::Github(_)) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    /// Interprets the target of a redirect: the same issue in a renamed repository, or a transferred one.
    pub(super) async fn found_elsewhere(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        to: RepoSnapshot,
        issue: Issue,
    ) -> Result<IssueLookup, Failure> {
        let issue = Box::new(issue);
        let known = self.store.repo(repo).await?;
        let known = known.map(|repo| repo.facts.github_id).filter(|id| *id != 0);
        let renamed = match known {
            Some(id) => id == to.github_id,
            // The repository is known only by name, so GitHub is asked whether that is a former name of the target.
            None => match self.github.repo(repo).await {
                Ok(facts) => facts.github_id == to.github_id,
                Err(_) => return Ok(IssueLookup::Withheld(WithheldReason::Moved)),
            },
        };
        if renamed && issue.number == number {
            self.take_shown(vec![(repo.clone(), to)], None).await?;
            return Ok(IssueLookup::Issue { issue, etag: None });
        }
        let allowed = self.scoped(&Caller::system()).scope.has(&to.name);
        Ok(IssueLookup::Transferred { to, issue, allowed })
    }
}
