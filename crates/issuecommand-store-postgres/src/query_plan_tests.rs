//! Tests of the query plan of every statement under the settings of our transactions: rows are found by an index from the given list,
//! and nothing that grows with the mirror or the history is scanned or sorted for a claim.

use issuecommand_testkit::postgres::{Database, Server};
use serde_json::Value;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Executor, Row};

use crate::load::{pull_sql as feedback, sql as load, window};
use crate::open;
use crate::options::PostgresOptions;
use crate::session::Session;
use crate::store::{reads, sql as store};
use crate::write::{daily, followups as put, mirror, sql as write, sync, trim};

/// A transaction with the store's settings on an empty database.
async fn empty() -> Option<(Database, PgConnection)> {
    let database = Server::shared()?.database();
    let options = PostgresOptions::new(database.url()).unwrap();
    let (mut conn, _) = open::open(&options).await.unwrap();
    Session::new(&options).begin(&mut conn, true).await.unwrap();
    // The plan that is kept for all arguments.
    conn.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        .await
        .unwrap();
    Some((database, conn))
}

/// The nodes of a statement's plan, outer ones first.
async fn plan(conn: &mut PgConnection, sql: &str) -> Vec<Value> {
    let most = (1..=19).rev().find(|n| sql.contains(&format!("${n}")));
    let nulls = vec!["NULL"; most.unwrap_or(0)].join(", ");
    let nulls = if nulls.is_empty() {
        nulls
    } else {
        format!("({nulls})")
    };
    let prepare = format!("PREPARE asked AS {sql}");
    let prepared = conn.execute(AssertSqlSafe(prepare)).await;
    prepared.unwrap_or_else(|error| panic!("{sql}: {error}"));
    let explain = AssertSqlSafe(format!("EXPLAIN (FORMAT JSON) EXECUTE asked {nulls}"));
    let row = conn.fetch_one(sqlx::raw_sql(explain)).await.unwrap();
    conn.execute("DEALLOCATE asked").await.unwrap();
    let text: String = row.try_get_unchecked(0).unwrap();
    let plan: Value = serde_json::from_str(&text).unwrap();
    let mut steps = Vec::new();
    collect(&plan[0]["Plan"], &mut steps);
    steps
}

fn collect(step: &Value, steps: &mut Vec<Value>) {
    let mut alone = step.clone();
    let inner = alone.as_object_mut().unwrap().remove("Plans");
    steps.push(alone);
    for step in inner
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        collect(step, steps);
    }
}

fn text<'a>(step: &'a Value, key: &str) -> &'a str {
    step[key].as_str().unwrap_or_default()
}

/// Scans of whole tables or indexes: `table` or `table by index`.
fn walks(steps: &[Value]) -> Vec<String> {
    let walks = steps.iter().filter(|step| {
        text(step, "Node Type").contains("Scan")
            && step.get("Relation Name").is_some()
            && step.get("Index Cond").is_none()
    });
    walks
        .map(|step| match step.get("Index Name") {
            Some(_) => format!(
                "{} by {}",
                text(step, "Relation Name"),
                text(step, "Index Name")
            ),
            None => text(step, "Relation Name").to_owned(),
        })
        .collect()
}

/// The sort nodes.
fn sorts(steps: &[Value]) -> Vec<&Value> {
    let sorts = |step: &&Value| text(step, "Node Type").contains("Sort");
    steps.iter().filter(sorts).collect()
}

/// Asserts that no statement scans a table or an index.
async fn found_by_key(conn: &mut PgConnection, statements: &[&str]) {
    for sql in statements {
        let steps = plan(conn, sql).await;
        assert!(walks(&steps).is_empty(), "{sql}\n{:#?}", walks(&steps));
    }
}

#[tokio::test]
async fn candidates_come_from_the_queue_in_its_order() {
    let Some((_database, mut conn)) = empty().await else {
        return;
    };
    for (sql, index) in [(window::ALL, "queue_pkey"), (window::REPO, "queue_repo")] {
        let steps = plan(&mut conn, sql).await;
        assert!(walks(&steps).is_empty(), "{steps:#?}");
        // Only the lists of the lanes together are sorted.
        assert_eq!(sorts(&steps).len(), 1, "{steps:#?}");
        let used = |step: &Value| text(step, "Index Name") == index;
        assert!(steps.iter().any(used), "{steps:#?}");
    }
}

