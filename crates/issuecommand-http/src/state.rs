//! The state that all handlers share.

use std::sync::Arc;

use issuecommand_core::service::Service;
use issuecommand_executor::keys::{ApiKeyHash, Keys};
use issuecommand_executor::{Executor, Surface};
use tokio_util::sync::CancellationToken;

use crate::budget::Budget;
use crate::limits::Limits;
use crate::mount::{MountParts, Mounted, MountedMcp};
use crate::rejection_log::RejectionLog;
use crate::settings::HttpSettings;
use crate::sse::Hub;

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct AppState {
    pub(crate) service: Service,
    pub(crate) executor: Executor,
    pub(crate) mcp: Option<MountedMcp>,
    pub(crate) dashboard: Option<Mounted>,
    pub(crate) settings: Arc<HttpSettings>,
    pub(crate) keys: Keys,
    pub(crate) limits: Limits,
    pub(crate) hub: Hub,
    /// Bodies of deliveries that are not authenticated yet.
    pub(crate) unproven: Budget,
    /// Large responses that wait for their readers.
    pub(crate) waiting: Budget,
    pub(crate) rejections: RejectionLog,
    pub(crate) shutdown: CancellationToken,
}

impl AppState {
    /// Starts the tasks that follow the event log and that forget idle callers, until `shutdown`.
    pub(crate) fn start(
        service: Service,
        settings: HttpSettings,
        rejections: RejectionLog,
        shutdown: CancellationToken,
    ) -> Self {
        let limits = Limits::start(settings.limits.as_ref(), &shutdown);
        let executor = |surface| {
            let (length, changes) = (settings.call_timeout, limits.changes());
            Executor::new(service.clone(), surface, length, changes, shutdown.clone())
        };
        let keys = Keys::new(service.clone(), ApiKeyHash::of(&settings.api_key));
        let parts = |executor: &Executor| MountParts {
            executor: executor.clone(),
            keys: keys.clone(),
            shutdown: shutdown.clone(),
        };
        let mcp = settings.mcp.as_ref().map(|mount| {
            let executor = executor(Surface::Mcp);
            MountedMcp {
                service: mount.make(parts(&executor)),
                executor,
            }
        });
        let calls = executor(Surface::Http);
        let dashboard = settings.dashboard.as_ref();
        let dashboard = dashboard.map(|mount| mount.make(parts(&calls)));
        Self {
            executor: calls,
            mcp,
            dashboard,
            hub: Hub::start(service.clone(), &settings, shutdown.clone()),
            keys,
            unproven: Budget::of(settings.unproven_bytes),
            waiting: Budget::of(settings.waiting_bytes),
            settings: Arc::new(settings),
            service,
            limits,
            rejections,
            shutdown,
        }
    }

    /// Whether `/metrics` is open to everybody.
    pub(crate) fn has_public_metrics(&self) -> bool {
        let metrics = self.settings.metrics.as_ref();
        metrics.is_some_and(|metrics| metrics.public)
    }
}
