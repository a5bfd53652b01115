//! Repositories and issues, as agents look at them.

use super::{Reply, Service};
use crate::command::Caller;
use crate::failure::{Failure, GithubErrorKind};
use crate::id::IssueNumber;
use crate::issue::{CommentList, IssueFilter, MirroredIssue};
use crate::repo::RepoName;
use crate::store::RepoCount;

/// The repositories whose issues are handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepoList {
    /// They, by name.
    pub repos: Vec<RepoCount>,
    /// What of them could not be read, in words.
    pub warnings: Vec<String>,
}

/// An issue with its comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueDetails {
    /// The issue.
    pub issue: MirroredIssue,
    /// Its comments, the oldest first.
    pub comments: CommentList,
}

impl Service {
    /// The repositories whose issues are handed out, by name. `counts` asks for counts of our own, which need the mirror
    /// to be filled; without it a repository not yet synced shows GitHub's count.
    pub async fn list_repos(&self, caller: &Caller, counts: bool) -> Reply<RepoList> {
        let caller = self.scoped(caller);
        let mut repos = self.store.repos().await?;
        // Those that came over from elsewhere are known by their names alone until GitHub shows them.
        if repos.iter().all(|count| count.repo.facts.github_id == 0) {
            self.ensure_synced(&[]).await?;
            repos = self.store.repos().await?;
        }
        let visible = |repos: &mut Vec<RepoCount>| {
            repos.retain(|count| count.repo.offered && caller.scope.has(&count.repo.facts.name));
        };
        visible(&mut repos);
        let unsynced = |repos: &[RepoCount]| -> Vec<RepoName> {
            repos
                .iter()
                .filter(|c| c.repo.synced_at.is_none())
                .map(|c| c.repo.facts.name.clone())
                .collect()
        };
        let waiting = unsynced(&repos);
        let mut warnings = Vec::new();
        if counts && !waiting.is_empty() {
            let synced = repos.iter().any(|count| count.repo.synced_at.is_some());
            let failed = self.sync_each(&waiting, synced).await?;
            warnings.extend(failed.into_iter().map(|(repo, _)| {
                format!(
                    "The issues of {repo} cannot be read from GitHub now: its open_issue_count is GitHub's own, with pull \
                     requests"
                )
            }));
            repos = self.store.repos().await?;
            visible(&mut repos);
        }
        Ok(RepoList { repos, warnings })
    }

    /// Fills the mirror of each of these. Says for which that failed; an error only where there is nothing else to go by: none
    /// of them could be read, and `others` says that nothing else was.
    pub(super) async fn sync_each(
        &self,
        repos: &[RepoName],
        others: bool,
    ) -> Result<Vec<(RepoName, Failure)>, Failure> {
        let mut failed = Vec::new();
        for repo in repos {
            match self.ensure_synced(std::slice::from_ref(repo)).await {
                Ok(()) => {}
                Err(failure) if failure.is_githubs() => failed.push((repo.clone(), failure)),
                Err(failure) => return Err(failure),
            }
        }
        if failed.len() == repos.len()
            && !others
            && let Some((_, failure)) = failed.first()
        {
            return Err(failure.clone());
        }
        Ok(failed)
    }

    /// The open issues of one repository that nobody holds, in serving order.
    pub async fn list_open_issues(
        &self,
        caller: &Caller,
        filter: IssueFilter,
    ) -> Reply<Vec<MirroredIssue>> {
        let caller = self.scoped(caller);
        if let Some(repo) = &filter.repo {
            Self::permit(&caller, repo)?;
            if self.store.repo(repo).await?.is_none() {
                self.learn_repo(repo).await?;
            }
            if self
                .store
                .repo(repo)
                .await?
                .is_some_and(|row| row.offered && row.synced_at.is_none())
            {
                self.ensure_synced(std::slice::from_ref(repo)).await?;
            }
        }
        let mut issues = self.store.open_issues(&filter).await?;
        issues.retain(|issue| caller.scope.has(&issue.repo_name));
        Ok(issues)
    }

    /// One issue as GitHub has it now, with its comments.
    pub async fn issue_details(
        &self,
        caller: &Caller,
        repo: &RepoName,
        number: IssueNumber,
    ) -> Reply<IssueDetails> {
        let caller = self.scoped(caller);
        Self::permit(&caller, repo)?;
        if self.store.repo(repo).await?.is_none() {
            self.learn_repo(repo).await?;
        }
        let not_found = || Failure::IssueNotFound {
            repo: repo.clone(),
            number,
        };
        let etag = self
            .store
            .issue(repo, number)
            .await?
            .and_then(|row| row.etag);
        let seen = self.look(repo, number, etag.as_deref()).await?;
        self.see(repo, number, seen).await?;
        let issue = self
            .store
            .issue(repo, number)
            .await?
            .ok_or_else(not_found)?;
        let comments = match self.github.comments(&issue.repo_name, number).await {
            Ok(comments) => comments,
            Err(error) if error.kind == GithubErrorKind::NotFound => return Err(not_found().into()),
            Err(error) => return Err(Failure::Github(error).into()),
        };
        Ok(IssueDetails { issue, comments })
    }
}
