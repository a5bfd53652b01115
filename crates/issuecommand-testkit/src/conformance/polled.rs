//! Pull requests that are polled: what the last poll left is known to the next.

use issuecommand_core::command::{Action, Command};
use issuecommand_core::pull::PullValidators;
use issuecommand_core::store::LinkedPull;

use super::world::{API, World};
use crate::builders::{hear, number, pull, repo};

async fn linked(world: &World) -> LinkedPull {
    let pulls = world.store.linked_pulls().await;
    let mut pulls = pulls.expect("pull requests are read");
    assert_eq!(pulls.len(), 1);
    pulls.remove(0)
}

fn finished(validators: &PullValidators) -> Command {
    Command::system(Action::FinishPullPoll {
        repo: repo(API),
        number: number(7),
        validators: validators.clone(),
    })
}

pub(super) async fn validators_are_kept_and_outlive_news(world: &World) {
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

pub(super) async fn a_poll_of_what_is_unknown_leaves_nothing(world: &World) {
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
