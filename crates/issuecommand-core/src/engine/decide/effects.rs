//! What one command changes, gathered as its rules go. Rules read through it, so that a later rule of the same command sees
//! what an earlier one wrote, and each row is written once, with the last word on it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::Decision;
use crate::domain::claim::Claim;
use crate::domain::event::{Event, SyncStats};
use crate::domain::followup::{FeedbackEvent, Followup, KnownSource, SourceId, WorkItemId};
use crate::domain::id::{ClaimId, IssueKey, PullKey, RepoId};
use crate::domain::issue::MirroredIssue;
use crate::domain::pull_request::Pull;
use crate::domain::repo::Repo;
use crate::domain::repo_name::RepoName;
use crate::domain::webhook::Refetch;
use crate::engine::change::Change;
use crate::engine::command::{Answer, HeadQuestion, Outcome};
use crate::engine::view::{Rows, View};

/// The changed rows over the view that they were read from, the events, and what the caller is told besides.
#[derive(Debug)]
pub(super) struct Effects<'a> {
    view: &'a View,
    repos: BTreeMap<RepoId, Repo>,
    names: Vec<(RepoName, RepoId)>,
    issues: BTreeMap<IssueKey, MirroredIssue>,
    claims: BTreeMap<ClaimId, Claim>,
    pulls: BTreeMap<PullKey, Pull>,
    followups: BTreeMap<WorkItemId, Followup>,
    sources: BTreeMap<SourceId, KnownSource>,
    texts: BTreeMap<SourceId, FeedbackEvent>,
    /// Where events stand in their items, see [`Effects::place_in`].
    places: RefCell<BTreeMap<SourceId, usize>>,
    /// Changes that no rule reads back within its command.
    other: Vec<Change>,
    events: Vec<Event>,
    /// What GitHub should be asked after the commit.
    pub(super) look: Option<Refetch>,
    /// What GitHub must be asked before the command can be decided.
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
            repos: BTreeMap::new(),
            names: Vec::new(),
            issues: BTreeMap::new(),
            claims: BTreeMap::new(),
            pulls: BTreeMap::new(),
            followups: BTreeMap::new(),
            sources: BTreeMap::new(),
            texts: BTreeMap::new(),
            places: RefCell::default(),
            other: Vec::new(),
            events: Vec::new(),
            look: None,
            question: None,
            tally: SyncStats::default(),
            closed: 0,
        }
    }

    pub(super) fn put_repo(&mut self, repo: Repo) {
        self.repos.insert(repo.id, repo);
    }

    /// Gives a name to a repository, whosever it was.
    pub(super) fn put_name(&mut self, name: RepoName, repo: RepoId) {
        self.names.push((name, repo));
    }

    pub(super) fn put_issue(&mut self, issue: MirroredIssue) {
        self.issues.insert(issue.key(), issue);
    }

    pub(super) fn put_claim(&mut self, claim: Claim) {
        self.claims.insert(claim.id, claim);
    }

    pub(super) fn put_pull(&mut self, pull: Pull) {
        self.pulls.insert(pull.key(), pull);
    }

    pub(super) fn put_followup(&mut self, item: Followup) {
        self.followups.insert(item.id, item);
    }

    /// An item, to be changed in place: copied once, however many of its events are judged.
    pub(super) fn edit_followup(&mut self, id: WorkItemId) -> Option<&mut Followup> {
        if !self.followups.contains_key(&id) {
            let item = self.view.followup(id)?.clone();
            self.followups.insert(id, item);
        }
        self.followups.get_mut(&id)
    }

    /// Where an event stands in an item. The places are remembered from the first search on, since an item may have thousands
    /// of events that are judged one after the other; each is checked before it is believed.
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

    /// Forgets an item that this command made.
    pub(super) fn unmake_followup(&mut self, id: WorkItemId) {
        self.followups.remove(&id);
    }

    pub(super) fn put_source(&mut self, row: KnownSource) {
        self.sources.insert(row.id.clone(), row);
    }

    /// The text of an event that is in no open item, to be kept.
    pub(super) fn put_text(&mut self, text: FeedbackEvent) {
        self.texts.insert(text.id.clone(), text);
    }

    /// GitHub should be asked for all there is on this pull request.
    pub(super) fn look_at_pull(&mut self, repo: &Repo, pull: &Pull) {
        let look = Refetch::Pull(repo.facts.name.clone(), pull.facts.number);
        self.look.get_or_insert(look);
    }

    pub(super) fn put_other(&mut self, change: Change) {
        self.other.push(change);
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Whether an event tells of this claim already.
    pub(super) fn tells_of(&self, claim: ClaimId) -> bool {
        self.events.iter().any(|event| event.claim == Some(claim))
    }

    /// The number that the next new repository gets.
    pub(super) fn next_repo(&self) -> RepoId {
        let next = self.view.next_repo();
        let last = self.repos.keys().next_back();
        last.map_or(next, |last| next.max(RepoId(last.0 + 1)))
    }

    pub(super) fn has_new_repo(&self) -> bool {
        !self.repos.is_empty()
    }

    pub(super) fn has_issue(&self, key: IssueKey) -> bool {
        self.issues.contains_key(&key)
    }

    /// The counts of what was seen, as an answer.
    pub(super) fn counted(&self, more: bool) -> Outcome {
        Outcome::Done(Answer::Tally {
            tally: self.tally,
            closed: self.closed,
            more,
        })
    }

    /// A refusal and a missing piece of knowledge change nothing, whatever was gathered.
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
        let changes = (self.repos.into_values().map(Change::Repo))
            .chain(names.map(|(name, repo)| Change::Name(name, repo)))
            .chain(boxed(self.issues, Change::Issue))
            .chain(boxed(self.claims, Change::Claim))
            .chain(boxed(self.pulls, Change::Pull))
            .chain(boxed(self.followups, Change::Followup))
            .chain(self.sources.into_values().map(Change::Source))
            .chain(boxed(self.texts, Change::Text))
            .chain(self.other)
            .collect();
        Decision {
            changes,
            events: self.events,
            outcome,
        }
    }
}

