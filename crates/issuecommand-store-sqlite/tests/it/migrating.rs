//! A database of an earlier version keeps all that it has, and takes up what is new.

use std::path::Path;
use std::sync::Arc;

use issuecommand_core::claim::ClaimStatus;
use issuecommand_core::command::{Action, Answer, Command, IdempotencyKey, Outcome};
use issuecommand_core::event::EventKind;
use issuecommand_core::followup::FollowupStatus;
use issuecommand_core::policy::Policy;
use issuecommand_core::store::{ClaimFilter, FollowupFilter, Store};
use issuecommand_core::webhook::{Meaning, PullGlance, RepoSeen, Voice};
use issuecommand_testkit::builders::{agent, local, number, repo};
use issuecommand_testkit::clock::TestClock;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::common::Folder;
use crate::holding::source;

const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/sqlite");

/// What version 1 of the schema held of one claim with a pull request, as that version wrote it.
const DATA: &str = r#"
PRAGMA application_id = 1230193485;
INSERT INTO repo (id, github_id, name, key, url, private, archived, open_count, offered, synced_at)
VALUES (1, 100, 'Acme/Api', 'acme/api', 'https://github.com/Acme/Api', 0, 0, 1, 1, 1);
INSERT INTO repo_alias (key, repo_id) VALUES ('acme/api', 1);
INSERT INTO issue (repo_id, number, rank, state, created_at, updated_at, checked_at, title, labels, assignees, url, body)
VALUES (1, 7, 2, 'open', 1, 2, 3, 'Broken', '["bug"]', '[]', 'https://github.com/Acme/Api/issues/7', 'It is');
INSERT INTO claim (claim_id, repo_id, number, agent_id, principal, title, labels, assignees, status, claimed_at,
    last_updated, pr_url, pull_repo_id, pull_number)
VALUES ('00000000-0000-4000-8000-000000000001', 1, 7, 'ann', 'local', 'Broken', '["bug"]', '[]', 'pr_submitted', 10, 20,
    'https://github.com/Acme/Api/pull/8', 1, 8);
INSERT INTO claim_status (claim_n, n, status, timestamp) VALUES (1, 0, 'claimed', 10), (1, 1, 'pr_submitted', 20);
INSERT INTO event (kind, at, principal, body) VALUES ('claim.created', 10, 'local',
    '{"v":1,"claim":"00000000-0000-4000-8000-000000000001","repo":"Acme/Api","number":7,"agent":"ann",
      "details":{"Created":{"idempotent":false}}}');
INSERT INTO idempotency (principal, key, request, answer, at) VALUES ('local', 'once', 'digest',
    '{"v":1,"value":{"Claim":{"claim":{"id":"00000000-0000-4000-8000-000000000001","agent":"ann","principal":"local",
      "repo":1,"repo_name":"Acme/Api","number":7,"title":"Broken","labels":["bug"],"assignees":[],"status":"claimed",
      "before_stale":null,"claimed_at":10,"last_updated":10,
      "history":[{"status":"claimed","timestamp":10,"note":null}],"pr_url":null,"pull":null,"notice":null},
      "issue":null,"idempotent":false,"outbox":null}}}', 10);
UPDATE meta SET last_now = 20;
"#;

async fn version_1(file: &Path) {
    let only_first = tempfile::tempdir().unwrap();
    let name = "0001_claims.sql";
    std::fs::copy(
        Path::new(MIGRATIONS).join(name),
        only_first.path().join(name),
    )
    .unwrap();
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true);
    let mut conn = options.connect().await.unwrap();
    let migrator = Migrator::new(only_first.path()).await.unwrap();
    migrator.run_direct(None, &mut conn, false).await.unwrap();
    conn.execute(AssertSqlSafe(DATA.to_owned())).await.unwrap();
    conn.close().await.unwrap();
}

#[tokio::test]
async fn a_database_of_claims_alone_takes_up_feedback() {
    let folder = Folder::new();
    version_1(&folder.file()).await;
    let store = folder
        .open_with(Policy::default(), Arc::new(TestClock::default()))
        .await;

    let claims = store.claims(&ClaimFilter::default()).await.unwrap();
    assert_eq!(claims.len(), 1);
    let claim = &claims[0];
    assert_eq!(
        (claim.status, claim.history.len()),
        (ClaimStatus::PrSubmitted, 2)
    );
    assert_eq!((&claim.notice, &claim.pull_notice), (&None, &None));
    let events = store.events_after(0, 10).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].kind, events[0].item, events[0].pull),
        (EventKind::ClaimCreated, None, None)
    );
    let again = Command::new(
        &local(),
        Action::ClaimIssue {
            agent: agent("ann"),
            repo: repo("acme/api"),
            number: number(7),
            unreachable: false,
        },
    )
    .keyed(Some(IdempotencyKey {
        key: "once".to_owned(),
        request: "digest".to_owned(),
    }));
    let Outcome::Done(Answer::Claim { claim: first, .. }) = store.transact(again).await.unwrap()
    else {
        panic!("the first answer is not remembered");
    };
    assert_eq!(first.status, ClaimStatus::Claimed);

    // The pull request that the claim named then is the author's now.
    let linked = store.linked_pulls().await.unwrap();
    assert_eq!(linked.len(), 1);
    assert_eq!(
        (linked[0].number, linked[0].head.as_deref()),
        (number(8), None)
    );
    let meaning = Meaning::Feedback {
        repo: RepoSeen {
            name: repo("acme/api"),
            facts: None,
        },
        pull: PullGlance {
            number: number(8),
            title: None,
            url: None,
            open: None,
            at: None,
            facts: None,
        },
        source: source(1),
        voice: Voice::default(),
    };
    let hear = Command::system(Action::Hear(Box::new(meaning)));
    store.transact(hear).await.unwrap();
    let items = store.followups(&FollowupFilter::default()).await.unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(items[0].status, FollowupStatus::Queued);
    let author = items[0].author.as_ref().unwrap();
    assert_eq!(
        (author.claim, author.preferred.as_ref()),
        (claim.id, Some(&agent("ann")))
    );
    store.close().await;
}
