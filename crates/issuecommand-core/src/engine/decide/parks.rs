//! Parks issues after attempts, and ends parks.

use super::Context;
use super::effects::Effects;
use crate::domain::attempt::Attempt;
use crate::domain::event::{Details, Event, EventKind};
use crate::domain::id::IssueKey;
use crate::domain::issue::{Issue, MirroredIssue};
use crate::domain::park::{ParkReason, Parked};
use crate::domain::standing::Standing;
use crate::domain::webhook::Voice;
use crate::engine::view::Rows;

impl Context<'_> {
    /// Counts an attempt at an issue, and parks the issue if its agent said so or if it was one attempt too many.
    pub(super) fn park_after(&self, attempt: &Attempt, fx: &mut Effects<'_>) {
        let Some(standing) = fx.standing(attempt.key()).cloned() else {
            return;
        };
        let attempts = standing.attempts + u32::from(attempt.counts);
        let said = attempt.outcome.filter(|outcome| outcome.parks());
        let too_many = self.policy.attempts.max.is_some_and(|max| attempts >= max);
        let why = match said {
            Some(outcome) => Some(ParkReason::Outcome(outcome)),
            None if attempt.counts && too_many => Some(ParkReason::Attempts(attempts)),
            None => None,
        };
        fx.put_standing(Standing {
            attempts,
            ..standing
        });
        if let Some(why) = why {
            let parked = Parked {
                why,
                by: attempt.agent.to_string(),
                note: attempt.note.clone(),
                at: self.now,
            };
            self.park(attempt.key(), parked, fx);
        }
    }

    pub(super) fn park(&self, key: IssueKey, parked: Parked, fx: &mut Effects<'_>) {
        let Some(standing) = fx.standing(key).cloned() else {
            return;
        };
        let details = Details::Parked(parked.clone());
        fx.emit(self.issue_event(EventKind::IssueParked, key, details));
        fx.put_standing(Standing {
            parked: Some(parked),
            ..standing
        });
        fx.judge_again(key);
    }

    /// Ends what keeps an issue from being offered after attempts.
    pub(super) fn offer(&self, key: IssueKey, note: Option<&str>, fx: &mut Effects<'_>) {
        let Some(standing) = fx.standing(key).cloned() else {
            return;
        };
        let details = Details::Work {
            note: note.map(str::to_owned),
        };
        fx.emit(self.issue_event(EventKind::IssueOffered, key, details));
        fx.put_standing(Standing {
            parked: None,
            attempts: 0,
            offered_at: Some(self.now),
            ..standing
        });
        fx.judge_again(key);
    }

    /// Ends a park when GitHub shows another text, or other labels, assignees or milestone. What a bot changed ends none.
    pub(super) fn end_park_of_changed(&self, issue: &MirroredIssue, fx: &mut Effects<'_>) {
        let parked = fx
            .standing(issue.key())
            .is_some_and(|row| row.parked.is_some());
        let known = self.view.issue(issue.key());
        let edited = known.is_some_and(|known| was_edited(&known.facts, &issue.facts));
        if parked && edited && !self.command.action.is_by_bot() {
            self.offer(issue.key(), Some("It was edited on GitHub"), fx);
        }
    }

    /// Ends a park when a person comments on the issue; where the settings trust only authors who may write, one of them. Returns
    /// whether there was one to end.
    pub(super) fn end_park_by_comment(
        &self,
        key: IssueKey,
        author: Option<&str>,
        voice: Voice,
        fx: &mut Effects<'_>,
    ) -> bool {
        let parked = fx.standing(key).is_some_and(|row| row.parked.is_some());
        let repo = self.view.repo(key.0);
        let private = repo.is_some_and(|repo| repo.facts.private);
        let heard = voice.trusted || !self.policy.readiness.authors.need_write(private);
        let person = author.filter(|login| heard && !self.is_agents(login));
        let Some(person) = person.filter(|_| parked && !voice.bot && !voice.marked && !voice.own)
        else {
            return false;
        };
        self.offer(
            key,
            Some(&format!("@{person} commented on it on GitHub")),
            fx,
        );
        true
    }

    fn issue_event(&self, kind: EventKind, key: IssueKey, details: Details) -> Event {
        let repo = self.view.repo(key.0).map(|repo| repo.facts.name.clone());
        Event {
            repo,
            number: Some(key.1),
            agent: self.command.action.agent().cloned(),
            ..Event::bare(kind, self.now, &self.command.caller.principal, details)
        }
    }
}

/// Whether somebody changed what an issue says.
fn was_edited(before: &Issue, now: &Issue) -> bool {
    before.title != now.title
        || before.body != now.body
        || before.labels != now.labels
        || before.assignees != now.assignees
        || before.milestone != now.milestone
}
