//! Claiming one issue by its number.

use super::world::{API, World};
use crate::builders::{claim, issue};

pub(super) async fn an_issue_goes_to_who_asks_first(world: &World) {
    world.mirror(API, [issue(1)]).await;
    let ann = world.claim("ann", API, 1).await;
    let (again, idempotent) = world.claimed(claim("ann", API, 1)).await;
    assert_eq!((again, idempotent), (ann, true));
}
