//! The state that all handlers share.

use std::ops::Deref;
use std::sync::Arc;

use issuecommand_core::service::Service;
use issuecommand_executor::{Executor, Surface};
use tokio_util::sync::CancellationToken;

use crate::api_key::KeyHash;
use crate::budget::Budget;
use crate::limits::Limits;
use crate::mount::MountedMcp;
use crate::rejection_log::RejectionLog;
use crate::settings::HttpSettings;
use crate::sse::Hub;

/// The state. Every layer and handler clones it for every request, so that it is one pointer.
#[derive(Clone, Debug)]
pub(crate) struct AppState(Arc<Shared>);

/// What the state has.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) service: Service,
    pub(crate) executor: Executor,
    pub(crate) mcp: Option<MountedMcp>,
    pub(crate) settings: Arc<HttpSettings>,
    pub(crate) key: KeyHash,
    pub(crate) limits: Limits,
    pub(crate) hub: Hub,
    /// Bodies of deliveries that are not authenticated yet.
    pub(crate) unproven: Budget,
    /// Large responses that wait for their readers.
    pub(crate) waiting: Budget,
    pub(crate) rejections: RejectionLog,
    pub(crate) shutdown: CancellationToken,
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
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
        let mcp = settings.mcp.as_ref().map(|mount| {
            let executor = executor(Surface::Mcp);
            MountedMcp {
                service: mount.make(executor.clone()),
                executor,
            }
        });
        Self(Arc::new(Shared {
            executor: executor(Surface::Http),
            mcp,
            hub: Hub::start(service.clone(), &settings, shutdown.clone()),
            key: KeyHash::of(&settings.api_key),
            unproven: Budget::of(settings.unproven_bytes),
            waiting: Budget::of(settings.waiting_bytes),
            settings: Arc::new(settings),
            service,
            limits,
            rejections,
            shutdown,
        }))
    }

    /// Whether `/metrics` is open to everybody.
    pub(crate) fn has_public_metrics(&self) -> bool {
        let metrics = self.settings.metrics.as_ref();
        metrics.is_some_and(|metrics| metrics.public)
    }
}
