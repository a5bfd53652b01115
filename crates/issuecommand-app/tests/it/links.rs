//! Links between claims and pull requests, by signed deliveries and by polls, from GitHub's JSON to the database.

use issuecommand_core::domain::claim::{Claim, ClaimStatus, LinkOrigin};
use issuecommand_core::domain::event::EventKind;
use issuecommand_core::domain::time::Millis;
use issuecommand_github_emulator::{
    Association, Fault, NewIssue, NewPull, NewRepo, Permission, ReviewState, World,
};
use serde_json::{Value, json};

use ClaimStatus::{Claimed, InProgress, PrMerged, PrSubmitted};

use crate::world::{API, Http, Setup, StoreKind, github_with};

on_each_store!(
    prove_what_a_writer_opens_is_linked_and_followed,
    prove_what_a_stranger_opens_moves_nothing,
    prove_a_link_follows_the_text_and_the_base,
    prove_a_pull_request_that_was_there_before_moves_nothing,
    prove_words_of_a_template_move_nothing,
    prove_another_repository_moves_nothing,
    prove_an_agents_link_wins,
    prove_addresses_are_understood,
    prove_polls_keep_a_link_true,
    prove_a_link_to_a_missing_pull_request_is_reported,
);

struct LinkFixture {
    setup: Setup,
    http: Http,
}

impl LinkFixture {
    async fn new(kind: StoreKind, prepare: impl FnOnce(&mut World)) -> Self {
        let mut world = github_with(4);
        world.add_member(API, "ada", Association::Member);
        prepare(&mut world);
        world.record_deliveries();
        let setup = Setup::synced_on(kind, world).await;
        let http = Http::serving(&setup).await;
        Self { setup, http }
    }

    /// Changes GitHub a minute later, and delivers the change.
    async fn happens<T>(&self, what: impl FnOnce(&mut World) -> T) -> T {
        self.setup.pass(Millis::minutes(1));
        let done = self.setup.github.world(what);
        for delivery in self.setup.github.deliveries() {
            let reply = self.http.deliver(&delivery).await;
            assert!(reply.status < 300, "{delivery:?}: {reply:?}");
        }
        done
    }

    /// Changes GitHub without a delivery, so that a poll finds the change.
    async fn is_polled<T>(&self, what: impl FnOnce(&mut World) -> T) -> T {
        self.setup.pass(Millis::minutes(1));
        let done = self.setup.github.world(what);
        drop(self.setup.github.deliveries());
        assert_eq!(self.setup.sync().await.failed, []);
        done
    }

    async fn claim(&self, n: i64) -> Claim {
        self.setup.claim("ann", API, n).await.unwrap().claim
    }

    async fn held(&self, n: i64) -> Claim {
        self.setup.held(API, n).await.expect("it is held")
    }

    async fn seen(&self, n: i64) -> (ClaimStatus, Option<i64>, Option<LinkOrigin>) {
        let claim = self.held(n).await;
        let pull = claim.pull.map(|(_, number)| number.get());
        (claim.status, pull, claim.link_origin())
    }

    async fn says(&self, claim: &Claim, body: Value) -> Value {
        let mut body = body;
        body["agent_id"] = json!(claim.agent.as_str());
        let path = format!("/api/claims/{}", claim.id);
        let reply = self.http.json("PATCH", &path, &body).await;
        assert_eq!(reply.status, 200, "{body}: {reply:?}");
        reply.body
    }
}

fn pull(who: &str, body: &str) -> NewPull {
    NewPull::from_branch(
        &format!("mend-{}", body.len()),
        NewIssue::titled("Mend it").body(body).by(who),
    )
}

fn number(n: u64) -> Option<i64> {
    i64::try_from(n).ok()
}

