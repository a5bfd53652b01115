//! Processes each delivery once. It is stored in the same transaction as its effects.

use super::Context;
use super::delivery_answers::{RepoMatch, contradictory, not_allowed, taken};
use super::effects::Effects;
use super::feedback::Said;
use super::withdrawal::Withdrawal;
use crate::domain::event::{Details, Event, EventKind};
use crate::domain::id::IdGenerator;
use crate::domain::issue::{Issue, WithheldReason};
use crate::domain::repo::{Repo, RepoSnapshot};
use crate::domain::repo_name::RepoName;
use crate::domain::webhook::{
    Delivery, GithubEvent, Ignored, Refetch, RepoRef, StoredDelivery, WebhookAnswer,
};
use crate::engine::command::{Answer, Missing, Outcome};
use crate::engine::view::Rows;

impl Context<'_> {
    pub(super) fn process_delivery(
        &self,
        delivery: &Delivery,
        meaning: &GithubEvent,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Outcome {
        let known = delivery
            .id
            .as_ref()
            .and_then(|id| self.view.tables.deliveries.get(id));
        if let Some(row) = known.filter(|row| row.processed_at.is_some()) {
            let answer = WebhookAnswer::Duplicate { id: row.id.clone() };
            return Outcome::Done(Answer::Delivery { answer, look: None });
        }
        let answer = self.hear(meaning, delivery, fx, ids);
        if let Some(question) = fx.question.take() {
            return Outcome::Missing(Missing::Head(Box::new(question)));
        }
        if let Some(id) = &delivery.id {
            fx.put_row(StoredDelivery {
                id: id.clone(),
                delivery: delivery.clone(),
                body: None,
                received_at: known.map_or(self.now, |row| row.received_at),
                processed_at: Some(self.now),
                attempts: known.map_or(0, |row| row.attempts),
                error: None,
            });
        }
        fx.emit(self.received(delivery, meaning, &answer));
        let look = fx.look.take();
        Outcome::Done(Answer::Delivery { answer, look })
    }

    fn received(
        &self,
        delivery: &Delivery,
        meaning: &GithubEvent,
        answer: &WebhookAnswer,
    ) -> Event {
        let repo = meaning.repo();
        let (number, pull) = match meaning {
            GithubEvent::Feedback { pull, .. }
            | GithubEvent::Withdrawn { pull, .. }
            | GithubEvent::Unresolved { pull, .. } => (None, Some(pull.number)),
            GithubEvent::Pull { pull, .. } => (None, Some(pull.number)),
            GithubEvent::Issue { issue, .. } => (Some(issue.number), None),
            GithubEvent::Transferred {
                number,
                issue,
                arrived,
                ..
            } => (Some(if *arrived { issue.number } else { *number }), None),
            GithubEvent::Relabelled { .. }
            | GithubEvent::Member { .. }
            | GithubEvent::Repo { .. }
            | GithubEvent::Access { .. }
            | GithubEvent::Ping
            | GithubEvent::Ignored(_) => (None, None),
        };
        Event {
            seq: 0,
            kind: EventKind::WebhookReceived,
            timestamp: self.now,
            principal: self.command.caller.principal.clone(),
            claim: None,
            item: match answer {
                WebhookAnswer::Feedback { item, .. } => *item,
                WebhookAnswer::Taken { .. }
                | WebhookAnswer::Ignored(_)
                | WebhookAnswer::Duplicate { .. } => None,
            },
            repo: repo.map(|repo| repo.name.clone()),
            number,
            pull,
            agent: None,
            details: Details::Webhook {
                auth: delivery.auth,
                event: delivery.event.clone(),
                delivery: delivery.id.clone(),
                answer: answer.clone(),
            },
        }
    }

    pub(super) fn defer_delivery(
        &self,
        delivery: &Delivery,
        id: &str,
        body: &str,
        error: &str,
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let known = self.view.tables.deliveries.get(id);
        if known.is_none_or(|row| row.processed_at.is_none()) {
            fx.put_row(StoredDelivery {
                id: id.to_owned(),
                delivery: delivery.clone(),
                body: Some(body.to_owned()),
                received_at: known.map_or(self.now, |row| row.received_at),
                processed_at: None,
                attempts: known.map_or(0, |row| row.attempts).saturating_add(1),
                error: Some(error.to_owned()),
            });
        }
        Outcome::Done(Answer::Noted)
    }

    /// Applies news from a poll, which no sender waits for.
    pub(super) fn apply_polled_event(
        &self,
        meaning: &GithubEvent,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> Outcome {
        let delivery = Delivery {
            id: None,
            event: "poll".to_owned(),
            auth: crate::domain::webhook::AuthMethod::ApiKey,
        };
        let answer = self.hear(meaning, &delivery, fx, ids);
        if let Some(question) = fx.question.take() {
            return Outcome::Missing(Missing::Head(Box::new(question)));
        }
        let look = fx.look.take();
        Outcome::Done(Answer::Delivery { answer, look })
    }

    fn hear(
        &self,
        meaning: &GithubEvent,
        delivery: &Delivery,
        fx: &mut Effects<'_>,
        ids: &mut dyn IdGenerator,
    ) -> WebhookAnswer {
        let seen = match meaning {
            GithubEvent::Feedback { repo, .. }
            | GithubEvent::Withdrawn { repo, .. }
            | GithubEvent::Unresolved { repo, .. }
            | GithubEvent::Pull { repo, .. }
            | GithubEvent::Issue { repo, .. }
            | GithubEvent::Relabelled { repo, .. }
            | GithubEvent::Member { repo, .. }
            | GithubEvent::Repo { repo, .. } => repo,
            GithubEvent::Transferred {
                from,
                number,
                to,
                issue,
                arrived,
            } => return self.apply_transfer((from, *number), (to, issue), *arrived, delivery, fx),
            GithubEvent::Access { action } => {
                fx.look = Some(Refetch::Repos);
                return taken(delivery, action, 0);
            }
            GithubEvent::Ping => return taken(delivery, "pong", 0),
            GithubEvent::Ignored(reason) => return WebhookAnswer::Ignored(reason.clone()),
        };
        let (repo, home) = self.home(seen);
        if !self.is_allowed(seen, &repo) {
            return not_allowed(&seen.name);
        }
        if self.names_another(&repo, seen) {
            return contradictory(&repo, seen, fx);
        }
        let answer = match meaning {
            GithubEvent::Feedback {
                pull,
                source,
                voice,
                ..
            } => {
                let voice = *voice;
                let said = Said {
                    pull,
                    source,
                    voice,
                };
                self.apply_feedback(&repo, &said, delivery, fx, ids)
            }
            GithubEvent::Withdrawn { .. } | GithubEvent::Unresolved { .. } => {
                match Withdrawal::of(meaning) {
                    Some(told) => self.apply_withdrawal(&repo, &told, delivery, fx, ids),
                    None => WebhookAnswer::Ignored(Ignored::MissingRepoOrPr),
                }
            }
            GithubEvent::Pull {
                pull,
                action,
                change,
                ..
            } => self.apply_pull_event(&repo, pull, (action, *change), delivery, fx, ids),
            GithubEvent::Issue {
                issue,
                action,
                gone,
                ..
            } => {
                self.apply_issue_event(&repo, issue, *gone, fx);
                taken(delivery, action, 0)
            }
            GithubEvent::Repo {
                action, deleted, ..
            } => {
                self.apply_repo_event(&repo, seen, *deleted, fx);
                taken(delivery, action, 0)
            }
            // The payload lacks the labelled issues and the member's permissions, so GitHub is asked.
            GithubEvent::Relabelled { action, .. } => {
                fx.look = Some(Refetch::Issues(repo.facts.name.clone()));
                taken(delivery, action, 0)
            }
            GithubEvent::Member { action, .. } => {
                fx.look = Some(Refetch::Repos);
                taken(delivery, action, 0)
            }
            GithubEvent::Transferred { .. }
            | GithubEvent::Access { .. }
            | GithubEvent::Ping
            | GithubEvent::Ignored(_) => WebhookAnswer::Ignored(Ignored::MissingRepoOrPr),
        };
        if matches!(answer, WebhookAnswer::Ignored(_)) {
            return answer;
        }
        self.keep_home(seen, repo, &home, fx);
        answer
    }

    /// Stores the repository of a delivery that was taken if it is new, and asks GitHub about a changed name.
    fn keep_home(&self, seen: &RepoRef, repo: Repo, home: &RepoMatch, fx: &mut Effects<'_>) {
        match home {
            RepoMatch::Known => {}
            RepoMatch::Renamed => {
                let look = Refetch::Repo(seen.name.clone());
                fx.look.get_or_insert(look);
            }
            RepoMatch::New if fx.has_new_repo() => {}
            RepoMatch::New => {
                self.name_repo(&repo, fx);
                fx.put_repo(repo);
            }
        }
    }

    /// Whether the caller may see a delivery's repository, by its known name. The delivery's own name counts too, unless
    /// another repository has it.
    pub(super) fn is_allowed(&self, seen: &RepoRef, repo: &Repo) -> bool {
        let scope = &self.command.caller.scope;
        let holder = self.view.repo_named(&seen.name);
        let own = holder.is_none_or(|holder| holder.id == repo.id);
        scope.has(&repo.facts.name) || (own && scope.has(&seen.name))
    }

    /// The repository of a delivery. Its name there may be a former or a new one; only GitHub knows.
    pub(super) fn home(&self, seen: &RepoRef) -> (Repo, RepoMatch) {
        let by_id = seen
            .facts
            .as_ref()
            .and_then(|facts| self.view.repo_on_github(facts.github_id));
        let by_name = || {
            let same = |repo: &&Repo| {
                let theirs = seen.facts.as_ref().map(|facts| facts.github_id);
                theirs.is_none_or(|id| repo.facts.github_id == id || repo.facts.github_id == 0)
            };
            self.view.repo_named(&seen.name).filter(same)
        };
        match (by_id.or_else(by_name), &seen.facts) {
            (Some(repo), Some(facts)) if repo.facts.github_id == 0 => {
                let repo = Repo {
                    facts: facts.clone(),
                    offered: repo.offered && !facts.archived,
                    unseen: repo.unseen && !facts.archived,
                    ..repo.clone()
                };
                (repo, RepoMatch::New)
            }
            (Some(repo), Some(facts)) if repo.facts.name != facts.name => {
                (repo.clone(), RepoMatch::Renamed)
            }
            (Some(repo), _) => (repo.clone(), RepoMatch::Known),
            (None, facts) => {
                // A new repository is not offered until GitHub shows it: an organization's webhook also reports repositories
                // that the credential cannot see.
                let facts = facts.clone().unwrap_or_else(|| placeholder(&seen.name));
                let repo = Repo {
                    unseen: !facts.archived,
                    ..Repo::new(self.view.next_repo(), facts, false)
                };
                (repo, RepoMatch::New)
            }
        }
    }

    /// Whether a delivery has the id of one known repository and the name of another. One of the two is wrong or old, so it
    /// changes neither; the next poll brings the facts again.
    pub(super) fn names_another(&self, repo: &Repo, seen: &RepoRef) -> bool {
        let holder = self.view.repo_named(&seen.name);
        seen.facts.is_some()
            && repo.facts.name != seen.name
            && holder.is_some_and(|holder| holder.id != repo.id && holder.facts.name == seen.name)
    }

    /// Gives a free name to the repository that a delivery calls by it. A taken name moves only when GitHub shows the
    /// repository.
    pub(super) fn name_repo(&self, repo: &Repo, fx: &mut Effects<'_>) {
        let name = &repo.facts.name;
        let holder = self.view.repo_named(name);
        if holder.is_none_or(|holder| holder.id == repo.id) {
            fx.put_name(name.clone(), repo.id);
        }
    }

    fn apply_issue_event(
        &self,
        repo: &Repo,
        issue: &Issue,
        gone: Option<WithheldReason>,
        fx: &mut Effects<'_>,
    ) {
        if self.told(repo, issue, gone, fx) {
            let name = repo.facts.name.clone();
            let holder = self.view.repo_named(&name);
            // A lookup by a name that another repository has would be stored as that one's issue.
            fx.look = Some(match holder.filter(|holder| holder.id != repo.id) {
                Some(_) => Refetch::Repo(name),
                None => Refetch::Issue(name, issue.number),
            });
        }
    }

    /// Applies a delivery about the repository itself. GitHub is asked again, because an older delivery may arrive last.
    fn apply_repo_event(&self, repo: &Repo, seen: &RepoRef, deleted: bool, fx: &mut Effects<'_>) {
        let facts = seen.facts.as_ref().unwrap_or(&repo.facts).clone();
        fx.look = Some(Refetch::Repo(facts.name.clone()));
        // A delivery alone does not make a repository offered; only GitHub's answer does.
        let shown = repo.offered || repo.facts.archived;
        let row = Repo {
            offered: shown && !deleted && !facts.archived,
            unseen: repo.unseen && !deleted && !facts.archived,
            facts,
            ..repo.clone()
        };
        self.name_repo(&row, fx);
        fx.put_repo(row);
    }
}

/// The facts of a repository from a thin payload, which has only its name.
fn placeholder(name: &RepoName) -> RepoSnapshot {
    RepoSnapshot {
        github_id: 0,
        name: name.clone(),
        url: format!("https://github.com/{name}"),
        description: None,
        private: false,
        archived: false,
        open_count: 0,
    }
}
