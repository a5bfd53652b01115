//! Halted work.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::halt::{Halt, HaltKind, HaltOf};
use issuecommand_core::domain::id::RepoId;
use issuecommand_core::domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::FromRow;

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::error::unreadable;
use crate::json::agent_id;
use crate::rows::StoredRow;

/// Halted work.
#[derive(Debug, FromRow, Serialize, Deserialize)]
pub struct HaltRow {
    halted: String,
    kind: String,
    halted_by: String,
    note: Option<String>,
    at: i64,
}

/// What is halted, as text.
fn halted(of: &HaltOf) -> String {
    match of {
        HaltOf::Everything => "all".to_owned(),
        HaltOf::Agent(agent) => format!("agent:{agent}"),
        HaltOf::Repo(repo) => format!("repo:{}", repo.0),
    }
}

impl StoredRow for HaltRow {
    type Value = Halt;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        self.halted.clone()
    }

    fn value(self) -> Result<Halt, StoreError> {
        let of = match self.halted.split_once(':') {
            Some(("agent", agent)) => HaltOf::Agent(agent_id(agent)?),
            Some(("repo", id)) => HaltOf::Repo(RepoId(id.parse().map_err(unreadable)?)),
            Some(_) | None => HaltOf::Everything,
        };
        Ok(Halt {
            of,
            kind: HaltKind::parse(&self.kind)
                .ok_or_else(|| unreadable(format!("kind {:?}", self.kind)))?,
            by: self.halted_by,
            note: self.note,
            at: Timestamp(self.at),
        })
    }
}

impl PlainRow for HaltRow {
    const PLAIN: PlainTable = plain_table!("halt", ["halted"], ["kind", "halted_by", "note", "at"]);

    fn of(halt: &Halt) -> Result<Self, StoreError> {
        Ok(Self {
            halted: halted(&halt.of),
            kind: halt.kind.as_str().to_owned(),
            halted_by: halt.by.clone(),
            note: halt.note.clone(),
            at: halt.at.0,
        })
    }

    fn key(of: &HaltOf) -> Value {
        json!({ "halted": halted(of) })
    }
}
