//! Attacks by users who can write on GitHub but not in the repository, through the webhook and through polls, against the real
//! service. None of them moves a claim, silences a reviewer or stops the mirror.

mod bodies;
mod names;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::Claim;
use issuecommand_core::domain::id::PullKey;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Millis;
use issuecommand_github_emulator::World;

use crate::world::{API, Http, Setup, StoreKind};

/// What an adversary wants to change: the claim's status, its linked pull request, its pull request URL.
type ClaimState = (&'static str, Option<PullKey>, Option<String>);

/// A service with a webhook, and one claim of `ann` on issue 1.
struct Trial {
    setup: Setup,
    http: Http,
    claim: Claim,
}

impl Trial {
    /// Begins after a first sync of this world. Later changes are delivered to the webhook.
    async fn begin(kind: StoreKind, mut world: World) -> Self {
        world.set_rate_limit(1_000_000);
        let setup = Setup::with(kind, world, Policy::default(), Scope::All).await;
        assert_eq!(setup.sync().await.failed, []);
        setup.github.world(World::record_deliveries);
        let http = Http::serving(&setup).await;
        let claim = setup.claim("ann", API, 1).await.unwrap().claim;
        setup.pass(Millis::minutes(5));
        Self { setup, http, claim }
    }

    /// Changes GitHub and delivers the change.
    async fn told<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let result = self.unheard(change);
        self.deliver().await;
        result
    }

    /// Changes GitHub without a delivery.
    fn unheard<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        self.setup.pass(Millis::minutes(1));
        self.setup.github.world(change)
    }

    async fn deliver(&self) {
        for delivery in self.setup.github.deliveries() {
            let reply = self.http.deliver(&delivery).await;
            assert!(
                reply.status < 300,
                "{} {}: {reply:?}",
                delivery.event,
                delivery.action
            );
        }
    }

    /// A poll in which nothing may fail.
    async fn poll(&self) {
        self.setup.pass(Millis::minutes(1));
        assert_eq!(self.setup.sync().await.failed, []);
    }

    /// The state of the claim.
    async fn standing(&self) -> ClaimState {
        let claim = self.setup.held(API, 1).await.expect("the claim is held");
        assert_eq!(claim.id, self.claim.id);
        (claim.status.as_str(), claim.pull, claim.pr_url)
    }
}
