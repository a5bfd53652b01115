//! The background work: sync, sweep and outbox. Only the process that holds the lease runs it.

use std::time::Duration;

use issuecommand_core::domain::failure::{Failure, StoreError};
use issuecommand_core::domain::lease::{LeaseOutcome, LeaseProof};
use issuecommand_core::domain::time::Millis;
use issuecommand_core::service::{Service, SyncReport};
use metrics::gauge;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at, sleep};
use tokio_util::sync::CancellationToken;

use crate::clock::duration;

/// The name of the lease.
const LEASE: &str = "background";
/// Lease duration without renewal. A dead holder is replaced within this time.
const LENGTH: Millis = Millis::seconds(30);
/// How often its holder renews it.
const RENEW: Duration = Duration::from_secs(10);
/// How often a process resolves the names in `ALLOWED_REPOS`.
const WATCH: Duration = Duration::from_secs(3);
/// The longest time between two attempts to acquire the lease.
const ATTEMPT: Duration = Duration::from_secs(5);

/// The intervals of the background work.
#[derive(Clone, Copy, Debug)]
pub struct Intervals {
    /// Between two syncs.
    pub sync: Duration,
    /// Between two sweeps, which mark stale claims and trim old rows.
    pub sweep: Duration,
    /// Between two runs of the outbox and of deferred deliveries.
    pub outbox: Duration,
}

impl Intervals {
    /// The default intervals with the given `SYNC_INTERVAL_MINUTES`.
    pub fn with_sync(every: Millis) -> Self {
        Self {
            sync: duration(every),
            sweep: Duration::from_secs(30),
            outbox: Duration::from_secs(5),
        }
    }
}

/// Runs the background work until told to stop: the part of every process, and the part of the lease holder.
pub async fn run(service: Service, rhythm: Intervals, stop: CancellationToken) {
    tokio::join!(
        watch(service.clone(), stop.clone()),
        Box::pin(lead(service, rhythm, stop))
    );
}

