//! What the engine sees: the rows that a batch needs, as they are now, changed by the batch's own decisions as it goes.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::{Change, ClaimWrite, Fence, Remembered, Trim, Writes};
use crate::claim::Claim;
use crate::event::Event;
use crate::id::{ClaimId, IssueKey, Principal, RepoId};
use crate::issue::{IssueState, MirroredIssue};
use crate::lease::Lease;
use crate::needs::WindowNeed;
use crate::outbox::{OutboxEntry, OutboxId};
use crate::repo::{Repo, RepoName};
use crate::time::Timestamp;

/// A list of candidates in serving order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Their keys; the rows are in the view.
    pub keys: Vec<IssueKey>,
    /// There are no others.
    pub complete: bool,
}

#[derive(Clone, Debug)]
struct ClaimSlot {
    row: Claim,
    before: Option<Fence>,
    /// Entries of the history that the store has.
    stored: usize,
    touched: bool,
}

/// See the module. A store fills it by the `load_…` functions and takes the result with [`View::into_writes`].
#[derive(Clone, Debug, Default)]
pub struct View {
    repos: BTreeMap<RepoId, Repo>,
    names: BTreeMap<String, RepoId>,
    next_repo: i64,
    issues: BTreeMap<IssueKey, MirroredIssue>,
    claims: BTreeMap<ClaimId, ClaimSlot>,
    active: BTreeMap<IssueKey, ClaimId>,
    windows: BTreeMap<WindowNeed, Window>,
    unsynced: Vec<RepoName>,
    knows_repos: bool,
    expired: Vec<ClaimId>,
    page: Vec<IssueKey>,
    outbox: BTreeMap<OutboxId, OutboxEntry>,
    remembered: BTreeMap<(Principal, String), Remembered>,
    leases: BTreeMap<String, Lease>,
    touched: Touched,
}

/// What the batch changed so far.
#[derive(Clone, Debug, Default)]
struct Touched {
    repos: BTreeSet<RepoId>,
    names: Vec<(String, RepoId)>,
    reoffer: BTreeSet<RepoId>,
    issues: BTreeSet<IssueKey>,
    ready: BTreeSet<IssueKey>,
    leases: BTreeSet<String>,
    outbox: BTreeSet<OutboxId>,
    outbox_done: Vec<OutboxId>,
    remember: BTreeSet<(Principal, String)>,
    trust: Vec<(RepoId, Timestamp)>,
    trim: Option<Trim>,
    last_sync: Option<Timestamp>,
    priority_source: Option<String>,
    events: Vec<Event>,
    /// An issue was freed or changed: lists of candidates say no longer what they would.
    candidates: bool,
    /// A repository changed, or what is believed of its issues, or rows were trimmed: what was loaded is no longer what would
    /// be.
    ground: bool,
}

/// Loading, by a store.
impl View {
    /// A view in which a new repository will get this number, the lowest that was never given.
    pub fn new(next_repo: i64) -> Self {
        Self {
            next_repo,
            ..Self::default()
        }
    }

    /// A repository.
    pub fn load_repo(&mut self, repo: Repo) {
        self.repos.insert(repo.id, repo);
    }

    /// A name under which a repository is or was known. What the repository calls itself proves nothing: another one may have
    /// taken the name since.
    pub fn load_name(&mut self, key: String, repo: RepoId) {
        self.names.insert(key, repo);
    }

    /// A mirrored issue.
    pub fn load_issue(&mut self, issue: MirroredIssue) {
        self.issues.insert(issue.key(), issue);
    }

    /// A claim with its whole history.
    pub fn load_claim(&mut self, claim: Claim) {
        if claim.is_active() {
            self.active.insert(claim.key(), claim.id);
        }
        let before = Some(Fence {
            status: claim.status,
            last_updated: claim.last_updated,
        });
        let stored = claim.history.len();
        self.claims.insert(
            claim.id,
            ClaimSlot {
                row: claim,
                before,
                stored,
                touched: false,
            },
        );
    }

    /// A list of candidates; their rows are loaded too.
    pub fn load_window(&mut self, need: WindowNeed, window: Window) {
        self.windows.insert(need, window);
    }

