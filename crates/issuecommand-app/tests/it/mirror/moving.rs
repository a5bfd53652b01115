//! Transferred issues and renamed repositories.

use std::time::Duration;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::failure::Failure;
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::service::ServiceError;
use issuecommand_github_emulator::{Delivery as Sent, NewIssue, NewRepo, World};
use issuecommand_testkit::builders::repo;

use crate::world::{API, Setup, StoreKind, caller, github_with, named};

const ELSEWHERE: &str = "acme/elsewhere";

/// Ann holds issue 1 of one repository; the other one is empty.
async fn held() -> (Setup, Claim) {
    let mut world = github_with(2);
    world.add_repo(NewRepo::named(ELSEWHERE));
    let setup = Setup::synced(world).await;
    let claim = setup.claim("ann", API, 1).await.unwrap().claim;
    setup.pass(Millis::minutes(2));
    (setup, claim)
}

/// Transfers issue 1, and returns its new number.
fn transfer(setup: &Setup) -> i64 {
    let number = setup
        .github
        .world(|world| world.transfer_issue(API, 1, ELSEWHERE));
    i64::try_from(number).unwrap()
}

async fn went_along(setup: &Setup, claim: &Claim, number: i64) {
    assert_eq!(setup.held(API, 1).await, None);
    let held = setup.held(ELSEWHERE, number).await.expect("it went along");
    assert_eq!((held.id, &held.agent), (claim.id, &claim.agent));
    assert_eq!(held.last_updated, claim.last_updated);
    let told = setup.told_of(claim).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].kind, EventKind::ClaimMoved);
    // No other agent gets it under its new or its old number.
    let other = setup.next("bob").await.unwrap();
    assert_eq!((other.repo_name, other.number.get()), (repo(API), 2));
    assert!(setup.next("bob").await.is_err());
    assert!(setup.claim("bob", ELSEWHERE, number).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_moves_with_a_transfer_found_by_a_fetch() {
    let (setup, claim) = held().await;
    let number = transfer(&setup);
    let (name, old) = named(API, 1);
    let no = setup.service.issue_details(&caller(), &name, old).await;
    assert!(
        matches!(no, Err(ServiceError::Failed(Failure::IssueNotFound { .. }))),
        "{no:?}"
    );
    went_along(&setup, &claim, number).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_moves_with_a_transfer_found_by_a_list() {
    let (setup, claim) = held().await;
    let number = transfer(&setup);
    setup.sync().await;
    went_along(&setup, &claim, number).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_moves_when_the_new_issue_is_claimed() {
    let (setup, claim) = held().await;
    let number = transfer(&setup);
    assert!(setup.claim("bob", ELSEWHERE, number).await.is_err());
    went_along(&setup, &claim, number).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_out_of_scope_notifies_the_holder() {
    let mut world = github_with(2);
    world.add_repo(NewRepo::named(ELSEWHERE));
    let allowed = Scope::Only([repo(API)].into());
    let setup = Setup::with(StoreKind::Sqlite, world, Policy::default(), allowed).await;
    setup.sync().await;
    let claim = setup.claim("ann", API, 1).await.unwrap().claim;
    setup.pass(Millis::minutes(2));
    let number = transfer(&setup);
    let (name, old) = named(API, 1);
    assert!(
        setup
            .service
            .issue_details(&caller(), &name, old)
            .await
            .is_err()
    );
    let held = setup.held(API, 1).await.expect("the claim stays");
    assert_eq!(held.id, claim.id);
    let notice = held.notice.expect("a notice for its holder");
    assert!(
        notice.contains(&format!("{ELSEWHERE}#{number}")),
        "{notice}"
    );
    assert!(setup.claim("bob", ELSEWHERE, number).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn reopened_soon_the_claim_is_its_agents_again() {
    let (setup, claim) = held().await;
    setup.github.world(|world| world.close_issue(API, 1));
    setup.sync().await;
    assert_eq!(setup.held(API, 1).await, None);
    setup.pass(Millis::minutes(14));
    setup.github.world(|world| world.reopen(API, 1));
    setup.sync().await;
    let held = setup.held(API, 1).await.expect("it is held again");
    assert_eq!((held.id, held.status), (claim.id, claim.status));
    assert_eq!(setup.offered(API).await, [2]);
    // And not after the grace period.
    setup.github.world(|world| world.close_issue(API, 1));
    setup.sync().await;
    setup.pass(Millis::minutes(16));
    setup.github.world(|world| world.reopen(API, 1));
    setup.sync().await;
    assert_eq!(setup.held(API, 1).await, None);
    assert_eq!(setup.offered(API).await, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_allowed_repository_stays_allowed_under_its_new_name() {
    let allowed = Scope::Only([repo(API)].into());
    let setup = Setup::with(
        StoreKind::Sqlite,
        github_with(4),
        Policy::default(),
        allowed.clone(),
    )
    .await;
    setup.sync().await;
    let ann = setup.claim("ann", API, 1).await.unwrap().claim;
    assert_eq!(setup.service.warnings(), [""; 0]);
    setup.pass(Millis::minutes(2));
    setup
        .github
        .world(|world| world.rename_repo(API, "acme/core"));
    assert_eq!(setup.sync().await.failed, []);
    // Its agents continue, by either name.
    let again = setup.claim("ann", API, 1).await.unwrap();
    assert_eq!((again.claim.id, again.idempotent), (ann.id, true));
    assert_eq!(again.claim.repo_name, repo("acme/core"));
    setup.claim("bob", API, 2).await.unwrap();
    setup.claim("bob", "acme/core", 3).await.unwrap();
    assert_eq!(setup.next("eve").await.unwrap().number.get(), 4);
    let listed = setup.service.list_repos(&caller(), true).await.unwrap();
    assert_eq!(listed.repos.len(), 1);
    // The operator is told which setting to change, once in the log.
    let words = setup.service.new_warnings();
    assert_eq!(words.len(), 1);
    assert!(
        words[0].contains("ALLOWED_REPOS names acme/api") && words[0].contains("acme/core"),
        "{words:?}"
    );
    assert_eq!(setup.service.new_warnings(), [""; 0]);
    assert_eq!(
        setup.service.health(&caller()).await.unwrap().warnings,
        words
    );

    // Another repository that takes the name is not the configured one.
    setup.pass(Millis::minutes(2));
    setup.github.world(|world| {
        world.add_repo(NewRepo::named(API));
        world.open_issue(API, NewIssue::titled("Not for us"));
    });
    assert_eq!(setup.sync().await.failed, []);
    let listed = setup.service.list_repos(&caller(), true).await.unwrap();
    let names: Vec<_> = listed
        .repos
        .iter()
        .map(|count| count.repo.facts.name.to_string())
        .collect();
    assert_eq!(names, ["acme/core"]);
    assert!(setup.next("eve").await.is_err());
    assert_eq!(
        setup.held("acme/core", 1).await.map(|claim| claim.id),
        Some(ann.id)
    );
}

/// The deliveries of a transfer, those of the old repository first.
fn told(setup: &Setup) -> (i64, Vec<Sent>) {
    setup.github.world(World::record_deliveries);
    let number = transfer(setup);
    let mut sent = setup.github.deliveries();
    sent.sort_by_key(|sent| sent.repo != API);
    assert_eq!(sent.len(), 2, "{sent:?}");
    (number, sent)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_moves_with_a_transfer_in_any_order_of_deliveries() {
    for reversed in [false, true] {
        let (setup, claim) = held().await;
        let (number, mut sent) = told(&setup);
        if reversed {
            sent.reverse();
        }
        // The first one is enough: no agent gets the issue in between.
        setup.deliver_one(&sent[0]).await;
        went_along(&setup, &claim, number).await;
        setup.deliver_one(&sent[1]).await;
        let held = setup
            .held(ELSEWHERE, number)
            .await
            .expect("it is held still");
        assert_eq!(held.id, claim.id);
        setup.sync().await;
        assert_eq!(setup.held(ELSEWHERE, number).await, Some(held));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_restored_by_deliveries() {
    let (setup, claim) = held().await;
    setup.github.world(|world| {
        world.record_deliveries();
        world.close_issue(API, 1);
    });
    setup.deliver().await;
    assert_eq!(setup.held(API, 1).await, None);
    setup.pass(Millis::minutes(3));
    setup.github.world(|world| world.reopen(API, 1));
    setup.deliver().await;
    assert_eq!(setup.held(API, 1).await.map(|held| held.id), Some(claim.id));
    // Out of order: the reopening is delivered before the close.
    setup.pass(Millis::minutes(3));
    setup.github.world(|world| {
        world.close_issue(API, 1);
        world.advance(Duration::from_mins(1));
        world.reopen(API, 1);
    });
    let mut sent = setup.github.deliveries();
    sent.reverse();
    for sent in &sent {
        setup.deliver_one(sent).await;
    }
    assert_eq!(setup.held(API, 1).await.map(|held| held.id), Some(claim.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_label_that_is_renamed_or_deleted_ranks_its_issues_anew() {
    let mut world = github_with(3);
    world.label(API, 3, "urgent");
    world.label(API, 2, "low");
    let setup = Setup::synced(world).await;
    let first = async || {
        let filter = IssueFilter::default();
        let issues = setup.store.open_issues(&filter).await.unwrap();
        let numbers = issues.iter().map(|issue| issue.facts.number.get());
        numbers.collect::<Vec<_>>()
    };
    assert_eq!(first().await, [3, 1, 2]);
    setup.pass(Millis::minutes(2));
    setup.github.world(|world| {
        world.record_deliveries();
        world.rename_label(API, "low", "p0");
        world.rename_label(API, "urgent", "nice to have");
    });
    setup.deliver().await;
    assert_eq!(first().await, [2, 1, 3]);
    let filter = IssueFilter::new(None, Some("nice to have"), None);
    assert_eq!(setup.store.open_issues(&filter).await.unwrap().len(), 1);
    setup.github.world(|world| world.delete_label(API, "p0"));
    setup.deliver().await;
    assert_eq!(first().await, [1, 2, 3]);
    let filter = IssueFilter::new(None, Some("urgent"), None);
    assert_eq!(setup.store.open_issues(&filter).await.unwrap().len(), 0);
}
