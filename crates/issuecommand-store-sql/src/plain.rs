//! The plain tables. A row goes in and out as a JSON object with a member for each column, and the statements are made from the names
//! of the columns, so that a table is one file here and one line in the list below.

mod access_key;
mod attempt;
mod edge;
mod halt;
mod held;
mod idempotency;
mod lease;
mod outbox;
mod repo_policy;
mod session;
mod sign_in;
mod standing;
mod statements;
mod writer;

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::HeldFeedback;
use issuecommand_core::domain::id::IssueKey;
use issuecommand_core::domain::standing::Standing;
use issuecommand_core::engine::read_set::ReadSet;
use issuecommand_core::engine::table::{Row, TableWrite};
use issuecommand_core::engine::tables::{PlainKeys, PlainTables, PlainWrites, Wanted};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, to_value};

pub use self::access_key::KeyRow;
pub use self::attempt::{AttemptRow, QuickReleasesRow};
pub use self::edge::{CycleRow, EdgeRow};
pub use self::halt::HaltRow;
pub use self::held::HeldFeedbackRow;
pub use self::idempotency::IdempotencyRow;
pub use self::lease::LeaseRow;
pub use self::outbox::OutboxRow;
pub use self::repo_policy::KnownPolicyRow;
pub use self::session::{AgentRow, NoticeRow, SessionRow};
pub use self::sign_in::{SignInCodeRow, WebSessionRow};
pub use self::standing::StandingRow;
pub use self::statements::{PlainStatements, PlainTable};
pub use self::writer::{OwnLoginRow, WriterRow};
use crate::error::unreadable;
use crate::json::{parse, text};
use crate::rows::{StoredRow, value};

/// The stored form of a row of core. The names of its fields are the names of the columns.
trait PlainRow: Serialize + DeserializeOwned + StoredRow<Value: Row> {
    const PLAIN: PlainTable;

    fn of(value: &Self::Value) -> Result<Self, StoreError>;

    /// The columns of the primary key, as a JSON object.
    fn key(key: &<Self::Value as Row>::Key) -> Value;
}

/// Rows that a batch needs of one table.
#[derive(Debug)]
pub struct PlainQuestion {
    /// The table to read.
    pub table: PlainTable,
    /// The keys of the rows as JSON objects; `None` for all rows.
    pub keys: Option<Vec<Value>>,
}

/// Changes of one table; at least one of the lists has something.
#[derive(Debug)]
pub struct PlainChange {
    /// The table to write.
    pub table: PlainTable,
    /// Rows to insert or replace, as JSON objects.
    pub put: Vec<Value>,
    /// The keys of rows to delete, as JSON objects.
    pub removed: Vec<Value>,
}

macro_rules! tables {
    ($($field:ident: $row:ident,)*) => {
        /// All plain tables that are loaded and written this way.
        pub const TABLES: &[PlainTable] = &[$($row::PLAIN,)*];

        /// The questions for the rows that a batch needs, none for a table of which it needs nothing.
        pub(crate) fn questions(wanted: &PlainKeys) -> Vec<PlainQuestion> {
            [$(question::<$row>(&wanted.$field),)*].into_iter().flatten().collect()
        }

        /// Loads the answer to a question.
        pub(crate) fn load(
            question: &PlainQuestion,
            rows: &[String],
            tables: &mut PlainTables,
        ) -> Result<(), StoreError> {
            $(if question.table.name == $row::PLAIN.name {
                for row in rows {
                    tables.$field.load(value(parse::<$row>(row)?)?);
                }
            })*
            Ok(())
        }

        /// The changes of a batch, none for a table in which nothing changed.
        pub(crate) fn changes(writes: &PlainWrites) -> Result<Vec<PlainChange>, StoreError> {
            let changes = [$(change::<$row>(&writes.$field)?,)*];
            Ok(changes.into_iter().flatten().collect())
        }
    };
}

tables! {
    leases: LeaseRow,
    access_keys: KeyRow,
    web_sessions: WebSessionRow,
    codes: SignInCodeRow,
    outbox: OutboxRow,
    idempotency: IdempotencyRow,
    attempts: AttemptRow,
    quick_releases: QuickReleasesRow,
    halts: HaltRow,
    standings: StandingRow,
    agents: AgentRow,
    sessions: SessionRow,
    notices: NoticeRow,
    edges: EdgeRow,
    cycles: CycleRow,
    writers: WriterRow,
    repo_policies: KnownPolicyRow,
    own_logins: OwnLoginRow,
    held_feedback: HeldFeedbackRow,
}

/// The tables whose rows are loaded by their agents.
pub const OF_AGENTS: [PlainTable; 2] = [SessionRow::OF_AGENT, NoticeRow::OF_AGENT];

/// The questions for what is loaded by its agents.
pub(crate) fn questions_of_agents(needs: &ReadSet) -> impl Iterator<Item = PlainQuestion> {
    let asked = session::of_agents(&needs.sessions_of, &needs.notices_of);
    let asked = asked.into_iter().filter(|(_, keys)| !keys.is_empty());
    asked.map(|(table, keys)| PlainQuestion {
        table,
        keys: Some(keys),
    })
}

/// How open issues stand.
pub const STANDINGS: PlainTable = StandingRow::PLAIN;

/// The keys of standings, as a list of JSON objects.
pub(crate) fn standing_keys(issues: &[IssueKey]) -> Result<String, StoreError> {
    let keys: Vec<Value> = issues.iter().map(StandingRow::key).collect();
    text(&keys)
}

/// The standings in rows of JSON objects, by issue.
pub(crate) fn standings<'r>(
    rows: impl Iterator<Item = &'r str>,
) -> Result<BTreeMap<IssueKey, Standing>, StoreError> {
    let standing = |row| {
        let standing = value(parse::<StandingRow>(row)?)?;
        Ok((standing.key(), standing))
    };
    rows.map(standing).collect()
}

/// The question for how these issues stand.
pub(crate) fn standings_of(issues: &BTreeSet<IssueKey>) -> PlainQuestion {
    PlainQuestion {
        table: StandingRow::PLAIN,
        keys: Some(issues.iter().map(StandingRow::key).collect()),
    }
}

/// The feedback in rows of JSON objects.
pub(crate) fn held_feedback(rows: &[String]) -> Result<Vec<HeldFeedback>, StoreError> {
    let held = |row: &String| value(parse::<HeldFeedbackRow>(row)?);
    rows.iter().map(held).collect()
}

/// Loads edges, as JSON objects.
pub(crate) fn load_edges(rows: &[String], tables: &mut PlainTables) -> Result<(), StoreError> {
    for row in rows {
        tables.edges.load(value(parse::<EdgeRow>(row)?)?);
    }
    Ok(())
}

fn question<R: PlainRow>(wanted: &Wanted<<R::Value as Row>::Key>) -> Option<PlainQuestion> {
    let keys = (!wanted.all).then(|| wanted.keys.iter().map(R::key).collect());
    let table = R::PLAIN;
    (wanted.all || !wanted.keys.is_empty()).then_some(PlainQuestion { table, keys })
}

fn change<R: PlainRow>(write: &TableWrite<R::Value>) -> Result<Option<PlainChange>, StoreError> {
    if write.is_empty() {
        return Ok(None);
    }
    let row = |value| R::of(value).and_then(|row| to_value(row).map_err(unreadable));
    Ok(Some(PlainChange {
        table: R::PLAIN,
        put: write.put.iter().map(row).collect::<Result<_, _>>()?,
        removed: write.removed.iter().map(R::key).collect(),
    }))
}
