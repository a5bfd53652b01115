//! A model of GitHub, just large enough for the events and the state of pull requests and issues.

use std::collections::BTreeMap;

use issuecommand_core::domain::followup::{FeedbackEvent, Resolution, SourceId, SourceKind};
use issuecommand_core::domain::issue::{Issue, IssueLookup, IssueState, WithheldReason};
use issuecommand_core::domain::pull_request::PullRequestSnapshot;
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Millis, Timestamp};
use issuecommand_core::domain::webhook::{GithubEvent, PullChange, PullRequestRef, RepoRef, Voice};
use issuecommand_testkit::builders::{
    SourceDraft, comment, facts, issue, line_comment, minute, number, pull, repo, review,
};
use proptest::prelude::*;

/// Two repositories of this many issues and as many pull requests.
pub(super) const REPOS: [&str; 2] = ["acme/api", "acme/web"];
pub(super) const ISSUES: i64 = 2;
pub(super) const FIRST_PULL: i64 = 11;

/// An issue or a pull request: the repository and its number.
pub(super) type Key = (usize, i64);

/// One action of people on GitHub, on the chosen issue and pull request.
#[derive(Clone, Copy, Debug)]
pub(super) struct GithubAction {
    /// Seconds since the last one. GitHub's times are whole seconds, so 0 makes ties.
    seconds: i64,
    repo: usize,
    n: i64,
    what: ActionKind,
}

#[derive(Clone, Copy, Debug)]
enum ActionKind {
    Say(SourceKind),
    /// A draft of half a minute ago is submitted.
    Submit,
    Edit(usize),
    Delete(usize),
    /// One of the two reviewers approves.
    Approve(usize),
    Dismiss(usize),
    Resolve(usize),
    Unresolve(usize),
    Push,
    /// A merge of the base branch without other changes.
    MergeBase,
    Merge,
    Close,
    Reopen,
    /// Its keywords now close the issue of the same index, or no longer.
    Reword(bool),
    Retitle,
    IssueRetitle,
    IssueLabel(bool),
    IssueClose,
    IssueReopen,
    IssueDelete,
    IssueTransfer,
    Rename,
}

pub(super) fn github_action() -> impl Strategy<Value = GithubAction> {
    let seconds = prop_oneof![1 => Just(0_i64), 4 => 1..100_i64];
    let what = prop_oneof![
        10 => prop::sample::select(&SourceKind::ALL[..]).prop_map(ActionKind::Say),
        1 => Just(ActionKind::Submit),
        3 => (0..4_usize).prop_map(ActionKind::Edit),
        2 => (0..4_usize).prop_map(ActionKind::Delete),
        2 => (0..2_usize).prop_map(ActionKind::Approve),
        2 => (0..3_usize).prop_map(ActionKind::Dismiss),
        2 => (0..3_usize).prop_map(ActionKind::Resolve),
        2 => (0..3_usize).prop_map(ActionKind::Unresolve),
        4 => Just(ActionKind::Push),
        3 => Just(ActionKind::MergeBase),
        1 => Just(ActionKind::Merge),
        3 => Just(ActionKind::Close),
        4 => Just(ActionKind::Reopen),
        2 => any::<bool>().prop_map(ActionKind::Reword),
        1 => Just(ActionKind::Retitle),
        1 => Just(ActionKind::IssueRetitle),
        1 => any::<bool>().prop_map(ActionKind::IssueLabel),
        2 => Just(ActionKind::IssueClose),
        2 => Just(ActionKind::IssueReopen),
        1 => Just(ActionKind::IssueDelete),
        1 => Just(ActionKind::IssueTransfer),
        1 => Just(ActionKind::Rename),
    ];
    (seconds, 0..2_usize, 0..ISSUES, what).prop_map(|(seconds, repo, n, what)| GithubAction {
        seconds,
        repo,
        n,
        what,
    })
}

