//! The trait that a database implements for the writer.

use async_trait::async_trait;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::StoreTime;
use issuecommand_core::engine::change::WriteBatch;
use issuecommand_core::engine::read_set::ReadSet;
use issuecommand_core::engine::view::View;

/// The connection that writes. The writer calls `begin`, `load`, and if there is something to write `write` and `commit`; after an error
/// it calls `rollback`. It never drops one of these futures before it has ended.
#[async_trait]
pub trait Backend: Send + 'static {
    /// Takes the write lock, so that nobody else writes until the end of the transaction, and then reads the time by
    /// [`issuecommand_core::domain::time::read_clock`]. The time is never earlier than the times in the database, which are corrected
    /// first after a step of the clock.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process holds the lock; the writer retries. No transaction is open after an error.
    async fn begin(&mut self) -> Result<StoreTime, StoreError>;

    /// Loads what a batch needs, by the rules of [`ReadSet`].
    ///
    /// # Errors
    /// Any but [`StoreError::OutcomeUnknown`].
    async fn load(&mut self, needs: &ReadSet) -> Result<View, StoreError>;

    /// Writes the batch.
    ///
    /// # Errors
    /// Any but [`StoreError::OutcomeUnknown`]; [`StoreError::Corrupt`] when a row is no longer as it was loaded.
    async fn write(&mut self, writes: WriteBatch) -> Result<(), StoreError>;

    /// Commits.
    ///
    /// # Errors
    /// [`StoreError::OutcomeUnknown`] when the commit may or may not be durable; [`StoreError::Fenced`] when the database was replaced
    /// meanwhile. After [`StoreError::Busy`] the transaction is still open and may be committed again; after any other error nothing
    /// was written.
    async fn commit(&mut self) -> Result<(), StoreError>;

    /// Ends the transaction, whatever state it is in. `begin` may follow, and replaces a broken connection.
    async fn rollback(&mut self);

    /// Closes the connection.
    async fn close(self);
}
