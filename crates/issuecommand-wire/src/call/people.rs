//! What people do with agents and their work. These calls are for operators, so they are no tools.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::bounds::NOTE_MAX;
use issuecommand_core::domain::halt::HaltKind;
use issuecommand_core::engine::command::HaltTarget;
use issuecommand_core::service::{Service, ServiceResult};

use super::Call;
use crate::error::ApiError;
use crate::params::{Param, ParamType, Params};
use crate::response::HaltResponse;

const ACTION: Param = Param::needed(
    "action",
    ParamType::OneOf(&["pause", "drain", "resume"]),
    "pause: nothing is given; drain: no new issues are given, but feedback is; resume: work goes on",
);
const AGENT: Param = Param::optional(
    "agent_id",
    ParamType::String,
    "the work of this agent alone",
);
const REPO: Param = Param::optional(
    "repo",
    ParamType::String,
    "the work in this repository alone, as owner/name",
);
const NOTE: Param = Param::optional(
    "note",
    ParamType::String,
    "why; agents are told it. At most 8192 bytes",
)
.up_to(NOTE_MAX);

/// Halts the work of an agent, in a repository, or all of it, or lets it go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetWork {
    target: HaltTarget,
    kind: Option<HaltKind>,
    note: Option<String>,
}

impl Call for SetWork {
    const NAME: &'static str = "set_work";
    const PARAMS: &'static [Param] = &[ACTION, AGENT, REPO, NOTE];
    const CHANGES: bool = true;
    const REFUSES: bool = false;
    type Response = HaltResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        let kind = match fields.needed_word(&ACTION)? {
            "pause" => Some(HaltKind::Paused),
            "drain" => Some(HaltKind::Draining),
            _ => None,
        };
        let target = match (fields.agent(&AGENT)?, fields.repo(&REPO)?) {
            (Some(_), Some(_)) => {
                return Err(ApiError::bad_request(
                    "agent_id and repo exclude each other: name one of them, or none for all work.",
                ));
            }
            (Some(agent), None) => HaltTarget::Agent(agent),
            (None, Some(repo)) => HaltTarget::Repo(repo),
            (None, None) => HaltTarget::Everything,
        };
        Ok(Self {
            target,
            kind,
            note: fields.text(&NOTE)?.map(str::to_owned),
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<HaltResponse> {
        let halt = service.set_halt(caller, self.target, self.kind, self.note);
        Ok(halt.await?.into())
    }
}
