//! The guarantees of the writer.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use issuecommand_core::domain::failure::{StoreError, Unwritable};
use issuecommand_core::domain::id::IdGenerator;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::presence::Presence;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::engine::command::Outcome;
use issuecommand_store::{RandomIds, Writer, WriterOptions};
use tokio::time::Instant;

use crate::backend::{Fake, claim, lease, nothing};

fn writer(fake: &Fake) -> Writer {
    with(fake, WriterOptions::default())
}

fn with(fake: &Fake, options: WriterOptions) -> Writer {
    Writer::spawn(
        fake.clone(),
        Policy::default(),
        Box::new(RandomIds),
        options,
    )
}

/// Sends all at once: on a runtime of one thread they are queued together, and taken together.
async fn all<'a>(
    writer: &Writer,
    names: impl IntoIterator<Item = &'a str>,
) -> Vec<Result<Outcome, StoreError>> {
    join_all(names.into_iter().map(|name| writer.transact(lease(name)))).await
}

#[tokio::test]
async fn queued_commands_share_one_commit() {
    let fake = Fake::running();
    let outcomes = all(&writer(&fake), ["a", "b", "c"]).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(fake.state().commits, [["a", "b", "c"]]);
}

#[tokio::test]
async fn a_batch_is_bounded() {
    let fake = Fake::running();
    let options = WriterOptions {
        batch: 2,
        ..WriterOptions::default()
    };
    all(&with(&fake, options), ["a", "b", "c", "d", "e"]).await;
    let sizes: Vec<usize> = fake.state().commits.iter().map(Vec::len).collect();
    assert_eq!(sizes, [2, 2, 1]);
}

#[tokio::test]
async fn one_bad_command_does_not_spoil_the_others() {
    let fake = Fake::running();
    fake.state().poison = Some("bad");
    let outcomes = all(&writer(&fake), ["a", "bad", "c"]).await;
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok(), "{outcomes:?}");
    assert_eq!(outcomes[1], Err(StoreError::Corrupt("poison".to_owned())));
    assert_eq!(fake.state().commits, [["a"], ["c"]]);
}

#[tokio::test]
async fn an_unknown_outcome_is_reported_to_all_and_not_retried() {
    let fake = Fake::running();
    fake.state().lost_commits = 1;
    let writer = writer(&fake);
    let outcomes = all(&writer, ["a", "b"]).await;
    let unknown = Err(StoreError::OutcomeUnknown("the disk went away".to_owned()));
    assert_eq!(outcomes, [unknown.clone(), unknown]);
    assert_eq!(fake.state().commits.len(), 1);
    assert!(all(&writer, ["c"]).await[0].is_ok(), "the writer goes on");
}

#[tokio::test]
async fn a_busy_database_is_retried_until_the_timeout() {
    let fake = Fake::running();
    fake.state().busy = 3;
    fake.state().busy_commits = 2;
    assert!(all(&writer(&fake), ["a"]).await[0].is_ok());
    let fake = Fake::running();
    fake.state().busy = usize::MAX;
    let options = WriterOptions {
        patience: Duration::from_millis(20),
        ..WriterOptions::default()
    };
    let busy = Err(StoreError::Busy("held".to_owned()));
    assert_eq!(
        all(&with(&fake, options), ["a", "b"]).await,
        [busy.clone(), busy]
    );
}

#[tokio::test(start_paused = true)]
async fn long_waiters_retry_the_lock_more_often() {
    let fake = Fake::running();
    fake.state().busy = 300;
    let begin = Instant::now();
    assert!(all(&writer(&fake), ["a"]).await[0].is_ok());
    // With the initial interval it would be a second.
    let waited = begin.elapsed();
    assert!(waited < Duration::from_millis(600), "{waited:?}");
    assert!(waited > Duration::from_millis(200), "{waited:?}");
}

#[tokio::test]
async fn commands_without_changes_neither_commit_nor_notify() {
    let fake = Fake::running();
    let writer = writer(&fake);
    let mut woken = std::pin::pin!(writer.written());
    assert!(futures_util::poll!(woken.as_mut()).is_pending());
    writer.transact(nothing()).await.unwrap();
    assert!(fake.state().commits.is_empty());
    assert!(futures_util::poll!(woken.as_mut()).is_pending());
    writer.transact(lease("a")).await.unwrap();
    assert!(futures_util::poll!(woken.as_mut()).is_ready());
}

#[tokio::test]
async fn a_caller_that_hangs_up_leaves_the_transaction_whole() {
    let fake = Fake::new();
    let writer = writer(&fake);
    let (gone, stays) = (writer.clone(), writer.clone());
    let gone = tokio::spawn(async move { gone.transact(lease("gone")).await });
    let stays = tokio::spawn(async move { stays.transact(lease("stays")).await });
    // Both are taken now, and wait for the lock with the writer.
    tokio::time::sleep(Duration::from_millis(20)).await;
    gone.abort();
    fake.gate.add_permits(1);
    assert!(stays.await.unwrap().is_ok());
    assert_eq!(fake.state().commits, [["gone", "stays"]]);
}

