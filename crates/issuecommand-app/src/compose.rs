//! Putting the parts together: one database, one way to GitHub, the use cases over both.

use std::fmt;
use std::sync::Arc;

use issuecommand_config::{Database, JournalMode, Settings, Synchronous};
use issuecommand_core::command::Scope;
use issuecommand_core::policy::Policy;
use issuecommand_core::service::Service;
use issuecommand_github::{Rest, RestSettings, Webhooks};
use issuecommand_store_sqlite::{self as sqlite, SqliteOptions, SqliteStore};
use secrecy::SecretString;
use uuid::Uuid;

use crate::clock::SystemClock;
use crate::error::AppError;

/// The running parts behind MCP and HTTP.
pub struct Composition {
    /// The use cases.
    pub service: Service,
    store: Arc<SqliteStore>,
}

impl fmt::Debug for Composition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composition")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

impl Composition {
    /// What the settings ask for.
    ///
    /// # Errors
    /// A missing token, a database that cannot be opened, a GitHub address that is none.
    pub async fn of(settings: &Settings) -> Result<Self, AppError> {
        let token = settings.github_token()?.clone();
        Self::new(
            &settings.database,
            settings.policy(),
            settings.allowed(),
            &settings.github_api_url,
            token,
            settings.followups.ignore_self,
        )
        .await
    }

    pub(crate) async fn new(
        database: &Database,
        policy: Policy,
        allowed: Scope,
        github: &str,
        token: SecretString,
        ignores_self: bool,
    ) -> Result<Self, AppError> {
        let clock = Arc::new(SystemClock);
        let rest = Rest::new(&RestSettings::new(github, token), clock.clone())
            .map_err(|error| AppError::Github(error.to_string()))?;
        let store = SqliteStore::open(options(database), policy, clock.clone()).await?;
        let store = Arc::new(store);
        let holder = format!("{}-{}", std::process::id(), Uuid::new_v4());
        let service = Service::new(store.clone(), Arc::new(rest), clock, allowed, &holder)
            .reading(Arc::new(Webhooks), ignores_self);
        Ok(Self { service, store })
    }

    /// Finishes what was begun and closes the database.
    pub async fn close(self) {
        self.store.close().await;
    }
}

/// The settings' words for a database, as the store has them: neither crate knows the other.
fn options(database: &Database) -> SqliteOptions {
    let Database::Sqlite {
        path,
        busy_timeout,
        journal_mode,
        synchronous,
    } = database;
    SqliteOptions {
        busy_timeout: *busy_timeout,
        journal_mode: match journal_mode {
            JournalMode::Wal => sqlite::JournalMode::Wal,
            JournalMode::Delete => sqlite::JournalMode::Delete,
            JournalMode::Truncate => sqlite::JournalMode::Truncate,
            JournalMode::Persist => sqlite::JournalMode::Persist,
        },
        synchronous: match synchronous {
            Synchronous::Full => sqlite::Synchronous::Full,
            Synchronous::Normal => sqlite::Synchronous::Normal,
        },
        ..SqliteOptions::new(path.clone())
    }
}
