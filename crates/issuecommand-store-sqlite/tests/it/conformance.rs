//! The shared suite, on files: every store that a case opens is another writer on the same one.

use std::sync::Arc;

use async_trait::async_trait;
use issuecommand_core::policy::Policy;
use issuecommand_core::store::Store;
use issuecommand_core::time::Clock;
use issuecommand_testkit::conformance::Backend;

use crate::common::Folder;

#[async_trait]
impl Backend for Folder {
    async fn open(&self, policy: Policy, clock: Arc<dyn Clock>) -> Arc<dyn Store> {
        Arc::new(self.open_with(policy, clock).await)
    }
}

issuecommand_testkit::conformance!(Folder::new);