#[derive(Clone, Debug)]
pub(super) struct ModelPull {
    pub(super) facts: PullRequestSnapshot,
    closed_at: Option<Timestamp>,
    /// The last push that was no merge of the base.
    pushed_at: Option<Timestamp>,
    /// The last approval or dismissal of each reviewer.
    verdicts: BTreeMap<String, Timestamp>,
    /// It once closed the issue of the same index, by keywords of a trusted author.
    pub(super) ever_closes: bool,
    said: Vec<Feedback>,
}

/// A review or comment, and its state.
#[derive(Clone, Debug)]
struct Feedback {
    source: FeedbackEvent,
    dismissed: bool,
    resolved: bool,
    deleted: bool,
}

impl Feedback {
    fn said_at(&self) -> Option<Timestamp> {
        self.source.updated_at.max(self.source.created_at)
    }
}

#[derive(Clone, Debug)]
pub(super) struct ModelIssue {
    pub(super) facts: Issue,
    pub(super) gone: Option<WithheldReason>,
    pub(super) ever_closed: bool,
}

/// The model.
#[derive(Debug)]
pub(super) struct GithubModel {
    now: Timestamp,
    names: [RepoName; 2],
    next: i64,
    pub(super) pulls: BTreeMap<Key, ModelPull>,
    pub(super) issues: BTreeMap<Key, ModelIssue>,
    /// All deliveries in order.
    pub(super) told: Vec<GithubEvent>,
    /// Merges of the base, each with the commit that it was merged into.
    merges: BTreeMap<String, String>,
}

/// The two reviewers.
const REVIEWERS: [&str; 2] = ["rita", "otto"];

impl GithubModel {
    /// Issues opened long ago, and pull requests opened just now, the second of each repository by an untrusted author.
    pub(super) fn new() -> Self {
        let mut github_model = Self {
            now: minute(60),
            names: REPOS.map(repo),
            next: 1,
            pulls: BTreeMap::new(),
            issues: BTreeMap::new(),
            told: Vec::new(),
            merges: BTreeMap::new(),
        };
        for (place, name) in REPOS.iter().enumerate() {
            for n in 0..ISSUES {
                let row = ModelIssue {
                    facts: issue(n + 1).build(),
                    gone: None,
                    ever_closed: false,
                };
                github_model.issues.insert((place, n), row);
                let row = ModelPull {
                    facts: pull(name, FIRST_PULL + n).created(60).at(60).facts(),
                    closed_at: None,
                    pushed_at: None,
                    verdicts: BTreeMap::new(),
                    ever_closes: false,
                    said: Vec::new(),
                };
                github_model.pulls.insert((place, n), row);
                // The first delivery about the second of each repository is feedback on it.
                if n == 0 {
                    github_model.tell_pull((place, n), "opened", PullChange::Facts);
                }
            }
        }
        github_model
    }

    pub(super) fn does(&mut self, github_action: GithubAction) {
        self.now = self.now.plus(Millis::seconds(github_action.seconds));
        let key = (github_action.repo, github_action.n);
        match github_action.what {
            ActionKind::Say(kind) => self.say(key, kind, false),
            ActionKind::Submit => self.say(key, SourceKind::ReviewComment, true),
            ActionKind::Edit(which) => self.edit(key, which),
            ActionKind::Delete(which) => self.delete(key, which),
            ActionKind::Approve(which) => self.approve(key, which),
            ActionKind::Dismiss(which) => self.dismiss(key, which),
            ActionKind::Resolve(which) => self.turn_thread(key, which, true),
            ActionKind::Unresolve(which) => self.turn_thread(key, which, false),
            ActionKind::Rename => self.rename(github_action.repo),
            ActionKind::Push
            | ActionKind::MergeBase
            | ActionKind::Merge
            | ActionKind::Close
            | ActionKind::Reopen
            | ActionKind::Reword(_)
            | ActionKind::Retitle => {
                self.change_pull(key, github_action.what);
            }
            _ => self.change_issue(key, github_action.what),
        }
    }