async fn prove_what_a_writer_opens_is_linked_and_followed(kind: StoreKind) {
    let fixture = LinkFixture::new(kind, |world| {
        world.add_private_member(API, "priv");
        world.add_collaborator(API, "tess", Permission::Triage);
    })
    .await;
    // Trusted by the author's association, by its branch in the repository, by the author's permission.
    for (n, who, forked) in [
        (1, "ada", true),
        (2, "agent[bot]", false),
        (3, "priv", true),
    ] {
        fixture.claim(n).await;
        let mut new = pull(who, &format!("Closes #{n}"));
        if forked {
            new = new.from_fork(who);
        }
        let opened = fixture.happens(|world| world.open_pull(API, new)).await;
        let derived = Some(LinkOrigin::Derived);
        assert_eq!(
            fixture.seen(n).await,
            (PrSubmitted, number(opened), derived),
            "{who}"
        );
        fixture.happens(|world| world.push(API, opened)).await;
        assert_eq!(
            fixture.seen(n).await,
            (PrSubmitted, number(opened), derived),
            "{who}"
        );
    }
    // The permission is cached: one request for two deliveries.
    assert_eq!(
        fixture
            .setup
            .asked("/repos/acme/api/collaborators/**")
            .len(),
        1
    );
    // GitHub closes the issue with the merge, and so the claim.
    let pull = fixture.held(1).await.pull.unwrap().1.get();
    fixture
        .happens(|world| world.merge_pull(API, pull.unsigned_abs()))
        .await;
    assert!(fixture.setup.held(API, 1).await.is_none());
    let events = fixture.setup.store.events_after(0, 10_000).await.unwrap();
    assert!(
        events
            .iter()
            .any(|event| event.kind == EventKind::ClaimUpdated)
    );
}

async fn prove_what_a_stranger_opens_moves_nothing(kind: StoreKind) {
    let fixture = LinkFixture::new(kind, |world| {
        for (login, association) in [
            ("connie", Association::Contributor),
            ("fred", Association::FirstTimeContributor),
            ("tim", Association::FirstTimer),
            ("manny", Association::Mannequin),
        ] {
            world.add_member(API, login, association);
        }
        world.set_permission(API, "triss", Permission::Triage);
        world.set_permission(API, "rhea", Permission::Read);
    })
    .await;
    let claim = fixture.claim(1).await;
    for who in ["nobody", "connie", "fred", "tim", "manny", "triss", "rhea"] {
        let new = pull(who, "Closes #1").from_fork(who);
        let opened = fixture.happens(|world| world.open_pull(API, new)).await;
        fixture.happens(|world| world.push(API, opened)).await;
        fixture
            .happens(|world| {
                world.review(API, opened, ReviewState::ChangesRequested, "No");
            })
            .await;
        fixture.happens(|world| world.close_pull(API, opened)).await;
        fixture.happens(|world| world.reopen(API, opened)).await;
        assert_eq!(fixture.held(1).await, claim, "{who}");
    }
    // Edited in later.
    let opened = fixture
        .happens(|world| world.open_pull(API, pull("nobody", "Hello").from_fork("nobody")))
        .await;
    fixture
        .happens(|world| world.edit_body(API, opened, "Closes #1"))
        .await;
    assert_eq!(fixture.held(1).await, claim);
    // Without a response there is no trust: a private member's pull request is not linked while GitHub is silent, and is when
    // it answers again.
    fixture
        .setup
        .github
        .world(|world| world.add_private_member(API, "priv"));
    let route = "/repos/acme/api/collaborators/**";
    fixture.setup.github.fault(route, Fault::status(500));
    let opened = fixture
        .happens(|world| world.open_pull(API, pull("priv", "Fixes #1").from_fork("priv")))
        .await;
    assert_eq!(fixture.held(1).await, claim);
    fixture.setup.github.end_faults();
    fixture.happens(|world| world.push(API, opened)).await;
    assert_eq!(fixture.seen(1).await.1, number(opened));
}

