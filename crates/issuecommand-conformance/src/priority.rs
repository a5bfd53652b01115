//! Another priority table.

use issuecommand_core::domain::id::IssueKey;
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::priority::{Priority, PriorityTable};
use issuecommand_core::engine::command::Answer;
use issuecommand_testkit::builders::{issue, next, rerank};

use super::world::{API, World};

async fn with_table(world: &World, table: &str) -> World {
    let priority = PriorityTable::parse(table).expect("a good table");
    world
        .under(Policy {
            priority,
            ..Policy::default()
        })
        .await
}

async fn page(world: &World, after: Option<IssueKey>) -> Option<IssueKey> {
    match world.note(rerank(after)).await {
        Answer::Reranked(last) => last,
        other => panic!("{other:?}"),
    }
}

pub(super) async fn ranks_are_computed_anew(world: &World) {
    assert_eq!(world.health().await.priority_source, None);
    world
        .mirror(
            API,
            [
                issue(1),
                issue(2).labels(&["p0"]),
                issue(3).labels(&["now"]),
            ],
        )
        .await;
    world.claim("bob", API, 1).await;
    assert_eq!(world.offered(&IssueFilter::default()).await, [2, 3]);
    let table = "critical=now;low=p0";
    let world = &with_table(world, table).await;
    assert_eq!(page(world, None).await, None);
    let source = PriorityTable::parse(table).expect("a good table");
    let known = world.health().await.priority_source;
    let known = known.expect("all are ranked");
    assert!(known.starts_with(source.source()), "{known}");
    assert_eq!(world.offered(&IssueFilter::default()).await, [3, 2]);
    assert_eq!(
        (world.row(API, 2).await.rank, world.row(API, 1).await.rank),
        (Priority::Low, Priority::Medium)
    );
    let before = world.everything().await;
    assert_eq!(page(world, None).await, None);
    assert_eq!(world.everything().await, before);
    let (claim, _) = world.claimed(next("ann")).await;
    assert_eq!(claim.number.get(), 3);
}

pub(super) async fn page_by_page_where_there_are_many(world: &World) {
    world
        .mirror("acme/web", (1..=300).map(|n| issue(n).labels(&["now"])))
        .await;
    world
        .mirror(API, (1..=300).map(|n| issue(n).labels(&["now"])))
        .await;
    let world = &with_table(world, "critical=now").await;
    let last = page(world, None).await.expect("there are more than 500");
    assert_eq!(world.health().await.priority_source, None);
    assert_eq!(page(world, Some(last)).await, None);
    assert!(world.health().await.priority_source.is_some());
    for name in ["acme/web", API] {
        for n in 1..=300 {
            assert_eq!(
                world.row(name, n).await.rank,
                Priority::Critical,
                "{name}#{n}"
            );
        }
    }
}