#[tokio::test]
async fn a_rare_tag_leads_to_its_issues() {
    let Some((_database, mut conn)) = empty().await else {
        return;
    };
    found_by_key(&mut conn, &[window::RARE_TAG, window::RAREST]).await;
}

#[tokio::test]
async fn loads_of_a_command_use_keys() {
    let Some((_database, mut conn)) = empty().await else {
        return;
    };
    let statements = [
        load::NAMES,
        load::CLAIMS,
        load::EXPIRED,
        load::LEFT_BEHIND,
        load::PAGE,
        load::REPORTED_CLOSED,
        load::ISSUES,
        load::ACTIVE,
        load::REPOS,
        feedback::FIND_REPOS,
        feedback::FIND_ITEMS,
        feedback::SOURCES,
        feedback::DELIVERIES,
        feedback::EXPIRED_FOLLOWUPS,
        feedback::PULLS,
        feedback::FOLLOWUPS,
        feedback::LIGHT_FOLLOWUPS,
        feedback::SUSPENDED,
        feedback::EDITS,
        feedback::LINKED_CLAIMS,
        feedback::CLOSES,
        feedback::CANDIDATES,
        feedback::LINKED_PULLS,
        feedback::REPLACED_PULLS,
    ];
    found_by_key(&mut conn, &statements).await;
    assert!(sorts(&plan(&mut conn, load::PAGE).await).is_empty());
}

#[tokio::test]
async fn the_queue_is_scanned_in_order_with_a_limit() {
    let Some((_database, mut conn)) = empty().await else {
        return;
    };
    let steps = plan(&mut conn, feedback::FOLLOWUP_WINDOWS).await;
    assert_eq!(
        walks(&steps),
        ["followup by followup_waiting"],
        "{steps:#?}"
    );
    // Only the lists together are sorted, and the few claims that name one pull request.
    for sort in sorts(&steps) {
        let by = sort["Sort Key"].to_string();
        assert!(by.contains("j.n") || by.contains("claimed_at"), "{by}");
    }
}

#[tokio::test]
async fn plain_tables_use_keys() {
    let Some((_database, mut conn)) = empty().await else {
        return;
    };
    for table in issuecommand_store_sql::plain::TABLES {
        let sql = &table.postgres;
        let mut statements = vec![sql.load, sql.put, sql.remove];
        statements.extend(sql.before_put);
        found_by_key(&mut conn, &statements).await;
    }
    let loads = issuecommand_store_sql::plain::OF_AGENTS.map(|table| table.postgres.load);
    found_by_key(&mut conn, &loads).await;
}

#[tokio::test]
async fn writes_of_a_batch_use_keys() {
    let Some((_database, mut conn)) = empty().await else {
        return;
    };
    let statements = [
        write::SIGN_CLAIMS,
        write::MOVE_CLAIMS,
        write::MAKE_CLAIMS,
        write::ADD_HISTORY,
        write::ADD_EVENTS,
        write::LEAVE_QUEUE,
        write::JOIN_QUEUE,
        write::SET_META,
        mirror::PUT_REPOS,
        mirror::PUT_NAMES,
        mirror::PUT_ISSUES,
        mirror::DROP_TAGS,
        mirror::PUT_TAGS,
        mirror::EMPTY_QUEUE,
        mirror::FILL_QUEUE,
        sync::PUT_PULLS,
        sync::DROP_PULLS,
        sync::PUT_FAILURES,
        put::PUT_PULLS,
        put::MOVE_FOLLOWUPS,
        put::MAKE_FOLLOWUPS,
        put::ADD_HISTORY,
        put::PUT_SOURCES,
        put::DROP_HOLDS,
        put::PUT_HOLDS,
        put::PUT_DELIVERIES,
        trim::ANSWERS,
        trim::SESSIONS,
        trim::NOTICES,
    ];
    found_by_key(&mut conn, &statements).await;
    // This walks the index of what agents hold, and nothing else.
    let steps = plan(&mut conn, write::SIGN_FOLLOWUPS).await;
    assert_eq!(walks(&steps), ["followup by followup_held"]);
}

