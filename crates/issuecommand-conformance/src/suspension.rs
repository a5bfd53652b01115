//! Feedback that waits for a pull request or thread to be reopened, pushes that resolve nothing, and holds that end with a
//! claim.

use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::id::ClaimId;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::domain::webhook::GithubEvent;
use issuecommand_core::engine::command::{Action, Command, Missing, Outcome};
use issuecommand_testkit::builders::{
    agent, comment, deliver, hear, issue, line_comment, local, minute, number, pull, repo, review,
    sweep, told,
};

use FollowupStatus::{Claimed, Done, InProgress, Queued, Stale};

use super::feedback_edits::{asked, said};
use super::world::feedback::answer_of;
use super::world::{API, World};

pub(super) async fn closing_suspends_and_reopening_brings_back(world: &World) {
    world.authored("ann").await;
    let first = world.asked(said(review(1))).await;
    world.followed("ann", &first, InProgress).await;
    world.asked(said(comment(2))).await;
    assert_eq!(world.happens(pull(API, 7).at(5).ended_unmerged()).await, 2);
    world.nothing_waits().await;
    world.given_nothing("ann").await;
    // Feedback meanwhile waits with the rest.
    world
        .born_done(pull(API, 7).at(6).closed().said(line_comment(3).at(6)))
        .await;
    world.pass(90);
    world.happens(pull(API, 7).at(7).reopened()).await;
    let back = world.only().await;
    assert_eq!((back.status, &back.owner), (Queued, &None));
    let names: Vec<&str> = asked(&back).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["issue_comment:2", "review:1", "review_comment:3"]);
    assert!(
        asked(&back)
            .iter()
            .all(|(_, body)| body.starts_with("Please look at"))
    );
    assert_eq!(back.window_from, world.clock.now());
    world.given_nothing("bob").await;
    assert_eq!(world.given("ann").await.id, back.id);
}

pub(super) async fn answered_feedback_does_not_reopen(world: &World) {
    let item = world.asked(said(comment(1))).await;
    world.followed("ann", &item, Claimed).await;
    world.followed("ann", &item, Done).await;
    world.asked(said(review(2).by("rita"))).await;
    world.joined(said(comment(3))).await;
    world.joined(said(line_comment(4))).await;
    world.happens(pull(API, 7).at(5).ended_unmerged()).await;
    world
        .happens(pull(API, 7).at(6).closed().approved("rita", 6))
        .await;
    world.happens(pull(API, 7).at(6).closed().deleted(3)).await;
    world.happens(pull(API, 7).at(7).reopened()).await;
    assert_eq!(asked(&world.only().await)[0].0, "review_comment:4");
    world.happens(pull(API, 7).at(8).ended_unmerged()).await;
    world.happens(pull(API, 7).at(9).ended_by_merge()).await;
    world.happens(pull(API, 7).at(10).reopened()).await;
    world.nothing_waits().await;
}

pub(super) async fn a_late_close_after_the_reopen_suspends_nothing(world: &World) {
    let item = world.asked(said(comment(1))).await;
    world.happens(pull(API, 7).at(6).reopened()).await;
    world.happens(pull(API, 7).at(5).ended_unmerged()).await;
    assert_eq!(world.only().await.id, item.id);
}

pub(super) async fn a_trimmed_text_is_refetched(world: &World) {
    let policy = Policy {
        followup_max: 0,
        ..Policy::default()
    };
    let world = &world.under(policy).await;
    world.asked(said(comment(1))).await;
    world.happens(pull(API, 7).at(5).ended_unmerged()).await;
    world.note(sweep()).await;
    let (_, look) = world.delivered(pull(API, 7).at(6).reopened()).await;
    assert!(look.is_some(), "GitHub has the text");
    world.nothing_waits().await;
    world.note(hear(said(comment(1)))).await;
    assert_eq!(asked(&world.only().await)[0].0, "issue_comment:1");
}

pub(super) async fn a_reopened_thread_waits_again(world: &World) {
    let item = world.asked(said(line_comment(1))).await;
    world.joined(said(comment(2))).await;
    world.happens(pull(API, 7).at(3).resolved(&[1])).await;
    assert_eq!(asked(&world.only().await).len(), 1);
    world.happens(pull(API, 7).at(4).unresolved(&[1])).await;
    let back = world.only().await;
    assert_eq!((back.id, asked(&back).len()), (item.id, 2));
    // Also after its follow-up has ended; and a late delivery about its resolution changes nothing.
    world.happens(pull(API, 7).at(5).resolved(&[1])).await;
    world.happens(pull(API, 7).deleted(2)).await;
    world.nothing_waits().await;
    world.happens(pull(API, 7).at(6).unresolved(&[1])).await;
    world.happens(pull(API, 7).at(5).resolved(&[1])).await;
    assert_eq!(asked(&world.only().await)[0].0, "review_comment:1");
    // Delivered before the event arrived.
    world.happens(pull(API, 8).at(6).unresolved(&[3])).await;
    world.happens(pull(API, 8).at(5).resolved(&[3])).await;
    world.delivered(pull(API, 8).said(line_comment(3))).await;
    assert_eq!(world.followups().await.len(), 2);
}

/// Delivers an event that may need a commit lookup, which then shows a merge of the base into that commit, or another commit.
async fn pushed(world: &World, id: &str, meaning: GithubEvent, into: Option<&str>) -> bool {
    let command = deliver(id, meaning);
    let mut looked = false;
    loop {
        match world.ask(command.clone()).await {
            Outcome::Done(answer) => {
                answer_of(answer);
                return looked;
            }
            Outcome::Missing(Missing::Head(question)) => {
                assert!(!looked, "it is fetched once");
                looked = true;
                let action = Action::RecordHead {
                    repo: question.repo,
                    number: question.number,
                    sha: question.sha,
                    merges_base_into: into.map(str::to_owned),
                };
                world.note(Command::system(action)).await;
            }
            other => panic!("{other:?}"),
        }
    }
}