async fn prove_a_link_follows_the_text_and_the_base(kind: StoreKind) {
    let fixture = LinkFixture::new(kind, |_| {}).await;
    fixture.claim(1).await;
    fixture.claim(2).await;
    let opened = fixture
        .happens(|world| world.open_pull(API, pull("ada", "Closes #1")))
        .await;
    assert_eq!(fixture.seen(1).await.0, PrSubmitted);
    fixture
        .happens(|world| world.edit_body(API, opened, "Closes #2"))
        .await;
    assert_eq!(fixture.seen(1).await, (Claimed, None, None));
    assert_eq!(
        fixture.seen(2).await,
        (PrSubmitted, number(opened), Some(LinkOrigin::Derived))
    );
    let history = fixture.held(1).await.history;
    assert!(
        history
            .last()
            .unwrap()
            .note
            .as_ref()
            .unwrap()
            .contains("no longer"),
        "{history:?}"
    );
    fixture
        .happens(|world| world.change_base(API, opened, "next"))
        .await;
    assert_eq!(fixture.seen(2).await, (Claimed, None, None));
    fixture
        .happens(|world| world.change_base(API, opened, "main"))
        .await;
    assert_eq!(fixture.seen(2).await.0, PrSubmitted);
    // A second one competes, replaces the first when that is closed, and gives nothing back.
    let second = fixture
        .happens(|world| world.open_pull(API, pull("ada", "Resolves #2, too")))
        .await;
    let told = fixture.held(2).await.pull_notice.expect("a notice");
    assert!(told.contains(&format!("/pull/{second}")), "{told}");
    let events = fixture.setup.store.events_after(0, 10_000).await.unwrap();
    let competing = events
        .iter()
        .filter(|event| event.kind == EventKind::ClaimCompetingPr);
    assert_eq!(competing.count(), 1);
    fixture.happens(|world| world.close_pull(API, opened)).await;
    assert_eq!(
        fixture.seen(2).await,
        (PrSubmitted, number(second), Some(LinkOrigin::Derived))
    );
    fixture.happens(|world| world.close_pull(API, second)).await;
    assert_eq!(fixture.seen(2).await, (Claimed, None, None));
}

async fn prove_a_pull_request_that_was_there_before_moves_nothing(kind: StoreKind) {
    let fixture = LinkFixture::new(kind, |_| {}).await;
    let old = fixture
        .happens(|world| world.open_pull(API, pull("ada", "Closes #1")))
        .await;
    fixture.setup.pass(Millis::minutes(1));
    let claim = fixture.claim(1).await;
    fixture.happens(|world| world.push(API, old)).await;
    fixture.happens(|world| world.close_pull(API, old)).await;
    assert_eq!(fixture.held(1).await, claim);
    fixture.happens(|world| world.reopen(API, old)).await;
    assert_eq!(fixture.held(1).await, claim);
    // Merged two days ago, so feedback on it does not concern the reopened issue.
    fixture.happens(|world| world.merge_pull(API, old)).await;
    assert!(fixture.setup.held(API, 1).await.is_none());
    fixture.happens(|world| world.reopen(API, 1)).await;
    fixture.setup.pass(Millis::minutes(2 * 24 * 60));
    fixture.setup.sync().await;
    let claim = fixture.claim(1).await;
    fixture
        .happens(|world| {
            world.review_comment(API, old, "One more thing");
        })
        .await;
    assert_eq!(fixture.held(1).await, claim);
    fixture
        .happens(|world| world.edit_body(API, old, "Closes #1, really"))
        .await;
    assert_eq!(fixture.held(1).await, claim);
}

async fn prove_words_of_a_template_move_nothing(kind: StoreKind) {
    let fixture = LinkFixture::new(kind, |_| {}).await;
    let claim = fixture.claim(1).await;
    for body in [
        "<!-- Closes #1 -->\n\nSome words",
        "```\nCloses #1\n```",
        "> Closes #1",
        "`Closes #1`",
        "Closes https://ghe.example/acme/api/issues/1",
    ] {
        fixture
            .happens(|world| world.open_pull(API, pull("ada", body)))
            .await;
        assert_eq!(fixture.held(1).await, claim, "{body}");
    }
}

async fn prove_another_repository_moves_nothing(kind: StoreKind) {
    let fixture = LinkFixture::new(kind, |world| {
        world.add_repo(NewRepo::named("acme/repo1"));
        world.add_member("acme/repo1", "mallory", Association::Owner);
    })
    .await;
    let claim = fixture.claim(1).await;
    let new = pull("mallory", "Closes acme/api#1");
    let opened = fixture
        .happens(|world| world.open_pull("acme/repo1", new))
        .await;
    fixture
        .happens(|world| world.merge_pull("acme/repo1", opened))
        .await;
    // The emulated GitHub closed the issue, which the real one would not do: the claim ended with it, and not by a link.
    let history = match fixture.setup.held(API, 1).await {
        Some(held) => held.history,
        None => Vec::new(),
    };
    assert!(history.len() <= claim.history.len(), "{history:?}");
    let moved = fixture.setup.told_of(&claim).await;
    assert!(
        moved
            .iter()
            .all(|event| !format!("{event:?}").contains("PrMerged")),
        "{moved:?}"
    );
}

