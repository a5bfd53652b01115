//! An issue that `next` hands out is refetched first if its evidence is old.

use std::collections::BTreeSet;
use std::time::Duration;

use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::service::{AssignedWork, ServiceError, ServiceResult};
use issuecommand_github_emulator::{Fault, NewRepo, State};
use issuecommand_testkit::builders::agent;
use tokio::task::JoinSet;

use crate::world::{API, Setup, StoreKind, caller, github_with};

const ISSUES: &str = "GET /repos/acme/api/issues/*";

on_each_store! {
    what_is_gone_makes_way_for_the_next,
    a_young_word_needs_no_look,
    agents_that_come_together_look_at_different_issues,
    prove_twenty_calls_after_half_of_forty_issues_went_away,
}

async fn work(setup: &Setup, who: &str) -> ServiceResult<Claim> {
    let caller = caller();
    let given = setup
        .service
        .next_work(&caller, agent(who), IssueFilter::default());
    match given.await? {
        AssignedWork::Issue(given) => Ok(*given.claim),
        AssignedWork::Followup(item) => panic!("{item:?}"),
    }
}

fn is_open(setup: &Setup, claim: &Claim) -> bool {
    let number = claim.number.get().unsigned_abs();
    setup.github.world(|world| {
        let issue = world.issue(claim.repo_name.as_str(), number);
        issue.is_some_and(|issue| issue.state == State::Open)
    })
}

async fn what_is_gone_makes_way_for_the_next(kind: StoreKind) {
    let setup = Setup::synced_on(kind, github_with(5)).await;
    setup.pass(Millis::minutes(2));
    setup.github.world(|world| {
        world.add_repo(NewRepo::named("acme/web"));
        world.delete_issue(API, 1);
        world.close_issue(API, 2);
        world.transfer_issue(API, 3, "acme/web");
    });
    // A transferred issue is in its new repository.
    let moved = setup.next("ann").await.unwrap();
    let at = (moved.repo_name.as_str(), moved.number.get());
    assert_eq!(at, ("acme/web", 1));
    assert_eq!(setup.next("ann").await.unwrap().number.get(), 4);
    assert_eq!(setup.offered(API).await, [5]);
    assert_eq!(work(&setup, "ann").await.unwrap().number.get(), 5);
    let ServiceError::NoWork { refusal: no, .. } = work(&setup, "ann").await.unwrap_err() else {
        panic!("something is left")
    };
    assert_eq!(*no, Refusal::NothingEligible);
    // After its first fetch an issue is fetched conditionally.
    setup.pass(Millis::minutes(2));
    let claim = setup.held(API, 5).await.unwrap();
    let caller = caller();
    let released = setup
        .service
        .release_claim(&caller, claim.id, agent("ann"), None, None);
    released.await.unwrap();
    setup.github.forget_requests();
    setup.next("bob").await.unwrap();
    assert_eq!(
        setup.asked("/**"),
        ["GET /repos/acme/api/issues/5 304".to_owned()]
    );
}

