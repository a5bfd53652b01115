//! Converts the nested objects of a file to one stream in order of time.

use jiff::Timestamp;

use super::event::{AuthoredText, Event, EventKind, Opened, PullOpened};
use super::{Archive, format};
use crate::{Association, ReviewState};

pub(super) fn archive(file: format::File) -> Archive {
    let last_number = file
        .issues
        .iter()
        .map(|issue| issue.number)
        .chain(file.pulls.iter().map(|pull| pull.issue.number))
        .max();
    let newest_pull = file.pulls.iter().max_by_key(|pull| pull.issue.created_at);
    let default_branch = newest_pull
        .map_or("main", |pull| pull.base_ref_name.as_str())
        .to_owned();
    let mut stream = Stream {
        events: Vec::new(),
        next_id: first_id(&file.repo),
    };
    for issue in file.issues {
        stream.issue(issue);
    }
    for pull in file.pulls {
        stream.pull(pull);
    }
    let mut events = stream.events;
    // A stable sort: events of the same time and rank keep the order of the file.
    events.sort_by_key(|event| (event.at, event.what.rank()));
    Archive {
        repo: file.repo,
        default_branch,
        next_number: last_number.unwrap_or(0) + 1,
        events,
    }
}

/// Ids of different archives do not overlap with each other or with those of a world.
fn first_id(repo: &str) -> u64 {
    let hash = repo.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash % 2_000 + 10) * 1_000_000
}

struct Stream {
    events: Vec<Event>,
    next_id: u64,
}

impl Stream {
    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn push(&mut self, at: Timestamp, number: u64, what: EventKind) {
        self.events.push(Event { at, number, what });
    }

    fn opened(&mut self, issue: &mut format::Issue) -> Opened {
        Opened {
            id: self.id(),
            title: std::mem::take(&mut issue.title),
            body: issue.body.take(),
            author: issue.author.take(),
            association: association(&issue.author_association),
            labels: std::mem::take(&mut issue.labels),
            assignees: std::mem::take(&mut issue.assignees),
        }
    }

    fn issue(&mut self, mut issue: format::Issue) {
        let opened = self.opened(&mut issue);
        let (number, begin) = (issue.number, issue.created_at);
        self.push(begin, number, EventKind::IssueOpened(opened));
        self.comments(number, begin, issue.comments);
        if let Some(end) = issue.closed_at {
            self.push(end.max(begin), number, EventKind::IssueClosed);
        }
    }

    fn comments(&mut self, number: u64, begin: Timestamp, comments: Vec<format::Comment>) {
        for comment in comments {
            let words = AuthoredText {
                id: self.id(),
                author: comment.author,
                association: association(&comment.author_association),
                body: comment.body,
            };
            self.push(
                comment.created_at.max(begin),
                number,
                EventKind::Commented(words),
            );
        }
    }

    fn pull(&mut self, mut pull: format::Pull) {
        let (number, begin) = (pull.issue.number, pull.issue.created_at);
        pull.reviews.sort_by_key(|review| review.created_at);
        let commits: Vec<Option<String>> = pull
            .reviews
            .iter()
            .map(|review| {
                review
                    .commit
                    .as_ref()
                    .map(|c| full_sha(&c.abbreviated_oid, &pull.head_ref_oid))
            })
            .collect();
        let first = commits
            .iter()
            .flatten()
            .next()
            .unwrap_or(&pull.head_ref_oid)
            .clone();
        let issue = self.opened(&mut pull.issue);
        let opened = PullOpened {
            issue,
            head_ref: pull.head_ref_name,
            head_owner: pull
                .head_repository
                .and_then(|name| Some(name.split_once('/')?.0.to_owned())),
            head_sha: first.clone(),
            base_ref: pull.base_ref_name,
        };
        self.push(begin, number, EventKind::PullOpened(Box::new(opened)));
        self.comments(number, begin, pull.issue.comments);

        let mut seen = vec![first];
        let mut last = begin;
        for (review, commit) in pull.reviews.into_iter().zip(commits) {
            last = last.max(review.created_at);
            // A review may refer to an older commit; only a new one is a push.
            if let Some(head_sha) = commit.filter(|commit| !seen.contains(commit)) {
                seen.push(head_sha.clone());
                self.push(last, number, EventKind::PullPushed { head_sha });
            }
            self.review(number, last, review);
        }
        let end = pull
            .merged_at
            .or(pull.issue.closed_at)
            .map(|end| end.max(begin));
        if seen.last() != Some(&pull.head_ref_oid) {
            let head_sha = pull.head_ref_oid;
            self.push(
                end.unwrap_or(last),
                number,
                EventKind::PullPushed { head_sha },
            );
        }
        match (pull.merged_at, end) {
            (Some(_), Some(end)) => {
                self.push(end, number, EventKind::PullMerged { by: pull.merged_by });
            }
            (None, Some(end)) => self.push(end, number, EventKind::PullClosed),
            (_, None) => {}
        }
    }

    fn review(&mut self, number: u64, at: Timestamp, review: format::Review) {
        let association = association(&review.author_association);
        let review_id = self.id();
        let words = AuthoredText {
            id: review_id,
            author: review.author.clone(),
            association,
            body: review.body,
        };
        self.push(
            at,
            number,
            EventKind::Reviewed {
                state: state(review.state),
                words,
            },
        );
        for comment in review.comments {
            // The archive names no author for these, so they get that of the review. They are drafted before it is submitted.
            let words = AuthoredText {
                id: self.id(),
                author: review.author.clone(),
                association,
                body: comment.body,
            };
            let position = comment.original_position.unwrap_or(1);
            self.push(
                comment.created_at.max(at),
                number,
                EventKind::ReviewCommented {
                    review_id,
                    position,
                    words,
                },
            );
        }
    }
}

fn association(word: &str) -> Association {
    // An association that GitHub adds later must not make a history unreadable.
    word.parse().unwrap_or_default()
}

fn state(verdict: format::Verdict) -> ReviewState {
    match verdict {
        format::Verdict::Approved => ReviewState::Approved,
        format::Verdict::ChangesRequested => ReviewState::ChangesRequested,
        format::Verdict::Commented => ReviewState::Commented,
        format::Verdict::Dismissed => ReviewState::Dismissed,
        format::Verdict::Pending => ReviewState::Pending,
    }
}

/// A commit hash of which the archive has only the beginning, padded to forty digits.
fn full_sha(beginning: &str, last: &str) -> String {
    if last.starts_with(beginning) {
        last.to_owned()
    } else {
        format!("{beginning:0<40}")
    }
}
