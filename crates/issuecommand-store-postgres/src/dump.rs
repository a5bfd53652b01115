//! The database as a whole: export, import and check.

mod check;
mod export;
mod import;

use async_trait::async_trait;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_store_sql::DumpDatabase;
use sqlx::AssertSqlSafe;

pub use self::check::{check, is_there};
pub use self::export::export;
pub use self::import::import;
use crate::statement::{Args, Db};

/// The schema version of an export: the newest that this program knows.
pub fn schema() -> i64 {
    crate::open::newest()
}

#[async_trait]
impl DumpDatabase for Db<'_> {
    async fn number(&mut self, sql: &str) -> Result<i64, StoreError> {
        let sql = AssertSqlSafe(sql.to_owned());
        let found: Vec<(i64,)> = self.read(sql, Args::default()).await?;
        Ok(found.first().map_or(0, |(number,)| *number))
    }
}
