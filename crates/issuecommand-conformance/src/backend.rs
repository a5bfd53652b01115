//! The interface of a backend to the suite, and how a case is run on it.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::time::Clock;
use issuecommand_core::ports::store::Store;

use super::World;

/// One place for data: a file, a database, a piece of memory. New and empty for every case, removed when dropped.
#[async_trait]
pub trait Backend: Send + Sync + fmt::Debug {
    /// Opens a store on that place under these settings. Every call opens another handle on the same data, as another process
    /// would; all of them are used at once.
    async fn open(&self, policy: Policy, clock: Arc<dyn Clock>) -> Arc<dyn Store>;
}

/// A backend, or an `Option` of one if it may be missing.
pub trait OpenedStore {
    /// The backend that the cases run against.
    type Backend: Backend + 'static;

    /// The backend, if there is one.
    fn backend(self) -> Option<Self::Backend>;
}

impl<B: Backend + 'static> OpenedStore for B {
    type Backend = B;

    fn backend(self) -> Option<B> {
        Some(self)
    }
}

impl<B: Backend + 'static> OpenedStore for Option<B> {
    type Backend = B;

    fn backend(self) -> Option<B> {
        self
    }
}

/// Runs one case on a new world. Does nothing without a backend; its constructor has reported that.
///
/// # Panics
/// When the store is not as the case says.
pub fn run(offer: impl OpenedStore, case: impl AsyncFnOnce(&World)) {
    let Some(backend) = offer.backend() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build();
    runtime
        .expect("a runtime can be built")
        .block_on(async { case(&World::new(backend).await).await });
}
