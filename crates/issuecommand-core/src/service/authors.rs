//! Asks GitHub whether authors may write, where the settings trust only those who may.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use super::{Service, ServiceResult};
use crate::domain::access::{Caller, Scope};
use crate::domain::failure::{Failure, StoreError};
use crate::domain::followup::HeldFeedback;
use crate::domain::lease::LeaseProof;
use crate::domain::policy::Authors;
use crate::domain::repo_name::RepoName;
use crate::domain::time::Millis;
use crate::domain::webhook::{GithubEvent, PullRequestRef, RepoRef, Voice};
use crate::engine::command::{Action, Answer, Command};

/// The most authors of whom one sync run asks.
const ASKED: u32 = 100;
/// How long an answer counts before GitHub is asked again.
const KEPT: Millis = Millis::minutes(6 * 60);
/// The most pieces of held feedback that are read at once.
const HELD: u32 = 1_000;

/// `READY_AUTHORS` and `FEEDBACK_AUTHORS`, for what must be asked of GitHub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// Whose issues are handed out.
    pub issues: Authors,
    /// Whose feedback creates follow-ups.
    pub feedback: Authors,
    /// Whether the credential's own user counts as an agent, so that GitHub is asked who that is.
    pub own_login: bool,
}

impl Default for Trusted {
    fn default() -> Self {
        Self {
            issues: Authors::Anyone,
            feedback: Authors::Anyone,
            own_login: false,
        }
    }
}

/// Whether anybody's right must be asked for in a repository; `None`: it is not known whether that is private.
fn asks(authors: Authors, private: Option<bool>) -> bool {
    authors.need_write(private.unwrap_or(false))
}

impl Service {
    /// Sets whom the settings trust.
    #[must_use]
    pub fn trusting(mut self, trusted: Trusted) -> Self {
        self.trusted = trusted;
        self
    }

    /// Whether issues of anybody are handed out, whatever the repository.
    pub fn trusts_anyone(&self) -> bool {
        self.trusted.issues == Authors::Anyone
    }

    /// Asks for the rights of authors of open issues, the longest unknown first.
    pub(super) async fn sync_authors(&self, lease: &LeaseProof) -> Result<(), Failure> {
        let private = match self.trusted.issues {
            Authors::Anyone => return Ok(()),
            Authors::Write => true,
            Authors::Auto => false,
        };
        let before = self.clock.now().minus(KEPT);
        let due = self.store.authors_due(before, private, ASKED).await?;
        let mut rights: BTreeMap<RepoName, Vec<(String, bool)>> = BTreeMap::new();
        let served = self.scoped(&Caller::system()).scope;
        for (repo, login) in due {
            if repo.is_unnamed() || !served.has(&repo) {
                continue;
            }
            match self.github.can_write(&repo, &login).await {
                Ok(may) => rights.entry(repo).or_default().push((login, may)),
                // The others would be refused too. They stay due.
                Err(error) if error.retry_after.is_some() => break,
                Err(_) => {}
            }
        }
        for (repo, rights) in rights {
            self.record_rights(&repo, rights, Some(lease)).await?;
        }
        Ok(())
    }

    /// Records answers of GitHub, and lets in the feedback of those who may write now.
    async fn record_rights(
        &self,
        repo: &RepoName,
        rights: Vec<(String, bool)>,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        let action = Action::RecordWriters {
            repo: repo.clone(),
            rights: rights.clone(),
        };
        while let Answer::Tally { more: true, .. } = self
            .note(Command::system(action.clone()).under(lease))
            .await?
        {}
        for (login, may) in &rights {
            self.keep_right(repo, login, *may);
        }
        let writers: Vec<&String> = rights
            .iter()
            .filter(|(_, may)| *may)
            .map(|(l, _)| l)
            .collect();
        if writers.is_empty() || self.trusted.feedback == Authors::Anyone {
            return Ok(());
        }
        for (name, held) in self.store.held_feedback(Some(repo), HELD).await? {
            let by = held.source.requested_by.as_deref().unwrap_or_default();
            if writers.iter().any(|login| login.eq_ignore_ascii_case(by)) {
                self.let_in(name, held, lease).await?;
            }
        }
        Ok(())
    }

    async fn let_in(
        &self,
        name: RepoName,
        held: HeldFeedback,
        lease: Option<&LeaseProof>,
    ) -> Result<(), Failure> {
        let meaning = GithubEvent::Feedback {
            repo: RepoRef { name, facts: None },
            pull: PullRequestRef {
                number: held.pull.1,
                title: None,
                url: None,
                open: None,
                at: None,
                facts: None,
            },
            source: held.source,
            voice: Voice {
                bot: held.bot,
                trusted: true,
                ..Voice::default()
            },
        };
        let command = Command::system(Action::ApplyPolledEvent(Box::new(meaning))).under(lease);
        self.informed(command.skewed(self.github.skew()))
            .await
            .map(drop)
    }

