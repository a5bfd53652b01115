//! All that a hook of a client says and asks, in one call.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::service::{Service, ServiceResult, SessionMoment};

use super::{AGENT_ID, Call};
use crate::error::ApiError;
use crate::params::{Param, ParamType, Params};
use crate::response::ClientSessionResponse;

const MOMENT: Param = Param::needed(
    "moment",
    ParamType::OneOf(&["begins", "works", "asks", "over"]),
    "begins: a sign of life, also of a session that was over; works: a sign of life, unless it is over; asks: none; over: what the \
     session holds without a pull request is given back after SESSION_GRACE_MINUTES",
);
const CLIENT: Param = Param::optional(
    "client",
    ParamType::String,
    "the client's name, from which the agent's is made where nobody was heard in the session and no agent_id is given",
)
.up_to(100);

/// A client says how it is with its session, and hears what its agents have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSession {
    agent: Option<AgentId>,
    client: String,
    moment: SessionMoment,
}

impl Call for ClientSession {
    const NAME: &'static str = "client_session";
    const PARAMS: &'static [Param] = &[AGENT_ID.or_absent(), CLIENT, MOMENT];
    const CHANGES: bool = true;
    const REFUSES: bool = true;
    const HEARS: bool = true;
    type Response = ClientSessionResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            agent: fields.agent(&AGENT_ID)?,
            client: fields.text(&CLIENT)?.unwrap_or_default().to_owned(),
            moment: match fields.needed_word(&MOMENT)? {
                "begins" => SessionMoment::Begins,
                "works" => SessionMoment::Works,
                "over" => SessionMoment::Over,
                _ => SessionMoment::Asks,
            },
        })
    }

    fn agent(&self) -> Option<&AgentId> {
        self.agent.as_ref()
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<ClientSessionResponse> {
        let Self {
            agent,
            client,
            moment,
        } = self;
        let told = service.client_session(caller, &client, agent, moment);
        Ok(ClientSessionResponse::of(&told.await?))
    }
}
