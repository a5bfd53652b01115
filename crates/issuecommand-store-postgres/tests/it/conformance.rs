//! The shared suite: every store that a case opens is another instance on the same database.

use std::sync::Arc;

use async_trait::async_trait;
use issuecommand_conformance::Backend;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Clock;
use issuecommand_core::ports::store::Store;

use crate::common::TestDatabase;

#[async_trait]
impl Backend for TestDatabase {
    async fn open(&self, policy: Policy, clock: Arc<dyn Clock>) -> Arc<dyn Store> {
        Arc::new(self.open_with(policy, clock).await)
    }
}

issuecommand_conformance::conformance!(TestDatabase::opened);
