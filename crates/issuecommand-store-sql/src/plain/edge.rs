//! What issues wait for.

use issuecommand_core::domain::edge::{Cycle, Edge, EdgeEnd, EdgeKey, EdgeKind};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::id::RepoId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::statements::plain_table;
use super::{PlainRow, PlainTable};
use crate::error::unreadable;
use crate::json::{boolean, issue_number, parse, repo_name, text};
use crate::rows::StoredRow;

/// An edge.
#[derive(Debug, Serialize, Deserialize)]
pub struct EdgeRow {
    repo_id: i64,
    number: i64,
    kind: String,
    to_repo_id: i64,
    to_key: String,
    to_number: i64,
    #[serde(deserialize_with = "boolean")]
    open: bool,
}

impl StoredRow for EdgeRow {
    type Value = Edge;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        format!("{}#{} {}", self.repo_id, self.number, self.kind)
    }

    fn value(self) -> Result<Edge, StoreError> {
        let kind = EdgeKind::parse(&self.kind);
        let number = issue_number(self.to_number)?;
        Ok(Edge {
            of: (RepoId(self.repo_id), issue_number(self.number)?),
            kind: kind.ok_or_else(|| unreadable(format!("kind {:?}", self.kind)))?,
            to: match self.to_repo_id {
                0 => EdgeEnd::Elsewhere(repo_name(&self.to_key)?, number),
                repo => EdgeEnd::Here(RepoId(repo), number),
            },
            open: self.open,
        })
    }
}

impl PlainRow for EdgeRow {
    const PLAIN: PlainTable = plain_table!(
        "issue_edge",
        [
            "repo_id",
            "number",
            "kind",
            "to_repo_id",
            "to_key",
            "to_number"
        ],
        ["open"]
    );

    fn of(edge: &Edge) -> Result<Self, StoreError> {
        let (to_repo_id, to_key, to_number) = end(&edge.to);
        Ok(Self {
            repo_id: edge.of.0.0,
            number: edge.of.1.get(),
            kind: edge.kind.as_str().to_owned(),
            to_repo_id,
            to_key: to_key.to_owned(),
            to_number,
            open: edge.open,
        })
    }

    fn key((of, kind, to): &EdgeKey) -> Value {
        let (to_repo_id, to_key, to_number) = end(to);
        json!({ "repo_id": of.0.0, "number": of.1.get(), "kind": kind.as_str(),
            "to_repo_id": to_repo_id, "to_key": to_key, "to_number": to_number })
    }
}

fn end(end: &EdgeEnd) -> (i64, &str, i64) {
    match end {
        EdgeEnd::Here(repo, number) => (repo.0, "", number.get()),
        EdgeEnd::Elsewhere(repo, number) => (0, repo.key(), number.get()),
    }
}

/// Issues that block each other in a circle.
#[derive(Debug, Serialize, Deserialize)]
pub struct CycleRow {
    first: String,
    issues: String,
}

impl StoredRow for CycleRow {
    type Value = Cycle;

    const TABLE: &'static str = Self::PLAIN.name;

    fn id(&self) -> String {
        self.first.clone()
    }

    fn value(self) -> Result<Cycle, StoreError> {
        Ok(Cycle {
            issues: parse(&self.issues)?,
        })
    }
}

impl PlainRow for CycleRow {
    const PLAIN: PlainTable = plain_table!("dependency_cycle", ["first"], ["issues"]);

    fn of(cycle: &Cycle) -> Result<Self, StoreError> {
        Ok(Self {
            first: cycle.first(),
            issues: text(&cycle.issues)?,
        })
    }

    fn key(first: &String) -> Value {
        json!({ "first": first })
    }
}
