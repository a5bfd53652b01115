//! A database as a whole: its tables, the row format of export and import, and the invariants. All backends have the same tables and
//! columns, so that this is written once.

use std::collections::BTreeMap;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Timestamp;

/// Every table, each after those that it refers to. The first always has exactly one row.
pub const TABLES: [&str; 41] = [
    "meta",
    "repo",
    "repo_alias",
    "allowed_repo",
    "issue",
    "readiness",
    "readiness_count",
    "issue_edge",
    "dependency_cycle",
    "writer",
    "own_login",
    "repo_policy",
    "held_feedback",
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
    "web_session",
    "sign_in_code",
    "open_pull",
    "sync_failure",
    "attempt",
    "quick_release",
    "halt",
    "agent",
    "session",
    "notice",
    "daily",
    "agent_total",
];

/// The column of `meta` with the id of the database. It is not exported: an imported copy is another database, which may be opened
/// beside the first.
pub const ID: &str = "database_id";

/// One row, as a JSON object with a member for each column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DumpRow {
    /// The table's name in the dump, one of [`TABLES`].
    pub table: &'static str,
    /// The object. Moments are milliseconds; booleans are `true` and `false`, or 1 and 0.
    pub json: String,
}

/// Takes rows. An error ends the export.
pub type RowSink<'a> = &'a mut (dyn FnMut(DumpRow) -> Result<(), StoreError> + Send);

/// Gives rows in the order of [`TABLES`]; `None` after the last one.
pub type RowSource<'a> = &'a mut (dyn FnMut() -> Result<Option<DumpRow>, StoreError> + Send);

/// The number of rows of each table.
pub type Counts = BTreeMap<&'static str, u64>;

/// What holds after every transaction: a description, and a statement that counts the violations. Both databases understand all of
/// these.
pub const INVARIANTS: [(&str, &str); 11] = [
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
        "the queue holds the issues that are ready, and no others",
        "-- queue_agrees
         SELECT (SELECT count(*) FROM readiness d CROSS JOIN repo r WHERE r.id = d.repo_id AND r.offered AND d.first IS NULL
                 AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id
                     AND c.number = d.number AND c.status NOT IN ('closed', 'released'))
                 AND NOT EXISTS (SELECT 1 FROM queue q WHERE q.lane = d.lane AND q.turn = d.turn AND q.created_at = d.created_at
                     AND q.repo_id = d.repo_id AND q.number = d.number))
             + (SELECT count(*) FROM queue q WHERE NOT EXISTS (SELECT 1 FROM readiness d CROSS JOIN repo r
                 WHERE d.repo_id = q.repo_id AND d.number = q.number AND d.lane = q.lane AND d.turn = q.turn AND d.created_at = q.created_at
                     AND r.id = d.repo_id AND r.offered AND d.first IS NULL
                     AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id
                     AND c.number = d.number AND c.status NOT IN ('closed', 'released'))))",
    ),
    (
        "every open issue has a standing, and no other",
        "-- standings_agree
         SELECT (SELECT count(*) FROM issue i WHERE i.state = 'open' AND NOT EXISTS (SELECT 1 FROM readiness d
                 WHERE d.repo_id = i.repo_id AND d.number = i.number AND d.rank = i.rank AND d.created_at = i.created_at))
             + (SELECT count(*) FROM readiness d WHERE NOT EXISTS (SELECT 1 FROM issue i WHERE i.repo_id = d.repo_id
                 AND i.number = d.number AND i.state = 'open'))",
    ),
    (
        "open issues are counted as they stand",
        "-- counts_agree
         SELECT count(*) FROM (SELECT 1 AS wrong FROM (
                 SELECT c.lane, c.first, c.repo_id, c.n FROM readiness_count c
                 UNION ALL
                 SELECT d.lane, CASE WHEN EXISTS (SELECT 1 FROM claim c WHERE c.repo_id = d.repo_id AND c.number = d.number
                     AND c.status NOT IN ('closed', 'released')) THEN 'held' ELSE coalesce(d.first, '') END, d.repo_id, -1
                 FROM readiness d) counted
             GROUP BY lane, first, repo_id HAVING sum(n) <> 0) wrong",
    ),
    (
        "what an issue waits for is counted with its standing",
        "-- edges_agree
         SELECT count(*) FROM readiness d LEFT JOIN (SELECT repo_id, number,
                 sum(CASE WHEN kind = 'blocked_by' THEN 1 ELSE 0 END) AS blockers,
                 sum(CASE WHEN kind = 'child' THEN 1 ELSE 0 END) AS children,
                 sum(CASE WHEN kind = 'pull' THEN 1 ELSE 0 END) AS pulls
             FROM issue_edge WHERE open GROUP BY repo_id, number) e ON e.repo_id = d.repo_id AND e.number = d.number
         WHERE d.open_blockers <> coalesce(e.blockers, 0) OR d.open_children <> coalesce(e.children, 0)
             OR d.open_pulls <> coalesce(e.pulls, 0)",
    ),
    (
        "an edge is open as long as the issue that it leads to",
        "-- ends_agree
         SELECT count(*) FROM issue_edge e CROSS JOIN issue i CROSS JOIN repo r
         WHERE i.repo_id = e.to_repo_id AND i.number = e.to_number AND r.id = i.repo_id AND r.offered
             AND e.kind <> 'pull' AND e.open <> (i.state = 'open')",
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
    (
        "one waiting write to GitHub of a kind and key",
        "-- one_write
         SELECT count(*) FROM (SELECT 1 AS n FROM outbox WHERE failed_at IS NULL AND coalesce_key IS NOT NULL
             GROUP BY kind, coalesce_key HAVING count(*) > 1) d",
    ),
];

/// The result of checking a database. The check changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The database software and its version, for people.
    pub software: String,
    /// The schema version found; 0 for an empty database.
    pub schema: i64,
    /// The newest schema version that this program knows.
    pub known_schema: i64,
    /// Size of the database in bytes.
    pub bytes: u64,
    /// Size of its write-ahead log in bytes.
    pub log_bytes: u64,
    /// The time of the last write; `None` where that cannot be read.
    pub last_written: Option<Timestamp>,
    /// The server's time, where the server's clock is used.
    pub server_time: Option<Timestamp>,
    /// Why a trial write, which is rolled back, was refused.
    pub unwritable: Option<StoreError>,
    /// What the integrity check reported.
    pub faults: Vec<String>,
    /// How many circles of issues that block each other were found.
    pub circles: u64,
    /// The violated [`INVARIANTS`], each with the number of violations.
    pub broken: Vec<(&'static str, u64)>,
}

/// Refuses an import that violates invariants.
///
/// # Errors
/// [`StoreError::Corrupt`] with the violated invariants.
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