    fn change_pull(&mut self, key: Key, what: ActionKind) {
        let (now, n) = (self.now, self.next);
        let mut added = Vec::new();
        // A merge that would close a deleted issue leaves a claim whose state depends on the order of deliveries.
        if matches!(what, ActionKind::Merge) && self.issues[&(key.0, 0)].gone.is_some() {
            return;
        }
        let pull = self.pulls.get_mut(&key).unwrap();
        let (open, merged) = (pull.facts.open, pull.facts.merged);
        let (action, change) = match what {
            ActionKind::Push if open => {
                pull.facts.pushed_over = pull.facts.head.replace(format!("c{n}"));
                pull.pushed_at = Some(now);
                ("synchronize", PullChange::Pushed(Some(now)))
            }
            ActionKind::MergeBase if open => {
                let (before, sha) = (pull.facts.head.clone(), format!("m{n}"));
                self.merges
                    .extend(before.clone().map(|before| (sha.clone(), before)));
                (pull.facts.pushed_over, pull.facts.head) = (before, Some(sha));
                ("synchronize", PullChange::Pushed(Some(now)))
            }
            ActionKind::Merge if open => {
                (pull.facts.open, pull.facts.merged) = (false, true);
                (pull.closed_at, pull.facts.closed_at) = (Some(now), Some(now));
                pull.facts.merged_at = Some(now);
                ("closed", PullChange::Facts)
            }
            ActionKind::Close if open => {
                (pull.facts.open, pull.closed_at) = (false, Some(now));
                pull.facts.closed_at = Some(now);
                ("closed", PullChange::ClosedOrReopened(Some(now)))
            }
            ActionKind::Reopen if !open && !merged => {
                (pull.facts.open, pull.facts.closed_at) = (true, None);
                ("reopened", PullChange::ClosedOrReopened(Some(now)))
            }
            ActionKind::Reword(closes) => {
                // Both pull requests of a repository close its first issue, so they compete for it; the second also names an
                // issue of the other repository, which it may not close.
                let mut issues = vec![(repo(REPOS[key.0]), number(1))];
                if key.1 == 1 {
                    issues.push((repo(REPOS[1 - key.0]), number(2)));
                }
                issues.retain(|_| closes);
                let new = issues
                    .iter()
                    .filter(|issue| !pull.facts.closes.contains(issue));
                added = new.cloned().collect();
                pull.facts.closes = issues;
                ("edited", PullChange::Facts)
            }
            ActionKind::Retitle => {
                pull.facts.title = format!("Title {n}");
                ("edited", PullChange::Facts)
            }
            _ => return,
        };
        pull.facts.updated_at = Some(now);
        pull.ever_closes |= !pull.facts.closes.is_empty();
        self.next += 1;
        self.tell_pull(key, action, change);
        self.pulls.get_mut(&key).unwrap().facts.pushed_over = None;
        if let Some(GithubEvent::Pull { pull, .. }) = self.told.last_mut() {
            // Both texts of one payload are read with the repository name in it.
            let as_told = pull.closes.iter().zip(&self.pulls[&key].facts.closes);
            let new = as_told.filter(|(_, known)| added.contains(known));
            pull.added = new.map(|(told, _)| told.clone()).collect();
        }
        let merged = &self.pulls[&key].facts;
        if action == "closed" && merged.merged && !merged.closes.is_empty() {
            self.change_issue((key.0, 0), ActionKind::IssueClose);
        }
    }

