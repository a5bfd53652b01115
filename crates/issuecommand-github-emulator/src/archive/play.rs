//! Replays a history onto a world that may have diverged from it.

use super::Archive;
use super::event::{AuthoredText, Event, EventKind, Opened, PullOpened};
use crate::{
    Head, NewComment, NewIssue, NewPull, NewPush, NewReview, Place, Side, StateReason, World,
};

impl Archive {
    /// Applies an event to a world made by [`Archive::world_at`], at the event's time if that is not in the past. Returns
    /// whether it changed anything: objects that agents closed, merged or deleted before stay as they are.
    pub fn apply(&self, event: &Event, world: &mut World) -> bool {
        let Some(repo) = world.repo(&self.repo).map(|repo| repo.id) else {
            return false;
        };
        if world.now() < event.at {
            world.set_now(event.at);
        }
        let place = Place {
            repo,
            number: event.number,
        };
        let there = world.at_place(place).is_some();
        match &event.what {
            EventKind::IssueOpened(_) | EventKind::PullOpened(_) if there => false,
            EventKind::IssueOpened(issue) => {
                world.insert(repo, new_issue(event, issue), None);
                true
            }
            EventKind::PullOpened(pull) => {
                let new = NewPull {
                    issue: new_issue(event, &pull.issue),
                    head_ref: pull.head_ref.clone(),
                    head: head(pull),
                    head_sha: Some(pull.head_sha.clone()),
                    base_ref: Some(pull.base_ref.clone()),
                    draft: false,
                };
                world.open_pull_in(repo, new);
                true
            }
            _ if !there => false,
            EventKind::IssueClosed => world.close_at(place, Some(StateReason::Completed), None),
            EventKind::PullClosed => world.close_at(place, None, None),
            EventKind::PullMerged { by } => world.merge_at(place, by.as_deref()).is_some(),
            EventKind::PullPushed { head_sha } => {
                let mut push = NewPush::commit();
                push.sha = Some(head_sha.clone());
                world.push_at(place, push);
                true
            }
            EventKind::Commented(words) => {
                world.comment_at(place, new_comment(words));
                true
            }
            EventKind::Reviewed { state, words } => {
                world.review_at(place, NewReview::saying(*state, new_comment(words)));
                true
            }
            EventKind::ReviewCommented {
                review_id,
                position,
                words,
            } => {
                let mut comment = new_comment(words).in_review(*review_id);
                comment = comment.at_lines(None, *position, Side::Right);
                world.review_comment_at(place, comment);
                true
            }
        }
    }
}

/// An archive does not name deleted forks, so one is made up.
fn head(pull: &PullOpened) -> Head {
    match (&pull.head_owner, &pull.issue.author) {
        (Some(owner), _) | (None, Some(owner)) => Head::Fork(owner.clone()),
        (None, None) => Head::Gone("ghost".to_owned()),
    }
}

fn new_issue(event: &Event, opened: &Opened) -> NewIssue {
    let mut new = match &opened.author {
        Some(login) => NewIssue::titled(&opened.title).by(login),
        None => NewIssue::titled(&opened.title).by_ghost(),
    };
    new.id = Some(opened.id);
    new.body.clone_from(&opened.body);
    new.association = Some(opened.association);
    new.labels.clone_from(&opened.labels);
    new.assignees.clone_from(&opened.assignees);
    new.number(event.number).created_at(event.at)
}

fn new_comment(words: &AuthoredText) -> NewComment {
    let mut new = match &words.author {
        Some(login) => NewComment::saying(&words.body).by(login),
        None => NewComment::saying(&words.body).by_ghost(),
    };
    new.id = Some(words.id);
    new.association(words.association)
}
