//! Saying why there is no work, or none that somebody expected.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::{AgentId, IssueNumber};
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::service::{Service, ServiceResult};

use super::Call;
use crate::error::ApiError;
use crate::params::{Param, ParamType, Params};
use crate::record::{ReadinessRecord, WhyRecord};
use crate::response::ExplainResponse;

pub(super) const FOR_AGENT: Param = Param::optional(
    "agent_id",
    ParamType::String,
    "for this agent; else for any",
);
const IN_REPO: Param = Param::optional(
    "repo",
    ParamType::String,
    "only of this repository, as owner/name",
);
const OF_ISSUE: Param = Param::optional(
    "issue_number",
    ParamType::Integer {
        least: 1,
        most: i32::MAX as i64,
    },
    "only about this issue of the repository",
);

/// Which work there is, and what stands against the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainWork {
    /// For which agent.
    pub agent: Option<AgentId>,
    /// In which repository.
    pub repo: Option<RepoName>,
    /// Only about this issue.
    pub number: Option<IssueNumber>,
}

impl Call for ExplainWork {
    const NAME: &'static str = "explain_work";
    const PARAMS: &'static [Param] = &[FOR_AGENT, IN_REPO, OF_ISSUE];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = ExplainResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let read = Self {
            agent: fields.agent(&FOR_AGENT)?,
            repo: fields.repo(&IN_REPO)?,
            number: fields.number(&OF_ISSUE)?,
        };
        if read.number.is_some() && read.repo.is_none() {
            return Err(ApiError::bad_request(
                "issue_number needs repo: numbers are those of a repository. Nothing was done.",
            ));
        }
        Ok(read)
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<ExplainResponse> {
        let Self {
            agent,
            repo,
            number,
        } = self;
        if let (Some(repo), Some(number)) = (&repo, number) {
            let readiness = service
                .readiness(caller, repo, number, agent.as_ref())
                .await?;
            return Ok(ExplainResponse {
                explain: None,
                readiness: Some(ReadinessRecord::of(repo, number, &readiness)),
            });
        }
        let filter = IssueFilter {
            repo,
            ..IssueFilter::default()
        };
        let why = service.explain(caller, agent, filter).await?;
        Ok(ExplainResponse {
            explain: Some(WhyRecord::of(&why)),
            readiness: None,
        })
    }
}
