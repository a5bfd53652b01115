//! What the environment says of the MCP client that starts this process.

use issuecommand_config::{Layers, SESSION_VARIABLES, SettingsError, Sources, definitions};
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::session::SessionId;

/// What is known of the client before it speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientEnvironment {
    /// `ISSUECOMMAND_AGENT_ID`: the agent where a call names none.
    pub agent: Option<AgentId>,
    /// The session, by `ISSUECOMMAND_SESSION_ID` or the client's own variable.
    pub session: Option<SessionId>,
}

pub(super) fn read(layers: &Layers, sources: &Sources) -> Result<ClientEnvironment, SettingsError> {
    let agent = layers.find(&definitions::ISSUECOMMAND_AGENT_ID)?;
    let agent = agent.map(|given| AgentId::parse(&given.text).map_err(|_| given.refuse()));
    let session = layers.find(&definitions::ISSUECOMMAND_SESSION_ID)?;
    let session = session.map(|given| SessionId::parse(&given.text).map_err(|_| given.refuse()));
    let of_client = || {
        let variables = SESSION_VARIABLES.into_iter();
        let mut values = variables.filter_map(|name| {
            let mut environment = sources.environment.iter();
            environment.find(|(key, _)| key == name)
        });
        // What a client sets is not the operator's: a text that is no id is passed over.
        values.find_map(|(_, value)| SessionId::parse(value).ok())
    };
    Ok(ClientEnvironment {
        agent: agent.transpose()?,
        session: session.transpose()?.or_else(of_client),
    })
}
