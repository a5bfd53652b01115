//! Processes each delivery once. It is stored in the same transaction as its effects.

use super::Context;
use super::delivery_answers::{contradictory, not_allowed, taken};
use super::edges::Relation;
use super::effects::Effects;
use super::feedback::Said;
use super::withdrawal::Withdrawal;
use crate::domain::event::{Details, Event, EventKind};
use crate::domain::id::{IdGenerator, IssueNumber};
use crate::domain::issue::{Issue, RelatedIssue, WithheldReason};
use crate::domain::repo::Repo;
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
            GithubEvent::Dependency { repo, blocked, .. } => (own_number(repo, blocked), None),
            GithubEvent::SubIssue { repo, parent, .. } => (own_number(repo, parent), None),
            GithubEvent::IssueComment { number, .. } => (Some(*number), None),
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

    #[expect(clippy::too_many_lines, reason = "a few lines for each kind of event")]
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
            | GithubEvent::Dependency { repo, .. }
            | GithubEvent::SubIssue { repo, .. }
            | GithubEvent::IssueComment { repo, .. }
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
            GithubEvent::Withdrawn { sources, .. } | GithubEvent::Unresolved { sources, .. } => {
                for id in sources {
                    self.release_held(id, fx);
                }
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
            GithubEvent::Dependency { action, .. } | GithubEvent::SubIssue { action, .. } => {
                if let Some(relation) = Relation::of(meaning) {
                    self.apply_relation(&relation, (&repo, seen), fx);
                }
                taken(delivery, action, 0)
            }
            GithubEvent::IssueComment {
                number,
                author,
                voice,
                action,
                ..
            } => {
                let ended = action != "deleted"
                    && self.end_park_by_comment((repo.id, *number), author.as_deref(), *voice, fx);
                if ended {
                    taken(delivery, action, 0)
                } else {
                    let event = delivery.event.clone();
                    WebhookAnswer::Ignored(Ignored::NotActionable(event))
                }
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

    fn apply_issue_event(
        &self,
        repo: &Repo,
        issue: &Issue,
        gone: Option<WithheldReason>,
        fx: &mut Effects<'_>,
    ) {
        let tie = self.told(repo, issue, gone, fx);
        if !tie && self.is_unexplained((repo.id, issue.number), fx) {
            fx.look = Some(Refetch::Edges(repo.facts.name.clone(), issue.number));
        }
        if tie {
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

/// The number of an issue of the delivery's own repository.
fn own_number(repo: &RepoRef, issue: &RelatedIssue) -> Option<IssueNumber> {
    (issue.place.repo == repo.name).then_some(issue.place.number)
}
