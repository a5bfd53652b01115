//! Constraints of the database protect claims and holds, even against faults in the code above.

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{
    FeedbackEvent, Followup, FollowupStatus, SourceId, SourceKind,
};
use issuecommand_core::domain::time::Clock;
use issuecommand_core::domain::webhook::{GithubEvent, PullRequestRef, RepoRef, Voice};
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome};
use issuecommand_core::ports::store::{ClaimFilter, FollowupFilter, Store};
use issuecommand_store_postgres::PostgresStore;
use issuecommand_testkit::builders::{
    agent, claim, facts, finish_poll, issue, local, number, record_issues, record_repos,
};
use issuecommand_testkit::clock::TestClock;

use crate::common::TestDatabase;

/// A waiting comment.
pub(crate) fn source(id: i64) -> FeedbackEvent {
    FeedbackEvent {
        body: "Please".to_owned(),
        ..FeedbackEvent::new(SourceId::issue_comment(id), SourceKind::PrComment)
    }
}

/// A new follow-up on pull request 8 of the first repository.
pub(crate) async fn item(store: &PostgresStore) -> Followup {
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

async fn open(store: &PostgresStore) -> Vec<Followup> {
    store.followups(&FollowupFilter::default()).await.unwrap()
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
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let store = place.open().await;
    let item = item(&store).await;
    place
        .meddle("INSERT INTO pr_hold (repo_id, number, agent_id) VALUES (1, 8, 'ghost')")
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
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let store = place.open().await;
    let item = item(&store).await;
    // Between load and write, where only a fault could change it.
    place
        .meddle(
            "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS
                 'BEGIN UPDATE followup SET last_updated = last_updated + 1; RETURN new; END';
             CREATE TRIGGER fault AFTER INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION fault()",
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

#[tokio::test]
async fn a_concurrently_claimed_issue_is_not_given_away() {
    let Some(place) = TestDatabase::new() else {
        return;
    };
    let store = place.open().await;
    for command in [
        record_repos(&[facts("acme/api")]),
        record_issues("acme/api", [issue(7)]),
        finish_poll("acme/api", TestClock::default().now()),
    ] {
        store.transact(command).await.unwrap();
    }
    place
        .meddle(
            "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN
                     INSERT INTO claim (claim_id, repo_id, number, agent_id, principal, title, labels, assignees, status,
                         claimed_at, last_updated)
                     VALUES ('ghost', 1, 7, 'ghost', 'local', '', '[]', '[]', 'claimed', 1, 1);
                     RETURN new;
                 END $$;
             CREATE TRIGGER fault BEFORE INSERT ON claim FOR EACH STATEMENT
                 WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION fault()",
        )
        .await;
    let refused = store.transact(claim("ann", "acme/api", 7)).await;
    assert!(
        matches!(&refused, Err(StoreError::Corrupt(why)) if why.contains("claim_active")),
        "{refused:?}"
    );
    assert_eq!(store.claims(&ClaimFilter::default()).await, Ok(vec![]));
    store.close().await;
}
