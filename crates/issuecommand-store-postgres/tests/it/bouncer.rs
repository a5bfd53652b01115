//! Behind PgBouncer in transaction mode: no session state is used, and LISTEN is not relied on.

use std::sync::Arc;

use async_trait::async_trait;
use issuecommand_conformance::{Backend, cases, run};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Clock;
use issuecommand_core::ports::store::Store;
use issuecommand_store_postgres::PostgresOptions;
use issuecommand_testkit::postgres::{Durability, PgBouncer, Server};

use crate::breaking::agent_pool::AgentPool;
use crate::common::TestDatabase;

/// A database, and the way to it.
#[derive(Debug)]
struct BehindPgBouncer {
    place: TestDatabase,
    bouncer: PgBouncer,
    _server: Server,
}

impl BehindPgBouncer {
    fn new() -> Option<Self> {
        let server = Server::start(Durability::None)?;
        Some(Self {
            bouncer: PgBouncer::before(&server)?,
            place: TestDatabase::of(&server, ""),
            _server: server,
        })
    }

    fn options(&self) -> PostgresOptions {
        PostgresOptions::new(&self.bouncer.url(self.place.database())).unwrap()
    }
}

#[async_trait]
impl Backend for BehindPgBouncer {
    async fn open(&self, policy: Policy, clock: Arc<dyn Clock>) -> Arc<dyn Store> {
        let mut options = self.options();
        options.readers = 2;
        options.clock = Some(clock);
        Arc::new(options.open(policy).await.unwrap())
    }
}

#[test]
fn conformance_cases_pass_behind_pgbouncer() {
    macro_rules! each {
        ($($module:ident::$case:ident,)+) => {
            $(run(BehindPgBouncer::new(), async |world| cases::$module::$case(world).await);)+
        };
    }
    each! {
        claims::one_of_sixty_four_at_once,
        next_issue::concurrent_filters_all_get_an_issue,
        events::every_change_at_once_has_its_line,
        events::a_waiter_for_changes_is_woken,
        concurrent_handles::a_lease_is_shared_by_all_handles,
        followup_queue::feedback_comes_before_new_issues,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn four_instances_share_three_connections() {
    let Some(behind) = BehindPgBouncer::new() else {
        return;
    };
    let mut stores = Vec::new();
    for _ in 0..4 {
        let store = behind.options().open(Policy::default()).await;
        stores.push(Arc::new(store.unwrap()));
    }
    let agents = AgentPool::with_issues(&stores, 300).await;
    agents.work(16).await;
    agents.check(&stores).await;
    assert!(agents.figures().ends_with("{}"), "{}", agents.figures());
}
