//! What every handler has at hand.

use std::sync::Arc;

use issuecommand_core::service::Service;
use tokio_util::sync::CancellationToken;

use crate::auth::KeyHash;
use crate::limits::Limits;
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
    pub(crate) shutdown: CancellationToken,
}
