//! What GitHub said of accounts and their rights.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::writer::{OwnLogin, Writer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::json::boolean;
use crate::rows::StoredRow;

/// GitHub's answer about an account's right to write to a repository.
#[derive(Debug, Serialize, Deserialize)]
pub struct WriterRow {
    repo: String,
    login: String,
    #[serde(deserialize_with = "boolean")]
    may: bool,
    at: i64,
}

impl StoredRow for WriterRow {
    type Value = Writer;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        format!("{} {}", self.repo, self.login)
    }

    fn value(self) -> Result<Writer, StoreError> {
        Ok(Writer {
            repo: self.repo,
            login: self.login,
            may: self.may,
            at: Timestamp(self.at),
        })
    }
}

impl PlainRow for WriterRow {
    const PLAIN: PlainTable = plain_table!("writer", ["repo", "login"], ["may", "at"]);

    fn of(writer: &Writer) -> Result<Self, StoreError> {
        Ok(Self {
            repo: writer.repo.clone(),
            login: writer.login.clone(),
            may: writer.may,
            at: writer.at.0,
        })
    }

    fn key((repo, login): &(String, String)) -> Value {
        json!({ "repo": repo, "login": login })
    }
}

/// The login of the credential's own user.
#[derive(Debug, Serialize, Deserialize)]
pub struct OwnLoginRow {
    id: i64,
    login: String,
}

impl StoredRow for OwnLoginRow {
    type Value = OwnLogin;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn value(self) -> Result<OwnLogin, StoreError> {
        Ok(OwnLogin(self.login))
    }
}

impl PlainRow for OwnLoginRow {
    const PLAIN: PlainTable = plain_table!("own_login", ["id"], ["login"]);

    fn of(own: &OwnLogin) -> Result<Self, StoreError> {
        Ok(Self {
            id: 1,
            login: own.0.clone(),
        })
    }

    fn key(id: &i64) -> Value {
        json!({ "id": id })
    }
}
