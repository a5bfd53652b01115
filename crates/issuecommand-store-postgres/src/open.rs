//! Opening the database: checks its encoding and owner, and runs the migrations, one instance at a time.

use std::time::Duration;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_store_sql::Args as _;
use issuecommand_store_sql::schema;
use sqlx::migrate::{Migration, Migrator};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};
use tokio::time::timeout;

use crate::error::{db, silent};
use crate::options::PostgresOptions;
use crate::place::{Contents, Place, lead_to, quoted};
use crate::session::connect;
use crate::statement::{Args, Db};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");

/// How long the migrations may take, those of another instance and then ours.
const PATIENCE: Duration = Duration::from_mins(2);

/// The lock belongs to the transaction, so that it is released however that ends. Its number is "IssueCmd" in ASCII.
const LOCK: &str = "-- lock_schema
     SELECT set_config('lock_timeout', '60000', true), set_config('statement_timeout', '0', true),
         set_config('idle_in_transaction_session_timeout', '60000', true);
     SELECT pg_advisory_xact_lock(5292704929230121316)";

const ENCODING: &str = "-- encoding
     SELECT current_setting('server_encoding')";

const SCHEMA: &str = "-- schema
     SELECT coalesce(max(version), 0) FROM _sqlx_migrations";

/// The list of migrations, in the format of sqlx's tools.
const LIST: &str = "-- list_migrations
     CREATE TABLE IF NOT EXISTS _sqlx_migrations (
         version        bigint PRIMARY KEY,
         description    text NOT NULL,
         installed_on   timestamptz NOT NULL DEFAULT now(),
         success        boolean NOT NULL,
         checksum       bytea NOT NULL,
         execution_time bigint NOT NULL
     )";

/// $1 number, $2 name, $3 checksum.
const DONE: &str = "-- migrated
     INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
     VALUES ($1, $2, true, $3, -1)";

/// Opens a connection, runs the migrations, and returns the schema of our tables.
pub(crate) async fn open(options: &PostgresOptions) -> Result<(PgConnection, String), StoreError> {
    let mut conn = connect(options).await?;
    let asked = options.schema.as_deref();
    let schema = timeout(PATIENCE, prepare(&mut conn, asked))
        .await
        .map_err(|_| silent())??;
    Ok((conn, schema))
}

async fn prepare(conn: &mut PgConnection, asked: Option<&str>) -> Result<String, StoreError> {
    check_encoding(&mut Db::new(conn, false)).await?;
    let mut transaction = conn.begin().await.map_err(db)?;
    let mut within = Db::new(&mut transaction, false);
    let place = Place::find(&mut within, asked).await?;
    place.must_be_free_or_ours()?;
    // The common case needs neither the lock nor the right to make tables.
    if found(&mut within, &place).await? == newest() {
        transaction.commit().await.map_err(db)?;
        return Ok(place.schema);
    }
    within.texts(LOCK).await?;
    // Another instance may have run the migrations meanwhile.
    let place = Place::find(&mut within, asked).await?;
    place.must_be_free_or_ours()?;
    let found = found(&mut within, &place).await?;
    if !place.exists {
        make(&mut within, &place.schema).await?;
    }
    within.texts(AssertSqlSafe(lead_to(&place.schema))).await?;
    within.texts(LIST).await?;
    for migration in MIGRATIONS.iter().filter(|next| next.version > found) {
        run(&mut within, migration).await?;
    }
    transaction.commit().await.map_err(db)?;
    Ok(place.schema)
}

/// Creates the schema.
pub(crate) async fn make(db: &mut Db<'_>, schema: &str) -> Result<(), StoreError> {
    let made = format!("-- make_schema\nCREATE SCHEMA {}", quoted(schema));
    match db.texts(AssertSqlSafe(made)).await {
        Ok(_) => Ok(()),
        Err(StoreError::Unwritable { detail, .. }) => Err(StoreError::Unavailable(format!(
            "the schema {schema} that DATABASE_SCHEMA names is not there, and this role may not make it ({detail}): let somebody \
             who may run CREATE SCHEMA {} AUTHORIZATION this role",
            quoted(schema)
        ))),
        Err(error) => Err(error),
    }
}

/// The schema version found at a place; 0 where there are no tables. Sets the search path to it until the end of the transaction.
///
/// # Errors
/// [`StoreError::NewerSchema`] for a version that this program does not know.
pub(crate) async fn found(db: &mut Db<'_>, place: &Place) -> Result<i64, StoreError> {
    if place.contents != Contents::IssueCommand {
        return Ok(0);
    }
    db.texts(AssertSqlSafe(lead_to(&place.schema))).await?;
    let found: Vec<(i64,)> = db.read(SCHEMA, Args::default()).await?;
    let (found, known) = (found.first().map_or(0, |(version,)| *version), newest());
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    Ok(found)
}

/// Runs a migration and records it. sqlx's own migrator would leave named prepared statements on the connection, which PgBouncer may give
/// to another client that prepares others under the same names.
async fn run(db: &mut Db<'_>, migration: &Migration) -> Result<(), StoreError> {
    db.texts(migration.sql.clone()).await?;
    let args = Args::default()
        .number(migration.version)?
        .text(Some(&*migration.description))?
        .with(&*migration.checksum)?;
    db.change(DONE, args).await?;
    Ok(())
}

/// The schema that this version knows.
pub(crate) fn newest() -> i64 {
    schema::newest(&MIGRATIONS)
}

/// Other encodings cannot store all texts.
async fn check_encoding(db: &mut Db<'_>) -> Result<(), StoreError> {
    let found: Vec<(String,)> = db.read(ENCODING, Args::default()).await?;
    match found.first() {
        Some((encoding,)) if encoding == "UTF8" => Ok(()),
        found => Err(StoreError::Unavailable(format!(
            "the database has the encoding {}, and must have UTF8",
            found.map_or("?", |(encoding,)| encoding)
        ))),
    }
}
