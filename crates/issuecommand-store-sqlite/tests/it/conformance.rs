//! The shared suite on files: every store that a case opens is another writer of the same file.

use std::sync::Arc;

use async_trait::async_trait;
use issuecommand_conformance::Backend;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Clock;
use issuecommand_core::ports::store::Store;

use crate::common::Folder;

#[async_trait]
impl Backend for Folder {
    async fn open(&self, policy: Policy, clock: Arc<dyn Clock>) -> Arc<dyn Store> {
        Arc::new(self.open_with(policy, clock).await)
    }
}

issuecommand_conformance::conformance!(Folder::new);
