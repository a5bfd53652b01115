//! Facts about a pull request, beyond its data, that decide which feedback waits. They only accumulate, so that the order of
//! arrival does not matter.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// The most heads that are kept for a pull request. The oldest are dropped first.
const HEADS: usize = 40;

/// A commit that was the head of a pull request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Head {
    /// Whether GitHub showed it as the head. Otherwise it is known only as the parent of a head.
    pub shown: bool,
    /// The last time at which GitHub showed it as the head.
    pub at: Option<Timestamp>,
    /// When it was pushed, if GitHub reported the push.
    pub pushed_at: Option<Timestamp>,
    /// Whether GitHub was asked about the commit, even if it could not answer.
    pub looked_up: bool,
    /// The former head into which this commit only merges the base branch.
    pub merges_base_into: Option<String>,
}

impl Head {
    fn last(&self) -> Option<Timestamp> {
        self.at.max(self.pushed_at)
    }
}

/// See the module. All times are GitHub's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Activity {
    /// The newest time at which GitHub said whether it is open.
    pub state_at: Option<Timestamp>,
    /// For each reviewer, in lower case, when the last approval or dismissed review was submitted. It ends the reviewer's
    /// earlier requests.
    pub verdicts: BTreeMap<String, Timestamp>,
    /// The commits that were its head.
    pub heads: BTreeMap<String, Head>,
}

impl Activity {
    /// Records an approval, or a dismissed review that was submitted at this time.
    pub fn record_verdict(&mut self, reviewer: &str, submitted: Timestamp) {
        let last = self
            .verdicts
            .entry(reviewer.to_lowercase())
            .or_insert(submitted);
        *last = submitted.max(*last);
    }

    /// Records that this commit was the head at this time.
    pub fn record_head(&mut self, sha: &str, at: Timestamp) {
        let head = self.heads.entry(sha.to_owned()).or_default();
        (head.shown, head.at) = (true, head.at.max(Some(at)));
        self.forget();
    }

    /// Records that this commit was the head earlier.
    pub fn record_earlier_head(&mut self, sha: &str) {
        self.heads.entry(sha.to_owned()).or_default().shown = true;
        self.forget();
    }

    /// Records a push of this commit.
    pub fn record_push(&mut self, sha: &str, at: Timestamp) {
        let head = self.heads.entry(sha.to_owned()).or_default();
        (head.shown, head.pushed_at) = (true, head.pushed_at.max(Some(at)));
        self.forget();
    }

    /// Records GitHub's answer about the commit, or that there was none.
    pub fn record_commit(&mut self, sha: &str, merges_base_into: Option<String>) {
        let head = self.heads.entry(sha.to_owned()).or_default();
        head.looked_up = true;
        head.merges_base_into = merges_base_into.or(head.merges_base_into.take());
        // A merge into an unknown commit may bring new work along, or be the second of two merges.
        let before = head.merges_base_into.clone();
        if let Some(before) = before.filter(|_| self.heads.len() < 2 * HEADS) {
            self.heads.entry(before).or_default();
        }
    }

    fn forget(&mut self) {
        let shown =
            |heads: &BTreeMap<String, Head>| heads.values().filter(|head| head.shown).count();
        while shown(&self.heads) > HEADS {
            let rows = self.heads.iter().filter(|(_, head)| head.shown);
            let Some((sha, _)) = rows.min_by_key(|(_, head)| head.last()) else {
                return;
            };
            let sha = sha.clone();
            self.heads.remove(&sha);
            let parents = self
                .heads
                .values()
                .filter_map(|head| head.merges_base_into.clone());
            let parents: BTreeSet<String> = parents.collect();
            self.heads
                .retain(|sha, head| head.shown || parents.contains(sha));
        }
    }

    /// The commits below this one, through merges of the base branch only.
    fn steps<'a>(&'a self, sha: &'a str) -> impl Iterator<Item = &'a str> {
        let mut seen = BTreeSet::from([sha]);
        let below = |sha: &&'a str| self.heads.get(*sha)?.merges_base_into.as_deref();
        std::iter::successors(below(&sha), below)
            .take_while(move |step| seen.insert(step) && self.heads.contains_key(*step))
    }

    /// The head without merges of the base branch on top.
    fn work<'a>(&'a self, sha: &'a str) -> &'a str {
        self.steps(sha).last().unwrap_or(sha)
    }

