//! Waiting events of one pull request coalesce in one follow-up, and each event is recorded once.

use issuecommand_core::domain::event::{Details, EventKind, EventOrigin as Doing};
use issuecommand_core::domain::followup::{
    Concerns, FeedbackEvent, Followup, FollowupEntry, FollowupStatus, SourceFacts, SourceId,
    SourceKind,
};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Clock;
use issuecommand_core::domain::webhook::{GithubEvent, WebhookAnswer};
use issuecommand_testkit::builders::{
    agent, comment, deliver, hear, line_comment, minute, number, pull, repo, review,
};

use FollowupStatus::{Claimed, Done, Stale};

use super::world::feedback::answer_of;
use super::world::{API, World};

fn ids(item: &Followup) -> Vec<String> {
    let ids = item.sources.iter().map(|source| source.id.to_string());
    ids.collect()
}

pub(super) async fn a_followup_says_all_of_its_event(world: &World) {
    let said = line_comment(4)
        .body("Why „unsafe“?\r\n\0 \u{1F980}")
        .by_a_ghost();
    let meaning = pull(API, 7).title("Add \"it\"").said(said.clone());
    let seq = world.last_event().await;
    world.note(deliver("d-1", meaning)).await;
    let [item] = &world.followups().await[..] else {
        panic!("one follow-up was expected")
    };
    let (status, now) = (FollowupStatus::Queued, world.clock.now());
    let place = world.repo(API).await.expect("it is known by now");
    let expected = Followup {
        id: item.id,
        repo: place.id,
        repo_name: repo(API),
        repo_offered: true,
        number: number(7),
        pr_url: "https://github.com/acme/api/pull/7".to_owned(),
        pr_title: "Add \"it\"".to_owned(),
        sources: vec![FeedbackEvent {
            delivery: Some("d-1".to_owned()),
            facts: SourceFacts::of(&said.source(), minute(0)),
            ..said.source()
        }],
        unloaded: None,
        status,
        created_at: now,
        last_updated: now,
        owner: None,
        claimed_at: None,
        done_at: None,
        dismiss_reason: None,
        window_from: now,
        history: vec![FollowupEntry {
            status,
            timestamp: now,
            note: Some("Created from webhook event".to_owned()),
        }],
        earlier: 0,
        concerns: Concerns::default(),
        author: None,
        session: None,
        signed_at: issuecommand_core::domain::time::Timestamp(0),
    };
    assert_eq!(*item, expected);
    let events = world.events_after(seq).await;
    let made = events
        .iter()
        .find(|event| event.kind == EventKind::FollowupCreated);
    let made = made.expect("it is told");
    assert_eq!((made.item, &made.agent), (Some(item.id), &None));
    assert_eq!((&made.repo, made.pull), (&Some(repo(API)), Some(number(7))));
    let details = Details::FollowupCreated {
        kind: SourceKind::ReviewComment,
        source: SourceId::review_comment(4),
    };
    assert_eq!(made.details, details);
}

pub(super) async fn a_waiting_followup_takes_new_feedback(world: &World) {
    let first = world.asked(pull(API, 7).said(comment(3))).await;
    world.pass(1);
    let seq = world.last_event().await;
    let second = world.joined(pull(API, 7).said(line_comment(2))).await;
    assert_eq!(second.id, first.id);
    assert_eq!(
        (second.created_at, second.window_from),
        (first.created_at, first.window_from)
    );
    assert_eq!(second.last_updated, world.clock.now());
    assert_eq!(second.history, first.history);
    let event = &world.events_after(seq).await[0];
    assert_eq!(
        (event.kind, event.item),
        (EventKind::FollowupUpdated, Some(first.id))
    );
    let details = Details::FollowupMoved {
        source: Doing::Webhook,
        status: FollowupStatus::Queued,
        note: Some("review_comment:2 joined".to_owned()),
    };
    assert_eq!(event.details, details);
    let third = world.joined(pull(API, 7).said(review(1))).await;
    // In order of arrival; the most urgent event decides the priority.
    assert_eq!(
        ids(&third),
        ["issue_comment:3", "review_comment:2", "review:1"]
    );
    let kinds = [first.kind(), second.kind(), third.kind()];
    let expected = [
        SourceKind::PrComment,
        SourceKind::ReviewComment,
        SourceKind::ReviewChangesRequested,
    ];
    assert_eq!(kinds, expected);
    assert_eq!(world.followups().await, [third]);
}

pub(super) async fn feedback_during_a_hold_goes_to_a_second_followup(world: &World) {
    let first = world.asked(pull(API, 7).said(comment(1))).await;
    let first = world.followed("ann", &first, Claimed).await;
    let second = world.asked(pull(API, 7).said(comment(2))).await;
    let grown = world.joined(pull(API, 7).said(comment(3))).await;
    assert_eq!((grown.id, ids(&grown).len()), (second.id, 2));
    assert_eq!(world.followup(first.id).await, first);
    // Held, it takes no more events either.
    world.followed("ann", &second, Claimed).await;
    let third = world.asked(pull(API, 7).said(comment(4))).await;
    assert_eq!(ids(&third), ["issue_comment:4"]);
    assert_eq!(world.followups().await.len(), 3);
}

