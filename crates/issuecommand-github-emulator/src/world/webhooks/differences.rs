//! What changed in an issue or pull request, as the actions of GitHub's deliveries.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::model::{Feature, Issue, Repo, State};
use crate::render::Shape;

/// The state of an issue or pull request before a change, as far as deliveries need it. Comments have their own deliveries, so
/// ten thousand of them are not copied for each change.
pub(in crate::world) struct Before {
    title: String,
    body: Option<String>,
    labels: Vec<String>,
    assignees: Vec<String>,
    milestone: Option<u64>,
    state: State,
    kind: Option<String>,
    fields: BTreeMap<String, String>,
    pull: Option<PullBefore>,
}

struct PullBefore {
    head_sha: String,
    base_ref: String,
    base_sha: String,
    draft: bool,
}

impl Before {
    pub(in crate::world) fn of(issue: &Issue) -> Self {
        Self {
            title: issue.title.clone(),
            body: issue.body.clone(),
            labels: issue.labels.clone(),
            assignees: issue.assignees.clone(),
            milestone: issue.milestone,
            state: issue.state,
            kind: issue.kind.clone(),
            fields: issue.fields.clone(),
            pull: issue.pull.as_ref().map(|pull| PullBefore {
                head_sha: pull.head_sha.clone(),
                base_ref: pull.base_ref.clone(),
                base_sha: pull.base_sha.clone(),
                draft: pull.draft,
            }),
        }
    }
}

/// An action with its extra fields and its actor.
pub(super) type WebhookPayload = (&'static str, Value, Option<String>);

/// The deliveries for a change, in GitHub's order.
pub(super) fn differences(
    was: Before,
    is: &Issue,
    repo: &Repo,
    shape: Shape<'_>,
) -> Vec<WebhookPayload> {
    let mut news: Vec<WebhookPayload> = Vec::new();
    let mut itself = |action, fields| news.push((action, fields, None));
    if was.title != is.title {
        itself("edited", json!({"changes": {"title": {"from": was.title}}}));
    }
    if was.body != is.body {
        itself("edited", json!({"changes": {"body": {"from": was.body}}}));
    }
    let (added, taken) = both_ways(&was.labels, &is.labels);
    let label = |name: &String| shape.label_named(repo, name);
    for name in added {
        itself("labeled", json!({"label": label(name)}));
    }
    for name in taken {
        itself("unlabeled", json!({"label": label(name)}));
    }
    let (added, taken) = both_ways(&was.assignees, &is.assignees);
    for login in added {
        itself("assigned", json!({"assignee": shape.user(Some(login))}));
    }
    for login in taken {
        itself("unassigned", json!({"assignee": shape.user(Some(login))}));
    }
    if was.milestone != is.milestone {
        let (action, number) = match is.milestone {
            Some(number) => ("milestoned", Some(number)),
            None => ("demilestoned", was.milestone),
        };
        let milestone = number.and_then(|number| repo.milestone(number));
        let milestone = milestone.map(|milestone| shape.milestone(repo, milestone));
        itself(action, json!({"milestone": milestone}));
    }
    if was.kind != is.kind && shape.world.has_feature(Feature::IssueTypes) {
        let (action, kind) = match &is.kind {
            Some(kind) => ("typed", Some(kind)),
            None => ("untyped", was.kind.as_ref()),
        };
        let kind = shape.issue_type(kind.map(String::as_str));
        itself(action, json!({"type": kind}));
    }
    if shape.shows_fields(repo) {
        for (field, option) in &is.fields {
            if was.fields.get(field) != Some(option) {
                itself("field_added", shape.field_change(field, Some(option)));
            }
        }
        for field in was.fields.keys().filter(|it| !is.fields.contains_key(*it)) {
            itself("field_removed", shape.field_change(field, None));
        }
    }
    if let (Some(old), Some(pull)) = (was.pull, &is.pull) {
        if old.head_sha != pull.head_sha {
            let fields = json!({"before": old.head_sha, "after": pull.head_sha});
            itself("synchronize", fields);
        }
        if old.base_ref != pull.base_ref {
            let base = json!({"ref": {"from": old.base_ref}, "sha": {"from": old.base_sha}});
            itself("edited", json!({"changes": {"base": base}}));
        }
        match (old.draft, pull.draft) {
            (false, true) => itself("converted_to_draft", json!({})),
            (true, false) => itself("ready_for_review", json!({})),
            (true, true) | (false, false) => {}
        }
    }
    match (was.state, is.state) {
        (State::Open, State::Closed) => news.push(("closed", json!({}), is.closed_by.clone())),
        (State::Closed, State::Open) => news.push(("reopened", json!({}), None)),
        (State::Open, State::Open) | (State::Closed, State::Closed) => {}
    }
    news
}

/// The added and the removed values.
fn both_ways<'a>(was: &'a [String], is: &'a [String]) -> (Vec<&'a String>, Vec<&'a String>) {
    let added = is.iter().filter(|name| !was.contains(name)).collect();
    let taken = was.iter().filter(|name| !is.contains(name)).collect();
    (added, taken)
}
