//! Without webhooks, the list of open pull requests tells which issues they close.

use issuecommand_core::domain::readiness::NotReady;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome};
use issuecommand_github_emulator::{Fault, NewIssue, NewPull};

use crate::world::{API, Setup, github_with, named};

const LIST: &str = "GET /repos/*/*/pulls";

fn closing(n: i64) -> NewPull {
    let text = format!("Closes #{n}");
    NewPull::from_branch(&format!("fix-{n}"), NewIssue::titled("Fix").body(&text))
}

async fn words(setup: &Setup, n: i64) -> Vec<String> {
    let (repo, number) = named(API, n);
    let command = Command::system(Action::AskReadiness { repo, number });
    match setup.store.transact(command).await.unwrap() {
        Outcome::Done(Answer::Readiness { reasons, .. }) => {
            reasons.iter().map(NotReady::words).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// The next poll. It must read everything.
async fn sync(setup: &Setup) {
    setup.pass(Millis::minutes(16));
    assert_eq!(setup.sync().await.failed, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn issues_in_open_pull_requests_are_kept_back_by_polls_alone() {
    let mut world = github_with(3);
    let first = world.open_pull(API, closing(1));
    world.open_pull(API, NewPull::from_branch("docs", "Nothing is closed"));
    let setup = Setup::synced(world).await;
    assert_eq!(setup.offered(API).await, [2, 3]);
    let told = format!("The open pull request acme/api#{first} closes it");
    assert_eq!(words(&setup, 1).await, [told]);

    let second = setup.github.world(|world| world.open_pull(API, closing(2)));
    sync(&setup).await;
    assert_eq!(setup.offered(API).await, [3]);

    setup.github.world(|world| {
        world.close_pull(API, first);
        world.edit_body(API, second, "Fixes #3");
    });
    sync(&setup).await;
    assert_eq!(setup.offered(API).await, [1, 2]);

    // The issues of the last hour are listed once more.
    sync(&setup).await;
    let listed = setup.asked(LIST).len();
    sync(&setup).await;
    sync(&setup).await;
    assert_eq!(setup.asked(LIST).len(), listed, "nothing has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn issues_are_followed_where_pull_requests_cannot_be_listed() {
    let mut world = github_with(2);
    world.open_pull(API, closing(1));
    let setup = Setup::new(world).await;
    let fault = setup.github.fault(LIST, Fault::status(403));
    let report = setup.sync().await;
    assert_eq!(setup.offered(API).await, [1, 2]);
    let reasons: Vec<_> = report.failed.iter().map(|fault| &fault.reason).collect();
    let [reason] = &reasons[..] else {
        panic!("{reasons:?}")
    };
    assert!(
        reason.starts_with("the list of open pull requests cannot be read"),
        "{reason}"
    );
    setup.github.end_fault(fault);
    sync(&setup).await;
    assert_eq!(setup.offered(API).await, [2]);
}
