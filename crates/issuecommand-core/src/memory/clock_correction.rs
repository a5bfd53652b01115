//! Corrects times that a wrong clock wrote.

use super::State;
use crate::domain::time::{Correction, StoreTime, Timestamp, read_clock};

impl State {
    /// The time of a transaction. Records a step of the clock and corrects the times that it made wrong.
    pub(super) fn read_clock(&mut self, clock: Timestamp) -> StoreTime {
        let read =
            |state: &Self| read_clock(clock, state.last_now, state.last_now, state.clock_steps);
        let time = read(self).or_else(|noticed| {
            self.clock_steps = noticed.steps;
            self.last_now = noticed.step.to;
            if let Some(correction) = noticed.correction {
                self.correct(correction);
            }
            read(self)
        });
        // After a step the transaction uses the time that the store recorded.
        let time = time.unwrap_or_else(|noticed| noticed.step.to.into());
        self.last_now = time.now;
        time
    }

    fn correct(&mut self, correction: Correction) {
        let past = |at: &mut Timestamp| *at = past(correction, *at);
        let due = |at: &mut Timestamp| *at = due(correction, *at);
        self.last_sync.iter_mut().for_each(past);
        // Turns follow from corrected times: the next start judges all issues anew.
        self.priority_source = None;
        for repo in self.repos.values_mut() {
            past(&mut repo.known_at);
            let times = [&mut repo.synced_at, &mut repo.polled_at, &mut repo.full_at];
            times.into_iter().flatten().for_each(past);
        }
        for issue in self.issues.values_mut() {
            past(&mut issue.checked_at);
            issue.withheld.iter_mut().for_each(|(_, at)| past(at));
        }
        for claim in self.claims.values_mut() {
            past(&mut claim.claimed_at);
            past(&mut claim.last_updated);
            past(&mut claim.signed_at);
            claim
                .history
                .iter_mut()
                .for_each(|entry| past(&mut entry.timestamp));
        }
        for item in self.followups.values_mut() {
            past(&mut item.created_at);
            past(&mut item.last_updated);
            past(&mut item.signed_at);
            past(&mut item.window_from);
            item.claimed_at.iter_mut().for_each(past);
            item.done_at.iter_mut().for_each(past);
            item.history
                .iter_mut()
                .for_each(|entry| past(&mut entry.timestamp));
        }
        for row in self.tables.deliveries.rows_mut() {
            past(&mut row.received_at);
            row.processed_at.iter_mut().for_each(past);
        }
        for agent in self.tables.agents.rows_mut() {
            past(&mut agent.first_seen);
            past(&mut agent.last_seen);
        }
        for session in self.tables.sessions.rows_mut() {
            past(&mut session.first_seen);
            past(&mut session.last_seen);
            session.ended.iter_mut().for_each(|(at, _)| past(at));
        }
        let notices = self.tables.notices.rows_mut();
        notices.for_each(|notice| past(&mut notice.at));
        for key in self.tables.access_keys.rows_mut() {
            past(&mut key.created_at);
            key.revoked_at.iter_mut().for_each(past);
        }
        for session in self.tables.web_sessions.rows_mut() {
            past(&mut session.made_at);
            past(&mut session.used_at);
        }
        for code in self.tables.codes.rows_mut() {
            past(&mut code.made_at);
        }
        self.events
            .iter_mut()
            .for_each(|event| past(&mut event.timestamp));
        self.tables
            .idempotency
            .rows_mut()
            .for_each(|row| past(&mut row.at));
        self.sync_failures
            .iter_mut()
            .for_each(|row| past(&mut row.since));
        for entry in self.tables.outbox.rows_mut() {
            due(&mut entry.due);
            entry.failed_at.iter_mut().for_each(past);
        }
        for attempt in self.tables.attempts.rows_mut() {
            past(&mut attempt.from);
            past(&mut attempt.to);
        }
        for row in self.tables.standings.rows_mut() {
            row.offered_at.iter_mut().for_each(past);
        }
        for row in self.tables.quick_releases.rows_mut() {
            past(&mut row.at);
        }
        for halt in self.tables.halts.rows_mut() {
            past(&mut halt.at);
        }
        for standing in self.tables.standings.rows_mut() {
            standing.due_at.iter_mut().for_each(due);
        }
        for held in self.tables.held_feedback.rows_mut() {
            past(&mut held.at);
        }
        for policy in self.tables.repo_policies.rows_mut() {
            past(&mut policy.since);
        }
        for writer in self.tables.writers.rows_mut() {
            past(&mut writer.at);
        }
        self.tables
            .leases
            .rows_mut()
            .for_each(|lease| due(&mut lease.until));
    }
}

/// Corrects the time of something that happened.
fn past(correction: Correction, at: Timestamp) -> Timestamp {
    match correction {
        Correction::Back(step) => at.min(step.to),
        Correction::Return { since, jump } if since <= at && at <= jump.from => {
            at.plus(jump.length())
        }
        Correction::Return { .. } => at,
    }
}

/// Corrects the time at which something is due or expires.
fn due(correction: Correction, at: Timestamp) -> Timestamp {
    match correction {
        Correction::Back(step) if at > step.to => at.plus(step.length()),
        Correction::Return { since, jump } if since <= at && at <= jump.to => {
            at.plus(jump.length())
        }
        Correction::Back(_) | Correction::Return { .. } => at,
    }
}
