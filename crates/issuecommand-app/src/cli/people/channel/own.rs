//! The database itself, through the use cases of the service. Any number of processes may work on it.

use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::Principal;
use issuecommand_executor::{CallContext, Executor, Surface};
use issuecommand_github::{Backend, RestSettings};
use issuecommand_wire::{Call, ParamSource};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::cli::hook;
use crate::cli::people::failure::Failure;
use crate::composition::Composition;
use crate::settings::Settings;

/// How long a call may take.
const LONGEST: Duration = Duration::from_mins(2);
/// How long the end of a call that nobody waits for any more may take.
const ENDING: Duration = Duration::from_secs(10);
/// How long a change is waited for before the database is looked at.
const LOOK: Duration = Duration::from_secs(2);

/// See the module.
#[derive(Debug)]
pub(in crate::cli::people) struct OwnDatabase {
    composition: Composition,
    executor: Executor,
    place: String,
    /// Why GitHub cannot be asked, if there is no credential.
    no_token: Option<String>,
}

impl OwnDatabase {
    /// Opens the database, which must exist.
    pub(super) async fn open(settings: &Settings) -> Result<Self, Failure> {
        let Some(database) = hook::database(settings, None).await? else {
            let place = settings.database().map_err(crate::AppError::from)?.place();
            return Err(Failure::failed(format!("no service answers on this machine, and there is no database at {place}")).hint(
                "Start the service (issuecommand), set SQLITE_PATH or DATABASE_URL as it has it, or sign in to one elsewhere: \
                 issuecommand login URL",
            ));
        };
        let place = database.place();
        let token = settings.github_token();
        let no_token = token.as_ref().err().map(ToString::to_string);
        // Without a token only gh may have a login, and asking through it needs none of ours.
        let backend = if token.is_ok() {
            settings.github.backend
        } else {
            Backend::Gh
        };
        let github = RestSettings {
            token: token.ok().cloned(),
            backend,
            ..settings.github.clone()
        };
        let (policy, allowed) = (settings.policy.clone(), settings.allowed.clone());
        let mut composition =
            Composition::new(database, policy, allowed, github, settings.ignore_self).await?;
        composition.service = composition.service.reading_whole_each(settings.full_sync);
        let service = composition.service.clone();
        let executor = Executor::new(
            service,
            Surface::CommandLine,
            LONGEST,
            None,
            CancellationToken::new(),
        );
        Ok(Self {
            composition,
            executor,
            place,
            no_token,
        })
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    pub(super) async fn call<C: Call>(&self, given: Map<String, Value>) -> Result<Value, Failure> {
        let context = CallContext {
            caller: Caller::full(Principal::Local),
            request_id: Uuid::new_v4().to_string(),
            left: CancellationToken::new(),
        };
        let answer = self
            .executor
            .call::<C>(context, given.into(), ParamSource::Body)
            .await;
        let answer = answer.map_err(|error| {
            let failure = Failure::from(error);
            match &self.no_token {
                Some(why) if failure.is("github_unavailable") => failure.hint(why),
                _ => failure,
            }
        })?;
        serde_json::to_value(answer)
            .map_err(|error| Failure::failed(format!("the answer cannot be written: {error}")))
    }

    pub(super) async fn changed(&self) {
        let store = Arc::clone(self.composition.service.store());
        let _ = timeout(LOOK, store.changed()).await;
    }

    pub(super) async fn close(self) {
        // What was begun is finished, also if the person waits no longer.
        self.executor.drain(Instant::now() + ENDING).await;
        self.composition.close().await;
    }
}
