//! GitHub's events in a random history: on a few pull requests of three repositories, out of order.

use issuecommand_core::domain::followup::{Resolution, SourceId};
use issuecommand_core::domain::issue::{Issue, IssueState, WithheldReason};
use issuecommand_core::domain::pull_request::PullRequestSnapshot;
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::time::{Millis, Timestamp};
use issuecommand_core::domain::webhook::{
    GithubEvent, Ignored, PullChange, PullRequestRef, RepoRef, Voice,
};
use issuecommand_core::engine::command::Action;
use issuecommand_testkit::builders::{
    SourceDraft, comment, delivery, facts, issue, line_comment, number, pull, repo, review,
};
use proptest::prelude::*;

use super::{LABELS, NAMES};

/// A delivery, or the result of a poll.
#[derive(Clone, Debug)]
pub(crate) struct News {
    name: usize,
    /// The current name on GitHub; if it differs from `name`, it is a new name.
    shown: usize,
    n: i64,
    ago: i64,
    what: NewsKind,
    channel: Channel,
    /// The payload has only the required fields.
    thin: bool,
}

impl News {
    /// A poll finds a comment that was written so many seconds ago and edited so many seconds later, under a pull request that
    /// is open or not.
    pub(crate) fn polled(name: usize, n: i64, ago: i64, edited: i64, open: bool) -> Self {
        Self {
            name,
            shown: name,
            n,
            ago,
            what: NewsKind::Said {
                kind: 2,
                id: 5,
                timeless: false,
                marked: false,
                open,
                edited,
            },
            channel: Channel::Polled,
            thin: false,
        }
    }

    /// Delivered with only the name of the repository.
    pub(crate) fn told_by_name(self) -> Self {
        Self {
            channel: Channel::Delivered(None),
            thin: true,
            ..self
        }
    }

    /// A delivery of the pull request's close.
    pub(crate) fn closed(name: usize, n: i64) -> Self {
        Self {
            what: NewsKind::Pull {
                change: 1,
                title: 0,
                closes: Vec::new(),
                trusted: false,
            },
            channel: Channel::Delivered(None),
            ..Self::polled(name, n, 0, 0, false)
        }
    }
}

/// How it reaches the service.
#[derive(Clone, Debug)]
enum Channel {
    /// With one of a few ids, so that some are duplicates.
    Delivered(Option<u8>),
    Deferred(u8),
    Polled,
}

#[derive(Clone, Debug)]
enum NewsKind {
    Said {
        kind: u8,
        id: i64,
        timeless: bool,
        marked: bool,
        open: bool,
        /// Seconds until its text was edited; 0 if it was not.
        edited: i64,
    },
    Dismissed(i64),
    Resolved(Vec<i64>),
    Unresolved(Vec<i64>),
    Deleted(i64),
    Approved,
    Pull {
        change: u8,
        title: u8,
        closes: Vec<i64>,
        trusted: bool,
    },
    Issue {
        open: bool,
        labels: usize,
        gone: u8,
    },
    Repo {
        archived: bool,
        deleted: bool,
    },
    Nothing(u8),
}

