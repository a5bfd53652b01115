//! Repositories known only from deliveries, because GitHub could not be reached when the first one arrived.

use issuecommand_core::domain::failure::Failure;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::domain::webhook::{Ignored, Refetch, WebhookAnswer};
use issuecommand_core::ports::store::FollowupFilter;
use issuecommand_core::service::ServiceError;
use issuecommand_github_emulator::{Fault, NewComment, NewIssue, NewPull, NewRepo};
use issuecommand_testkit::builders::{agent, number, repo};

use crate::world::{API, Setup, caller, github_with};

const NEW: &str = "acme/new";
const OF_NEW: [&str; 2] = ["/repos/acme/new", "/repositories/*"];

fn said(text: &str) -> NewComment {
    NewComment::saying(text).by("mia")
}

/// A private repository that the credential may see or not, a pull request in it, and a comment that was delivered while GitHub
/// answered 502.
async fn told_in_an_outage(refused: Option<u16>) -> (Setup, u64) {
    let setup = Setup::synced(github_with(1)).await;
    let pull = setup.github.world(|world| {
        world.add_repo(NewRepo::named(NEW));
        world.add_user("mia");
        world.open_issue(NEW, NewIssue::titled("An issue"));
        let pull = NewPull::from_branch("mend", NewIssue::titled("A pull request"));
        let pull = world.open_pull(NEW, pull);
        if let Some(status) = refused {
            world.refuse_repo(NEW, status);
        }
        world.record_deliveries();
        pull
    });
    unreachable(&setup);
    comment(&setup, pull, "In the outage").await;
    assert_eq!(served(&setup).await, ["In the outage"]);
    setup.github.end_faults();
    (setup, pull)
}

fn unreachable(setup: &Setup) {
    for route in OF_NEW {
        setup.github.fault(route, Fault::status(502));
    }
}

async fn comment(setup: &Setup, pull: u64, text: &str) -> WebhookAnswer {
    setup
        .github
        .world(|world| world.comment(NEW, pull, said(text)));
    let mut answers = setup.deliver().await;
    answers.pop().expect("a delivery")
}

/// The served feedback of the repository.
async fn served(setup: &Setup) -> Vec<String> {
    let caller = caller();
    let listed = setup.service.followups(&caller, FollowupFilter::default());
    let items = listed.await.unwrap().into_iter();
    let items = items.filter(|item| {
        assert!(item.repo_offered, "what is not on offer is not shown");
        true
    });
    let mut texts: Vec<String> = items
        .flat_map(|item| item.sources)
        .map(|source| source.body)
        .collect();
    texts.sort();
    texts
}

async fn warned(setup: &Setup) -> bool {
    let health = setup.service.health(&caller()).await.unwrap();
    let about = |words: &String| words.contains(NEW);
    health.warnings.iter().filter(|words| about(words)).count() == 1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_refetches_and_withdraws_an_invisible_repository() {
    for status in [403, 404, 410, 451] {
        let (setup, pull) = told_in_an_outage(Some(status)).await;
        // Not every delivery causes a request.
        let asked = setup.asked("/repos/acme/new").len();
        let answer = comment(&setup, pull, "Soon after").await;
        assert!(
            matches!(answer, WebhookAnswer::Feedback { .. }),
            "{answer:?}"
        );
        assert_eq!(setup.asked("/repos/acme/new").len(), asked);
        assert!(!warned(&setup).await);

        setup.pass(Millis::minutes(2));
        for text in ["A secret", "Another"] {
            let answer = comment(&setup, pull, text).await;
            assert!(
                matches!(answer, WebhookAnswer::Ignored(Ignored::Other(_))),
                "{status}: {answer:?}"
            );
        }
        assert_eq!(served(&setup).await, [""; 0], "{status}");
        assert!(warned(&setup).await);
        // Access is granted: it is an ordinary repository.
        setup.github.world(|world| world.restore_access(NEW));
        setup.pass(Millis::minutes(11));
        comment(&setup, pull, "Seen").await;
        assert_eq!(
            served(&setup).await,
            ["In the outage", "Seen", "Soon after"]
        );
        assert!(!warned(&setup).await);
        setup.sync().await;
        assert_eq!(setup.offered(NEW).await, [1]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_refetches_and_withdraws_an_invisible_repository() {
    for status in [403, 404, 410, 451] {
        let (setup, pull) = told_in_an_outage(Some(status)).await;
        setup.sync().await;
        assert_eq!(served(&setup).await, [""; 0], "{status}");
        assert!(warned(&setup).await);
        let answer = comment(&setup, pull, "A secret").await;
        assert!(
            matches!(answer, WebhookAnswer::Ignored(Ignored::Other(_))),
            "{status}: {answer:?}"
        );
        assert_eq!(setup.offered(NEW).await, [0; 0]);
    }
}

/// The list of repositories lacks it, as for a credential that lists only others.
#[tokio::test(flavor = "multi_thread")]
async fn a_sync_refetches_and_offers_a_visible_repository() {
    let (setup, _) = told_in_an_outage(None).await;
    setup.github.fault("/user/repos", Fault::text("[]"));
    setup.sync().await;
    assert_eq!(setup.offered(NEW).await, [1]);
    assert_eq!(served(&setup).await, ["In the outage"]);
    assert!(!warned(&setup).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_github_cannot_be_asked_it_stays_and_is_asked_for_again() {
    let (setup, pull) = told_in_an_outage(Some(404)).await;
    unreachable(&setup);
    setup.sync().await;
    setup.pass(Millis::minutes(2));
    comment(&setup, pull, "Still out").await;
    assert_eq!(served(&setup).await, ["In the outage", "Still out"]);
    setup.github.end_faults();
    setup.sync().await;
    assert_eq!(served(&setup).await, [""; 0]);
}

/// A 403 or 451 of the repository itself concerns the repository, not the credential.
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_repository_counts_as_invisible() {
    for status in [403, 404, 410, 451] {
        let setup = Setup::synced(github_with(1)).await;
        setup
            .github
            .world(|world| world.add_repo(NewRepo::named(NEW)));
        let fault = setup
            .github
            .fault("GET /repos/acme/new", Fault::status(status));
        let (caller, service) = (caller(), &setup.service);
        let claimed = service.claim_issue(&caller, agent("ann"), repo(NEW), number(1), false);
        let no = claimed.await.unwrap_err();
        assert!(
            matches!(no, ServiceError::Failed(Failure::RepoNotFound { .. })),
            "{status}: {no:?}"
        );
        setup.github.end_fault(fault);
        // An offered repository is no longer offered.
        setup.github.world(|world| world.refuse_repo(API, status));
        setup
            .service
            .settle(Refetch::Repo(repo(API)))
            .await
            .unwrap();
        let row = setup.store.repo(&repo(API)).await.unwrap().unwrap();
        assert!(!row.offered, "{status}");
    }
}
