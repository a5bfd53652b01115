//! The settings' words for a database, as the stores have them: neither crate knows the other.

use issuecommand_config::{Database, JournalMode, Synchronous};
use issuecommand_core::domain::failure::StoreError;
use issuecommand_store_postgres::PostgresOptions;
use issuecommand_store_sqlite::{self as sqlite, SqliteOptions};

/// How to open the database that the settings name.
pub(crate) enum Options {
    Sqlite(SqliteOptions),
    Postgres(Box<PostgresOptions>),
}

impl Options {
    /// Where the database is, in words for people.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Sqlite(options) => std::path::absolute(&options.path)
                .unwrap_or_else(|_| options.path.clone())
                .display()
                .to_string(),
            Self::Postgres(options) => options.place(),
        }
    }

    pub(crate) fn of(database: &Database) -> Result<Self, StoreError> {
        match database {
            Database::Sqlite {
                path,
                asked_for: _,
                busy_timeout,
                journal_mode,
                synchronous,
            } => Ok(Self::Sqlite(SqliteOptions {
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
            })),
            Database::Postgres {
                url,
                schema,
                pool_size,
                statement_timeout,
                lock_timeout,
            } => {
                let mut options = PostgresOptions::new(url.expose())?;
                options.readers = *pool_size;
                options.schema.clone_from(schema);
                options.statement_timeout = *statement_timeout;
                options.lock_timeout = *lock_timeout;
                Ok(Self::Postgres(Box::new(options)))
            }
        }
    }
}