    /// Asks for the right of the author of what a delivery brings, unless the answer is known. No answer counts as no.
    pub(super) async fn meet_author(&self, meaning: &GithubEvent) -> Result<(), Failure> {
        match meaning {
            GithubEvent::Issue { repo, issue, .. } => {
                let private = repo.facts.as_ref().map(|facts| facts.private);
                if let Some(login) = &issue.author
                    && asks(self.trusted.issues, private)
                    && self.is_served_now(&repo.name)
                {
                    self.learn_right(&repo.name, login, false).await?;
                }
            }
            GithubEvent::Member { repo, login, .. } => {
                let either = asks(self.trusted.issues, None) || asks(self.trusted.feedback, None);
                if either && self.is_served_now(&repo.name) {
                    self.learn_right(&repo.name, login, true).await?;
                }
            }
            GithubEvent::Feedback { .. }
            | GithubEvent::Withdrawn { .. }
            | GithubEvent::Unresolved { .. }
            | GithubEvent::Pull { .. }
            | GithubEvent::Transferred { .. }
            | GithubEvent::Dependency { .. }
            | GithubEvent::SubIssue { .. }
            | GithubEvent::IssueComment { .. }
            | GithubEvent::Relabelled { .. }
            | GithubEvent::Repo { .. }
            | GithubEvent::Access { .. }
            | GithubEvent::Ping
            | GithubEvent::Ignored(_) => {}
        }
        Ok(())
    }

    fn is_served_now(&self, repo: &RepoName) -> bool {
        self.scoped(&Caller::system()).scope.has(repo)
    }

    async fn learn_right(&self, repo: &RepoName, login: &str, again: bool) -> Result<(), Failure> {
        if again {
            self.forget_right(repo, login);
        }
        let Some(may) = self.new_right(repo, login).await else {
            return Ok(());
        };
        let rights = vec![(login.to_owned(), may)];
        match self.record_rights(repo, rights, None).await {
            // The repository is not known yet. The sync asks once it is.
            Err(Failure::RepoNotFound { .. }) | Ok(()) => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// Whether an author may write, where that setting asks for it.
    pub(super) async fn is_trusted(
        &self,
        authors: Authors,
        repo: &RepoRef,
        login: Option<&str>,
    ) -> bool {
        let private = repo.facts.as_ref().map(|facts| facts.private);
        let asked = asks(authors, private) && self.is_served_now(&repo.name);
        match login {
            Some(login) if asked => self.may_write(&repo.name, login).await,
            Some(_) | None => false,
        }
    }

    /// Feedback that is kept from agents, oldest first. For people: a key that is bound to an agent or only reads is refused.
    pub async fn held_feedback(
        &self,
        caller: &Caller,
    ) -> ServiceResult<Vec<(RepoName, HeldFeedback)>> {
        caller.may_change(None)?;
        let scope = self.scoped(caller).scope;
        let mut held = self.store.held_feedback(None, HELD).await?;
        held.retain(|(repo, _)| scope.has(repo));
        Ok(held)
    }

    /// How many pieces of feedback are kept from agents.
    pub(super) async fn held_back(&self, scope: &Scope) -> Result<u64, StoreError> {
        if self.trusted.feedback == Authors::Anyone {
            return Ok(0);
        }
        let held = self.store.held_feedback(None, HELD).await?;
        let seen = held.iter().filter(|(repo, _)| scope.has(repo));
        Ok(seen.count() as u64)
    }

    /// Records the credential's own user, whose assignments are nobody's, and judges all issues anew if that is another than before.
    pub(super) async fn sync_login(&self, lease: &LeaseProof) -> Result<(), Failure> {
        if !self.trusted.own_login || self.told_login.load(Ordering::Relaxed) {
            return Ok(());
        }
        // An App's installation has no user, and its bot counts anyway.
        let Ok(login) = self.viewer().await else {
            return Ok(());
        };
        let action = Action::RecordLogin(login.to_owned());
        let answer = self
            .note(Command::system(action).under(Some(lease)))
            .await?;
        if matches!(answer, Answer::Tally { more: true, .. }) {
            self.rerank(lease).await?;
        }
        self.told_login.store(true, Ordering::Relaxed);
        Ok(())
    }
}
