//! Deliveries whose repository has the id of one repository and the name of another. They are signed by our own hook. Their
//! names are verified with GitHub, and no claim ends by them.

use issuecommand_github_emulator::{Delivery, NewIssue, World};
use issuecommand_testkit::builders::repo;
use serde_json::json;

use super::Trial;
use crate::world::{API, StoreKind, github_with};

on_each_store!(
    an_id_and_a_name_that_disagree_end_no_claim,
    a_name_that_changed_hands_goes_to_whom_github_says,
);

const OTHER: &str = "acme/other";

/// The deliveries of a change that is then undone.
fn forged(world: &World, change: impl FnOnce(&mut World)) -> Vec<Delivery> {
    let mut copy = world.clone();
    change(&mut copy);
    copy.deliveries()
}

async fn an_id_and_a_name_that_disagree_end_no_claim(kind: StoreKind) {
    let mut world = github_with(3);
    world.add_repo(OTHER);
    for n in 1..=3 {
        world.open_issue(OTHER, NewIssue::titled(&format!("Other {n}")));
    }
    let (api, other) = (world.repo(API).unwrap().id, world.repo(OTHER).unwrap().id);
    let trial = Trial::begin(kind, world).await;
    trial.setup.claim("bob", OTHER, 1).await.unwrap();
    let before = trial.standing().await;
    let deliveries = trial.setup.github.world(|world| {
        world.advance(std::time::Duration::from_mins(1));
        let mut all = Vec::new();
        for name in [API, OTHER] {
            all.extend(forged(world, |w| w.close_issue(name, 1)));
            all.extend(forged(world, |w| w.delete_issue(name, 1)));
            all.extend(forged(world, |w| {
                w.transfer_issue(name, 1, if name == API { OTHER } else { API });
            }));
        }
        all
    });
    let ids = [api, other, 7];
    for delivery in deliveries {
        for id in ids {
            let said = delivery.json()["repository"]["id"].as_u64();
            if said == Some(id) {
                continue;
            }
            let odd = delivery.clone().altered(|body| {
                body["repository"]["id"] = json!(id);
            });
            let odd = Delivery {
                id: format!("{}-{id}", delivery.id),
                ..odd
            };
            let reply = trial.http.deliver(&odd).await;
            assert!(reply.status < 500, "{odd:?}: {reply:?}");
        }
    }
    trial.poll().await;
    trial.poll().await;
    assert_eq!(trial.standing().await, before);
    let bobs = trial.setup.held(OTHER, 1).await.expect("bob has it still");
    assert_eq!(bobs.agent.as_str(), "bob");
    let repos = trial.setup.store.repos().await.unwrap();
    for (name, id) in [(API, api), (OTHER, other)] {
        let known = repos
            .iter()
            .find(|known| known.repo.facts.name == repo(name));
        let known = known.unwrap_or_else(|| panic!("{name} in {repos:?}"));
        assert_eq!(known.repo.facts.github_id, i64::try_from(id).unwrap());
        assert!(known.repo.offered, "{name}");
    }
    assert_eq!(trial.setup.offered(API).await, [2, 3]);
    assert_eq!(trial.setup.offered(OTHER).await, [2, 3]);
}

async fn a_name_that_changed_hands_goes_to_whom_github_says(kind: StoreKind) {
    let trial = Trial::begin(kind, github_with(3)).await;
    let before = trial.standing().await;
    // Renamed, and another repository is created under the old name, with issues of the same numbers.
    let deliveries = trial.unheard(|world| {
        world.rename_repo(API, "acme/core");
        world.add_repo(API);
        for n in 1..=3 {
            world.open_issue(API, NewIssue::titled(&format!("Impostor {n}")));
        }
        world.close_issue(API, 1);
        world.deliveries()
    });
    // In the most surprising order.
    for delivery in deliveries.iter().rev() {
        let reply = trial.http.deliver(delivery).await;
        assert!(reply.status < 300, "{delivery:?}: {reply:?}");
    }
    trial.poll().await;
    trial.poll().await;
    let held = trial
        .setup
        .held("acme/core", 1)
        .await
        .expect("it went with its repository");
    assert_eq!(held.id, trial.claim.id);
    assert_eq!((held.status.as_str(), held.pull, held.pr_url), before);
    assert_eq!(trial.setup.offered("acme/core").await, [2, 3]);
    assert_eq!(
        trial.setup.offered(API).await,
        [2, 3],
        "the other repository's own"
    );
}
