//! Each delivery has its effects once, however often it arrives, and none is lost.

use issuecommand_core::domain::event::{Details, Event, EventKind};
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Clock;
use issuecommand_core::domain::webhook::{
    AuthMethod, GithubEvent, Ignored, Refetch, StoredDelivery, Voice, WebhookAnswer,
};
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome};
use issuecommand_testkit::builders::{
    comment, confined, deliver, delivery, issue, local, number, place, pull, repo, review, sweep,
    told,
};

use super::world::feedback::answer_of;
use super::world::{API, World, at_once};

fn duplicate(id: &str) -> WebhookAnswer {
    WebhookAnswer::Duplicate { id: id.to_owned() }
}

/// The answer to a delivery that needs no refetch.
async fn hears(world: &World, command: Command) -> WebhookAnswer {
    let (answer, look) = answer_of(world.note(command).await);
    assert_eq!(look, None);
    answer
}

pub(super) async fn a_duplicate_changes_nothing(world: &World) {
    let item = world.asked(pull(API, 7).said(comment(1))).await;
    let meaning = || pull(API, 7).said(comment(2));
    world.note(deliver("d", meaning())).await;
    world.followed("ann", &item, FollowupStatus::Claimed).await;
    let before = world.everything().await;
    assert_eq!(hears(world, deliver("d", meaning())).await, duplicate("d"));
    // The content of the duplicate does not matter.
    let other = told(API, issue(9), "opened");
    assert_eq!(hears(world, deliver("d", other)).await, duplicate("d"));
    assert_eq!(world.everything().await, before);
}

pub(super) async fn twenty_concurrent_duplicates_have_one_effect(world: &World) {
    let other = &world.under(Policy::default()).await;
    for n in 0..10 {
        let id = format!("d-{n}");
        let meaning = pull(API, 7).said(comment(n));
        let commands = (0..20).map(|_| deliver(&id, meaning.clone()));
        let outcomes = at_once(&[world, other], commands).await;
        let fresh = outcomes.into_iter().filter(|outcome| match outcome {
            Outcome::Done(Answer::Delivery { answer, .. }) => *answer != duplicate(&id),
            other => panic!("{other:?}"),
        });
        assert_eq!(fresh.count(), 1);
    }
    let [item] = &world.followups().await[..] else {
        panic!("one follow-up was expected")
    };
    assert_eq!(item.sources.len(), 10);
    let kinds = world.kinds_after(0).await;
    let received = kinds
        .iter()
        .filter(|kind| **kind == EventKind::WebhookReceived);
    assert_eq!(received.count(), 10);
}

pub(super) async fn an_ignored_delivery_is_remembered(world: &World) {
    let ignored = Ignored::NotActionable("star".to_owned());
    let meaning = || GithubEvent::Ignored(ignored.clone());
    let answer = hears(world, deliver("d", meaning())).await;
    assert_eq!(answer, WebhookAnswer::Ignored(ignored.clone()));
    assert_eq!(hears(world, deliver("d", meaning())).await, duplicate("d"));
}

pub(super) async fn comments_on_issues_are_not_actionable(world: &World) {
    let comment = GithubEvent::IssueComment {
        repo: place(API),
        number: number(1),
        author: Some("rita".to_owned()),
        voice: Voice::default(),
        at: None,
        action: "created".to_owned(),
    };
    let event = delivery(None, &comment).event;
    let answer = hears(world, deliver("c", comment)).await;
    assert_eq!(
        answer,
        WebhookAnswer::Ignored(Ignored::NotActionable(event))
    );
}

pub(super) async fn a_delivery_without_an_id_is_applied_each_time(world: &World) {
    let meaning = pull(API, 7).said(comment(1));
    let command = Command::system(Action::ProcessDelivery {
        delivery: delivery(None, &meaning),
        meaning: Box::new(meaning),
    });
    let created = |answer| matches!(answer, WebhookAnswer::Feedback { created: true, .. });
    assert!(created(hears(world, command.clone()).await));
    assert!(!created(hears(world, command).await));
    assert_eq!(world.followups().await.len(), 1);
}

