//! The recorder behind `/metrics`: one per process, with bounded memory.

mod families;
mod process;
mod syncs;

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

pub(crate) use self::syncs::CountedSyncs;

/// Upper bounds in seconds, from a response out of the mirror to one that waited for GitHub.
const BOUNDS: [f64; 12] = [
    0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// How often observations are aggregated, so that a process that is never scraped does not keep every single one.
const ADD_UP: Duration = Duration::from_secs(5);

/// Updates the gauges that are read on demand, before each response of `/metrics`.
pub(crate) fn refresh() {
    process::refresh();
}

/// Starts the recorder until `stop`. `None` if another recorder is installed in this process.
#[expect(
    clippy::disallowed_methods,
    reason = "upkeep of the counters, ended by its token"
)]
pub(crate) fn start(stop: &CancellationToken) -> Option<PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let handle = RECORDER.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&BOUNDS).ok()?;
        let handle = builder.install_recorder().ok()?;
        families::describe();
        Some(handle)
    });
    let handle = handle.clone()?;
    let (upkeep, stop) = (handle.clone(), stop.clone());
    tokio::spawn(stop.run_until_cancelled_owned(async move {
        loop {
            tokio::time::sleep(ADD_UP).await;
            upkeep.run_upkeep();
        }
    }));
    Some(handle)
}
