//! Listing repositories and reading issues.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::failure::Failure;
use issuecommand_core::domain::id::{AgentId, IssueNumber};
use issuecommand_core::domain::issue::{IssueFilter, MirroredIssue};
use issuecommand_core::domain::readiness::ReasonSet;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::service::{Service, ServiceError, ServiceResult};

use super::explain::FOR_AGENT;
use super::{Call, ISSUE_NUMBER, LABEL, MILESTONE, REPO};
use crate::error::ApiError;
use crate::page::{CURSOR, LIMIT, Page};
use crate::params::{Param, ParamType, Params};
use crate::record::{LeanIssueRecord, ReadinessRecord, RepoRecord};
use crate::response::{
    IssueResponse, IssuesResponse, ListedIssue, ReadinessResponse, ReposResponse,
};

const INCLUDE_COUNTS: Param = Param::optional(
    "include_counts",
    ParamType::Bool,
    "false: open_issue_count may have pull requests in it",
);

const INCLUDE_BODY: Param = Param::optional(
    "include_body",
    ParamType::Bool,
    "all fields, with bodies (over MCP: false)",
);

const COMMENTS_LIMIT: Param = Param::optional(
    "comments_limit",
    ParamType::Integer {
        least: 0,
        most: 1_000,
    },
    "only the latest comments; truncated says how many are left out",
);

const READY: Param = Param::optional(
    "ready",
    ParamType::Bool,
    "true: only what is handed out; false: only the others",
);

/// Lists the repositories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRepos {
    /// Whether pull requests must be left out of the counts.
    pub counts: bool,
    /// Which of them.
    pub page: Page,
}

impl Call for ListRepos {
    const NAME: &'static str = "list_repos";
    const PARAMS: &'static [Param] = &[INCLUDE_COUNTS, LIMIT, CURSOR];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = ReposResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            counts: fields.flag(&INCLUDE_COUNTS),
            page: Page::read(fields)?,
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<ReposResponse> {
        let list = service.list_repos(caller, self.counts).await?;
        let repos: Vec<RepoRecord> = list.repos.iter().map(Into::into).collect();
        let (repos, next_cursor) = self.page.of(repos, |repo| repo.full_name.clone());
        Ok(ReposResponse {
            repos,
            next_cursor,
            warnings: list.warnings,
        })
    }
}

/// Lists the open and unclaimed issues of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListOpenIssues {
    /// The filter.
    pub filter: IssueFilter,
    /// Only those that are handed out, or only the others.
    pub ready: Option<bool>,
    /// Whether each has all its fields.
    pub whole: bool,
    /// Which of them.
    pub page: Page,
}

impl Call for ListOpenIssues {
    const NAME: &'static str = "list_open_issues";
    const PARAMS: &'static [Param] = &[REPO, LABEL, MILESTONE, READY, INCLUDE_BODY, LIMIT, CURSOR];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = IssuesResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let repo = fields.needed_repo(&REPO)?;
        Ok(Self {
            filter: IssueFilter::new(Some(repo), fields.text(&LABEL)?, fields.text(&MILESTONE)?),
            ready: fields.boolean(&READY),
            whole: fields
                .boolean(&INCLUDE_BODY)
                .unwrap_or(!fields.are_of_a_tool()),
            page: Page::read(fields)?,
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<IssuesResponse> {
        let repo = self.filter.repo.clone();
        let issues = service
            .list_open_issues(caller, self.filter, self.ready)
            .await?;
        let number = |(issue, _): &(MirroredIssue, ReasonSet)| issue.facts.number.to_string();
        let (issues, next_cursor) = self.page.of(issues, number);
        let listed = |row: &(MirroredIssue, ReasonSet)| {
            if self.whole {
                ListedIssue::Whole(Box::new(row.into()))
            } else {
                ListedIssue::Lean(LeanIssueRecord::from(row))
            }
        };
        Ok(IssuesResponse {
            issues: issues.iter().map(listed).collect(),
            next_cursor,
            warnings: service.unreadable_warnings(caller, repo.as_ref()).await?,
        })
    }
}

/// Whether an issue is handed out, and everything that stands against it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssueReadiness {
    /// Its repository.
    pub repo: RepoName,
    /// Its number.
    pub number: IssueNumber,
    /// For which agent.
    pub agent: Option<AgentId>,
}

impl Call for IssueReadiness {
    const NAME: &'static str = "issue_readiness";
    const PARAMS: &'static [Param] = &[REPO, ISSUE_NUMBER, FOR_AGENT];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = ReadinessResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            repo: fields.needed_repo(&REPO)?,
            number: fields.needed_issue(&ISSUE_NUMBER)?,
            agent: fields.agent(&FOR_AGENT)?,
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<ReadinessResponse> {
        let readiness = service
            .readiness(caller, &self.repo, self.number, self.agent.as_ref())
            .await?;
        Ok(ReadinessResponse {
            readiness: ReadinessRecord::of(&self.repo, self.number, &readiness),
        })
    }
}

/// One issue with all its comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetIssueDetails {
    /// Its repository.
    pub repo: RepoName,
    /// Its number.
    pub number: IssueNumber,
    /// How many of its comments, the latest ones; `None`: all.
    pub comments: Option<usize>,
}

impl Call for GetIssueDetails {
    const NAME: &'static str = "get_issue_details";
    const PARAMS: &'static [Param] = &[REPO, ISSUE_NUMBER, COMMENTS_LIMIT];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = IssueResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            repo: fields.needed_repo(&REPO)?,
            number: fields.needed_issue(&ISSUE_NUMBER)?,
            comments: (fields.whole(&COMMENTS_LIMIT)?).and_then(|n| usize::try_from(n).ok()),
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<IssueResponse> {
        let (repo, number) = (self.repo, self.number);
        let mut details = service
            .issue_details(caller, &repo, number)
            .await
            .map_err(|error| match error {
                // If the number is a pull request, the answer is that there is no such issue.
                ServiceError::Refused(_) | ServiceError::NoWork { .. } => {
                    ServiceError::Failed(Failure::IssueNotFound { repo, number })
                }
                ServiceError::Failed(failure) => ServiceError::Failed(failure),
            })?;
        if let (Some(most), Some(comments)) = (self.comments, &mut details.comments) {
            comments.keep_latest(most);
        }
        Ok(IssueResponse {
            issue: (&details).into(),
            warnings: details.warnings,
        })
    }
}
