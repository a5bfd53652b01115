//! Agents, their sessions, and what they are told.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::{AgentId, Principal};
use issuecommand_core::domain::notice::Notice;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::session::{
    ClientInfo, KnownAgent, ProcessRef, Session, SessionEnd, SessionId, Transport,
};
use issuecommand_core::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::FromRow;

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::error::unreadable;
use crate::json::{unversioned, versioned};
use crate::rows::StoredRow;

/// An agent that was heard.
#[derive(Debug, FromRow, Serialize, Deserialize)]
pub struct AgentRow {
    agent_id: String,
    client: Option<String>,
    version: Option<String>,
    principal: String,
    first_seen: i64,
    last_seen: i64,
}

impl StoredRow for AgentRow {
    type Value = KnownAgent;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        self.agent_id.clone()
    }

    fn value(self) -> Result<KnownAgent, StoreError> {
        Ok(KnownAgent {
            id: AgentId::parse(&self.agent_id).map_err(unreadable)?,
            client: client(self.client, self.version),
            principal: Principal::from(self.principal),
            first_seen: Timestamp(self.first_seen),
            last_seen: Timestamp(self.last_seen),
        })
    }
}

impl PlainRow for AgentRow {
    const PLAIN: PlainTable = plain_table!(
        "agent",
        ["agent_id"],
        ["client", "version", "principal", "first_seen", "last_seen"]
    );

    fn of(agent: &KnownAgent) -> Result<Self, StoreError> {
        let client = agent.client.as_ref();
        Ok(Self {
            agent_id: agent.id.to_string(),
            client: client.map(|client| client.name.clone()),
            version: client.map(|client| client.version.clone()),
            principal: agent.principal.clone().into(),
            first_seen: agent.first_seen.0,
            last_seen: agent.last_seen.0,
        })
    }

    fn key(agent: &AgentId) -> Value {
        json!({ "agent_id": agent })
    }
}

fn client(name: Option<String>, version: Option<String>) -> Option<ClientInfo> {
    Some(ClientInfo {
        name: name?,
        version: version.unwrap_or_default(),
    })
}

/// A session of an agent.
#[derive(Debug, FromRow, Serialize, Deserialize)]
pub struct SessionRow {
    agent_id: String,
    session_id: String,
    client: Option<String>,
    version: Option<String>,
    principal: String,
    transport: String,
    host: Option<String>,
    pid: Option<i64>,
    pid_started: Option<i64>,
    first_seen: i64,
    last_seen: i64,
    ended_at: Option<i64>,
    ended_how: Option<String>,
    ended_repos: Option<String>,
}

impl SessionRow {
    /// The table by its agents alone, for loading all sessions of an agent.
    pub(super) const OF_AGENT: PlainTable = plain_table!(
        "session",
        ["agent_id"],
        [
            "session_id",
            "client",
            "version",
            "principal",
            "transport",
            "host",
            "pid",
            "pid_started",
            "first_seen",
            "last_seen",
            "ended_at",
            "ended_how",
            "ended_repos"
        ]
    );
}

impl StoredRow for SessionRow {
    type Value = Session;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        format!("{} {}", self.agent_id, self.session_id)
    }

    fn value(self) -> Result<Session, StoreError> {
        let pid = self.pid.and_then(|pid| u32::try_from(pid).ok());
        let process = self.host.zip(pid).zip(self.pid_started);
        let end = self.ended_how.as_deref().and_then(SessionEnd::parse);
        let transport = Transport::parse(&self.transport);
        Ok(Session {
            agent: AgentId::parse(&self.agent_id).map_err(unreadable)?,
            id: SessionId::parse(&self.session_id).map_err(unreadable)?,
            client: client(self.client, self.version),
            principal: Principal::from(self.principal),
            transport: transport
                .ok_or_else(|| unreadable(format!("transport {:?}", self.transport)))?,
            process: process.map(|((host, pid), started)| ProcessRef { host, pid, started }),
            first_seen: Timestamp(self.first_seen),
            last_seen: Timestamp(self.last_seen),
            ended: self.ended_at.map(Timestamp).zip(end),
            gives_back: scope(self.ended_repos.as_deref())?,
        })
    }
}

