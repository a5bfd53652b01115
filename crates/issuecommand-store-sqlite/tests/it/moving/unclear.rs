//! States that the legacy service allowed and this one does not, and broken databases.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::ports::store::{ClaimFilter, FollowupFilter, HistoryQuery, Store};
use issuecommand_testkit::builders::agent;
use serde_json::json;

use super::old::{OldDb, claim, followup, id};
use super::{copies, found, opened, refused};
use crate::common::Folder;

#[tokio::test]
async fn of_two_claims_of_one_issue_the_older_stays() {
    let folder = Folder::new();
    let mut old = OldDb::new(&folder.file()).await;
    old.total(12).await;
    let mut second = claim(1, 7, "late", "in_progress", 50);
    // One repository in several spellings.
    second["repo"] = json!("Acme/API");
    old.claim("claim_active", &second).await;
    old.claim("claim_active", &claim(2, 7, "early", "claimed", 10))
        .await;
    old.claim("claim_active", &claim(3, 8, "other", "stale", 5))
        .await;
    old.stop().await;

    let store = opened(&folder.file()).await.unwrap();
    let active = store.claims(&ClaimFilter::default()).await.unwrap();
    let active: Vec<_> = active
        .iter()
        .map(|claim| (claim.id.to_string(), claim.agent.clone()))
        .collect();
    assert_eq!(active, [(id(3), agent("other")), (id(2), agent("early"))]);
    let ended = HistoryQuery {
        limit: 10,
        ..HistoryQuery::default()
    };
    let ended = store.history(&ended).await.unwrap();
    assert_eq!(ended.len(), 1);
    assert_eq!(
        (ended[0].id.to_string(), ended[0].status),
        (id(1), ClaimStatus::Released)
    );
    let note = ended[0].history.last().unwrap().note.clone().unwrap();
    assert!(note.contains("early") && note.contains(&id(2)), "{note}");
    // Twelve were created, and three are left.
    assert_eq!(store.health(&Scope::All).await.unwrap().total_claims, 12);
    store.close().await;
}

#[tokio::test]
async fn of_two_agents_on_one_pull_request_the_first_goes_on() {
    let folder = Folder::new();
    let mut old = OldDb::new(&folder.file()).await;
    let items = [
        followup(1, 9, Some("second"), "in_progress", 30),
        followup(2, 9, Some("first"), "claimed", 20),
        followup(3, 9, Some("first"), "in_progress", 40),
        followup(4, 9, None, "queued", 1),
        followup(5, 10, Some("second"), "claimed", 30),
        followup(6, 11, None, "claimed", 30),
    ];
    for item in &items {
        old.followup("followup_active", item).await;
    }
    old.stop().await;

    let store = opened(&folder.file()).await.unwrap();
    let items = store.followups(&FollowupFilter::default()).await.unwrap();
    let mut shown: Vec<_> = items
        .iter()
        .map(|item| {
            (
                item.id.to_string(),
                item.status,
                item.holder().map(AgentId::as_str),
            )
        })
        .collect();
    shown.sort();
    let (claimed, busy) = (FollowupStatus::Claimed, FollowupStatus::InProgress);
    let (queued, stale) = (FollowupStatus::Queued, FollowupStatus::Stale);
    assert_eq!(
        shown,
        [
            (id(1), stale, None),
            (id(2), claimed, Some("first")),
            (id(3), busy, Some("first")),
            (id(4), queued, None),
            (id(5), claimed, Some("second")),
            (id(6), stale, None),
        ]
    );
    store.close().await;
    let holds: Vec<(i64, String)> = found(
        &folder.file(),
        "SELECT number, agent_id FROM pr_hold ORDER BY number",
    )
    .await;
    assert_eq!(holds, [(9, "first".to_owned()), (10, "second".to_owned())]);
}

#[tokio::test]
async fn duplicates_are_imported_once() {
    let folder = Folder::new();
    let mut old = OldDb::new(&folder.file()).await;
    // One claim in both tables, an ended one among the active ones, an active one in the history.
    old.claim("claim_active", &claim(1, 1, "ann", "in_progress", 10))
        .await;
    old.claim("claim_history", &claim(1, 1, "ann", "closed", 20))
        .await;
    old.claim("claim_active", &claim(2, 2, "ann", "released", 10))
        .await;
    old.claim("claim_history", &claim(3, 3, "ann", "pr_submitted", 10))
        .await;
    // One event in an open follow-up and in an ended one; one event without a follow-up.
    old.followup("followup_active", &followup(4, 4, None, "queued", 10))
        .await;
    let mut same = followup(5, 4, Some("ann"), "done", 5);
    same["source_event_id"] = json!("review_comment:4");
    old.followup("followup_history", &same).await;
    old.followup("followup_history", &followup(6, 4, None, "queued", 5))
        .await;
    old.seen("review:77").await;
    old.delivery("kept").await;
    old.stop().await;

    opened(&folder.file()).await.unwrap().close().await;
    let claims: Vec<(String, String)> = found(
        &folder.file(),
        "SELECT claim_id, status FROM claim ORDER BY claim_id",
    )
    .await;
    let claims: Vec<_> = claims
        .iter()
        .map(|(id, status)| (id.clone(), status.as_str()))
        .collect();
    assert_eq!(
        claims,
        [(id(1), "closed"), (id(2), "released"), (id(3), "released")]
    );
    let items: Vec<(String, String, String)> = found(
        &folder.file(),
        "SELECT f.work_item_id, f.status, s.source_event_id FROM followup f
         JOIN followup_source s ON s.work_item_id = f.work_item_id ORDER BY 1",
    )
    .await;
    let word = |text: &str| text.to_owned();
    assert_eq!(
        items,
        [
            (id(4), word("queued"), word("review_comment:4")),
            (id(5), word("done"), format!("review_comment:4#{}", id(5))),
            (id(6), word("dismissed"), word("review_comment:6")),
        ]
    );
    let rest: Vec<(String, String)> = found(
        &folder.file(),
        "SELECT source_event_id, (SELECT id FROM delivery) FROM followup_source WHERE work_item_id IS NULL",
    )
    .await;
    assert_eq!(rest, [(word("review:77"), word("kept"))]);
}

