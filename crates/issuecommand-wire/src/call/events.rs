//! The event log, in pages and as a stream.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::event::{EventFilter, EventKind};
use issuecommand_core::service::{EventQuery, Service, ServiceResult};

use super::Call;
use crate::error::ApiError;
use crate::params::{Param, ParamError, ParamType, Params};
use crate::response::EventsResponse;

const IN_REPO: Param = Param::optional(
    "repo",
    ParamType::String,
    "only events of this repository, as owner/name",
);
const OF_AGENT: Param = Param::optional("agent_id", ParamType::String, "only events of this agent");
const TYPES: Param = Param::optional(
    "types",
    ParamType::String,
    "only events of these types, comma separated, such as claim.created,followup.created",
);
const AFTER: Param = Param::optional(
    "after",
    ParamType::Integer {
        least: 0,
        most: i64::MAX,
    },
    "only events after the one with this event_id; without it from the oldest that is kept",
);
const LIMIT: Param = Param::optional(
    "limit",
    ParamType::Integer {
        least: 1,
        most: 500,
    },
    "how many at most; 100 when not said",
);
const LAST_EVENT_ID: Param = Param::optional(
    "last_event_id",
    ParamType::String,
    "go on after the event with this id; the header Last-Event-ID wins",
);

/// The default page length.
const DEFAULT_LIMIT: usize = 100;
/// An event that is told to open streams and not stored.
const REJECTED: &str = "webhook.rejected";

/// Which events a reader wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventSelection {
    /// Which of those in the log.
    pub filter: EventFilter,
    /// Whether also `webhook.rejected`, which is in no log.
    pub rejections: bool,
}

impl EventSelection {
    /// The types, comma separated.
    pub const TYPES: Param = TYPES;
    /// The repository.
    pub(crate) const IN_REPO: Param = IN_REPO;
    /// The agent.
    pub(crate) const OF_AGENT: Param = OF_AGENT;
    /// The parameters of a stream.
    pub const STREAM: &'static [Param] = &[IN_REPO, OF_AGENT, TYPES, LAST_EVENT_ID];

    /// Reads the filter.
    ///
    /// # Errors
    /// What is no repository, no agent or no type of event.
    pub fn read(fields: &Params) -> Result<Self, ParamError> {
        let mut selection = Self::of_types(fields.text(&TYPES)?.unwrap_or_default())?;
        let (repo, agent) = (fields.repo(&IN_REPO)?, fields.agent(&OF_AGENT)?);
        // A rejection is of no repository and of no agent.
        selection.rejections &= repo.is_none() && agent.is_none();
        (selection.filter.repo, selection.filter.agent) = (repo, agent);
        Ok(selection)
    }

    /// The form of a list of types, as a regular expression.
    pub fn pattern() -> String {
        let words: Vec<_> = Self::words().map(|word| word.replace('.', r"\.")).collect();
        let word = words.join("|");
        format!("^({word})(,({word}))*$")
    }

    fn words() -> impl Iterator<Item = &'static str> {
        let stored = EventKind::ALL.iter().map(|kind| kind.as_str());
        stored.chain([REJECTED])
    }

    /// Events of these types, comma separated; without any all.
    ///
    /// # Errors
    /// What is no type of event.
    pub fn of_types(text: &str) -> Result<Self, ParamError> {
        let words = text.split(',').map(str::trim);
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        let stored = words.iter().copied().filter(|word| *word != REJECTED);
        let kinds = stored.map(kind).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            rejections: words.is_empty() || words.contains(&REJECTED),
            filter: EventFilter {
                kinds: (!words.is_empty()).then_some(kinds),
                ..EventFilter::default()
            },
        })
    }
}

fn kind(word: &str) -> Result<EventKind, ParamError> {
    let kind = EventKind::ALL.iter().find(|kind| kind.as_str() == word);
    kind.copied().ok_or_else(|| {
        let shown: String = word.chars().take(64).collect();
        let all: Vec<&str> = EventSelection::words().collect();
        ParamError {
            message: format!(
                "types names {shown:?}, which is no type of event. The types are {}.",
                all.join(", ")
            ),
        }
    })
}

/// A page of the event log. It is for programs that cannot hold a stream open, so it is not a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEvents(EventQuery);

impl Call for ListEvents {
    const NAME: &'static str = "events";
    const PARAMS: &'static [Param] = &[AFTER, LIMIT, IN_REPO, OF_AGENT, TYPES];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = EventsResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let limit = fields
            .whole_or_refused(&LIMIT)?
            .and_then(|n| usize::try_from(n).ok());
        Ok(Self(EventQuery {
            after: fields.whole_or_refused(&AFTER)?,
            limit: limit.unwrap_or(DEFAULT_LIMIT),
            filter: EventSelection::read(fields)?.filter,
        }))
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<EventsResponse> {
        let page = service.events(caller, &self.0).await?;
        Ok(EventsResponse::of(&page, &service.sight(caller)))
    }
}
