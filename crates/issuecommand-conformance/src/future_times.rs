//! GitHub times in the future: they hide nothing, and GitHub's responses override them.

use issuecommand_core::domain::issue::{Issue, IssueFilter, IssueLookup, IssueState};
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::domain::webhook::Refetch;
use issuecommand_core::engine::command::{Action, Command, Outcome};
use issuecommand_testkit::builders::{
    IssueDraft, comment, deliver, finish_poll, hear, issue, minute, number, pull, record_issue,
    record_issues, repo, told,
};

use super::world::feedback::answer_of;
use super::world::{API, World};

/// The year 2199.
const FAR: Timestamp = Timestamp(7_226_582_400_000);

fn at(moment: Timestamp, draft: IssueDraft) -> Issue {
    Issue {
        updated_at: moment,
        ..draft.build()
    }
}

fn seen(issue: IssueDraft) -> IssueLookup {
    IssueLookup::Issue {
        issue: Box::new(issue.build()),
        etag: None,
    }
}

async fn offered(world: &World) -> Vec<i64> {
    world.offered(&IssueFilter::default()).await
}

/// What must be refetched after a delivery.
async fn look(world: &World, command: Command) -> Option<Refetch> {
    match world.ask_now(command).await {
        Outcome::Done(answer) => answer_of(answer).1,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn a_row_from_2199_moves_no_watermark_and_hides_nothing(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let far = at(FAR, issue(1).title("far"));
    world.ask_now(record_issues(API, [far.clone()])).await;
    assert_eq!(world.row(API, 1).await.facts.title, "far");
    assert!(world.row(API, 1).await.facts.updated_at <= world.clock.now());
    let mut finish = finish_poll(API, world.clock.now());
    if let Action::FinishPoll { watermark, .. } = &mut finish.action {
        *watermark = Some(FAR);
    }
    world.ask_now(finish).await;
    let watermark = world.repo(API).await.expect("it is known").watermark;
    assert_eq!(watermark, Some(world.clock.now()));
    // The same row again changes nothing, and the next change is newer.
    let before = world.row(API, 1).await;
    world.pass(5);
    world.ask_now(record_issues(API, [far])).await;
    assert_eq!(world.row(API, 1).await, before);
    let news = at(world.clock.now(), issue(1).title("news"));
    world.note(record_issues(API, [news])).await;
    assert_eq!(world.row(API, 1).await.facts.title, "news");
}

pub(super) async fn a_delivery_from_the_future_applies_until_the_next_one(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let ahead = world.clock.now().plus(Millis::minutes(120));
    let closed = told(API, at(ahead, issue(1).closed()), "closed");
    let asked = look(world, deliver("1", closed)).await;
    assert_eq!(asked, Some(Refetch::Issue(repo(API), number(1))));
    assert_eq!(world.row(API, 1).await.facts.state, IssueState::Closed);
    // The following fetch shows it open for long.
    world.note(record_issue(API, 1, seen(issue(1)))).await;
    assert_eq!(offered(world).await, [1]);
}

pub(super) async fn a_new_issue_from_the_future_is_known_and_can_change(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let opened = issue(2).opened(world.clock.now().plus(Millis::minutes(120)));
    look(world, deliver("1", told(API, opened, "opened"))).await;
    let row = world.row(API, 2).await.facts;
    assert!(row.created_at <= world.clock.now() && row.updated_at <= world.clock.now());
    world.pass(1);
    let closed = at(world.clock.now(), issue(2).closed());
    world.happens(told(API, closed, "closed")).await;
    assert_eq!(offered(world).await, [1]);
}

pub(super) async fn a_fetch_overrides_deliveries_up_to_a_minute_older(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let minute_ahead = world.clock.now().plus(Millis::minutes(1));
    let closed = told(API, at(minute_ahead, issue(1).closed()), "closed");
    world.ask_now(deliver("1", closed)).await;
    // The response may have been on its way when the delivery arrived.
    world.clock.advance(Millis::minutes(1));
    world.note(record_issue(API, 1, seen(issue(1)))).await;
    assert_eq!(offered(world).await, [0; 0]);
    world.clock.advance(Millis(1));
    world.note(record_issue(API, 1, seen(issue(1)))).await;
    assert_eq!(offered(world).await, [1]);
}

pub(super) async fn a_list_does_not_override_like_a_fetch(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world
        .happens(told(API, at(minute(1), issue(1).closed()), "closed"))
        .await;
    world.pass(60);
    world.note(record_issues(API, [issue(1)])).await;
    assert_eq!(offered(world).await, [0; 0]);
}

pub(super) async fn a_minute_ahead_still_counts_by_githubs_own_clock(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let now = world.clock.now();
    let skew = Millis::minutes(60);
    let of = |minutes: i64, n: i64| {
        let changed = at(
            now.plus(Millis::minutes(minutes)),
            issue(1).title(&n.to_string()),
        );
        deliver(&n.to_string(), told(API, changed, "edited")).skewed(skew)
    };
    assert_eq!(look(world, of(61, 1)).await, None);
    let row = world.row(API, 1).await.facts;
    assert_eq!(row.updated_at, now.plus(Millis::minutes(61)));
    assert!(look(world, of(62, 2)).await.is_some());
    let row = world.row(API, 1).await.facts;
    assert_eq!(
        (row.title.as_str(), row.updated_at),
        ("2", now.plus(Millis::minutes(61)))
    );
}

pub(super) async fn a_pull_request_from_the_future_is_refetched(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.happens(pull(API, 7).at(0).opened()).await;
    let closed = deliver("1", pull(API, 7).at(120).ended_unmerged());
    let asked = look(world, closed).await;
    assert_eq!(asked, Some(Refetch::Pull(repo(API), number(7))));
    // GitHub shows it open and unchanged since, so feedback on it is work.
    world.pass(1);
    world.note(hear(pull(API, 7).at(0).edited())).await;
    world.asked(pull(API, 7).at(1).said(comment(1).at(1))).await;
}

pub(super) async fn feedback_from_the_future_can_be_edited(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let said = pull(API, 7).said(comment(1).at(120).body("first"));
    world.ask_now(deliver("1", said)).await;
    world.pass(2);
    let edited = pull(API, 7).said(comment(1).at(0).edited("second", 2));
    world.note(deliver("2", edited)).await;
    let [item] = &world.followups().await[..] else {
        panic!("one item was expected")
    };
    assert_eq!(item.sources[0].body, "second");
}
