//! The mirror follows changes on GitHub, and a quiet repository costs almost nothing.

use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::ports::store::ClaimFilter;
use issuecommand_core::service::ServiceError;
use issuecommand_testkit::builders::repo;

use crate::world::{API, Setup, github_with};

#[tokio::test(flavor = "multi_thread")]
async fn metadata_updates_do_not_count_as_heartbeats() {
    let setup = Setup::synced(github_with(3)).await;
    let claim = setup.claim("ann", API, 2).await.unwrap().claim;
    setup.pass(Millis::minutes(16));
    setup.github.world(|world| {
        world.edit_title(API, 2, "Another title");
        world.label(API, 2, "bug");
        world.add_user("ann-on-github");
        world.assign(API, 2, "ann-on-github");
    });
    let report = setup.sync().await;
    assert_eq!(
        (
            report.tally.metadata_updates,
            report.tally.externally_closed_claims
        ),
        (1, 0)
    );
    let held = setup.held(API, 2).await.unwrap();
    assert_eq!(held.title, "Another title");
    assert_eq!(
        (held.labels, held.assignees),
        (vec!["bug".to_owned()], vec!["ann-on-github".to_owned()])
    );
    assert_eq!(
        (held.last_updated, held.history),
        (claim.last_updated, claim.history.clone())
    );
    let kinds: Vec<EventKind> = setup
        .told_of(&claim)
        .await
        .iter()
        .map(|event| event.kind)
        .collect();
    assert_eq!(kinds, [EventKind::ClaimUpdated]);
}

