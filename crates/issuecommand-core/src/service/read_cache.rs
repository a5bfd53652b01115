//! A cache of GitHub reads for callers, with a limit per principal: recent results are reused, and no principal uses more than
//! its share of the hourly budget.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::failure::{GithubError, GithubErrorKind};
use crate::domain::id::{IssueKey, Principal};
use crate::domain::time::{Millis, Timestamp};
use crate::ports::github::{Budget, TaggedComments};

/// Divisor for one principal's hourly share of the remaining budget: a quarter.
const SHARE: i64 = 4;
/// Divisor for the part of the hourly budget that is reserved for claims and the sync: a fifth.
const RESERVE: i64 = 5;
const HOUR: Millis = Millis::minutes(60);
/// Cache limits: issues with comments, bytes of all comments, and bytes of one issue's comments.
const KEPT: usize = 500;
const BYTES: usize = 8 << 20;
const ONE: usize = 1 << 20;
/// When this many principals are counted, those whose hour is over are dropped.
const PRINCIPALS: usize = 10_000;

/// The cache and the counters of this process.
#[derive(Debug)]
pub(super) struct Reads {
    /// How long results are reused (`ISSUE_CHECK_SECONDS`).
    age: Millis,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    kept: BTreeMap<IssueKey, Kept>,
    windows: BTreeMap<Principal, Window>,
}

/// GitHub's last answer to a request for an issue's details.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) at: Timestamp,
    /// `None` if GitHub shows no such issue.
    pub(super) comments: Option<TaggedComments>,
}

/// The requests that one principal has spent within an hour.
#[derive(Clone, Copy, Debug)]
struct Window {
    since: Timestamp,
    allowed: i64,
    spent: i64,
}

/// Why GitHub is not asked, with the time until it may be asked again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    /// The rest of the budget is reserved for claims and the sync.
    Reserve(Millis),
    /// The principal has used its share.
    Share(Millis),
}

impl Spent {
    /// The text for callers.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Reserve(_) => {
                "what is left of this hour's requests to GitHub is kept for claims and the sync"
            }
            Self::Share(_) => {
                "this caller's reads have taken their share of this hour's requests to GitHub"
            }
        }
    }

    fn length(self) -> Millis {
        match self {
            Self::Reserve(length) | Self::Share(length) => length,
        }
    }
}

impl From<Spent> for GithubError {
    fn from(spent: Spent) -> Self {
        Self {
            kind: GithubErrorKind::Limited,
            retry_after: Some(spent.length()),
            status: None,
            detail: format!("not asked: {}", spent.words()),
        }
    }
}

impl Reads {
    pub(super) fn new(age: Millis) -> Self {
        Self {
            age,
            state: Mutex::default(),
        }
    }

    /// The cached result of an issue, whatever its age, and whether it is recent enough to reuse.
    pub(super) fn kept(&self, key: IssueKey, now: Timestamp) -> (Option<Kept>, bool) {
        let kept = self.lock().kept.get(&key).cloned();
        let recent = kept
            .as_ref()
            .is_some_and(|kept| kept.at <= now && now < kept.at.plus(self.age));
        (kept, recent)
    }

    pub(super) fn keep(&self, key: IssueKey, kept: Kept) {
        let mut state = self.lock();
        state.kept.remove(&key);
        if kept.bytes() <= ONE {
            state.kept.insert(key, kept);
        }
        let mut bytes: usize = state.kept.values().map(Kept::bytes).sum();
        while state.kept.len() > KEPT || bytes > BYTES {
            let oldest = state.kept.iter().min_by_key(|(_, kept)| kept.at);
            let Some((key, kept)) = oldest.map(|(key, kept)| (*key, kept.bytes())) else {
                return;
            };
            bytes -= kept;
            state.kept.remove(&key);
        }
    }

