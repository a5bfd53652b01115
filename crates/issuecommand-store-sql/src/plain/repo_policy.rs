//! Repositories' own policies.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::RepoId;
use issuecommand_core::domain::repo_policy::KnownPolicy;
use issuecommand_core::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::FromRow;

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::json::{parse, text};
use crate::rows::StoredRow;

/// What is known of a repository's own policy.
#[derive(Debug, FromRow, Serialize, Deserialize)]
pub struct KnownPolicyRow {
    repo_id: i64,
    policy: Option<String>,
    etag: Option<String>,
    error: Option<String>,
    since: i64,
    version: i64,
    judged: i64,
}

impl StoredRow for KnownPolicyRow {
    type Value = KnownPolicy;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        self.repo_id.to_string()
    }

    fn value(self) -> Result<KnownPolicy, StoreError> {
        Ok(KnownPolicy {
            repo: RepoId(self.repo_id),
            policy: self.policy.as_deref().map(parse).transpose()?,
            etag: self.etag,
            error: self.error,
            since: Timestamp(self.since),
            version: self.version,
            judged: self.judged,
        })
    }
}

impl PlainRow for KnownPolicyRow {
    const PLAIN: PlainTable = plain_table!(
        "repo_policy",
        ["repo_id"],
        ["policy", "etag", "error", "since", "version", "judged"]
    );

    fn of(known: &KnownPolicy) -> Result<Self, StoreError> {
        Ok(Self {
            repo_id: known.repo.0,
            policy: known.policy.as_ref().map(text).transpose()?,
            etag: known.etag.clone(),
            error: known.error.clone(),
            since: known.since.0,
            version: known.version,
            judged: known.judged,
        })
    }

    fn key(repo: &RepoId) -> Value {
        json!({ "repo_id": repo.0 })
    }
}
