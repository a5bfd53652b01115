//! A database with the schema of the legacy service.

use std::path::Path;

use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection, Executor};

const SCHEMA: &str = "
CREATE TABLE claim_runtime_state (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, started_at TEXT NOT NULL,
    total_claims INTEGER NOT NULL, last_github_sync_at TEXT, updated_at TEXT NOT NULL);
CREATE TABLE claim_active (claim_id TEXT PRIMARY KEY, repo TEXT NOT NULL, issue_number INTEGER NOT NULL,
    agent_id TEXT NOT NULL, last_updated TEXT NOT NULL, payload_json TEXT NOT NULL);
CREATE TABLE claim_history (history_index INTEGER PRIMARY KEY AUTOINCREMENT, claim_id TEXT NOT NULL UNIQUE,
    repo TEXT NOT NULL, issue_number INTEGER NOT NULL, agent_id TEXT NOT NULL, last_updated TEXT NOT NULL,
    payload_json TEXT NOT NULL);
CREATE TABLE followup_runtime_state (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL,
    updated_at TEXT NOT NULL);
CREATE TABLE followup_active (work_item_id TEXT PRIMARY KEY, repo TEXT NOT NULL, pr_number INTEGER NOT NULL,
    source_event_id TEXT NOT NULL UNIQUE, status TEXT NOT NULL, last_updated TEXT NOT NULL, payload_json TEXT NOT NULL);
CREATE TABLE followup_history (history_index INTEGER PRIMARY KEY AUTOINCREMENT, work_item_id TEXT NOT NULL UNIQUE,
    repo TEXT NOT NULL, pr_number INTEGER NOT NULL, source_event_id TEXT NOT NULL UNIQUE, status TEXT NOT NULL,
    last_updated TEXT NOT NULL, payload_json TEXT NOT NULL);
CREATE TABLE followup_seen_source_events (source_event_id TEXT PRIMARY KEY, seen_at TEXT NOT NULL);
CREATE TABLE webhook_deliveries (delivery_id TEXT PRIMARY KEY, seen_at TEXT NOT NULL);
INSERT INTO claim_runtime_state VALUES (1, 1, '2026-01-01T00:00:00.000Z', 0, NULL, '2026-01-01T00:00:00.000Z');
";

/// The legacy service.
pub(super) struct OldDb(SqliteConnection);

impl OldDb {
    pub(super) async fn new(path: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true);
        let options = options.journal_mode(SqliteJournalMode::Wal);
        let mut conn = options.connect().await.unwrap();
        conn.execute(SCHEMA).await.unwrap();
        Self(conn)
    }

    /// Opens an existing one.
    pub(super) async fn again(path: &Path) -> Self {
        let options = SqliteConnectOptions::new().filename(path);
        Self(options.connect().await.unwrap())
    }

    pub(super) async fn run(&mut self, sql: &'static str) {
        self.0.execute(sql).await.unwrap();
    }

    pub(super) async fn total(&mut self, total: i64) {
        let update = sqlx::query("UPDATE claim_runtime_state SET total_claims = ?");
        update.bind(total).execute(&mut self.0).await.unwrap();
    }

    pub(super) async fn claim(&mut self, table: &'static str, record: &Value) {
        let sql = match table {
            "claim_active" => "INSERT INTO claim_active VALUES (?, ?, ?, ?, ?, ?)",
            _ => {
                "INSERT INTO claim_history (claim_id, repo, issue_number, agent_id, last_updated, payload_json)
                 VALUES (?, ?, ?, ?, ?, ?)"
            }
        };
        sqlx::query(sql)
            .bind(record["claim_id"].as_str().unwrap())
            .bind(record["repo"].as_str().unwrap())
            .bind(record["issue_number"].as_i64().unwrap())
            .bind(record["agent_id"].as_str().unwrap())
            .bind(record["last_updated"].as_str().unwrap())
            .bind(record.to_string())
            .execute(&mut self.0)
            .await
            .unwrap();
    }

    pub(super) async fn followup(&mut self, table: &'static str, record: &Value) {
        let sql = match table {
            "followup_active" => "INSERT INTO followup_active VALUES (?, ?, ?, ?, ?, ?, ?)",
            _ => {
                "INSERT INTO followup_history (work_item_id, repo, pr_number, source_event_id, status, last_updated,
                     payload_json) VALUES (?, ?, ?, ?, ?, ?, ?)"
            }
        };
        sqlx::query(sql)
            .bind(record["work_item_id"].as_str().unwrap())
            .bind(record["repo"].as_str().unwrap())
            .bind(record["pr_number"].as_i64().unwrap())
            .bind(record["source_event_id"].as_str().unwrap())
            .bind(record["status"].as_str().unwrap())
            .bind(record["last_updated"].as_str().unwrap())
            .bind(record.to_string())
            .execute(&mut self.0)
            .await
            .unwrap();
        self.seen(record["source_event_id"].as_str().unwrap()).await;
    }

    pub(super) async fn seen(&mut self, event: &str) {
        let sql = "INSERT OR IGNORE INTO followup_seen_source_events VALUES (?, '2026-01-02T00:00:00.000Z')";
        let insert = sqlx::query(sql).bind(event);
        insert.execute(&mut self.0).await.unwrap();
    }

    pub(super) async fn delivery(&mut self, id: &str) {
        let sql = "INSERT INTO webhook_deliveries VALUES (?, '2026-01-02T00:00:00.000Z')";
        let insert = sqlx::query(sql).bind(id);
        insert.execute(&mut self.0).await.unwrap();
    }

    pub(super) async fn stop(self) {
        self.0.close().await.unwrap();
    }
}

/// An id that tells its number.
pub(super) fn id(n: i64) -> String {
    format!("00000000-0000-4000-8000-{n:012}")
}

/// A time of the second day, in minutes.
fn moment(minute: i64) -> String {
    format!("2026-01-02T{:02}:{:02}:00.000Z", minute / 60, minute % 60)
}

/// A claim of an issue of acme/api, made at that minute.
pub(super) fn claim(n: i64, issue: i64, agent: &str, status: &str, minute: i64) -> Value {
    let at = moment(minute);
    json!({
        "claim_id": id(n), "agent_id": agent, "repo": "acme/api", "issue_number": issue, "issue_title": "Broken",
        "issue_labels": ["bug"], "issue_assignees": [], "status": status, "claimed_at": at, "last_updated": at,
        "status_history": [{"status": "claimed", "timestamp": at}, {"status": status, "timestamp": at}],
    })
}

/// A follow-up on a pull request of acme/api, made at that minute and with that agent.
pub(super) fn followup(n: i64, pull: i64, agent: Option<&str>, status: &str, minute: i64) -> Value {
    let at = moment(minute);
    let mut record = json!({
        "work_item_id": id(n), "repo": "acme/api", "pr_number": pull,
        "pr_url": format!("https://github.com/acme/api/pull/{pull}"), "pr_title": "Mend it",
        "source_event_type": "review_comment", "source_event_id": format!("review_comment:{n}"), "requested_by": "rev",
        "summary": "please rename", "actionable_comments": ["please rename"], "status": status, "created_at": at,
        "last_updated": at, "status_history": [{"status": "queued", "timestamp": at}],
    });
    if let Some(agent) = agent {
        record["claimed_by_agent_id"] = json!(agent);
        record["claimed_at"] = json!(at);
    }
    record
}
