//! The earlier service's follow-ups, feedback events and deliveries. It let two agents work on one pull request; the agent that began
//! first keeps it, and the follow-ups of the others are queued again.

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::followup::{
    Concerns, FeedbackEvent, Followup, FollowupEntry, FollowupStatus, KnownSource, Resolution,
    SourceFacts, SourceId, WorkItemId,
};
use issuecommand_core::domain::id::{AgentId, IssueNumber, PullKey};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::{AuthMethod, Delivery, StoredDelivery};
use issuecommand_core::engine::fence::FollowupWrite;

use super::read::LegacyDatabase;
use super::records::FollowupRecord;
use super::repos::Repos;

#[derive(Default)]
pub(super) struct Feedback {
    pub(super) items: Vec<FollowupWrite>,
    pub(super) sources: Vec<(KnownSource, Option<FeedbackEvent>)>,
    pub(super) holds: Vec<(PullKey, Option<AgentId>)>,
    pub(super) deliveries: Vec<StoredDelivery>,
}

pub(super) fn of(
    old: &LegacyDatabase,
    repos: &mut Repos,
    now: Timestamp,
    notes: &mut Vec<String>,
) -> Result<Feedback, String> {
    let mut items = BTreeMap::<WorkItemId, Followup>::new();
    for (records, ends) in [(&old.open_followups, false), (&old.ended_followups, true)] {
        for record in records {
            let item = whole(record, ends, repos, now, notes);
            match items.get(&item.id) {
                Some(known) if known.last_updated > item.last_updated => {
                    notes.push(twice(known, &item));
                }
                known => {
                    notes.extend(known.map(|known| twice(known, &item)));
                    items.insert(item.id, item);
                }
            }
        }
    }
    let mut items: Vec<Followup> = items.into_values().collect();
    let holds = one_holder_each(&mut items, now, notes);
    let mut feedback = Feedback {
        holds,
        ..Feedback::default()
    };
    feedback.sources = sources(&mut items, notes);
    feedback
        .sources
        .extend(taken_before(old, &feedback.sources, repos)?);
    feedback.items = items.into_iter().map(new).collect();
    feedback.deliveries = old.deliveries.iter().map(delivery).collect();
    Ok(feedback)
}

fn twice(known: &Followup, item: &Followup) -> String {
    format!(
        "follow-up {} stands twice, as {} and as {}; the later one stays",
        item.id, known.status, item.status
    )
}

fn new(item: Followup) -> FollowupWrite {
    FollowupWrite {
        row: item,
        before: None,
        new_from: 0,
    }
}

fn whole(
    record: &FollowupRecord,
    ends: bool,
    repos: &mut Repos,
    now: Timestamp,
    notes: &mut Vec<String>,
) -> Followup {
    let (repo, repo_name) = repos.named(&record.repo);
    let history = record.status_history.iter().map(|entry| FollowupEntry {
        status: entry.status,
        timestamp: entry.timestamp,
        note: entry.note.clone(),
    });
    let mut history: Vec<_> = history.collect();
    if history.last().map(|entry| entry.status) != Some(record.status) {
        history.push(FollowupEntry {
            status: record.status,
            timestamp: record.last_updated,
            note: None,
        });
    }
    let source = FeedbackEvent {
        delivery: record.source_delivery_id.clone(),
        requested_by: record.requested_by.clone(),
        body: record.body(),
        // The event is no later than its receipt; a push before that does not answer it.
        created_at: Some(record.created_at),
        ..FeedbackEvent::new(
            SourceId(record.source_event_id.clone()),
            record.source_event_type,
        )
    };
    let pr_url = record.pr_url.clone();
    let item = Followup {
        id: WorkItemId(record.work_item_id),
        repo,
        number: record.pr_number,
        pr_url: pr_url
            .unwrap_or_else(|| format!("https://github.com/{repo_name}/pull/{}", record.pr_number)),
        repo_name,
        repo_offered: true,
        pr_title: record.pr_title.clone().unwrap_or_default(),
        sources: vec![source],
        unloaded: None,
        status: record.status,
        created_at: record.created_at,
        last_updated: record.last_updated,
        owner: record.claimed_by_agent_id.clone(),
        claimed_at: record.claimed_at,
        done_at: record.done_at,
        dismiss_reason: record.dismiss_reason.clone(),
        window_from: now,
        history,
        earlier: 0,
        concerns: Concerns::default(),
        author: None,
        session: None,
        signed_at: Timestamp::default(),
    };
    let item = if ends && !item.status.is_terminal() {
        let note = "Had ended in the earlier service without saying how";
        put(item, FollowupStatus::Dismissed, note.to_owned(), now)
    } else if item.status.is_held() && item.owner.is_none() {
        notes.push(format!(
            "follow-up {} was {} by nobody: it may be taken",
            item.id, item.status
        ));
        let note = "The earlier service did not say whose it was";
        put(item, FollowupStatus::Stale, note.to_owned(), now)
    } else {
        item
    };
    let ended = item.status.is_terminal().then_some(Resolution::Answered);
    let sources = item.sources.into_iter();
    let sources = sources
        .map(|source| FeedbackEvent { ended, ..source })
        .collect();
    Followup { sources, ..item }
}

