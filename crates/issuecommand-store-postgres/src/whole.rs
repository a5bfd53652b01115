//! The database as a whole: read out row by row, filled from rows, and looked through.

mod fill;
mod inspect;
mod read_out;

use async_trait::async_trait;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_store_sql::DumpDatabase;
use sqlx::AssertSqlSafe;

pub use self::fill::fill;
pub use self::inspect::{inspect, is_there};
pub use self::read_out::read_out;
use crate::bulk::{Args, Db};

/// The newest schema that this version knows: that of everything it reads out.
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
