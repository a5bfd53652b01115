//! Notifications: what is sent to programs and people outside, and where.
//!
//! The event log is the outbox. An event is committed with the change that caused it. Each endpoint has a place in the log, which moves
//! in the transaction that stores the notifications made of the events before it. So a process that ends in between loses and doubles
//! nothing.

use serde::{Deserialize, Serialize};

use crate::domain::bounds::beginning;
use crate::domain::event::Seq;
use crate::domain::time::{Millis, Timestamp};

/// The longest error that is kept, in bytes.
const ERROR_MAX: usize = 500;

/// A place that notifications are sent to, as the store knows it. Its address and secrets are in the settings alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its name in the settings.
    pub name: String,
    /// Its kind in the settings, for people.
    pub kind: String,
    /// Notifications are made of all events up to this one.
    pub cursor: Seq,
    /// Since when nothing is sent to it, and why.
    pub disabled: Option<(Timestamp, String)>,
    /// What it was told and is not over, in the form of whoever plans its notifications.
    pub told: String,
}

/// How a notification stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationState {
    /// It is still to be sent.
    Waiting,
    /// The receiver took it.
    Delivered,
    /// It is given up.
    Failed,
}

impl NotificationState {
    /// All states.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Failed];

    /// The state as text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// The state with this text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// The name of a notification: its endpoint, and the id that its receiver knows it by. The same event has the same id everywhere.
pub type NotificationKey = (String, String);

/// One message to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The endpoint's name.
    pub endpoint: String,
    /// The id that its receiver knows it by, stable over retries.
    pub id: String,
    /// What it is about, for people: the type of an event, or the kind of what needs a person.
    pub kind: String,
    /// The content, in the form of whoever shapes it for the endpoint.
    pub content: String,
    /// How it stands.
    pub state: NotificationState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it may be sent next.
    pub due: Timestamp,
    /// The HTTP status of the last response.
    pub status: Option<u16>,
    /// The last failure.
    pub error: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was delivered or given up.
    pub ended_at: Option<Timestamp>,
}

/// What came of an attempt to send a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// The receiver took it.
    Delivered {
        /// The HTTP status, if it went by HTTP.
        status: Option<u16>,
    },
    /// The receiver wants nothing any more (410).
    Gone,
    /// It failed, and is tried again.
    Failed {
        /// The HTTP status; `None` if there was no response.
        status: Option<u16>,
        /// Why, for people, without secrets.
        error: String,
        /// How long the receiver wants to be left alone.
        retry_after: Option<Millis>,
    },
}

impl Notification {
    /// The waits between attempts. After the last one the notification is given up.
    pub const WAITS: [Millis; 9] = [
        Millis::seconds(5),
        Millis::minutes(5),
        Millis::minutes(30),
        Millis::minutes(2 * 60),
        Millis::minutes(5 * 60),
        Millis::minutes(10 * 60),
        Millis::minutes(14 * 60),
        Millis::minutes(20 * 60),
        Millis::minutes(24 * 60),
    ];
    /// Each wait is longer by a random part of up to this many thousandths.
    pub const JITTER: i64 = 200;
    /// The longest `Retry-After` that is heeded.
    pub const LONGEST_WAIT: Millis = Millis::minutes(24 * 60);

    /// A notification that is due at once.
    pub fn new(endpoint: &str, id: String, kind: String, content: String, now: Timestamp) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            id,
            kind,
            content,
            state: NotificationState::Waiting,
            attempts: 0,
            due: now,
            status: None,
            error: None,
            created_at: now,
            ended_at: None,
        }
    }

    /// Its key.
    pub fn key(&self) -> NotificationKey {
        (self.endpoint.clone(), self.id.clone())
    }

    /// The state after an attempt. `random` is 0 to 999.
    #[must_use]
    pub fn after(mut self, outcome: &SendOutcome, random: u32, now: Timestamp) -> Self {
        let wait = usize::try_from(self.attempts).ok();
        let wait = wait.and_then(|attempt| Self::WAITS.get(attempt));
        self.attempts = self.attempts.saturating_add(1);
        match outcome {
            SendOutcome::Delivered { status } => {
                (self.status, self.error) = (*status, None);
                self.end(NotificationState::Delivered, now);
            }
            SendOutcome::Gone => {
                self.status = Some(410);
                self.error =
                    Some("the receiver answered 410: it wants nothing any more".to_owned());
                self.end(NotificationState::Failed, now);
            }
            SendOutcome::Failed {
                status,
                error,
                retry_after,
            } => {
                self.status = *status;
                self.error = Some(beginning(error, ERROR_MAX).to_owned());
                match wait {
                    Some(wait) => {
                        let asked = retry_after.unwrap_or(Millis(0)).min(Self::LONGEST_WAIT);
                        let wait = Self::spread(*wait, random);
                        self.due = now.plus(wait.max(asked));
                    }
                    None => self.end(NotificationState::Failed, now),
                }
            }
        }
        self
    }

    /// Waiting to be sent at once, as if it was never tried.
    #[must_use]
    pub fn again(self, now: Timestamp) -> Self {
        let Self {
            endpoint,
            id,
            kind,
            content,
            created_at,
            ..
        } = self;
        Self {
            created_at,
            ..Self::new(&endpoint, id, kind, content, now)
        }
    }

    fn end(&mut self, state: NotificationState, now: Timestamp) {
        (self.state, self.ended_at) = (state, Some(now));
    }

    /// A wait, longer by a random part.
    fn spread(wait: Millis, random: u32) -> Millis {
        let more = wait.0 / 1000 * Self::JITTER * i64::from(random.min(999)) / 1000;
        Millis(wait.0 + more)
    }
}
