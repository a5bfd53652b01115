//! What a batch adds to the numbers of days and agents. It follows from the statuses that claims and follow-ups came to.

use std::collections::BTreeMap;

use crate::domain::claim::{Claim, ClaimStatus, StatusEntry};
use crate::domain::daily::{AgentTotalKey, DailyKey, Day, Measure, bucket_of};
use crate::domain::followup::{Followup, FollowupEntry, FollowupStatus};
use crate::domain::id::RepoId;
use crate::domain::time::{Millis, Timestamp};
use crate::engine::fence::{ClaimWrite, FollowupWrite};

/// What is added to the numbers of days and agents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// By day and repository, and for all repositories together.
    pub days: BTreeMap<DailyKey, i64>,
    /// By agent, with the day.
    pub agents: BTreeMap<AgentTotalKey, (i64, Day)>,
}

impl Counted {
    /// Of the rows that a batch writes.
    pub(crate) fn of(claims: &[ClaimWrite], followups: &[FollowupWrite]) -> Self {
        let mut counted = Self::default();
        for write in claims {
            counted.claim(write);
        }
        for write in followups {
            counted.followup(write);
        }
        counted
    }

    fn claim(&mut self, write: &ClaimWrite) {
        let claim = &write.row;
        let first_new = write.new_entries().next().map(|(n, _)| n);
        for (n, entry) in write.new_entries() {
            let is_new = write.before.is_none() && Some(n) == first_new;
            let Some((measure, bucket)) = measure_of(claim, n, entry, is_new) else {
                continue;
            };
            self.add(claim.repo, entry.timestamp, measure, bucket);
            let key = AgentTotalKey {
                agent_id: claim.agent.clone(),
                measure,
            };
            let day = Day::of(entry.timestamp);
            let (count, last) = self.agents.entry(key).or_insert((0, day));
            *count += 1;
            *last = day.max(*last);
        }
    }

    fn followup(&mut self, write: &FollowupWrite) {
        let item = &write.row;
        for (_, entry) in write.new_entries() {
            if is_answer(item, entry) {
                let length = Millis(entry.timestamp.0 - item.created_at.0);
                let bucket = bucket_of(length);
                self.add(item.repo, entry.timestamp, Measure::Answers, bucket);
            }
        }
    }

    fn add(&mut self, repo: RepoId, at: Timestamp, measure: Measure, bucket: i64) {
        for repo_id in [DailyKey::ALL, repo] {
            let key = DailyKey {
                repo_id,
                day: Day::of(at),
                measure,
                bucket,
            };
            *self.days.entry(key).or_default() += 1;
        }
    }
}

/// What an entry of a claim's history counts as. GitHub may tell that the issue was closed before it tells that the pull request was
/// merged, so that such a close counts as the merge.
fn measure_of(
    claim: &Claim,
    n: usize,
    entry: &StatusEntry,
    is_new: bool,
) -> Option<(Measure, i64)> {
    let merged = Some((
        Measure::Merges,
        bucket_of(Millis(entry.timestamp.0 - claim.claimed_at.0)),
    ));
    let before = claim.history.iter().enumerate();
    let mut before = before.take_while(|(place, _)| claim.earlier + place < n);
    let was_merged = before.any(|(_, entry)| entry.status == ClaimStatus::PrMerged);
    match entry.status {
        ClaimStatus::Claimed if is_new => Some((Measure::Claims, 0)),
        ClaimStatus::PrMerged if !was_merged => merged,
        ClaimStatus::Stale => Some((Measure::Stale, 0)),
        ClaimStatus::Closed if !was_merged => {
            if claim.pull.is_some() && claim.github_closed_at.is_some() {
                merged
            } else {
                Some((Measure::Released, 0))
            }
        }
        ClaimStatus::Released => Some((Measure::Released, 0)),
        ClaimStatus::Claimed
        | ClaimStatus::InProgress
        | ClaimStatus::PrSubmitted
        | ClaimStatus::PrMerged
        | ClaimStatus::Closed => None,
    }
}

/// Whether an agent answered the feedback. What GitHub resolved while nobody had it was not answered.
fn is_answer(item: &Followup, entry: &FollowupEntry) -> bool {
    entry.status == FollowupStatus::Done && item.owner.is_some()
}
