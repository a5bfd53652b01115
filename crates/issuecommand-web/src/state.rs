//! The state that all pages share.

use std::sync::Arc;
use std::time::Duration;

use issuecommand_core::service::Service;
use issuecommand_executor::Executor;
use issuecommand_executor::keys::Keys;
use issuecommand_executor::limits::{LimitClock, MOST_CALLERS, SignInLimits};
use tokio_util::sync::CancellationToken;

use crate::live::Hub;
use crate::options::DashboardOptions;

/// How often addresses with full buckets are forgotten.
const FORGET_IDLE_INTERVAL: Duration = Duration::from_secs(10);

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Web(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    executor: Executor,
    keys: Keys,
    options: DashboardOptions,
    sign_ins: SignInLimits,
    hub: Hub,
    shutdown: CancellationToken,
}

impl Web {
    /// Starts the task that forgets idle addresses, until `shutdown`.
    #[expect(
        clippy::disallowed_methods,
        reason = "upkeep, ended with what it keeps"
    )]
    pub(crate) fn start(
        executor: Executor,
        keys: Keys,
        options: DashboardOptions,
        shutdown: CancellationToken,
    ) -> Self {
        let clock = LimitClock::default();
        let web = Self(Arc::new(Inner {
            executor,
            keys,
            options,
            sign_ins: SignInLimits::new(SignInLimits::RATE, MOST_CALLERS, clock),
            hub: Hub::new(),
            shutdown,
        }));
        let kept = web.clone();
        tokio::spawn(async move {
            let shutdown = kept.shutdown().clone();
            while tokio::time::timeout(FORGET_IDLE_INTERVAL, shutdown.cancelled())
                .await
                .is_err()
            {
                kept.0.sign_ins.forget_idle();
            }
        });
        web
    }

    pub(crate) fn executor(&self) -> &Executor {
        &self.0.executor
    }

    pub(crate) fn service(&self) -> &Service {
        self.0.executor.service()
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    pub(crate) fn options(&self) -> &DashboardOptions {
        &self.0.options
    }

    pub(crate) fn sign_ins(&self) -> &SignInLimits {
        &self.0.sign_ins
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.0.hub
    }

    pub(crate) fn shutdown(&self) -> &CancellationToken {
        &self.0.shutdown
    }
}
