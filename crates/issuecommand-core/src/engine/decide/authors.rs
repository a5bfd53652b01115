//! What follows from the rights of authors: whose issues are handed out, and whose feedback is kept from agents.

use super::Context;
use super::effects::Effects;
use super::feedback::Said;
use crate::domain::event::{Details, Event, EventKind};
use crate::domain::followup::{HeldFeedback, SourceId};
use crate::domain::issue::{IssueState, MirroredIssue};
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::webhook::{Ignored, WebhookAnswer};
use crate::domain::writer::{OwnLogin, Writer};
use crate::engine::change::Change;
use crate::engine::command::{Missing, Outcome};
use crate::engine::read_set::CHUNK;
use crate::engine::tables::PlainKey;
use crate::engine::view::Rows;

impl Context<'_> {
    /// Records GitHub's answers and judges the open issues of these authors.
    pub(super) fn record_writers(
        &self,
        name: &RepoName,
        rights: &[(String, bool)],
        fx: &mut Effects<'_>,
    ) -> Outcome {
        let Some(repo) = self.view.repo_named(name) else {
            return Outcome::Missing(Missing::Repo(name.clone()));
        };
        for (login, may) in rights {
            fx.put_row(Writer {
                repo: name.key().to_owned(),
                login: login.to_lowercase(),
                may: *may,
                at: self.now,
            });
        }
        let is_theirs = |issue: &&MirroredIssue| {
            let author = issue.facts.author.as_deref().unwrap_or_default();
            let mut logins = rights.iter().map(|(login, _)| login);
            issue.repo == repo.id
                && issue.facts.state == IssueState::Open
                && logins.any(|login| login.eq_ignore_ascii_case(author))
        };
        let issues: Vec<&MirroredIssue> = self.view.issues.rows().filter(is_theirs).collect();
        let mut changed = 0;
        for issue in issues {
            let before = fx.standing(issue.key()).map(|standing| standing.trust);
            self.judge(issue, fx);
            let after = fx.standing(issue.key()).map(|standing| standing.trust);
            changed += usize::from(before != after);
        }
        fx.counted(changed >= CHUNK)
    }

    /// Records the login of the credential's own user. The answer says whether it is another than before.
    pub(super) fn record_login(&self, login: &str, fx: &mut Effects<'_>) -> Outcome {
        let row = OwnLogin(login.to_lowercase());
        let is_new = self.view.tables.own_logins.get(&1) != Some(&row);
        if is_new {
            fx.put_row(row);
        }
        fx.counted(is_new)
    }

    /// Holds feedback back whose author needs write access and has none as far as GitHub was asked. Of an author who has, it is held
    /// no longer.
    pub(super) fn hold_back(
        &self,
        repo: &Repo,
        said: &Said<'_>,
        fx: &mut Effects<'_>,
    ) -> Option<WebhookAnswer> {
        let (id, voice) = (&said.source.id, said.voice);
        let needed = self.policy.feedback_authors.need_write(repo.facts.private);
        if !needed || voice.trusted || voice.own {
            self.release_held(id, fx);
            return None;
        }
        let known = self.view.tables.held_feedback.get(id);
        let is_newer = |known: &HeldFeedback| {
            known.source.body != said.source.body
                && known.source.updated_at <= said.source.updated_at
        };
        if known.is_none_or(is_newer) {
            if known.is_none() {
                self.tell_held(repo, said, fx);
            }
            fx.put_row(HeldFeedback {
                pull: (repo.id, said.pull.number),
                source: said.source.clone(),
                bot: voice.bot,
                at: known.map_or(self.now, |known| known.at),
            });
        }
        let words = "its author has no write access: it is held back for people (FEEDBACK_AUTHORS)";
        Some(WebhookAnswer::Ignored(Ignored::Other(words.to_owned())))
    }

    /// Drops feedback that was held back, because it is let in or was withdrawn.
    pub(super) fn release_held(&self, id: &SourceId, fx: &mut Effects<'_>) {
        if self.view.tables.held_feedback.get(id).is_some() {
            fx.put_other(Change::NoRow(PlainKey::HeldFeedback(id.clone())));
        }
    }

    fn tell_held(&self, repo: &Repo, said: &Said<'_>, fx: &mut Effects<'_>) {
        fx.emit(Event {
            seq: 0,
            kind: EventKind::FollowupHeldBack,
            timestamp: self.now,
            principal: self.command.caller.principal.clone(),
            claim: None,
            item: None,
            repo: Some(repo.facts.name.clone()),
            number: None,
            pull: Some(said.pull.number),
            agent: None,
            details: Details::HeldBack {
                source: said.source.id.clone(),
                author: said.source.requested_by.clone(),
            },
        });
    }
}
