//! Endpoints and their notifications.

use issuecommand_core::domain::notification::{
    Endpoint, Notification, NotificationState, SendOutcome,
};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::engine::command::{Action, Answer, Command, NotifyAction};
use issuecommand_core::ports::notifications::NotificationFilter;
use issuecommand_testkit::builders::sweep;

use super::world::World;

async fn act(world: &World, action: NotifyAction) {
    let command = Command::system(Action::Notify(action));
    assert_eq!(world.note(command).await, Answer::Noted);
}

async fn add(world: &World, name: &str, cursor: i64) {
    let (name, kind) = (name.to_owned(), "slack".to_owned());
    act(world, NotifyAction::AddEndpoint { name, kind, cursor }).await;
}

async fn plan(world: &World, endpoint: &str, (from, to): (i64, i64), ids: &[&str]) {
    let now = world.clock.now();
    let of = |id: &&str| {
        let content = format!("{{\"text\":\"{id} \u{202e}\"}}");
        let kind = "claim.stale".to_owned();
        Notification::new(endpoint, (*id).to_owned(), kind, content, now)
    };
    let action = NotifyAction::Plan {
        endpoint: endpoint.to_owned(),
        from,
        to,
        told: format!("{{\"to\":{to}}}"),
        notifications: ids.iter().map(of).collect(),
    };
    act(world, action).await;
}

async fn endpoint(world: &World, name: &str) -> Endpoint {
    let all = world.store.endpoints().await.expect("endpoints are read");
    let found = all.into_iter().find(|endpoint| endpoint.name == name);
    found.expect("the endpoint is there")
}

async fn due(world: &World, endpoint: &str, now: Timestamp) -> Vec<Notification> {
    let due = world.store.due_notifications(endpoint, now, 9).await;
    due.expect("notifications are read")
}

async fn one(world: &World, id: &str) -> Notification {
    let key = ("team".to_owned(), id.to_owned());
    let found = world.store.notification(&key).await;
    found.expect("it is read").expect("it is there")
}

async fn list(world: &World, of: Option<&str>, state: Option<NotificationState>) -> Vec<String> {
    let filter = NotificationFilter {
        endpoint: of.map(str::to_owned),
        state,
        limit: 9,
    };
    let found = world.store.notifications(&filter).await;
    let found = found.expect("notifications are listed").into_iter();
    found
        .map(|row| format!("{} {}", row.endpoint, row.id))
        .collect()
}

async fn settle(world: &World, id: &str, attempts: u32, outcome: SendOutcome) {
    let action = NotifyAction::Settle {
        key: ("team".to_owned(), id.to_owned()),
        attempts,
        outcome,
        random: 0,
    };
    act(world, action).await;
}

fn failed(retry_after: Option<Millis>) -> SendOutcome {
    SendOutcome::Failed {
        status: Some(503),
        error: "down".to_owned(),
        retry_after,
    }
}

pub(super) async fn an_endpoint_is_added_once(world: &World) {
    add(world, "team", 7).await;
    add(world, "team", 9).await;
    let expected = Endpoint {
        name: "team".to_owned(),
        kind: "slack".to_owned(),
        cursor: 7,
        disabled: None,
        told: String::new(),
    };
    assert_eq!(endpoint(world, "team").await, expected);
    let action = NotifyAction::AddEndpoint {
        name: "team".to_owned(),
        kind: "discord".to_owned(),
        cursor: 9,
    };
    act(world, action).await;
    let expected = Endpoint {
        kind: "discord".to_owned(),
        ..expected
    };
    assert_eq!(endpoint(world, "team").await, expected);
}

pub(super) async fn notifications_and_the_place_move_together(world: &World) {
    add(world, "team", 7).await;
    plan(world, "team", (7, 12), &["a", "b"]).await;
    // The same once more, from where the place was: nothing is doubled and nothing goes back.
    plan(world, "team", (7, 9), &["c"]).await;
    plan(world, "elsewhere", (0, 9), &["c"]).await;
    let known = endpoint(world, "team").await;
    assert_eq!((known.cursor, known.told.as_str()), (12, "{\"to\":12}"));
    let now = world.clock.now();
    let ready = due(world, "team", now).await;
    let ids: Vec<&str> = ready.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["a", "b"]);
    assert_eq!(ready[0].content, "{\"text\":\"a \u{202e}\"}");
    assert_eq!(due(world, "team", Timestamp(now.0 - 1)).await, []);
    assert_eq!(due(world, "elsewhere", now).await, []);
}