    /// The work that a reported push of this commit brought, and when. A merge of the base branch brings the commit it was
    /// merged into, unless that was the head before.
    fn push<'a>(&'a self, sha: &'a str, head: &Head) -> Option<(&'a str, Timestamp)> {
        let at = head.pushed_at?;
        let shown = |step: &str| self.heads.get(step).is_some_and(|head| head.shown);
        let new = !self.steps(sha).any(shown);
        new.then(|| (self.work(sha), at))
    }

    /// Pushes resolve all feedback up to this time: the last reported push, or the last time another commit was the head,
    /// because a push followed.
    pub fn pushed_until(&self, now_at_head: Option<&str>) -> Option<Timestamp> {
        let work = now_at_head.map(|sha| self.work(sha));
        let until = |(sha, head): (&String, &Head)| {
            let told = self.push(sha, head).map(|(_, at)| at);
            let other = work.is_some_and(|work| work != self.work(sha));
            told.max(head.last().filter(|_| other))
        };
        self.heads.iter().filter_map(until).max()
    }

    /// The commit to ask GitHub about before a push resolves feedback of this time, as it may only merge the base branch.
    /// `None` if a resolving push was looked up, or there was no head before.
    pub fn unknown_push<'a>(
        &'a self,
        said: Timestamp,
        now_at_head: Option<&'a str>,
    ) -> Option<&'a str> {
        if self.heads.len() < 2 {
            return None;
        }
        let known = |sha: &str| self.heads.get(sha).is_some_and(|head| head.looked_up);
        let rows = self.heads.iter();
        let told: Vec<_> = rows
            .filter_map(|(sha, head)| self.push(sha, head))
            .filter(|(_, at)| *at >= said)
            .collect();
        if !told.is_empty() {
            let newest = told.iter().max_by_key(|(_, at)| *at);
            let unknown = !told.iter().any(|(sha, _)| known(sha));
            return newest.map(|(sha, _)| *sha).filter(|_| unknown);
        }
        let work = now_at_head.map(|sha| self.work(sha))?;
        let last = self.heads.get(work)?.last();
        let rows = self.heads.iter();
        let passed: Vec<_> = rows
            .filter(|(sha, head)| self.work(sha) != work && head.last() >= Some(said))
            .collect();
        // For equal times the older message may have arrived last; then a head that seems replaced is the present one.
        let as_new = passed.iter().filter(|(_, head)| head.last() >= last);
        let as_new = as_new.map(|(sha, _)| self.work(sha));
        let mut asked = as_new.chain((!passed.is_empty()).then_some(work));
        asked.find(|sha| !known(sha))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(n: i64) -> Timestamp {
        Timestamp(n)
    }

    #[test]
    fn a_replaced_head_was_pushed_after_it_was_last_seen() {
        let words = [("a", 1), ("a", 3), ("b", 5), ("b", 7)];
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
            let mut activity = Activity::default();
            for n in order {
                activity.record_head(words[n].0, at(words[n].1));
            }
            assert_eq!(activity.pushed_until(Some("b")), Some(at(3)));
        }
    }

    #[test]
    fn a_merge_of_the_base_answers_nothing() {
        let mut activity = Activity::default();
        activity.record_head("a", at(1));
        activity.record_push("b", at(5));
        assert_eq!(activity.pushed_until(Some("b")), Some(at(5)));
        assert_eq!(activity.unknown_push(at(2), Some("b")), Some("b"));
        activity.record_commit("b", Some("a".to_owned()));
        assert_eq!(activity.pushed_until(Some("b")), None);
        assert_eq!(activity.unknown_push(at(2), Some("b")), None);
        // Work on top of it does, and so does a merge into a commit that comes with it.
        activity.record_push("c", at(9));
        assert_eq!(activity.unknown_push(at(2), Some("c")), Some("c"));
        activity.record_commit("c", None);
        assert_eq!(activity.pushed_until(Some("c")), Some(at(9)));
        activity.record_push("d", at(12));
        assert_eq!(activity.unknown_push(at(10), Some("d")), Some("d"));
        activity.record_commit("d", Some("x".to_owned()));
        assert_eq!(activity.unknown_push(at(10), Some("d")), Some("x"));
        let mut seen_later = activity.clone();
        activity.record_commit("x", None);
        assert_eq!(activity.pushed_until(Some("d")), Some(at(12)));
        assert_eq!(activity.unknown_push(at(10), Some("d")), None);
        // That one was the head before, and merged the base too.
        seen_later.record_earlier_head("x");
        assert_eq!(seen_later.pushed_until(Some("d")), Some(at(9)));
        seen_later.record_commit("x", Some("a".to_owned()));
        assert_eq!(seen_later.pushed_until(Some("d")), Some(at(9)));
    }

    #[test]
    fn the_first_head_is_no_push() {
        let mut activity = Activity::default();
        activity.record_head("a", at(1));
        assert_eq!(activity.pushed_until(Some("a")), None);
        assert_eq!(activity.unknown_push(at(0), Some("a")), None);
    }

    #[test]
    fn circles_of_commits_end() {
        let mut activity = Activity::default();
        for (sha, into) in [("a", "b"), ("b", "a")] {
            activity.record_head(sha, at(1));
            activity.record_commit(sha, Some(into.to_owned()));
        }
        activity.pushed_until(Some("a"));
    }

    #[test]
    fn heads_are_bounded_and_the_newest_stay() {
        let mut activity = Activity::default();
        for n in 0..200 {
            activity.record_head(&format!("c{n}"), at(n));
        }
        assert_eq!(activity.heads.len(), HEADS);
        assert!(activity.heads.contains_key("c199") && activity.heads.contains_key("c160"));
    }
}