#[tokio::test]
async fn a_caller_gone_before_the_batch_is_skipped() {
    let fake = Fake::new();
    let writer = writer(&fake);
    let first = writer.clone();
    let first = tokio::spawn(async move { first.transact(lease("first")).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    let gone = writer.clone();
    let gone = tokio::spawn(async move { gone.transact(lease("gone")).await });
    tokio::time::sleep(Duration::from_millis(20)).await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    fake.gate.add_permits(2);
    first.await.unwrap().unwrap();
    writer.transact(lease("last")).await.unwrap();
    assert_eq!(fake.state().commits, [["first"], ["last"]]);
}

#[tokio::test]
async fn closing_runs_queued_commands_and_rejects_new_ones() {
    let fake = Fake::new();
    let writer = writer(&fake);
    let waiting: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .map(|name| {
            let writer = writer.clone();
            tokio::spawn(async move { writer.transact(lease(name)).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let closing = tokio::spawn({
        let writer = writer.clone();
        async move { writer.close().await }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!fake.state().closed);
    fake.gate.add_permits(10);
    closing.await.unwrap();
    assert!(fake.state().closed);
    for outcome in join_all(waiting).await {
        assert!(outcome.unwrap().is_ok());
    }
    let late = writer.transact(lease("late")).await;
    assert!(matches!(late, Err(StoreError::Unavailable(_))), "{late:?}");
    writer.close().await;
}

/// It is asked whether a caller has left before the batch is decided, when it is, and before the commit.
#[tokio::test]
async fn work_is_not_committed_for_a_caller_that_left_meanwhile() {
    for looks in 0..=3 {
        let fake = Fake::running();
        fake.state().with_issue = true;
        let writer = writer(&fake);
        let looked = AtomicUsize::new(0);
        let left = move || looked.fetch_add(1, Ordering::Relaxed) >= looks;
        let mut leaves = claim();
        leaves.caller.presence = Presence::until(left);
        let outcomes = tokio::join!(writer.transact(leaves), writer.transact(lease("a")));
        assert!(outcomes.1.is_ok(), "{outcomes:?}");
        let refused = Outcome::Refused(Refusal::CallerLeft);
        assert_eq!(outcomes.0 == Ok(refused), looks < 3, "{looks} {outcomes:?}");
        assert_eq!(fake.state().commits, [["a"]], "{looks}");
    }
}

/// The engine asks for an id only when it creates something, which must not happen here.
struct NoIds;

impl IdGenerator for NoIds {
    fn uuid(&mut self) -> uuid::Uuid {
        panic!("out of ids")
    }
}

#[tokio::test]
async fn an_engine_panic_fails_one_caller_only() {
    let fake = Fake::running();
    fake.state().with_issue = true;
    let options = WriterOptions::default();
    let writer = Writer::spawn(fake.clone(), Policy::default(), Box::new(NoIds), options);
    let panics = || writer.transact(claim());
    let fine = || writer.transact(lease("fine"));
    let (bad, good) = tokio::join!(panics(), fine());
    assert!(
        matches!(&bad, Err(StoreError::Unavailable(text)) if text.contains("out of ids")),
        "{bad:?}"
    );
    assert!(good.is_ok(), "{good:?}");
    assert_eq!(fake.state().commits, [["fine"]]);
    assert!(fine().await.is_ok(), "the writer goes on");
}

#[tokio::test]
async fn the_last_handle_that_goes_closes_the_backend() {
    let fake = Fake::running();
    let writer = writer(&fake);
    writer.transact(lease("a")).await.unwrap();
    drop(writer);
    for _ in 0..200 {
        if fake.state().closed {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the backend is still open");
}

/// A read-only process notices both, and its queries are answered meanwhile.
#[tokio::test]
async fn an_unwritable_database_is_reported_and_recovers() {
    let fake = Fake::running();
    let writer = writer(&fake);
    assert_eq!(writer.unwritable(), None);
    fake.state().full = true;
    assert!(writer.transact(nothing()).await.is_ok());
    assert_eq!(writer.unwritable(), None, "no write was tried");
    for outcome in all(&writer, ["a", "b"]).await {
        let why = Unwritable::DiskFull;
        assert!(
            matches!(outcome, Err(StoreError::Unwritable { why: told, .. }) if told == why),
            "{outcome:?}"
        );
    }
    assert_eq!(writer.unwritable(), Some(Unwritable::DiskFull));
    assert!(writer.transact(nothing()).await.is_ok());
    assert_eq!(writer.unwritable(), Some(Unwritable::DiskFull));
    fake.state().full = false;
    assert!(writer.transact(nothing()).await.is_ok());
    assert_eq!(writer.unwritable(), None);
    assert!(writer.transact(lease("c")).await.is_ok());
}