pub(super) async fn waits_grow_until_the_endpoint_is_disabled(world: &World) {
    add(world, "team", 0).await;
    plan(world, "team", (0, 1), &["a", "b"]).await;
    for (attempts, wait) in (0..).zip(Notification::WAITS) {
        world.pass(1);
        settle(world, "a", attempts, failed(None)).await;
        // A late word on an attempt that was recorded changes nothing.
        settle(
            world,
            "a",
            attempts,
            SendOutcome::Delivered { status: None },
        )
        .await;
        let row = one(world, "a").await;
        assert_eq!(row.due, world.clock.now().plus(wait));
        assert_eq!((row.attempts, row.status), (attempts + 1, Some(503)));
        assert_eq!(row.error.as_deref(), Some("down"));
    }
    assert_eq!(endpoint(world, "team").await.disabled, None);
    settle(world, "a", 9, failed(None)).await;
    let now = world.clock.now();
    let row = one(world, "a").await;
    assert_eq!(
        (row.state, row.ended_at),
        (NotificationState::Failed, Some(now))
    );
    assert_eq!(
        endpoint(world, "team").await.disabled,
        Some((now, "down".to_owned()))
    );
    // Nothing is made while it is disabled; afterwards all goes on.
    plan(world, "team", (1, 2), &["c"]).await;
    assert_eq!(endpoint(world, "team").await.cursor, 1);
    let action = NotifyAction::Enable {
        endpoint: "team".to_owned(),
        cursor: Some(5),
    };
    act(world, action).await;
    let known = endpoint(world, "team").await;
    assert_eq!((known.cursor, known.disabled), (5, None));
}

pub(super) async fn a_receiver_says_when_it_may_be_asked_again(world: &World) {
    add(world, "team", 0).await;
    plan(world, "team", (0, 1), &["a"]).await;
    let now = world.clock.now();
    settle(world, "a", 0, failed(Some(Millis::minutes(7)))).await;
    assert_eq!(one(world, "a").await.due, now.plus(Millis::minutes(7)));
    // Shorter than our own wait, and longer than anybody may ask for.
    settle(world, "a", 1, failed(Some(Millis::seconds(1)))).await;
    assert_eq!(one(world, "a").await.due, now.plus(Millis::minutes(5)));
    settle(world, "a", 2, failed(Some(Millis::minutes(100_000)))).await;
    assert_eq!(
        one(world, "a").await.due,
        now.plus(Notification::LONGEST_WAIT)
    );
}

pub(super) async fn gone_disables_at_once_and_a_replay_sends_again(world: &World) {
    add(world, "team", 0).await;
    plan(world, "team", (0, 1), &["a"]).await;
    settle(world, "a", 0, SendOutcome::Gone).await;
    assert!(endpoint(world, "team").await.disabled.is_some());
    assert_eq!(one(world, "a").await.status, Some(410));
    world.pass(3);
    let key = ("team".to_owned(), "a".to_owned());
    act(world, NotifyAction::Replay(key)).await;
    let now = world.clock.now();
    let again = one(world, "a").await;
    assert_eq!(
        (again.state, again.attempts, again.due),
        (NotificationState::Waiting, 0, now)
    );
    assert_eq!(
        (again.status, &again.error, again.ended_at),
        (None, &None, None)
    );
    settle(world, "a", 0, SendOutcome::Delivered { status: Some(204) }).await;
    let row = one(world, "a").await;
    assert_eq!(
        (row.state, row.status),
        (NotificationState::Delivered, Some(204))
    );
    assert_eq!(
        due(world, "team", now.plus(Millis::minutes(9_000))).await,
        []
    );
}

pub(super) async fn the_latest_notifications_come_first(world: &World) {
    add(world, "team", 0).await;
    add(world, "ops", 0).await;
    plan(world, "team", (0, 1), &["b", "a"]).await;
    world.pass(1);
    plan(world, "ops", (0, 1), &["a"]).await;
    world.pass(1);
    plan(world, "team", (1, 2), &["c"]).await;
    settle(world, "a", 0, SendOutcome::Delivered { status: None }).await;
    assert_eq!(
        list(world, None, None).await,
        ["team c", "ops a", "team a", "team b"]
    );
    assert_eq!(
        list(world, Some("team"), None).await,
        ["team c", "team a", "team b"]
    );
    let waiting = Some(NotificationState::Waiting);
    assert_eq!(
        list(world, Some("team"), waiting).await,
        ["team c", "team b"]
    );
    assert_eq!(
        list(world, None, Some(NotificationState::Delivered)).await,
        ["team a"]
    );
    let action = NotifyAction::RemoveEndpoint {
        name: "team".to_owned(),
        notifications: ["a", "b", "c"].map(str::to_owned).into(),
    };
    act(world, action).await;
    assert_eq!(list(world, None, None).await, ["ops a"]);
    let names = world.store.endpoints().await.expect("endpoints are read");
    assert_eq!(names.len(), 1);
}

pub(super) async fn old_notifications_are_trimmed(world: &World) {
    let keep = Millis::minutes(24 * 60);
    let policy = Policy {
        event_keep: keep,
        ..Policy::default()
    };
    let world = &world.under(policy).await;
    add(world, "team", 0).await;
    plan(
        world,
        "team",
        (0, 1),
        &["delivered", "forgotten", "retried"],
    )
    .await;
    settle(
        world,
        "delivered",
        0,
        SendOutcome::Delivered { status: None },
    )
    .await;
    // In steps, because a longer one would look like a jump of the clock.
    for _ in 0..13 {
        world.pass(60);
        world.note(sweep()).await;
    }
    settle(world, "retried", 0, failed(Some(Millis::minutes(23 * 60)))).await;
    for _ in 0..13 {
        world.pass(60);
        world.note(sweep()).await;
    }
    assert_eq!(list(world, None, None).await, ["team retried"]);
}
