//! What every handler has at hand.

use std::sync::Arc;

use issuecommand_core::service::Service;
use tokio_util::sync::CancellationToken;

use crate::auth::KeyHash;
use crate::budget::Budget;
use crate::limits::Limits;
use crate::refusals::Refusals;
use crate::settings::HttpSettings;
use crate::sse::Hub;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct AppState {
    pub(crate) service: Service,
    pub(crate) settings: Arc<HttpSettings>,
    pub(crate) key: KeyHash,
    pub(crate) limits: Limits,
    pub(crate) hub: Hub,
    /// Bodies of which it is not known yet who sent them.
    pub(crate) unproven: Budget,
    /// Large answers that wait for their readers.
    pub(crate) waiting: Budget,
    pub(crate) refusals: Refusals,
    pub(crate) shutdown: CancellationToken,
}

impl AppState {
    /// Whether `/metrics` is open to everybody.
    pub(crate) fn has_public_metrics(&self) -> bool {
        let metrics = self.settings.metrics.as_ref();
        metrics.is_some_and(|metrics| metrics.public)
    }
}
