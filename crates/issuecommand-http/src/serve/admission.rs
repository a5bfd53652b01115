//! Bounds on open connections. A connection without a good key so far is a stranger. Strangers have a bound by address, and all
//! together a quarter of the places. A newcomer beyond that replaces the oldest stranger, so that a client with a key always gets
//! in, even from an address that floods.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use issuecommand_executor::limits::BucketKey;
use tokio_util::sync::CancellationToken;

use super::activity::Activity;
use crate::limits::bucket_key;

/// How many connections may be open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) all: usize,
    /// Of strangers, from one address (of IPv6: one /64).
    pub(super) address: usize,
}

impl Bounds {
    /// Strangers from all addresses. The other places are kept for connections with a key.
    fn strangers(self) -> usize {
        (self.all / 4).max(1)
    }
}

/// The connections that are open. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Admission(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    bounds: Bounds,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    /// By the order in which they came.
    connections: BTreeMap<u64, Connection>,
    /// How many strangers there are at each address.
    strangers: HashMap<BucketKey, usize>,
}

#[derive(Debug)]
struct Connection {
    address: BucketKey,
    is_stranger: bool,
    activity: Arc<Activity>,
    end: CancellationToken,
}

impl Open {
    fn remove(&mut self, id: u64) -> Option<Connection> {
        let connection = self.connections.remove(&id)?;
        if connection.is_stranger {
            self.forget_stranger(connection.address);
        }
        Some(connection)
    }

    fn forget_stranger(&mut self, address: BucketKey) {
        if let Some(count) = self.strangers.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.strangers.remove(&address);
            }
        }
    }

    fn count_strangers(&self) -> usize {
        self.strangers.values().sum()
    }

    /// Ends the connection of the stranger at this address who has been there longest; one that waits for nothing goes before
    /// one whose request is being answered.
    fn evict(&mut self, address: BucketKey) -> bool {
        let strangers = || {
            self.connections
                .iter()
                .filter(|(_, c)| c.is_stranger && c.address == address)
        };
        let quiet = strangers().find(|(_, c)| !c.activity.is_busy());
        let victim = quiet.or_else(|| strangers().next()).map(|(id, _)| *id);
        let evicted = victim.and_then(|id| self.remove(id));
        evicted.is_some_and(|connection| {
            connection.end.cancel();
            true
        })
    }

    /// The same at the address that has most of them.
    fn evict_anywhere(&mut self) -> bool {
        let most = self.strangers.iter().max_by_key(|(_, count)| **count);
        let address = most.map(|(address, _)| *address);
        address.is_some_and(|address| self.evict(address))
    }
}

impl Admission {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Shared {
            bounds,
            open: Mutex::default(),
        }))
    }

    /// Lets a connection in, and says whether a stranger had to make room for it. `None` when every place is taken by somebody
    /// who has shown a key.
    pub(super) fn enter(&self, address: IpAddr, activity: &Arc<Activity>) -> Option<(Place, bool)> {
        let address = bucket_key(address);
        let bounds = self.0.bounds;
        let mut open = self.0.open();
        let mut evicted = false;
        if open.strangers.get(&address).copied().unwrap_or(0) >= bounds.address {
            evicted = open.evict(address);
        }
        if open.count_strangers() >= bounds.strangers() || open.connections.len() >= bounds.all {
            evicted |= open.evict_anywhere();
        }
        if open.connections.len() >= bounds.all {
            return None;
        }
        let id = open.next;
        open.next += 1;
        let end = CancellationToken::new();
        *open.strangers.entry(address).or_default() += 1;
        open.connections.insert(
            id,
            Connection {
                address,
                is_stranger: true,
                activity: activity.clone(),
                end: end.clone(),
            },
        );
        drop(open);
        let handle = ConnectionHandle {
            shared: self.0.clone(),
            id,
            end,
        };
        Some((Place(handle), evicted))
    }

    /// Ends the connection of a stranger, if there is any, for want of room elsewhere.
    pub(super) fn make_room(&self) -> bool {
        self.0.open().evict_anywhere()
    }
}

impl Shared {
    /// A thread that panicked within left at worst a count that is one too high.
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one connection, given back with this.
#[derive(Debug)]
pub(super) struct Place(ConnectionHandle);

impl Place {
    pub(super) fn handle(&self) -> ConnectionHandle {
        self.0.clone()
    }

    /// Comes back when the connection is to be closed whatever runs on it.
    pub(super) async fn ended(&self) {
        self.0.end.cancelled().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.shared.open().remove(self.0.id);
    }
}

/// The connection that a request came by. Every request of [`serve`](super::serve) has it among its extensions.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionHandle {
    shared: Arc<Shared>,
    id: u64,
    end: CancellationToken,
}

