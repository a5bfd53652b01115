//! The values of random commands: agents, repositories, issues, filters, keys.

use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::access_key::{KeyName, NewKey, SecretHash};
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::id::{AgentId, ClaimId, Principal};
use issuecommand_core::domain::issue::{Issue, IssueFilter};
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_testkit::builders::{agent, facts, issue, minute, repo};
use uuid::Uuid;

use super::{AGENTS, History, ISSUES, KEYS, LABELS, NAMES, TEXTS};

impl History {
    pub(super) fn key(&mut self) -> NewKey {
        // All secrets are different.
        self.secrets += 1;
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&self.secrets.to_be_bytes());
        NewKey {
            name: KeyName::parse(self.of(&KEYS)).unwrap(),
            hash: SecretHash(hash),
            agent: self.one_in(2).then(|| self.agent()),
            read_only: self.one_in(3),
            scope: if self.one_in(2) {
                Scope::Only([self.repo(), self.repo()].into())
            } else {
                Scope::All
            },
            expires_at: self.one_in(3).then(|| minute(self.minute)),
        }
    }

    pub(super) fn agent(&mut self) -> AgentId {
        agent(self.of(&AGENTS))
    }

    pub(super) fn repo(&mut self) -> RepoName {
        // Mostly a known one.
        let some = if self.one_in(4) {
            &NAMES[..]
        } else {
            &NAMES[..2]
        };
        repo(self.of(some))
    }

    pub(super) fn text(&mut self) -> Option<String> {
        let text = self.of(&TEXTS);
        self.one_in(2).then(|| text.to_owned())
    }

    pub(crate) fn status(&mut self) -> ClaimStatus {
        self.of(&ClaimStatus::ALL)
    }

    pub(crate) fn filter(&mut self) -> IssueFilter {
        let repo = self.one_in(2).then(|| self.repo());
        let label = match self.below(4) {
            0 => Some("bug"),
            1 => Some("docs, BUG"),
            _ => None,
        };
        let milestone = match self.below(6) {
            0 => Some("1"),
            1 => Some("first ÉTAPE"),
            _ => None,
        };
        IssueFilter::new(repo, label, milestone)
    }

    pub(super) fn facts(&mut self) -> RepoSnapshot {
        // Names and ids change independently: renames, exchanges, taken names.
        let some = if self.one_in(4) { 4 } else { 2 };
        let id = i64::try_from(self.below(some)).unwrap();
        let mut name = usize::try_from(id).unwrap();
        if self.one_in(6) {
            name = self.below(NAMES.len());
        }
        RepoSnapshot {
            github_id: 100 + id,
            archived: self.one_in(10),
            open_count: i64::try_from(self.below(50)).unwrap(),
            description: self.text(),
            ..facts(NAMES[name])
        }
    }

    pub(super) fn issue(&mut self) -> Issue {
        let n = i64::try_from(self.below(usize::try_from(ISSUES).unwrap())).unwrap() + 1;
        self.minute += i64::try_from(self.below(3)).unwrap();
        let labels: Vec<&str> = (0..self.below(3)).map(|_| self.of(&LABELS)).collect();
        let mut draft = issue(n)
            .title(TEXTS[self.below(TEXTS.len())])
            .body(TEXTS[self.below(TEXTS.len())])
            .labels(&labels)
            .changed(if self.one_in(4) { 0 } else { self.minute });
        if self.one_in(4) {
            draft = draft.closed();
        }
        if self.one_in(3) {
            draft = draft.milestone(1, "First étape");
        }
        if self.one_in(3) {
            // "octo" is an agent, "cat" a person.
            draft = draft.assignees(if n % 4 == 0 {
                &["octo", "cat"]
            } else {
                &["octo"]
            });
        }
        draft.build()
    }

    pub(super) fn claim(&mut self) -> (ClaimId, AgentId) {
        if self.claims.is_empty() || self.one_in(20) {
            return (ClaimId(Uuid::from_u128(7)), self.agent());
        }
        // Mostly a recent one, and mostly by its own agent.
        let young = self.claims.len().saturating_sub(8);
        let from = if self.one_in(6) { 0 } else { young };
        let n = from + self.below(self.claims.len() - from);
        let (id, owner) = self.claims[n].clone();
        let who = if self.one_in(8) { self.agent() } else { owner };
        (id, who)
    }

    pub(super) fn caller(&mut self) -> Caller {
        let principal = match self.below(5) {
            0 => Principal::ApiKey,
            1 => Principal::Key("k-1".to_owned()),
            _ => Principal::Local,
        };
        let scope = if self.one_in(6) {
            Scope::Only([self.repo(), self.repo()].into())
        } else {
            Scope::All
        };
        Caller {
            scope,
            agent: self.one_in(30).then(|| self.agent()),
            read_only: self.one_in(40),
            ..Caller::full(principal)
        }
    }

    pub(super) fn pr_url(&mut self) -> Option<String> {
        match self.below(4) {
            0 | 1 => Some(format!(
                "https://github.com/{}/pull/{}",
                self.repo(),
                self.pull_number()
            )),
            2 if self.one_in(4) => Some("no address".to_owned()),
            _ => None,
        }
    }
}
