//! The complete event log, as any client can read it.

use std::sync::atomic::{AtomicU32, Ordering};

use issuecommand_github_emulator::Delivery;
use serde_json::Value;

use super::{Events, Http};

/// A delivery that changes nothing, and has an event.
pub(crate) fn ping() -> Delivery {
    static PINGS: AtomicU32 = AtomicU32::new(0);
    Delivery {
        id: format!("ping-{}", PINGS.fetch_add(1, Ordering::Relaxed)),
        event: "ping".to_owned(),
        action: String::new(),
        repo: String::new(),
        body: "{}".to_owned(),
    }
}

/// All events of a database so far, in the order of their commits.
#[derive(Debug)]
pub(crate) struct EventLog(Vec<Value>);

impl EventLog {
    /// Reads all of it from this server. A ping marks the end.
    pub(crate) fn read(address: &str) -> Self {
        let ping = ping();
        let id = ping.id.clone();
        let reply = Http::at(address).deliver(&ping).expect("an answer");
        assert_eq!(reply.status, 202, "{}", reply.body);

        let mut events = Events::after(address, 0);
        let mut all = Vec::new();
        loop {
            let (kind, event) = events.next().expect("a stream that goes on");
            if event["details"]["delivery_id"] == id.as_str() {
                return Self(all);
            }
            if !["connected", "ping"].contains(&kind.as_str()) {
                all.push(event);
            }
        }
    }

    /// Those of one type.
    pub(crate) fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter(move |event| event["type"] == kind)
    }

    /// How often each delivery was received, by its events.
    pub(crate) fn times_received(&self, delivery: &str) -> usize {
        self.of("webhook.received")
            .filter(|event| event["details"]["delivery_id"] == delivery)
            .count()
    }

    /// All of it.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Value> {
        self.0.iter()
    }
}
