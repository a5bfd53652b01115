//! Rows of API keys.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{AccessKey, KeyName, SecretHash};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use sqlx::FromRow;

use super::StoredRow;
use crate::error::unreadable;
use crate::json::{agent, parse};

/// An API key. See [`key_columns`](crate::key_columns).
#[derive(Debug, FromRow)]
pub struct KeyRow {
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

impl StoredRow for KeyRow {
    type Value = AccessKey;

    const TABLE: &'static str = "access_key";

    fn id(&self) -> String {
        self.id.clone()
    }

    fn value(self) -> Result<AccessKey, StoreError> {
        let scope = match &self.repos {
            // An unreadable list must never widen what a key may see.
            Some(repos) => Scope::Only(parse::<Vec<RepoName>>(repos)?.into_iter().collect()),
            None => Scope::All,
        };
        Ok(AccessKey {
            id: self.id,
            name: KeyName::parse(&self.name).map_err(unreadable)?,
            hash: SecretHash::try_from(self.hash).map_err(unreadable)?,
            agent: agent(self.agent_id.as_deref())?,
            read_only: self.read_only,
            scope,
            created_at: Timestamp(self.created_at),
            expires_at: self.expires_at.map(Timestamp),
            revoked_at: self.revoked_at.map(Timestamp),
        })
    }
}
