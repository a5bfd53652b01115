//! Parked issues, and what people do by hand.

use issuecommand_core::domain::attempt::{AttemptEnd, ReleaseOutcome};
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::park::ParkReason;
use issuecommand_core::domain::policy::Authors;
use issuecommand_core::domain::readiness::{NotReady, ReasonCode};
use issuecommand_core::domain::webhook::{GithubEvent, Voice, WebhookAnswer};
use issuecommand_core::engine::command::{Action, Answer, Command};
use issuecommand_testkit::builders::{
    agent, claim, comment, issue, local, number, place, pull, repo, told,
};

use super::attempts::{attempts, give_back, given, policy};
use super::world::{API, World};

/// The reasons against an issue.
async fn codes(world: &World, n: i64) -> Vec<ReasonCode> {
    reasons(world, n).await.iter().map(NotReady::code).collect()
}

async fn reasons(world: &World, n: i64) -> Vec<NotReady> {
    let action = Action::AskReadiness {
        repo: repo(API),
        number: number(n),
    };
    match world.note(Command::system(action)).await {
        Answer::Readiness { reasons, .. } => reasons,
        other => panic!("{other:?}"),
    }
}

async fn give_back_as(world: &World, claim: &Claim, outcome: ReleaseOutcome) {
    let action = Action::ReleaseClaim {
        claim: claim.id,
        agent: claim.agent.clone(),
        reason: Some("what I found".to_owned()),
        outcome: Some(outcome),
    };
    world.claimed(Command::new(&local(), action)).await;
}

async fn offer(world: &World, n: i64) {
    let action = Action::OfferIssue {
        repo: repo(API),
        number: number(n),
        note: None,
    };
    world.note(Command::new(&local(), action)).await;
}

pub(super) async fn the_third_attempt_parks_the_issue(world: &World) {
    let world = &world.under(policy()).await;
    world.mirror(API, [issue(1)]).await;
    for (n, who) in ["ann", "bob", "cid"].into_iter().enumerate() {
        assert_eq!(given(world, who).await, Some(1), "{n}");
        let claim = world.holder(API, 1).await.expect("it is held");
        world.pass(5);
        give_back(world, &claim).await;
    }
    assert_eq!(given(world, "dee").await, None);
    assert_eq!(codes(world, 1).await, [ReasonCode::NeedsHuman]);
    match &reasons(world, 1).await[0] {
        NotReady::NeedsHuman(parked) => assert_eq!(parked.why, ParkReason::Attempts(3)),
        other => panic!("{other:?}"),
    }
    // By number a person may still send an agent there.
    world.mirror(API, [issue(1)]).await;
    let (claim, _) = world.claimed(claim("dee", API, 1)).await;
    give_back(world, &claim).await;
    offer(world, 1).await;
    assert_eq!(codes(world, 1).await, []);
    // Offering it ends the cool-downs too, and the attempts count anew.
    assert_eq!(given(world, "cid").await, Some(1));
    let held = world.holder(API, 1).await.expect("it is held");
    world.pass(5);
    give_back(world, &held).await;
    assert_eq!(given(world, "ann").await, Some(1));
}

pub(super) async fn each_outcome_parks_but_gave_up(world: &World) {
    let world = &world.under(policy()).await;
    for outcome in ReleaseOutcome::ALL {
        world.mirror(API, [issue(1), issue(2).closed()]).await;
        let held = world.claim("ann", API, 1).await;
        give_back_as(world, &held, outcome).await;
        let parked = given(world, "bob").await.is_none();
        assert_eq!(parked, outcome.parks(), "{outcome:?}");
        if parked {
            match &reasons(world, 1).await[0] {
                NotReady::NeedsHuman(parked) => {
                    assert_eq!(parked.why, ParkReason::Outcome(outcome));
                    assert_eq!(parked.note.as_deref(), Some("what I found"));
                }
                other => panic!("{other:?}"),
            }
            offer(world, 1).await;
        } else {
            let held = world.holder(API, 1).await.expect("bob has it");
            give_back(world, &held).await;
        }
    }
}

