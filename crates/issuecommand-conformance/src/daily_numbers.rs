//! What happened on each day, and what each agent did.

use std::collections::BTreeMap;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::daily::{DailyKey, Day, Measure, bucket_of};
use issuecommand_core::domain::followup::FollowupStatus;
use issuecommand_core::domain::time::{Clock as _, Millis};
use issuecommand_core::ports::read_model::DailyNumber;
use issuecommand_testkit::builders::{
    agent, follow, issue, pull, release, repo, review, sweep, update,
};

use super::world::{API, World};

const WEB: &str = "acme/web";

async fn numbers(world: &World, scope: Scope, from: Day, to: Day) -> Vec<DailyNumber> {
    let numbers = world.store.daily(&scope, from, to).await;
    numbers.expect("numbers are read")
}

/// The sums of today by measure.
async fn today(world: &World, scope: Scope) -> BTreeMap<Measure, u64> {
    let day = Day::of(world.clock.now());
    let mut sums = BTreeMap::new();
    for number in numbers(world, scope, day, day).await {
        *sums.entry(number.key.measure).or_default() += number.n;
    }
    sums
}

async fn totals(world: &World, who: &str) -> Vec<(Measure, u64)> {
    let totals = world.store.agent_totals(&agent(who)).await;
    totals.expect("numbers are read").into_iter().collect()
}

fn only(name: &str) -> Scope {
    Scope::Only([repo(name)].into())
}

pub(super) async fn claims_are_counted_where_they_are_made(world: &World) {
    assert_eq!(numbers(world, Scope::All, Day(0), Day(i64::MAX)).await, []);
    world.mirror(API, (1..=3).map(issue)).await;
    world.mirror(WEB, [issue(1)]).await;
    let first = world.claim("ann", API, 1).await;
    world.claim("ann", API, 2).await;
    world.claim("bob", WEB, 1).await;
    // Asking again for what one has is no claim.
    world
        .note(issuecommand_testkit::builders::claim("ann", API, 2))
        .await;
    world.moved(&first, ClaimStatus::InProgress).await;
    let counted = |n| BTreeMap::from([(Measure::Claims, n)]);
    assert_eq!(today(world, Scope::All).await, counted(3));
    assert_eq!(today(world, only(API)).await, counted(2));
    assert_eq!(today(world, only(WEB)).await, counted(1));
    assert_eq!(today(world, only("acme/none")).await, BTreeMap::new());
    assert_eq!(totals(world, "ann").await, [(Measure::Claims, 2)]);
    assert_eq!(totals(world, "cid").await, []);
    world.note(release(&first)).await;
    assert_eq!(
        totals(world, "ann").await,
        [(Measure::Claims, 2), (Measure::Released, 1)]
    );
    let day = Day::of(world.clock.now());
    world.pass(24 * 60);
    world.poll(API).await;
    world.claim("cid", API, 3).await;
    assert_eq!(today(world, Scope::All).await, counted(1));
    let both = numbers(world, Scope::All, day, Day(day.0 + 1)).await;
    assert!(both.is_sorted());
    let claims = both
        .iter()
        .filter(|number| number.key.measure == Measure::Claims);
    assert_eq!(claims.map(|number| number.n).collect::<Vec<_>>(), [3, 1]);
}

pub(super) async fn a_merge_is_counted_once_with_its_time(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    let held = world.claim("ann", API, 1).await;
    world.moved(&held, ClaimStatus::InProgress).await;
    world.pass(90);
    world
        .happens(pull(API, 7).at(91).closes(&[(API, 1)]).opened())
        .await;
    let begun = world.holder(API, 1).await.expect("it is held");
    world
        .happens(pull(API, 7).at(100).closes(&[(API, 1)]).ended_by_merge())
        .await;
    let merged = world.holder(API, 1).await.expect("it is held");
    assert_eq!(merged.status, ClaimStatus::PrMerged);
    let length = Millis(merged.last_updated.0 - begun.claimed_at.0);
    let day = Day::of(world.clock.now());
    let merges = async || {
        let all = numbers(world, Scope::All, Day(0), day).await;
        let merges = all
            .into_iter()
            .filter(|number| number.key.measure == Measure::Merges);
        let merges = merges.map(|number| (number.key.bucket, number.n));
        merges.collect::<Vec<_>>()
    };
    assert_eq!(merges().await, [(bucket_of(length), 1)]);
    // Its end is no second merge, and no release.
    world.note(update(&merged, ClaimStatus::Closed)).await;
    assert_eq!(merges().await, [(bucket_of(length), 1)]);
    assert_eq!(
        totals(world, "ann").await,
        [(Measure::Claims, 1), (Measure::Merges, 1)]
    );
}

