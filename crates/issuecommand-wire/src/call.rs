//! Every call of the contract, once: its parameters, its use case in core, its response. Surfaces only run calls, so HTTP and
//! MCP cannot differ.

mod agents;
mod claims;
mod events;
mod explain;
mod followups;
mod histories;
mod idempotency;
mod issues;
mod next;
mod overview;
mod people;
mod reads;
mod sign_in;
mod sync;

use std::future::Future;
use std::time::Duration;

use issuecommand_core::domain::access::{Caller, IdempotencyKey};
use issuecommand_core::domain::id::AgentId;
use issuecommand_core::service::{CallerNews, Service, ServiceResult, beside};

pub use self::agents::{GetAgents, Heartbeat};
pub use self::claims::{ClaimIssue, ReleaseIssue, UpdateClaimStatus};
pub use self::events::{EventSelection, ListEvents};
pub use self::explain::ExplainWork;
pub use self::followups::{GetFollowups, HeldFeedback, UpdateFollowupStatus};
pub use self::histories::{
    GetAgent, GetIssueHistory, GetStatistics, ListDeliveries, ListOutbox, RetryDelivery, RetryWrite,
};
pub use self::issues::{GetIssueDetails, IssueReadiness, ListOpenIssues, ListRepos};
pub use self::next::{NextIssue, NextWork};
pub use self::overview::{GetAllClaims, GetClaimHistory, GetMyClaims, GetMyWork, SystemHealth};
pub use self::people::{DismissFollowup, GiveClaim, GiveFollowup, OfferIssue, ParkIssue, SetWork};
pub use self::reads::{GetOverview, LatestEvents, ListIssues};
pub use self::sign_in::CreateSignInCode;
pub use self::sync::Sync;
use crate::error::ApiError;
use crate::params::{Param, ParamSource, ParamType, Params};
use crate::record::{HeldRecord, NoticeRecord};
use crate::response::{Response, WithWarnings};

/// One call. A value is made only of valid parameters.
pub trait Call: Clone + Sized + Send + 'static {
    /// The name of its tool.
    const NAME: &'static str;
    /// Its parameters.
    const PARAMS: &'static [Param];
    /// Whether it changes something, so that the mutation limit counts it.
    const CHANGES: bool;
    /// Whether it can be refused (`ok: false`).
    const REFUSES: bool;
    /// Whether it takes work, claims it or looks at it, so that the answer says the agent's name if the session gave it, and what else
    /// the agent holds.
    const GIVES_WORK: bool = false;
    /// Whether the agent names the work itself, so that the answer does not say what else it holds.
    const BY_NUMBER: bool = false;
    /// Whether its use case records by itself that the agent was heard.
    const HEARS: bool = false;
    /// Its response on success.
    type Response: Response;

    /// The agent that calls.
    fn agent(&self) -> Option<&AgentId> {
        None
    }

    /// For how long the caller waits for work if there is none now.
    fn waits(&self) -> Option<Duration> {
        None
    }

    /// What its idempotency key is bound to, where that is not each of its parameters. A call that had keys before all calls had
    /// keeps its own, since digests are stored.
    fn request(&self) -> Option<Vec<String>> {
        None
    }

    /// Reads the parameters.
    ///
    /// # Errors
    /// [`ApiError`] for parameters that are not allowed, or for an impossible claim id.
    fn read(fields: &Params) -> Result<Self, ApiError>;

    /// Runs the use case.
    fn run(
        self,
        service: &Service,
        caller: &Caller,
    ) -> impl Future<Output = ServiceResult<Self::Response>> + Send;
}

/// A parsed call, with warnings on ignored parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedCall<C> {
    call: C,
    key: Option<IdempotencyKey>,
    warnings: Vec<String>,
    /// Whether the session named the agent.
    by_session: bool,
}

/// Parses and checks parameters.
///
/// # Errors
/// [`ApiError`] for parameters that are not allowed, with the warnings on those that were ignored.
pub fn read<C: Call>(fields: Params, source: ParamSource) -> Result<ParsedCall<C>, ApiError> {
    let (fields, warnings) = fields.checked(C::NAME, C::PARAMS, source)?;
    let call = C::read(&fields).and_then(|call| {
        let key = idempotency::key(&call, &fields)?;
        Ok((call, key))
    });
    match call {
        Ok((call, key)) => Ok(ParsedCall {
            call,
            key,
            warnings,
            by_session: false,
        }),
        Err(error) => Err(error.with_warnings(warnings)),
    }
}