    /// Whether any repository is known, and the offered ones that were never synced.
    pub fn load_unsynced(&mut self, knows_repos: bool, unsynced: Vec<RepoName>) {
        self.knows_repos = knows_repos;
        self.unsynced = unsynced;
    }

    /// Expired claims, loaded too.
    pub fn load_expired(&mut self, expired: Vec<ClaimId>) {
        self.expired = expired;
    }

    /// A page of the mirror, loaded too.
    pub fn load_page(&mut self, page: Vec<IssueKey>) {
        self.page = page;
    }

    /// An outbox entry.
    pub fn load_outbox(&mut self, entry: OutboxEntry) {
        self.outbox.insert(entry.id, entry);
    }

    /// A remembered answer.
    pub fn load_remembered(&mut self, remembered: Remembered) {
        self.remembered.insert(
            (remembered.principal.clone(), remembered.key.clone()),
            remembered,
        );
    }

    /// A lease.
    pub fn load_lease(&mut self, lease: Lease) {
        self.leases.insert(lease.name.clone(), lease);
    }
}

/// Looking, by the engine.
impl View {
    pub(crate) fn repo_named(&self, name: &RepoName) -> Option<&Repo> {
        self.repos.get(self.names.get(name.key())?)
    }

    pub(crate) fn all_repos(&self) -> impl Iterator<Item = &Repo> {
        self.repos.values()
    }

    pub(crate) fn next_repo(&self) -> RepoId {
        RepoId(self.next_repo)
    }

    pub(crate) fn issue(&self, key: IssueKey) -> Option<&MirroredIssue> {
        self.issues.get(&key)
    }

    pub(crate) fn claim(&self, id: ClaimId) -> Option<&Claim> {
        self.claims.get(&id).map(|slot| &slot.row)
    }

    pub(crate) fn active_on(&self, key: IssueKey) -> Option<&Claim> {
        self.claim(*self.active.get(&key)?)
    }

    /// Open, offered, undoubted, held by nobody.
    pub(crate) fn is_ready(&self, key: IssueKey) -> bool {
        self.issues
            .get(&key)
            .is_some_and(|issue| issue.facts.state == IssueState::Open && issue.doubt.is_none())
            && self.repos.get(&key.0).is_some_and(|repo| repo.offered)
            && !self.active.contains_key(&key)
    }

    pub(crate) fn window(&self, need: &WindowNeed) -> Option<&Window> {
        self.windows.get(need)
    }

    /// Whether the lists of candidates are still what a store would load now, but for what was taken from them.
    pub(crate) fn has_good_windows(&self) -> bool {
        !self.touched.candidates
    }

    /// Whether the batch changed what its later commands were loaded by.
    pub(crate) fn is_outdated(&self) -> bool {
        self.touched.ground
    }

    pub(crate) fn knows_repos(&self) -> bool {
        self.knows_repos
    }

    pub(crate) fn unsynced(&self) -> &[RepoName] {
        &self.unsynced
    }

    pub(crate) fn expired(&self) -> &[ClaimId] {
        &self.expired
    }

    pub(crate) fn page(&self) -> &[IssueKey] {
        &self.page
    }

    pub(crate) fn outbox(&self, id: OutboxId) -> Option<&OutboxEntry> {
        self.outbox.get(&id)
    }

    pub(crate) fn remembered(&self, principal: &Principal, key: &str) -> Option<&Remembered> {
        self.remembered.get(&(principal.clone(), key.to_owned()))
    }

    pub(crate) fn lease(&self, name: &str) -> Option<&Lease> {
        self.leases.get(name)
    }
}

/// Changing, by the batch.
impl View {
    /// Takes a decision's changes and events, so that the next command of the batch sees them.
    pub fn apply(&mut self, changes: Vec<Change>, events: Vec<Event>) {
        self.touched.events.extend(events);
        for change in changes {
            self.apply_one(change);
        }
    }