pub(super) async fn a_close_by_githubs_word_of_a_claim_with_a_pull_request_is_its_merge(
    world: &World,
) {
    world.mirror(API, [issue(1), issue(2)]).await;
    for n in [1, 2] {
        let held = world.claim("ann", API, n).await;
        world.moved(&held, ClaimStatus::InProgress).await;
    }
    world
        .happens(pull(API, 7).at(91).closes(&[(API, 1)]).opened())
        .await;
    world
        .mirror(
            API,
            [
                issue(1).closed().changed(900),
                issue(2).closed().changed(900),
            ],
        )
        .await;
    assert_eq!(world.holder(API, 1).await, None);
    assert_eq!(
        totals(world, "ann").await,
        [
            (Measure::Claims, 2),
            (Measure::Merges, 1),
            (Measure::Released, 1)
        ]
    );
}

pub(super) async fn silence_and_answers_are_counted(world: &World) {
    world.mirror(API, [issue(1)]).await;
    world.claim("ann", API, 1).await;
    world
        .happens(pull(API, 7).closes(&[(API, 1)]).opened())
        .await;
    let item = world.asked(pull(API, 7).said(review(1))).await;
    world.pass(10);
    world
        .note(follow("ann", item.id, FollowupStatus::InProgress))
        .await;
    world.pass(20);
    world
        .note(follow("ann", item.id, FollowupStatus::Done))
        .await;
    let day = Day::of(world.clock.now());
    let answers = numbers(world, only(API), day, day).await;
    let mut answers = answers
        .iter()
        .filter(|number| number.key.measure == Measure::Answers);
    let answer = answers.next().expect("an answer");
    let length = Millis(world.clock.now().0 - item.created_at.0);
    assert_eq!((answer.key.bucket, answer.n), (bucket_of(length), 1));
    // Long enough for any claim.
    world.pass(20_000);
    world.note(sweep()).await;
    assert_eq!(
        totals(world, "ann").await,
        [(Measure::Claims, 1), (Measure::Stale, 1)]
    );
}

pub(super) async fn the_queue_is_measured_once_an_hour(world: &World) {
    world.mirror(API, (1..=3).map(issue)).await;
    world.mirror(WEB, [issue(1)]).await;
    world.claim("ann", API, 1).await;
    world.note(sweep()).await;
    let levels = async |scope: Scope| {
        let day = Day::of(world.clock.now());
        let all = numbers(world, scope, day, day).await;
        let levels = all
            .into_iter()
            .filter(|number| matches!(number.key.measure, Measure::Queue | Measure::Agents));
        let levels = levels.map(|number| (number.key.measure, number.n));
        levels.collect::<Vec<_>>()
    };
    let first = [(Measure::Queue, 3), (Measure::Agents, 1)];
    let mut found = levels(Scope::All).await;
    found.sort_unstable();
    assert_eq!(found, first);
    let mut api = levels(only(API)).await;
    api.sort_unstable();
    assert_eq!(api, [(Measure::Queue, 2), (Measure::Agents, 1)]);
    // The same hour is not measured again.
    world.claim("bob", API, 2).await;
    world.note(sweep()).await;
    let mut found = levels(Scope::All).await;
    found.sort_unstable();
    assert_eq!(found, first);
    world.pass(60);
    world.note(sweep()).await;
    let mut found = levels(Scope::All).await;
    found.sort_unstable();
    assert_eq!(
        found,
        [
            (Measure::Queue, 2),
            (Measure::Queue, 3),
            (Measure::Agents, 1),
            (Measure::Agents, 2)
        ]
    );
}

pub(super) async fn numbers_are_kept_for_four_hundred_days(world: &World) {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.claim("ann", API, 1).await;
    let day = Day::of(world.clock.now());
    world.pass(DailyKey::KEPT * 24 * 60);
    world.poll(API).await;
    world.note(sweep()).await;
    let kept = numbers(world, Scope::All, day, day).await;
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(totals(world, "ann").await[0], (Measure::Claims, 1));
    world.pass(24 * 60);
    world.poll(API).await;
    world.note(sweep()).await;
    assert_eq!(numbers(world, Scope::All, day, day).await, []);
}
