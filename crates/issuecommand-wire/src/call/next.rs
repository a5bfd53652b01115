//! Requests for work chosen by the service.

use std::time::Duration;

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::attempt::Attempt;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::ports::github::LatestComments;
use issuecommand_core::service::{AssignedIssue, AssignedWork, Service, ServiceResult, beside};

use super::{Call, KEY, LABEL, MILESTONE, OWN_AGENT_ID, REPO};
use crate::error::ApiError;
use crate::params::{Param, ParamType, Params};
use crate::response::{NextIssueResponse, NextWorkResponse};

const LABELS_ANY: Param = Param::optional(
    "labels_any",
    ParamType::String,
    "one of these labels, comma separated",
);
const LABELS_NONE: Param = Param::optional(
    "labels_none",
    ParamType::String,
    "none of these labels, comma separated",
);

const TYPES: Param = Param::optional(
    "types",
    ParamType::String,
    "one of these types, comma separated",
);

const WAIT_SECONDS: Param = Param::optional(
    "wait_seconds",
    ParamType::Integer { least: 0, most: 50 },
    "how long to wait if there is no work now",
);

const PARAMS: &[Param] = &[
    OWN_AGENT_ID,
    REPO.or_absent(),
    LABEL,
    LABELS_ANY,
    LABELS_NONE,
    TYPES,
    MILESTONE,
    KEY,
];

/// Those of `next_work`.
const WORK_PARAMS: &[Param] = &[
    OWN_AGENT_ID,
    REPO.or_absent(),
    LABEL,
    LABELS_ANY,
    LABELS_NONE,
    TYPES,
    MILESTONE,
    WAIT_SECONDS,
    KEY,
];

#[derive(Clone, Debug, PartialEq, Eq)]
struct NextParams {
    agent: AgentId,
    filter: IssueFilter,
}

fn read(fields: &Params) -> Result<NextParams, ApiError> {
    let agent = fields.needed_agent(&OWN_AGENT_ID)?;
    let repo = fields.repo(&REPO)?;
    let filter = IssueFilter::new(repo, fields.text(&LABEL)?, fields.text(&MILESTONE)?).with(
        fields.text(&LABELS_ANY)?,
        fields.text(&LABELS_NONE)?,
        fields.text(&TYPES)?,
    );
    Ok(NextParams { agent, filter })
}

impl NextParams {
    /// What an idempotency key is bound to.
    fn request(&self, call: &str) -> Vec<String> {
        let Self { agent, filter } = self;
        let repo = filter.repo.as_ref().map_or("", |repo| repo.key());
        let milestone = filter.milestone.as_deref().unwrap_or("");
        let labels = filter.labels.join(",");
        let mut request = vec![call, agent.as_str(), repo, &labels, milestone];
        // Without these conditions the digest is that of before they existed.
        let (any, none) = (filter.any.join(","), filter.none.join(","));
        let types = filter.types.join(",");
        if !(any.is_empty() && none.is_empty() && types.is_empty()) {
            request.extend([any.as_str(), none.as_str()]);
        }
        if !types.is_empty() {
            request.push(&types);
        }
        request.into_iter().map(str::to_owned).collect()
    }
}

/// Warnings on repositories that could not be read. The agent has its work already, so an error here does not replace the
/// response.
async fn warnings(service: &Service, caller: &Caller, repo: Option<&RepoName>) -> Vec<String> {
    let warnings = Box::pin(service.unreadable_warnings(caller, repo)).await;
    warnings.unwrap_or_default()
}

/// What goes along with an issue: its latest comments, and what was tried before.
async fn with_issue(
    service: &Service,
    caller: &Caller,
    given: &AssignedIssue,
) -> (Option<LatestComments>, Vec<Attempt>) {
    let issue = &given.issue;
    let number = issue.facts.number;
    let latest = Box::pin(service.latest_comments(caller, &issue.repo_name, number));
    let attempts = service.previous_attempts(&given.claim, given.untried);
    beside(latest, attempts).await
}

/// Claims the most urgent issue that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextIssue(NextParams);

impl Call for NextIssue {
    const NAME: &'static str = "next_issue";
    const PARAMS: &'static [Param] = PARAMS;
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    const GIVES_WORK: bool = true;
    type Response = NextIssueResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        read(fields).map(Self)
    }

    fn agent(&self) -> Option<&AgentId> {
        Some(&self.0.agent)
    }

    fn request(&self) -> Option<Vec<String>> {
        Some(self.0.request(Self::NAME))
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<NextIssueResponse> {
        let NextParams { agent, filter } = self.0;
        let repo = filter.repo.clone();
        let given = service.next_issue(caller, agent, filter).await?;
        let (latest, attempts) = with_issue(service, caller, &given).await;
        let mut answer = NextIssueResponse::from(given);
        answer.previous_attempts = attempts.iter().map(Into::into).collect();
        answer.issue.show_latest(latest.as_ref());
        answer.warnings = warnings(service, caller, repo.as_ref()).await;
        Ok(answer)
    }
}

/// Claims feedback, or without any the most urgent issue that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextWork {
    next: NextParams,
    waits: Option<Duration>,
}

impl Call for NextWork {
    const NAME: &'static str = "next_work";
    const PARAMS: &'static [Param] = WORK_PARAMS;
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    const GIVES_WORK: bool = true;
    type Response = NextWorkResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let seconds = fields.whole(&WAIT_SECONDS)?.unwrap_or(0);
        Ok(Self {
            next: read(fields)?,
            waits: u64::try_from(seconds)
                .ok()
                .filter(|seconds| *seconds > 0)
                .map(Duration::from_secs),
        })
    }

    fn agent(&self) -> Option<&AgentId> {
        Some(&self.next.agent)
    }

    fn waits(&self) -> Option<Duration> {
        self.waits
    }

    fn request(&self) -> Option<Vec<String>> {
        Some(self.next.request(Self::NAME))
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<NextWorkResponse> {
        let NextParams { agent, filter } = self.next;
        let repo = filter.repo.clone();
        let given = service.next_work(caller, agent, filter).await?;
        let (latest, attempts) = match &given {
            AssignedWork::Issue(given) => with_issue(service, caller, given).await,
            AssignedWork::Followup(_) => (None, Vec::new()),
        };
        let mut answer = NextWorkResponse::from(given);
        answer.previous_attempts = attempts.iter().map(Into::into).collect();
        if let Some(issue) = &mut answer.issue {
            issue.show_latest(latest.as_ref());
        }
        answer.warnings = warnings(service, caller, repo.as_ref()).await;
        Ok(answer)
    }
}