pub(super) async fn a_merge_of_the_base_answers_nothing(world: &World) {
    let item = world.asked(said(comment(1))).await;
    let update = || pull(API, 7).at(5).head_over("m1", "c0ffee").pushed();
    assert!(pushed(world, "update", update(), Some("c0ffee")).await);
    assert_eq!(world.followups().await, std::slice::from_ref(&item));
    // It is known from now on, also for late events.
    assert!(!pushed(world, "update-2", update(), None).await);
    world
        .joined(pull(API, 7).at(5).head("m1").said(comment(2).at(4)))
        .await;
    // A commit on top of it is an ordinary push.
    let work = pull(API, 7).at(8).head_over("c2", "m1").pushed();
    assert!(pushed(world, "work", work, None).await);
    world.nothing_waits().await;
}

pub(super) async fn without_feedback_no_commit_is_looked_up(world: &World) {
    world.happens(pull(API, 7).opened()).await;
    let update = pull(API, 7).at(5).head_over("m1", "c0ffee").pushed();
    assert!(!pushed(world, "update", update, None).await);
    // Only when an event arrives that it would resolve.
    let late = pull(API, 7).at(5).head("m1").said(comment(1).at(4));
    assert!(pushed(world, "late", late, Some("c0ffee")).await);
    assert_eq!(asked(&world.only().await).len(), 1);
}

pub(super) async fn a_head_that_is_another_was_pushed_after_the_last_word_on_the_old_one(
    world: &World,
) {
    world.asked(pull(API, 7).at(3).said(review(1).at(3))).await;
    world
        .joined(pull(API, 7).at(3).said(comment(2).at(6)))
        .await;
    let polled = pull(API, 7).at(9).head("beef").edited();
    let command = hear(polled);
    let Outcome::Missing(Missing::Head(question)) = world.ask(command.clone()).await else {
        panic!("a push is looked up")
    };
    assert_eq!(
        (question.sha.as_str(), question.number),
        ("beef", number(7))
    );
    world
        .note(Command::system(Action::RecordHead {
            repo: repo(API),
            number: number(7),
            sha: question.sha,
            merges_base_into: None,
        }))
        .await;
    world.note(command).await;
    // The time of the push between minute 3 and minute 9 is unknown, so the feedback stays: losing it would be worse.
    assert_eq!(asked(&world.only().await)[0].0, "issue_comment:2");
}

pub(super) async fn our_clock_does_not_matter(world: &World) {
    // GitHub's clock is a year behind ours.
    let skew = Millis::minutes(-365 * 24 * 60);
    let skewed = |id: &str, meaning| deliver(id, meaning).skewed(skew);
    world.pass(365 * 24 * 60 + 5);
    world.note(skewed("1", said(comment(1).some_time()))).await;
    world.note(skewed("2", pull(API, 7).at(3).pushed())).await;
    assert_eq!(
        asked(&world.only().await).len(),
        1,
        "it was said at GitHub's minute 5"
    );
    world.note(skewed("3", pull(API, 7).at(8).pushed())).await;
    world.nothing_waits().await;
    world.note(skewed("4", said(comment(2).at(9)))).await;
    assert_eq!(asked(&world.only().await).len(), 1);
}

pub(super) async fn the_end_of_a_claim_ends_the_hold(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.happens(pull(API, 7).opened()).await;
    let release = |claim: ClaimId| {
        let action = Action::ReleaseClaim {
            claim,
            agent: agent("ann"),
            reason: None,
            outcome: None,
        };
        Command::new(&local(), action)
    };
    for (n, end) in (1..).zip(["released", "closed by GitHub"]) {
        let claim = world.claim("ann", API, n).await;
        let claim = world.names_its_pull(&claim, 7).await;
        let item = world.asked(pull(API, 7).said(comment(n))).await;
        world.followed("ann", &item, InProgress).await;
        let seq = world.last_event().await;
        if end == "released" {
            world.note(release(claim.id)).await;
        } else {
            let mut gone = issue(n).build();
            gone.state = issuecommand_core::domain::issue::IssueState::Closed;
            gone.updated_at = minute(60);
            world.happens(told(API, gone, "closed")).await;
        }
        let free = world.followup(item.id).await;
        assert_eq!(free.status, Stale, "{end}");
        assert!(
            world
                .kinds_after(seq)
                .await
                .contains(&EventKind::FollowupStale)
        );
        let taken = world.given("bob").await;
        assert_eq!(taken.id, item.id, "{end}");
        world.followed("bob", &taken, Done).await;
    }
}

pub(super) async fn another_claim_of_the_agent_keeps_the_hold(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.happens(pull(API, 7).opened()).await;
    let mut claims = Vec::new();
    for n in 1..=2 {
        let claim = world.claim("ann", API, n).await;
        claims.push(world.names_its_pull(&claim, 7).await);
    }
    let item = world.asked(said(comment(1))).await;
    world.followed("ann", &item, InProgress).await;
    let action = Action::ReleaseClaim {
        claim: claims[0].id,
        agent: agent("ann"),
        reason: None,
        outcome: None,
    };
    world.note(Command::new(&local(), action)).await;
    assert_eq!(world.followup(item.id).await.status, InProgress);
}
