//! The identity of the open database, and its fence.

use issuecommand_store::Fence;

use super::PostgresDatabase;

/// The identity of an open database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The random id in it. A dump has the same.
    pub id: String,
    /// The server and its timeline, as far as the role may read them, and the number of a table. Differs for each copy.
    pub server: String,
    /// Server and database, without user and password.
    pub place: String,
}

impl PostgresDatabase {
    /// The identity of this database.
    pub fn identity(&self) -> Identity {
        let opened = &self.guard.opened;
        let server = opened.server.as_deref().unwrap_or("?");
        Identity {
            id: opened.id.clone(),
            server: format!("{server}/{:x}", opened.table),
            place: self.place.clone(),
        }
    }

    /// The fence of this database. It closes when the database is no longer the one that was opened.
    pub fn fence(&self) -> &Fence {
        &self.guard.fence
    }

    /// Waits until the fence is closed, and returns the text for callers.
    pub async fn fenced(&self) -> String {
        self.guard.fence.closed().await
    }
}
