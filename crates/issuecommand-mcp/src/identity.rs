//! Who the client of a session is: its name and version, and the agent that acts where a call names none.

use std::sync::{Arc, OnceLock};

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::session::{CallerSession, ClientInfo, SessionId};

/// The longest client's name in an agent's name, in bytes.
const CLIENT_MAX: usize = 60;

/// The caller of a session. Its client is known from the handshake on, and its agent stays what it was when it was first needed.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    caller: Caller,
    client: Arc<OnceLock<ClientInfo>>,
    agent: Arc<OnceLock<AgentId>>,
}

impl Identity {
    pub(crate) fn new(caller: Caller) -> Self {
        Self {
            caller,
            client: Arc::default(),
            agent: Arc::default(),
        }
    }

    /// The client introduces itself. Only the first time counts.
    pub(crate) fn introduce(&self, name: &str, version: &str) {
        let bounded = |text: &str| text.chars().filter(|c| !c.is_control()).take(100).collect();
        let _ = self.client.set(ClientInfo {
            name: bounded(name),
            version: bounded(version),
        });
    }

    /// Whether its session is known.
    pub(crate) fn has_session(&self) -> bool {
        self.caller.session.is_some()
    }

    /// The caller as it is known now.
    pub(crate) fn caller(&self) -> Caller {
        let Some(session) = &self.caller.session else {
            return self.caller.clone();
        };
        let client = self.client.get().cloned();
        let name = client.as_ref().map(|client| client.name.as_str());
        let given = || match &session.agent {
            Some(agent) => Some(agent.clone()),
            None => self
                .caller
                .agent
                .clone()
                .or_else(|| default_agent(name, &session.id)),
        };
        let agent = match self.agent.get() {
            Some(agent) => Some(agent.clone()),
            None => given().map(|agent| self.agent.get_or_init(|| agent).clone()),
        };
        Caller {
            session: Some(CallerSession {
                agent,
                client,
                ..session.clone()
            }),
            ..self.caller.clone()
        }
    }
}

/// The name of an agent that has none: `<client>-<first 4 of the session>`.
fn default_agent(client: Option<&str>, session: &SessionId) -> Option<AgentId> {
    let client = plain_name(client.unwrap_or_default());
    AgentId::parse(&format!("{client}-{}", session.short())).ok()
}

/// A client's name in small letters, digits and hyphens; `agent` if nothing of it is left.
pub(crate) fn plain_name(client: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let name: String = client.chars().map(plain).take(CLIENT_MAX).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "agent" } else { name }.to_owned()
}

#[cfg(test)]
mod tests {
    use issuecommand_core::domain::id::Principal;
    use issuecommand_core::domain::session::Transport;

    use super::*;

    fn of(agent: Option<&str>) -> Identity {
        Identity::new(Caller {
            session: Some(CallerSession {
                id: SessionId::parse("7f3e9a").unwrap(),
                agent: agent.map(|name| AgentId::parse(name).unwrap()),
                client: None,
                transport: Transport::Stdio,
                process: None,
            }),
            ..Caller::full(Principal::Local)
        })
    }

    fn agent(identity: &Identity) -> String {
        identity
            .caller()
            .session
            .unwrap()
            .agent
            .unwrap()
            .to_string()
    }

    #[test]
    fn an_agent_is_named_by_its_client_and_session() {
        let identity = of(None);
        identity.introduce("Claude Code", "2.1");
        assert_eq!(agent(&identity), "claude-code-7f3e");
        let silent = of(None);
        assert_eq!(agent(&silent), "agent-7f3e");
        silent.introduce("late", "1");
        assert_eq!(
            agent(&silent),
            "agent-7f3e",
            "it stays the same for a session"
        );
        let named = of(Some("ann"));
        named.introduce("Claude Code", "2.1");
        assert_eq!(agent(&named), "ann");
        let odd = of(None);
        odd.introduce("***", "1");
        assert_eq!(agent(&odd), "agent-7f3e");
    }
}
