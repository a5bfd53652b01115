//! Files written by the legacy service itself, found by `ISSUECOMMAND_TEST_DATA`: one that it closed, and one that a crash left
//! with all data in the WAL.

use std::path::{Path, PathBuf};

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::webhook::WebhookAnswer;
use issuecommand_core::engine::command::{Answer, Outcome};
use issuecommand_core::ports::store::{ClaimFilter, FollowupFilter, HistoryQuery, Store};
use issuecommand_testkit::builders::{agent, facts, number, record_repos};
use issuecommand_testkit::machine::skipped;

use super::{copies, found, opened};
use crate::common::Folder;

fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("ISSUECOMMAND_TEST_DATA").map(PathBuf::from);
    if folder.is_none() {
        skipped("ISSUECOMMAND_TEST_DATA is not set, the folder with old-service.db");
    }
    folder
}

#[tokio::test]
async fn the_file_that_it_closed() {
    let Some(data) = data() else { return };
    let folder = Folder::new();
    std::fs::copy(data.join("old-service.db"), folder.file()).unwrap();
    everything_is_there(&folder.file()).await;
}

#[tokio::test]
async fn the_file_that_a_crash_left_in_its_log() {
    let Some(data) = data() else { return };
    let (folder, from) = (
        Folder::new(),
        data.join("old-service-wal").join("issuecommand.db"),
    );
    for suffix in ["", "-wal"] {
        let name = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        std::fs::copy(name(&from), name(&folder.file())).unwrap();
    }
    everything_is_there(&folder.file()).await;
}

async fn everything_is_there(path: &Path) {
    let store = opened(path).await.unwrap();
    claims(&store).await;
    feedback(&store).await;
    the_repository_is_recognised(&store).await;
    deliveries(&store).await;
    store.close().await;

    // The copy is the complete legacy database, and opening again copies nothing more.
    opened(path).await.unwrap().close().await;
    let copies = copies(path);
    assert_eq!(copies.len(), 1, "{copies:?}");
    let kept: Vec<(i64, i64, i64)> = found(
        &copies[0],
        "SELECT (SELECT count(*) FROM claim_active), (SELECT count(*) FROM followup_history),
             (SELECT total_claims FROM claim_runtime_state)",
    )
    .await;
    assert_eq!(kept, [(5, 2, 7)]);
}

async fn claims(store: &dyn Store) {
    let mut claims = store.claims(&ClaimFilter::default()).await.unwrap();
    claims.sort_by_key(|claim| claim.number);
    let shown: Vec<String> = claims
        .iter()
        .map(|claim| {
            format!(
                "{} {}#{} {} {} {}",
                claim.id,
                claim.repo_name,
                claim.number,
                claim.agent,
                claim.status,
                claim.history.len(),
            )
        })
        .collect();
    assert_eq!(shown.len(), 5, "{shown:#?}");
    assert_eq!(
        shown[0],
        "f85f8971-8577-4a2f-9fd6-3019780ea6d9 acme/api#1 claude-code-1 in_progress 2"
    );
    assert_eq!(
        claims[0].history[1].note.as_deref(),
        Some("Lösung begonnen ✓")
    );
    assert_eq!(
        claims[0].last_updated.to_string(),
        "2026-11-22T06:25:54.158Z"
    );
    let stale = claims.iter().find(|c| c.status == ClaimStatus::Stale);
    assert_eq!(stale.unwrap().before_stale, Some(ClaimStatus::Claimed));
    let linked = claims.iter().find(|c| c.pr_url.is_some()).unwrap();
    assert_eq!(linked.pull, Some((linked.repo, number(101))));

    let ended = HistoryQuery {
        limit: 10,
        ..HistoryQuery::default()
    };
    let ended = store.history(&ended).await.unwrap();
    let shown: Vec<_> = ended
        .iter()
        .map(|claim| (claim.id.to_string(), claim.status, claim.history.len()))
        .collect();
    let (closed, released) = (ClaimStatus::Closed, ClaimStatus::Released);
    assert_eq!(
        shown,
        [
            (
                "a8ee3049-1443-49b3-ae81-ba5afad73908".to_owned(),
                released,
                2
            ),
            ("aa55fc3d-0062-4a10-b3d1-d41c054d84c1".to_owned(), closed, 5),
        ]
    );

    let health = store.health(&Scope::All).await.unwrap();
    assert_eq!(
        (
            health.total_claims,
            health.active_claims,
            health.stale_claims
        ),
        (7, 5, 1)
    );
    assert_eq!(
        health.last_sync.unwrap().to_string(),
        "2026-11-22T06:25:52.122Z"
    );
}

async fn feedback(store: &dyn Store) {
    let items = store.followups(&FollowupFilter::default()).await.unwrap();
    let shown: Vec<_> = items
        .iter()
        .map(|item| (item.id.to_string(), item.status, item.number.get()))
        .collect();
    let (busy, queued) = (FollowupStatus::InProgress, FollowupStatus::Queued);
    assert_eq!(
        shown,
        [
            ("0b1110ce-fbb0-4a6d-95d5-5b97bdfa8811".to_owned(), busy, 101),
            (
                "63941b43-ef60-44ba-8409-c79d1e3269d5".to_owned(),
                queued,
                104
            ),
        ]
    );
    let item = &items[0];
    assert_eq!(item.owner, Some(agent("claude-code-2")));
    assert_eq!(item.sources[0].body, "please add a test");
    assert_eq!(item.sources[0].requested_by.as_deref(), Some("rev"));
    assert_eq!(item.author.as_ref().unwrap().number, number(2));
}

/// Deliveries and events known to the legacy service create nothing new.
async fn deliveries(store: &dyn Store) {
    use issuecommand_testkit::builders::{comment, deliver, pull, review};
    for (id, known) in [("d1", true), ("fresh", false)] {
        let taken = deliver(id, pull("acme/api", 104).said(comment(900)));
        let Outcome::Done(Answer::Delivery { answer, .. }) = store.transact(taken).await.unwrap()
        else {
            panic!("{id} was not taken")
        };
        let duplicate = matches!(answer, WebhookAnswer::Duplicate { .. });
        assert_eq!(duplicate, known, "{id}: {answer:?}");
    }
    let again = deliver("another", pull("acme/api", 101).said(review(2)));
    let Outcome::Done(Answer::Delivery { answer, .. }) = store.transact(again).await.unwrap()
    else {
        panic!("not taken")
    };
    assert!(
        matches!(
            answer,
            WebhookAnswer::Feedback {
                created: false,
                idempotent: true,
                ..
            }
        ),
        "{answer:?}"
    );
}

/// A repository known only by name keeps its id when GitHub shows it.
async fn the_repository_is_recognised(store: &dyn Store) {
    let before = store.repos().await.unwrap();
    store
        .transact(record_repos(&[facts("acme/api")]))
        .await
        .unwrap();
    let after = store.repos().await.unwrap();
    assert_eq!(before.len(), after.len());
    let api = |repos: &[issuecommand_core::ports::store::RepoCount]| {
        let found = repos
            .iter()
            .find(|c| c.repo.facts.name.as_str() == "acme/api");
        found.map(|c| (c.repo.id, c.repo.offered)).unwrap()
    };
    assert_eq!(api(&before), (api(&after).0, false));
    assert!(api(&after).1);
}
