//! Counts runs of the sync, both scheduled and requested ones.

use issuecommand_core::domain::failure::Failure;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::service::{SyncReport, SyncWatch};
use metrics::{counter, gauge};

/// Counts each finished run of this process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountedSyncs;

impl SyncWatch for CountedSyncs {
    fn ended(&self, took: Millis, result: &Result<SyncReport, Failure>) {
        #[expect(clippy::cast_precision_loss, reason = "a run takes minutes, not ages")]
        gauge!("issuecommand_sync_last_duration_seconds").set(took.0 as f64 / 1000.0);
        let word = match result {
            Ok(report) if report.failed.is_empty() => "complete",
            Ok(_) => "partial",
            Err(_) => "failed",
        };
        counter!("issuecommand_sync_runs_total", "result" => word).increment(1);
        if let Ok(report) = result {
            counter!("issuecommand_sync_skipped_total").increment(report.failed.len() as u64);
        }
    }
}
