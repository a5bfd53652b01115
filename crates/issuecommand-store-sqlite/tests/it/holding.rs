//! Constraints of the database protect the holds on pull requests, even against faults in the code above.

use std::path::Path;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{
    FeedbackEvent, Followup, FollowupStatus, SourceId, SourceKind,
};
use issuecommand_core::domain::webhook::{GithubEvent, PullRequestRef, RepoRef, Voice};
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome};
use issuecommand_core::ports::store::{FollowupFilter, Store};
use issuecommand_store_sqlite::SqliteStore;
use issuecommand_testkit::builders::{agent, facts, local, number};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Executor};

use crate::common::Folder;

/// A waiting comment.
pub(crate) fn source(id: i64) -> FeedbackEvent {
    FeedbackEvent {
        body: "Please".to_owned(),
        ..FeedbackEvent::new(SourceId::issue_comment(id), SourceKind::PrComment)
    }
}

/// A new follow-up on pull request 8 of the first repository.
pub(crate) async fn item(store: &SqliteStore) -> Followup {
    let facts = facts("acme/api");
    let repo = RepoRef {
        name: facts.name.clone(),
        facts: Some(facts),
    };
    let pull = PullRequestRef {
        number: number(8),
        title: None,
        url: None,
        open: None,
        at: None,
        facts: None,
    };
    let meaning = Box::new(GithubEvent::Feedback {
        repo,
        pull,
        source: source(1),
        voice: Voice::default(),
    });
    store
        .transact(Command::system(Action::ApplyPolledEvent(meaning)))
        .await
        .unwrap();
    open(store).await.pop().unwrap()
}

async fn open(store: &SqliteStore) -> Vec<Followup> {
    store.followups(&FollowupFilter::default()).await.unwrap()
}

/// Changes the file without the store.
async fn meddle(file: &Path, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(file);
    let mut conn = options.connect().await.unwrap();
    conn.execute(sql).await.unwrap();
    conn.close().await.unwrap();
}

fn take(item: &Followup, who: &str) -> Command {
    let action = Action::UpdateFollowup {
        item: item.id,
        agent: agent(who),
        to: FollowupStatus::Claimed,
        note: None,
    };
    Command::new(&local(), action)
}

#[tokio::test]
async fn a_concurrently_added_hold_is_not_overwritten() {
    let folder = Folder::new();
    let store = folder.open().await;
    let item = item(&store).await;
    meddle(
        &folder.file(),
        "INSERT INTO pr_hold (repo_id, number, agent_id) VALUES (1, 8, 'ghost')",
    )
    .await;

    let refused = store.transact(take(&item, "ann")).await;
    assert!(
        matches!(refused, Err(StoreError::Corrupt(_))),
        "{refused:?}"
    );
    assert_eq!(open(&store).await, vec![item.clone()]);

    // Its holder may get the other follow-ups.
    let taken = store.transact(take(&item, "ghost")).await;
    assert!(
        matches!(taken, Ok(Outcome::Done(Answer::Followup { .. }))),
        "{taken:?}"
    );
    store.close().await;
}

#[tokio::test]
async fn a_concurrently_changed_followup_is_not_overwritten() {
    let folder = Folder::new();
    let store = folder.open().await;
    let item = item(&store).await;
    // Between load and write, where only a fault could change it.
    meddle(
        &folder.file(),
        "CREATE TRIGGER fault BEFORE INSERT ON event WHEN new.kind = 'followup.updated' BEGIN
             UPDATE followup SET last_updated = last_updated + 1; END",
    )
    .await;
    let refused = store.transact(take(&item, "ann")).await;
    assert!(
        matches!(refused, Err(StoreError::Corrupt(_))),
        "{refused:?}"
    );
    assert_eq!(open(&store).await, vec![item]);
    store.close().await;
}
