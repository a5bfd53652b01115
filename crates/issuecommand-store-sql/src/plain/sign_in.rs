//! Sessions of the dashboard, and the codes that begin them.

use issuecommand_core::domain::access_key::SecretHash;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::web_session::{SignInCode, WebSession};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::FromRow;

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::error::unreadable;
use crate::rows::StoredRow;

/// A session of the dashboard.
#[derive(Debug, FromRow, Serialize, Deserialize)]
pub struct WebSessionRow {
    hash: String,
    principal: String,
    made_at: i64,
    used_at: i64,
}

impl StoredRow for WebSessionRow {
    type Value = WebSession;

    const TABLE: &'static str = Self::PLAIN.name;

    /// A part of the digest, which belongs into no log.
    fn id(&self) -> String {
        self.hash.chars().take(8).collect()
    }

    fn value(self) -> Result<WebSession, StoreError> {
        Ok(WebSession {
            hash: SecretHash::try_from(self.hash).map_err(unreadable)?,
            principal: Principal::from(self.principal),
            made_at: Timestamp(self.made_at),
            used_at: Timestamp(self.used_at),
        })
    }
}

impl PlainRow for WebSessionRow {
    const PLAIN: PlainTable =
        plain_table!("web_session", ["hash"], ["principal", "made_at", "used_at"]);

    fn of(session: &WebSession) -> Result<Self, StoreError> {
        Ok(Self {
            hash: String::from(session.hash),
            principal: String::from(session.principal.clone()),
            made_at: session.made_at.0,
            used_at: session.used_at.0,
        })
    }

    fn key(hash: &SecretHash) -> Value {
        json!({ "hash": hash })
    }
}

/// A one-time code.
#[derive(Debug, Serialize, Deserialize)]
pub struct SignInCodeRow {
    hash: String,
    principal: String,
    made_at: i64,
}

impl StoredRow for SignInCodeRow {
    type Value = SignInCode;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        self.hash.chars().take(8).collect()
    }

    fn value(self) -> Result<SignInCode, StoreError> {
        Ok(SignInCode {
            hash: SecretHash::try_from(self.hash).map_err(unreadable)?,
            principal: Principal::from(self.principal),
            made_at: Timestamp(self.made_at),
        })
    }
}

impl PlainRow for SignInCodeRow {
    const PLAIN: PlainTable = plain_table!("sign_in_code", ["hash"], ["principal", "made_at"]);

    fn of(code: &SignInCode) -> Result<Self, StoreError> {
        Ok(Self {
            hash: String::from(code.hash),
            principal: String::from(code.principal.clone()),
            made_at: code.made_at.0,
        })
    }

    fn key(hash: &SecretHash) -> Value {
        json!({ "hash": hash })
    }
}
