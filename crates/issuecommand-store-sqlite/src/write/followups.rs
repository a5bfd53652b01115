//! Writing what belongs to pull requests: in one call, where there is any.

use std::collections::BTreeMap;

use issuecommand_core::domain::failure::StoreError;
use issuecommand_core::domain::followup::{FeedbackEvent, Followup, KnownSource, SourceId};
use issuecommand_core::domain::id::PullKey;
use issuecommand_core::domain::pull_request::Pull;
use issuecommand_core::domain::webhook::StoredDelivery;
use issuecommand_core::engine::change::{FollowupWrite, WriteBatch};
use sqlx::sqlite::SqliteConnection;

use super::{expect, rows_of, text};
use crate::bulk::{Args, run};
use crate::rows::Versioned;
use crate::rows::followups::kind_rank;

/// Lists of: pull requests; their keys; what they close [repository, number, issue, candidate]; follow-ups that move [work_item_id, status before, last_updated before, kind, status,
/// last_updated, owner, claimed_at, done_at, dismiss_reason, window_from, pr_url, pr_title, concerns]; new follow-ups in the order of
/// the columns; [work_item_id, n, status, timestamp, note]; events in the order of the columns; pull requests that nobody
/// holds any more [repository, number]; holds [repository, number, agent]; deliveries in the order of the columns.
///
/// A hold is never taken over: who held a pull request before must have let it go.
pub(crate) const PUT: &str = "-- put_pulls
     WITH put AS MATERIALIZED (SELECT value AS v FROM json_each(?))
     INSERT INTO pull_request (repo_id, number, pushed_at, cut_at, validators, facts, activity, closing)
     SELECT v->>0, v->>1, v->>2, v->>3, v->>4, v->>5, v->>6, v->>7 FROM put WHERE true
     ON CONFLICT (repo_id, number) DO UPDATE SET pushed_at = excluded.pushed_at, cut_at = excluded.cut_at,
         validators = excluded.validators, facts = excluded.facts, activity = excluded.activity,
         closing = excluded.closing;
     -- drop_closes
     DELETE FROM pull_closes WHERE (repo_id, number) IN (SELECT value->>0, value->>1 FROM json_each(?));
     -- put_closes
     INSERT INTO pull_closes (repo_id, number, issue, candidate)
     SELECT value->>0, value->>1, value->>2, value->>3 FROM json_each(?);
     -- move_followups
     WITH moved AS MATERIALIZED (
         SELECT f.rowid AS id, j.value AS v FROM json_each(?) j
         CROSS JOIN followup f ON f.work_item_id = j.value->>0 AND f.status = j.value->>1 AND f.last_updated = j.value->>2
     )
     UPDATE followup SET kind = v->>3, status = v->>4, last_updated = v->>5, owner = v->>6, claimed_at = v->>7,
         done_at = v->>8, dismiss_reason = v->>9, window_from = v->>10, pr_url = v->>11, pr_title = v->>12,
         concerns = v->>13
     FROM moved WHERE followup.rowid = moved.id;
     -- make_followups
     WITH made AS MATERIALIZED (SELECT value AS v FROM json_each(?))
     INSERT INTO followup (work_item_id, repo_id, number, pr_url, pr_title, kind, status, created_at, last_updated, owner,
         claimed_at, done_at, dismiss_reason, window_from, concerns)
     SELECT v->>0, v->>1, v->>2, v->>3, v->>4, v->>5, v->>6, v->>7, v->>8, v->>9, v->>10, v->>11, v->>12, v->>13,
         v->>14 FROM made;
     -- add_followup_history
     WITH added AS MATERIALIZED (SELECT value AS v FROM json_each(?))
     INSERT INTO followup_status (work_item_id, n, status, timestamp, note)
     SELECT v->>0, v->>1, v->>2, v->>3, v->>4 FROM added;
     -- put_sources
     WITH put AS MATERIALIZED (SELECT value AS v FROM json_each(?))
     INSERT INTO followup_source (source_event_id, repo_id, number, work_item_id, n, ended, data, facts)
     SELECT v->>0, v->>1, v->>2, v->>3, v->>4, v->>5, v->>6, v->>7 FROM put WHERE true
     ON CONFLICT (source_event_id) DO UPDATE SET repo_id = excluded.repo_id, number = excluded.number,
         work_item_id = excluded.work_item_id, n = coalesce(excluded.n, n), ended = excluded.ended,
         data = coalesce(excluded.data, data), facts = excluded.facts;
     -- drop_holds
     DELETE FROM pr_hold WHERE (repo_id, number) IN (SELECT value->>0, value->>1 FROM json_each(?));
     -- put_holds
     INSERT INTO pr_hold (repo_id, number, agent_id)
     SELECT value->>0, value->>1, value->>2 FROM json_each(?) WHERE true
     ON CONFLICT (repo_id, number) DO UPDATE SET agent_id = excluded.agent_id WHERE pr_hold.agent_id = excluded.agent_id;
     -- put_deliveries
     WITH put AS MATERIALIZED (SELECT value AS v FROM json_each(?))
     INSERT OR REPLACE INTO delivery (id, delivery_id, event, auth, received_at, processed_at, attempts, error, body)
     SELECT v->>0, v->>1, v->>2, v->>3, v->>4, v->>5, v->>6, v->>7, v->>8 FROM put";

