//! Which notifications an endpoint gets. Pure: of events, of how things stand, and of what the endpoint was told before.

mod content;
mod told;

use issuecommand_core::domain::event::{Event, Seq};
use issuecommand_core::domain::notification::{Endpoint, Notification};
use issuecommand_core::domain::time::{Millis, Timestamp};

use self::content::Content;
use self::told::ToldState;
use crate::concern::Concern;
use crate::endpoint::{EndpointSettings, Topic};

/// Within this time one message is sent about one issue, agent or other subject.
pub const WINDOW: Millis = Millis::minutes(15);
/// More messages than these become one.
const SINGLE: usize = 5;
/// How many of them the one names.
const NAMED: usize = 10;

/// How things stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// What needs a person.
    pub concerns: Vec<Concern>,
    /// How many issues can be taken.
    pub ready: u64,
    /// How many claims are active.
    pub claims: u64,
}

/// What comes of a look at an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Its place in the event log from now on.
    pub to: Seq,
    /// What it was told and is not over.
    pub told: String,
    /// The notifications.
    pub notifications: Vec<Notification>,
}

/// The notifications of an endpoint. `events` are those after its place, as far as they were read. `situation` is `None` where nobody
/// looked.
pub fn plan(
    settings: &EndpointSettings,
    endpoint: &Endpoint,
    events: &[Event],
    situation: Option<&Situation>,
    dashboard: Option<&str>,
    now: Timestamp,
) -> Planned {
    let content = Content {
        settings,
        dashboard,
        now,
    };
    let mut told = ToldState::read(&endpoint.told);
    let mut notifications = Vec::new();
    for event in events {
        if settings.on.is_told(Topic::Digest) {
            told.count(event);
        }
        if settings.on.has(event) {
            notifications.push(content.of_event(event));
        }
    }
    if let Some(situation) = situation {
        notifications.extend(told.concerns(&content, &situation.concerns));
        notifications.extend(told.turns(&content, situation));
    }
    Planned {
        to: events.last().map_or(endpoint.cursor, |event| event.seq),
        told: told.write(),
        notifications,
    }
}

/// A notification by which a person tries an endpoint. `unique` tells it from others.
pub fn test_notification(
    settings: &EndpointSettings,
    dashboard: Option<&str>,
    unique: &str,
    now: Timestamp,
) -> Notification {
    let content = Content {
        settings,
        dashboard,
        now,
    };
    let title = "A test of IssueCommand's notifications".to_owned();
    let lines = vec!["Nothing happened. If you read this, they arrive.".to_owned()];
    content.told(&content.info("notify.test", title, lines, "/ui"), unique)
}

#[cfg(test)]
mod tests;