pub(super) async fn each_delivery_logs_one_event(world: &World) {
    let meaning = pull(API, 7).said(review(1));
    let mut command = deliver("d", meaning.clone());
    command.caller = local();
    let answer = hears(world, command).await;
    let [_, line] = &world.events().await[..] else {
        panic!("two lines were expected")
    };
    let WebhookAnswer::Feedback {
        item,
        created: true,
        ..
    } = &answer
    else {
        panic!("{answer:?}")
    };
    let expected = Event {
        seq: line.seq,
        kind: EventKind::WebhookReceived,
        timestamp: world.clock.now(),
        principal: Principal::Local,
        claim: None,
        item: *item,
        repo: Some(repo(API)),
        number: None,
        pull: Some(number(7)),
        agent: None,
        details: Details::Webhook {
            auth: AuthMethod::Signature,
            event: "pull_request_review".to_owned(),
            delivery: Some("d".to_owned()),
            answer: answer.clone(),
        },
    };
    assert_eq!(*line, expected);
    hears(world, deliver("e", told(API, issue(3), "opened"))).await;
    let line = &world.events().await[2];
    assert_eq!(
        (&line.repo, line.number, line.pull),
        (&Some(repo(API)), Some(number(3)), None)
    );
}

fn defer(id: &str, meaning: &GithubEvent, error: &str) -> Command {
    Command::system(Action::DeferDelivery {
        delivery: delivery(Some(id), meaning),
        id: id.to_owned(),
        body: "{\"zen\":\"\u{0}“\"}".to_owned(),
        error: error.to_owned(),
    })
}

async fn deferred(world: &World) -> Vec<StoredDelivery> {
    let rows = world.store.deferred_deliveries(10).await;
    rows.expect("deliveries are read")
}

pub(super) async fn a_deferred_delivery_is_retried(world: &World) {
    let meaning = || pull(API, 7).said(comment(1));
    let began = world.clock.now();
    world.note(defer("d", &meaning(), "no luck")).await;
    let row = StoredDelivery {
        id: "d".to_owned(),
        delivery: delivery(Some("d"), &meaning()),
        body: Some("{\"zen\":\"\u{0}“\"}".to_owned()),
        received_at: began,
        processed_at: None,
        attempts: 1,
        error: Some("no luck".to_owned()),
    };
    assert_eq!(deferred(world).await, std::slice::from_ref(&row));
    world.pass(1);
    world.note(defer("d", &meaning(), "none again")).await;
    let again = StoredDelivery {
        attempts: 2,
        error: Some("none again".to_owned()),
        ..row
    };
    assert_eq!(deferred(world).await, [again]);
    let health = world.health().await;
    assert_eq!((health.deferred_deliveries, health.dead_deliveries), (1, 0));
    // A redelivery by GitHub counts like a retry of ours.
    let answer = hears(world, deliver("d", meaning())).await;
    assert!(matches!(
        answer,
        WebhookAnswer::Feedback { created: true, .. }
    ));
    assert_eq!(deferred(world).await, []);
    assert_eq!(world.health().await.deferred_deliveries, 0);
    // An applied delivery cannot fail any more.
    let before = world.everything().await;
    world.note(defer("d", &meaning(), "too late")).await;
    assert_eq!(world.everything().await, before);
    assert_eq!(hears(world, deliver("d", meaning())).await, duplicate("d"));
}

pub(super) async fn a_delivery_that_fails_too_often_is_dead(world: &World) {
    let meaning = pull(API, 7).said(comment(1));
    for n in 1..=StoredDelivery::MAX_ATTEMPTS {
        let health = world.health().await;
        assert_eq!(
            (health.deferred_deliveries, health.dead_deliveries),
            (u64::from(n > 1), 0)
        );
        world.note(defer("d", &meaning, "no luck")).await;
    }
    let health = world.health().await;
    assert_eq!((health.deferred_deliveries, health.dead_deliveries), (0, 1));
    assert_eq!(deferred(world).await, []);
    // A person may redeliver it.
    let answer = hears(world, deliver("d", meaning)).await;
    assert!(matches!(
        answer,
        WebhookAnswer::Feedback { created: true, .. }
    ));
    assert_eq!(world.health().await.dead_deliveries, 0);
}

