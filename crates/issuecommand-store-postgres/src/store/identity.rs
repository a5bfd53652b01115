//! Which database a store has open, and the end of that.

use issuecommand_store::Fence;

use super::PostgresDatabase;

/// Which database a store has open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The random id in it, which a dump of it has too.
    pub id: String,
    /// The server and its timeline, as far as the role may ask, and the number of a table: unlike for each copy.
    pub server: String,
    /// Where it is, without user and password.
    pub place: String,
}

impl PostgresDatabase {
    /// Which database this is.
    pub fn identity(&self) -> Identity {
        let opened = &self.guard.opened;
        let server = opened.server.as_deref().unwrap_or("?");
        Identity {
            id: opened.id.clone(),
            server: format!("{server}/{:x}", opened.table),
            place: self.place.clone(),
        }
    }

    /// The fence before this database. It closes by itself when the database is no longer the one that was opened.
    pub fn fence(&self) -> &Fence {
        &self.guard.fence
    }

    /// Waits until the fence is closed, and returns what callers are told.
    pub async fn fenced(&self) -> String {
        self.guard.fence.closed().await
    }
}