async fn a_young_word_needs_no_look(kind: StoreKind) {
    let setup = Setup::synced_on(kind, github_with(5)).await;
    setup.pass(Millis::seconds(60));
    setup.github.forget_requests();
    setup.next("ann").await.unwrap();
    assert_eq!(setup.asked("/**"), [""; 0]);
    setup.pass(Millis(1));
    setup.next("ann").await.unwrap();
    assert_eq!(setup.asked(ISSUES).len(), 1);
    // A poll without changes does not show deletions either.
    setup.github.world(|world| world.delete_issue(API, 3));
    setup.sync().await;
    setup.github.forget_requests();
    assert_eq!(setup.next("ann").await.unwrap().number.get(), 4);
    assert_eq!(setup.asked(ISSUES).len(), 2);
    // A full sync is evidence for all of them.
    setup.pass(Millis::minutes(30));
    let operator = caller();
    let read = setup.service.sync_now(&operator, None, true);
    read.await.unwrap();
    setup.github.forget_requests();
    setup.next("ann").await.unwrap();
    assert_eq!(setup.asked("/**"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_github_leaves_the_mirrors_candidates() {
    for fault in [
        Fault::status(500),
        Fault::status(401),
        Fault::secondary_limit(429, Some(60)),
    ] {
        let setup = Setup::synced(github_with(3)).await;
        setup.pass(Millis::minutes(30));
        setup.github.fault("/**", fault);
        for n in 1..=3 {
            assert_eq!(setup.next("ann").await.unwrap().number.get(), n);
        }
        let ServiceError::NoWork { refusal: no, .. } = setup.next("ann").await.unwrap_err() else {
            panic!("something is left")
        };
        assert_eq!(*no, Refusal::NothingEligible);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_deleted_candidates_do_not_give_nothing_eligible() {
    let setup = Setup::synced(github_with(70)).await;
    setup.pass(Millis::minutes(30));
    setup
        .github
        .world(|world| (1..=69).for_each(|n| world.delete_issue(API, n)));
    setup.github.forget_requests();
    let mut got = None;
    for _ in 0..3 {
        match setup.next("ann").await {
            Ok(claim) => {
                got = Some(claim.number.get());
                break;
            }
            Err(ServiceError::Failed(_)) => {}
            Err(no) => panic!("{no:?}"),
        }
    }
    assert_eq!(got, Some(70));
    assert_eq!(setup.asked(ISSUES).len(), 70, "each fetched once");
}

async fn agents_that_come_together_look_at_different_issues(kind: StoreKind) {
    let setup = Setup::synced_on(kind, github_with(40)).await;
    setup.pass(Millis::minutes(2));
    setup.github.forget_requests();
    // Slow enough for all of them to run at the same time.
    let slow = Fault::delay(Duration::from_millis(150));
    setup.github.fault(ISSUES, slow);
    let mut calls = JoinSet::new();
    for n in 0..20 {
        let service = setup.service.clone();
        calls.spawn(async move {
            let (caller, who) = (caller(), agent(&format!("agent-{n}")));
            let next = service.next_issue(&caller, who, IssueFilter::default());
            next.await.unwrap().claim.number.get()
        });
    }
    let numbers: BTreeSet<i64> = calls.join_all().await.into_iter().collect();
    assert_eq!(numbers.len(), 20, "an issue has one owner");
    let looks = setup.asked(ISSUES).len();
    assert!(looks <= 30, "{looks} looks for 20 agents");
}

async fn prove_twenty_calls_after_half_of_forty_issues_went_away(kind: StoreKind) {
    let setup = Setup::synced_on(kind, github_with(60)).await;
    setup.pass(Millis::minutes(5));
    setup.github.world(|world| {
        world.add_repo(NewRepo::named("acme/web"));
        // Half of the first forty, in runs as well as single ones.
        for n in [
            1, 2, 3, 4, 7, 9, 11, 12, 13, 18, 20, 21, 25, 26, 27, 30, 33, 36, 39, 40,
        ] {
            match n % 3 {
                0 => world.delete_issue(API, n),
                1 => world.close_issue(API, n),
                _ => {
                    world.transfer_issue(API, n, "acme/web");
                }
            }
        }
    });
    setup.pass(Millis::minutes(1));
    let (mut costs, mut given) = (Vec::new(), BTreeSet::new());
    for call in 0..20 {
        setup.github.forget_requests();
        let claim = work(&setup, &format!("agent-{call}")).await.unwrap();
        assert!(is_open(&setup, &claim), "{claim:?} was given");
        let given = given.insert((claim.repo_name.clone(), claim.number));
        assert!(given, "{claim:?} was given twice");
        costs.push(setup.asked("/**").len());
    }
    costs.sort_unstable();
    eprintln!("requests of each call: {costs:?}");
    assert!(costs[costs.len() / 2] <= 2, "{costs:?}");
}