impl ConnectionHandle {
    /// Notes that a request on it had a good key or signature: the connection is no longer a stranger.
    pub(crate) fn prove(&self) {
        let mut open = self.shared.open();
        let connection = open.connections.get_mut(&self.id);
        let address = connection.and_then(|connection| {
            std::mem::take(&mut connection.is_stranger).then_some(connection.address)
        });
        if let Some(address) = address {
            open.forget_stranger(address);
        }
    }

    /// Closes it, whatever runs on it.
    pub(crate) fn close(&self) {
        self.end.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::super::activity::Exchange;
    use super::*;

    struct Visitor {
        place: Place,
        activity: Arc<Activity>,
    }

    impl Visitor {
        fn is_evicted(&self) -> bool {
            self.place.0.end.is_cancelled()
        }
    }

    fn admission(all: usize, address: usize) -> Admission {
        Admission::new(Bounds { all, address })
    }

    fn enter(admission: &Admission, address: &str) -> Option<Visitor> {
        let activity = Activity::new();
        let (place, _) = admission.enter(address.parse().unwrap(), &activity)?;
        Some(Visitor { place, activity })
    }

    #[test]
    fn a_full_address_evicts_its_oldest_connection() {
        let admission = admission(100, 2);
        let enter = |address: &str| enter(&admission, address).unwrap();
        let other = enter("192.0.2.9");
        let (first, second) = (enter("192.0.2.1"), enter("192.0.2.1"));
        let third = enter("192.0.2.1");
        assert!(
            first.is_evicted()
                && !second.is_evicted()
                && !third.is_evicted()
                && !other.is_evicted()
        );
        // A place that is given back is free.
        drop(second);
        let fourth = enter("192.0.2.1");
        assert!(!third.is_evicted() && !fourth.is_evicted());
    }

    #[test]
    fn connections_with_a_running_response_are_evicted_last() {
        let admission = admission(100, 2);
        let enter = |address: &str| enter(&admission, address).unwrap();
        let (first, second) = (enter("192.0.2.1"), enter("192.0.2.1"));
        let running = Exchange::begin(&first.activity);
        let third = enter("192.0.2.1");
        assert!(!first.is_evicted() && second.is_evicted());
        let busy = Exchange::begin(&third.activity);
        let fourth = enter("192.0.2.1");
        assert!(first.is_evicted() && !third.is_evicted() && !fourth.is_evicted());
        drop((running, busy));
    }

    #[test]
    fn authenticated_connections_are_neither_evicted_nor_counted_by_address() {
        let admission = admission(40, 2);
        let enter = |address: &str| enter(&admission, address).unwrap();
        let agents: Vec<Visitor> = (0..20)
            .map(|_| {
                let agent = enter("192.0.2.1");
                agent.place.handle().prove();
                agent.place.handle().prove();
                agent
            })
            .collect();
        let strangers: Vec<Visitor> = (0..200)
            .map(|n| enter(&format!("198.51.100.{n}")))
            .collect();
        assert!(agents.iter().all(|agent| !agent.is_evicted()));
        let open = strangers.iter().filter(|s| !s.is_evicted()).count();
        assert_eq!(open, 10, "a quarter of the places");
        drop(strangers);
        assert_eq!(admission.0.open().count_strangers(), 0);
        drop(agents);
        assert!(admission.0.open().connections.is_empty());
    }

    #[test]
    fn the_address_with_most_connections_is_evicted_first() {
        let admission = admission(40, 8);
        let enter = |address: &str| enter(&admission, address).unwrap();
        let one = enter("192.0.2.1");
        let many: Vec<Visitor> = (0..8).map(|_| enter("198.51.100.1")).collect();
        let more: Vec<Visitor> = (0..4).map(|n| enter(&format!("203.0.113.{n}"))).collect();
        assert!(!one.is_evicted() && more.iter().all(|visitor| !visitor.is_evicted()));
        assert_eq!(
            many.iter().filter(|visitor| visitor.is_evicted()).count(),
            3
        );
    }

    #[test]
    fn a_server_full_of_authenticated_connections_accepts_no_more() {
        let admission = admission(4, 4);
        let agents: Vec<Visitor> = (0..4)
            .map(|n| {
                let agent = enter(&admission, &format!("192.0.2.{n}")).unwrap();
                agent.place.handle().prove();
                agent
            })
            .collect();
        assert!(enter(&admission, "192.0.2.9").is_none());
        drop(agents);
        assert!(enter(&admission, "192.0.2.9").is_some());
    }
}
