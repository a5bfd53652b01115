//! The earlier service's claims as ours. It could give one issue to two agents; the older claim is kept.

use std::collections::BTreeMap;

use issuecommand_core::domain::claim::{Actor, Claim, ClaimStatus, StatusEntry};
use issuecommand_core::domain::id::{ClaimId, IssueKey, Principal};
use issuecommand_core::domain::time::Timestamp;

use super::records::ClaimRecord;
use super::repos::Repos;

/// All claims, ended ones first.
pub(super) fn of(
    active: &[ClaimRecord],
    ended: &[ClaimRecord],
    repos: &mut Repos,
    now: Timestamp,
    notes: &mut Vec<String>,
) -> Result<Vec<Claim>, String> {
    let mut claims = BTreeMap::<ClaimId, Claim>::new();
    for (records, ends) in [(active, false), (ended, true)] {
        for record in records {
            let claim = whole(record, ends, repos, now)?;
            match claims.get(&claim.id) {
                // The same claim in both tables: the later one counts, and with equal times the ended one.
                Some(known) if known.last_updated > claim.last_updated => notes.push(format!(
                    "claim {} stands twice, as {} and as {}; the later one stays",
                    claim.id, known.status, claim.status
                )),
                Some(known) => {
                    notes.push(format!(
                        "claim {} stands twice, as {} and as {}; the later one stays",
                        claim.id, known.status, claim.status
                    ));
                    claims.insert(claim.id, claim);
                }
                None => {
                    claims.insert(claim.id, claim);
                }
            }
        }
    }
    let mut all: Vec<Claim> = claims.into_values().collect();
    one_each(&mut all, now, notes)?;
    all.sort_by_key(|claim| (claim.is_active(), claim.last_updated, claim.id));
    Ok(all)
}

fn whole(
    record: &ClaimRecord,
    ends: bool,
    repos: &mut Repos,
    now: Timestamp,
) -> Result<Claim, String> {
    let history = record.status_history.iter().map(|entry| StatusEntry {
        status: entry.status,
        timestamp: entry.timestamp,
        note: entry.note.clone(),
    });
    let mut history: Vec<_> = history.collect();
    if history.last().map(|entry| entry.status) != Some(record.status) {
        history.push(StatusEntry {
            status: record.status,
            timestamp: record.last_updated,
            note: None,
        });
    }
    let working = |status: &ClaimStatus| !status.is_terminal() && *status != ClaimStatus::Stale;
    let before_stale = history
        .iter()
        .rev()
        .map(|entry| entry.status)
        .find(working)
        .filter(|_| record.status == ClaimStatus::Stale);
    let claim = Claim {
        title: record.issue_title.clone().unwrap_or_default(),
        labels: record.issue_labels.clone().unwrap_or_default(),
        assignees: record.issue_assignees.clone().unwrap_or_default(),
        status: record.status,
        before_stale,
        last_updated: record.last_updated,
        history,
        pr_url: record.pr_url.clone(),
        ..Claim::begin(
            ClaimId(record.claim_id),
            record.agent_id.clone(),
            Principal::System,
            repos.named(&record.repo),
            record.issue_number,
            record.claimed_at,
        )
    };
    if ends && claim.is_active() {
        let note = "Had ended in the earlier service without saying how".to_owned();
        return release(claim, note, now);
    }
    Ok(claim)
}

/// Keeps the oldest of several active claims of one issue.
fn one_each(claims: &mut [Claim], now: Timestamp, notes: &mut Vec<String>) -> Result<(), String> {
    let mut oldest = BTreeMap::<IssueKey, (Timestamp, ClaimId, String)>::new();
    for claim in claims.iter().filter(|claim| claim.is_active()) {
        let this = (claim.claimed_at, claim.id, claim.agent.to_string());
        let known = oldest.entry(claim.key()).or_insert_with(|| this.clone());
        if this < *known {
            *known = this;
        }
    }
    for claim in claims.iter_mut().filter(|claim| claim.is_active()) {
        let (_, id, agent) = &oldest[&claim.key()];
        if claim.id == *id {
            continue;
        }
        let note = format!(
            "The earlier service had given this issue to {agent} as well (claim {id}), whose older claim stays"
        );
        notes.push(format!(
            "{}#{} was held by {agent} (claim {id}) and by {} (claim {}): the older claim stays, the other was released",
            claim.repo_name, claim.number, claim.agent, claim.id
        ));
        *claim = release(claim.clone(), note, now)?;
    }
    Ok(())
}

fn release(claim: Claim, note: String, now: Timestamp) -> Result<Claim, String> {
    let id = claim.id;
    claim
        .advance(ClaimStatus::Released, Actor::System, Some(note), now)
        .map_err(|no| format!("claim {id} cannot be released: {no:?}"))
}
