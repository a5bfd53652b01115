//! Commits: one, those of a pull request, and comparisons; the history of issues.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::Call;
use super::lists::{paged, paged_as};
use super::reply::{Answer, Reply, no_commit, not_found};
use crate::model::{Commit, Issue, Repo, ReviewState, TimelineEvent};
use crate::world::World;

/// A commit by its hash, or the tip of a branch by its name.
pub(super) fn one(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    let name = call.path_param("sha").unwrap_or_default();
    let commit = repo.commit(name).ok_or_else(|| no_commit(name))?;
    let mut shown = call.shape(world).commit(repo, commit);
    shown["stats"] = json!({"total": 22, "additions": 17, "deletions": 5});
    shown["files"] = json!([]);
    Reply::ok(shown)
}

/// The pull requests that have a commit.
pub(super) fn pulls(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    let name = call.path_param("sha").unwrap_or_default();
    let commit = repo.commit(name).ok_or_else(|| no_commit(name))?;
    let pulls: Vec<_> = repo
        .issues()
        .filter_map(|issue| issue.pull.as_ref().map(|pull| (issue, pull)))
        .filter(|(_, pull)| {
            let own = repo.between(&pull.base_sha, &pull.head_sha);
            own.is_some_and(|own| own.ahead.iter().any(|known| known.sha == commit.sha))
        })
        .collect();
    let address = format!(
        "{}/repositories/{}/commits/{}/pulls",
        call.api(),
        repo.id,
        commit.sha
    );
    paged(call, &pulls, &address, |(issue, pull)| {
        call.shape(world).pull(repo, issue, pull)
    })
}

/// The commits of a pull request, oldest first.
pub(super) fn of_pull(world: &mut World, call: &Call) -> Answer {
    let (repo, issue) = call.issue(world)?;
    issue.pull.as_ref().ok_or_else(not_found)?;
    let commits = own_commits(repo, issue);
    let address = format!(
        "{}/repositories/{}/pulls/{}/commits",
        call.api(),
        repo.id,
        issue.number
    );
    paged(call, &commits, &address, |commit| {
        call.shape(world).commit(repo, commit)
    })
}

/// The commits of the branch that the base lacked at its last comparison, as GitHub keeps them after the merge.
fn own_commits<'w>(repo: &'w Repo, issue: &'w Issue) -> Vec<&'w Commit> {
    issue
        .pull
        .as_ref()
        .and_then(|pull| repo.between(&pull.base_sha, &pull.head_sha))
        .map(|own| own.ahead)
        .unwrap_or_default()
}

/// `BASE...HEAD`, each a hash, a branch, or `owner:branch` of a fork.
pub(super) fn compare(world: &mut World, call: &Call) -> Answer {
    let repo = call.repo(world)?;
    let both = call.path_param("basehead").unwrap_or_default();
    let (base, head) = both.split_once("...").ok_or_else(not_found)?;
    let base = repo.commit(base).ok_or_else(not_found)?;
    let head = repo.commit(head).ok_or_else(not_found)?;
    let between = repo.between(&base.sha, &head.sha).ok_or_else(not_found)?;
    let status = match (between.ahead.len(), between.behind) {
        (0, 0) => "identical",
        (_, 0) => "ahead",
        (0, _) => "behind",
        (_, _) => "diverged",
    };
    let shape = call.shape(world);
    let address = format!("{}/repositories/{}/compare/{both}", call.api(), repo.id);
    let (ahead, behind) = (between.ahead.len(), between.behind);
    let show = |commit: &&Commit| shape.commit(repo, commit);
    paged_as(call, &between.ahead, &address, show, |commits| {
        json!({
            "url": address,
            "status": status,
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": ahead,
            "base_commit": shape.commit(repo, base),
            "merge_base_commit": shape.commit(repo, between.merge_base),
            "commits": commits,
            "files": [],
        })
    })
}

/// The history of an issue or pull request without comments and commits.
pub(super) fn events(world: &mut World, call: &Call) -> Answer {
    let (repo, issue) = call.issue(world)?;
    let events: Vec<&TimelineEvent> = issue.timeline.iter().collect();
    let address = format!(
        "{}/repositories/{}/issues/{}/events",
        call.api(),
        repo.id,
        issue.number
    );
    paged(call, &events, &address, |event| {
        call.shape(world).happened(repo, event)
    })
}

/// The history with comments and commits, in order of time. A commit is sorted by its own date.
pub(super) fn timeline(world: &mut World, call: &Call) -> Answer {
    let (repo, issue) = call.issue(world)?;
    let shape = call.shape(world);
    let mut rows: Vec<(Timestamp, Value)> = Vec::new();
    for event in &issue.timeline {
        rows.push((event.at, shape.happened(repo, event)));
    }
    for comment in &issue.comments {
        let mut row = shape.comment(repo, issue, comment);
        row["event"] = json!("commented");
        rows.push((comment.created_at, row));
    }
    for commit in own_commits(repo, issue) {
        let mut row = shape.commit(repo, commit);
        // Commits are flat here, without the time of their push.
        let parts = row["commit"].take();
        for part in ["author", "committer", "message", "verification"] {
            row[part] = parts[part].clone();
        }
        row["event"] = json!("committed");
        rows.push((commit.date, row));
    }
    let reviews = issue.pull.iter().flat_map(|pull| &pull.reviews);
    for review in reviews.filter(|review| review.state != ReviewState::Pending) {
        let mut row = shape.review(repo, issue, review);
        row["event"] = json!("reviewed");
        row["state"] = json!(review.state.as_str().to_lowercase());
        rows.push((review.submitted_at, row));
    }
    rows.sort_by_key(|(at, _)| *at);
    let address = format!(
        "{}/repositories/{}/issues/{}/timeline",
        call.api(),
        repo.id,
        issue.number
    );
    paged(call, &rows, &address, |(_, row)| row.clone())
}
