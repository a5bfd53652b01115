//! Active claims, the history of claims, an agent's work, and health.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::ports::store::{ClaimFilter, HistoryQuery};
use issuecommand_core::service::{Service, ServiceResult};

use super::{Call, OWN_AGENT_ID};
use crate::cursor;
use crate::error::ApiError;
use crate::page::{CURSOR, LIMIT, Page};
use crate::params::{Param, ParamError, ParamType, Params};
use crate::response::{ClaimsResponse, HealthResponse, HistoryResponse, WorkResponse};

const OF_AGENT: Param = Param::optional("agent_id", ParamType::String, "only this agent's");
const IN_REPO: Param = Param::optional(
    "repo",
    ParamType::String,
    "only of this repository, as owner/name",
);
const WITH_STATUS: Param = Param::optional(
    "status",
    ParamType::Status,
    "only with this status; closed, released: those that ended so",
);
/// The default page length.
const DEFAULT_LIMIT: u32 = 50;

/// All active claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetAllClaims(ClaimFilter, Page);

impl Call for GetAllClaims {
    const NAME: &'static str = "get_all_claims";
    const PARAMS: &'static [Param] = &[OF_AGENT, IN_REPO, WITH_STATUS, LIMIT, CURSOR];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = ClaimsResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let filter = ClaimFilter {
            agent: fields.agent(&OF_AGENT)?,
            repo: fields.repo(&IN_REPO)?,
            status: fields.status(&WITH_STATUS)?,
            ..ClaimFilter::default()
        };
        Ok(Self(filter, Page::read(fields)?))
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<ClaimsResponse> {
        let claims = service.claims(caller, self.0).await?;
        Ok(ClaimsResponse::from(claims).page(self.1))
    }
}

/// The active claims of one agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetMyClaims(AgentId, Page);

impl Call for GetMyClaims {
    const NAME: &'static str = "get_my_claims";
    const PARAMS: &'static [Param] = &[OWN_AGENT_ID, LIMIT, CURSOR];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = ClaimsResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let agent = fields.needed_agent(&OWN_AGENT_ID)?;
        Ok(Self(agent, Page::read(fields)?))
    }

    fn agent(&self) -> Option<&AgentId> {
        Some(&self.0)
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<ClaimsResponse> {
        let claims = service.my_work(caller, self.0).await?.claims;
        Ok(ClaimsResponse::from(claims).page(self.1))
    }
}

/// All claims and follow-ups of one agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetMyWork(AgentId);

impl Call for GetMyWork {
    const NAME: &'static str = "get_my_work";
    const PARAMS: &'static [Param] = &[OWN_AGENT_ID];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    const GIVES_WORK: bool = true;
    type Response = WorkResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self(fields.needed_agent(&OWN_AGENT_ID)?))
    }

    fn agent(&self) -> Option<&AgentId> {
        Some(&self.0)
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<WorkResponse> {
        Ok(service.my_work(caller, self.0).await?.into())
    }
}

/// A page of ended claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetClaimHistory(HistoryQuery);

impl Call for GetClaimHistory {
    const NAME: &'static str = "get_claim_history";
    const PARAMS: &'static [Param] = &[IN_REPO, OF_AGENT, LIMIT, CURSOR];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = HistoryResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let limit = fields
            .whole(&LIMIT)?
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(DEFAULT_LIMIT);
        let bad = || ParamError {
            message: format!(
                "cursor is not one that was given out: {}.",
                CURSOR.description
            ),
        };
        let after = fields
            .text(&CURSOR)?
            .map(|text| cursor::read(text).ok_or_else(bad))
            .transpose()?;
        Ok(Self(HistoryQuery {
            agent: fields.agent(&OF_AGENT)?,
            repo: fields.repo(&IN_REPO)?,
            limit,
            after,
            ..HistoryQuery::default()
        }))
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<HistoryResponse> {
        let (items, next) = service.history(caller, self.0).await?;
        let next_cursor = next.as_ref().map(cursor::write);
        Ok(HistoryResponse {
            items: items.iter().map(Into::into).collect(),
            next_cursor,
        })
    }
}

const FAILURES_OF: Param = Param::optional(
    "repo",
    ParamType::String,
    "only the failures of this repository, as owner/name",
);

/// The health of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemHealth {
    /// Restricts the failures to this repository; `None` shows all.
    pub failures_of: Option<RepoName>,
}

impl Call for SystemHealth {
    const NAME: &'static str = "system_health";
    const PARAMS: &'static [Param] = &[FAILURES_OF];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = HealthResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            failures_of: fields.repo(&FAILURES_OF)?,
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<HealthResponse> {
        let mut health = service.health(caller).await?;
        if let Some(repo) = self.failures_of {
            // A failure without a repository concerns the list of repositories, which may lack this one.
            let concerns = |of: Option<&RepoName>| of.is_none_or(|of| *of == repo);
            let store = &mut health.store;
            store
                .sync_failures
                .retain(|failure| concerns(failure.fault.repo.as_ref()));
            store.close_failed.retain(|issue| issue.repo == repo);
        }
        Ok(HealthResponse {
            health: (&health).into(),
        })
    }
}