pub(super) async fn an_edit_on_github_ends_a_park(world: &World) {
    let world = &world.under(policy()).await;
    world.mirror(API, [issue(1)]).await;
    let held = world.claim("ann", API, 1).await;
    give_back_as(world, &held, ReleaseOutcome::Blocked).await;
    // The same issue, read again, changes nothing.
    world.mirror(API, [issue(1)]).await;
    assert_eq!(codes(world, 1).await, [ReasonCode::NeedsHuman]);
    world
        .mirror(API, [issue(1).body("Now it can be done.").changed(9)])
        .await;
    assert_eq!(codes(world, 1).await, []);
    assert_eq!(given(world, "bob").await, Some(1));
}

pub(super) async fn a_bots_edit_ends_no_park(world: &World) {
    let world = &world.under(policy()).await;
    world.mirror(API, [issue(1)]).await;
    let held = world.claim("ann", API, 1).await;
    give_back_as(world, &held, ReleaseOutcome::Blocked).await;
    let mut meaning = told(API, issue(1).labels(&["triage"]).changed(9), "labeled");
    if let GithubEvent::Issue { by_bot, .. } = &mut meaning {
        *by_bot = true;
    }
    world.happens(meaning).await;
    assert_eq!(world.row(API, 1).await.facts.labels, ["triage"]);
    assert_eq!(codes(world, 1).await, [ReasonCode::NeedsHuman]);
    // A later poll shows the same issue.
    world
        .mirror(API, [issue(1).labels(&["triage"]).changed(9)])
        .await;
    assert_eq!(codes(world, 1).await, [ReasonCode::NeedsHuman]);
    world
        .happens(told(API, issue(1).changed(12), "unlabeled"))
        .await;
    assert_eq!(codes(world, 1).await, []);
}

pub(super) async fn where_authors_must_write_a_strangers_comment_ends_no_park(world: &World) {
    let world = &world.under(policy()).await;
    world.mirror(API, [issue(1)]).await;
    let held = world.claim("ann", API, 1).await;
    give_back_as(world, &held, ReleaseOutcome::NeedsHuman).await;
    let mut strict = policy();
    strict.readiness.authors = Authors::Write;
    let world = &world.under(strict).await;
    let said = |trusted| GithubEvent::IssueComment {
        repo: place(API),
        number: number(1),
        author: Some("kim".to_owned()),
        voice: Voice {
            trusted,
            ..Voice::default()
        },
        at: None,
        action: "created".to_owned(),
    };
    let (answer, _) = world.delivered(said(false)).await;
    assert!(matches!(answer, WebhookAnswer::Ignored(_)), "{answer:?}");
    assert!(codes(world, 1).await.contains(&ReasonCode::NeedsHuman));
    world.happens(said(true)).await;
    assert!(!codes(world, 1).await.contains(&ReasonCode::NeedsHuman));
}

pub(super) async fn a_parked_issue_that_is_closed_and_reopened_is_offered(world: &World) {
    let world = &world.under(policy()).await;
    world.mirror(API, [issue(1)]).await;
    let held = world.claim("ann", API, 1).await;
    give_back_as(world, &held, ReleaseOutcome::NeedsHuman).await;
    world.mirror(API, [issue(1).closed().changed(5)]).await;
    world.mirror(API, [issue(1).changed(9)]).await;
    assert_eq!(codes(world, 1).await, []);
}

pub(super) async fn a_person_parks_an_issue_and_its_claim_stays(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let held = world.claim("ann", API, 1).await;
    let action = Action::ParkIssue {
        repo: repo(API),
        number: number(1),
        note: "wait for the design".to_owned(),
    };
    let before = world.last_event().await;
    world.note(Command::new(&local(), action)).await;
    assert_eq!(world.kinds_after(before).await, [EventKind::IssueParked]);
    assert_eq!(
        codes(world, 1).await,
        [ReasonCode::Held, ReasonCode::NeedsHuman]
    );
    assert!(
        world
            .moved(&held, ClaimStatus::InProgress)
            .await
            .is_active()
    );
    give_back(world, &held).await;
    assert_eq!(given(world, "bob").await, None);
}

