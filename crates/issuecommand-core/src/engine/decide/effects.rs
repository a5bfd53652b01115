//! The changes of one command. Its rules read through them, so that a later rule sees the writes of an earlier one. Each row is
//! written once, with its last value.

mod waits;

use std::cell::RefCell;
use std::collections::BTreeMap;

pub(super) use self::waits::Counts;
use self::waits::Waits;
use super::Decision;
use crate::domain::claim::Claim;
use crate::domain::event::{Event, SyncStats};
use crate::domain::followup::{FeedbackEvent, Followup, KnownSource, SourceId, WorkItemId};
use crate::domain::id::{ClaimId, IssueKey, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::pull_request::Pull;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::webhook::Refetch;
use crate::engine::change::Change;
use crate::engine::command::{Answer, HeadQuestion, Outcome};
use crate::engine::table::{FencedTable, Lookup, Overlay, Table};
use crate::engine::tables::PlainRow;
use crate::engine::view::{Rows, View};

/// The changed rows on top of the view, the events, and the other parts of the answer.
#[derive(Debug)]
pub(super) struct Effects<'a> {
    view: &'a View,
    repos: Overlay<'a, Repo, Table<Repo>>,
    names: Vec<(RepoName, RepoId)>,
    issues: Overlay<'a, MirroredIssue, Table<MirroredIssue>>,
    claims: Overlay<'a, Claim, FencedTable<Claim>>,
    pulls: Overlay<'a, Pull, Table<Pull>>,
    followups: Overlay<'a, Followup, FencedTable<Followup>>,
    sources: Overlay<'a, KnownSource, Table<KnownSource>>,
    texts: Overlay<'a, FeedbackEvent, Table<FeedbackEvent>>,
    /// Positions of feedback events in their items, see [`Effects::place_in`].
    places: RefCell<BTreeMap<SourceId, usize>>,
    /// How issues stand and what they wait for.
    waits: Waits,
    /// Changes that no rule reads back within its command.
    other: Vec<Change>,
    events: Vec<Event>,
    /// A question for GitHub after the commit.
    pub(super) look: Option<Refetch>,
    /// A question for GitHub that must be answered before the command can be decided.
    pub(super) question: Option<HeadQuestion>,
    /// Counts for the report of a sync.
    pub(super) tally: SyncStats,
    /// Issues that were open in the mirror and are closed now.
    pub(super) closed: u64,
}

impl<'a> Effects<'a> {
    pub(super) fn new(view: &'a View) -> Self {
        Self {
            view,
            repos: Overlay::new(&view.repos),
            names: Vec::new(),
            issues: Overlay::new(&view.issues),
            claims: Overlay::new(&view.claims),
            pulls: Overlay::new(&view.pulls),
            followups: Overlay::new(&view.followups),
            sources: Overlay::new(&view.sources),
            texts: Overlay::new(&view.texts),
            places: RefCell::default(),
            waits: Waits::default(),
            other: Vec::new(),
            events: Vec::new(),
            look: None,
            question: None,
            tally: SyncStats::default(),
            closed: 0,
        }
    }

    pub(super) fn put_repo(&mut self, repo: Repo) {
        self.repos.put(repo);
    }

    /// Gives a name to a repository, even if another one had it.
    pub(super) fn put_name(&mut self, name: RepoName, repo: RepoId) {
        self.names.push((name, repo));
    }

    pub(super) fn put_issue(&mut self, issue: MirroredIssue) {
        self.issues.put(issue);
    }

    /// The issues that the command changed.
    pub(super) fn changed_issues(&self) -> impl Iterator<Item = &MirroredIssue> {
        self.issues.changed().values()
    }

    /// The pull requests that the command changed.
    pub(super) fn changed_pulls(&self) -> impl Iterator<Item = &Pull> {
        self.pulls.changed().values()
    }

    /// The claims that the command changed.
    pub(super) fn changed_claims(&self) -> impl Iterator<Item = &Claim> {
        self.claims.changed().values()
    }

    /// The follow-ups that the command changed.
    pub(super) fn changed_followups(&self) -> impl Iterator<Item = &Followup> {
        self.followups.changed().values()
    }

    pub(super) fn put_claim(&mut self, claim: Claim) {
        self.claims.put(claim);
    }

    pub(super) fn put_pull(&mut self, pull: Pull) {
        self.pulls.put(pull);
    }

    pub(super) fn put_followup(&mut self, item: Followup) {
        self.followups.put(item);
    }

    /// Returns an item for changes in place. It is copied once, however many of its feedback events are judged.
    pub(super) fn edit_followup(&mut self, id: WorkItemId) -> Option<&mut Followup> {
        self.followups.edit(&id)
    }

    /// The position of a feedback event in an item. An item may have thousands of them that are judged in turn, so the first
    /// search caches all positions. A cached position is checked before use.
    pub(super) fn place_in(&self, item: &Followup, id: &SourceId) -> Option<usize> {
        let is_at = |n: usize| item.sources.get(n).is_some_and(|source| source.id == *id);
        let known = self.places.borrow().get(id).copied();
        if let Some(n) = known.filter(|n| is_at(*n)) {
            return Some(n);
        }
        let found = item.sources.iter().position(|source| source.id == *id)?;
        let places = item.sources.iter().enumerate();
        let places = places.map(|(n, source)| (source.id.clone(), n));
        self.places.borrow_mut().extend(places);
        Some(found)
    }

