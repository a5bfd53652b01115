//! A new comment costs the same, however many there are on its pull request.

use std::time::{Duration, Instant};

use issuecommand_core::domain::followup::FeedbackEvent;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::engine::command::{Action, Command, Outcome};
use issuecommand_core::ports::store::{FollowupFilter, Store};
use issuecommand_testkit::builders::{comment, hear, minute, pull, work};
use issuecommand_testkit::clock::TestClock;
use issuecommand_testkit::prove::rounds;

use crate::common::Folder;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prove_ten_thousand_comments_do_not_slow_each_other() {
    let folder = Folder::new();
    let clock = std::sync::Arc::new(TestClock::at(minute(5)));
    let store = folder.open_with(Policy::default(), clock).await;
    let said = i64::from(rounds(3_000, 10_000));
    let tenth = said / 10;
    let mut took = Vec::new();
    for part in 0..10 {
        let began = Instant::now();
        let hear_one = |n: i64| store.transact(hear(pull("acme/api", 7).said(comment(n))));
        let sent = (part * tenth..(part + 1) * tenth).map(hear_one);
        for outcome in futures_util::future::join_all(sent).await {
            assert!(matches!(outcome, Ok(Outcome::Done(_))), "{outcome:?}");
        }
        took.push(began.elapsed());
    }
    // One by one, and also found by a poll.
    let began = Instant::now();
    for n in 0..50 {
        let known = hear(pull("acme/api", 7).said(comment(n)));
        store.transact(known).await.unwrap();
    }
    let each = began.elapsed() / 50;
    eprintln!("{said} comments: {took:?}, then {each:?} for one that is known");
    let (first, last) = (took[0].max(took[1]), took[9]);
    assert!(last < first * 5 + Duration::from_millis(500), "{took:?}");
    let items = store.followups(&FollowupFilter::default()).await.unwrap();
    let [item] = &items[..] else {
        panic!("{} items", items.len())
    };
    assert_eq!(item.sources.len(), usize::try_from(said).unwrap());
    assert!(item.sources.iter().all(FeedbackEvent::waits));
    // The agent that claims it gets all of it, and a push resolves all of it.
    store.transact(work("ann")).await.unwrap();
    let pushed = Action::ApplyPolledEvent(Box::new(pull("acme/api", 7).at(5).pushed()));
    store.transact(Command::system(pushed)).await.unwrap();
    assert_eq!(
        store.followups(&FollowupFilter::default()).await.unwrap(),
        []
    );
    store.close().await;
}