impl<C: Call> ParsedCall<C> {
    /// For how long the caller waits for work if there is none now.
    pub fn waits(&self) -> Option<Duration> {
        self.call.waits()
    }

    /// Notes whether the session named the agent, which the answer then says.
    #[must_use]
    pub fn named_by_session(self, by_session: bool) -> Self {
        Self { by_session, ..self }
    }

    /// Runs the call and translates its result. A call may wait for GitHub: run it in a task of its own if the caller can
    /// disconnect, so that a first sync or the closing of an issue is not interrupted.
    ///
    /// # Errors
    /// Every refusal and failure in its wire form.
    pub async fn run(
        self,
        service: &Service,
        caller: &Caller,
    ) -> Result<WithWarnings<C::Response>, ApiError> {
        let Self {
            call,
            key,
            mut warnings,
            by_session,
        } = self;
        let keyed = Caller {
            idempotency: key,
            ..caller.clone()
        };
        let agent = call.agent().cloned();
        let hearing = async {
            if C::HEARS {
                return CallerNews::default();
            }
            let holds = C::GIVES_WORK && C::CHANGES && !C::BY_NUMBER;
            service
                .hear(caller, agent.as_ref(), C::CHANGES, holds)
                .await
        };
        let (told, answer) = beside(hearing, call.run(service, &keyed)).await;
        let answer = answer.and_then(|answer| {
            service.store().still_there()?;
            Ok(answer)
        });
        warnings.extend(told.warnings);
        let notices = told.notices.iter().map(NoticeRecord::from).collect();
        let given = answer.as_ref().ok().and_then(Response::given);
        let mut also_yours: Vec<HeldRecord> = told.held.iter().map(HeldRecord::from).collect();
        also_yours.retain(|held| given != Some(held.id()));
        if also_yours.len() > HeldRecord::MOST {
            also_yours.truncate(HeldRecord::MOST);
            warnings.push(MORE_IS_YOURS.to_owned());
        }
        match answer {
            Ok(answer) => {
                let named = agent.filter(|_| by_session && C::GIVES_WORK);
                Ok(WithWarnings::new(answer, warnings)
                    .beside(notices, also_yours)
                    .by(named.as_ref()))
            }
            Err(error) => Err(ApiError::from(&error)
                .with_warnings(warnings)
                .beside(notices, also_yours)),
        }
    }
}

const MORE_IS_YOURS: &str = "You hold more than also_yours lists; get_my_work lists all of it.";

pub(crate) const AGENT_ID: Param = Param::needed(
    "agent_id",
    ParamType::String,
    "your own name, the same in every call",
);
/// The same where the session may give it.
pub(crate) const OWN_AGENT_ID: Param = AGENT_ID.of_session();
/// A short answer to a sign of life.
pub(crate) const LEAN: Param = Param::optional(
    "lean",
    ParamType::Bool,
    "answer a sign of life by a few fields alone (over MCP: true)",
);
pub(crate) const REPO: Param =
    Param::needed("repo", ParamType::String, "a repository as owner/name");
pub(crate) const ISSUE_NUMBER: Param = Param::needed(
    "issue_number",
    ParamType::Integer {
        least: 1,
        most: i32::MAX as i64,
    },
    "the issue's number",
);
pub(crate) const LABEL: Param = Param::optional(
    "label",
    ParamType::String,
    "only issues with all of these labels, comma separated",
);
pub(crate) const MILESTONE: Param = Param::optional(
    "milestone",
    ParamType::String,
    "of the milestone with this title or number",
);
// Without a bound: a text of any length that is no id gets the answer for an unknown claim.
pub(crate) const CLAIM_ID: Param = Param::needed(
    "claim_id",
    ParamType::String,
    "the claim_id of the answer that gave you the issue",
)
.up_to(usize::MAX);
pub(crate) const KEY: Param = Param::optional(
    "idempotency_key",
    ParamType::String,
    "your own text: a repeated call with it gets the first answer again",
)
.up_to(200);
