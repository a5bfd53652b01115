//! What a person does on the dashboard: for an agent, and not as that agent.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::notice::NoticeKind::{Ended, Lost};
use issuecommand_core::domain::policy::{AttemptPolicy, Policy};
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::engine::command::{Action, Answer, Command};
use issuecommand_testkit::builders::{comment, issue, pull, release};

use super::world::session::told;
use super::world::{API, World};

fn ann() -> Caller {
    let by = Principal::Key("key_0123456789ab".to_owned());
    Caller::full(Principal::Person {
        by: Box::new(by),
        name: "ann's key".to_owned(),
    })
}

pub(super) async fn a_claim_that_a_person_releases_is_lost_by_another_hand(world: &World) {
    let strict = Policy {
        attempts: AttemptPolicy::default(),
        ..Policy::default()
    };
    let world = &world.under(strict).await;
    world.mirror(API, [issue(1)]).await;
    let held = world.claim_in("codex", "one", 1).await;
    let before = world.last_event().await;
    let Command { action, .. } = release(&held);
    world.note(Command::new(&ann(), action)).await;
    let events = world.events_after(before).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].principal, ann().principal);
    assert_eq!(told(&world.heard("codex", "one").await), [(1, Lost)]);
    // The agent gave nothing back, so that it need not wait for it.
    let again = world.claim_in("codex", "one", 1).await;
    assert_ne!(again.id, held.id);
}

pub(super) async fn feedback_is_dismissed_by_a_person_whoever_has_it(world: &World) {
    let waits = world.asked(pull(API, 7).said(comment(1))).await;
    world.heard("codex", "one").await;
    world.asked(pull(API, 8).said(comment(2))).await;
    let held = world.given("codex").await;
    let waits = if held.id == waits.id {
        world
            .followups()
            .await
            .into_iter()
            .find(|item| item.id != held.id)
            .expect("the other one")
    } else {
        waits
    };
    let dismiss = |item| {
        let note = "Answered by mail".to_owned();
        Command::new(&ann(), Action::DismissFollowup(item, note))
    };
    for item in [held.id, waits.id] {
        let before = world.last_event().await;
        match world.note(dismiss(item)).await {
            Answer::Followup {
                item,
                idempotent: false,
            } => {
                assert_eq!(item.status, FollowupStatus::Dismissed);
                assert_eq!(item.dismiss_reason.as_deref(), Some("Answered by mail"));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(
            world.kinds_after(before).await,
            [EventKind::FollowupDismissed]
        );
        let gone = world.refused(dismiss(item)).await;
        assert_eq!(gone, Refusal::FollowupNotFound { id: item });
    }
    let told = told(&world.heard("codex", "one").await);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1, Ended);
    assert_eq!(world.followups().await, []);
    world.given_nothing("codex").await;
}
