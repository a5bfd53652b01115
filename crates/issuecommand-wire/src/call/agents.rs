//! Signs of life, and the registry of agents.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::service::{Service, ServiceResult};

use super::{AGENT_ID, Call};
use crate::error::ApiError;
use crate::page::CURSOR;
use crate::params::{Param, ParamType, Params};
use crate::response::{AgentsResponse, HeartbeatResponse};

const SESSION_OVER: Param = Param::optional(
    "session_over",
    ParamType::Bool,
    "true is no sign of life but says that session_id is over: what it holds without a pull request is given back after \
     SESSION_GRACE_MINUTES, unless the agent is heard again",
);

/// A sign of life for all that an agent's session holds, or its end. For hooks and scripts over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    agent: AgentId,
    over: bool,
}

impl Call for Heartbeat {
    const NAME: &'static str = "heartbeat";
    const PARAMS: &'static [Param] = &[AGENT_ID, SESSION_OVER];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    const HEARS: bool = true;
    type Response = HeartbeatResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            agent: fields.needed_agent(&AGENT_ID)?,
            over: fields.is_set(&SESSION_OVER),
        })
    }

    fn agent(&self) -> Option<&AgentId> {
        Some(&self.agent)
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<HeartbeatResponse> {
        let Self { agent, over } = self;
        let beat = if over {
            service.session_is_over(caller, agent.clone()).await?
        } else {
            service.heartbeat(caller, agent.clone()).await?
        };
        Ok(HeartbeatResponse::of(&agent, beat))
    }
}

const LIMIT: Param = Param::optional(
    "limit",
    ParamType::Integer {
        least: 1,
        most: 200,
    },
    "how many at most; all when not said",
);

/// All agents that were heard lately, or a page of them. A page is for every key; all at once are for keys that may change things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetAgents {
    /// How many at most; `None` for all.
    pub limit: Option<u32>,
    /// Behind this one.
    pub after: Option<AgentId>,
}

impl Call for GetAgents {
    const NAME: &'static str = "agents";
    const PARAMS: &'static [Param] = &[LIMIT, CURSOR];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = AgentsResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let limit = fields.whole_or_refused(&LIMIT)?;
        let after = fields.agent(&CURSOR)?;
        if after.is_some() && limit.is_none() {
            return Err(ApiError::bad_request(
                "cursor needs limit: without it all agents are told at once.",
            ));
        }
        Ok(Self {
            limit: limit.and_then(|n| u32::try_from(n).ok()),
            after,
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<AgentsResponse> {
        let Some(limit) = self.limit else {
            return Ok(service.agents(caller).await?.into());
        };
        let page = service
            .agent_list(caller, self.after.as_ref(), limit)
            .await?;
        Ok(page.into())
    }
}
