//! Unknown repositories in deliveries, and unreadable repositories among readable ones.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::failure::Failure;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::refusal::{Refusal, UnreadRepo};
use issuecommand_core::domain::time::Millis;
use issuecommand_core::domain::webhook::{Ignored, WebhookAnswer};
use issuecommand_core::service::ServiceError;
use issuecommand_github_emulator::{Fault, NewIssue, NewRepo, World};
use issuecommand_testkit::builders::repo;

use crate::world::{API, Setup, StoreKind, caller, github_with};

const NEW: &str = "acme/new";

/// A hook of the organization, and a repository that was created after the last sync.
async fn with_a_new_one(change: impl FnOnce(&mut World)) -> Setup {
    let setup = Setup::synced(github_with(1)).await;
    setup.github.world(|world| {
        world.record_deliveries();
        world.add_repo(NewRepo::named(NEW));
        change(world);
    });
    setup
}

async fn names(setup: &Setup) -> Vec<String> {
    let list = setup.service.list_repos(&caller(), true).await.unwrap();
    let names = list.repos.iter();
    names
        .map(|count| count.repo.facts.name.to_string())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visible_unknown_repository_is_offered_at_once() {
    let setup = with_a_new_one(|world| {
        world.open_issue(NEW, NewIssue::titled("One"));
    })
    .await;
    setup.deliver().await;
    assert_eq!(setup.offered(NEW).await, [1]);
    assert_eq!(names(&setup).await, [API, NEW]);
    assert_eq!(setup.service.warnings(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_of_an_invisible_repository_are_ignored() {
    let setup = with_a_new_one(|world| {
        world.open_issue(NEW, NewIssue::titled("One"));
        world.open_issue(NEW, NewIssue::titled("Two"));
        world.remove_access(NEW);
    })
    .await;
    let before = setup.store.repos().await.unwrap();
    for answer in setup.deliver().await {
        let WebhookAnswer::Ignored(Ignored::Other(words)) = answer else {
            panic!("{answer:?}")
        };
        assert!(words.contains(NEW) && words.contains("404"), "{words}");
    }
    assert_eq!(setup.store.repos().await.unwrap(), before);
    assert_eq!(setup.offered(NEW).await, [0; 0]);
    assert_eq!(names(&setup).await, [API]);
    assert_eq!(setup.next("ann").await.unwrap().repo_name, repo(API));
    // One request for both, and one message to the operator.
    assert_eq!(setup.asked("/repos/acme/new").len(), 1);
    let words = setup.service.new_warnings();
    assert!(words.len() == 1 && words[0].contains(NEW), "{words:?}");
    assert_eq!(setup.service.new_warnings(), [""; 0]);
    // Access is granted: the next delivery after a while is applied.
    setup.pass(Millis::minutes(11));
    setup.github.world(|world| {
        world.restore_access(NEW);
        world.open_issue(NEW, NewIssue::titled("Three"));
    });
    setup.deliver().await;
    assert!(setup.offered(NEW).await.contains(&3));
    assert_eq!(setup.service.warnings(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_github_cannot_be_asked_its_issues_wait() {
    let setup = with_a_new_one(|world| {
        world.open_issue(NEW, NewIssue::titled("One"));
    })
    .await;
    let fault = setup.github.fault("/repos/acme/new", Fault::status(500));
    let answers = setup.deliver().await;
    assert!(
        matches!(answers[..], [WebhookAnswer::Taken { .. }]),
        "{answers:?}"
    );
    assert_eq!(setup.offered(NEW).await, [0; 0]);
    assert_eq!(setup.service.warnings(), [""; 0]);
    setup.github.end_fault(fault);
    setup.sync().await;
    assert_eq!(setup.offered(NEW).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_repository_does_not_block_others() {
    let mut world = github_with(1);
    world.add_repo(NewRepo::named("acme/broken"));
    world.open_issue("acme/broken", NewIssue::titled("Out of reach"));
    let setup = Setup::new(world).await;
    let fault = setup
        .github
        .fault("/repos/acme/broken/issues", Fault::status(500));
    let list = setup.service.list_repos(&caller(), true).await.unwrap();
    assert_eq!(list.repos.len(), 2);
    assert!(
        list.warnings.len() == 1 && list.warnings[0].contains("acme/broken"),
        "{:?}",
        list.warnings
    );
    assert_eq!(setup.next("ann").await.unwrap().repo_name, repo(API));
    // With nothing left in the others, the missing one is named.
    match setup.next("bob").await {
        Err(ServiceError::NoWork { refusal, .. }) => assert_eq!(
            *refusal,
            Refusal::NothingAmongRead {
                missing: vec![UnreadRepo {
                    repo: repo("acme/broken"),
                    status: None
                }]
            }
        ),
        other => panic!("{other:?}"),
    }
    setup.github.end_fault(fault);
    assert_eq!(
        setup.next("bob").await.unwrap().repo_name,
        repo("acme/broken")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_repository_stays_unknown() {
    let setup = Setup::new(github_with(1)).await;
    setup
        .github
        .fault("/repos/acme/api/issues", Fault::status(500));
    for _ in 0..2 {
        assert!(matches!(
            setup.next("ann").await,
            Err(ServiceError::Failed(Failure::Github(_)))
        ));
    }
    assert!(setup.service.list_repos(&caller(), true).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_without_list_permission_is_reported_with_a_remedy() {
    let setup = Setup::new(github_with(1)).await;
    setup.github.fault("/user/repos", Fault::status(403));
    let no = setup.next("ann").await.unwrap_err();
    assert_eq!(
        no,
        ServiceError::Failed(Failure::CannotListRepos { too_many: false })
    );
    let words = setup.service.new_warnings();
    assert!(
        words.len() == 1 && words[0].contains("ALLOWED_REPOS="),
        "{words:?}"
    );
    // The remedy works.
    let allowed = Scope::Only([repo(API)].into());
    let setup = Setup::with(
        StoreKind::Sqlite,
        github_with(1),
        Policy::default(),
        allowed,
    )
    .await;
    setup.github.fault("/user/repos", Fault::status(403));
    assert_eq!(setup.sync().await.failed, []);
    setup.next("ann").await.unwrap();
}
