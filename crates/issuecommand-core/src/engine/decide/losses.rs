//! Notes for agents what of their work ended or went to somebody else by another's hand.

use std::collections::BTreeSet;

use super::Context;
use super::effects::Effects;
use crate::domain::bounds::beginning;
use crate::domain::claim::{Claim, ClaimStatus};
use crate::domain::followup::Followup;
use crate::domain::id::AgentId;
use crate::domain::notice::{Notice, NoticeBody, NoticeKind, NoticeOf};
use crate::domain::session::SessionId;
use crate::engine::view::Rows;

/// Who has a claim or follow-up.
type Holder<'a> = (&'a AgentId, Option<&'a SessionId>);

impl Context<'_> {
    /// Compares the changed claims and follow-ups with what they were, so that it covers every cause.
    pub(super) fn note_losses(&self, fx: &mut Effects<'_>) {
        let mut notices = Vec::new();
        for claim in fx.changed_claims() {
            let before = self.view.claim(claim.id);
            let why = claim.history.last().and_then(|entry| entry.note.as_deref());
            let why = why.unwrap_or(claim.status.as_str());
            let mark = claim.earlier + claim.history.len();
            let of = NoticeOf::claim(claim);
            let ended = claim.status == ClaimStatus::Closed;
            let taken = fx.active_on(claim.key()).filter(|_| !claim.is_active());
            let after = holder(claim).or(taken.and_then(holder));
            self.note(
                before.and_then(holder),
                after,
                ended,
                (of, why, mark),
                &mut notices,
            );
        }
        for item in fx.changed_followups() {
            let before = self.view.followup(item.id);
            let why = item.history.last().and_then(|entry| entry.note.as_deref());
            let why = why.unwrap_or(item.status.as_str());
            let mark = item.earlier + item.history.len();
            let of = NoticeOf::followup(item);
            let ended = item.status.is_terminal();
            self.note(
                before.and_then(in_hand),
                in_hand(item),
                ended,
                (of, why, mark),
                &mut notices,
            );
        }
        for notice in notices {
            fx.put_row(notice);
        }
    }

    fn note(
        &self,
        before: Option<Holder<'_>>,
        after: Option<Holder<'_>>,
        ended: bool,
        (of, why, mark): (NoticeOf, &str, usize),
        notices: &mut Vec<Notice>,
    ) {
        let mut tell = |agent: &AgentId,
                        what: NoticeKind,
                        by_session: Option<SessionId>,
                        for_session: Option<&SessionId>| {
            let id = match &of {
                NoticeOf::Claim { id, .. } => id.to_string(),
                NoticeOf::Followup { id, .. } => id.to_string(),
            };
            notices.push(Notice {
                id: format!("{id}/{mark}/{}/{agent}", self.now.0),
                agent: agent.clone(),
                at: self.now,
                body: NoticeBody {
                    what,
                    of: of.clone(),
                    why: beginning(why, Notice::WHY_MAX).to_owned(),
                    by_session,
                    for_session: for_session.cloned(),
                    told: BTreeSet::new(),
                },
            });
        };
        let actor = self.acting_agent();
        let own = self.command.caller.session_id();
        if let Some((agent, session)) = before {
            let same_name = actor == Some(agent);
            // A caller without a session acts for any session of its name.
            let same_session = own.is_none() || session.is_none() || own == session;
            let stays = after.is_some_and(|(now, _)| now == agent);
            let by = own.filter(|_| same_name).cloned();
            let moved = after.is_some_and(|(_, now)| now != session) && session.is_some();
            match after {
                _ if same_name && same_session => {}
                Some(_) if stays && !moved => {}
                Some(_) => tell(agent, NoticeKind::TakenOver, by, session.filter(|_| stays)),
                None if ended => tell(agent, NoticeKind::Ended, by, None),
                None => tell(agent, NoticeKind::Lost, by, None),
            }
            if let Some((now, _)) = after.filter(|(now, _)| *now != agent && actor != Some(*now)) {
                tell(now, NoticeKind::Given, None, None);
            }
        }
    }
}

fn holder(claim: &Claim) -> Option<Holder<'_>> {
    claim
        .is_active()
        .then_some((&claim.agent, claim.session.as_ref()))
}

fn in_hand(item: &Followup) -> Option<Holder<'_>> {
    item.holder().map(|agent| (agent, item.session.as_ref()))
}
