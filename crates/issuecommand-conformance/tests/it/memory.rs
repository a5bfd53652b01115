//! The suite on core's own store, which is the reference.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use issuecommand_conformance::Backend;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Clock;
use issuecommand_core::memory::MemoryStore;
use issuecommand_core::ports::store::Store;
use issuecommand_testkit::ids::TestIds;

/// The memory of the first store that was opened in it.
#[derive(Debug, Default)]
struct Memory(OnceLock<MemoryStore>);

#[async_trait]
impl Backend for Memory {
    async fn open(&self, policy: Policy, clock: Arc<dyn Clock>) -> Arc<dyn Store> {
        let first = || MemoryStore::new(policy.clone(), clock, Box::new(TestIds::default()));
        Arc::new(self.0.get_or_init(first).beside(policy.clone()))
    }
}

issuecommand_conformance::conformance!(Memory::default);