pub(super) async fn a_stale_followup_takes_new_feedback(world: &World) {
    let item = world.asked(pull(API, 7).said(comment(1))).await;
    world.followed("ann", &item, Claimed).await;
    let stale = world.followed("ann", &item, Stale).await;
    let grown = world.joined(pull(API, 7).said(comment(2))).await;
    assert_eq!((grown.status, &grown.owner), (Stale, &Some(agent("ann"))));
    assert_eq!(ids(&grown), ["issue_comment:1", "issue_comment:2"]);
    assert_eq!(grown.history, stale.history);
}

pub(super) async fn an_event_is_taken_once(world: &World) {
    let meaning = || pull(API, 7).said(review(1));
    let item = world.asked(meaning()).await;
    let again = async |status: Option<FollowupStatus>| {
        let before = world.followups().await;
        for answer in [
            world.delivered(meaning()).await.0,
            answer_of(world.note(hear(meaning())).await).0,
        ] {
            let expected = WebhookAnswer::Feedback {
                kind: SourceKind::ReviewChangesRequested,
                source: SourceId::review(1),
                created: false,
                idempotent: true,
                item: Some(item.id),
                repo: repo(API),
                pull: number(7),
            };
            assert_eq!(answer, expected, "{status:?}");
        }
        assert_eq!(world.followups().await, before, "{status:?}");
    };
    again(Some(item.status)).await;
    world.followed("ann", &item, Claimed).await;
    again(Some(Claimed)).await;
    world.followed("ann", &item, Done).await;
    again(None).await;
}

pub(super) async fn a_poll_and_a_delivery_make_one(world: &World) {
    let meaning = || pull(API, 7).said(comment(1));
    let seq = world.last_event().await;
    let answer = answer_of(world.note(hear(meaning())).await).0;
    assert!(matches!(
        answer,
        WebhookAnswer::Feedback { created: true, .. }
    ));
    // Nothing was delivered so far.
    assert_eq!(world.kinds_after(seq).await, [EventKind::FollowupCreated]);
    let [item] = &world.followups().await[..] else {
        panic!("one follow-up was expected")
    };
    assert_eq!(item.sources[0].delivery, None);
    world.note(hear(pull(API, 7).said(comment(2)))).await;
    let details = world.events_after(seq).await[1].details.clone();
    assert!(matches!(
        details,
        Details::FollowupMoved {
            source: Doing::Sync,
            ..
        }
    ));
    world.delivered(meaning()).await;
    assert_eq!(world.followups().await.len(), 1);
}

pub(super) async fn one_each_where_it_is_configured(world: &World) {
    let policy = Policy {
        coalesce: false,
        ..Policy::default()
    };
    let world = &world.under(policy).await;
    let first = world.asked(pull(API, 7).said(comment(1))).await;
    world.asked(pull(API, 7).said(comment(2))).await;
    world.asked(pull(API, 7).said(review(3))).await;
    assert_eq!(world.followups().await.len(), 3);
    // One agent per pull request still holds.
    world.followed("ann", &first, Claimed).await;
    for item in world.followups().await {
        world.kept_from("bob", &item, "ann").await;
    }
}

pub(super) async fn text_with_the_agent_marker_creates_no_followup(world: &World) {
    let words = "Done in abc.\n\n<!-- issuecommand -->";
    for said in [comment(1), line_comment(2), review(3)] {
        let said = said.body(words).marked().own();
        let (answer, _) = world.delivered(pull(API, 7).said(said)).await;
        assert!(matches!(answer, WebhookAnswer::Ignored(_)), "{answer:?}");
    }
    assert_eq!(world.followups().await, []);
    // Anybody may copy the marker, so it has no effect here.
    world
        .asked(pull(API, 7).said(comment(4).body(words).marked()))
        .await;
}

pub(super) async fn bot_comments_create_no_followup_where_configured(world: &World) {
    let said = |id| pull(API, 7).said(comment(id).by_a_bot());
    let item = world.asked(said(1)).await;
    assert_eq!(item.sources[0].requested_by.as_deref(), Some("linter[bot]"));
    let policy = Policy {
        ignore_bots: true,
        ..Policy::default()
    };
    let world = &world.under(policy).await;
    let (answer, _) = world.delivered(said(2)).await;
    assert!(matches!(answer, WebhookAnswer::Ignored(_)), "{answer:?}");
    world.joined(pull(API, 7).said(comment(3))).await;
    assert_eq!(
        ids(&world.followups().await[0]),
        ["issue_comment:1", "issue_comment:3"]
    );
}

pub(super) async fn a_minimal_payload_creates_a_followup(world: &World) {
    let GithubEvent::Feedback {
        mut repo,
        mut pull,
        source,
        voice,
    } = pull(API, 7).said(comment(1).some_time())
    else {
        panic!("it is feedback")
    };
    (repo.facts, pull.title, pull.url, pull.open) = (None, None, None, None);
    let meaning = GithubEvent::Feedback {
        repo,
        pull,
        source,
        voice,
    };
    let item = world.asked(meaning).await;
    assert_eq!(item.pr_url, "https://github.com/acme/api/pull/7");
    assert_eq!(item.pr_title, "");
    let item = world.followed("ann", &item, Claimed).await;
    world.followed("ann", &item, Done).await;
}