fn boxed<K, T>(rows: BTreeMap<K, T>, change: fn(Box<T>) -> Change) -> impl Iterator<Item = Change> {
    rows.into_values().map(move |row| change(Box::new(row)))
}

impl Rows for Effects<'_> {
    fn repos(&self) -> impl Iterator<Item = &Repo> {
        let kept = |repo: &&Repo| !self.repos.contains_key(&repo.id);
        (self.view.repos().filter(kept)).chain(self.repos.values())
    }

    fn repo_named(&self, name: &RepoName) -> Option<&Repo> {
        let given = self.names.iter().rev().find(|(given, _)| given == name);
        let id = match given {
            Some((_, id)) => *id,
            None => self.view.repo_named(name)?.id,
        };
        self.repos().find(|repo| repo.id == id)
    }

    fn issue(&self, key: IssueKey) -> Option<&MirroredIssue> {
        self.issues.get(&key).or_else(|| self.view.issue(key))
    }

    fn claim(&self, id: ClaimId) -> Option<&Claim> {
        self.claims.get(&id).or_else(|| self.view.claim(id))
    }

    fn claims(&self) -> impl Iterator<Item = &Claim> {
        let kept = |claim: &&Claim| !self.claims.contains_key(&claim.id);
        (self.view.claims().filter(kept)).chain(self.claims.values())
    }

    fn active_on(&self, key: IssueKey) -> Option<&Claim> {
        let mut changed = self.claims.values();
        let kept = |claim: &&Claim| !self.claims.contains_key(&claim.id);
        changed
            .find(|claim| claim.key() == key && claim.is_active())
            .or_else(|| self.view.active_on(key).filter(kept))
    }

    fn pull(&self, key: PullKey) -> Option<&Pull> {
        self.pulls.get(&key).or_else(|| self.view.pull(key))
    }

    fn pulls(&self) -> impl Iterator<Item = &Pull> {
        let kept = |pull: &&Pull| !self.pulls.contains_key(&pull.key());
        (self.view.pulls().filter(kept)).chain(self.pulls.values())
    }

    fn followup(&self, id: WorkItemId) -> Option<&Followup> {
        self.followups.get(&id).or_else(|| self.view.followup(id))
    }

    fn followups(&self) -> impl Iterator<Item = &Followup> {
        let kept = |item: &&Followup| !self.followups.contains_key(&item.id);
        (self.view.followups().filter(kept)).chain(self.followups.values())
    }

    fn source(&self, id: &SourceId) -> Option<&KnownSource> {
        self.sources.get(id).or_else(|| self.view.source(id))
    }

    fn sources(&self) -> impl Iterator<Item = &KnownSource> {
        let kept = |row: &&KnownSource| !self.sources.contains_key(&row.id);
        (self.view.sources().filter(kept)).chain(self.sources.values())
    }

    fn kept_text(&self, id: &SourceId) -> Option<&FeedbackEvent> {
        self.texts.get(id).or_else(|| self.view.kept_text(id))
    }

    fn text_in_item(&self, id: &SourceId) -> Option<&FeedbackEvent> {
        let item = self.source(id).and_then(|row| self.followup(row.item?));
        item.filter(|item| !item.status.is_terminal())
            .and_then(|item| item.sources.get(self.place_in(item, id)?))
    }
}