    fn say(&mut self, key: Key, kind: SourceKind, drafted: bool) {
        let id = self.next;
        self.next += 1;
        let said: SourceDraft = match kind {
            SourceKind::ReviewChangesRequested => review(id),
            SourceKind::ReviewComment => line_comment(id),
            SourceKind::PrComment => comment(id),
        };
        let reviewer = REVIEWERS[usize::try_from(id % 2).unwrap()];
        let mut source = said.by(reviewer).source();
        source.created_at = Some(self.now);
        if drafted {
            source.created_at = Some(self.now.minus(Millis::seconds(30)));
            source.updated_at = Some(self.now);
        }
        let pull = self.pulls.get_mut(&key).unwrap();
        pull.facts.updated_at = Some(self.now);
        pull.said.push(Feedback {
            source: source.clone(),
            dismissed: false,
            resolved: false,
            deleted: false,
        });
        self.tell_said(key, source);
    }

    fn tell_said(&mut self, key: Key, source: FeedbackEvent) {
        let meaning = GithubEvent::Feedback {
            repo: self.place(key.0),
            pull: self.glance(key, source.kind),
            source,
            voice: Voice::default(),
        };
        self.told.push(meaning);
    }

    /// An existing event, of this kind or of any.
    fn there(&mut self, key: Key, kind: Option<SourceKind>, which: usize) -> Option<&mut Feedback> {
        let pull = self.pulls.get_mut(&key).unwrap();
        let there = pull
            .said
            .iter_mut()
            .filter(|said| !said.deleted && kind.is_none_or(|kind| said.source.kind == kind));
        there.rev().nth(which)
    }

    /// GitHub does not show the time of a review's edit, so reviews are not edited.
    fn edit(&mut self, key: Key, which: usize) {
        // An edit is never in the same second as the text before.
        self.now = self.now.plus(Millis::seconds(1));
        let (now, n) = (self.now, self.next);
        let comments = [SourceKind::ReviewComment, SourceKind::PrComment];
        let kind = comments[which % 2];
        let Some(said) = self.there(key, Some(kind), which / 2) else {
            return;
        };
        said.source.body = format!("Words{n} nobody{n} had{n} said{n} before.");
        said.source.updated_at = Some(now);
        let source = said.source.clone();
        self.next += 1;
        self.pulls.get_mut(&key).unwrap().facts.updated_at = Some(now);
        self.tell_said(key, source);
    }

    fn delete(&mut self, key: Key, which: usize) {
        let comments = [SourceKind::ReviewComment, SourceKind::PrComment];
        let kind = comments[which % 2];
        let Some(said) = self.there(key, Some(kind), which / 2) else {
            return;
        };
        said.deleted = true;
        let sources = vec![said.source.id.clone()];
        self.tell_withdrawn(key, kind, sources, Resolution::Deleted, None);
    }

    fn approve(&mut self, key: Key, which: usize) {
        let (now, login) = (self.now, REVIEWERS[which]);
        let pull = self.pulls.get_mut(&key).unwrap();
        pull.verdicts.insert(login.to_owned(), now);
        let kind = SourceKind::ReviewChangesRequested;
        let by = Some((login.to_owned(), now));
        self.tell_withdrawn(key, kind, Vec::new(), Resolution::Approved, by);
    }

    fn dismiss(&mut self, key: Key, which: usize) {
        let kind = SourceKind::ReviewChangesRequested;
        let Some(said) = self.there(key, Some(kind), which) else {
            return;
        };
        said.dismissed = true;
        let source = said.source.clone();
        let (login, at) = (source.requested_by.unwrap(), source.created_at.unwrap());
        let verdicts = &mut self.pulls.get_mut(&key).unwrap().verdicts;
        let verdict = verdicts.entry(login.clone()).or_insert(at);
        *verdict = at.max(*verdict);
        let by = Some((login, at));
        self.tell_withdrawn(key, kind, vec![source.id], Resolution::Dismissed, by);
    }