fn put(mut item: Followup, status: FollowupStatus, note: String, now: Timestamp) -> Followup {
    let timestamp = item.moment(now);
    item.status = status;
    item.last_updated = timestamp;
    item.history.push(FollowupEntry {
        status,
        timestamp,
        note: Some(note),
    });
    item
}

/// The holder of each pull request: the agent that took a follow-up of it first.
fn one_holder_each(
    items: &mut [Followup],
    now: Timestamp,
    notes: &mut Vec<String>,
) -> Vec<(PullKey, Option<AgentId>)> {
    let mut first = BTreeMap::<PullKey, (Timestamp, WorkItemId, AgentId)>::new();
    for item in items.iter() {
        let Some(agent) = item.holder() else { continue };
        let since = item.claimed_at.unwrap_or(item.created_at);
        let this = (since, item.id, agent.clone());
        let known = first.entry(item.pull()).or_insert_with(|| this.clone());
        if this < *known {
            *known = this;
        }
    }
    for item in items.iter_mut() {
        let Some((_, _, holder)) = first.get(&item.pull()) else {
            continue;
        };
        let Some(other) = item.holder().filter(|agent| *agent != holder).cloned() else {
            continue;
        };
        notes.push(format!(
            "{holder} and {other} worked on the pull request {}#{} at once: {holder} goes on, and follow-up {} of {other} \
             is stale",
            item.repo_name, item.number, item.id
        ));
        let note =
            format!("{holder} works on this pull request, too, since before {other} took this");
        *item = put(item.clone(), FollowupStatus::Stale, note, now);
    }
    let holds = first
        .into_iter()
        .map(|(key, (_, _, agent))| (key, Some(agent)));
    holds.collect()
}

/// The events of the follow-ups. An event belongs to one follow-up, the open one or else the latest; for others the id gets a suffix.
fn sources(
    items: &mut [Followup],
    notes: &mut Vec<String>,
) -> Vec<(KnownSource, Option<FeedbackEvent>)> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by_key(|&at| {
        let item = &items[at];
        (
            item.status.is_terminal(),
            std::cmp::Reverse(item.last_updated),
            item.id,
        )
    });
    let mut known = BTreeSet::new();
    let mut rows = Vec::with_capacity(items.len());
    for at in order {
        let item = &mut items[at];
        let pull = item.pull();
        for source in &mut item.sources {
            if !known.insert(source.id.clone()) {
                notes.push(format!(
                    "{} had made two follow-ups; it stays known as the other one's, and as {}#{} of {}",
                    source.id, source.id, item.id, item.id
                ));
                source.id = SourceId(format!("{}#{}", source.id, item.id));
                known.insert(source.id.clone());
            }
            source.facts = SourceFacts::recovered(source.ended, Some(source));
            let row = KnownSource {
                id: source.id.clone(),
                pull,
                item: Some(item.id),
                ended: source.ended,
                facts: source.facts.clone(),
            };
            rows.push((row, Some(source.clone())));
        }
    }
    rows
}

/// The events of deleted follow-ups. They must stay known, because old feedback would count as new otherwise.
fn taken_before(
    old: &LegacyDatabase,
    known: &[(KnownSource, Option<FeedbackEvent>)],
    repos: &mut Repos,
) -> Result<Vec<(KnownSource, Option<FeedbackEvent>)>, String> {
    let known: BTreeSet<&str> = known.iter().map(|(row, _)| row.id.0.as_str()).collect();
    let lost = old.seen.iter().map(|(id, _)| id);
    let lost: Vec<_> = lost.filter(|id| !known.contains(id.as_str())).collect();
    if lost.is_empty() {
        return Ok(Vec::new());
    }
    // Their pull requests are not known any more.
    let nowhere = RepoName::parse("earlier-service/forgotten").map_err(|no| no.to_string())?;
    let number = IssueNumber::new(1).ok_or("1 is no number")?;
    let (repo, _) = repos.named(&nowhere);
    let row = |id: &String| KnownSource {
        id: SourceId(id.clone()),
        pull: (repo, number),
        item: None,
        ended: Some(Resolution::Answered),
        facts: SourceFacts::recovered(Some(Resolution::Answered), None),
    };
    Ok(lost.into_iter().map(|id| (row(id), None)).collect())
}

/// A processed delivery. Its event is not known any more.
fn delivery((id, at): &(String, Timestamp)) -> StoredDelivery {
    StoredDelivery {
        id: id.clone(),
        delivery: Delivery {
            id: Some(id.clone()),
            event: "unknown".to_owned(),
            auth: AuthMethod::Signature,
        },
        body: None,
        received_at: *at,
        processed_at: Some(*at),
        attempts: 0,
        error: None,
    }
}
