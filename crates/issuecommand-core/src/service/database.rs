//! Which database this process uses, for callers that may know it.

use std::sync::Arc;

use super::Service;
use crate::domain::access::Caller;
use crate::domain::id::Principal;

/// The database of a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseInfo {
    /// Identifies this database: the random id in it, and the file or table that holds it. A copy of a file has another id.
    pub id: String,
    /// The absolute path of the file, or the server and database name. Contains no secret.
    pub place: String,
}

impl Service {
    /// Sets the database that is reported to the operator.
    #[must_use]
    pub fn on_database(mut self, database: DatabaseInfo) -> Self {
        self.database = Some(Arc::new(database));
        self
    }

    /// The database of the service, if it was set.
    pub fn database(&self) -> Option<&DatabaseInfo> {
        self.database.as_deref()
    }

    /// The database, if this caller may know it.
    pub(super) fn database_for(&self, caller: &Caller) -> Option<DatabaseInfo> {
        is_operators(caller).then(|| self.database().cloned())?
    }
}

/// Whether a caller is the operator's own: on this machine, or with the one API key.
pub(super) fn is_operators(caller: &Caller) -> bool {
    let person = match &caller.principal {
        Principal::Person { by, .. } => by,
        other => other,
    };
    matches!(
        person,
        Principal::ApiKey | Principal::Local | Principal::System
    )
}
