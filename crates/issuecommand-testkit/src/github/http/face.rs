//! What all requests share: the world, the faults that are on, the log, and the address.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::github::fault::Faults;
use crate::github::log::Log;
use crate::github::world::World;

/// A handle on the one emulated GitHub; clones are the same one.
#[derive(Debug, Clone)]
pub(in crate::github) struct Face(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    url: String,
    world: Mutex<World>,
    faults: Mutex<Faults>,
    log: Mutex<Log>,
}

impl Face {
    pub(in crate::github) fn new(url: String, world: World) -> Self {
        Self(Arc::new(Shared {
            url,
            world: Mutex::new(world),
            faults: Mutex::default(),
            log: Mutex::default(),
        }))
    }

    /// Root of the API without a slash at its end.
    pub(in crate::github) fn url(&self) -> &str {
        &self.0.url
    }

    pub(in crate::github) fn world<T>(&self, use_it: impl FnOnce(&mut World) -> T) -> T {
        use_it(&mut locked(&self.0.world))
    }

    pub(in crate::github) fn faults<T>(&self, use_it: impl FnOnce(&mut Faults) -> T) -> T {
        use_it(&mut locked(&self.0.faults))
    }

    pub(in crate::github) fn log<T>(&self, use_it: impl FnOnce(&mut Log) -> T) -> T {
        use_it(&mut locked(&self.0.log))
    }
}

/// A test that panicked while it held the world must not make every later request fail with another panic.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
