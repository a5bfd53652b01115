//! Tests of the query plan of every statement: rows are found by an index from the given list, and nothing that grows with the mirror or
//! the history is scanned or sorted for a claim.

use issuecommand_core::domain::time::Timestamp;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Row};

use crate::load::{sql as load, window};
use crate::open;
use crate::options::SqliteOptions;
use crate::store::{explain, reads, sql as store};
use crate::write::{self, daily, followups as put, mirror, sync, trim};

/// The plan of each statement of a text.
async fn plan(conn: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let mut steps = Vec::new();
    for statement in sql.split(';') {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let rows = sqlx::query(explain).fetch_all(&mut *conn).await.unwrap();
        steps.extend(rows.iter().map(|row| row.get::<String, _>("detail")));
    }
    steps
}

/// Scans of whole tables or indexes, except of the given lists and what was made of them.
fn walks(steps: &[String]) -> Vec<&String> {
    let lists = [
        "j",
        "w",
        "l",
        "moved",
        "made",
        "added",
        "put",
        "json_each",
        "jsonb_each",
        "page",
        "found",
        "mine",
        "n",
        "(subquery-1)",
        "(subquery-2)",
    ];
    let walks = |step: &&String| {
        let mut words = step.split(' ');
        words.next() == Some("SCAN") && words.next().is_none_or(|what| !lists.contains(&what))
    };
    steps
        .iter()
        .filter(walks)
        .filter(|step| *step != "SCAN CONSTANT ROW")
        .collect()
}

fn sorts(steps: &[String]) -> bool {
    steps
        .iter()
        .any(|step| step.contains("TEMP B-TREE FOR ORDER BY"))
}

async fn empty() -> (tempfile::TempDir, SqliteConnection) {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::new(folder.path().join("issues.db"));
    let (conn, _) = open::open(&options, Timestamp(0)).await.unwrap();
    (folder, conn)
}

#[tokio::test]
async fn candidates_come_from_the_queue_in_its_order() {
    let (_folder, mut conn) = empty().await;
    for (sql, wanted) in [
        (window::ALL, "SEARCH q USING PRIMARY KEY (lane=?)"),
        (window::ALL_TAGGED, "SEARCH q USING PRIMARY KEY (lane=?)"),
        (
            window::REPO,
            "SEARCH q USING COVERING INDEX queue_repo (repo_id=? AND lane=?)",
        ),
        (
            window::REPO_TAGGED,
            "SEARCH q USING COVERING INDEX queue_repo (repo_id=? AND lane=?)",
        ),
    ] {
        let steps = plan(&mut conn, sql).await;
        assert_eq!(steps[0], wanted, "{sql}");
        assert!(!sorts(&steps), "{sql}\n{steps:#?}");
        assert!(walks(&steps[1..]).is_empty(), "{sql}\n{steps:#?}");
    }
}

#[tokio::test]
async fn a_rare_tag_leads_to_its_issues() {
    let (_folder, mut conn) = empty().await;
    for sql in [window::RARE_TAG, window::RAREST] {
        let steps = plan(&mut conn, sql).await;
        assert!(walks(&steps).is_empty(), "{sql}\n{steps:#?}");
    }
}

#[tokio::test]
async fn loads_of_a_command_use_keys() {
    let (_folder, mut conn) = empty().await;
    for sql in [
        load::BY_NAME,
        load::BY_KEY,
        load::EXPIRED,
        load::LEFT_BEHIND,
        load::PAGE,
        load::REPORTED_CLOSED,
    ] {
        let steps = plan(&mut conn, sql).await;
        assert!(walks(&steps).is_empty(), "{sql}\n{steps:#?}");
    }
    assert!(!sorts(&plan(&mut conn, load::PAGE).await));
}

