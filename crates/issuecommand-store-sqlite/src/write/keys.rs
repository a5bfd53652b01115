//! Writing keys.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::AccessKey;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::repo_name::RepoName;

use super::{rows_of, text};
use crate::bulk::Args;

/// [id, name, hash, agent, read_only, repositories, created_at, expires_at, revoked_at] lists. Of a key that is there only its
/// end changes.
pub(crate) const PUT: &str = "-- put_keys
     INSERT INTO access_key (id, name, hash, agent_id, read_only, repos, created_at, expires_at, revoked_at)
     SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8
     FROM json_each(?) WHERE true
     ON CONFLICT (id) DO UPDATE SET revoked_at = excluded.revoked_at";

pub(crate) fn keys(keys: &[AccessKey]) -> Result<Args, StoreError> {
    Args::default().list(&rows_of(keys, row)?)
}

fn row(key: &AccessKey) -> Result<impl serde::Serialize, StoreError> {
    let repos = match &key.scope {
        Scope::All => None,
        Scope::Only(repos) => {
            let names: Vec<&str> = repos.iter().map(RepoName::as_str).collect();
            Some(text(&names)?)
        }
    };
    Ok((
        &key.id,
        &key.name,
        key.hash,
        &key.agent,
        key.read_only,
        repos,
        key.created_at,
        key.expires_at,
        key.revoked_at,
    ))
}
