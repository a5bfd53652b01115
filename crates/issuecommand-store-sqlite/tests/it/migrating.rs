//! Migrations keep all data of earlier versions, and new features work on it.

use std::path::Path;
use std::sync::Arc;

use issuecommand_core::domain::access::IdempotencyKey;
use issuecommand_core::domain::claim::{ClaimStatus, Followed, LinkOrigin};
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::webhook::{GithubEvent, PullRequestRef, RepoRef, Voice};
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome};
use issuecommand_core::ports::store::{ClaimFilter, FollowupFilter, Store};
use issuecommand_testkit::builders::{agent, local, number, repo};
use issuecommand_testkit::clock::TestClock;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::common::Folder;
use crate::holding::source;

const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/sqlite");

/// A claim with a pull request, as version 1 of the schema stored it.
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

/// One of [`LINKS`].
type OldLink = (
    i64,
    &'static str,
    Option<&'static str>,
    bool,
    &'static [(&'static str, Option<&'static str>)],
);

/// Claims as stored before links existed: each with its pull request, and its history after `claimed`. First the number, then
/// status, `before_stale` and whether the log still shows that its agent set the URL.
const LINKS: [OldLink; 8] = [
    (11, "in_progress", None, false, &[("in_progress", None)]),
    (
        12,
        "pr_submitted",
        None,
        false,
        &[("in_progress", None), ("pr_submitted", Some("mine"))],
    ),
    (
        13,
        "pr_submitted",
        None,
        false,
        &[("in_progress", None), ("pr_submitted", Some(OPENED))],
    ),
    (
        14,
        "pr_merged",
        None,
        false,
        &[("pr_submitted", Some(OPENED)), ("pr_merged", Some(MERGED))],
    ),
    (
        15,
        "pr_merged",
        None,
        false,
        &[
            ("in_progress", None),
            ("pr_submitted", None),
            ("pr_merged", Some(MERGED)),
        ],
    ),
    (
        16,
        "pr_merged",
        None,
        true,
        &[("in_progress", None), ("pr_merged", Some(MERGED))],
    ),
    (
        17,
        "pr_merged",
        None,
        false,
        &[("in_progress", None), ("pr_merged", Some(MERGED))],
    ),
    (
        18,
        "stale",
        Some("pr_submitted"),
        false,
        &[
            ("pr_submitted", Some(OPENED)),
            ("stale", Some("No sign of life for too long")),
        ],
    ),
];
const OPENED: &str = "A pull request that closes the issue was opened";
const MERGED: &str = "Its pull request was merged";

fn links() -> String {
    let mut sql: Vec<String> = Vec::new();
    for (n, status, before_stale, set, history) in LINKS {
        let id = format!("00000000-0000-4000-8000-0000000000{n}");
        let quoted =
            |text: Option<&str>| text.map_or("NULL".to_owned(), |text| format!("'{text}'"));
        let before_stale = quoted(before_stale);
        sql.push(format!(
            "INSERT INTO claim (n, claim_id, repo_id, number, agent_id, principal, title, labels, assignees, status, before_stale,
                 claimed_at, last_updated, pr_url, pull_repo_id, pull_number)
             VALUES ({n}, '{id}', 1, {n}, 'ann', 'local', 't', '[]', '[]', '{status}', {before_stale}, 10, 20, 'u', 1, 8);
             INSERT INTO claim_status (claim_n, n, status, timestamp) VALUES ({n}, 0, 'claimed', 10);"
        ));
        for (at, (status, note)) in (1..).zip(history) {
            let note = quoted(*note);
            sql.push(format!(
                "INSERT INTO claim_status (claim_n, n, status, timestamp, note) VALUES ({n}, {at}, '{status}', 20, {note});"
            ));
        }
        if set {
            sql.push(format!(
                r#"INSERT INTO event (kind, at, principal, body) VALUES ('claim.updated', 15, 'local',
                 '{{"v":1,"claim":"{id}","details":{{"Moved":{{"source":"agent","status":"in_progress","note":"pull request set"}}}}}}');"#
            ));
        }
    }
    sql.join("\n")
}

#[tokio::test]
async fn links_that_there_are_get_their_origin() {
    use Followed::{Merged, Nothing, Opened};
    use LinkOrigin::{Agent, Derived};
    let folder = Folder::new();
    let versions = ["0001_claims.sql", "0002_followups.sql", "0003_keys.sql"];
    version(&folder.file(), &versions, &(DATA.to_owned() + &links())).await;
    let store = folder
        .open_with(Policy::default(), Arc::new(TestClock::default()))
        .await;
    let claims = store.claims(&ClaimFilter::default()).await.unwrap();
    let link = |n: i64| {
        let claim = claims
            .iter()
            .find(|claim| claim.number == number(n))
            .unwrap();
        let link = claim.link.clone().unwrap();
        (link.origin, link.followed, link.before)
    };
    assert_eq!(link(7), (Agent, Nothing, None), "of the first version");
    assert_eq!(link(11), (Agent, Nothing, None));
    assert_eq!(link(12), (Agent, Nothing, None));
    assert_eq!(link(13), (Derived, Opened, Some(ClaimStatus::InProgress)));
    assert_eq!(link(14), (Derived, Merged, Some(ClaimStatus::Claimed)));
    assert_eq!(link(15), (Agent, Merged, Some(ClaimStatus::PrSubmitted)));
    assert_eq!(link(16), (Agent, Merged, Some(ClaimStatus::InProgress)));
    assert_eq!(
        link(17),
        (Derived, Merged, Some(ClaimStatus::InProgress)),
        "nothing shows that it was the agent"
    );
    assert_eq!(link(18), (Derived, Opened, Some(ClaimStatus::Claimed)));
    store.close().await;
}

async fn version_1(file: &Path) {
    version(file, &["0001_claims.sql"], DATA).await;
}

/// A database of the version that these migrations create.
async fn version(file: &Path, migrations: &[&str], data: &str) {
    let only_first = tempfile::tempdir().unwrap();
    for name in migrations {
        let (from, to) = (
            Path::new(MIGRATIONS).join(name),
            only_first.path().join(name),
        );
        std::fs::copy(from, to).unwrap();
    }
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true);
    let mut conn = options.connect().await.unwrap();
    let migrator = Migrator::new(only_first.path()).await.unwrap();
    migrator.run_direct(None, &mut conn, false).await.unwrap();
    conn.execute(AssertSqlSafe(data.to_owned())).await.unwrap();
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
            take_over: false,
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

    // The pull request that the claim named then now belongs to its agent.
    let linked = store.linked_pulls().await.unwrap();
    assert_eq!(linked.len(), 1);
    assert_eq!(
        (linked[0].number, linked[0].head.as_deref()),
        (number(8), None)
    );
    let meaning = GithubEvent::Feedback {
        repo: RepoRef {
            name: repo("acme/api"),
            facts: None,
        },
        pull: PullRequestRef {
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
    let hear = Command::system(Action::ApplyPolledEvent(Box::new(meaning)));
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
