//! Which process works for an endpoint: the one that holds the endpoint's lease.

use std::time::Duration;

use issuecommand_core::domain::failure::{Failure, StoreError};
use issuecommand_core::domain::lease::{LeaseOutcome, LeaseProof};
use issuecommand_core::domain::time::Millis;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Notifier;
use crate::endpoint::EndpointSettings;

/// Lease duration without renewal. A dead holder is replaced within this time.
const LENGTH: Millis = Millis::seconds(30);
/// How often its holder renews it.
const RENEW: Duration = Duration::from_secs(10);
/// The longest time between two attempts to acquire the lease.
const ATTEMPT: Duration = Duration::from_secs(5);

impl Notifier {
    /// Acquires the lease of an endpoint whenever it is free, and works under it.
    pub(super) async fn lead(&self, settings: &EndpointSettings, stop: &CancellationToken) {
        let name = format!("notify:{}", settings.name);
        while !stop.is_cancelled() {
            let wait = match self.service.acquire_lease(&name, LENGTH).await {
                Ok(LeaseOutcome::Acquired(proof)) => {
                    self.hold(settings, &name, &proof, stop).await;
                    Duration::ZERO
                }
                Ok(LeaseOutcome::Held { until }) => {
                    let left = until.0 - self.service.clock().now().0;
                    let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
                    left.clamp(Duration::from_millis(50), ATTEMPT)
                }
                Err(failure) => {
                    log(
                        &settings.name,
                        &failure,
                        "the lease of an endpoint could not be taken; trying again",
                    );
                    ATTEMPT
                }
            };
            tokio::select! {
                () = sleep(wait) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Works until the lease is lost or the process stops, and then releases the lease. An attempt that is on its way then counts as
    /// not made: the next holder sends the notification again, with the same id.
    async fn hold(
        &self,
        settings: &EndpointSettings,
        name: &str,
        proof: &LeaseProof,
        stop: &CancellationToken,
    ) {
        match self
            .service
            .add_endpoint(&settings.name, settings.kind)
            .await
        {
            Ok(()) => tokio::select! {
                () = self.renew(settings, name, proof) => {}
                () = self.work(settings, proof) => {}
                () = stop.cancelled() => {}
            },
            Err(failure) => {
                log(
                    &settings.name,
                    &failure,
                    "an endpoint could not be stored; trying again",
                );
                sleep(ATTEMPT).await;
            }
        }
        if let Err(failure) = self.service.release_lease(proof.clone()).await {
            log(
                &settings.name,
                &failure,
                "the lease of an endpoint could not be given back; it runs out by itself",
            );
        }
    }

    /// Returns when the lease is lost. A store error does not give it up, because each write is fenced by the lease's epoch.
    async fn renew(&self, settings: &EndpointSettings, name: &str, proof: &LeaseProof) {
        loop {
            sleep(RENEW).await;
            match self.service.acquire_lease(name, LENGTH).await {
                Ok(LeaseOutcome::Acquired(now)) if now == *proof => {}
                Ok(_) => return,
                Err(failure) => {
                    log(
                        &settings.name,
                        &failure,
                        "the lease of an endpoint could not be renewed",
                    );
                }
            }
        }
    }
}

/// Logs a failure, unless the store itself logs it when its state changes.
pub(super) fn log(endpoint: &str, failure: &Failure, words: &str) {
    let is_told = matches!(
        failure,
        Failure::Store(StoreError::Unwritable { .. } | StoreError::Fenced(_))
    );
    if !is_told {
        tracing::warn!(name: "notify.store_failed", endpoint, %failure, "{words}");
    }
}
