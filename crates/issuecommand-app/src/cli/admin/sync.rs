//! `issuecommand sync`: runs a sync at once.
//!
//! It opens the existing database directly, as every process does, and a service on the same database sees the result. So it
//! works whether a service runs or not, and needs no `API_KEY`. If the database cannot be reached from here, use `POST
//! /api/sync`.

use std::collections::BTreeSet;

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::failure::Failure;
use issuecommand_core::domain::id::Principal;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::service::{ServiceError, SyncReport};

use super::find;
use crate::composition::Composition;
use crate::error::AppError;
use crate::output::{print, tell};
use crate::settings::Settings;

pub(super) async fn run(
    settings: &Settings,
    repo: Option<RepoName>,
    full: bool,
) -> Result<(), AppError> {
    let place = find(settings).await?;
    tell(&format!("database: {place}"))?;
    let composition = Composition::of(settings).await?;
    let caller = Caller::full(Principal::Local);
    let before = already_read(&composition).await;
    let report = composition.service.sync_now(&caller, repo, full).await;
    let found = first_seen(&composition, &before).await;
    composition.close().await;
    let report = report.map_err(|no| AppError::Command(words(&no)))?;
    told(&report, found)
}

/// The repositories whose issues were already in the mirror.
async fn already_read(composition: &Composition) -> BTreeSet<RepoName> {
    let repos = composition.service.store().repos().await;
    let repos = repos.unwrap_or_default().into_iter();
    let read = repos.filter(|count| count.repo.synced_at.is_some());
    read.map(|count| count.repo.facts.name).collect()
}

/// The open issues of repositories that were read for the first time. The sync report leaves them out, because they are not
/// news.
async fn first_seen(composition: &Composition, before: &BTreeSet<RepoName>) -> u64 {
    let repos = composition.service.store().repos().await;
    let repos = repos.unwrap_or_default().into_iter();
    let new = repos
        .filter(|count| count.repo.synced_at.is_some() && !before.contains(&count.repo.facts.name));
    new.map(|count| count.open).sum()
}

fn told(report: &SyncReport, first_seen: u64) -> Result<(), AppError> {
    let tally = &report.tally;
    print(&format!(
        "{} repositories, {} open issues; new: {}, claims closed by GitHub: {}, claims that followed their issue: {}\n",
        tally.repos_scanned,
        tally.open_issues_seen,
        tally.newly_opened_issues + first_seen,
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

fn words(no: &ServiceError) -> String {
    match no {
        ServiceError::Failed(Failure::SyncRunning) => {
            "another sync that was asked for has not ended yet; try again later".to_owned()
        }
        ServiceError::Failed(failure) => failure.to_string(),
        ServiceError::Refused(refusal) | ServiceError::NoWork { refusal, .. } => {
            format!("refused: {refusal:?}")
        }
    }
}
