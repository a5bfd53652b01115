//! What people look at. These calls are for operators, so they are no tools.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::{AgentId, IssueNumber};
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::ports::read_model::{Search, words_of};
use issuecommand_core::service::{
    IssueListQuery, LatestEventsQuery, ListPart, Service, ServiceResult,
};

use super::{Call, EventSelection, LABEL};
use crate::cursor;
use crate::error::ApiError;
use crate::page::{CURSOR, LIMIT};
use crate::params::{Param, ParamError, ParamType, Params};
use crate::response::{IssueListResponse, LatestEventsResponse, OverviewResponse};

const IN_REPO: Param = Param::optional(
    "repo",
    ParamType::String,
    "only of this repository, as owner/name",
);
const OF_AGENT: Param = Param::optional(
    "agent_id",
    ParamType::String,
    "only what this agent has or could get",
);

/// The first look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetOverview {
    /// Of this repository.
    pub repo: Option<RepoName>,
    /// Of this agent.
    pub agent: Option<AgentId>,
}

impl Call for GetOverview {
    const NAME: &'static str = "overview";
    const PARAMS: &'static [Param] = &[IN_REPO, OF_AGENT];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = OverviewResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            repo: fields.repo(&IN_REPO)?,
            agent: fields.agent(&OF_AGENT)?,
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<OverviewResponse> {
        let overview = service.overview(caller, self.repo, self.agent).await?;
        let overview = crate::record::OverviewRecord::of(&overview, &service.sight(caller));
        Ok(OverviewResponse { overview })
    }
}

const STATE: Param = Param::optional(
    "state",
    ParamType::OneOf(&["ready", "held", "blocked", "all"]),
    "ready: to be taken, in serving order; held: agents have them; blocked: not handed out, with the reasons; all (the default)",
);
const SEARCH: Param = Param::optional(
    "q",
    ParamType::String,
    "only issues whose titles have words that begin like these, or the issue with this number, as 127 or #127",
)
.up_to(200);
const REASON: Param = Param::optional(
    "reason",
    ParamType::OneOf(&REASONS),
    "only blocked issues of which this is the first reason",
);

/// The codes of reasons of an issue's own.
const REASONS: [&str; 10] = [
    "withheld",
    "untrusted_author",
    "needs_human",
    "merged_pr",
    "has_open_pr",
    "blocked_by",
    "has_open_children",
    "assigned",
    "excluded_label",
    "missing_label",
];

/// How many words of a search are looked for.
const WORDS: usize = 10;
/// The default length of a page of issues.
const ISSUES: u32 = 50;

/// A page of open issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListIssues(IssueListQuery);

impl Call for ListIssues {
    const NAME: &'static str = "issues";
    const PARAMS: &'static [Param] = &[
        STATE, IN_REPO, LABEL, OF_AGENT, SEARCH, REASON, LIMIT, CURSOR,
    ];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = IssueListResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let part = match fields.word(&STATE)? {
            None | Some("all") => None,
            Some(word) => ListPart::ALL.into_iter().find(|part| part.as_str() == word),
        };
        let reason = fields.word(&REASON)?.and_then(ReasonCode::parse);
        if reason.is_some() && part.is_some_and(|part| part != ListPart::Blocked) {
            return Err(ApiError::bad_request(
                "reason needs the state blocked or all: only blocked issues have one.",
            ));
        }
        let limit = fields.whole_or_refused(&LIMIT)?;
        let limit = limit.and_then(|n| u32::try_from(n).ok());
        let after = fields.text(&CURSOR)?;
        let after = after
            .map(|text| cursor::read_list(text).ok_or_else(bad_cursor))
            .transpose()?;
        let search = match fields.text(&SEARCH)? {
            None => Search::Labels,
            Some(text) => search(text)?,
        };
        let filter = IssueFilter::new(None, fields.text(&LABEL)?, None);
        Ok(Self(IssueListQuery {
            part,
            repo: fields.repo(&IN_REPO)?,
            agent: fields.agent(&OF_AGENT)?,
            labels: filter.labels,
            search,
            reason,
            limit: limit.unwrap_or(ISSUES),
            after,
        }))
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<IssueListResponse> {
        let list = service.issue_list(caller, &self.0).await?;
        Ok((&list).into())
    }
}

fn bad_cursor() -> ParamError {
    ParamError {
        message: format!(
            "cursor is not one that was given out: {}.",
            CURSOR.description
        ),
    }
}

/// What a text of a person looks for.
fn search(text: &str) -> Result<Search, ParamError> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit())
        && let Some(number) = digits.parse().ok().and_then(IssueNumber::new)
    {
        return Ok(Search::Number(number));
    }
    let mut words = words_of(text);
    words.truncate(WORDS);
    if words.is_empty() {
        return Err(ParamError {
            message: format!(
                "q has no letter and no digit. What it is for: {}.",
                SEARCH.description
            ),
        });
    }
    Ok(Search::Words(words))
}

const BEFORE: Param = Param::optional(
    "before",
    ParamType::Integer {
        least: 0,
        most: i64::MAX,
    },
    "only events before the one with this event_id; without it from the newest on",
);
const EVENTS_LIMIT: Param = Param::optional(
    "limit",
    ParamType::Integer {
        least: 1,
        most: 500,
    },
    "how many at most; 100 when not said",
);
/// The default length of a page of events.
const EVENTS: usize = 100;

/// The latest events, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestEvents(LatestEventsQuery);

impl Call for LatestEvents {
    const NAME: &'static str = "latest_events";
    const PARAMS: &'static [Param] = &[
        BEFORE,
        EVENTS_LIMIT,
        EventSelection::IN_REPO,
        EventSelection::OF_AGENT,
        EventSelection::TYPES,
    ];
    const CHANGES: bool = false;
    const REFUSES: bool = false;
    type Response = LatestEventsResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let limit = fields.whole_or_refused(&EVENTS_LIMIT)?;
        let limit = limit.and_then(|n| usize::try_from(n).ok());
        Ok(Self(LatestEventsQuery {
            before: fields.whole_or_refused(&BEFORE)?,
            limit: limit.unwrap_or(EVENTS),
            filter: EventSelection::read(fields)?.filter,
        }))
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<LatestEventsResponse> {
        let page = service.latest_events(caller, &self.0).await?;
        Ok(LatestEventsResponse::of(&page, &service.sight(caller)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_are_those_of_an_issues_own() {
        let own = ReasonCode::ALL.into_iter().filter(|code| code.is_own());
        let own: Vec<&str> = own.map(ReasonCode::as_str).collect();
        assert_eq!(own, REASONS);
    }

    #[test]
    fn a_text_looks_for_words_or_a_number() {
        let number = IssueNumber::new(127).unwrap();
        for text in ["127", "#127"] {
            assert_eq!(search(text), Ok(Search::Number(number)));
        }
        let words = ["fix", "the", "über"].map(str::to_owned).to_vec();
        assert_eq!(search("Fix: the-Über!"), Ok(Search::Words(words)));
        assert_eq!(search("#12a"), Ok(Search::Words(vec!["12a".to_owned()])));
        for text in ["#", "--", "* \"'"] {
            assert!(search(text).is_err(), "{text}");
        }
        // No number of an issue.
        assert_eq!(search("0"), Ok(Search::Words(vec!["0".to_owned()])));
    }
}