#[tokio::test]
async fn a_history_that_stops_short_of_the_status_is_ended() {
    let folder = Folder::new();
    let mut old = OldDb::new(&folder.file()).await;
    let mut short = claim(1, 1, "ann", "pr_submitted", 10);
    short["status_history"] =
        json!([{"status": "claimed", "timestamp": "2026-01-02T00:00:00.000Z"}]);
    old.claim("claim_active", &short).await;
    let mut none = claim(2, 2, "ann", "stale", 10);
    none.as_object_mut().unwrap().remove("status_history");
    old.claim("claim_active", &none).await;
    old.followup(
        "followup_active",
        &followup(3, 3, Some("ann"), "in_progress", 10),
    )
    .await;
    old.stop().await;
    opened(&folder.file()).await.unwrap().close().await;
    let ends: Vec<(i64, String)> = found(
        &folder.file(),
        "SELECT max(n), status FROM claim_status GROUP BY claim_n
         UNION ALL SELECT max(n), status FROM followup_status GROUP BY work_item_id ORDER BY 2",
    )
    .await;
    let word = |text: &str| text.to_owned();
    assert_eq!(
        ends,
        [
            (1, word("in_progress")),
            (1, word("pr_submitted")),
            (0, word("stale"))
        ]
    );
}

#[tokio::test]
async fn a_broken_record_is_named_and_the_file_unchanged() {
    for (sql, why) in [
        (
            "UPDATE claim_active SET payload_json = '{\"claim_id\":'",
            "claim_active is none",
        ),
        (
            "UPDATE claim_active SET payload_json = json_set(payload_json, '$.status', 'asleep')",
            "asleep",
        ),
        (
            "UPDATE claim_active SET payload_json = json_set(payload_json, '$.claimed_at', 'yesterday')",
            "yesterday",
        ),
        (
            "UPDATE claim_active SET payload_json = json_set(payload_json, '$.issue_number', 0)",
            "0 is no number",
        ),
        (
            "UPDATE claim_active SET payload_json = json_remove(payload_json, '$.agent_id')",
            "agent_id",
        ),
        (
            "ALTER TABLE claim_active DROP COLUMN payload_json",
            "payload_json",
        ),
        (
            "DROP TABLE claim_runtime_state; CREATE TABLE claim_runtime_state (id TEXT)",
            "total_claims",
        ),
        (
            "INSERT INTO webhook_deliveries VALUES ('d9', 'soon')",
            "webhook_deliveries has \"soon\" for a time",
        ),
    ] {
        let folder = Folder::new();
        let mut old = OldDb::new(&folder.file()).await;
        old.claim("claim_active", &claim(1, 1, "ann", "claimed", 10))
            .await;
        old.run(sql).await;
        old.stop().await;
        let text = refused(&folder.file()).await;
        assert!(
            text.contains("the earlier IssueCommand service") && text.contains(why),
            "{sql}: {text}"
        );
        assert!(text.contains("left as it is"), "{text}");
    }
}

#[tokio::test]
async fn a_broken_record_in_the_log_of_a_crash_leaves_file_and_log_as_they_are() {
    let (living, crashed) = (Folder::new(), Folder::new());
    let mut old = OldDb::new(&living.file()).await;
    old.claim("claim_active", &claim(1, 1, "ann", "claimed", 10))
        .await;
    old.run("UPDATE claim_active SET payload_json = '{}'").await;
    for suffix in ["", "-wal"] {
        let name = |folder: &Folder| format!("{}{suffix}", folder.file().display());
        std::fs::copy(name(&living), name(&crashed)).unwrap();
    }
    old.stop().await;
    let text = refused(&crashed.file()).await;
    assert!(text.contains("claim_id"), "{text}");
    // Repaired, it is imported.
    let mut shell = OldDb::again(&crashed.file()).await;
    shell.run("DELETE FROM claim_active").await;
    shell.stop().await;
    opened(&crashed.file()).await.unwrap().close().await;
}

#[tokio::test]
async fn a_database_of_an_early_version_of_the_service_may_lack_tables() {
    let folder = Folder::new();
    let mut old = OldDb::new(&folder.file()).await;
    old.claim("claim_active", &claim(1, 1, "ann", "claimed", 10))
        .await;
    old.run(
        "DROP TABLE claim_runtime_state; DROP TABLE followup_active; DROP TABLE webhook_deliveries",
    )
    .await;
    old.stop().await;
    let store = opened(&folder.file()).await.unwrap();
    let health = store.health(&Scope::All).await.unwrap();
    assert_eq!((health.total_claims, health.active_claims), (1, 1));
    store.close().await;
}

#[tokio::test]
async fn damaged_pages_are_found_and_left_as_they_are() {
    let folder = Folder::new();
    let mut old = OldDb::new(&folder.file()).await;
    for n in 1..200 {
        old.claim("claim_history", &claim(n, n, "ann", "closed", 10))
            .await;
    }
    old.stop().await;
    let mut content = std::fs::read(folder.file()).unwrap();
    let middle = content.len() / 2 / 4096 * 4096;
    content[middle..middle + 4096].fill(0xa5);
    std::fs::write(folder.file(), content).unwrap();
    let text = refused(&folder.file()).await;
    assert!(text.contains("the earlier IssueCommand service"), "{text}");
    assert!(copies(&folder.file()).is_empty());
}