    /// Drops an item that this command created.
    pub(super) fn unmake_followup(&mut self, id: WorkItemId) {
        self.followups.undo(&id);
    }

    pub(super) fn put_source(&mut self, row: KnownSource) {
        self.sources.put(row);
    }

    /// Keeps the text of a feedback event that is in no open item.
    pub(super) fn put_text(&mut self, text: FeedbackEvent) {
        self.texts.put(text);
    }

    /// Asks for a refetch of this pull request after the commit.
    pub(super) fn request_refetch(&mut self, repo: &Repo, pull: &Pull) {
        let look = Refetch::Pull(repo.facts.name.clone(), pull.facts.number);
        self.look.get_or_insert(look);
    }

    /// Writes a row of a plain table. No rule reads it back within the command.
    pub(super) fn put_row(&mut self, row: impl Into<PlainRow>) {
        self.other.push(Change::Row(row.into()));
    }

    pub(super) fn put_other(&mut self, change: Change) {
        self.other.push(change);
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Whether an event of this command already reports this claim.
    pub(super) fn has_event_of(&self, claim: ClaimId) -> bool {
        self.events.iter().any(|event| event.claim == Some(claim))
    }

    /// The id of the next new repository.
    pub(super) fn next_repo(&self) -> RepoId {
        let next = self.view.next_repo();
        let last = self.repos.changed().keys().next_back();
        last.map_or(next, |last| next.max(RepoId(last.0 + 1)))
    }

    pub(super) fn has_new_repo(&self) -> bool {
        !self.repos.changed().is_empty()
    }

    pub(super) fn has_issue(&self, key: IssueKey) -> bool {
        self.issues.changed().contains_key(&key)
    }

    /// The answer that carries the counts.
    pub(super) fn counted(&self, more: bool) -> Outcome {
        Outcome::Done(Answer::Tally {
            tally: self.tally,
            closed: self.closed,
            more,
        })
    }

    /// Drops all changes and events if the command was refused or lacks data.
    pub(super) fn into_decision(self, outcome: Outcome) -> Decision {
        match outcome {
            Outcome::Done(_) => {}
            Outcome::Refused(_) | Outcome::Missing(_) => {
                return Decision {
                    changes: Vec::new(),
                    events: Vec::new(),
                    outcome,
                };
            }
        }
        let names = self.names.into_iter();
        let issues = self.issues.into_changed().map(Box::new);
        let claims = self.claims.into_changed().map(Box::new);
        let pulls = self.pulls.into_changed().map(Box::new);
        let followups = self.followups.into_changed().map(Box::new);
        let texts = self.texts.into_changed().map(Box::new);
        let changes = (self.repos.into_changed().map(Change::Repo))
            .chain(names.map(|(name, repo)| Change::Name(name, repo)))
            .chain(issues.map(Change::Issue))
            .chain(claims.map(Change::Claim))
            .chain(pulls.map(Change::Pull))
            .chain(followups.map(Change::Followup))
            .chain(self.sources.into_changed().map(Change::Source))
            .chain(texts.map(Change::Text))
            .chain(self.waits.into_changes(self.view))
            .chain(self.other)
            .collect();
        Decision {
            changes,
            events: self.events,
            outcome,
        }
    }
}

impl Rows for Effects<'_> {
    fn repo_table(&self) -> &impl Lookup<Repo> {
        &self.repos
    }

    fn issue_table(&self) -> &impl Lookup<MirroredIssue> {
        &self.issues
    }

    fn claim_table(&self) -> &impl Lookup<Claim> {
        &self.claims
    }

    fn pull_table(&self) -> &impl Lookup<Pull> {
        &self.pulls
    }

    fn followup_table(&self) -> &impl Lookup<Followup> {
        &self.followups
    }

    fn source_table(&self) -> &impl Lookup<KnownSource> {
        &self.sources
    }

    fn text_table(&self) -> &impl Lookup<FeedbackEvent> {
        &self.texts
    }

    fn repo_named(&self, name: &RepoName) -> Option<&Repo> {
        let given = self.names.iter().rev().find(|(given, _)| given == name);
        let id = match given {
            Some((_, id)) => *id,
            None => self.view.repo_named(name)?.id,
        };
        self.repos.get(&id)
    }

    fn active_on(&self, key: IssueKey) -> Option<&Claim> {
        let changed = self.claims.changed();
        let kept = |claim: &&Claim| !changed.contains_key(&claim.id);
        let mut rows = changed.values();
        rows.find(|claim| claim.key() == key && claim.is_active())
            .or_else(|| self.view.active_on(key).filter(kept))
    }

    /// Finds the feedback event by its position, see [`Effects::place_in`].
    fn text_in_item(&self, id: &SourceId) -> Option<&FeedbackEvent> {
        let item = self.source(id).and_then(|row| self.followup(row.item?));
        item.filter(|item| !item.status.is_terminal())
            .and_then(|item| item.sources.get(self.place_in(item, id)?))
    }
}
