//! Use cases that read repositories and issues for agents.

use super::claims::unexpected;
use super::explain::Hindrance;
use super::read_cache::{Kept, Spent};
use super::{Service, ServiceError, ServiceResult};
use crate::domain::access::Caller;
use crate::domain::chosen::Ranked;
use crate::domain::failure::{Failure, GithubError, GithubErrorKind};
use crate::domain::id::{AgentId, IssueNumber};
use crate::domain::issue::{CommentList, IssueFilter, IssueLookup, MirroredIssue};
use crate::domain::lane::Lane;
use crate::domain::readiness::{NotReady, ReasonSet};
use crate::domain::repo_name::RepoName;
use crate::domain::time::Timestamp;
use crate::engine::command::{Action, Answer, Command, Missing, Outcome};
use crate::ports::github::{Fetched, TaggedComments};
use crate::ports::store::RepoCount;

/// Requests that issue details cost at most, before the number of comments is known.
const DETAILS: i64 = 2;

/// The repositories on offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepoList {
    /// The repositories, by name.
    pub repos: Vec<RepoCount>,
    /// Warnings about repositories that could not be read.
    pub warnings: Vec<String>,
}

/// Whether an issue is handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Everything that stands against it, in order. Empty if it is ready.
    pub reasons: Vec<NotReady>,
    /// How urgent it is. `None` for a closed issue.
    pub ranked: Option<Ranked>,
    /// The agents that it is for.
    pub lane: Lane,
    /// What keeps the agent that was asked about from it, besides the reasons.
    pub agent: Vec<Hindrance>,
}

/// An issue with its comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueDetails {
    /// The issue as GitHub or the mirror has it.
    pub issue: MirroredIssue,
    /// Its comments, oldest first. `None` if they were not read, which a warning says.
    pub comments: Option<CommentList>,
    /// The age of the details, if GitHub was not asked.
    pub warnings: Vec<String>,
}

impl Service {
    /// The repositories on offer, by name. `counts` asks for the mirror's counts and fills the mirror for them. Without it, a
    /// repository that was never synced has GitHub's count.
    pub async fn list_repos(&self, caller: &Caller, counts: bool) -> ServiceResult<RepoList> {
        let caller = self.scoped(caller);
        let mut repos = self.store.repos().await?;
        // Imported repositories are known only by name until GitHub shows them.
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

    /// Fills the mirror of each repository and returns the failures. It is an error only if none could be read and `others`
    /// says that no other repository has been read either.
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

    /// The open issues of one repository without an active claim: those that are ready first, in serving order, then the others
    /// with their reasons. `ready` narrows the list to one of these.
    pub async fn list_open_issues(
        &self,
        caller: &Caller,
        filter: IssueFilter,
        ready: Option<bool>,
    ) -> ServiceResult<Vec<(MirroredIssue, ReasonSet)>> {
        let caller = self.scoped(caller);
        if let Some(repo) = &filter.repo {
            Self::permit(&caller, repo)?;
            Box::pin(self.learn_for(&caller, repo)).await?;
            if self
                .store
                .repo(repo)
                .await?
                .is_some_and(|row| row.offered && row.synced_at.is_none())
            {
                Box::pin(self.ensure_synced(std::slice::from_ref(repo))).await?;
            }
        }
        let mut issues = Vec::new();
        if ready != Some(false) {
            let found = self.store.open_issues(&filter).await?.into_iter();
            issues.extend(found.map(|issue| (issue, ReasonSet::default())));
        }
        if ready != Some(true)
            && let Some(repo) = &filter.repo
        {
            let found = self.store.unready_issues(repo).await?.into_iter();
            issues.extend(found.filter(|(issue, _)| filter.matches(issue)));
        }
        issues.retain(|(issue, _)| caller.scope.has(&issue.repo_name));
        Ok(issues)
    }

    /// Whether an issue is handed out, and everything that stands against it.
    pub async fn readiness(
        &self,
        caller: &Caller,
        repo: &RepoName,
        number: IssueNumber,
        agent: Option<&AgentId>,
    ) -> ServiceResult<Readiness> {
        let caller = self.scoped(caller);
        Self::permit(&caller, repo)?;
        if let Some(agent) = agent {
            caller.may_be(agent)?;
        }
        self.learn_for(&caller, repo).await?;
        let action = Action::AskReadiness {
            repo: repo.clone(),
            number,
        };
        // Not as a command of the caller, whose key may only read.
        let asked = Command::system(action);
        match self.store.transact(asked).await? {
            Outcome::Done(Answer::Readiness {
                reasons,
                ranked,
                lane,
            }) => Ok(Readiness {
                agent: match agent {
                    Some(agent) => self.hindrances_of(agent, repo, number, &lane).await?,
                    None => Vec::new(),
                },
                reasons: (reasons.into_iter())
                    .map(|reason| reason.seen_in(&self.named_in(&caller.scope)))
                    .collect(),
                ranked,
                lane,
            }),
            Outcome::Missing(Missing::Repo(repo)) => Err(Failure::RepoNotFound { repo }.into()),
            Outcome::Missing(_) => {
                let repo = repo.clone();
                Err(Failure::IssueNotFound { repo, number }.into())
            }
            Outcome::Refused(refusal) => Err(refusal.into()),
            other @ Outcome::Done(_) => Err(unexpected(&other)),
        }
    }

    /// One issue with its comments, as GitHub has it now. Details read within `ISSUE_CHECK_SECONDS` are reused. A caller that
    /// has used its share of GitHub's budget gets the mirror's copy with a warning that says its age.
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
        // Names change hands, so the cached details belong to the repository's id.
        let home = self.store.repo(repo).await?.ok_or_else(not_found)?;
        let key = (home.id, number);
        let now = self.clock.now();
        let row = self.store.issue(repo, number).await?;
        let row = row.filter(|row| row.withheld.is_none_or(|(reason, _)| !reason.is_gone()));
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

    /// Reads an issue and its comments from GitHub, conditionally if possible. Returns the number of requests that it cost.
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
        // GitHub does not count a 304.
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

    /// Reads a repository that the mirror does not have, and charges the caller's share of the budget.
    pub(super) async fn learn_for(&self, caller: &Caller, repo: &RepoName) -> Result<(), Failure> {
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

/// Issue details without a request, with a warning about their age.
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

/// A duration in words.
fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = (now.0 - since.0).max(0) / 1_000;
    match seconds {
        0..120 => format!("{seconds} seconds"),
        120..7_200 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3_600),
    }
}