#[tokio::test]
async fn plain_tables_use_keys() {
    let (_folder, mut conn) = empty().await;
    for table in issuecommand_store_sql::plain::TABLES {
        let sql = &table.sqlite;
        let statements = [sql.load, sql.put, sql.remove].into_iter();
        for sql in statements.chain(sql.before_put) {
            let steps = plan(&mut conn, sql).await;
            assert!(walks(&steps).is_empty(), "{sql}\n{steps:#?}");
        }
    }
    for table in issuecommand_store_sql::plain::OF_AGENTS {
        let steps = plan(&mut conn, table.sqlite.load).await;
        assert!(walks(&steps).is_empty(), "{steps:#?}");
    }
}

#[tokio::test]
async fn writes_of_a_batch_use_keys() {
    let (_folder, mut conn) = empty().await;
    for sql in [
        write::sql::PUT_CLAIMS_AND_EVENTS,
        write::sql::SIGN,
        mirror::PUT_REPOS,
        mirror::PUT_NAMES,
        mirror::PUT_ISSUES,
        mirror::REQUEUE,
        sync::PUT_PULLS,
        sync::PUT_FAILURES,
    ] {
        let steps = plan(&mut conn, sql).await;
        // `meta` has one row. SQLite only scans the others for orphans of a new repository if there are any.
        let known = [
            "SCAN meta",
            "SCAN claim",
            "SCAN repo_alias",
            "SCAN allowed_repo",
            "SCAN followup",
            "SCAN followup_source",
        ];
        let mut walks = walks(&steps);
        walks.retain(|step| !known.contains(&step.as_str()));
        assert!(walks.is_empty(), "{sql}\n{walks:#?} of {steps:#?}");
    }
}

#[tokio::test]
async fn feedback_is_found_by_its_pull_request() {
    let (_folder, mut conn) = empty().await;
    for sql in [
        load::PULLS,
        load::BY_PULL,
        load::CLOSES,
        load::CANDIDATES,
        put::PUT,
    ] {
        let steps = plan(&mut conn, sql).await;
        assert!(walks(&steps).is_empty(), "{sql}\n{steps:#?}");
    }
    // Waiting follow-ups are walked in their order until there are enough; lists scan an index that has exactly their rows.
    for (sql, wanted) in [
        (load::FIND, "SCAN f USING INDEX followup_waiting"),
        (store::FOLLOWUPS, "SCAN f USING INDEX followup_open"),
        (store::ENDED_FOLLOWUPS, "SCAN f USING INDEX followup_ended"),
        (
            store::DEFERRED_DELIVERIES,
            "SCAN delivery USING INDEX delivery_waiting",
        ),
    ] {
        assert_eq!(walks(&plan(&mut conn, sql).await), [wanted], "{sql}");
    }
    let steps = plan(&mut conn, store::LINKED_PULLS).await;
    assert!(
        steps
            .iter()
            .any(|step| step.starts_with("SEARCH claim USING INDEX claim_pull")),
        "{steps:#?}"
    );
    assert!(!sorts(&plan(&mut conn, store::DEFERRED_DELIVERIES).await));
    // Only the few claims that name one pull request are sorted.
    let window = load::FIND.split(';').next_back().unwrap();
    let mut steps = plan(&mut conn, window).await;
    let claims = steps.iter().position(|step| step.contains("claim_pull"));
    steps.drain(claims.unwrap()..=claims.unwrap() + 1);
    assert!(!sorts(&steps), "{steps:#?}");
}

