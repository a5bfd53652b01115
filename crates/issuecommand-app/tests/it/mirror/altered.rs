//! GitHub's responses with one altered field: nothing is closed by it, valid data is used, and one clean sync repairs the
//! mirror.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::time::Millis;
use issuecommand_github_emulator::{
    Alteration, Association, Fault, NewComment, NewIssue, NewPull, ReviewState,
};
use issuecommand_testkit::builders::{number, repo};
use issuecommand_testkit::http::github_json;
use issuecommand_testkit::prove::rounds;
use serde_json::Value;

use crate::world::{API, Setup, github_with};

/// Changes on GitHub everything that a sync reads. The last change is the first row of the list of issues.
fn happens(setup: &Setup, [review, line, under]: [u64; 3], round: u32) {
    setup.pass(Millis::minutes(1));
    setup.github.world(|world| {
        world.edit_title(API, 4, &format!("Good {round}"));
        world.edit_body(API, 5, &format!("Closes #1\n\n{round}"));
        let text = format!("Said {round}");
        world.edit_review(API, 5, review, &text);
        world.edit_review_comment(API, 5, line, &text);
        world.edit_comment(API, 5, under, &text);
    });
    drop(setup.github.deliveries());
    setup.pass(Millis::seconds(1));
    let title = format!("Altered {round}");
    setup.github.world(|world| world.edit_title(API, 3, &title));
}

async fn title(setup: &Setup, n: i64) -> String {
    let row = setup.store.issue(&repo(API), number(n)).await.unwrap();
    row.unwrap().facts.title
}

#[tokio::test(flavor = "multi_thread")]
async fn prove_one_wrong_field_closes_nothing_and_is_healed_by_one_sync() {
    let mut world = github_with(4);
    world.add_member(API, "ada", Association::Member);
    world.set_rate_limit(10_000_000);
    world.record_deliveries();
    let setup = Setup::synced(world).await;
    for n in [1, 2] {
        setup.claim("ann", API, n).await.unwrap();
    }
    setup.pass(Millis::minutes(1));
    let said = setup.github.world(|world| {
        let new = NewIssue::titled("Mend it").body("Closes #1").by("ada");
        let pull = world.open_pull(API, NewPull::from_branch("mend", new));
        assert_eq!(pull, 5);
        let no = NewComment::saying("No").by("rita");
        let review = world.review(API, pull, ReviewState::ChangesRequested, no);
        let here = NewComment::saying("Here").by("rita");
        let line = world.review_comment(API, pull, here.on_line("src/a.rs", 3));
        let under = world.comment(API, pull, NewComment::saying("Hm").by("rita"));
        [review, line, under]
    });
    setup.deliver().await;
    assert_eq!(setup.sync().await.failed, []);
    happens(&setup, said, 0);
    setup.github.forget_requests();
    assert_eq!(setup.sync().await.failed, []);
    let requests = setup.github.requests();
    assert!(requests.len() >= 6, "{requests:?}");
    let (mut count, mut round) = (0_u32, 0);
    for request in requests {
        let target = request.target();
        let route = format!("GET {}", request.path);
        let document = github_json(setup.github.url(), "test-token", &target).await;
        for alteration in Alteration::all_of(&document) {
            count += 1;
            if !count.is_multiple_of(rounds(41, 1)) {
                continue;
            }
            round += 1;
            happens(&setup, said, round);
            let fault = Fault::altered(&alteration.pointer, alteration.to.clone());
            let fault = setup.github.fault(&route, fault);
            setup.sync().await;
            setup.github.end_fault(fault);
            let case = format!("{route} {alteration:?}");
            // GitHub shows an empty text so: without keywords the link ends, until a delivery brings new ones. Polls read the
            // pull requests that claims name.
            let emptied = request.path.ends_with("/pulls/5")
                && alteration.pointer == "/body"
                && alteration.to == Some(Value::Null);
            assert_eq!(title(&setup, 4).await, format!("Good {round}"), "{case}");
            for heals in [false, true] {
                let one = setup.held(API, 1).await.expect(&case);
                let pull = one.pull.map(|(_, number)| number.get());
                let expected = if emptied {
                    (ClaimStatus::Claimed, None)
                } else {
                    (ClaimStatus::PrSubmitted, Some(5))
                };
                assert_eq!((one.status, pull), expected, "{case}");
                // It may be stale by now, because no agent sends a heartbeat in all these rounds.
                assert!(setup.held(API, 2).await.is_some(), "{case}");
                if !heals {
                    setup.pass(Millis::minutes(1));
                    assert_eq!(setup.sync().await.failed, [], "{case}");
                }
            }
            if emptied {
                let closes = "Closes #1 again";
                setup.github.world(|world| world.edit_body(API, 5, closes));
                setup.deliver().await;
            }
            assert_eq!(title(&setup, 3).await, format!("Altered {round}"), "{case}");
            assert_eq!(setup.offered(API).await, [3, 4], "{case}");
            let health = setup.store.health(&Scope::All).await.unwrap();
            assert_eq!(health.sync_failures, [], "{case}");
        }
    }
    assert!(round > 20, "{round}");
}
