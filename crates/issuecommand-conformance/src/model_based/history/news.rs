//! Random deliveries about pull requests, and agents' reactions.

use issuecommand_core::domain::followup::{
    FeedbackEvent, FollowupStatus, Resolution, SourceId, SourceKind, WorkItemId,
};
use issuecommand_core::domain::id::{AgentId, IssueNumber};
use issuecommand_core::domain::issue::{IssueFilter, WithheldReason};
use issuecommand_core::domain::pull_request::{PullRequestSnapshot, PullValidators};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Clock, Millis, Timestamp};
use issuecommand_core::domain::webhook::{
    AuthMethod, Delivery, GithubEvent, Ignored, PullChange, PullRequestRef, RepoRef, Voice,
};
use issuecommand_core::engine::command::Action;
use issuecommand_testkit::builders::number;
use uuid::Uuid;

use super::{History, ISSUES, TEXTS};

pub(crate) const PULLS: i64 = 3;
const HEADS: [&str; 3] = ["c0ffee", "bada55", "5ca1ab1e"];
const AT: [&str; 3] = ["opened", "synchronize", "closed"];

/// Feedback that was delivered: repository, pull request, event id.
pub(super) type KnownFeedback = (RepoRef, IssueNumber, SourceId);

impl History {
    pub(super) fn news_or_answer(&mut self, clock: &dyn Clock) -> Action {
        match self.below(36) {
            0..=11 => Action::ProcessDelivery {
                delivery: self.delivery(),
                meaning: Box::new(self.meaning(clock)),
            },
            12..=16 => Action::ApplyPolledEvent(Box::new(self.meaning(clock))),
            17..=24 => Action::NextWork {
                agent: self.agent(),
                filter: if self.one_in(3) {
                    self.filter()
                } else {
                    IssueFilter::default()
                },
                checks: self.checks(),
            },
            25..=32 => {
                let (item, agent) = self.item();
                Action::UpdateFollowup {
                    item,
                    agent,
                    to: self.followup_status(),
                    note: self.text(),
                }
            }
            _ if self.one_in(6) => Action::RecordHead {
                repo: self.repo(),
                number: self.pull_number(),
                sha: self.of(&HEADS).to_owned(),
                merges_base_into: self.one_in(2).then(|| self.of(&HEADS).to_owned()),
            },
            33 => Action::FinishPullPoll {
                repo: self.repo(),
                number: self.pull_number(),
                validators: PullValidators {
                    pull: self.text(),
                    reviews: self.text(),
                    review_comments: self.text(),
                    comments: self.text(),
                },
                shown: self.one_in(2),
            },
            _ => self.deferred(),
        }
    }

    /// One of a few ids, so that some fail too often.
    fn deferred(&mut self) -> Action {
        let mut delivery = self.delivery();
        let n = self.below(4);
        let id = match &delivery.id {
            Some(_) => format!("delivery-{n}"),
            None => format!("unnamed:{n}"),
        };
        delivery.id = delivery.id.map(|_| id.clone());
        Action::DeferDelivery {
            delivery,
            id,
            body: TEXTS[self.below(TEXTS.len())].to_owned(),
            error: "cannot\nbe \"applied\"".to_owned(),
        }
    }

    pub(crate) fn followup_status(&mut self) -> FollowupStatus {
        // Mostly agents' commands.
        let said = [FollowupStatus::InProgress, FollowupStatus::Claimed];
        match self.below(5) {
            0 => self.of(&FollowupStatus::ALL),
            1 => FollowupStatus::Done,
            _ => self.of(&said),
        }
    }

    pub(crate) fn pull_number(&mut self) -> IssueNumber {
        let n = self.below(usize::try_from(PULLS).unwrap());
        number(i64::try_from(n).unwrap() + 1)
    }

