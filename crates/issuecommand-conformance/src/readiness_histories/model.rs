//! What ought to stand against each issue, told from what happened alone.

use std::collections::{BTreeMap, BTreeSet};

use issuecommand_core::domain::claim::{Claim, ClaimStatus, StatusEntry};
use issuecommand_core::domain::issue::Issue;
use issuecommand_core::domain::policy::{Authors, Parents, Policy};
use issuecommand_core::domain::readiness::{ReasonCode, ReasonSet};
use issuecommand_core::domain::time::{Millis, Timestamp};
use issuecommand_testkit::builders::issue;

/// Whether somebody approved of a stranger's issue.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Approval {
    #[default]
    None,
    Given,
    Void,
}

/// An issue on GitHub, and what IssueCommand was told of it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) open: bool,
    pub(super) labels: Vec<&'static str>,
    pub(super) assignees: Vec<&'static str>,
    pub(super) body: i64,
    author: &'static str,
    pub(super) created: Timestamp,
    pub(super) changed: Timestamp,
    pub(super) withheld: bool,
    pub(super) merged: bool,
    pub(super) parked: bool,
    pub(super) offered_at: Option<Timestamp>,
    pub(super) hidden: u32,
    attempts: u32,
    approval: Approval,
}

/// A pull request.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) open: bool,
    pub(super) merged: bool,
    pub(super) closes: BTreeSet<i64>,
}

/// All of one repository.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) policy: Policy,
    pub(super) items: BTreeMap<i64, Item>,
    /// Which issue waits for which; the second may be unknown and then counts as open.
    pub(super) blockers: BTreeSet<(i64, i64)>,
    pub(super) children: BTreeSet<(i64, i64)>,
    pub(super) pulls: Vec<Draft>,
    pub(super) held: BTreeMap<i64, Claim>,
    /// When an agent gave an issue back last.
    pub(super) given_back: BTreeMap<(String, i64), Timestamp>,
    pub(super) eve_writes: bool,
    pub(super) paused: bool,
    pub(super) unseen: bool,
}

impl Model {
    pub(super) fn new(policy: Policy) -> Self {
        Self {
            policy,
            items: BTreeMap::new(),
            blockers: BTreeSet::new(),
            children: BTreeSet::new(),
            pulls: Vec::new(),
            held: BTreeMap::new(),
            given_back: BTreeMap::new(),
            eve_writes: false,
            paused: false,
            unseen: false,
        }
    }

    /// A person opens an issue.
    pub(super) fn open(&mut self, n: i64, labels: Vec<&'static str>, now: Timestamp) {
        let item = Item {
            open: true,
            labels,
            assignees: Vec::new(),
            body: 0,
            author: if n % 4 == 0 { "eve" } else { "octocat" },
            created: now,
            changed: now,
            withheld: false,
            merged: false,
            parked: false,
            offered_at: None,
            hidden: 0,
            attempts: 0,
            approval: Approval::None,
        };
        self.items.insert(n, item);
        self.approve(n, false);
    }

    /// GitHub's word on an issue.
    pub(super) fn facts(&self, n: i64) -> Issue {
        let item = &self.items[&n];
        let draft = issue(n)
            .opened(item.created)
            .labels(&item.labels)
            .assignees(&item.assignees)
            .body(&format!("text {}", item.body));
        let mut facts: Issue = if item.open { draft } else { draft.closed() }.into();
        facts.author = Some(item.author.to_owned());
        facts.updated_at = item.changed;
        facts
    }

    /// A person changes an issue on GitHub, and IssueCommand hears of it.
    pub(super) fn change(&mut self, n: i64, now: Timestamp, change: impl FnOnce(&mut Item)) {
        let Some(item) = self.items.get_mut(&n) else {
            return;
        };
        let before = item.clone();
        change(item);
        item.changed = now;
        item.withheld = false;
        if !item.open {
            item.forget();
            return;
        }
        let edited = item.body != before.body;
        let others = item.labels != before.labels || item.assignees != before.assignees;
        if item.parked && (edited || others) {
            item.offer(now);
        }
        self.approve(n, edited);
    }

    fn approve(&mut self, n: i64, edited: bool) {
        if let Some(item) = self.items.get_mut(&n) {
            item.approval = match item.approval {
                _ if !item.labels.contains(&"agent-ok") => Approval::None,
                Approval::Void => Approval::Void,
                _ if edited => Approval::Void,
                _ => Approval::Given,
            };
        }
    }

    /// A claim ended without a merge.
    pub(super) fn attempted(&mut self, claim: &Claim, parks: bool, now: Timestamp) {
        let begun = |entry: &StatusEntry| entry.status == ClaimStatus::InProgress;
        let worked = claim.history.iter().any(begun);
        let lived = now.0 - claim.claimed_at.0;
        let counts = worked || lived >= self.policy.attempts.after.0;
        let max = self.policy.attempts.max.unwrap_or(u32::MAX);
        let item = self.items.get_mut(&claim.number.get());
        if let Some(item) = item.filter(|item| item.open) {
            item.attempts += u32::from(counts);
            item.parked |= parks || (counts && item.attempts >= max);
        }
    }

