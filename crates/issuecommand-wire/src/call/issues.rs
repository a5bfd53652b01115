//! Listing repositories and reading issues.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::failure::Failure;
use issuecommand_core::domain::id::{AgentId, IssueNumber};
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::service::{Service, ServiceError, ServiceResult};

use super::explain::FOR_AGENT;
use super::{Call, ISSUE_NUMBER, LABEL, MILESTONE, REPO};
use crate::error::ApiError;
use crate::params::{Param, ParamType, Params};
use crate::record::ReadinessRecord;
use crate::response::{IssueResponse, IssuesResponse, ReadinessResponse, ReposResponse};

const INCLUDE_COUNTS: Param = Param::optional(
    "include_counts",
    ParamType::Bool,
    "false: open_issue_count may be GitHub's own count, which has pull requests in it",
);

const READY: Param = Param::optional(
    "ready",
    ParamType::Bool,
    "true: only issues that are handed out; false: only the others, with the reasons",
);

/// Lists the repositories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRepos {
    /// Whether pull requests must be left out of the counts.
    pub counts: bool,
}

impl Call for ListRepos {
    const NAME: &'static str = "list_repos";
    const PARAMS: &'static [Param] = &[INCLUDE_COUNTS];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = ReposResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            counts: fields.flag(&INCLUDE_COUNTS),
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<ReposResponse> {
        let list = service.list_repos(caller, self.counts).await?;
        Ok(ReposResponse {
            repos: list.repos.iter().map(Into::into).collect(),
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
}

impl Call for ListOpenIssues {
    const NAME: &'static str = "list_open_issues";
    const PARAMS: &'static [Param] = &[REPO, LABEL, MILESTONE, READY];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = IssuesResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let repo = fields.needed_repo(&REPO)?;
        Ok(Self {
            filter: IssueFilter::new(Some(repo), fields.text(&LABEL)?, fields.text(&MILESTONE)?),
            ready: fields.boolean(&READY),
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<IssuesResponse> {
        let repo = self.filter.repo.clone();
        let issues = service
            .list_open_issues(caller, self.filter, self.ready)
            .await?;
        Ok(IssuesResponse {
            issues: issues.iter().map(Into::into).collect(),
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
}

impl Call for GetIssueDetails {
    const NAME: &'static str = "get_issue_details";
    const PARAMS: &'static [Param] = &[REPO, ISSUE_NUMBER];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = IssueResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            repo: fields.needed_repo(&REPO)?,
            number: fields.needed_issue(&ISSUE_NUMBER)?,
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<IssueResponse> {
        let (repo, number) = (self.repo, self.number);
        let details = service
            .issue_details(caller, &repo, number)
            .await
            .map_err(|error| match error {
                // If the number is a pull request, the answer is that there is no such issue.
                ServiceError::Refused(_) | ServiceError::NoWork { .. } => {
                    ServiceError::Failed(Failure::IssueNotFound { repo, number })
                }
                ServiceError::Failed(failure) => ServiceError::Failed(failure),
            })?;
        Ok(IssueResponse {
            issue: (&details).into(),
            warnings: details.warnings,
        })
    }
}
