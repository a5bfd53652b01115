//! Assembles the service: one database, one GitHub client, and the use cases over both.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::ports::store::Store;
use issuecommand_core::service::{DatabaseInfo, Service, Trusted};
use issuecommand_github::{PolicyFile, Rest, RestSettings, Webhooks};
use issuecommand_store::Fence;
use issuecommand_store_postgres::PostgresStore;
use issuecommand_store_sqlite::SqliteStore;
use uuid::Uuid;

use crate::clock::{DatabaseClock, SystemClock};
use crate::error::AppError;
use crate::github;
use crate::metrics::CountedSyncs;
use crate::processes::MachineProcesses;
use crate::settings::{DatabaseOptions, Settings};

/// The service behind MCP and HTTP.
pub struct Composition {
    /// The use cases.
    pub service: Service,
    store: AnyStore,
}

impl fmt::Debug for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composition")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

impl Composition {
    /// Builds what the settings describe.
    ///
    /// # Errors
    /// A missing token, a database that cannot be opened, an invalid GitHub address.
    pub async fn of(settings: &Settings) -> Result<Self, AppError> {
        let github = github::choose(settings).await?;
        Self::over(settings, settings.database()?, github).await
    }

    /// Builds it with a database and a GitHub client that were chosen before.
    pub(crate) async fn over(
        settings: &Settings,
        database: DatabaseOptions,
        github: RestSettings,
    ) -> Result<Self, AppError> {
        github::introduce(settings, &github);
        Self::new(
            database,
            settings.policy.clone(),
            settings.allowed.clone(),
            github,
            settings.ignore_self,
        )
        .await
        .map(|mut composition| {
            composition.service = composition.service.reading_whole_each(settings.full_sync);
            composition
        })
    }

    /// Builds it from this database and this GitHub client. `allowed` are the offered repositories; `ignores_self` leaves out
    /// feedback by the token's own user.
    ///
    /// # Errors
    /// A database that cannot be opened, an invalid GitHub address.
    pub async fn new(
        database: DatabaseOptions,
        policy: Policy,
        allowed: Scope,
        github: RestSettings,
        ignores_self: bool,
    ) -> Result<Self, AppError> {
        let clock = Arc::new(DatabaseClock::over(Arc::new(SystemClock)));
        let rest = Rest::new(&github, clock.clone())
            .map_err(|error| AppError::Github(error.to_string()))?;
        let age = policy.issue_check_age;
        let trusted = Trusted {
            issues: policy.readiness.authors,
            feedback: policy.feedback_authors,
            own_login: policy.readiness.agent_logins.is_none(),
        };
        let store = AnyStore::open(database, policy.clone(), &clock).await?;
        let holder = format!("{}-{}", std::process::id(), Uuid::new_v4());
        let service = Service::new(store.port(), Arc::new(rest), clock, allowed, &holder)
            .reading(Arc::new(Webhooks), ignores_self)
            .reading_policies(Arc::new(PolicyFile))
            .rereading_after(age)
            .under(&policy)
            .with_processes(Arc::new(MachineProcesses))
            .trusting(trusted)
            .watched(Arc::new(CountedSyncs))
            .on_database(store.info());
        service.refresh_allowed().await?;
        Ok(Self { service, store })
    }

    /// The files of the database with their identities; empty for a server.
    pub(crate) fn files(&self) -> Vec<(PathBuf, String)> {
        match &self.store {
            AnyStore::Sqlite(store) => store.database().identity().files,
            AnyStore::Postgres(_) => Vec::new(),
        }
    }

    /// The fence between this process and its database. Once it is closed, every call is refused.
    pub(crate) fn fence(&self) -> &Fence {
        match &self.store {
            AnyStore::Sqlite(store) => store.database().fence(),
            AnyStore::Postgres(store) => store.database().fence(),
        }
    }

    /// Waits until the fence is closed, by the store when it notices that its database was replaced, or by this program.
    /// Returns the message for callers.
    pub(crate) async fn fenced(&self) -> String {
        match &self.store {
            AnyStore::Sqlite(store) => store.database().fenced().await,
            AnyStore::Postgres(store) => store.database().fenced().await,
        }
    }

    /// Finishes running transactions and closes the database.
    pub async fn close(self) {
        self.store.close().await;
    }
}

/// The store of the settings. Callers do not depend on its kind.
pub(crate) enum AnyStore {
    Sqlite(Arc<SqliteStore>),
    Postgres(Arc<PostgresStore>),
}

impl AnyStore {
    pub(crate) async fn open(
        database: DatabaseOptions,
        policy: Policy,
        clock: &Arc<DatabaseClock>,
    ) -> Result<Self, AppError> {
        match database {
            DatabaseOptions::Sqlite(options) => {
                let store = options.open(policy, clock.clone()).await?;
                Ok(Self::Sqlite(Arc::new(store)))
            }
            DatabaseOptions::Postgres(mut options) => {
                let read = Arc::clone(clock);
                options.on_time = Some(Arc::new(move |theirs| read.read(theirs)));
                let store = options.open(policy).await?;
                Ok(Self::Postgres(Arc::new(store)))
            }
        }
    }

    /// The identity of the database. A copy has the same random id, so the identity also contains the place.
    fn info(&self) -> DatabaseInfo {
        match self {
            Self::Sqlite(store) => {
                let identity = store.database().identity();
                let file = identity.files.first().map_or("?", |(_, file)| file);
                DatabaseInfo {
                    id: format!("{}@{file}", identity.id),
                    place: identity.path.display().to_string(),
                }
            }
            Self::Postgres(store) => {
                let identity = store.database().identity();
                DatabaseInfo {
                    id: format!("{}@{}", identity.id, identity.server),
                    place: identity.place,
                }
            }
        }
    }

    pub(crate) fn port(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => store.clone(),
            Self::Postgres(store) => store.clone(),
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
        }
    }
}
