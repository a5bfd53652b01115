//! What the writer asks of a database.

use async_trait::async_trait;
use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::time::StoreTime;
use issuecommand_core::engine::change::WriteBatch;
use issuecommand_core::engine::read_set::ReadSet;
use issuecommand_core::engine::view::View;

/// One connection that writes. The writer calls `begin`, `load`, perhaps `write` and `commit`, and `rollback` wherever that
/// row breaks off; it never drops one of these futures half way.
#[async_trait]
pub trait Backend: Send + 'static {
    /// Takes the write lock, so that nothing changes until the end of the transaction but by us, and then reads the time by
    /// [`issuecommand_core::domain::time::read_clock`]: never earlier than what the database holds, which a step of the clock corrects
    /// first.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process has the lock; the writer asks again. No transaction is open after an error.
    async fn begin(&mut self) -> Result<StoreTime, StoreError>;

    /// Loads what a batch needs, by the rules of [`ReadSet`].
    ///
    /// # Errors
    /// Any but [`StoreError::OutcomeUnknown`].
    async fn load(&mut self, needs: &ReadSet) -> Result<View, StoreError>;

    /// Writes all of it.
    ///
    /// # Errors
    /// Any but [`StoreError::OutcomeUnknown`]; [`StoreError::Corrupt`] when a row was not what the engine believed.
    async fn write(&mut self, writes: WriteBatch) -> Result<(), StoreError>;

    /// Makes what was written durable.
    ///
    /// # Errors
    /// [`StoreError::OutcomeUnknown`] when it may or may not be; [`StoreError::Fenced`] when it was written to a database that
    /// is not the one any more. After [`StoreError::Busy`] the transaction is still open and
    /// may be committed again; after any other error nothing was written.
    async fn commit(&mut self) -> Result<(), StoreError>;

    /// Leaves the transaction, whatever state it is in, so that `begin` may follow; a broken connection is replaced then.
    async fn rollback(&mut self);

    /// Closes the connection.
    async fn close(self);
}