    /// A work item, mostly a young one, and an agent, mostly its own.
    fn item(&mut self) -> (WorkItemId, AgentId) {
        if self.items.is_empty() || self.one_in(20) {
            return (WorkItemId(Uuid::from_u128(9)), self.agent());
        }
        let young = self.items.len().saturating_sub(6);
        let from = if self.one_in(6) { 0 } else { young };
        let n = from + self.below(self.items.len() - from);
        let (item, owner) = self.items[n].clone();
        let own = owner.filter(|_| !self.one_in(5));
        (item, own.unwrap_or_else(|| self.agent()))
    }

    pub(super) fn learn_item(&mut self, item: WorkItemId, owner: Option<AgentId>) {
        match self.items.iter_mut().find(|(known, _)| *known == item) {
            Some((_, last)) => *last = owner.or(last.take()),
            None => self.items.push((item, owner)),
        }
    }

    fn delivery(&mut self) -> Delivery {
        Delivery {
            // Few enough that one comes again.
            id: (!self.one_in(6)).then(|| format!("delivery-{}", self.below(400))),
            event: "pull_request".to_owned(),
            auth: self.of(&[AuthMethod::Signature, AuthMethod::ApiKey]),
        }
    }

    fn meaning(&mut self, clock: &dyn Clock) -> GithubEvent {
        let repo = self.place();
        match self.below(40) {
            0..=18 => {
                // Word for word as it was told before.
                if self.one_in(12)
                    && let Some(again) = self.last_feedback.clone()
                {
                    return again;
                }
                let (pull, source) = (self.glance(clock), self.source(clock));
                self.said
                    .push((repo.clone(), pull.number, source.id.clone()));
                let feedback = GithubEvent::Feedback {
                    repo,
                    pull,
                    source,
                    voice: Voice {
                        bot: self.one_in(8),
                        marked: self.one_in(10),
                        own: self.one_in(2),
                        trusted: false,
                        as_of: self.one_in(3).then(|| clock.now()),
                    },
                };
                self.last_feedback = Some(feedback.clone());
                feedback
            }
            19..=23 => self.withdrawn(repo, clock),
            24..=33 => GithubEvent::Pull {
                repo,
                pull: self.pull(clock),
                action: self.of(&AT).to_owned(),
                change: match self.below(6) {
                    0 | 1 => PullChange::Pushed(self.moment(clock)),
                    2 => PullChange::ClosedOrReopened(self.moment(clock)),
                    _ => PullChange::Facts,
                },
            },
            34..=36 => GithubEvent::Issue {
                repo,
                issue: Box::new(self.issue()),
                action: "labeled".to_owned(),
                gone: self
                    .one_in(4)
                    .then(|| self.of(&[WithheldReason::Gone, WithheldReason::Moved])),
                by_bot: false,
            },
            37 => GithubEvent::Repo {
                repo,
                action: "renamed".to_owned(),
                deleted: self.one_in(4),
            },
            38 => GithubEvent::Access {
                action: "added".to_owned(),
            },
            _ if self.one_in(2) => GithubEvent::Ping,
            _ => GithubEvent::Ignored(Ignored::Other("nothing \"to\" us".to_owned())),
        }
    }

    /// Mostly of what was said just now.
    fn withdrawn(&mut self, repo: RepoRef, clock: &dyn Clock) -> GithubEvent {
        let mut repo = repo;
        let mut pull = self.glance(clock);
        let mut sources: Vec<SourceId> = (0..self.below(2)).map(|_| self.source_id().1).collect();
        if !self.said.is_empty() && !self.one_in(5) {
            let back = self.below(self.said.len().min(6)) + 1;
            let (place, number, source) = self.said[self.said.len() - back].clone();
            (repo, pull.number, pull.facts) = (place, number, None);
            sources.push(source);
        }
        if self.one_in(3) {
            return GithubEvent::Unresolved {
                repo,
                pull,
                sources,
                at: self.moment(clock),
            };
        }
        let endings = [
            Resolution::Resolved,
            Resolution::Dismissed,
            Resolution::Approved,
            Resolution::Deleted,
        ];
        GithubEvent::Withdrawn {
            repo,
            pull,
            sources,
            ending: self.of(&endings),
            reviewer: self.text(),
            at: self.moment(clock),
        }
    }

