//! The state shared by all requests: the world, the active faults, the log, and the address.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::fault::Faults;
use crate::log::Log;
use crate::world::World;

/// A handle on one emulated GitHub. Clones share its state.
#[derive(Debug, Clone)]
pub(crate) struct SharedState(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    url: String,
    world: Mutex<World>,
    faults: Mutex<Faults>,
    log: Mutex<Log>,
}

impl SharedState {
    pub(crate) fn new(url: String, world: World) -> Self {
        Self(Arc::new(Shared {
            url,
            world: Mutex::new(world),
            faults: Mutex::default(),
            log: Mutex::default(),
        }))
    }

    /// Root of the API without a slash at its end.
    pub(crate) fn url(&self) -> &str {
        &self.0.url
    }

    pub(crate) fn world<T>(&self, use_it: impl FnOnce(&mut World) -> T) -> T {
        use_it(&mut locked(&self.0.world))
    }

    pub(crate) fn faults<T>(&self, use_it: impl FnOnce(&mut Faults) -> T) -> T {
        use_it(&mut locked(&self.0.faults))
    }

    pub(crate) fn log<T>(&self, use_it: impl FnOnce(&mut Log) -> T) -> T {
        use_it(&mut locked(&self.0.log))
    }
}

/// Ignores poisoning, because a test that panicked while it held the world must not fail every later request with another
/// panic.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