#[tokio::test]
async fn trimming_uses_indexes() {
    let Some((_database, mut conn)) = empty().await else {
        return;
    };
    for (sql, wanted) in [
        (trim::CLAIMS, "claim by claim_ended"),
        (trim::SOURCES, "followup by followup_ended"),
        (trim::FOLLOWUPS, "followup by followup_ended"),
        (trim::DELIVERIES, "delivery by delivery_taken"),
    ] {
        let steps = plan(&mut conn, sql).await;
        assert_eq!(walks(&steps), [wanted], "{sql}\n{steps:#?}");
        // Only the rows to delete are sorted, by the key that finds them.
        for sort in sorts(&steps) {
            let by = sort["Sort Key"].to_string();
            assert!(
                !by.contains("last_updated") && !by.contains("received_at"),
                "{by}"
            );
        }
    }
    // Events are read from the oldest on until one is kept.
    let steps = plan(&mut conn, trim::EVENTS).await;
    assert_eq!(walks(&steps), ["event by event_pkey"; 1], "{steps:#?}");
}

#[tokio::test]
async fn queries_use_indexes() {
    let Some((_database, mut conn)) = empty().await else {
        return;
    };
    let statements = [
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
    ];
    found_by_key(&mut conn, &statements).await;
    // These scan an index that has exactly the rows that they count or list.
    for (sql, wanted) in [
        (store::HISTORY, "claim by claim_ended"),
        (store::DEFERRED_DELIVERIES, "delivery by delivery_waiting"),
    ] {
        let steps = plan(&mut conn, sql).await;
        assert_eq!(walks(&steps), [wanted], "{sql}\n{steps:#?}");
        assert!(sorts(&steps).is_empty(), "{sql}\n{steps:#?}");
    }
    for (sql, index) in [
        (store::CLAIMS, "claim by claim_a"),
        (store::FOLLOWUPS, "followup by followup_open"),
        (store::ENDED_FOLLOWUPS, "followup by followup_ended"),
    ] {
        let steps = plan(&mut conn, sql).await;
        let [walk] = &walks(&steps)[..] else {
            panic!("{sql}\n{steps:#?}");
        };
        assert!(walk.starts_with(index), "{walk}");
    }
    let steps = plan(&mut conn, store::REPOS).await;
    let counted = steps
        .iter()
        .find(|step| matches!(text(step, "Index Name"), "issue_open" | "issue_author"));
    assert!(
        counted.is_some_and(|step| step.get("Index Cond").is_some()),
        "{steps:#?}"
    );
}

#[tokio::test]
async fn what_people_look_at_is_found_by_indexes() {
    let Some((_database, mut conn)) = empty().await else {
        return;
    };
    let statements = [
        reads::EVENTS_BEFORE,
        reads::EVENTS_OF_AGENT,
        reads::EVENTS_OF_SUBJECTS,
        reads::READY,
        reads::READY_OF_REPO,
        reads::BLOCKED,
        reads::BLOCKED_OF_REPO,
        reads::OF_TAGS,
        reads::OF_TAGS_IN,
        reads::OF_WORDS,
        reads::OF_WORDS_IN,
        reads::LEAN_ISSUES,
        reads::LINE_CLAIMS,
        reads::POLICIES,
        reads::WORKING_OF_AGENT,
        reads::WORKING_EXTRAS,
        reads::PULLS_OF_ISSUE,
        reads::DAILY,
        reads::DAILY_OF,
        reads::AGENT_TOTALS,
        daily::ADD,
    ];
    found_by_key(&mut conn, &statements).await;
    for sql in [
        reads::EVENTS_BEFORE,
        reads::EVENTS_OF_AGENT,
        reads::READY,
        reads::READY_OF_REPO,
        reads::BLOCKED,
        reads::BLOCKED_OF_REPO,
    ] {
        let steps = plan(&mut conn, sql).await;
        assert!(sorts(&steps).is_empty(), "{sql}\n{steps:#?}");
    }
    // These scan an index that has exactly the rows that they count or list.
    for (sql, wanted) in [
        (reads::WORKING, "claim by claim_a"),
        (reads::PARKED, "readiness by readiness_parked"),
        (reads::UNCLAIMED, "followup by followup_waiting"),
        (reads::FAILED_WRITES, "outbox by outbox_failed"),
        (reads::WAITING_WRITES, "outbox by outbox_"),
        (reads::WAITING_DELIVERIES, "delivery by delivery_waiting"),
    ] {
        let steps = plan(&mut conn, sql).await;
        let found = walks(&steps);
        assert!(
            found.iter().all(|walk| walk.starts_with(wanted)),
            "{sql}\n{found:#?}"
        );
    }
}
