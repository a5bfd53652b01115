//! Repositories and issues, as agents look at them.

use super::read_cache::{Kept, Spent};
use super::{Service, ServiceError, ServiceResult};
use crate::domain::access::Caller;
use crate::domain::failure::{Failure, GithubError, GithubErrorKind};
use crate::domain::id::IssueNumber;
use crate::domain::issue::{CommentList, IssueFilter, IssueLookup, MirroredIssue};
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;
use crate::ports::github::{Fetched, TaggedComments};
use crate::ports::store::RepoCount;

/// What details of an issue cost at most before it is known how many comments there are.
const DETAILS: i64 = 2;

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
    /// Its comments, the oldest first. `None` where they were not read, which a warning says.
    pub comments: Option<CommentList>,
    /// How old it is, where GitHub was not asked.
    pub warnings: Vec<String>,
}

impl Service {
    /// The repositories whose issues are handed out, by name. `counts` asks for counts of our own, which need the mirror
    /// to be filled; without it a repository not yet synced shows GitHub's count.
    pub async fn list_repos(&self, caller: &Caller, counts: bool) -> ServiceResult<RepoList> {
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
            warnings.extend(failed.into_iter().filter_map(|(repo, failure)| {
                let refused = matches!(failure, Failure::IssuesUnreadable { .. });
                (!refused).then(|| {
                    format!(
                        "The issues of {repo} cannot be read from GitHub now: its open_issue_count is GitHub's own, with \
                         pull requests"
                    )
                })
            }));
            repos = self.store.repos().await?;
            visible(&mut repos);
        }
        warnings.extend(self.unreadable_warnings(&caller, None).await?);
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
            let known = self.refused_lately(repo).map(Err);
            let filled = match known {
                Some(refused) => refused,
                None => self.ensure_synced(std::slice::from_ref(repo)).await,
            };
            match filled {
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
    ) -> ServiceResult<Vec<MirroredIssue>> {
        let caller = self.scoped(caller);
        if let Some(repo) = &filter.repo {
            Self::permit(&caller, repo)?;
            self.learn_for(&caller, repo).await?;
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

    /// One issue as GitHub has it now, with its comments. What was read within `ISSUE_CHECK_SECONDS` is given again; where the
    /// caller has read its share of GitHub's budget it is what the mirror has, with a warning that says how old that is.
    pub async fn issue_details(
        &self,
        caller: &Caller,
        repo: &RepoName,
        number: IssueNumber,
    ) -> ServiceResult<IssueDetails> {
        let caller = self.scoped(caller);
        Self::permit(&caller, repo)?;
        self.learn_for(&caller, repo).await?;
        let not_found = || Failure::RepoNotFound { repo: repo.clone() };
        // Names change hands: what was read belongs to the repository.
        let home = self.store.repo(repo).await?.ok_or_else(not_found)?;
        let key = (home.id, number);
        let now = self.clock.now();
        let row = self.store.issue(repo, number).await?;
        let row = row.filter(|row| row.doubt.is_none_or(|(doubt, _)| !doubt.is_gone()));
        let (kept, recent) = self.reads.kept(key, now);
        if recent {
            match (kept.as_ref().map(|kept| &kept.comments), &row) {
                (Some(Some(tagged)), Some(issue)) => {
                    return Ok(IssueDetails {
                        issue: issue.clone(),
                        comments: Some(tagged.list.clone()),
                        warnings: Vec::new(),
                    });
                }
                (Some(None), None) => {
                    let repo = repo.clone();
                    return Err(Failure::IssueNotFound { repo, number }.into());
                }
                _ => {}
            }
        }
        let budget = self.github.budget();
        if let Err(spent) = self.reads.pay(&caller.principal, DETAILS, &budget, now) {
            return match row {
                Some(issue) => Ok(as_mirrored(issue, kept, spent, now)),
                None => Err(Failure::Github(spent.into()).into()),
            };
        }
        let (read, cost) = self.read_details(repo, number, kept).await;
        self.reads.settle(&caller.principal, cost - DETAILS);
        if let Err(ServiceError::Failed(Failure::IssueNotFound { .. })) = &read {
            let comments = None;
            self.reads.keep(key, Kept { at: now, comments });
        }
        let (issue, tagged) = read?;
        let comments = tagged.list.clone();
        let kept = Kept {
            at: now,
            comments: Some(tagged),
        };
        self.reads.keep(key, kept);
        Ok(IssueDetails {
            issue,
            comments: Some(comments),
            warnings: Vec::new(),
        })
    }

    /// Reads an issue and its comments from GitHub, each only where it may have changed. Says how many requests it cost.
    async fn read_details(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        kept: Option<Kept>,
    ) -> (ServiceResult<(MirroredIssue, TaggedComments)>, i64) {
        let mut cost = 0;
        let read = self.read_changed(repo, number, kept, &mut cost).await;
        (read, cost)
    }

    async fn read_changed(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        kept: Option<Kept>,
        cost: &mut i64,
    ) -> ServiceResult<(MirroredIssue, TaggedComments)> {
        let not_found = || Failure::IssueNotFound {
            repo: repo.clone(),
            number,
        };
        let row = self.store.issue(repo, number).await?;
        let etag = row.and_then(|row| row.etag);
        // What is unchanged is free.
        *cost += 1;
        let seen = self.look(repo, number, etag.as_deref()).await?;
        *cost -= i64::from(seen == IssueLookup::Unchanged);
        self.see(repo, number, seen).await?;
        let issue = self.store.issue(repo, number).await?;
        let issue = issue.ok_or_else(not_found)?;
        let known = kept.and_then(|kept| kept.comments);
        let etag = known.as_ref().and_then(|tagged| tagged.etag.as_deref());
        *cost += 1;
        let name = &issue.repo_name;
        let tagged = match self.github.changed_comments(name, number, etag).await {
            Ok(Fetched::New(tagged)) => {
                *cost += i64::try_from(tagged.list.comments.len() / 100).unwrap_or_default();
                tagged
            }
            Ok(Fetched::Unchanged) => {
                *cost -= 1;
                known.unwrap_or_default()
            }
            Err(error) if error.kind == GithubErrorKind::NotFound => return Err(not_found().into()),
            Err(error) => return Err(Failure::Github(error).into()),
        };
        Ok((issue, tagged))
    }

    /// Learns of a repository that the mirror does not have, at the cost of who looks at it.
    async fn learn_for(&self, caller: &Caller, repo: &RepoName) -> Result<(), Failure> {
        if self.store.repo(repo).await?.is_some() {
            return Ok(());
        }
        let (budget, now) = (self.github.budget(), self.clock.now());
        self.reads
            .pay(&caller.principal, 1, &budget, now)
            .map_err(GithubError::from)?;
        self.learn_repo(repo).await
    }
}

/// What is known of an issue without asking, and how old that is.
fn as_mirrored(
    issue: MirroredIssue,
    kept: Option<Kept>,
    spent: Spent,
    now: Timestamp,
) -> IssueDetails {
    let comments = kept.and_then(|kept| Some((kept.at, kept.comments?.list)));
    let of_comments = match &comments {
        Some((at, _)) => format!("its comments as they were {} ago", age(*at, now)),
        None => "its comments were not read".to_owned(),
    };
    let warning = format!(
        "GitHub was not asked, for {}: the issue is as it was {} ago, {of_comments}",
        spent.words(),
        age(issue.checked_at, now),
    );
    IssueDetails {
        issue,
        comments: comments.map(|(_, comments)| comments),
        warnings: vec![warning],
    }
}

/// A length of time in words.
fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = (now.0 - since.0).max(0) / 1_000;
    match seconds {
        0..120 => format!("{seconds} seconds"),
        120..7_200 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3_600),
    }
}
