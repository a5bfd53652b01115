//! The texts of the questions about endpoints and notifications.

use issuecommand_store_sql::NotifyStatements;

pub(super) const ALL: NotifyStatements = NotifyStatements {
    endpoints: ENDPOINTS,
    due: DUE,
    latest: LATEST,
    one: ONE,
};

pub(crate) const ENDPOINTS: &str = "-- notify_endpoints
     SELECT name, kind, cursor, disabled_at, disabled_why, told FROM notify_endpoint ORDER BY name";

/// ?1 endpoint, ?2 now, ?3 how many.
pub(crate) const DUE: &str = "-- due_notifications
     SELECT endpoint, id, kind, content, state, attempts, due, status, error, created_at, ended_at
     FROM notification WHERE state = 'waiting' AND endpoint = ?1 AND due <= ?2 ORDER BY due, id LIMIT ?3";

/// ?1 endpoint or NULL, ?2 state or NULL, ?3 how many.
pub(crate) const LATEST: &str = "-- latest_notifications
     SELECT endpoint, id, kind, content, state, attempts, due, status, error, created_at, ended_at
     FROM notification WHERE (?1 IS NULL OR endpoint = ?1) AND (?2 IS NULL OR state = ?2)
     ORDER BY created_at DESC, endpoint, id LIMIT ?3";

/// ?1 endpoint, ?2 id.
pub(crate) const ONE: &str = "-- notification
     SELECT endpoint, id, kind, content, state, attempts, due, status, error, created_at, ended_at
     FROM notification WHERE endpoint = ?1 AND id = ?2";