async fn prove_an_agents_link_wins(kind: StoreKind) {
    let fixture = LinkFixture::new(kind, |_| {}).await;
    let claim = fixture.claim(1).await;
    fixture.says(&claim, json!({"status": "in_progress"})).await;
    let first = fixture
        .happens(|world| world.open_pull(API, pull("ada", "Closes #1")))
        .await;
    assert_eq!(fixture.seen(1).await.0, PrSubmitted);
    // Its heartbeats for hours.
    let told = fixture.says(&claim, json!({"status": "in_progress"})).await;
    assert_eq!(
        (&told["claim"]["status"], &told["claim"]["pr_link"]),
        (&json!("in_progress"), &json!("derived"))
    );
    let second = fixture
        .happens(|world| world.open_pull(API, pull("ada", "Another way")))
        .await;
    let url = format!("https://github.com/{API}/pull/{second}");
    let told = fixture
        .says(&claim, json!({"status": "pr_submitted", "pr_url": url}))
        .await;
    assert_eq!(
        (&told["claim"]["pr_url"], &told["claim"]["pr_link"]),
        (&json!(url), &json!("agent"))
    );
    fixture
        .happens(|world| world.edit_body(API, first, "Closes nothing"))
        .await;
    assert_eq!(
        fixture.seen(1).await,
        (PrSubmitted, number(second), Some(LinkOrigin::Agent))
    );
    // Merged before its agent submits it: the agent may still submit it, and is told of the merge.
    let other = fixture.claim(2).await;
    fixture.says(&other, json!({"status": "in_progress"})).await;
    let third = fixture
        .happens(|world| world.open_pull(API, pull("ada", "Quick")))
        .await;
    let url = format!("https://github.com/{API}/pull/{third}");
    fixture
        .says(&other, json!({"status": "in_progress", "pr_url": url}))
        .await;
    fixture.happens(|world| world.merge_pull(API, third)).await;
    assert_eq!(fixture.seen(2).await.0, PrMerged);
    fixture
        .says(&other, json!({"status": "pr_submitted", "pr_url": url}))
        .await;
    assert_eq!(fixture.seen(2).await.0, PrSubmitted);
    // Two agents with one pull request are told of each other.
    let bob = fixture.setup.claim("bob", API, 3).await.unwrap().claim;
    let told = fixture
        .says(&bob, json!({"status": "claimed", "pr_url": url}))
        .await;
    assert!(
        told["claim"]["pr_notice"].as_str().unwrap().contains("ann"),
        "{told}"
    );
    assert!(fixture.held(2).await.pull_notice.unwrap().contains("bob"));
}

async fn prove_addresses_are_understood(kind: StoreKind) {
    let fixture = LinkFixture::new(kind, |_| {}).await;
    let claim = fixture.claim(1).await;
    let opened = fixture
        .happens(|world| world.open_pull(API, pull("ada", "Words")))
        .await;
    let kept = format!("https://github.com/{API}/pull/{opened}");
    for given in [
        format!("{kept}."),
        format!("<{kept}/files>"),
        format!("{API}#{opened}"),
        format!("#{opened}"),
        format!("https://api.github.com/repos/{API}/pulls/{opened}"),
    ] {
        let told = fixture
            .says(&claim, json!({"status": "claimed", "pr_url": given}))
            .await;
        assert_eq!(
            (&told["claim"]["pr_url"], told.get("warnings")),
            (&json!(kept), None),
            "{given}"
        );
    }
    for given in [
        "my branch is ready",
        "https://gitlab.example/acme/api/pull/1",
        "nobody/knows#3",
    ] {
        let told = fixture
            .says(&claim, json!({"status": "claimed", "pr_url": given}))
            .await;
        assert_eq!(told["claim"]["pr_url"], given);
        let warning = told["warnings"][0].as_str().unwrap();
        assert!(
            warning.contains(given) && warning.contains("will not be noticed"),
            "{warning}"
        );
    }
    assert_eq!(fixture.held(1).await.status, Claimed);
}

