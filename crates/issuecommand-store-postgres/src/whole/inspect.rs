//! Looking a database through without changing anything.

use issuecommand_core::failure::StoreError;
use issuecommand_store::whole::Inspection;
use sqlx::Connection;

use super::broken;
use crate::backend::connect;
use crate::bulk::{Args, Db};
use crate::error::db;
use crate::open;
use crate::options::PostgresOptions;

const BEGIN: &str = "-- inspect
     BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
     SET LOCAL statement_timeout = 0";

const FACTS: &str = "-- facts
     SELECT current_setting('server_version'), pg_database_size(current_database()), pg_is_in_recovery()";

/// Looks the database through.
///
/// # Errors
/// Why it could not be reached or read.
pub async fn inspect(options: &PostgresOptions) -> Result<Inspection, StoreError> {
    let mut conn = connect(options).await?;
    let mut asked = Db::new(&mut conn, false);
    asked.texts(BEGIN).await?;
    let facts: Vec<(String, i64, bool)> = asked.read(FACTS, Args::default()).await?;
    let (version, bytes, replica) = facts.into_iter().next().unwrap_or_default();
    let known_schema = open::newest();
    let found = open::found(&mut asked).await?;
    let mut inspection = Inspection {
        software: format!("PostgreSQL {version}"),
        schema: found,
        known_schema,
        bytes: bytes.unsigned_abs(),
        ..Inspection::default()
    };
    if replica {
        inspection.faults.push(
            "this is a replica: DATABASE_URL must lead to the server that is written to".to_owned(),
        );
    }
    // In a database of another version the statements mean nothing.
    if found == known_schema {
        inspection.broken = broken(&mut asked).await?;
    }
    conn.close().await.map_err(db)?;
    Ok(inspection)
}

/// Whether the database has tables of ours, without making any.
///
/// # Errors
/// Why it could not be reached or read.
pub async fn is_there(options: &PostgresOptions) -> Result<bool, StoreError> {
    let mut conn = connect(options).await?;
    let found = open::found(&mut Db::new(&mut conn, false)).await?;
    conn.close().await.map_err(db)?;
    Ok(found > 0)
}
