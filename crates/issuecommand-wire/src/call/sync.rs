//! Running a sync at once.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::service::{Service, ServiceResult};

use super::Call;
use crate::error::ApiError;
use crate::params::{Param, ParamType, Params};
use crate::response::SyncResponse;

const IN_REPO: Param = Param::optional(
    "repo",
    ParamType::String,
    "this repository alone, as owner/name; without it all that the key may see",
);
const FULL: Param = Param::optional(
    "full",
    ParamType::Bool,
    "true: read every open issue again, and look at those that no list shows",
);

/// Runs a sync. It is for operators, so it is not a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sync {
    repo: Option<RepoName>,
    full: bool,
}

impl Call for Sync {
    const NAME: &'static str = "sync";
    const PARAMS: &'static [Param] = &[IN_REPO, FULL];
    const CHANGES: bool = true;
    const REFUSES: bool = false;
    type Response = SyncResponse;

    fn read(fields: &Params) -> Result<Self, ApiError> {
        Ok(Self {
            repo: fields.repo(&IN_REPO)?,
            full: fields.is_set(&FULL),
        })
    }

    async fn run(self, service: &Service, caller: &Caller) -> ServiceResult<SyncResponse> {
        let report = service.sync_now(caller, self.repo, self.full).await?;
        Ok(report.into())
    }
}