    /// Whether an agent is not offered what it gave back a moment ago.
    pub(super) fn cools(&self, who: &str, n: i64, now: Timestamp) -> bool {
        let Some(cooldown) = self.policy.attempts.cooldown else {
            return false;
        };
        let back = self.given_back.get(&(who.to_owned(), n)).copied();
        let offered = self.items.get(&n).and_then(|item| item.offered_at);
        let back = back.filter(|at| offered.is_none_or(|offered| *at > offered));
        back.is_some_and(|at| now < at.plus(cooldown))
    }

    fn is_open(&self, n: i64) -> bool {
        self.items.get(&n).is_none_or(|item| item.open)
    }

    fn waits(&self, n: i64, edges: &BTreeSet<(i64, i64)>) -> bool {
        let mut ends = edges.iter().filter(|(of, _)| *of == n);
        ends.any(|(_, to)| self.is_open(*to))
    }

    /// Everything that stands against an issue, in the order of the codes.
    pub(super) fn reasons(&self, n: i64) -> Vec<ReasonCode> {
        let item = &self.items[&n];
        let policy = &self.policy.readiness;
        let has = |label: &String| item.labels.contains(&label.as_str());
        let stranger = policy.authors == Authors::Write && item.author == "eve" && !self.eve_writes;
        let is_person = |login: &&'static str| !login.ends_with("[bot]");
        let children = policy.parents == Parents::Skip && self.waits(n, &self.children);
        let closing = |pull: &Draft| pull.open && pull.closes.contains(&n);
        let lacks = !policy.require_labels.is_empty() && !policy.require_labels.iter().any(has);
        let of_it = [
            (ReasonCode::Closed, !item.open),
            (ReasonCode::RepoNotOffered, self.unseen),
            (ReasonCode::RepoPaused, self.paused),
            (ReasonCode::Held, self.held.contains_key(&n)),
            (ReasonCode::Withheld, item.withheld),
            (
                ReasonCode::UntrustedAuthor,
                item.open && stranger && item.approval != Approval::Given,
            ),
            (ReasonCode::NeedsHuman, item.parked),
            (ReasonCode::MergedPr, item.merged),
            (
                ReasonCode::HasOpenPr,
                item.open && self.pulls.iter().any(closing),
            ),
            (
                ReasonCode::BlockedBy,
                item.open && (item.hidden > 0 || self.waits(n, &self.blockers)),
            ),
            (ReasonCode::HasOpenChildren, item.open && children),
            (
                ReasonCode::Assigned,
                policy.skip_assigned && item.assignees.iter().any(is_person),
            ),
            (
                ReasonCode::ExcludedLabel,
                policy.exclude_labels.iter().any(has),
            ),
            (ReasonCode::MissingLabel, lacks),
        ];
        of_it
            .into_iter()
            .filter_map(|(code, holds)| holds.then_some(code))
            .collect()
    }

    /// The issues that stand in the queue. Who halted the work stands by itself.
    pub(super) fn ready(&self) -> Vec<i64> {
        let paused = |code: &ReasonCode| *code == ReasonCode::RepoPaused;
        let all = self.items.keys().copied();
        all.filter(|n| self.reasons(*n).iter().all(paused))
            .collect()
    }

    /// The open issues that a list shows with their reasons.
    pub(super) fn unready(&self) -> BTreeMap<i64, ReasonSet> {
        let all = self.items.iter().filter(|(n, item)| {
            item.open && !item.withheld && !self.unseen && !self.held.contains_key(n)
        });
        let own = |n: i64| self.reasons(n).into_iter().filter(|code| code.is_own());
        let all = all.map(|(n, _)| (*n, own(*n).collect()));
        all.filter(|(_, reasons): &(i64, ReasonSet)| !reasons.is_empty())
            .collect()
    }

    /// How many open issues count under which first reason; under `None` those that have none.
    pub(super) fn counts(&self) -> BTreeMap<Option<ReasonCode>, u64> {
        let mut counts = BTreeMap::new();
        for (n, item) in &self.items {
            if item.open {
                let reasons = self.reasons(*n).into_iter();
                let first = reasons.filter(|code| *code != ReasonCode::RepoPaused).min();
                *counts.entry(first).or_default() += 1;
            }
        }
        counts
    }
}

impl Item {
    /// What is known of an open issue alone.
    fn forget(&mut self) {
        (self.merged, self.parked, self.offered_at) = (false, false, None);
        (self.hidden, self.attempts) = (0, 0);
        self.approval = Approval::None;
    }

    /// Somebody has it offered again.
    pub(super) fn offer(&mut self, now: Timestamp) {
        (self.parked, self.attempts, self.offered_at) = (false, 0, Some(now));
    }
}

/// How long a claim may be silent, and how long it then stays.
pub(super) const SILENT: Millis = Millis::minutes(120);
pub(super) const STALE: Millis = Millis::minutes(30);