    fn turn_thread(&mut self, key: Key, which: usize, resolved: bool) {
        // Two changes of one thread are never in the same second.
        self.now = self.now.plus(Millis::seconds(1));
        let (now, kind) = (self.now, SourceKind::ReviewComment);
        let Some(said) = self.there(key, Some(kind), which) else {
            return;
        };
        said.resolved = resolved;
        let sources = vec![said.source.id.clone()];
        if resolved {
            self.tell_withdrawn(key, kind, sources, Resolution::Resolved, None);
            return;
        }
        self.pulls.get_mut(&key).unwrap().facts.updated_at = Some(now);
        let meaning = GithubEvent::Unresolved {
            repo: self.place(key.0),
            pull: self.glance(key, kind),
            sources,
            at: Some(now),
        };
        self.told.push(meaning);
    }

    fn tell_withdrawn(
        &mut self,
        key: Key,
        kind: SourceKind,
        sources: Vec<SourceId>,
        ending: Resolution,
        by: Option<(String, Timestamp)>,
    ) {
        self.pulls.get_mut(&key).unwrap().facts.updated_at = Some(self.now);
        let (reviewer, at) = by.unzip();
        let meaning = GithubEvent::Withdrawn {
            repo: self.place(key.0),
            pull: self.glance(key, kind),
            sources,
            ending,
            reviewer,
            at: at.or((ending == Resolution::Resolved).then_some(self.now)),
        };
        self.told.push(meaning);
    }

    fn change_issue(&mut self, key: Key, what: ActionKind) {
        let n = self.next;
        let row = self.issues.get_mut(&key).unwrap();
        if row.gone.is_some() {
            return;
        }
        let open = row.facts.state == IssueState::Open;
        let action = match what {
            ActionKind::IssueRetitle => {
                row.facts.title = format!("Title {n}");
                "edited"
            }
            ActionKind::IssueLabel(high) => {
                let label = if high { "p0" } else { "low" };
                row.facts.labels = vec![label.to_owned()];
                "labeled"
            }
            ActionKind::IssueClose if open => {
                (row.facts.state, row.ever_closed) = (IssueState::Closed, true);
                "closed"
            }
            ActionKind::IssueReopen if !open => {
                row.facts.state = IssueState::Open;
                "reopened"
            }
            ActionKind::IssueDelete => {
                row.gone = Some(WithheldReason::Gone);
                "deleted"
            }
            ActionKind::IssueTransfer => {
                row.gone = Some(WithheldReason::Moved);
                "transferred"
            }
            _ => return,
        };
        self.next += 1;
        if row.gone.is_none() {
            row.facts.updated_at = self.now;
        }
        let meaning = GithubEvent::Issue {
            issue: Box::new(row.facts.clone()),
            action: action.to_owned(),
            gone: row.gone,
            by_bot: false,
            repo: self.place(key.0),
        };
        self.told.push(meaning);
    }

    fn rename(&mut self, place: usize) {
        self.names[place] = repo(&format!("acme/new-{}", self.next));
        self.next += 1;
        let meaning = GithubEvent::Repo {
            repo: self.place(place),
            action: "renamed".to_owned(),
            deleted: false,
        };
        self.told.push(meaning);
    }

    fn tell_pull(&mut self, key: Key, action: &str, change: PullChange) {
        let meaning = GithubEvent::Pull {
            repo: self.place(key.0),
            pull: self.shown(key),
            action: action.to_owned(),
            change,
        };
        self.told.push(meaning);
    }

    /// A pull request as GitHub shows it now: a bare number in its text is an issue of its repository, under any name.
    pub(super) fn shown(&self, key: Key) -> PullRequestSnapshot {
        let mut facts = self.pulls[&key].facts.clone();
        if key.1 == 0 {
            for (name, _) in &mut facts.closes {
                name.clone_from(&self.names[key.0]);
            }
        }
        facts
    }

    pub(super) fn place(&self, place: usize) -> RepoRef {
        let name = self.names[place].clone();
        let facts = RepoSnapshot {
            name: name.clone(),
            ..facts(REPOS[place])
        };
        RepoRef {
            name,
            facts: Some(facts),
        }
    }

