//! Whether a pull request's author may write to its repository, if the pull request does not prove it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::Service;
use super::timeout::within;
use crate::domain::access::Caller;
use crate::domain::repo_name::RepoName;
use crate::domain::time::{Millis, Timestamp};
use crate::domain::webhook::GithubEvent;

/// How long a delivery waits for the answer. No answer counts as no.
const PATIENCE: Millis = Millis::seconds(2);
/// How long an answer is cached.
const KEPT: Millis = Millis::minutes(20);
/// The most cached answers.
const MOST: usize = 1_000;

/// Repository and login, both in lower case.
type Author = (String, String);

/// Cached write permissions of authors.
#[derive(Debug, Default)]
pub(super) struct Writers(Mutex<BTreeMap<Author, (bool, Timestamp)>>);

impl Writers {
    fn known(&self, author: &Author, now: Timestamp) -> Option<bool> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (may, at) = known.get(author)?;
        // An answer from the future, after the clock went back, is not used.
        (*at <= now && now < at.plus(KEPT)).then_some(*may)
    }

    fn keep(&self, author: Author, may: bool, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, (_, at)| *at <= now && now < at.plus(KEPT));
        }
        if known.len() >= MOST {
            known.pop_first();
        }
        known.insert(author, (may, now));
    }
}

impl Service {
    /// Adds the write permission of the pull request's author. It is requested only if the text closes issues of its own
    /// repository and nothing else proves the permission.
    pub(super) async fn with_author(&self, mut meaning: GithubEvent) -> GithubEvent {
        let GithubEvent::Pull { repo, pull, .. } = &mut meaning else {
            return meaning;
        };
        let closes = pull.closes.iter().any(|(name, _)| *name == repo.name);
        let allowed = || self.scoped(&Caller::system()).scope.has(&repo.name);
        if let Some(author) = &pull.author
            && closes
            && !pull.trusted
            && allowed()
        {
            pull.trusted = self.may_write(&repo.name, author).await;
        }
        meaning
    }

    /// GitHub's answer, if it is not cached: what is cached was recorded before.
    pub(super) async fn new_right(&self, repo: &RepoName, login: &str) -> Option<bool> {
        let author = (repo.key().to_owned(), login.to_ascii_lowercase());
        if self.writers.known(&author, self.clock.now()).is_some() {
            return None;
        }
        let asked = within(&*self.clock, PATIENCE, self.github.can_write(repo, login)).await;
        let may = asked?.ok()?;
        self.writers.keep(author, may, self.clock.now());
        Some(may)
    }

    /// Caches an answer that was asked for elsewhere.
    pub(super) fn keep_right(&self, repo: &RepoName, login: &str, may: bool) {
        let author = (repo.key().to_owned(), login.to_ascii_lowercase());
        self.writers.keep(author, may, self.clock.now());
    }

    /// Drops a cached answer, because the account's rights changed.
    pub(super) fn forget_right(&self, repo: &RepoName, login: &str) {
        let author = (repo.key().to_owned(), login.to_ascii_lowercase());
        let known = self.writers.0.lock();
        known
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&author);
    }

    pub(super) async fn may_write(&self, repo: &RepoName, login: &str) -> bool {
        let author = (repo.key().to_owned(), login.to_ascii_lowercase());
        if let Some(may) = self.writers.known(&author, self.clock.now()) {
            return may;
        }
        let asked = within(&*self.clock, PATIENCE, self.github.can_write(repo, login)).await;
        let Some(Ok(may)) = asked else {
            return false;
        };
        self.writers.keep(author, may, self.clock.now());
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_kept_for_twenty_minutes_and_a_thousand_of_them() {
        let writers = Writers::default();
        let author = |n: usize| ("acme/api".to_owned(), format!("user-{n:05}"));
        writers.keep(author(1), true, Timestamp(0));
        assert_eq!(
            writers.known(&author(1), Timestamp(20 * 60_000 - 1)),
            Some(true)
        );
        assert_eq!(writers.known(&author(1), Timestamp(20 * 60_000)), None);
        assert_eq!(writers.known(&author(1), Timestamp(-1)), None);
        for n in 0..3_000 {
            writers.keep(author(n), false, Timestamp(1));
        }
        let kept = (0..3_000).filter(|n| writers.known(&author(*n), Timestamp(1)).is_some());
        assert_eq!(kept.count(), MOST);
    }
}
