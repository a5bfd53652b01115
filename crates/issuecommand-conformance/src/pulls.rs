//! The pull request of a claim.

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::{Details, EventKind, EventOrigin};
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::engine::command::{Action, Command};
use issuecommand_testkit::builders::{confined, issue, local, number, update};

use ClaimStatus::{Claimed, InProgress, PrMerged, PrSubmitted};

use super::world::{API, World};

const URL: &str = "https://github.com/Acme/API/pull/12";
/// The same in GitHub's spelling.
const KEPT: &str = "https://github.com/acme/api/pull/12";

fn with(claim: &Claim, to: ClaimStatus, url: &str) -> Command {
    let action = Action::UpdateClaim {
        claim: claim.id,
        agent: claim.agent.clone(),
        to,
        note: None,
        pr_url: Some(url.to_owned()),
    };
    Command::new(&local(), action)
}

async fn begun(world: &World) -> Claim {
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    world.moved(&claim, InProgress).await
}

pub(super) async fn submitted_needs_one(world: &World) {
    let claim = begun(world).await;
    let no = world.refused(update(&claim, PrSubmitted)).await;
    assert_eq!(
        no,
        Refusal::PrUrlRequired {
            claim: Box::new(claim.clone())
        }
    );
    let (claim, idempotent) = world.claimed(with(&claim, PrSubmitted, URL)).await;
    assert!(!idempotent);
    let repo = world.repo(API).await.expect("it is known");
    assert_eq!(claim.pr_url.as_deref(), Some(KEPT));
    assert_eq!(claim.pull, Some((repo.id, number(12))));
    assert_eq!(world.holder(API, 1).await, Some(claim));
}

pub(super) async fn one_given_earlier_counts(world: &World) {
    let claim = begun(world).await;
    world.note(with(&claim, InProgress, URL)).await;
    let claim = world.moved(&claim, PrSubmitted).await;
    assert_eq!(claim.pr_url.as_deref(), Some(KEPT));
    let claim = world.moved(&claim, PrMerged).await;
    assert_eq!(claim.pr_url.as_deref(), Some(KEPT));
}

pub(super) async fn a_move_that_is_not_allowed_sets_none(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    let no = world.refused(with(&claim, PrSubmitted, URL)).await;
    let allowed = vec![InProgress, ClaimStatus::Released, ClaimStatus::Stale];
    let (claim, to) = (Box::new(claim), PrSubmitted);
    assert_eq!(no, Refusal::InvalidTransition { claim, to, allowed });
}

pub(super) async fn a_pull_request_url_added_with_a_heartbeat_is_recorded(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let claim = world.claim("ann", API, 1).await;
    let seq = world.last_event().await;
    for _ in 0..2 {
        // The second time it is not new.
        let (after, idempotent) = world.claimed(with(&claim, Claimed, URL)).await;
        assert!(idempotent);
        assert_eq!(
            (after.history.len(), after.pr_url.as_deref()),
            (1, Some(KEPT))
        );
        let events = world.events_after(seq).await;
        let [event] = events.as_slice() else {
            panic!("one event was expected, not {events:?}")
        };
        assert_eq!(event.kind, EventKind::ClaimUpdated);
        let (source, status) = (EventOrigin::Agent, Claimed);
        assert!(
            matches!(&event.details, Details::Moved { source: s, status: t, .. } if (*s, *t) == (source, status))
        );
    }
    world
        .note(with(&claim, Claimed, "https://github.com/acme/api/pull/13"))
        .await;
    assert_eq!(world.kinds_after(seq).await.len(), 2);
}

pub(super) async fn an_unparsable_pull_request_url_is_kept(world: &World) {
    let claim = begun(world).await;
    for url in [
        "https://github.com/somebody/else/pull/3",
        "see my branch",
        "https://github.com/acme/api/pull/twelve",
    ] {
        let (after, _) = world.claimed(with(&claim, InProgress, url)).await;
        assert_eq!((after.pr_url.as_deref(), after.pull), (Some(url), None));
        assert_eq!(world.holder(API, 1).await, Some(after));
    }
}

pub(super) async fn a_pull_request_outside_the_scope_is_not_followed(world: &World) {
    let claim = begun(world).await;
    world.mirror("acme/web", [issue(1)]).await;
    let url = "https://github.com/acme/web/pull/7";
    let command = with(&claim, InProgress, url);
    let confined = Command {
        caller: confined(&[API]),
        ..command.clone()
    };
    let (after, _) = world.claimed(confined).await;
    assert_eq!((after.pr_url.as_deref(), after.pull), (Some(url), None));
    // A caller with the repository in scope follows it from then on.
    world.claimed(with(&claim, InProgress, URL)).await;
    let (after, _) = world.claimed(command).await;
    assert_eq!(after.pull.map(|(_, number)| number.get()), Some(7));
}
