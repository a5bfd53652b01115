//! The history of an issue or an agent, statistics, and what waits between here and GitHub. These calls are for operators, so they
//! are no tools.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::{AgentId, IssueNumber};
use issuecommand_core::domain::outbox::OutboxId;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::engine::command::RetryOf;
use issuecommand_core::service::{HistoryPage, Service, ServiceResult};
use uuid::Uuid;

use super::{AGENT_ID, Call, ISSUE_NUMBER, REPO};
use crate::error::ApiError;
use crate::params::{Param, ParamType, Params};
use crate::response::{
    AgentPageResponse, DeliveriesResponse, IssueHistoryResponse, OutboxResponse, RetriedResponse,
    StatisticsResponse,
};

const BEFORE: Param = Param::optional(
    "before",
    ParamType::Integer {
        least: 0,
        most: i64::MAX,
    },
    "only events before the one with this event_id; without it from the newest on",
);
const LIMIT: Param = Param::optional(
    "limit",
    ParamType::Integer {
        least: 1,
        most: 200,
    },
    "how many events at most; 50 when not said",
);
/// The default length of a page of events.
const EVENTS: usize = 50;

fn page(fields: &Params) -> Result<HistoryPage, ApiError> {
    let limit = fields.whole_or_refused(&LIMIT)?;
    let limit = limit.and_then(|n| usize::try_from(n).ok());
    Ok(HistoryPage {
        before: fields.whole_or_refused(&BEFORE)?,
        limit: limit.unwrap_or(EVENTS),
    })
}

/// The history of one issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetIssueHistory {
    /// Its repository.
    pub repo: RepoName,
    /// Its number.
    pub number: IssueNumber,
    /// Which events.
    pub page: HistoryPage,
}

impl Call for GetIssueHistory {
    const NAME: &'static str = "issue_history";
    const PARAMS: &'static [Param] = &[REPO, ISSUE_NUMBER, BEFORE, LIMIT];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = IssueHistoryResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            repo: fields.needed_repo(&REPO)?,
            number: fields.needed_issue(&ISSUE_NUMBER)?,
            page: page(fields)?,
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<IssueHistoryResponse> {
        let history = service.issue_history(caller, &self.repo, self.number, self.page);
        let history = history.await?;
        Ok(IssueHistoryResponse::of(&history, &service.sight(caller)))
    }
}

const WHICH_AGENT: Param = Param {
    description: "the agent's name",
    ..AGENT_ID
};

/// One agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetAgent {
    /// Its name. The caller is somebody else, so that this is no call of the agent.
    pub which: AgentId,
    /// Which events.
    pub page: HistoryPage,
}

impl Call for GetAgent {
    const NAME: &'static str = "agent";
    const PARAMS: &'static [Param] = &[WHICH_AGENT, BEFORE, LIMIT];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = AgentPageResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            which: fields.needed_agent(&WHICH_AGENT)?,
            page: page(fields)?,
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<AgentPageResponse> {
        let found = service.agent_page(caller, &self.which, self.page).await?;
        Ok(AgentPageResponse::of(&found, &service.sight(caller)))
    }
}

const DAYS: Param = Param::optional(
    "days",
    ParamType::Integer {
        least: 1,
        most: 400,
    },
    "of so many days, today included; 30 when not said",
);
const IN_REPO: Param = Param::optional(
    "repo",
    ParamType::String,
    "only of this repository, as owner/name",
);

/// What happened on each day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetStatistics {
    /// Of this repository.
    pub repo: Option<RepoName>,
    /// Of so many days.
    pub days: u32,
}

impl Call for GetStatistics {
    const NAME: &'static str = "statistics";
    const PARAMS: &'static [Param] = &[DAYS, IN_REPO];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = StatisticsResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let days = fields.whole_or_refused(&DAYS)?;
        let days = days.and_then(|n| u32::try_from(n).ok());
        Ok(Self {
            repo: fields.repo(&IN_REPO)?,
            days: days.unwrap_or(30),
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<StatisticsResponse> {
        let statistics = service.statistics(caller, self.repo.as_ref(), self.days);
        let statistics = statistics.await?;
        Ok(StatisticsResponse {
            statistics: (&statistics).into(),
        })
    }
}

/// Deliveries of GitHub that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListDeliveries;

impl Call for ListDeliveries {
    const NAME: &'static str = "deliveries";
    const PARAMS: &'static [Param] = &[];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = DeliveriesResponse;

    fn read(_: &Params) -> Result<Self, ApiError> {
        Ok(Self)
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<DeliveriesResponse> {
        Ok((&service.deliveries(caller).await?).into())
    }
}

/// Writes to GitHub that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListOutbox;

impl Call for ListOutbox {
    const NAME: &'static str = "outbox";
    const PARAMS: &'static [Param] = &[];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = OutboxResponse;

    fn read(_: &Params) -> Result<Self, ApiError> {
        Ok(Self)
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<OutboxResponse> {
        Ok((&service.outbox_list(caller).await?).into())
    }
}

const DELIVERY: Param = Param::needed(
    "delivery_id",
    ParamType::String,
    "the delivery_id of the list of deliveries",
);

/// Tries a delivery again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryDelivery(String);

impl Call for RetryDelivery {
    const NAME: &'static str = "retry_delivery";
    const PARAMS: &'static [Param] = &[DELIVERY];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    type Response = RetriedResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self(fields.needed_text(&DELIVERY)?.to_owned()))
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<RetriedResponse> {
        service.retry(caller, RetryOf::Delivery(self.0)).await?;
        Ok(RetriedResponse { ok: true })
    }
}

const WRITE: Param = Param::needed(
    "write_id",
    ParamType::String,
    "the write_id of the list of writes",
);

/// Tries a write to GitHub again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryWrite(OutboxId);

impl Call for RetryWrite {
    const NAME: &'static str = "retry_write";
    const PARAMS: &'static [Param] = &[WRITE];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    type Response = RetriedResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let id = Uuid::parse_str(fields.needed_text(&WRITE)?);
        let id = id.map_err(|_| {
            ApiError::bad_request("write_id is no UUID: GET /api/outbox has the write_id of each.")
        })?;
        Ok(Self(OutboxId(id)))
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<RetriedResponse> {
        service.retry(caller, RetryOf::Write(self.0)).await?;
        Ok(RetriedResponse { ok: true })
    }
}