pub(super) async fn the_oldest_is_tried_first(world: &World) {
    let meaning = pull(API, 7).said(comment(1));
    for id in ["c", "a", "b"] {
        world.note(defer(id, &meaning, "no luck")).await;
        world.pass(1);
    }
    world.note(defer("c", &meaning, "no luck")).await;
    let ids: Vec<String> = deferred(world)
        .await
        .into_iter()
        .map(|row| row.id)
        .collect();
    assert_eq!(ids, ["c", "a", "b"]);
    let two = world
        .store
        .deferred_deliveries(2)
        .await
        .expect("deliveries are read");
    assert_eq!(two.len(), 2);
}

pub(super) async fn the_latest_are_remembered(world: &World) {
    let policy = Policy {
        deliveries_max: 3,
        ..Policy::default()
    };
    let world = &world.under(policy).await;
    let meaning = || GithubEvent::Ping;
    world
        .note(defer("old", &pull(API, 7).said(comment(1)), "no luck"))
        .await;
    for n in 1..=5 {
        world.pass(1);
        world.note(deliver(&format!("d-{n}"), meaning())).await;
    }
    world.note(sweep()).await;
    for n in 3..=5 {
        let id = format!("d-{n}");
        assert_eq!(hears(world, deliver(&id, meaning())).await, duplicate(&id));
    }
    for n in 1..=2 {
        let id = format!("d-{n}");
        assert_ne!(hears(world, deliver(&id, meaning())).await, duplicate(&id));
    }
    // A deferred delivery is not trimmed.
    assert_eq!(deferred(world).await.len(), 1);
}

pub(super) async fn a_delivery_outside_the_allowed_repositories_is_ignored(world: &World) {
    let meanings = [
        pull(API, 7).said(comment(1)),
        pull(API, 7).opened(),
        pull(API, 7).dismissed(3),
        told(API, issue(1), "opened"),
        GithubEvent::Repo {
            repo: place(API),
            action: "renamed".to_owned(),
            deleted: false,
        },
    ];
    for (n, meaning) in (0..).zip(meanings) {
        let mut command = deliver(&format!("d-{n}"), meaning);
        command.caller = confined(&["acme/web"]);
        let answer = hears(world, command).await;
        let WebhookAnswer::Ignored(Ignored::Other(words)) = answer else {
            panic!("{answer:?}")
        };
        assert!(words.contains(API), "{words}");
    }
    assert_eq!(world.repo(API).await, None);
    assert_eq!(world.followups().await, []);
}

pub(super) async fn pings_and_access_changes_are_answered(world: &World) {
    let pong = hears(world, deliver("p", GithubEvent::Ping)).await;
    assert!(matches!(pong, WebhookAnswer::Taken { action, .. } if action == "pong"));
    let access = GithubEvent::Access {
        action: "added".to_owned(),
    };
    let (answer, look) = world.delivered(access).await;
    assert!(matches!(answer, WebhookAnswer::Taken { action, .. } if action == "added"));
    assert_eq!(look, Some(Refetch::Repos));
}

pub(super) async fn a_burst_at_once_loses_nothing(world: &World) {
    let commands = (0..200).map(|n| {
        let meaning = pull(API, 1 + n % 20).said(comment(n));
        deliver(&format!("d-{n}"), meaning)
    });
    let outcomes = at_once(&[world], commands).await;
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Done(_)))
    );
    let items = world.followups().await;
    assert_eq!(items.len(), 20);
    assert_eq!(
        items.iter().map(|item| item.sources.len()).sum::<usize>(),
        200
    );
}

pub(super) async fn health_counts_what_is_open(world: &World) {
    let first = world.asked(pull(API, 1).said(comment(1))).await;
    let second = world.asked(pull(API, 2).said(comment(2))).await;
    world.asked(pull(API, 3).said(comment(3))).await;
    world.followed("ann", &first, FollowupStatus::Claimed).await;
    world
        .followed("ann", &second, FollowupStatus::Claimed)
        .await;
    world.followed("ann", &second, FollowupStatus::Stale).await;
    let health = world.health().await;
    assert_eq!((health.open_followups, health.stale_followups), (3, 1));
    world.followed("ann", &first, FollowupStatus::Done).await;
    let health = world.health().await;
    assert_eq!((health.open_followups, health.stale_followups), (2, 1));
}
