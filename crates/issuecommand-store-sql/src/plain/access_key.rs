//! API keys.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{AccessKey, KeyName, SecretHash};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::FromRow;

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::error::unreadable;
use crate::json::{agent, boolean, parse, text};
use crate::rows::StoredRow;

/// An API key. See [`key_columns`](crate::key_columns).
#[derive(Debug, FromRow, Serialize, Deserialize)]
pub struct KeyRow {
    id: String,
    name: String,
    hash: String,
    agent_id: Option<String>,
    #[serde(deserialize_with = "boolean")]
    read_only: bool,
    repos: Option<String>,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl StoredRow for KeyRow {
    type Value = AccessKey;

    const TABLE: &'static str = Self::PLAIN.name;

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

impl PlainRow for KeyRow {
    const PLAIN: PlainTable = plain_table!(
        "access_key",
        ["id"],
        [
            "name",
            "hash",
            "agent_id",
            "read_only",
            "repos",
            "created_at",
            "expires_at",
            "revoked_at"
        ]
    );

    fn of(key: &AccessKey) -> Result<Self, StoreError> {
        let repos = match &key.scope {
            Scope::All => None,
            Scope::Only(repos) => {
                let names: Vec<&str> = repos.iter().map(RepoName::as_str).collect();
                Some(text(&names)?)
            }
        };
        Ok(Self {
            id: key.id.clone(),
            name: key.name.to_string(),
            hash: String::from(key.hash),
            agent_id: key.agent.as_ref().map(ToString::to_string),
            read_only: key.read_only,
            repos,
            created_at: key.created_at.0,
            expires_at: key.expires_at.map(|at| at.0),
            revoked_at: key.revoked_at.map(|at| at.0),
        })
    }

    fn key(id: &String) -> Value {
        json!({ "id": id })
    }
}
