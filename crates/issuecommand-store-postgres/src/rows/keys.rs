//! Rows of keys.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{AccessKey, KeyName, SecretHash};
use issuecommand_core::domain::repo_name::RepoName;
use sqlx::FromRow;

use super::{AgentId, StoreError, Timestamp, json, unreadable};

/// The columns of [`KeyRow`], of `access_key k`.
macro_rules! key_columns {
    () => {
        "k.id, k.name, k.hash, k.agent_id, k.read_only, k.repos, k.created_at, k.expires_at, k.revoked_at"
    };
}

pub(crate) use key_columns;

#[derive(FromRow)]
pub(crate) struct KeyRow {
    id: String,
    name: String,
    hash: String,
    agent_id: Option<String>,
    read_only: bool,
    repos: Option<String>,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl KeyRow {
    pub(crate) fn key(self) -> Result<AccessKey, StoreError> {
        let agent = self.agent_id.as_deref().map(AgentId::parse).transpose();
        let scope = match &self.repos {
            // What cannot be read must never widen what a key may see.
            Some(repos) => Scope::Only(json::<Vec<RepoName>>(repos)?.into_iter().collect()),
            None => Scope::All,
        };
        Ok(AccessKey {
            id: self.id,
            name: KeyName::parse(&self.name).map_err(unreadable)?,
            hash: SecretHash::try_from(self.hash).map_err(unreadable)?,
            agent: agent.map_err(unreadable)?,
            read_only: self.read_only,
            scope,
            created_at: Timestamp(self.created_at),
            expires_at: self.expires_at.map(Timestamp),
            revoked_at: self.revoked_at.map(Timestamp),
        })
    }
}
