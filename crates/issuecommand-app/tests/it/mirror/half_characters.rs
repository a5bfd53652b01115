//! A lone surrogate in a text, as left by programs that cut UTF-16: the text and everything beside it is read.

use issuecommand_core::domain::webhook::WebhookAnswer;
use issuecommand_github_emulator::{Fault, NewComment, NewIssue};

use crate::world::{API, Setup, caller, github_with, named};

/// In the title of issue 2.
fn half() -> Fault {
    Fault::rewritten("\"Issue 2\"", "\"Issue 2 \\ud83d\"")
}

async fn title(setup: &Setup) -> String {
    let (name, number) = named(API, 2);
    let issue = setup.store.issue(&name, number).await.unwrap();
    issue.expect("it is known").facts.title
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_half_a_character_is_read() {
    let setup = Setup::new(github_with(3)).await;
    setup.github.fault("/repos/acme/api/issues", half());
    assert_eq!(setup.sync().await.failed, []);
    assert_eq!(setup.offered(API).await, [1, 2, 3]);
    assert_eq!(title(&setup).await, "Issue 2 \u{fffd}");
    // Later changes are seen.
    setup.github.world(|world| {
        world.advance(std::time::Duration::from_secs(1));
        world.open_issue(API, NewIssue::titled("Issue 4"));
    });
    assert_eq!(setup.sync().await.failed, []);
    assert_eq!(setup.offered(API).await, [1, 2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_and_its_comments_with_half_a_character_are_read() {
    let setup = Setup::synced(github_with(2)).await;
    setup.github.world(|world| {
        world.comment(API, 2, NewComment::saying("Issue 2"));
    });
    for route in [
        "/repos/acme/api/issues/2",
        "/repos/acme/api/issues/2/comments",
    ] {
        setup.github.fault(route, half());
    }
    let (name, number) = named(API, 2);
    let details = setup.service.issue_details(&caller(), &name, number).await;
    let details = details.unwrap();
    assert_eq!(details.issue.facts.title, "Issue 2 \u{fffd}");
    let comments = details.comments.unwrap().comments;
    assert_eq!(comments[0].body, "Issue 2 \u{fffd}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_with_half_a_character_is_taken() {
    let setup = Setup::synced(github_with(2)).await;
    setup.github.world(|world| {
        world.record_deliveries();
        world.edit_title(API, 2, "Changed");
    });
    let mut sent = setup.github.deliveries().pop().unwrap();
    sent.body = sent.body.replace("\"Changed\"", "\"Changed \\ud83d\"");
    let answer = setup.deliver_one(&sent).await;
    assert!(matches!(answer, WebhookAnswer::Taken { .. }), "{answer:?}");
    assert_eq!(title(&setup).await, "Changed \u{fffd}");
}