    fn apply_one(&mut self, change: Change) {
        let touched = &mut self.touched;
        match change {
            Change::Repo(repo) => {
                self.next_repo = self.next_repo.max(repo.id.0 + 1);
                touched.repos.insert(repo.id);
                let before = self.repos.get(&repo.id).map(|old| old.offered);
                if before.is_some_and(|offered| offered != repo.offered) {
                    touched.reoffer.insert(repo.id);
                }
                touched.ground = true;
                self.load_repo(repo);
            }
            Change::Name(name, repo) => {
                touched.ground = true;
                touched.names.push((name.key().to_owned(), repo));
                self.load_name(name.key().to_owned(), repo);
            }
            Change::Issue(issue) => {
                touched.candidates = true;
                touched.issues.insert(issue.key());
                self.load_issue(*issue);
            }
            Change::Claim(claim) => self.put_claim(*claim),
            Change::Lease(lease) => {
                touched.leases.insert(lease.name.clone());
                self.load_lease(lease);
            }
            Change::Outbox(entry) => {
                touched.outbox.insert(entry.id);
                self.load_outbox(entry);
            }
            Change::OutboxDone(id) => {
                touched.outbox.remove(&id);
                touched.outbox_done.push(id);
                self.outbox.remove(&id);
            }
            Change::Remember(remembered) => {
                touched
                    .remember
                    .insert((remembered.principal.clone(), remembered.key.clone()));
                self.load_remembered(*remembered);
            }
            Change::Trust(repo, before) => {
                touched.ground = true;
                touched.trust.push((repo, before));
            }
            Change::Trim(trim) => {
                touched.ground = true;
                touched.trim = Some(trim);
            }
            Change::LastSync(at) => touched.last_sync = Some(at),
            Change::PrioritySource(source) => touched.priority_source = Some(source),
        }
    }

    fn put_claim(&mut self, claim: Claim) {
        let key = claim.key();
        let was = self.active.get(&key) == Some(&claim.id);
        if was != claim.is_active() {
            self.touched.ready.insert(key);
        }
        if claim.is_active() {
            self.active.insert(key, claim.id);
        } else if was {
            self.active.remove(&key);
            self.touched.candidates = true;
        }
        match self.claims.get_mut(&claim.id) {
            Some(slot) => (slot.row, slot.touched) = (claim, true),
            None => {
                self.claims.insert(
                    claim.id,
                    ClaimSlot {
                        row: claim,
                        before: None,
                        stored: 0,
                        touched: true,
                    },
                );
            }
        }
    }

    /// Everything that the batch changed, each row once.
    pub fn into_writes(mut self) -> Writes {
        let ready: Vec<_> = self
            .touched
            .ready
            .iter()
            .filter(|key| !self.touched.issues.contains(key) && self.issues.contains_key(key))
            .map(|key| (*key, self.is_ready(*key)))
            .collect();
        let issues: Vec<_> = self
            .touched
            .issues
            .iter()
            .filter_map(|key| Some((self.issues.get(key)?.clone(), self.is_ready(*key))))
            .collect();
        let mut claims: Vec<ClaimWrite> = std::mem::take(&mut self.claims)
            .into_values()
            .filter(|slot| slot.touched)
            .map(|slot| ClaimWrite {
                claim: slot.row,
                before: slot.before,
                new_from: slot.stored,
            })
            .collect();
        claims.sort_by_key(|write| write.claim.is_active());
        let touched = self.touched;
        Writes {
            repos: pick(&self.repos, &touched.repos),
            names: touched.names,
            issues,
            ready,
            claims,
            events: touched.events,
            leases: pick(&self.leases, &touched.leases),
            outbox: pick(&self.outbox, &touched.outbox),
            outbox_done: touched.outbox_done,
            remember: pick(&self.remembered, &touched.remember),
            trust: touched.trust,
            reoffer: touched.reoffer.into_iter().collect(),
            trim: touched.trim,
            last_sync: touched.last_sync,
            priority_source: touched.priority_source,
        }
    }
}

fn pick<K: Ord, T: Clone>(rows: &BTreeMap<K, T>, keys: &BTreeSet<K>) -> Vec<T> {
    keys.iter()
        .filter_map(|key| rows.get(key).cloned())
        .collect()
}
