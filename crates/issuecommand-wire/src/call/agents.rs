//! Signs of life, and the registry of agents.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::service::{Service, ServiceResult};

use super::{AGENT_ID, Call};
use crate::error::ApiError;
use crate::params::{Param, Params};
use crate::response::{AgentsResponse, HeartbeatResponse};

/// A sign of life for all that an agent's session holds. For hooks and scripts over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat(AgentId);

impl Call for Heartbeat {
    const NAME: &'static str = "heartbeat";
    const PARAMS: &'static [Param] = &[AGENT_ID];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    const HEARS: bool = true;
    type Response = HeartbeatResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        fields.needed_agent(&AGENT_ID).map(Self).map_err(Into::into)
    }

    fn agent(&self) -> Option<&AgentId> {
        Some(&self.0)
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<HeartbeatResponse> {
        let agent = self.0;
        let beat = service.heartbeat(caller, agent.clone()).await?;
        Ok(HeartbeatResponse::of(&agent, beat))
    }
}

/// All agents that were heard lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetAgents;

impl Call for GetAgents {
    const NAME: &'static str = "agents";
    const PARAMS: &'static [Param] = &[];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = AgentsResponse;

    fn read(_: &Params) -> Result<Self, ApiError> {
        Ok(Self)
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<AgentsResponse> {
        Ok(service.agents(caller).await?.into())
    }
}
