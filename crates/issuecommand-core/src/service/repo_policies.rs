//! Reads repositories' own policies with the mirror.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Service;
use crate::domain::failure::{Failure, GithubError, GithubErrorKind};
use crate::domain::id::RepoId;
use crate::domain::lease::LeaseProof;
use crate::domain::repo::Repo;
use crate::domain::repo_policy::{KnownPolicy, RepoPolicy, SeenPolicy};
use crate::domain::sync::SyncFault;
use crate::domain::time::{Millis, Timestamp};
use crate::engine::command::{Action, Answer, Command, RepoPage};
use crate::ports::github::Fetched;
use crate::ports::repo_policies::RepoPolicyReader;

/// How often the file of a repository is looked at that has one. An unchanged file costs a 304.
const KNOWN: Millis = Millis::minutes(5);
/// How often GitHub is asked whether a repository has one by now. That costs a 404, which counts against the rate limit.
const UNKNOWN: Millis = Millis::minutes(30);

/// When this process looked at each repository's file last.
pub(super) type PolicyReads = Mutex<BTreeMap<RepoId, Timestamp>>;

/// Why GitHub is asked for the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PolicyLook {
    /// Some minutes have passed.
    InTime,
    /// The repository is read whole, or somebody asked.
    Now,
}

impl Service {
    /// Sets the reader of repositories' own policies. Without one there are none.
    #[must_use]
    pub fn reading_policies(mut self, reader: Arc<dyn RepoPolicyReader>) -> Self {
        self.policy_reader = Some(reader);
        self
    }

    /// Looks at a repository's policy if it is time, and judges its issues anew after a change. Returns what is wrong with the file,
    /// or why it could not be read; until it can be, the last good one holds.
    pub(super) async fn sync_policy(
        &self,
        repo: &Repo,
        look: PolicyLook,
        lease: Option<&LeaseProof>,
    ) -> Result<Option<SyncFault>, Failure> {
        let wrong = match self.refresh_policy(repo, look, lease).await {
            Ok(wrong) => wrong,
            Err(Failure::Github(error)) => Some(error.to_string()),
            Err(failure) => return Err(failure),
        };
        Ok(wrong.map(|reason| {
            let reason = format!("{}: {reason}", RepoPolicy::PATH);
            SyncFault::new(Some(&repo.facts.name), None, &reason)
        }))
    }

    /// The same before the first issues of a repository are read, so that none is handed out against it.
    pub(super) async fn meet_policy(
        &self,
        repo: &Repo,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        self.refresh_policy(repo, PolicyLook::Now, lease)
            .await
            .map(drop)
    }

    /// Looks and judges. Returns what is wrong with the newest file.
    async fn refresh_policy(
        &self,
        repo: &Repo,
        look: PolicyLook,
        lease: Option<&LeaseProof>,
    ) -> Result<Option<String>, Failure> {
        let Some(reader) = &self.policy_reader else {
            return Ok(None);
        };
        let mut known = self.store.repo_policy(repo.id).await?;
        if let Some(known) = known.as_ref().filter(|row| row.judged != row.version) {
            // A process that ended before it had judged all left it so.
            self.judge_by_policy(known, lease).await?;
        }
        if look == PolicyLook::Now || self.is_policy_due(repo.id, known.is_some()) {
            let seen = self.look_at_policy(repo, known.as_ref(), &**reader).await?;
            self.note_policy_read(repo.id);
            if let Some(seen) = seen {
                let name = repo.facts.name.clone();
                let action = Action::RecordPolicy(name, seen);
                self.note(Command::system(action).under(lease)).await?;
                known = self.store.repo_policy(repo.id).await?;
                if let Some(known) = known.as_ref().filter(|row| row.judged != row.version) {
                    self.judge_by_policy(known, lease).await?;
                }
            }
        }
        Ok(known.and_then(|known| known.error))
    }

    /// What GitHub shows of the file; `None`: the same as before.
    async fn look_at_policy(
        &self,
        repo: &Repo,
        known: Option<&KnownPolicy>,
        reader: &dyn RepoPolicyReader,
    ) -> Result<Option<SeenPolicy>, GithubError> {
        let name = &repo.facts.name;
        let etag = known.and_then(|known| known.etag.as_deref());
        let file = self.github.file(name, RepoPolicy::PATH, etag).await;
        let is_refused = |error: &GithubError| error.kind == GithubErrorKind::Refused;
        self.note_policy_refused(
            repo,
            known.is_none() && file.as_ref().is_err_and(is_refused),
        );
        let file = match file {
            Ok(Fetched::Unchanged) => return Ok(None),
            Ok(Fetched::New(file)) => file,
            // There may be none. A warning tells it, once for all repositories.
            Err(error) if known.is_none() && is_refused(&error) => return Ok(None),
            Err(error) if error.kind == GithubErrorKind::Unexpected => {
                return Ok(Some(SeenPolicy::Broken(error.detail)));
            }
            Err(error) => return Err(error),
        };
        let Some(file) = file else {
            if known.is_none() {
                return Ok(None);
            }
            // Without access to the repository GitHub answers 404 as well.
            let shown = self.github.repo(name).await?;
            let is_it = shown.github_id == repo.facts.github_id;
            return Ok(is_it.then_some(SeenPolicy::Gone));
        };
        Ok(Some(match reader.read(&file.text) {
            Ok(policy) => SeenPolicy::Good {
                policy: Box::new(policy),
                etag: file.etag,
            },
            Err(error) => SeenPolicy::Broken(error),
        }))
    }

    fn note_policy_refused(&self, repo: &Repo, refused: bool) {
        let name = &repo.facts.name;
        let mut findings = self.findings();
        if refused {
            findings.policies_refused.insert(name.clone());
        } else {
            findings.policies_refused.remove(name);
        }
    }

    async fn judge_by_policy(
        &self,
        known: &KnownPolicy,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        let (repo, version, mut after) = (known.repo, known.version, None);
        loop {
            let action = Action::JudgeRepo(RepoPage {
                repo,
                version,
                after,
            });
            match self.note(Command::system(action).under(lease)).await? {
                Answer::Reranked(Some((_, last))) => after = Some(last),
                _ => return Ok(()),
            }
        }
    }

    fn is_policy_due(&self, repo: RepoId, is_known: bool) -> bool {
        let every = if is_known { KNOWN } else { UNKNOWN };
        let now = self.clock.now();
        let reads = self.policy_reads.lock();
        let reads = reads.unwrap_or_else(PoisonError::into_inner);
        reads
            .get(&repo)
            .is_none_or(|at| at.plus(every) <= now || now < *at)
    }

    fn note_policy_read(&self, repo: RepoId) {
        let mut reads = (self.policy_reads.lock()).unwrap_or_else(PoisonError::into_inner);
        reads.insert(repo, self.clock.now());
    }
}
