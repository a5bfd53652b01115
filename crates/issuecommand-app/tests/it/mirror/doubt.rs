//! Issues that GitHub does not show on request are withheld, their holder is notified, and their claims are not closed.

use issuecommand_core::domain::event::{Details, EventKind, EventOrigin};
use issuecommand_core::domain::failure::Failure;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::service::ServiceError;
use issuecommand_github_emulator::{GithubEmulator, NewRepo};

use crate::world::{API, Setup, caller, github_with, named};

/// Hides an issue while one agent holds it and another asks for its free neighbour.
async fn is_marked_and_told(unsee: impl FnOnce(&GithubEmulator), words: &str) -> Setup {
    let mut world = github_with(4);
    world.add_repo(NewRepo::named("acme/elsewhere"));
    let setup = Setup::synced(world).await;
    let claim = setup.claim("ann", API, 1).await.unwrap().claim;
    setup.pass(Millis::minutes(2));
    unsee(&setup.github);

    for n in [1, 2] {
        let (name, number) = named(API, n);
        let no = setup
            .service
            .issue_details(&caller(), &name, number)
            .await
            .unwrap_err();
        assert!(
            matches!(no, ServiceError::Failed(Failure::IssueNotFound { .. })),
            "{no:?}"
        );
    }
    let held = setup.held(API, 1).await.expect("the claim stays");
    let notice = held.notice.as_deref().expect("a notice for its holder");
    assert!(notice.contains(words), "{notice}");
    assert_eq!(held.status, claim.status);
    assert_eq!(
        held.last_updated, claim.last_updated,
        "no sign of life of its agent"
    );
    assert_eq!(held.history, claim.history);
    let [told] = &setup.told_of(&claim).await[..] else {
        panic!("one event")
    };
    assert_eq!(told.kind, EventKind::ClaimUpdated);
    let Details::Moved { source, note, .. } = &told.details else {
        panic!("{:?}", told.details)
    };
    assert_eq!(
        (*source, note.as_deref()),
        (EventOrigin::Sync, Some(notice))
    );
    assert_eq!(
        setup.offered(API).await,
        [3, 4],
        "what GitHub does not show is offered to nobody"
    );

    // Notified once; another fetch and another sync change nothing.
    let before = setup.dump().await;
    let (name, number) = named(API, 1);
    let _ = setup.service.issue_details(&caller(), &name, number).await;
    setup.sync().await;
    assert_eq!(setup.dump().await.claims(), before.claims());
    setup
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted() {
    is_marked_and_told(
        |github| {
            github.world(|world| {
                world.delete_issue(API, 1);
                world.delete_issue(API, 2);
            });
        },
        "410",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_issue_is_withheld_until_it_reappears() {
    let setup = is_marked_and_told(
        |github| github.world(|world| world.remove_access(API)),
        "404",
    )
    .await;
    setup.github.world(|world| world.restore_access(API));
    setup.pass(Millis::minutes(2));
    assert_eq!(setup.sync().await.failed, []);
    for n in [1, 2] {
        let (name, number) = named(API, n);
        setup
            .service
            .issue_details(&caller(), &name, number)
            .await
            .unwrap();
    }
    let held = setup.held(API, 1).await.unwrap();
    assert_eq!(held.notice, None, "GitHub shows it again");
    assert_eq!(setup.told_of(&held).await.len(), 2);
    assert_eq!(setup.offered(API).await, [2, 3, 4]);
}
