//! Writing keys.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::{AccessKey, KeyName, SecretHash};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use serde::Serialize;

use super::{json, rows_of};
use crate::bulk::Db;

/// $1 keys as objects. Of a key that is there only its end changes.
pub(crate) const PUT: &str = "-- put_keys
     INSERT INTO access_key (id, name, hash, agent_id, read_only, repos, created_at, expires_at, revoked_at)
     SELECT id, name, hash, agent_id, read_only, repos, created_at, expires_at, revoked_at
     FROM jsonb_populate_recordset(NULL::access_key, $1::jsonb)
     ON CONFLICT (id) DO UPDATE SET revoked_at = excluded.revoked_at";

#[derive(Serialize)]
struct KeyOut<'a> {
    id: &'a str,
    name: &'a KeyName,
    hash: SecretHash,
    agent_id: Option<&'a AgentId>,
    read_only: bool,
    repos: Option<String>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

pub(super) async fn put(db: &mut Db<'_>, keys: &[AccessKey]) -> Result<(), StoreError> {
    super::put(db, PUT, &rows_of(keys.iter().map(row))?).await?;
    Ok(())
}

fn row(key: &AccessKey) -> Result<KeyOut<'_>, StoreError> {
    let repos = match &key.scope {
        Scope::All => None,
        Scope::Only(repos) => {
            let names: Vec<&str> = repos.iter().map(RepoName::as_str).collect();
            Some(json(&names)?)
        }
    };
    Ok(KeyOut {
        id: &key.id,
        name: &key.name,
        hash: key.hash,
        agent_id: key.agent.as_ref(),
        read_only: key.read_only,
        repos,
        created_at: key.created_at,
        expires_at: key.expires_at,
        revoked_at: key.revoked_at,
    })
}
