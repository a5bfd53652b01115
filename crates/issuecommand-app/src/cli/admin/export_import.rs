//! `issuecommand export` and `issuecommand import`: a whole database as JSON lines, between any kinds of database.
//!
//! The first line names the format and the schema. The last line has the number of rows of each table and the SHA-256 of all
//! earlier lines. Every other line is a row, `{"table":…,"row":{…}}`.

mod dump_file;

use std::path::Path;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::Clock;
use issuecommand_store::dump::{Counts, DumpRow};
use issuecommand_store_postgres::dump as postgres;
use issuecommand_store_sqlite::dump as sqlite;

use self::dump_file::{DumpReader, DumpWriter};
use crate::clock::SystemClock;
use crate::error::AppError;
use crate::output::tell;
use crate::settings::{DatabaseOptions, Settings};

pub(super) async fn export(settings: &Settings, file: &Path) -> Result<(), AppError> {
    let options = settings.database()?;
    let schema = match &options {
        DatabaseOptions::Sqlite(_) => sqlite::schema(),
        DatabaseOptions::Postgres(_) => postgres::schema(),
    };
    let mut out = DumpWriter::create(file, schema)?;
    let mut put = |row: DumpRow| out.put(&row);
    let read = match &options {
        DatabaseOptions::Sqlite(options) => sqlite::export(options, &mut put).await,
        DatabaseOptions::Postgres(options) => postgres::export(options, &mut put).await,
    };
    if let Err(error) = read {
        out.discard();
        return Err(error.into());
    }
    let counts = out.finish()?;
    tell(&format!("exported {}", words(&counts)))
}

pub(super) async fn import(settings: &Settings, file: &Path) -> Result<(), AppError> {
    DumpReader::check(file)?;
    let mut lines = DumpReader::open(file)?;
    let schema = lines.schema();
    let mut take = || lines.next();
    let counts = match settings.database()? {
        DatabaseOptions::Sqlite(options) => {
            sqlite::import(&options, SystemClock.now(), schema, &mut take).await
        }
        DatabaseOptions::Postgres(options) => postgres::import(&options, schema, &mut take).await,
    };
    let counts = match counts {
        Ok(counts) => counts,
        Err(StoreError::NewerSchema { found, known }) => {
            return Err(AppError::Command(format!(
                "{} has schema {found}, and this version knows {known}: import it with the version that exported it, or a later one",
                file.display()
            )));
        }
        Err(error) => return Err(lines.fault().unwrap_or_else(|| error.into())),
    };
    tell(&format!(
        "imported {}; all counts and invariants agree",
        words(&counts)
    ))
}

fn words(counts: &Counts) -> String {
    let rows: u64 = counts.values().sum();
    let of = |table: &str| counts.get(table).copied().unwrap_or(0);
    format!(
        "{rows} rows: {} repositories, {} issues, {} claims, {} follow-ups, {} events and what belongs to them",
        of("repo"),
        of("issue"),
        of("claim"),
        of("followup"),
        of("event")
    )
}