    /// Mostly of full payloads, of which a third says only the name.
    fn place(&mut self) -> RepoRef {
        if self.one_in(3) {
            let name = self.repo();
            return RepoRef { name, facts: None };
        }
        let facts = self.facts();
        RepoRef {
            name: facts.name.clone(),
            facts: Some(facts),
        }
    }

    /// GitHub's clock is a little ahead or behind, and at times says nothing.
    fn moment(&mut self, clock: &dyn Clock) -> Option<Timestamp> {
        let off = i64::try_from(self.below(40)).unwrap() - 30;
        (!self.one_in(6)).then(|| clock.now().plus(Millis::minutes(off)))
    }

    fn glance(&mut self, clock: &dyn Clock) -> PullRequestRef {
        let facts = self.one_in(2).then(|| self.pull(clock));
        let number = match &facts {
            Some(facts) => facts.number,
            None => self.pull_number(),
        };
        PullRequestRef {
            number,
            title: self.text(),
            url: self.text(),
            open: self.one_in(3).then(|| !self.one_in(4)),
            at: self.moment(clock),
            facts,
        }
    }

    fn pull(&mut self, clock: &dyn Clock) -> PullRequestSnapshot {
        let number = self.pull_number();
        let state = self.below(20);
        let title = TEXTS[self.below(TEXTS.len())].to_owned();
        let url = format!("https://github.com/acme/api/pull/{number}");
        PullRequestSnapshot {
            open: state > 1,
            merged: state == 0 && self.one_in(2),
            head: (!self.one_in(4)).then(|| self.of(&HEADS).to_owned()),
            updated_at: self.moment(clock),
            closes: (0..self.below(3)).map(|_| self.closed()).collect(),
            has_text: !self.one_in(5),
            trusted: !self.one_in(4),
            pushed_over: self.one_in(6).then(|| self.of(&HEADS).to_owned()),
            created_at: (!self.one_in(5)).then(|| clock.now().minus(Millis::minutes(5))),
            merged_at: (state == 0).then(|| clock.now()),
            ..PullRequestSnapshot::thin(number, title, url)
        }
    }

    fn closed(&mut self) -> (RepoName, IssueNumber) {
        let n = self.below(usize::try_from(ISSUES).unwrap());
        (self.repo(), number(i64::try_from(n).unwrap() + 1))
    }

    fn source_id(&mut self) -> (SourceKind, SourceId) {
        let id = i64::try_from(self.below(150)).unwrap();
        match self.of(&SourceKind::ALL) {
            kind @ SourceKind::ReviewChangesRequested => (kind, SourceId::review(id)),
            kind @ SourceKind::ReviewComment => (kind, SourceId::review_comment(id)),
            kind @ SourceKind::PrComment => (kind, SourceId::issue_comment(id)),
        }
    }

    fn source(&mut self, clock: &dyn Clock) -> FeedbackEvent {
        let (kind, id) = self.source_id();
        let text = TEXTS[self.below(TEXTS.len())];
        FeedbackEvent {
            requested_by: self.text(),
            author_association: self.one_in(2).then(|| "MEMBER".to_owned()),
            body: format!("{text} {}", TEXTS[self.below(TEXTS.len())]),
            url: self.text(),
            path: self.one_in(3).then(|| "src/\"main\".rs".to_owned()),
            line: self.one_in(3).then_some(i64::MAX),
            created_at: self.moment(clock),
            updated_at: self.one_in(2).then(|| self.moment(clock)).flatten(),
            hidden: self.one_in(12),
            ..FeedbackEvent::new(id, kind)
        }
    }
}
