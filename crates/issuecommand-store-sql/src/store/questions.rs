//! Questions to the database whose answers are values of core.

use issuecommand_core::domain::failure::StoreError;

use super::{Ask, Database, SqlStore};
use crate::rows::{StoredRow, value, values};

impl<D: Database> SqlStore<D> {
    /// Asks for rows as values of core.
    pub(super) async fn all<R>(
        &self,
        sql: &'static str,
        args: D::Args,
    ) -> Result<Vec<R::Value>, StoreError>
    where
        R: StoredRow,
        D: Ask<R>,
    {
        let rows: Vec<R> = self.database.ask(sql, args).await?;
        values(rows)
    }

    /// The same for one row at most.
    pub(super) async fn first<R>(
        &self,
        sql: &'static str,
        args: D::Args,
    ) -> Result<Option<R::Value>, StoreError>
    where
        R: StoredRow,
        D: Ask<R>,
    {
        let rows: Vec<R> = self.database.ask(sql, args).await?;
        rows.into_iter().next().map(value).transpose()
    }

    /// Asks for one number.
    pub(super) async fn number(
        &self,
        sql: &'static str,
        args: D::Args,
    ) -> Result<Option<i64>, StoreError> {
        let rows: Vec<(i64,)> = self.database.ask(sql, args).await?;
        Ok(rows.first().map(|(number,)| *number))
    }
}