/// Keeps the resolved `ALLOWED_REPOS` and the standing warnings up to date.
async fn watch(service: Service, stop: CancellationToken) {
    loop {
        if let Err(error) = service.refresh_allowed().await
            && !is_told(&Failure::Store(error.clone()))
        {
            tracing::warn!(name: "allowed.not_read", %error, "what ALLOWED_REPOS names could not be looked up; trying again");
        }
        for words in service.new_warnings() {
            tracing::warn!(name: "operator.warning", "{words}");
        }
        tokio::select! {
            () = sleep(WATCH) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Acquires the lease whenever it is free, and works under it.
async fn lead(service: Service, rhythm: Intervals, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let wait = match service.acquire_lease(LEASE, LENGTH).await {
            Ok(LeaseOutcome::Acquired(proof)) => {
                tracing::info!(
                    name: "background.taken", epoch = proof.epoch(),
                    "this process does the background work now"
                );
                gauge!("issuecommand_leader").set(1.0);
                Box::pin(hold(&service, &proof, rhythm, &stop)).await;
                gauge!("issuecommand_leader").set(0.0);
                Duration::ZERO
            }
            Ok(LeaseOutcome::Held { until }) => {
                let left = Millis(until.0 - service.clock().now().0);
                duration(left).clamp(Duration::from_millis(50), ATTEMPT)
            }
            Err(failure) => {
                if !is_told(&failure) {
                    tracing::warn!(name: "background.lease_failed", %failure, "the lease for background work could not be taken; trying again");
                }
                ATTEMPT
            }
        };
        tokio::select! {
            () = sleep(wait) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Works until the lease is lost or the process stops, and then releases the lease.
async fn hold(service: &Service, proof: &LeaseProof, rhythm: Intervals, stop: &CancellationToken) {
    tokio::select! {
        () = renew(service, proof) => tracing::warn!(name: "background.lost", "another process does the background work now"),
        () = work(service, proof, rhythm) => tracing::warn!(name: "background.lost", "the background work lost its lease"),
        () = stop.cancelled() => {}
    }
    if let Err(failure) = service.release_lease(proof.clone()).await
        && !is_told(&failure)
    {
        tracing::warn!(name: "background.lease_failed", %failure, "the lease could not be given back; it runs out by itself");
    }
}

/// Returns when the lease is lost. A store error does not give it up, because each write is fenced by the lease's epoch and a
/// lease that expires meanwhile gets a new epoch.
async fn renew(service: &Service, proof: &LeaseProof) {
    loop {
        sleep(RENEW).await;
        match service.acquire_lease(LEASE, LENGTH).await {
            Ok(LeaseOutcome::Acquired(now)) if now == *proof => {}
            Ok(_) => return,
            Err(failure) if is_told(&failure) => {}
            Err(failure) => {
                tracing::warn!(name: "background.lease_failed", %failure, "the lease for background work could not be renewed");
            }
        }
    }
}

/// Returns when a write finds the lease lost.
async fn work(service: &Service, proof: &LeaseProof, rhythm: Intervals) {
    if lost("rerank", rerank(service, proof).await) {
        return;
    }
    let mut sync = interval(rhythm.sync);
    let mut sweep = interval_at(Instant::now() + rhythm.sweep, rhythm.sweep);
    let mut outbox = interval(rhythm.outbox);
    for timer in [&mut sync, &mut sweep, &mut outbox] {
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    let syncing = async {
        loop {
            sync.tick().await;
            if lost("sync", run_sync(service, proof).await) {
                return;
            }
        }
    };
    let minding = async {
        loop {
            let gone = tokio::select! {
                _ = sweep.tick() => lost("sweep", service.sweep(proof).await.map(drop)),
                _ = outbox.tick() => {
                    lost("outbox", run_outbox(service, proof).await)
                        || lost("deliveries", service.retry_deliveries().await.map(drop))
                }
            };
            if gone {
                return;
            }
        }
    };
    tokio::select! {
        () = syncing => {}
        () = minding => {}
    }
}

async fn rerank(service: &Service, proof: &LeaseProof) -> Result<(), Failure> {
    service.rerank(proof).await
}

async fn run_sync(service: &Service, proof: &LeaseProof) -> Result<(), Failure> {
    let begun = Instant::now();
    let report = service.sync(proof).await?;
    let seconds = begun.elapsed().as_secs_f64();
    log_faults(&report);
    tracing::info!(
        name: "sync.done", repos = report.tally.repos_scanned,
        open = report.tally.open_issues_seen,
        closed_claims = report.tally.externally_closed_claims,
        seconds,
        "synced with GitHub"
    );
    Ok(())
}

async fn run_outbox(service: &Service, proof: &LeaseProof) -> Result<(), Failure> {
    for (entry, why) in service.run_outbox(proof).await?.given_up {
        let (repo, number) = entry.write.issue();
        tracing::warn!(
            name: "outbox.given_up", %repo, number = number.get(), claim = entry.claim.map(tracing::field::display), why,
            "GitHub refuses to close an issue that its agent finished: it is withheld until it changes on GitHub"
        );
    }
    Ok(())
}

/// Logs the errors of a sync.
fn log_faults(report: &SyncReport) {
    for fault in &report.failed {
        let (repo, why) = (fault.to_string(), &fault.reason);
        tracing::warn!(name: "sync.repo_skipped", repo, why, "not synced this time; what is known of it stays");
    }
}

/// Whether the store itself logs this failure when its state changes. A line for each attempt would fill the log and the disk.
fn is_told(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::Store(StoreError::Unwritable { .. } | StoreError::Fenced(_))
    )
}

/// Whether the lease is lost. Any other failure is logged, and the next tick tries again.
fn lost(what: &str, result: Result<(), Failure>) -> bool {
    match result {
        Ok(()) => false,
        Err(Failure::LeaseLost(_)) => true,
        Err(failure) if is_told(&failure) => false,
        Err(failure) => {
            tracing::warn!(name: "background.failed", what, %failure, "background work failed; it will be tried again");
            false
        }
    }
}
