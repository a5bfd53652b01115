//! Pull requests with comments and reviews, and their deliveries.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use issuecommand_github_emulator::{Delivery, NewComment, NewIssue, NewPull, ReviewState, World};
use serde_json::Value;

use crate::harness::{Http, Site, Store};

pub(crate) const REPO: &str = "acme/harbour";

/// One delivery, and its feedback event if any: `review:ID`, `review_comment:ID`, `issue_comment:ID`.
#[derive(Clone, Debug)]
pub(crate) struct SentDelivery {
    pub(crate) delivery: Delivery,
    pub(super) source: Option<String>,
}

/// A site whose GitHub has one repository with so many issues, numbered from 1, and then so many pull requests; deliveries are
/// recorded from then on.
pub(crate) fn site(store: Store, issues: u64, pulls: u64) -> Site {
    let mut world = World::new();
    world.add_repo(REPO);
    for n in 1..=issues {
        world.open_issue(REPO, format!("Issue {n}").as_str());
    }
    for n in 1..=pulls {
        let title = NewIssue::titled(&format!("Change {n}")).by("ada");
        world.open_pull(REPO, NewPull::from_branch(&format!("change-{n}"), title));
    }
    world.record_deliveries();
    Site::on(store, world)
}

/// Adds one comment or review to a pull request: `n` selects the kind, and is in its text.
pub(crate) fn say(world: &mut World, pull: u64, n: usize) -> Vec<SentDelivery> {
    // Deliveries recorded before belong to other calls.
    let before = world.deliveries();
    assert!(before.is_empty(), "{before:?}");
    world.advance(Duration::from_secs(1));
    let words = NewComment::saying(&format!("Remark {n}")).by("rita");
    let source = match n % 3 {
        0 => format!(
            "review:{}",
            world.review(REPO, pull, ReviewState::ChangesRequested, words)
        ),
        1 => format!("review_comment:{}", world.review_comment(REPO, pull, words)),
        _ => format!("issue_comment:{}", world.comment(REPO, pull, words)),
    };
    // A line comment comes with a review around it that has no text.
    let mut told = world.deliveries();
    let last = told.pop().expect("what was said is told");
    let around = told.into_iter().map(|delivery| SentDelivery {
        delivery,
        source: None,
    });
    let asks = SentDelivery {
        delivery: last,
        source: Some(source),
    };
    around.chain([asks]).collect()
}

/// So many deliveries of feedback on one pull request after the other.
pub(super) fn talk(world: &mut World, pulls: &[u64], deliveries: usize) -> Vec<SentDelivery> {
    let mut told: Vec<SentDelivery> = Vec::new();
    let mut pulls = pulls.iter().cycle().enumerate();
    while told.len() < deliveries {
        let (n, pull) = pulls.next().expect("a cycle without an end");
        told.extend(say(world, *pull, n));
    }
    told.truncate(deliveries);
    told
}

/// The feedback events.
pub(super) fn sources<'a>(told: impl IntoIterator<Item = &'a SentDelivery>) -> BTreeSet<String> {
    told.into_iter()
        .filter_map(|told| told.source.clone())
        .collect()
}

/// The open follow-ups.
pub(super) fn followups(http: &Http) -> Vec<Value> {
    let reply = http.get("/api/followups");
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body["followups"].as_array().unwrap().clone()
}

/// The ids of the feedback events in a follow-up.
pub(super) fn sources_of(item: &Value) -> Vec<String> {
    let sources = item["sources"].as_array().unwrap().iter();
    sources
        .map(|source| source["source_event_id"].as_str().unwrap().to_owned())
        .collect()
}

/// How often each event is in these follow-ups.
pub(super) fn counted<'a>(items: impl IntoIterator<Item = &'a Value>) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for source in items.into_iter().flat_map(sources_of) {
        *counted.entry(source).or_default() += 1;
    }
    counted
}

/// Each of these events once.
pub(super) fn once(sources: &BTreeSet<String>) -> BTreeMap<String, usize> {
    sources.iter().map(|source| (source.clone(), 1)).collect()
}
