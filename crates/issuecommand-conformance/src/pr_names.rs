//! Naming a pull request: several claims with one, and the forms of its address.

use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::domain::webhook::GithubEvent;
use issuecommand_testkit::builders::{issue, line_comment, pull, update};

use ClaimStatus::{Claimed, Released};

use super::pr_links::{claimed, derived, now, says, seen, url};
use super::world::{API, World};

pub(super) async fn the_other_holder_of_a_pull_request_is_notified(world: &World) {
    let ann = claimed(world).await;
    let bob = world.claim("bob", API, 2).await;
    world.note(says(&ann, Claimed, Some(&url(7)))).await;
    assert_eq!(now(world, &ann).await.pull_notice, None);
    let seq = world.last_event().await;
    let (answer, _) = world.claimed(says(&bob, Claimed, Some(&url(7)))).await;
    let notice = answer.pull_notice.expect("the second is told");
    assert!(notice.contains("#1") && notice.contains("ann"), "{notice}");
    let notice = now(world, &ann)
        .await
        .pull_notice
        .expect("the first is told");
    assert!(notice.contains("#2") && notice.contains("bob"), "{notice}");
    let told: Vec<_> = world
        .events_after(seq)
        .await
        .into_iter()
        .filter_map(|event| event.claim)
        .collect();
    assert!(told.contains(&ann.id) && told.contains(&bob.id), "{told:?}");
    // A claim with another pull request no longer shares it, as the next event shows.
    world.note(says(&bob, Claimed, Some(&url(8)))).await;
    world.happens(pull(API, 7).at(1).pushed()).await;
    assert_eq!(now(world, &ann).await.pull_notice, None);
    assert_eq!(now(world, &bob).await.pull_notice, None);
}

pub(super) async fn feedback_goes_to_the_claim_whose_issue_it_names(world: &World) {
    // The keywords of a comment, the branch of its pull request, and its owner: ann's claim is the older one.
    for (n, words, branch, whose) in [
        (21, "Please mend", "mend", "ann"),
        (22, "This breaks #2", "mend", "bob"),
        (23, "This breaks #3", "mend", "ann"),
        (24, "Please mend", "fix/issue-2", "bob"),
        (25, "As said in acme/api#1", "2-mend", "ann"),
        (
            26,
            "See https://github.com/acme/api/issues/2",
            "1-mend",
            "bob",
        ),
        (27, "This is acme/web#2", "mend", "ann"),
    ] {
        for (agent, issue) in [("ann", 1), ("bob", 2)] {
            let claim = match world.holder(API, issue).await {
                Some(claim) => claim,
                None => claimed_of(world, agent, issue).await,
            };
            world.note(says(&claim, Claimed, Some(&url(n)))).await;
            world.clock.advance(Millis(1));
        }
        let draft = pull(API, n).branch(branch);
        let item = world.asked(draft.said(line_comment(n).body(words))).await;
        let author = item.author.expect("claims name it");
        assert_eq!(
            author.preferred.as_ref().map(AgentId::as_str),
            Some(whose),
            "{words} on {branch}"
        );
        let other = if whose == "ann" { "bob" } else { "ann" };
        world.given_nothing(other).await;
        assert_eq!(world.given(whose).await.id, item.id);
        world.happens(pull(API, n).at(1).ended_by_merge()).await;
        for issue in [1, 2] {
            let claim = world.holder(API, issue).await.expect("it is held");
            world.note(update(&claim, Released)).await;
        }
    }
}

async fn claimed_of(world: &World, agent: &str, n: i64) -> Claim {
    world.mirror(API, [issue(1), issue(2)]).await;
    world.claim(agent, API, n).await
}

pub(super) async fn an_address_is_understood_in_every_form(world: &World) {
    let claim = claimed(world).await;
    for (given, n) in [
        ("https://github.com/acme/api/pull/11/files?w=1#diff", 11),
        ("<https://github.com/Acme/API/pull/12>.", 12),
        ("acme/api#13", 13),
        ("#14", 14),
        ("https://api.github.com/repos/acme/api/pulls/15", 15),
        ("PR: https://github.com/acme/api/pull/16", 16),
    ] {
        let (after, _) = world.claimed(says(&claim, Claimed, Some(given))).await;
        assert_eq!(
            (after.pr_url.clone(), seen(&after).1),
            (Some(url(n)), Some(n)),
            "{given}"
        );
        assert_eq!(now(world, &claim).await, after);
    }
    for given in [
        "https://gitlab.com/acme/api/pull/7",
        "see my branch",
        "https://github.com/acme/api/issues/7",
    ] {
        let (after, _) = world.claimed(says(&claim, Claimed, Some(given))).await;
        assert_eq!((after.pr_url.as_deref(), after.pull), (Some(given), None));
    }
}

pub(super) async fn fields_missing_from_a_payload_change_nothing(world: &World) {
    let claim = derived(world).await;
    let mut thin = pull(API, 7).at(1).pushed();
    if let GithubEvent::Pull { pull, .. } = &mut thin {
        (pull.has_text, pull.created_at, pull.trusted) = (false, None, false);
    }
    world.happens(thin).await;
    assert_eq!(seen(&now(world, &claim).await), seen(&claim));
    assert!(now(world, &claim).await.last_updated <= world.clock.now());
}
