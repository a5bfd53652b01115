//! Signs of life, and what an agent hears in answer to one.

use std::collections::BTreeSet;

use super::sessions::CallerNews;
use super::{Service, ServiceResult, ShownHalt};
use crate::domain::access::Caller;
use crate::domain::claim::Claim;
use crate::domain::failure::StoreError;
use crate::domain::followup::Followup;
use crate::domain::id::AgentId;
use crate::ports::store::{ClaimFilter, FollowupFilter};

/// The answer to a sign of life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// The claims that the sign is for.
    pub claims: Vec<Claim>,
    /// Feedback that waits for the agent.
    pub feedback: Vec<Followup>,
    /// What of the agent's work is halted.
    pub halts: Vec<ShownHalt>,
    /// What the caller is told beside it.
    pub told: CallerNews,
}

impl Service {
    /// Records a sign of life. Without `resumes` it is none for a session that its client said is over.
    pub(super) async fn record_beat(
        &self,
        caller: &Caller,
        agent: &AgentId,
        resumes: bool,
    ) -> ServiceResult<CallerNews> {
        self.record_heard(caller, agent, (true, resumes), false)
            .await
    }

    /// A sign of life of an agent, for what its session holds, or without a session for what it holds in none.
    pub async fn heartbeat(&self, caller: &Caller, agent: AgentId) -> ServiceResult<Beat> {
        caller.may_change(Some(&agent))?;
        let told = self.record_beat(caller, &agent, true).await?;
        self.beat(caller, &agent, told).await
    }

    /// The same of a client that is at work, which is no sign of life for a session that the client said is over.
    pub async fn heartbeat_at_work(&self, caller: &Caller, agent: AgentId) -> ServiceResult<Beat> {
        caller.may_change(Some(&agent))?;
        let told = self.record_beat(caller, &agent, false).await?;
        self.beat(caller, &agent, told).await
    }

    /// What the caller's session, or the agent in no session, has.
    pub(super) async fn beat(
        &self,
        caller: &Caller,
        agent: &AgentId,
        told: CallerNews,
    ) -> ServiceResult<Beat> {
        let filter = ClaimFilter {
            agent: Some(agent.clone()),
            ..ClaimFilter::default()
        };
        let mut claims = self.claims(caller, filter).await?;
        claims.retain(|claim| {
            claim.session.is_none() || claim.session.as_ref() == caller.session_id()
        });
        let feedback = self.feedback_for(caller, agent, &claims).await?;
        let halts = self.halts_of(agent, &claims).await?;
        Ok(Beat {
            claims,
            feedback,
            halts,
            told,
        })
    }

    /// Feedback on the pull requests of these claims that waits for the agent.
    pub async fn feedback_for(
        &self,
        caller: &Caller,
        agent: &AgentId,
        claims: &[Claim],
    ) -> Result<Vec<Followup>, StoreError> {
        let pulls: BTreeSet<_> = claims.iter().filter_map(|claim| claim.pull).collect();
        let mut waiting = Vec::new();
        for (repo, number) in pulls {
            let claim = claims.iter().find(|claim| claim.repo == repo);
            let Some(claim) = claim else { continue };
            let filter = FollowupFilter {
                repo: Some(claim.repo_name.clone()),
                number: Some(number),
                scope: self.scoped(caller).scope,
                ..FollowupFilter::default()
            };
            let items = self.store.followups(&filter).await?.into_iter();
            waiting.extend(items.filter(|item| {
                let preferred = item.author.as_ref().and_then(|it| it.preferred.as_ref());
                item.waits() && item.repo_offered && preferred == Some(agent)
            }));
        }
        Ok(waiting)
    }
}
