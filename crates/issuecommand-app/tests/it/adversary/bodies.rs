//! Texts of 20 MB: in a delivery, in a row of a list, in the closing keywords of a pull request.

use issuecommand_github_emulator::{NewComment, NewIssue, NewPull};

use super::Trial;
use crate::world::{API, StoreKind, github_with};

on_each_store!(
    a_delivery_of_20_mb_is_refused_and_the_next_is_taken,
    a_row_of_20_mb_keeps_no_other_from_the_mirror,
);

/// Closing keywords, again and again.
fn large() -> String {
    "Closes #1 and so on. ".repeat(1_000_000)
}

async fn a_delivery_of_20_mb_is_refused_and_the_next_is_taken(kind: StoreKind) {
    let trial = Trial::begin(kind, github_with(3)).await;
    let before = trial.standing().await;
    let rows = trial.setup.dump().await;
    trial.unheard(|world| {
        let text = NewIssue::titled("Large").body(&large()).by("mallory");
        world.open_pull(
            API,
            NewPull::from_branch("large", text).from_fork("mallory"),
        );
        world.open_issue(API, NewIssue::titled("Large").body(&large()).by("mallory"));
        world.comment(API, 2, NewComment::saying(&large()).by("mallory"));
    });
    for delivery in trial.setup.github.deliveries() {
        assert!(delivery.body.len() > 20_000_000);
        let reply = trial.http.deliver(&delivery).await;
        assert_eq!(reply.status, 413, "{reply:?}");
    }
    for table in ["delivery", "issue", "claim", "event"] {
        assert_eq!(
            trial.setup.dump().await.rows(table),
            rows.rows(table),
            "{table}"
        );
    }
    assert_eq!(trial.standing().await, before);
    trial.told(|world| world.close_issue(API, 3)).await;
    assert_eq!(trial.setup.offered(API).await, [2]);
}

/// An issue in one world, a pull request in the other, so that one page of GitHub's list stays below the size limit of a
/// response.
async fn a_row_of_20_mb_keeps_no_other_from_the_mirror(kind: StoreKind) {
    for is_pull in [true, false] {
        let trial = Trial::begin(kind, github_with(3)).await;
        let before = trial.standing().await;
        trial.unheard(|world| {
            let row = NewIssue::titled("Large").body(&large()).by("mallory");
            if is_pull {
                let pull = NewPull::from_branch("large", row).from_fork("mallory");
                world.open_pull(API, pull);
            } else {
                world.open_issue(API, row);
            }
            world.open_issue(API, NewIssue::titled("Small"));
            world.close_issue(API, 3);
        });
        drop(trial.setup.github.deliveries());
        trial.poll().await;
        let offered = trial.setup.offered(API).await;
        let expected: &[i64] = if is_pull { &[2, 5] } else { &[2, 4, 5] };
        assert_eq!(offered, expected);
        assert_eq!(trial.standing().await, before);
    }
}
