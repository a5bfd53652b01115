//! A database looked at, or copied, as a whole: its tables, a row of them on the way to another database, and what must be
//! true of them at any moment. The schemas of all backends are twins, so that this is said once.

use std::collections::BTreeMap;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;

/// Every table that holds something, each after those that it refers to. The first has one row, whatever else there is.
pub const TABLES: [&str; 23] = [
    "meta",
    "repo",
    "repo_alias",
    "allowed_repo",
    "issue",
    "issue_tag",
    "queue",
    "claim",
    "claim_status",
    "pull_request",
    "pull_closes",
    "followup",
    "followup_status",
    "followup_source",
    "pr_hold",
    "delivery",
    "event",
    "outbox",
    "idempotency",
    "lease",
    "access_key",
    "open_pull",
    "sync_failure",
];

/// The column of `meta` that says which database it is. It is never part of the rows: a copy that was filled from them is
/// another database, which may be opened beside the first.
pub const ID: &str = "database_id";

/// One row on its way: a JSON object of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DumpRow {
    /// The table that it is of.
    pub table: &'static str,
    /// The object. Moments and numbers are numbers; yes and no are `true` and `false`, or 1 and 0.
    pub json: String,
}

/// Where rows go to. An error ends the reading.
pub type RowSink<'a> = &'a mut (dyn FnMut(DumpRow) -> Result<(), StoreError> + Send);

/// Where rows come from, in the order of [`TABLES`]; `None` after the last one.
pub type RowSource<'a> = &'a mut (dyn FnMut() -> Result<Option<DumpRow>, StoreError> + Send);

/// How many rows of each table.
pub type Counts = BTreeMap<&'static str, u64>;

/// What must be true whenever nobody is in the midst of writing: in words, and the number of times that it is not. Both
/// databases understand all of these.
pub const INVARIANTS: [(&str, &str); 6] = [
    (
        "one active claim an issue",
        concat!("-- one_owner\n", shared_issues!()),
    ),
    (
        "one holder a pull request",
        concat!("-- one_holder\n", shared_pulls!()),
    ),
    (
        "every holder of a pull request has a follow-up of it, and every follow-up in hand holds it",
        "-- holds_agree
         SELECT (SELECT count(*) FROM pr_hold h WHERE NOT EXISTS (SELECT 1 FROM followup f WHERE f.repo_id = h.repo_id
                 AND f.number = h.number AND f.owner = h.agent_id AND f.status IN ('claimed', 'in_progress')))
             + (SELECT count(*) FROM followup f WHERE f.status IN ('claimed', 'in_progress') AND NOT EXISTS (
                 SELECT 1 FROM pr_hold h WHERE h.repo_id = f.repo_id AND h.number = f.number AND h.agent_id = f.owner))",
    ),
    (
        "the queue holds the open issues that nobody has, and no others",
        "-- queue_agrees
         SELECT (SELECT count(*) FROM issue i CROSS JOIN repo r WHERE r.id = i.repo_id AND r.offered AND i.state = 'open'
                 AND i.doubt IS NULL AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = i.repo_id
                     AND c.number = i.number AND c.status NOT IN ('closed', 'released'))
                 AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.rank = i.rank AND q.created_at = i.created_at
                     AND q.repo_id = i.repo_id AND q.number = i.number))
             + (SELECT count(*) FROM queue q WHERE NOT EXISTS (SELECT 1 FROM issue i CROSS JOIN repo r
                 WHERE i.repo_id = q.repo_id AND i.number = q.number AND i.rank = q.rank AND i.created_at = q.created_at
                     AND r.id = i.repo_id AND r.offered AND i.state = 'open' AND i.doubt IS NULL
                     AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = i.repo_id AND c.number = i.number
                         AND c.status NOT IN ('closed', 'released'))))",
    ),
    (
        "the history of every claim ends in its status",
        "-- claims_agree
         SELECT count(*) FROM claim c WHERE NOT EXISTS (SELECT 1 FROM claim_status s WHERE s.claim_n = c.n
             AND s.status = c.status AND s.n = (SELECT max(t.n) FROM claim_status t WHERE t.claim_n = c.n))",
    ),
    (
        "the history of every follow-up ends in its status, and an open one came from something",
        "-- followups_agree
         SELECT count(*) FROM followup f WHERE NOT EXISTS (SELECT 1 FROM followup_status s
                 WHERE s.work_item_id = f.work_item_id AND s.status = f.status
                 AND s.n = (SELECT max(t.n) FROM followup_status t WHERE t.work_item_id = f.work_item_id))
             OR (f.status NOT IN ('done', 'dismissed')
                 AND NOT EXISTS (SELECT 1 FROM followup_source e WHERE e.work_item_id = f.work_item_id))",
    ),
];

/// What a look at a database found, without changing anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The database software and its version, in words.
    pub software: String,
    /// The schema found; 0 for a database that is still empty.
    pub schema: i64,
    /// The newest schema that this version knows.
    pub known_schema: i64,
    /// Bytes of the database.
    pub bytes: u64,
    /// Bytes of a write-ahead log beside it.
    pub log_bytes: u64,
    /// The latest moment that was written to it; `None` where that cannot be read.
    pub last_written: Option<Timestamp>,
    /// The clock of its server, where that is the one that counts.
    pub server_time: Option<Timestamp>,
    /// Why a write that was tried, and taken back, was refused.
    pub unwritable: Option<StoreError>,
    /// What an integrity check complains of.
    pub faults: Vec<String>,
    /// The [`INVARIANTS`] that do not hold, with the number of times.
    pub broken: Vec<(&'static str, u64)>,
}

/// Says why the copy of a database must not stand, if it must not.
///
/// # Errors
/// [`StoreError::Corrupt`] with the invariants that do not hold.
pub fn must_hold(broken: &[(&'static str, u64)]) -> Result<(), StoreError> {
    if broken.is_empty() {
        return Ok(());
    }
    let broken: Vec<String> = broken
        .iter()
        .map(|(what, times)| format!("\"{what}\" does not hold {times} times"))
        .collect();
    Err(StoreError::Corrupt(format!(
        "{}; nothing was taken in",
        broken.join(", ")
    )))
}
