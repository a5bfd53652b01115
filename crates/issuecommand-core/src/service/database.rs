//! Which database this is, for those who may know it.

use std::sync::Arc;

use super::Service;
use crate::domain::access::Caller;
use crate::domain::id::Principal;

/// Which database a process works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseInfo {
    /// Names this one database: the random id in it, and the file or table that holds it. A copy of a file has another.
    pub id: String,
    /// For people: the absolute path of the file, or the server and the name. Holds no secret.
    pub place: String,
}

impl Service {
    /// The same service, which tells the operator that it works on this database.
    #[must_use]
    pub fn on_database(mut self, database: DatabaseInfo) -> Self {
        self.database = Some(Arc::new(database));
        self
    }

    /// The database that it works on, where it was told.
    pub fn database(&self) -> Option<&DatabaseInfo> {
        self.database.as_deref()
    }

    /// The database, as far as this caller may know of it.
    pub(super) fn database_for(&self, caller: &Caller) -> Option<DatabaseInfo> {
        is_operators(caller).then(|| self.database().cloned())?
    }
}

/// Whether a caller is the operator's own: on this machine, or with the one API key.
pub(super) fn is_operators(caller: &Caller) -> bool {
    match caller.principal {
        Principal::ApiKey | Principal::Local | Principal::System => true,
        Principal::Key(_) => false,
    }
}