impl PlainRow for SessionRow {
    const PLAIN: PlainTable = plain_table!(
        "session",
        ["agent_id", "session_id"],
        [
            "client",
            "version",
            "principal",
            "transport",
            "host",
            "pid",
            "pid_started",
            "first_seen",
            "last_seen",
            "ended_at",
            "ended_how",
            "ended_repos"
        ]
    );

    fn of(session: &Session) -> Result<Self, StoreError> {
        let (client, process) = (session.client.as_ref(), session.process.as_ref());
        Ok(Self {
            agent_id: session.agent.to_string(),
            session_id: session.id.to_string(),
            client: client.map(|client| client.name.clone()),
            version: client.map(|client| client.version.clone()),
            principal: session.principal.clone().into(),
            transport: session.transport.as_str().to_owned(),
            host: process.map(|process| process.host.clone()),
            pid: process.map(|process| i64::from(process.pid)),
            pid_started: process.map(|process| process.started),
            first_seen: session.first_seen.0,
            last_seen: session.last_seen.0,
            ended_at: session.ended.map(|(at, _)| at.0),
            ended_how: session.ended.map(|(_, end)| end.as_str().to_owned()),
            ended_repos: repos(&session.gives_back),
        })
    }

    fn key((agent, session): &(AgentId, SessionId)) -> Value {
        json!({ "agent_id": agent, "session_id": session })
    }
}

/// The repositories of a scope as a JSON list of keys; `None` for all.
fn repos(scope: &Scope) -> Option<String> {
    let Scope::Only(repos) = scope else {
        return None;
    };
    let keys: Vec<&str> = repos.iter().map(RepoName::key).collect();
    Some(json!(keys).to_string())
}

fn scope(repos: Option<&str>) -> Result<Scope, StoreError> {
    let Some(repos) = repos else {
        return Ok(Scope::All);
    };
    let keys: Vec<String> = serde_json::from_str(repos).map_err(unreadable)?;
    let names = keys.iter().map(|key| RepoName::parse(key));
    let names = names.collect::<Result<_, _>>().map_err(unreadable)?;
    Ok(Scope::Only(names))
}

/// What an agent is told.
#[derive(Debug, FromRow, Serialize, Deserialize)]
pub struct NoticeRow {
    notice_id: String,
    agent_id: String,
    at: i64,
    body: String,
}

impl NoticeRow {
    /// The table by its agents alone, for loading all notices of an agent.
    pub(super) const OF_AGENT: PlainTable =
        plain_table!("notice", ["agent_id"], ["notice_id", "at", "body"]);
}

impl StoredRow for NoticeRow {
    type Value = Notice;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        self.notice_id.clone()
    }

    fn value(self) -> Result<Notice, StoreError> {
        Ok(Notice {
            id: self.notice_id,
            agent: AgentId::parse(&self.agent_id).map_err(unreadable)?,
            at: Timestamp(self.at),
            body: unversioned(&self.body)?,
        })
    }
}

impl PlainRow for NoticeRow {
    const PLAIN: PlainTable = plain_table!("notice", ["notice_id"], ["agent_id", "at", "body"]);

    fn of(notice: &Notice) -> Result<Self, StoreError> {
        Ok(Self {
            notice_id: notice.id.clone(),
            agent_id: notice.agent.to_string(),
            at: notice.at.0,
            body: versioned(&notice.body)?,
        })
    }

    fn key(id: &String) -> Value {
        json!({ "notice_id": id })
    }
}

/// The questions for the sessions and notices of these agents.
pub(super) fn of_agents<'a>(
    sessions: impl IntoIterator<Item = &'a AgentId>,
    notices: impl IntoIterator<Item = &'a AgentId>,
) -> [(PlainTable, Vec<Value>); 2] {
    let sessions = sessions.into_iter().map(AgentRow::key);
    let notices = notices.into_iter().map(AgentRow::key);
    [
        (SessionRow::OF_AGENT, sessions.collect()),
        (NoticeRow::OF_AGENT, notices.collect()),
    ]
}
