//! Deliveries: each taken once, remembered in the same transaction as its effects.

use super::heard::Heard;
use super::{Context, Decision};
use crate::change::Change;
use crate::command::{Answer, Outcome};
use crate::event::{Details, Event, EventKind};
use crate::id::{Ids, IssueNumber};
use crate::issue::{Doubt, Issue};
use crate::pull::{Pull, PullValidators};
use crate::repo::{Repo, RepoFacts, RepoName};
use crate::webhook::{Delivery, DeliveryRow, Ignored, Look, Meaning, RepoSeen, WebhookAnswer};

impl Context<'_> {
    pub(super) fn take_delivery(
        &self,
        delivery: &Delivery,
        meaning: &Meaning,
        ids: &mut dyn Ids,
    ) -> Decision {
        let known = delivery.id.as_ref().and_then(|id| self.view.delivery(id));
        if let Some(row) = known.filter(|row| row.processed_at.is_some()) {
            let answer = WebhookAnswer::Duplicate { id: row.id.clone() };
            return Decision::done(Answer::Delivery { answer, look: None });
        }
        let mut heard = self.hear(meaning, delivery, ids);
        if let Some(id) = &delivery.id {
            heard.changes.push(Change::Delivery(Box::new(DeliveryRow {
                id: id.clone(),
                delivery: delivery.clone(),
                body: None,
                received_at: known.map_or(self.now, |row| row.received_at),
                processed_at: Some(self.now),
                attempts: known.map_or(0, |row| row.attempts),
                error: None,
            })));
        }
        heard
            .events
            .push(self.received(delivery, meaning, &heard.answer));
        heard.into_decision()
    }

    fn received(&self, delivery: &Delivery, meaning: &Meaning, answer: &WebhookAnswer) -> Event {
        let repo = meaning.repo();
        let pull = match meaning {
            Meaning::Feedback { pull, .. } | Meaning::Withdrawn { pull, .. } => Some(pull.number),
            Meaning::Pull { pull, .. } => Some(pull.number),
            Meaning::Issue { .. }
            | Meaning::Repo { .. }
            | Meaning::Access { .. }
            | Meaning::Ping
            | Meaning::Ignored(_) => None,
        };
        let number = match meaning {
            Meaning::Issue { issue, .. } => Some(issue.number),
            _ => None,
        };
        Event {
            seq: 0,
            kind: EventKind::WebhookReceived,
            timestamp: self.now,
            principal: self.command.caller.principal.clone(),
            claim: None,
            item: match answer {
                WebhookAnswer::Feedback { item, .. } => *item,
                _ => None,
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
    ) -> Decision {
        let mut decision = Decision::done(Answer::Noted);
        let known = self.view.delivery(id);
        if known.is_some_and(|row| row.processed_at.is_some()) {
            return decision;
        }
        decision
            .changes
            .push(Change::Delivery(Box::new(DeliveryRow {
                id: id.to_owned(),
                delivery: delivery.clone(),
                body: Some(body.to_owned()),
                received_at: known.map_or(self.now, |row| row.received_at),
                processed_at: None,
                attempts: known.map_or(0, |row| row.attempts).saturating_add(1),
                error: Some(error.to_owned()),
            })));
        decision
    }

    /// News that nobody waits for an answer on.
    pub(super) fn hear_poll(&self, meaning: &Meaning, ids: &mut dyn Ids) -> Decision {
        let delivery = Delivery {
            id: None,
            event: "poll".to_owned(),
            auth: crate::webhook::AuthMethod::ApiKey,
        };
        self.hear(meaning, &delivery, ids).into_decision()
    }

    fn hear(&self, meaning: &Meaning, delivery: &Delivery, ids: &mut dyn Ids) -> Heard {
        let repo = match meaning {
            Meaning::Feedback { repo, .. }
            | Meaning::Withdrawn { repo, .. }
            | Meaning::Pull { repo, .. }
            | Meaning::Issue { repo, .. }
            | Meaning::Repo { repo, .. } => repo,
            Meaning::Access { action } => {
                let answer = taken(delivery, action, 0);
                return Heard {
                    look: Some(Look::Repos),
                    ..Heard::nothing(answer)
                };
            }
            Meaning::Ping => return Heard::nothing(taken(delivery, "pong", 0)),
            Meaning::Ignored(reason) => return Heard::ignored(reason.clone()),
        };
        if !self.command.caller.scope.has(&repo.name) {
            let words = format!("repository {} is not allowed here", repo.name);
            return Heard::ignored(Ignored::Other(words));
        }
        let (row, home) = self.home(repo);
        let mut heard = match meaning {
            Meaning::Feedback {
                pull, source, bot, ..
            } => self.hear_feedback(&row, pull, source, *bot, delivery, ids),
            Meaning::Withdrawn {
                pull,
                sources,
                ending,
                ..
            } => self.hear_withdrawn(&row, pull, sources, *ending, delivery),
            Meaning::Pull {
                pull,
                action,
                change,
                ..
            } => self.hear_pull(&row, pull, action, *change, delivery),
            Meaning::Issue {
                issue,
                action,
                gone,
                ..
            } => self.hear_issue(&row, issue, *gone, taken(delivery, action, 0)),
            Meaning::Repo {
                repo: seen,
                action,
                deleted,
            } => self.hear_repo(&row, seen, *deleted, taken(delivery, action, 0)),
            Meaning::Access { .. } | Meaning::Ping | Meaning::Ignored(_) => {
                return Heard::ignored(Ignored::MissingRepoOrPr);
            }
        };
        if matches!(heard.answer, WebhookAnswer::Ignored(_)) {
            return heard;
        }
        match home {
            Home::Known => {}
            Home::Renamed => {
                let look = Look::Repo(repo.name.clone());
                heard.look = heard.look.or(Some(look));
            }
            Home::New => {
                let at_the_end = heard
                    .changes
                    .iter()
                    .any(|change| matches!(change, Change::Repo(_)));
                if !at_the_end {
                    let name = self.naming(&row);
                    let first = std::iter::once(Change::Repo(row)).chain(name);
                    heard.changes.splice(0..0, first);
                }
            }
        }
        heard
    }

    /// The repository that a delivery speaks of. Its name there may be an old one as well as a new one: only GitHub knows.
    fn home(&self, seen: &RepoSeen) -> (Repo, Home) {
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
                let (facts, offered) = (facts.clone(), !facts.archived);
                let repo = Repo {
                    facts,
                    offered,
                    ..repo.clone()
                };
                (repo, Home::New)
            }
            (Some(repo), Some(facts)) if repo.facts.name != facts.name => {
                (repo.clone(), Home::Renamed)
            }
            (Some(repo), _) => (repo.clone(), Home::Known),
            (None, facts) => {
                // Nothing is offered of a repository of which hardly the name is known, until GitHub shows it.
                let offered = facts.as_ref().is_some_and(|facts| !facts.archived);
                let facts = facts.clone().unwrap_or_else(|| placeholder(&seen.name));
                let repo = Repo {
                    id: self.view.next_repo(),
                    facts,
                    offered,
                    synced_at: None,
                    polled_at: None,
                    watermark: None,
                    etag: None,
                };
                (repo, Home::New)
            }
        }
    }

    /// A name that nobody has goes to the repository that comes with it; one that another has changes hands only when GitHub
    /// shows it.
    fn naming(&self, repo: &Repo) -> Option<Change> {
        let name = &repo.facts.name;
        let free = self
            .view
            .repo_named(name)
            .is_none_or(|holder| holder.id == repo.id);
        free.then(|| Change::Name(name.clone(), repo.id))
    }

    fn hear_issue(
        &self,
        repo: &Repo,
        issue: &Issue,
        gone: Option<Doubt>,
        answer: WebhookAnswer,
    ) -> Heard {
        let (changes, events, tie) = self.told(repo, issue, gone);
        let look = tie.then(|| Look::Issue(repo.facts.name.clone(), issue.number));
        Heard {
            changes,
            events,
            answer,
            look,
        }
    }

    /// What GitHub says of the repository itself. GitHub is asked again, since an older word may come last.
    fn hear_repo(
        &self,
        repo: &Repo,
        seen: &RepoSeen,
        deleted: bool,
        answer: WebhookAnswer,
    ) -> Heard {
        let mut heard = Heard::nothing(answer);
        let facts = seen.facts.as_ref().unwrap_or(&repo.facts).clone();
        heard.look = Some(Look::Repo(facts.name.clone()));
        let row = Repo {
            offered: !deleted && !facts.archived,
            facts,
            ..repo.clone()
        };
        let name = self.naming(&row);
        heard.changes.push(Change::Repo(row));
        heard.changes.extend(name);
        heard
    }

    pub(super) fn finish_pull_poll(
        &self,
        repo: &RepoName,
        number: IssueNumber,
        validators: &PullValidators,
    ) -> Decision {
        let mut decision = Decision::done(Answer::Noted);
        let key = self.view.repo_named(repo).map(|repo| (repo.id, number));
        if let Some(pull) = key.and_then(|key| self.view.pull(key)) {
            let pull = Pull {
                validators: validators.clone(),
                ..pull.clone()
            };
            decision.changes.push(Change::Pull(Box::new(pull)));
        }
        decision.outcome = Outcome::Done(Answer::Noted);
        decision
    }
}

/// How well the repository is known that a delivery speaks of.
enum Home {
    /// By this very name.
    Known,
    /// By another name.
    Renamed,
    /// Not yet, or not by GitHub's id.
    New,
}

/// What a delivery hears that was taken and is no feedback.
pub(super) fn taken(delivery: &Delivery, action: &str, resolved: u64) -> WebhookAnswer {
    WebhookAnswer::Taken {
        event: delivery.event.clone(),
        action: action.to_owned(),
        resolved,
    }
}

/// What is known of a repository of which a thin payload says only the name.
fn placeholder(name: &RepoName) -> RepoFacts {
    RepoFacts {
        github_id: 0,
        name: name.clone(),
        url: format!("https://github.com/{name}"),
        description: None,
        private: false,
        archived: false,
        open_count: 0,
    }
}
