//! Rereads issues after changes of labels and milestones, which affect all issues that carry them.

use super::Service;
use crate::domain::event::SyncStats;
use crate::domain::failure::Failure;
use crate::domain::repo_name::RepoName;

impl Service {
    /// Reads the issues of a repository again after a label or milestone was renamed or deleted, because that changes no
    /// `updated_at`. Changes that arrive during a reading share one more reading.
    pub(super) async fn reread_issues(&self, name: &RepoName) -> Result<(), Failure> {
        let key = name.key().to_owned();
        {
            let mut running = self.rereading();
            if let Some(again) = running.get_mut(&key) {
                *again = true;
                return Ok(());
            }
            running.insert(key.clone(), false);
        }
        loop {
            let result = self.reread_once(name).await;
            let mut running = self.rereading();
            if result.is_ok() && running.get(&key).copied() == Some(true) {
                running.insert(key.clone(), false);
                continue;
            }
            running.remove(&key);
            return result;
        }
    }

    async fn reread_once(&self, name: &RepoName) -> Result<(), Failure> {
        let row = self.store.repo(name).await?;
        let Some(repo) = row.filter(|repo| repo.offered && repo.synced_at.is_some()) else {
            return Ok(());
        };
        match repo.watermark {
            Some(watermark) => {
                let mut tally = SyncStats::default();
                self.read_whole(&repo, watermark, None, &mut tally)
                    .await
                    .map(drop)
            }
            None => self.first_sync(&repo, None).await,
        }
    }

    fn rereading(&self) -> std::sync::MutexGuard<'_, std::collections::BTreeMap<String, bool>> {
        let running = self.rereading.lock();
        running.unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
