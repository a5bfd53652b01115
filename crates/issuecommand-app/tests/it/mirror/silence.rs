//! Only evidence from GitHub closes a claim. In all other cases the claim stays unchanged, to the byte.

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::event::{Details, EventOrigin};
use issuecommand_core::domain::time::Millis;
use issuecommand_github_emulator::{Fault, NewRepo};

use crate::world::{API, Setup, github_with};

const LIST: &str = "GET /repos/acme/api/issues";
const REPO: &str = "/repos/acme/api/**";
const ALL: &str = "/**";

/// How GitHub fails, and the sync's error: `None` if it notices nothing.
enum Silence {
    /// A fault on these routes.
    Fault(&'static str, Fault),
    /// The issue is missing from an otherwise correct list.
    Vanished,
    /// The token no longer sees the repository.
    LostAccess,
}

/// With a claim on issue 1, GitHub fails for it; then GitHub recovers, and closes it.
async fn keeps_its_claim(what: &str, silence: Silence) {
    // More issues than a page holds, and another repository, whose sync must continue.
    let mut world = github_with(150);
    world.add_repo(NewRepo::named("acme/web"));
    world.open_issue("acme/web", "Another repository");
    let setup = Setup::synced(world).await;
    let claim = setup.claim("ann", API, 1).await.unwrap().claim;
    assert_eq!(claim.title, "Issue 1");
    let before = setup.dump().await;

    // Every issue changes, issue 1 first, so that it is last in the list: on page 2.
    setup.pass(Millis::minutes(1));
    setup.github.world(|world| {
        for n in 1..=150 {
            world.advance(std::time::Duration::from_secs(1));
            world.edit_title(API, n, &format!("Issue {n}, edited"));
        }
    });
    setup.clock.advance(Millis::minutes(5));
    let (mut fault, mut fails) = (None, true);
    match silence {
        Silence::Fault(route, with) => fault = Some(setup.github.fault(route, with)),
        Silence::Vanished => {
            setup.github.world(|world| world.delete_issue(API, 1));
            fails = false;
        }
        Silence::LostAccess => setup.github.world(|world| world.remove_access(API)),
    }
    let mut asked = false;
    for _ in 0..2 {
        let report = setup.sync().await;
        assert_eq!(fails, !report.failed.is_empty(), "{what}: {report:?}");
        assert_eq!(report.tally.externally_closed_claims, 0, "{what}");
        assert_eq!(report.tally.metadata_updates, 0, "{what}");
        // An issue missing from all lists is fetched by the second sync; until then nothing is known.
        if fails || !asked {
            let after = setup.dump().await;
            assert_eq!(after.claims(), before.claims(), "{what}");
            assert_eq!(setup.held(API, 1).await.as_ref(), Some(&claim), "{what}");
            assert_eq!(setup.told_of(&claim).await, [], "{what}");
        }
        asked = true;
        setup.pass(Millis::minutes(2));
    }

    // GitHub recovers, and its state is followed.
    if let Some(fault) = fault {
        setup.github.end_fault(fault);
    }
    setup.github.world(|world| {
        world.restore_access(API);
        if world.issue(API, 1).is_some() {
            world.close_issue(API, 1);
        }
    });
    // Longer than any rate limit.
    setup.pass(Millis::minutes(70));
    let report = setup.sync().await;
    assert_eq!(report.failed, [], "{what}");
    if fails {
        assert_eq!(report.tally.externally_closed_claims, 1, "{what}");
        assert_eq!(setup.held(API, 1).await, None, "{what}");
        let [told] = &setup.told_of(&claim).await[..] else {
            panic!("{what}: one event")
        };
        let Details::Moved { source, status, .. } = &told.details else {
            panic!("{what}: {:?}", told.details)
        };
        let closed = (EventOrigin::Sync, ClaimStatus::Closed);
        assert_eq!((*source, *status), closed, "{what}");
    } else {
        let held = setup
            .held(API, 1)
            .await
            .expect("a claim on an issue that GitHub does not show");
        assert_eq!(held.status, ClaimStatus::Claimed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses() {
    for code in [401, 403, 404, 500, 502, 503] {
        keeps_its_claim(
            &format!("{code} on the list"),
            Silence::Fault(LIST, Fault::status(code)),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_of_the_repository_and_of_everything() {
    for code in [403, 404, 410, 500] {
        keeps_its_claim(
            &format!("{code} on the repository"),
            Silence::Fault(REPO, Fault::status(code)),
        )
        .await;
        keeps_its_claim(
            &format!("{code} everywhere"),
            Silence::Fault(ALL, Fault::status(code)),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits() {
    let reset = crate::world::start().plus(Millis::minutes(60));
    let reset = jiff::Timestamp::from_millisecond(reset.0).unwrap();
    for code in [403, 429] {
        let limits = [
            Fault::primary_limit(code, reset),
            Fault::secondary_limit(code, Some(90)),
            Fault::secondary_limit(code, None),
        ];
        for limit in limits {
            keeps_its_claim(&format!("{limit:?}"), Silence::Fault(LIST, limit)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_breaks_off_in_page_2() {
    let ways = [
        Fault::status(404),
        Fault::status(500),
        Fault::secondary_limit(429, None),
        Fault::break_off(),
        Fault::wrong_json(),
        Fault::text("{}"),
    ];
    for way in ways {
        keeps_its_claim(
            &format!("page 2: {way:?}"),
            Silence::Fault(LIST, way.on_page(2)),
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_or_cannot_be_read() {
    keeps_its_claim("hangs", Silence::Fault(LIST, Fault::hang())).await;
    keeps_its_claim(
        "hangs in page 2",
        Silence::Fault(LIST, Fault::hang().on_page(2)),
    )
    .await;
    keeps_its_claim("breaks off", Silence::Fault(LIST, Fault::break_off())).await;
    keeps_its_claim("no JSON", Silence::Fault(LIST, Fault::wrong_json())).await;
    keeps_its_claim("no list", Silence::Fault(LIST, Fault::text("null"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_missing_from_the_list_keeps_its_claim() {
    keeps_its_claim("the repository is out of sight", Silence::LostAccess).await;
    keeps_its_claim("the issue is not in the list", Silence::Vanished).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list() {
    let setup = Setup::synced(github_with(3)).await;
    let claim = setup.claim("ann", API, 1).await.unwrap().claim;
    setup.pass(Millis::minutes(16));
    setup.github.fault(LIST, Fault::text("[]"));
    let report = setup.sync().await;
    assert_eq!(
        (report.failed.len(), report.tally.externally_closed_claims),
        (0, 0)
    );
    assert_eq!(setup.held(API, 1).await, Some(claim));
    assert_eq!(
        setup.offered(API).await,
        [2, 3],
        "an empty list takes nothing away either"
    );
}