#[tokio::test(flavor = "multi_thread")]
async fn issues_that_open_close_and_open_again_follow() {
    let setup = Setup::synced(github_with(3)).await;
    setup.pass(Millis::minutes(16));
    setup.github.world(|world| {
        world.open_issue(API, "New");
        world.close_issue(API, 1);
    });
    let report = setup.sync().await;
    assert_eq!(
        (
            report.tally.newly_opened_issues,
            report.tally.open_issues_seen
        ),
        (1, 3)
    );
    assert_eq!(setup.offered(API).await, [2, 3, 4]);
    setup.pass(Millis::minutes(16));
    setup.github.world(|world| world.reopen(API, 1));
    assert_eq!(setup.sync().await.tally.newly_opened_issues, 1);
    assert_eq!(setup.offered(API).await, [1, 2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_repository_costs_one_unchanged_answer() {
    let setup = Setup::synced(github_with(250)).await;
    for _ in 0..3 {
        setup.pass(Millis::minutes(16));
        setup.github.forget_requests();
        let report = setup.sync().await;
        assert_eq!((report.failed.len(), report.tally.repos_scanned), (0, 1));
        assert_eq!(setup.asked("/repos/**"), ["GET /repos/acme/api/issues 304"]);
        assert_eq!(
            setup.asked("/**").len(),
            2,
            "that, and the list of repositories"
        );
    }
    // An unchanged list does not show deletions, so a claim by number fetches its issue.
    setup.github.forget_requests();
    setup.claim("ann", API, 7).await.unwrap();
    assert_eq!(
        setup.asked("/**"),
        ["GET /repos/acme/api/issues/7 200".to_owned()]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_repository_keeps_its_claims_and_answers_to_both_names() {
    let setup = Setup::synced(github_with(3)).await;
    let claim = setup.claim("ann", API, 1).await.unwrap().claim;
    setup.pass(Millis::minutes(16));
    setup
        .github
        .world(|world| world.rename_repo(API, "acme/backend"));
    assert_eq!(setup.sync().await.failed, []);
    for name in [API, "acme/backend"] {
        let held = setup.held(name, 1).await.expect(name);
        assert_eq!(
            (held.id, held.repo_name.as_str()),
            (claim.id, "acme/backend")
        );
        assert_eq!(held.last_updated, claim.last_updated);
        assert_eq!(setup.offered(name).await, [2, 3]);
        let no = setup.claim("bob", name, 1).await.unwrap_err();
        let ServiceError::Refused(refusal) = no else {
            panic!("{no:?}")
        };
        assert!(
            matches!(*refusal, Refusal::AlreadyClaimed { .. }),
            "{refusal:?}"
        );
    }
    assert_eq!(
        setup.store.repos().await.unwrap().len(),
        1,
        "still one repository"
    );

    // Closed under its new name.
    setup.pass(Millis::minutes(16));
    setup
        .github
        .world(|world| world.close_issue("acme/backend", 1));
    assert_eq!(setup.sync().await.tally.externally_closed_claims, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_was_renamed_before_the_sync_knows_is_claimed_by_either_name() {
    let setup = Setup::synced(github_with(3)).await;
    let claim = setup.claim("ann", API, 1).await.unwrap().claim;
    setup.pass(Millis::minutes(16));
    setup
        .github
        .world(|world| world.rename_repo(API, "acme/backend"));
    let no = setup.claim("bob", "acme/backend", 1).await.unwrap_err();
    let ServiceError::Refused(refusal) = no else {
        panic!("{no:?}")
    };
    let Refusal::AlreadyClaimed { claim: theirs, .. } = *refusal else {
        panic!("{refusal:?}")
    };
    assert_eq!(theirs.id, claim.id);
    let other = setup.claim("bob", API, 2).await.unwrap().claim;
    assert_eq!(other.repo_name, repo("acme/backend"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_of_service_goes_by_the_labels_of_now() {
    let setup = Setup::synced(github_with(3)).await;
    setup.pass(Millis::minutes(16));
    setup
        .github
        .world(|world| world.label(API, 3, "Priority: Critical"));
    setup.sync().await;
    assert_eq!(setup.next("ann").await.unwrap().number.get(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reused_name_belongs_to_the_new_repository() {
    for by_delivery in [false, true] {
        let mut world = github_with(3);
        world.add_repo("acme/web");
        world.open_issue("acme/web", "A page");
        let setup = Setup::synced(world).await;
        let ann = setup.claim("ann", API, 1).await.unwrap().claim;
        setup.pass(Millis::minutes(16));
        setup.github.world(|world| {
            world.rename_repo(API, "acme/old-api");
            world.remove_access("acme/old-api");
        });
        setup.github.world(|world| {
            world.record_deliveries();
            world.rename_repo("acme/web", API);
        });
        if by_delivery {
            setup.deliver().await;
        } else {
            setup.sync().await;
        }
        let repos = setup.store.repos().await.unwrap();
        let names: Vec<&str> = repos
            .iter()
            .map(|count| count.repo.facts.name.as_str())
            .collect();
        assert_eq!(names, [API, "renamed.repository/1"]);
        let filter = ClaimFilter::default();
        let held = setup.store.claims(&filter).await.unwrap();
        assert_eq!(held[0].id, ann.id);
        assert!(held[0].repo_name.is_unnamed());
        // The name now means another issue, which has no effect on the first claim.
        let bob = setup.claim("bob", API, 1).await.unwrap().claim;
        assert_eq!(bob.title, "A page");
        setup.github.world(|world| world.close_issue(API, 1));
        setup.pass(Millis::minutes(16));
        setup.sync().await;
        let held = setup.store.claims(&filter).await.unwrap();
        assert_eq!((held.len(), held[0].id), (1, ann.id));
        // GitHub shows the first one again, with its new name.
        setup
            .github
            .world(|world| world.restore_access("acme/old-api"));
        setup.pass(Millis::minutes(16));
        setup.sync().await;
        let held = setup.held("acme/old-api", 1).await.unwrap();
        assert_eq!((held.id, held.repo_name.as_str()), (ann.id, "acme/old-api"));
        assert_eq!(setup.offered("acme/old-api").await, [2, 3]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn holders_in_an_archived_repository_are_notified() {
    let mut world = github_with(3);
    world.record_deliveries();
    let setup = Setup::synced(world).await;
    let claim = setup.claim("ann", API, 2).await.unwrap().claim;
    let mut told = 0;
    for by_delivery in [true, false] {
        for archived in [true, false] {
            setup.pass(Millis::minutes(1));
            setup
                .github
                .world(|world| world.set_archived(API, archived));
            if by_delivery {
                setup.deliver().await;
            } else {
                drop(setup.github.deliveries());
            }
            setup.sync().await;
            setup.sync().await;
            told += 1;
            let held = setup.held(API, 2).await.unwrap();
            assert_eq!(
                (held.status, held.notice.is_some()),
                (claim.status, archived)
            );
            assert_eq!(setup.told_of(&claim).await.len(), told);
            let offered = if archived { vec![] } else { vec![1, 3] };
            assert_eq!(setup.offered(API).await, offered);
        }
    }
}