    fn glance(&self, key: Key, kind: SourceKind) -> PullRequestRef {
        let facts = self.shown(key);
        PullRequestRef {
            number: facts.number,
            title: Some(facts.title.clone()),
            url: Some(facts.url.clone()),
            open: Some(facts.open),
            at: facts.updated_at,
            facts: (kind != SourceKind::PrComment).then_some(facts),
        }
    }

    /// The repository that has or had this name.
    pub(super) fn named(&self, name: &RepoName) -> usize {
        let had = |place: &usize| {
            repo(REPOS[*place]) == *name
                || self.told.iter().any(|meaning| {
                    let seen = meaning.repo().unwrap();
                    let id = seen.facts.as_ref().unwrap().github_id;
                    seen.name == *name && id == facts(REPOS[*place]).github_id
                })
        };
        (0..2).find(had).unwrap()
    }

    /// GitHub's response for that issue.
    pub(super) fn asked(&self, key: Key) -> IssueLookup {
        let row = &self.issues[&key];
        match row.gone {
            Some(reason) => IssueLookup::Withheld(reason),
            None => IssueLookup::Issue {
                issue: Box::new(row.facts.clone()),
                etag: None,
            },
        }
    }

    /// The result of a poll of a pull request.
    pub(super) fn polled(&self, key: Key) -> Vec<GithubEvent> {
        let (row, repo) = (&self.pulls[&key], self.place(key.0));
        let change = if row.facts.merged || row.facts.open {
            PullChange::Facts
        } else {
            PullChange::ClosedOrReopened(row.closed_at)
        };
        let mut found = vec![GithubEvent::Pull {
            repo: repo.clone(),
            pull: self.shown(key),
            action: "poll".to_owned(),
            change,
        }];
        let pull = PullRequestRef {
            number: row.facts.number,
            title: None,
            url: None,
            open: None,
            at: None,
            facts: None,
        };
        let withdrawn =
            |sources, ending, by: Option<(&String, Timestamp)>| GithubEvent::Withdrawn {
                repo: repo.clone(),
                pull: pull.clone(),
                sources,
                ending,
                reviewer: by.map(|(login, _)| login.clone()),
                at: by.map(|(_, at)| at),
            };
        for (login, at) in &row.verdicts {
            found.push(withdrawn(
                Vec::new(),
                Resolution::Approved,
                Some((login, *at)),
            ));
        }
        for said in &row.said {
            let id = said.source.id.clone();
            found.push(if said.deleted {
                withdrawn(vec![id], Resolution::Deleted, None)
            } else if said.dismissed {
                withdrawn(vec![id], Resolution::Dismissed, None)
            } else {
                GithubEvent::Feedback {
                    repo: repo.clone(),
                    pull: pull.clone(),
                    source: said.source.clone(),
                    voice: Voice::default(),
                }
            });
        }
        found
    }

    /// The commit that this one merges the base into, if it does nothing else.
    pub(super) fn commit(&self, sha: &str) -> Option<String> {
        self.merges.get(sha).cloned()
    }

    /// Waiting events; with `pushed` also those resolved only by a push.
    pub(super) fn live(&self, key: Key, pushed: bool) -> Vec<String> {
        let pull = &self.pulls[&key];
        let approved = |said: &&Feedback| {
            let by = said.source.requested_by.as_ref().unwrap();
            said.source.kind == SourceKind::ReviewChangesRequested
                && pull.verdicts.get(by).copied() >= said.source.created_at
        };
        let live = pull.said.iter().filter(|said| {
            pull.facts.open
                && !said.deleted
                && !said.dismissed
                && !said.resolved
                && !approved(said)
                && (pushed || said.said_at() > pull.pushed_at)
        });
        let mut live: Vec<String> = live.map(|said| said.source.id.to_string()).collect();
        live.sort();
        live
    }

    /// The number of all reviews and comments.
    pub(super) fn said(&self) -> usize {
        self.pulls.values().map(|pull| pull.said.len()).sum()
    }
}