pub(super) async fn all(
    conn: &mut SqliteConnection,
    writes: &WriteBatch,
) -> Result<(), StoreError> {
    let nothing = writes.pulls.is_empty()
        && writes.followups.is_empty()
        && writes.sources.is_empty()
        && writes.holds.is_empty()
        && writes.deliveries.is_empty();
    if nothing {
        return Ok(());
    }
    let moved: Vec<_> = writes.followups.iter().filter_map(moved_row).collect();
    let made = writes
        .followups
        .iter()
        .filter(|write| write.before.is_none());
    let made: Vec<_> = made.map(|write| followup_row(&write.row)).collect();
    let history: Vec<_> = writes.followups.iter().flat_map(history_rows).collect();
    let places = places(&writes.followups);
    let sources = rows_of(&writes.sources, |(row, whole)| {
        source_row(row, whole.as_ref(), places.get(&row.id).copied())
    })?;
    let held = writes
        .holds
        .iter()
        .filter_map(|(key, agent)| Some((key.0, key.1, agent.as_ref()?)));
    let held: Vec<_> = held.collect();
    let args = Args::default()
        .list(&rows_of(&writes.pulls, pull_row)?)?
        .list(&writes.pulls.iter().map(Pull::key).collect::<Vec<_>>())?
        .list(
            &writes
                .pulls
                .iter()
                .flat_map(closes_rows)
                .collect::<Vec<_>>(),
        )?
        .list(&moved)?
        .list(&made)?
        .list(&history)?
        .list(&sources)?
        .list(&free(writes))?
        .list(&held)?
        .list(
            &writes
                .deliveries
                .iter()
                .map(delivery_row)
                .collect::<Vec<_>>(),
        )?;
    let [_, _, _, (_, followups), _, _, _, _, (_, holds), _] = run(conn, PUT, args).await?;
    expect("follow-ups", followups, moved.len())?;
    expect("holds on pull requests", holds, held.len())
}

/// The pull requests that nobody holds at the end, or that whoever held them let go of on the way.
fn free(writes: &WriteBatch) -> Vec<PullKey> {
    let nobody = writes.holds.iter().filter(|(_, agent)| agent.is_none());
    let let_go = writes.followups.iter().filter(|write| {
        write.before.is_some_and(|before| before.status.is_held())
            && (write.new_entries()).any(|(_, entry)| !entry.status.is_held())
    });
    nobody
        .map(|(key, _)| *key)
        .chain(let_go.map(|write| write.row.pull()))
        .collect()
}

/// Where each event stands in its item.
fn places(followups: &[FollowupWrite]) -> BTreeMap<&SourceId, usize> {
    let sources = followups.iter().flat_map(|write| {
        let sources = write.row.sources.iter().enumerate();
        sources.filter_map(|(n, source)| Some((&source.id, write.row.place_of(n)?)))
    });
    sources.collect()
}

fn pull_row(pull: &Pull) -> Result<impl serde::Serialize, StoreError> {
    let facts = text(&Versioned {
        v: 1,
        value: &pull.facts,
    })?;
    let validators = text(&Versioned {
        v: 1,
        value: &pull.validators,
    })?;
    let activity = text(&Versioned {
        v: 1,
        value: &pull.activity,
    })?;
    let closing = text(&Versioned {
        v: 1,
        value: &pull.closing,
    })?;
    Ok((
        pull.repo,
        pull.facts.number,
        pull.pushed_at,
        pull.cut_at,
        validators,
        facts,
        activity,
        closing,
    ))
}

fn closes_rows(pull: &Pull) -> impl Iterator<Item = impl serde::Serialize> {
    let issues = pull.closing.issues.iter();
    issues.map(|issue| (pull.repo, pull.facts.number, issue, pull.is_candidate()))
}

fn moved_row(write: &FollowupWrite) -> Option<impl serde::Serialize> {
    let (item, before) = (&write.row, write.before?);
    Some((
        item.id,
        before.status,
        before.last_updated,
        kind_rank(item.kind()),
        item.status,
        item.last_updated,
        &item.owner,
        item.claimed_at,
        item.done_at,
        &item.dismiss_reason,
        item.window_from,
        &item.pr_url,
        &item.pr_title,
        item.concerns.to_string(),
    ))
}

fn followup_row(item: &Followup) -> impl serde::Serialize {
    (
        item.id,
        item.repo,
        item.number,
        &item.pr_url,
        &item.pr_title,
        kind_rank(item.kind()),
        item.status,
        item.created_at,
        item.last_updated,
        &item.owner,
        item.claimed_at,
        item.done_at,
        &item.dismiss_reason,
        item.window_from,
        item.concerns.to_string(),
    )
}

fn history_rows(write: &FollowupWrite) -> impl Iterator<Item = impl serde::Serialize> {
    let id = write.row.id;
    let entries = write.new_entries();
    entries.map(move |(n, entry)| (id, n, entry.status, entry.timestamp, &entry.note))
}

fn source_row(
    row: &KnownSource,
    whole: Option<&FeedbackEvent>,
    place: Option<usize>,
) -> Result<impl serde::Serialize, StoreError> {
    let data = whole.map(|value| text(&Versioned { v: 1, value }));
    Ok((
        row.id.clone(),
        row.pull.0,
        row.pull.1,
        row.item,
        place,
        row.ended,
        data.transpose()?,
        text(&Versioned {
            v: 1,
            value: &row.facts,
        })?,
    ))
}

fn delivery_row(row: &StoredDelivery) -> impl serde::Serialize {
    (
        &row.id,
        &row.delivery.id,
        &row.delivery.event,
        row.delivery.auth,
        row.received_at,
        row.processed_at,
        row.attempts,
        &row.error,
        &row.body,
    )
}
