//! `AUTO_CLOSE_GITHUB_ISSUE`: closing an issue on GitHub survives an outage of GitHub.

use std::time::Duration;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::refusal::{Refusal, Unclaimable};
use issuecommand_core::domain::time::Millis;
use issuecommand_core::service::{ServiceError, Updated};
use issuecommand_github_emulator::{Fault, State};

use crate::world::{API, Setup, StoreKind, caller, github_with};

const PATCH: &str = "PATCH /repos/acme/api/issues/*";

async fn setup(auto_close: bool) -> Setup {
    let policy = Policy {
        auto_close,
        ..Policy::default()
    };
    let setup = Setup::with(StoreKind::Sqlite, github_with(2), policy, Scope::All).await;
    setup.sync().await;
    setup
}

/// The agent of issue 1 moves its claim to `closed`.
async fn call_closed(setup: &Setup) -> Updated {
    let caller = caller();
    let claim = setup.claim("ann", API, 1).await.unwrap().claim;
    let mut last = None;
    for to in [
        ClaimStatus::InProgress,
        ClaimStatus::PrSubmitted,
        ClaimStatus::PrMerged,
        ClaimStatus::Closed,
    ] {
        let url = Some("https://github.com/acme/api/pull/9".to_owned());
        let update =
            setup
                .service
                .update_claim(&caller, claim.id, claim.agent.clone(), to, None, url);
        last = Some(update.await.unwrap());
    }
    last.unwrap()
}

fn state(setup: &Setup) -> State {
    setup
        .github
        .world(|world| world.issue(API, 1).unwrap().state)
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_at_once_where_github_answers() {
    let setup = setup(true).await;
    let updated = call_closed(&setup).await;
    assert_eq!(
        (updated.issue_closed, updated.issue_close_error),
        (Some(true), None)
    );
    assert_eq!(state(&setup), State::Closed);
    assert_eq!(setup.dump().await.rows("outbox"), 0);
    assert_eq!(setup.offered(API).await, [2]);
    setup.pass(Millis::minutes(1));
    let lease = setup.lease().await;
    assert_eq!(setup.service.run_outbox(&lease).await.unwrap().done, 0);
    assert_eq!(setup.asked(PATCH).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_later_where_github_was_down() {
    let setup = setup(true).await;
    let fault = setup
        .github
        .fault("/repos/acme/api/issues/**", Fault::status(500));
    let updated = call_closed(&setup).await;
    assert_eq!(
        updated.claim.status,
        ClaimStatus::Closed,
        "the claim is closed all the same"
    );
    assert_eq!(updated.issue_closed, Some(false));
    assert!(updated.issue_close_error.unwrap().contains("tried again"));
    assert_eq!(
        (state(&setup), setup.dump().await.rows("outbox")),
        (State::Open, 1)
    );
    assert_eq!(
        setup.offered(API).await,
        [2],
        "an issue that is to be closed is offered to nobody"
    );

    // Down for an hour: retried, not given up, and not offered meanwhile, even after a sync that sees it open.
    for _ in 0..6 {
        setup.pass(Millis::minutes(10));
        let lease = setup.lease().await;
        assert_eq!(setup.service.run_outbox(&lease).await.unwrap().done, 0);
        setup.sync().await;
        assert_eq!(setup.offered(API).await, [2]);
    }
    setup.github.end_fault(fault);
    setup.pass(Millis::minutes(60));
    let lease = setup.lease().await;
    assert_eq!(setup.service.run_outbox(&lease).await.unwrap().done, 1);
    assert_eq!(
        (state(&setup), setup.dump().await.rows("outbox")),
        (State::Closed, 0)
    );
    assert_eq!(setup.store.health(&Scope::All).await.unwrap().outbox, 0);
    assert_eq!(setup.offered(API).await, [2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_close_request_does_not_exceed_the_time_limit() {
    let setup = setup(true).await;
    setup
        .github
        .fault("/repos/acme/api/issues/**", Fault::hang());
    let updated = tokio::time::timeout(Duration::from_secs(20), call_closed(&setup))
        .await
        .unwrap();
    assert_eq!(updated.issue_closed, Some(false));
    assert_eq!(setup.dump().await.rows("outbox"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_auto_close_nothing_is_written_to_github() {
    let setup = setup(false).await;
    let updated = call_closed(&setup).await;
    assert_eq!(
        (updated.issue_closed, updated.issue_close_error),
        (Some(false), None)
    );
    assert_eq!(state(&setup), State::Open);
    assert_eq!(setup.asked(PATCH), [""; 0]);
    assert_eq!(setup.dump().await.rows("outbox"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_refused_by_github_is_final() {
    let setup = setup(true).await;
    setup.github.world(|world| world.set_writable(API, false));
    let updated = call_closed(&setup).await;
    assert_eq!(updated.issue_closed, Some(false));
    let words = updated.issue_close_error.unwrap();
    assert!(
        words.contains("403") && words.contains("not be tried again"),
        "{words}"
    );
    // It is kept for people and not counted as pending.
    assert_eq!(setup.dump().await.rows("outbox"), 1);
    let health = setup.store.health(&Scope::All).await.unwrap();
    assert_eq!(health.outbox, 0);
    // A claim of it is refused with the reason, also after syncs that show it open, and after a fetch.
    for _ in 0..3 {
        setup.pass(Millis::minutes(20));
        setup.sync().await;
        assert_eq!(setup.offered(API).await, [2]);
        match setup.claim("bob", API, 1).await {
            Err(ServiceError::Refused(refusal)) => assert!(matches!(
                *refusal,
                Refusal::InvalidIssue {
                    why: Unclaimable::CloseFailed,
                    ..
                }
            )),
            other => panic!("{other:?}"),
        }
        setup.pass(Millis::minutes(5));
        assert!(setup.claim("bob", API, 1).await.is_err());
    }
    let health = setup.store.health(&Scope::All).await.unwrap();
    assert_eq!(health.close_failed.len(), 1);
    let lease = setup.lease().await;
    assert_eq!(setup.service.run_outbox(&lease).await.unwrap().done, 0);
    assert_eq!(setup.asked(PATCH).len(), 1);
    // A person labels it, so it is work again.
    setup.pass(Millis::minutes(5));
    setup.github.world(|world| world.label(API, 1, "again"));
    setup.sync().await;
    assert_eq!(setup.offered(API).await, [1, 2]);
    let health = setup.store.health(&Scope::All).await.unwrap();
    assert_eq!(health.close_failed, []);
}
