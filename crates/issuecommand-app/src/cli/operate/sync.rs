//! `issuecommand sync`: follows GitHub at once.
//!
//! It opens the database itself, as every process does: a service that runs on the same one sees what it wrote. So it works
//! the same whether one runs or not, and needs no `API_KEY`; where the database is out of reach there is `POST /api/sync`.

use issuecommand_config::Settings;
use issuecommand_core::command::Caller;
use issuecommand_core::failure::Failure;
use issuecommand_core::id::Principal;
use issuecommand_core::repo::RepoName;
use issuecommand_core::service::{No, SyncReport};

use super::super::{print, tell};
use crate::compose::Composition;
use crate::error::AppError;

pub(super) async fn run(
    settings: &Settings,
    repo: Option<RepoName>,
    full: bool,
) -> Result<(), AppError> {
    let composition = Composition::of(settings).await?;
    let caller = Caller::full(Principal::Local);
    let report = composition.service.sync_now(&caller, repo, full).await;
    composition.close().await;
    let report = report.map_err(|no| AppError::Command(words(&no)))?;
    told(&report)
}

fn told(report: &SyncReport) -> Result<(), AppError> {
    let tally = &report.tally;
    print(&format!(
        "{} repositories, {} open issues; new: {}, claims closed by GitHub: {}, claims that followed their issue: {}\n",
        tally.repos_scanned,
        tally.open_issues_seen,
        tally.newly_opened_issues,
        tally.externally_closed_claims,
        tally.metadata_updates
    ))?;
    for fault in &report.failed {
        tell(&format!("{fault}: {}", fault.reason))?;
    }
    match report.failed.len() {
        0 => Ok(()),
        n => Err(AppError::Command(format!("{n} things could not be read"))),
    }
}

fn words(no: &No) -> String {
    match no {
        No::Failed(Failure::SyncRunning) => {
            "another sync that was asked for has not ended yet; try again later".to_owned()
        }
        No::Failed(failure) => failure.to_string(),
        No::Refused(refusal) => format!("refused: {refusal:?}"),
    }
}