    /// Charges requests to a principal. Nothing is counted if GitHub reports no budget or if requests must wait anyway.
    pub(super) fn pay(
        &self,
        principal: &Principal,
        requests: i64,
        budget: &Budget,
        now: Timestamp,
    ) -> Result<(), Spent> {
        let (Some(remaining), Some(limit), None) = (budget.remaining, budget.limit, budget.waiting)
        else {
            return Ok(());
        };
        if remaining - requests < limit / RESERVE {
            let reset = budget.resets_at.unwrap_or(now.plus(Millis::minutes(1)));
            let length = Millis((reset.0 - now.0).clamp(1_000, HOUR.0));
            return Err(Spent::Reserve(length));
        }
        let mut state = self.lock();
        if state.windows.len() >= PRINCIPALS {
            state.windows.retain(|_, window| window.runs(now));
        }
        let fresh = Window {
            since: now,
            allowed: remaining / SHARE,
            spent: 0,
        };
        let window = state.windows.entry(principal.clone()).or_insert(fresh);
        if !window.runs(now) {
            *window = fresh;
        }
        if window.spent + requests > window.allowed {
            let end = window.since.plus(HOUR);
            return Err(Spent::Share(Millis((end.0 - now.0).clamp(1_000, HOUR.0))));
        }
        window.spent += requests;
        Ok(())
    }

    /// Corrects a charge by the difference between the real and the estimated cost.
    pub(super) fn settle(&self, principal: &Principal, more: i64) {
        if let Some(window) = self.lock().windows.get_mut(principal) {
            window.spent = (window.spent + more).max(0);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic cannot leave this state inconsistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn bytes(&self) -> usize {
        let comments = self
            .comments
            .iter()
            .flat_map(|tagged| &tagged.list.comments);
        comments.map(|comment| comment.body.len() + 200).sum()
    }
}

impl Window {
    fn runs(&self, now: Timestamp) -> bool {
        self.since <= now && now < self.since.plus(HOUR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{IssueNumber, RepoId};
    use crate::domain::issue::{Comment, CommentList};

    fn budget(remaining: i64) -> Budget {
        Budget {
            remaining: Some(remaining),
            limit: Some(1_000),
            resets_at: Some(Timestamp(HOUR.0)),
            waiting: None,
        }
    }

    #[test]
    fn a_principal_has_a_quarter_of_what_is_left_for_an_hour() {
        let reads = Reads::new(Millis::minutes(1));
        let (one, other) = (Principal::ApiKey, Principal::Local);
        let pay = |who, at| reads.pay(who, 2, &budget(1_000), Timestamp(at));
        for _ in 0..125 {
            assert_eq!(pay(&one, 0), Ok(()));
        }
        assert_eq!(pay(&one, 0), Err(Spent::Share(HOUR)));
        assert_eq!(pay(&other, 0), Ok(()));
        reads.settle(&one, -2);
        assert_eq!(pay(&one, HOUR.0 - 1), Ok(()));
        assert_eq!(pay(&one, HOUR.0 - 1), Err(Spent::Share(Millis(1_000))));
        assert_eq!(pay(&one, HOUR.0), Ok(()));
    }

    #[test]
    fn a_fifth_is_kept_for_others() {
        let reads = Reads::new(Millis::minutes(1));
        let who = Principal::Local;
        assert_eq!(reads.pay(&who, 2, &budget(202), Timestamp(0)), Ok(()));
        let spent = reads.pay(&who, 2, &budget(201), Timestamp(0));
        assert_eq!(spent, Err(Spent::Reserve(HOUR)));
        // No limit is reported, or requests must wait anyway.
        let unknown = Budget::default();
        let waiting = Budget {
            waiting: Some(Millis(5)),
            ..budget(0)
        };
        for budget in [unknown, waiting] {
            assert_eq!(reads.pay(&who, 2, &budget, Timestamp(0)), Ok(()));
        }
    }

    #[test]
    fn the_cache_is_bounded() {
        let reads = Reads::new(Millis::minutes(1));
        let n = |n: i64| (RepoId(1), IssueNumber::new(n).unwrap());
        let kept = |at: i64, length: usize| Kept {
            at: Timestamp(at),
            comments: Some(TaggedComments {
                list: CommentList::from(vec![Comment {
                    author: None,
                    body: "x".repeat(length),
                    created_at: Timestamp(0),
                    url: None,
                }]),
                etag: None,
            }),
        };
        reads.keep(n(1), kept(0, ONE));
        assert!(reads.kept(n(1), Timestamp(0)).0.is_none(), "too long");
        for at in 1..=600 {
            reads.keep(n(at), kept(at, 100_000));
        }
        let now = Timestamp(600);
        assert!(reads.kept(n(500), now).0.is_none());
        let (kept, recent) = reads.kept(n(600), now);
        assert!(kept.is_some() && recent);
        let later = now.plus(Millis::minutes(1));
        assert!(!reads.kept(n(600), later).1);
        let bytes: usize = reads.lock().kept.values().map(Kept::bytes).sum();
        assert!(bytes <= BYTES);
    }
}
