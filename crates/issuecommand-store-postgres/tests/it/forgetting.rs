//! Ended rows are kept up to the limit; afterwards only their ids stay known.

use std::sync::Arc;

use issuecommand_core::domain::followup::{FollowupStatus, WorkItemId};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::engine::command::{Action, Command};
use issuecommand_core::ports::store::Store;
use issuecommand_testkit::builders::{agent, local};
use issuecommand_testkit::clock::TestClock;

use crate::common::TestDatabase;
use crate::holding::item;

/// [status, note as its reason, whether it has a done time, lines of history], and whether the text of the event is kept.
async fn kept(
    place: &TestDatabase,
) -> (
    Vec<(String, Option<String>, bool, i64)>,
    Vec<(String, bool)>,
) {
    let mut conn = place.connect().await;
    let items = sqlx::query_as(
        "SELECT f.status, f.dismiss_reason, f.done_at IS NOT NULL,
             (SELECT count(*) FROM followup_status s WHERE s.work_item_id = f.work_item_id) FROM followup f",
    );
    let items = items.fetch_all(&mut conn).await.unwrap();
    let sources = sqlx::query_as("SELECT source_event_id, data IS NOT NULL FROM followup_source");
    let sources = sources.fetch_all(&mut conn).await.unwrap();
    (items, sources)
}

fn put(item: WorkItemId, to: FollowupStatus) -> Command {
    let action = Action::UpdateFollowup {
        item,
        agent: agent("ann"),
        to,
        note: Some("because".to_owned()),
    };
    Command::new(&local(), action)
}

#[tokio::test]
async fn events_of_a_trimmed_followup_stay_known() {
    for (end, reason) in [
        (FollowupStatus::Done, None),
        (FollowupStatus::Dismissed, Some("because".to_owned())),
    ] {
        let Some(place) = TestDatabase::new() else {
            return;
        };
        let keeps = |followup_max| Policy {
            followup_max,
            ..Policy::default()
        };
        let clock = Arc::new(TestClock::default());
        let store = place.open_with(keeps(1), clock.clone()).await;
        let id = item(&store).await.id;
        for to in [FollowupStatus::InProgress, end] {
            store.transact(put(id, to)).await.unwrap();
        }
        store
            .transact(Command::system(Action::Sweep))
            .await
            .unwrap();
        let done = end == FollowupStatus::Done;
        let name = "issue_comment:1".to_owned();
        let ended = (end.as_str().to_owned(), reason, done, 3);
        assert_eq!(
            kept(&place).await,
            (vec![ended], vec![(name.clone(), true)])
        );
        store.close().await;

        let store = place.open_with(keeps(0), clock).await;
        store
            .transact(Command::system(Action::Sweep))
            .await
            .unwrap();
        assert_eq!(kept(&place).await, (vec![], vec![(name, false)]));
        store.close().await;
    }
}
