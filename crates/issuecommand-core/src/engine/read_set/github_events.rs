//! The rows that GitHub's events need.

use super::{ReadSet, Talk};
use crate::domain::id::IssueNumber;
use crate::domain::repo_name::RepoName;
use crate::domain::webhook::{GithubEvent, PullRequestRef, RepoRef};

impl ReadSet {
    pub(super) fn meaning(&mut self, meaning: &GithubEvent) {
        match meaning {
            GithubEvent::Feedback {
                repo, pull, source, ..
            } => {
                self.pull(repo, pull);
                self.sources.insert(source.id.clone());
                self.tables.held_feedback.keys.insert(source.id.clone());
                let facts = pull.facts.as_ref();
                if facts.is_some_and(|facts| facts.pushed_over.is_some()) {
                    self.whole_pulls.insert(pull.number);
                }
                self.talk
                    .entry(pull.number)
                    .or_default()
                    .push(Talk::of(pull, source));
            }
            GithubEvent::Withdrawn {
                repo,
                pull,
                sources,
                ..
            }
            | GithubEvent::Unresolved {
                repo,
                pull,
                sources,
                ..
            } => {
                self.pull(repo, pull);
                self.whole_pulls.insert(pull.number);
                self.sources.extend(sources.iter().cloned());
                let held = sources.iter().cloned();
                self.tables.held_feedback.keys.extend(held);
            }
            GithubEvent::Pull { repo, pull, .. } => {
                self.links = true;
                let glance = PullRequestRef {
                    number: pull.number,
                    title: None,
                    url: None,
                    open: Some(pull.open),
                    at: pull.updated_at,
                    facts: Some(pull.clone()),
                };
                self.pull(repo, &glance);
                self.whole_pulls.insert(pull.number);
            }
            GithubEvent::Issue { repo, issue, .. } => {
                self.repo_seen(repo);
                self.issue_in(repo, &repo.name, issue.number);
            }
            GithubEvent::Transferred {
                from,
                number,
                to,
                issue,
                ..
            } => {
                self.repo_seen(from);
                self.issue_in(from, &from.name, *number);
                self.repo_seen(to);
                self.issue_in(to, &to.name, issue.number);
            }
            GithubEvent::Relabelled { repo, .. }
            | GithubEvent::Member { repo, .. }
            | GithubEvent::Repo { repo, .. } => self.repo_seen(repo),
            GithubEvent::Dependency {
                repo,
                blocked: of,
                blocking: to,
                ..
            }
            | GithubEvent::SubIssue {
                repo,
                parent: of,
                child: to,
                ..
            } => {
                self.repo_seen(repo);
                for end in [of, to] {
                    self.issue_in(repo, &end.place.repo, end.place.number);
                }
            }
            GithubEvent::IssueComment { repo, number, .. } => {
                self.repo_seen(repo);
                self.issue_in(repo, &repo.name, *number);
            }
            GithubEvent::Access { .. } | GithubEvent::Ping | GithubEvent::Ignored(_) => {}
        }
    }

    fn pull(&mut self, repo: &RepoRef, pull: &PullRequestRef) {
        self.repo_seen(repo);
        self.pulls.insert((repo.name.key().to_owned(), pull.number));
        if let Some(facts) = &repo.facts {
            self.pulls_by_id.insert((facts.github_id, pull.number));
        }
        for (name, number) in pull.facts.iter().flat_map(|facts| &facts.closes) {
            self.issue_in(repo, name, *number);
        }
    }

    /// Needs an issue that a delivery names. In the delivery's own repository it is also looked up by GitHub's id.
    fn issue_in(&mut self, home: &RepoRef, name: &RepoName, number: IssueNumber) {
        self.issue(name, number);
        let id = home.facts.as_ref().filter(|_| *name == home.name);
        self.issues_by_id
            .extend(id.map(|facts| (facts.github_id, number)));
    }

    fn repo_seen(&mut self, repo: &RepoRef) {
        self.repos.insert(repo.name.key().to_owned());
        self.github_ids
            .extend(repo.facts.as_ref().map(|facts| facts.github_id));
    }
}