pub(crate) fn news() -> impl Strategy<Value = News> {
    let said = (
        0..3_u8,
        1..6_i64,
        prop::bool::weighted(0.05),
        prop::bool::weighted(0.05),
        prop::bool::weighted(0.9),
        prop_oneof![2 => Just(0_i64), 1 => 1..2_000_i64],
    )
        .prop_map(
            |(kind, id, timeless, marked, open, edited)| NewsKind::Said {
                kind,
                id,
                timeless,
                marked,
                open,
                edited,
            },
        );
    let pulled = (
        0..16_u8,
        0..2_u8,
        prop::collection::vec(1..=5_i64, 0..3),
        prop::bool::weighted(0.8),
    )
        .prop_map(|(change, title, closes, trusted)| NewsKind::Pull {
            change,
            title,
            closes,
            trusted,
        });
    let issue = (prop::bool::weighted(0.8), 0..LABELS.len(), 0..10_u8)
        .prop_map(|(open, labels, gone)| NewsKind::Issue { open, labels, gone });
    let repo = (prop::bool::weighted(0.2), prop::bool::weighted(0.1))
        .prop_map(|(archived, deleted)| NewsKind::Repo { archived, deleted });
    let what = prop_oneof![
        24 => said,
        3 => (1..6_i64).prop_map(NewsKind::Dismissed),
        3 => prop::collection::vec(1..6_i64, 1..3).prop_map(NewsKind::Resolved),
        2 => prop::collection::vec(1..6_i64, 1..3).prop_map(NewsKind::Unresolved),
        2 => (1..6_i64).prop_map(NewsKind::Deleted),
        2 => Just(NewsKind::Approved),
        16 => pulled,
        4 => issue,
        1 => repo,
        1 => (0..3_u8).prop_map(NewsKind::Nothing),
    ];
    let channel = prop_oneof![
        20 => Just(Channel::Delivered(None)),
        4 => prop::option::of(0..6_u8).prop_map(Channel::Delivered),
        1 => (0..6_u8).prop_map(Channel::Deferred),
        6 => Just(Channel::Polled),
    ];
    let shown = prop::option::weighted(0.02, 0..3_usize);
    let name = prop_oneof![30 => 0..3_usize, 1 => Just(3_usize)];
    (
        name,
        shown,
        7..10_i64,
        0..3_000_i64,
        what,
        channel,
        prop::bool::weighted(0.05),
    )
        .prop_map(|(name, shown, n, ago, what, channel, thin)| News {
            name,
            shown: shown.unwrap_or(name),
            n,
            ago,
            what,
            channel,
            thin,
        })
}

impl News {
    pub(super) fn action(&self, now: Timestamp) -> Action {
        let meaning = self.meaning(now);
        match self.channel {
            Channel::Delivered(id) => {
                let id = id.map(|id| id.to_string());
                Action::ProcessDelivery {
                    delivery: delivery(id.as_deref(), &meaning),
                    meaning: Box::new(meaning),
                }
            }
            Channel::Deferred(id) => Action::DeferDelivery {
                delivery: delivery(Some(&id.to_string()), &meaning),
                id: id.to_string(),
                body: "{}".to_owned(),
                error: "no".to_owned(),
            },
            Channel::Polled => Action::ApplyPolledEvent(Box::new(meaning)),
        }
    }

    fn place(&self) -> RepoRef {
        let name = repo(NAMES[self.shown]);
        let seen = RepoSnapshot {
            name: name.clone(),
            ..facts(NAMES[self.name])
        };
        RepoRef {
            name,
            facts: (!self.thin).then_some(seen),
        }
    }

    /// The pull request as delivered.
    fn row(&self, now: Timestamp) -> PullRequestSnapshot {
        let mut row = pull(NAMES[self.shown], self.n).facts();
        row.updated_at = (!self.thin).then_some(self.at(now));
        row
    }

    fn at(&self, now: Timestamp) -> Timestamp {
        now.minus(Millis::seconds(self.ago))
    }

    fn glance(&self, now: Timestamp, open: bool, whole: bool) -> PullRequestRef {
        let row = PullRequestSnapshot {
            open,
            ..self.row(now)
        };
        PullRequestRef {
            number: number(self.n),
            title: None,
            url: None,
            open: (!self.thin).then_some(open),
            at: (!self.thin).then(|| self.at(now)),
            facts: (whole && !self.thin).then_some(row),
        }
    }