async fn prove_polls_keep_a_link_true(kind: StoreKind) {
    let fixture = LinkFixture::new(kind, |_| {}).await;
    fixture.claim(1).await;
    let claim = fixture.claim(2).await;
    fixture.says(&claim, json!({"status": "in_progress"})).await;
    let opened = fixture
        .happens(|world| world.open_pull(API, pull("ada", "Closes #1")))
        .await;
    assert_eq!(fixture.seen(1).await.0, PrSubmitted);
    fixture.is_polled(|world| world.push(API, opened)).await;
    assert_eq!(fixture.seen(1).await.0, PrSubmitted);
    fixture
        .is_polled(|world| world.edit_body(API, opened, "Closes #2"))
        .await;
    assert_eq!(fixture.seen(1).await, (Claimed, None, None));
    // The result of the poll fits the other claim.
    assert_eq!(
        fixture.seen(2).await,
        (PrSubmitted, number(opened), Some(LinkOrigin::Derived))
    );
    fixture
        .is_polled(|world| world.close_pull(API, opened))
        .await;
    assert_eq!(fixture.seen(2).await, (InProgress, None, None));
    // A closed one that the agent named: it is notified, and a merge found by a poll moves the claim.
    let own = fixture
        .is_polled(|world| world.open_pull(API, pull("ada", "Mine")))
        .await;
    fixture
        .says(
            &claim,
            json!({"status": "pr_submitted", "pr_url": format!("#{own}")}),
        )
        .await;
    fixture.is_polled(|world| world.close_pull(API, own)).await;
    assert!(fixture.held(2).await.pull_notice.is_some());
    fixture.is_polled(|world| world.reopen(API, own)).await;
    assert_eq!(fixture.held(2).await.pull_notice, None);
    fixture.is_polled(|world| world.merge_pull(API, own)).await;
    assert_eq!(
        fixture.seen(2).await,
        (PrMerged, number(own), Some(LinkOrigin::Agent))
    );
}

async fn prove_a_link_to_a_missing_pull_request_is_reported(kind: StoreKind) {
    let fixture = LinkFixture::new(kind, |_| {}).await;
    // An unused number, twice, and that of an issue.
    let named = [(1, 5), (2, 6), (3, 4)];
    for (n, number) in named {
        let claim = fixture.claim(n).await;
        let body = json!({"status": "in_progress", "pr_url": format!("#{number}")});
        fixture.says(&claim, body).await;
    }
    fixture.is_polled(|_| ()).await;
    for (n, number) in named {
        let claim = fixture.held(n).await;
        let notice = claim.pull_notice.clone().unwrap_or_default();
        assert!(notice.contains(&format!("#{number}")), "{notice}");
        let kinds: Vec<EventKind> = (fixture.setup.told_of(&claim).await.iter())
            .map(|event| event.kind)
            .collect();
        assert_eq!(kinds, [EventKind::ClaimUpdated; 2], "moved, then notified");
    }
    fixture.is_polled(|_| ()).await;
    for (n, _) in named {
        assert_eq!(fixture.setup.told_of(&fixture.held(n).await).await.len(), 2);
    }
    // GitHub shows it later: in a poll, and in a delivery.
    let opened = fixture
        .is_polled(|world| world.open_pull(API, pull("ada", "Mine")))
        .await;
    assert_eq!((opened, fixture.held(1).await.pull_notice), (5, None));
    let opened = fixture
        .happens(|world| world.open_pull(API, pull("ada", "Yours")))
        .await;
    assert_eq!((opened, fixture.held(2).await.pull_notice), (6, None));
    // A 404 of the repository is no evidence about its contents.
    let seen = fixture.held(1).await;
    fixture.setup.github.world(|world| world.remove_access(API));
    fixture.setup.sync().await;
    assert_eq!(fixture.held(1).await.pull_notice, seen.pull_notice);
    // The right one.
    fixture
        .setup
        .github
        .world(|world| world.restore_access(API));
    let claim = fixture.held(3).await;
    assert!(claim.pull_notice.is_some());
    fixture
        .says(&claim, json!({"status": "in_progress", "pr_url": "#5"}))
        .await;
    let notice = fixture.held(3).await.pull_notice.unwrap_or_default();
    assert!(!notice.contains("#4"), "{notice}");
}
