//! Polling pull requests: the validators of the last poll are kept for the next.

use issuecommand_core::domain::claim::ClaimStatus::{self, PrSubmitted};
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::pull_request::{LinkedPull, PullValidators};
use issuecommand_core::engine::command::{Action, Command};
use issuecommand_testkit::builders::{hear, number, pull, repo};

use super::pr_links::{claimed, closing, now, says, url};
use super::world::{API, World};

async fn linked(world: &World) -> LinkedPull {
    let pulls = world.store.linked_pulls().await;
    let mut pulls = pulls.expect("pull requests are read");
    assert_eq!(pulls.len(), 1);
    pulls.remove(0)
}

fn finished(validators: &PullValidators) -> Command {
    ended(7, validators, true)
}

fn ended(n: i64, validators: &PullValidators, shown: bool) -> Command {
    Command::system(Action::FinishPullPoll {
        repo: repo(API),
        number: number(n),
        validators: validators.clone(),
        shown,
    })
}

pub(super) async fn validators_are_kept_across_deliveries(world: &World) {
    world.authored("ann").await;
    assert_eq!(linked(world).await.validators, PullValidators::default());
    let validators = PullValidators {
        pull: Some("W/\"a\"".to_owned()),
        reviews: None,
        review_comments: Some("\"c\"".to_owned()),
        comments: Some(String::new()),
    };
    world.note(finished(&validators)).await;
    assert_eq!(linked(world).await.validators, validators);
    world
        .note(hear(pull(API, 7).at(1).head("beef").edited()))
        .await;
    let row = linked(world).await;
    assert_eq!(
        (row.head.as_deref(), row.validators),
        (Some("beef"), validators)
    );
    world.note(finished(&PullValidators::default())).await;
    assert_eq!(linked(world).await.validators, PullValidators::default());
}

pub(super) async fn a_poll_of_an_unknown_pull_request_changes_nothing(world: &World) {
    let before = world.everything().await;
    world.note(finished(&PullValidators::default())).await;
    assert_eq!(world.everything().await, before);
}

pub(super) async fn a_poll_that_finds_nothing_new_changes_nothing(world: &World) {
    world.authored("ann").await;
    let before = world.everything().await;
    world.note(hear(pull(API, 7).opened())).await;
    assert_eq!(world.everything().await, before);
}

pub(super) async fn the_holder_of_an_invisible_pull_request_is_notified_until_it_appears(
    world: &World,
) {
    let claim = claimed(world).await;
    let claim = world.moved(&claim, ClaimStatus::InProgress).await;
    world.note(says(&claim, PrSubmitted, Some(&url(99)))).await;
    let named = now(world, &claim).await;
    let validators = PullValidators {
        pull: Some("W/\"a\"".to_owned()),
        ..PullValidators::default()
    };
    let (unseen, shown) = (
        ended(99, &PullValidators::default(), false),
        ended(99, &validators, true),
    );
    // By the end of a poll, and by its events.
    for (n, shown) in [(7, shown), (8, hear(pull(API, 99).opened()))] {
        let seq = world.last_event().await;
        world.note(unseen.clone()).await;
        let told = now(world, &claim).await;
        let notice = told.pull_notice.clone().unwrap_or_default();
        assert!(
            notice.contains("#99") && notice.contains("update_claim"),
            "{notice}"
        );
        assert_eq!(
            (told.status, &told.pr_url, told.pull),
            (named.status, &named.pr_url, named.pull)
        );
        assert_eq!(world.kinds_after(seq).await, [EventKind::ClaimUpdated]);
        // Once, and in every other notification.
        world.note(unseen.clone()).await;
        assert_eq!(world.kinds_after(seq).await.len(), 1);
        world.happens(closing(n).opened()).await;
        let both = now(world, &claim).await.pull_notice.unwrap_or_default();
        assert!(both.starts_with(&notice), "{both}");
        world.happens(closing(n).at(1).ended_unmerged()).await;
        assert_eq!(now(world, &claim).await.pull_notice, Some(notice));
        let seq = world.last_event().await;
        world.note(shown).await;
        let after = now(world, &claim).await;
        assert_eq!(after.pull_notice, None);
        assert!(
            world
                .kinds_after(seq)
                .await
                .contains(&EventKind::ClaimUpdated)
        );
    }
    // The right one is polled anew, and a poll of the wrong one has no effect.
    world.note(unseen.clone()).await;
    world.note(says(&claim, PrSubmitted, Some(&url(12)))).await;
    assert_eq!(now(world, &claim).await.pull_notice, None);
    world.note(unseen).await;
    assert_eq!(now(world, &claim).await.pull_notice, None);
}