    fn meaning(&self, now: Timestamp) -> GithubEvent {
        let mut repo = self.place();
        let withdrawn = |sources: Vec<SourceId>, ending| GithubEvent::Withdrawn {
            repo: self.place(),
            pull: self.glance(now, true, true),
            sources,
            ending,
            reviewer: (self.n == 8).then(|| "reviewer".to_owned()),
            at: (!self.thin).then(|| self.at(now)),
        };
        match &self.what {
            NewsKind::Said { .. } => self.said(now),
            NewsKind::Dismissed(id) => withdrawn(
                vec![SourceId::review(self.source(*id))],
                Resolution::Dismissed,
            ),
            NewsKind::Resolved(ids) => {
                let sources = ids
                    .iter()
                    .map(|id| SourceId::review_comment(self.source(*id)));
                withdrawn(sources.collect(), Resolution::Resolved)
            }
            NewsKind::Unresolved(ids) => {
                let sources = ids
                    .iter()
                    .map(|id| SourceId::review_comment(self.source(*id)));
                GithubEvent::Unresolved {
                    repo: self.place(),
                    pull: self.glance(now, true, true),
                    sources: sources.collect(),
                    at: (!self.thin).then(|| self.at(now)),
                }
            }
            NewsKind::Deleted(id) => {
                let source = SourceId::issue_comment(self.source(*id));
                withdrawn(vec![source], Resolution::Deleted)
            }
            NewsKind::Approved => withdrawn(Vec::new(), Resolution::Approved),
            NewsKind::Pull { .. } => self.pulled(now),
            NewsKind::Issue { open, labels, gone } => {
                let mut issue: Issue = issue(self.n - 5).labels(LABELS[*labels]).build();
                issue.updated_at = self.at(now);
                if !open {
                    issue.state = IssueState::Closed;
                }
                GithubEvent::Issue {
                    repo,
                    issue: Box::new(issue),
                    action: if *open { "edited" } else { "closed" }.to_owned(),
                    gone: match gone {
                        0 => Some(WithheldReason::Gone),
                        1 => Some(WithheldReason::Moved),
                        _ => None,
                    },
                    by_bot: false,
                }
            }
            NewsKind::Repo { archived, deleted } => {
                if let Some(facts) = &mut repo.facts {
                    facts.archived = *archived;
                }
                GithubEvent::Repo {
                    repo,
                    action: "renamed".to_owned(),
                    deleted: *deleted,
                }
            }
            NewsKind::Nothing(0) => GithubEvent::Ping,
            NewsKind::Nothing(1) => GithubEvent::Access {
                action: "added".to_owned(),
            },
            NewsKind::Nothing(_) => GithubEvent::Ignored(Ignored::MissingRepoOrPr),
        }
    }

    fn said(&self, now: Timestamp) -> GithubEvent {
        let NewsKind::Said {
            kind,
            id,
            timeless,
            marked,
            open,
            edited,
        } = &self.what
        else {
            unreachable!("asked of what was said alone")
        };
        let said: SourceDraft = match kind {
            0 => review(self.source(*id)),
            1 => line_comment(self.source(*id)),
            _ => comment(self.source(*id)),
        };
        let mut source = said.source();
        source.created_at = (!timeless).then_some(self.at(now));
        if *edited > 0 && !timeless {
            source.body = format!("At{edited} all{edited} new{edited} words{edited}.");
            source.updated_at = Some(self.at(now).plus(Millis::seconds(*edited)));
        }
        GithubEvent::Feedback {
            repo: self.place(),
            pull: self.glance(now, *open, *kind != 2),
            source,
            voice: Voice {
                bot: id % 7 == 0,
                marked: *marked,
                own: id % 2 == 0,
                trusted: false,
                as_of: None,
            },
        }
    }

    fn pulled(&self, now: Timestamp) -> GithubEvent {
        let NewsKind::Pull {
            change,
            title,
            closes,
            trusted,
        } = &self.what
        else {
            unreachable!("asked of pull requests alone")
        };
        let mut row = self.row(now);
        let home = repo(NAMES[self.shown]);
        row.title = title.to_string();
        row.closes = closes.iter().map(|n| (home.clone(), number(*n))).collect();
        row.trusted = *trusted;
        let moment = row.updated_at;
        let (action, change) = match change {
            0 => {
                (row.open, row.merged) = (false, true);
                ("closed", PullChange::Facts)
            }
            1..3 => {
                row.open = false;
                ("closed", PullChange::ClosedOrReopened(moment))
            }
            3..5 => ("reopened", PullChange::ClosedOrReopened(moment)),
            5..9 => ("synchronize", PullChange::Pushed(moment)),
            _ => ("edited", PullChange::Facts),
        };
        GithubEvent::Pull {
            repo: self.place(),
            pull: row,
            action: action.to_owned(),
            change,
        }
    }

    /// The number of an event, which is on one pull request in every payload.
    fn source(&self, id: i64) -> i64 {
        id * 100 + self.n * 10 + i64::try_from(self.name).unwrap()
    }
}
