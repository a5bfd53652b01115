//! What every store must do, whatever it is made of: plain functions over a store and a clock. A backend is right when all
//! of them pass.
//!
//! A backend's crate writes, in its tests,
//!
//! ```ignore
//! struct File(TempDir);
//!
//! #[async_trait]
//! impl Backend for File {
//!     async fn open(&self, policy: Policy, clock: Arc<dyn Clock>) -> Arc<dyn Store> { … }
//! }
//!
//! issuecommand_testkit::conformance!(|| File(tempfile::tempdir().unwrap()));
//! ```
//!
//! and gets one test for each case. The list below is the only one: a case that is not on it is dead code and does not
//! compile without a warning, a name without a case does not compile at all.

mod claiming;
mod world;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use issuecommand_core::policy::Policy;
use issuecommand_core::store::Store;
use issuecommand_core::time::Clock;

pub use self::world::World;

/// One place that holds data: a file, a database, a piece of memory. New and empty for every case, gone when dropped.
#[async_trait]
pub trait Backend: Send + Sync + fmt::Debug {
    /// A store on that place, under these settings. Every call gives another one on the same data, as another process
    /// would have it; all of them are used at once.
    async fn open(&self, policy: Policy, clock: Arc<dyn Clock>) -> Arc<dyn Store>;
}

/// Runs one case on a new world.
///
/// # Panics
/// When the store is not as the case says.
pub fn run(backend: impl Backend + 'static, case: impl AsyncFnOnce(&World)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build();
    runtime
        .expect("a runtime can be built")
        .block_on(async { case(&World::new(backend).await).await });
}

/// Makes the tests of a backend, and the public face of every case, from one list.
macro_rules! suite {
    ($d:tt $($module:ident { $($case:ident,)+ })+) => {
        /// Every case, by what it is about.
        pub mod cases {
            $(#[expect(missing_docs, reason = "the names are sentences")] pub mod $module {
                $(pub async fn $case(world: &crate::conformance::World) {
                    crate::conformance::$module::$case(world).await;
                })+
            })+
        }

        /// Emits one test for each case; the argument makes a new, empty [`Backend`](crate::conformance::Backend).
        #[macro_export]
        macro_rules! conformance {
            ($d make:expr) => {
                $(mod $module {
                    #[allow(unused_imports, reason = "what makes the backend may stand outside")]
                    use super::*;
                    $(#[test]
                    fn $case() {
                        $crate::conformance::run(
                            ($d make)(),
                            async |world| $crate::conformance::cases::$module::$case(world).await,
                        );
                    })+
                })+
            };
        }
    };
}

suite! { $
    claiming {
        an_issue_goes_to_who_asks_first,
    }
}