#[tokio::test]
async fn queries_use_indexes() {
    let (_folder, mut conn) = empty().await;
    for sql in [
        store::CLAIMS_OF_AGENT,
        store::ISSUES,
        store::ISSUE,
        store::REPO,
        store::DUE_OUTBOX,
        store::EVENTS_AFTER,
        store::KEY_BY_HASH,
        store::OPEN_ROWS,
        store::OPEN_PULLS,
        store::OPEN_COUNT,
        explain::LANES,
        explain::REPOS,
        explain::OLDEST_UNREADY,
        explain::LOWEST_HELD,
        explain::LOWEST_OPEN,
        explain::OF_TAGS,
    ] {
        let steps = plan(&mut conn, sql).await;
        assert!(walks(&steps).is_empty(), "{sql}\n{steps:#?}");
    }
    // It passes the open issues in order of their keys until it has counted enough.
    let steps = plan(&mut conn, explain::FITTING).await;
    assert_eq!(walks(&steps), ["SCAN d"]);
    assert!(!sorts(&steps), "{steps:#?}");
    // These scan an index that has exactly the rows that they count or list.
    for (sql, wanted) in [
        (store::CLAIMS, "SCAN c USING INDEX claim_active"),
        (store::HISTORY, "SCAN c USING INDEX claim_ended"),
    ] {
        assert_eq!(walks(&plan(&mut conn, sql).await), [wanted], "{sql}");
    }
    assert!(!sorts(&plan(&mut conn, store::HISTORY).await));
    assert!(!sorts(&plan(&mut conn, store::CLAIMS_OF_AGENT).await));
    assert!(!sorts(&plan(&mut conn, trim::CLAIMS).await));
    let steps = plan(&mut conn, store::REPOS).await;
    assert!(
        steps
            .iter()
            .any(|step| step.contains("COVERING INDEX issue_open")),
        "{steps:#?}"
    );
}

#[tokio::test]
async fn what_people_look_at_is_found_by_indexes() {
    let (_folder, mut conn) = empty().await;
    for sql in [
        reads::EVENTS_BEFORE,
        reads::EVENTS_OF_AGENT,
        reads::READY,
        reads::READY_OF_REPO,
        reads::BLOCKED,
        reads::BLOCKED_OF_REPO,
        reads::WORKING_OF_AGENT,
        reads::DAILY,
        reads::DAILY_OF,
        reads::AGENT_TOTALS,
    ] {
        let steps = plan(&mut conn, sql).await;
        let mut walks = walks(&steps);
        // It is walked in the order of the page.
        walks.retain(|step| *step != "SCAN d USING COVERING INDEX readiness_first");
        assert!(walks.is_empty(), "{sql}\n{steps:#?}");
    }
    for sql in [
        reads::EVENTS_BEFORE,
        reads::EVENTS_OF_AGENT,
        reads::READY,
        reads::READY_OF_REPO,
        reads::BLOCKED,
        reads::BLOCKED_OF_REPO,
    ] {
        assert!(!sorts(&plan(&mut conn, sql).await), "{sql}");
    }
    for sql in [
        reads::EVENTS_OF_SUBJECTS,
        reads::OF_TAGS,
        reads::OF_TAGS_IN,
        reads::OF_WORDS,
        reads::OF_WORDS_IN,
        reads::LEAN_ISSUES,
        reads::LINE_CLAIMS,
        reads::POLICIES,
        reads::WORKING_EXTRAS,
        reads::PULLS_OF_ISSUE,
        daily::ADD,
        daily::ADD_OF_AGENTS,
    ] {
        let steps = plan(&mut conn, sql).await;
        assert!(walks(&steps).is_empty(), "{sql}\n{steps:#?}");
    }
    // These read an index that has exactly the rows that they count or list.
    for (sql, index) in [
        (reads::WORKING, "claim_active"),
        (reads::PARKED, "readiness_parked"),
        (reads::UNCLAIMED, "followup_waiting"),
        (reads::FAILED_WRITES, "outbox_failed"),
        (reads::WAITING_WRITES, "outbox_due"),
        (reads::WAITING_DELIVERIES, "delivery_waiting"),
    ] {
        let steps = plan(&mut conn, sql).await;
        assert!(
            steps[0].contains(index) || steps[1].contains(index),
            "{sql}\n{steps:#?}"
        );
        let mut walks = walks(&steps);
        walks.retain(|step| !step.contains(index));
        assert!(walks.is_empty(), "{sql}\n{walks:#?}");
    }
}
