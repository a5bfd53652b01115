//! The answers to what people look at.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::service::{IssueList, LatestEvents};
use schemars::JsonSchema;
use serde::Serialize;

use super::Response;
use crate::cursor;
use crate::record::{EventRecord, IssueCountsRecord, IssueLineRecord, OverviewRecord};

/// `{overview}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OverviewResponse {
    /// What needs a person, who works on what, what comes next, and what just happened.
    pub overview: OverviewRecord,
}

impl Response for OverviewResponse {}

/// A page of open issues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IssueListResponse {
    /// The issues: those that are ready in serving order, then those that agents have, the one taken first in front, then those that are
    /// blocked, by their first reason and of each the oldest first.
    pub issues: Vec<IssueLineRecord>,
    /// How many the whole list has.
    pub total: u64,
    /// `true` where the total is a lower bound, because there are more issues with these labels or words than were searched.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub at_least: bool,
    /// How many open issues there are, for the repository and the agent that were asked for.
    pub counts: IssueCountsRecord,
    /// Give it as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl From<&IssueList> for IssueListResponse {
    fn from(list: &IssueList) -> Self {
        Self {
            issues: list.lines.iter().map(Into::into).collect(),
            total: list.total,
            at_least: list.at_least,
            counts: (&list.counts).into(),
            next_cursor: list.next.as_ref().map(cursor::write_list),
        }
    }
}

impl Response for IssueListResponse {}

/// The latest events, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LatestEventsResponse {
    /// The events.
    pub events: Vec<EventRecord>,
    /// Give it as `before` for what comes before; absent at the beginning of the log. A page that has it may have fewer events than asked
    /// for, because a call looks at 10,000 events at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_before: Option<String>,
}

impl LatestEventsResponse {
    /// For a reader who sees these repositories.
    pub(crate) fn of(page: &LatestEvents, sight: &Scope) -> Self {
        let seen = |event| EventRecord::seen_in(event, sight);
        Self {
            events: page.events.iter().map(seen).collect(),
            next_before: page.next.map(|seq| seq.to_string()),
        }
    }
}

impl Response for LatestEventsResponse {}