pub(super) async fn a_claim_is_given_with_its_history(world: &World) {
    let world = &world.under(policy()).await;
    let held = world.authored("ann").await;
    let action = Action::GiveClaim {
        claim: held.id,
        to: agent("bob"),
        note: Some("ann is away".to_owned()),
    };
    let give = Command::new(&local(), action);
    let before = world.last_event().await;
    let (given, idempotent) = world.claimed(give.clone()).await;
    assert!(!idempotent);
    assert_eq!((given.id, given.agent.as_str()), (held.id, "bob"));
    assert_eq!((given.pull, given.status), (held.pull, held.status));
    assert_eq!(given.history.len(), held.history.len() + 1);
    assert_eq!(world.kinds_after(before).await, [EventKind::ClaimGiven]);
    assert!(world.claimed(give).await.1);
    assert_eq!(
        world.holder(API, 1).await.expect("bob has it").agent,
        agent("bob")
    );
    let told = attempts(world, &held).await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].agent.as_str(), told[0].end),
        ("ann", AttemptEnd::Given)
    );
    // Feedback goes to whoever has the claim now.
    let item = world.asked(pull(API, 7).said(comment(1))).await;
    world.given_nothing("ann").await;
    assert_eq!(world.given("bob").await.id, item.id);
}

pub(super) async fn a_followup_is_given(world: &World) {
    world.authored("ann").await;
    let item = world.asked(pull(API, 7).said(comment(1))).await;
    world.given("ann").await;
    let action = Action::GiveFollowup {
        item: item.id,
        to: agent("bob"),
        note: None,
    };
    match world.note(Command::new(&local(), action)).await {
        Answer::Followup {
            item,
            idempotent: false,
        } => {
            assert_eq!(item.owner, Some(agent("bob")));
        }
        other => panic!("{other:?}"),
    }
    world.kept_from("ann", &item, "bob").await;
}

pub(super) async fn a_persons_comment_ends_a_park_and_an_agents_does_not(world: &World) {
    let world = &world.under(policy()).await;
    world.mirror(API, [issue(1)]).await;
    let held = world.claim("ann", API, 1).await;
    give_back_as(world, &held, ReleaseOutcome::NeedsHuman).await;
    let said = |author: Option<&str>, voice: Voice, action: &str| GithubEvent::IssueComment {
        repo: place(API),
        number: number(1),
        author: author.map(str::to_owned),
        voice,
        at: None,
        action: action.to_owned(),
    };
    let marked = Voice {
        marked: true,
        ..Voice::default()
    };
    for no in [
        said(Some("dependabot[bot]"), Voice::default(), "created"),
        said(Some("kim"), marked, "created"),
        said(Some("kim"), Voice::default(), "deleted"),
        said(None, Voice::default(), "created"),
    ] {
        let (answer, _) = world.delivered(no).await;
        assert!(matches!(answer, WebhookAnswer::Ignored(_)), "{answer:?}");
        assert_eq!(codes(world, 1).await, [ReasonCode::NeedsHuman]);
    }
    let before = world.last_event().await;
    world
        .happens(said(Some("kim"), Voice::default(), "created"))
        .await;
    let kinds = world.kinds_after(before).await;
    assert!(kinds.contains(&EventKind::IssueOffered), "{kinds:?}");
    assert_eq!(codes(world, 1).await, []);
    // A further comment is nobody's business.
    let (answer, _) = world
        .delivered(said(Some("kim"), Voice::default(), "created"))
        .await;
    assert!(matches!(answer, WebhookAnswer::Ignored(_)), "{answer:?}");
}
