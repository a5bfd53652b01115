//! Wrong clocks.

use std::sync::Arc;

use issuecommand_core::domain::claim::{Actor, Claim, ClaimStatus};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::engine::command::{Answer, Outcome};
use issuecommand_core::memory::MemoryStore;
use issuecommand_testkit::builders::{claim, facts, issue, record_issues, record_repos};
use issuecommand_testkit::clock::TestClock;
use issuecommand_testkit::ids::TestIds;

fn a_claim() -> Claim {
    let clock = Arc::new(TestClock::default());
    let store = MemoryStore::new(Policy::default(), clock, Box::new(TestIds::default()));
    store.run(record_repos(&[facts("acme/api")])).unwrap();
    store.run(record_issues("acme/api", [issue(1)])).unwrap();
    match store.run(claim("ann", "acme/api", 1)).unwrap() {
        Outcome::Done(Answer::Claim { claim, .. }) => *claim,
        other => panic!("{other:?}"),
    }
}

/// Stores never return an earlier time than before; if one did, a claim would still not go back.
#[test]
fn a_claim_does_not_go_back_with_the_clock() {
    let claim = a_claim();
    let earlier = claim.last_updated.minus(Millis::minutes(5));
    assert_eq!(claim.clone().heartbeat(earlier), claim);
    let to = ClaimStatus::InProgress;
    let moved = claim
        .clone()
        .advance(to, Actor::Agent, None, earlier)
        .unwrap();
    assert_eq!(moved.last_updated, claim.last_updated);
    assert_eq!(moved.history[1].timestamp, claim.last_updated);
}
