//! The rules for derived links: pure functions of the claim and the known pull requests, independent of the order of arrival.

use crate::domain::claim::{Claim, LinkOrigin};
use crate::domain::id::PullKey;
use crate::domain::pull_request::Pull;
use crate::domain::time::Timestamp;

/// The pull request that belongs to a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict<'a> {
    /// None, and the claim had none.
    Nothing,
    /// The one that the agent named.
    Named,
    /// This one, derived from GitHub's facts.
    Derived(&'a Pull),
    /// The derived link has ended, and no other pull request fits.
    Ended(End),
}

/// Why a derived link ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The pull request was closed without a merge.
    Closed,
    /// Its text or base no longer closes the issue.
    Reworded,
    /// It is in another repository than the issue.
    Elsewhere,
    /// It is older than the claim, or nothing proves that its author has write access.
    Unfit,
}

/// A claim and the facts that its link is judged by.
pub(super) struct Case<'a> {
    pub(super) claim: &'a Claim,
    /// When the claim was made, on GitHub's clock, in whole seconds as in GitHub's times.
    pub(super) made_at: Timestamp,
    /// Known pull requests: the linked one, the one that the agent named, and others.
    pub(super) pulls: Vec<&'a Pull>,
    /// The pull request of the current news.
    pub(super) told: PullKey,
}

impl<'a> Case<'a> {
    pub(super) fn judge(&self) -> Verdict<'a> {
        let has_derived = self.claim.link_origin() == Some(LinkOrigin::Derived);
        let derived = self.claim.pull.filter(|_| has_derived);
        let derived = derived.and_then(|key| self.pull(key));
        if let Some(named) = named_by_agent(self.claim) {
            let row = named.and_then(|key| self.pull(key));
            // An unknown one stands, unless a derived one has already replaced it.
            if row.map_or(!has_derived, |row| self.stands(row)) {
                return Verdict::Named;
            }
            let newer = |pull: &Pull| named.is_none_or(|key| is_newer(pull, key, row));
            let merged = derived.filter(|pull| pull.facts.merged && self.may_be(pull));
            let next = merged.or_else(|| self.first(|pull| self.fits(pull) && newer(pull)));
            return next.map_or(Verdict::Named, Verdict::Derived);
        }
        // A merge is final: no other pull request replaces one that was merged while its link stood.
        if let Some(merged) = derived.filter(|pull| pull.facts.merged && self.may_be(pull)) {
            return Verdict::Derived(merged);
        }
        // If the merge arrives before the opening, the pull request was still open during the claim.
        let was_merged =
            |pull: &Pull| pull.key() == self.told && pull.facts.merged && self.may_be(pull);
        match self.first(|pull| self.fits(pull) || was_merged(pull)) {
            Some(pull) => Verdict::Derived(pull),
            None if has_derived => Verdict::Ended(derived.map_or(End::Unfit, |it| self.end(it))),
            None => Verdict::Nothing,
        }
    }

    /// Other open pull requests that close the claim's issue.
    pub(super) fn rivals(&self, own: Option<PullKey>) -> impl Iterator<Item = &'a Pull> {
        let others = self.pulls.iter().copied();
        others.filter(move |pull| Some(pull.key()) != own && self.fits(pull))
    }

    /// Whether a pull request that the agent named still counts: it is open, or was merged after the claim was made.
    pub(super) fn stands(&self, pull: &Pull) -> bool {
        pull.facts.open || self.is_merged(pull)
    }

    /// Whether it was merged, and not before the claim was made.
    pub(super) fn is_merged(&self, pull: &Pull) -> bool {
        let at = pull.facts.merged_at;
        pull.facts.merged && at.is_none_or(|at| at >= self.made_at)
    }

    /// Whether it can become the claim's pull request: it is open and [`Case::may_be`] holds.
    fn fits(&self, pull: &Pull) -> bool {
        pull.facts.open && self.may_be(pull)
    }

    /// It is in the issue's repository, closes the issue, is by an author with write access, and was opened after the claim. An
    /// unknown age does not end an existing link.
    fn may_be(&self, pull: &Pull) -> bool {
        let is_own = self.claim.pull == Some(pull.key());
        let opened = pull.facts.created_at;
        pull.repo == self.claim.repo
            && pull.closing.issues.contains(&self.claim.number)
            && pull.facts.trusted
            && opened.map_or(is_own, |at| at >= self.made_at)
    }

    fn end(&self, pull: &Pull) -> End {
        if pull.repo != self.claim.repo {
            End::Elsewhere
        } else if !pull.facts.open && !pull.facts.merged {
            End::Closed
        } else if pull.closing.issues.contains(&self.claim.number) {
            End::Unfit
        } else {
            End::Reworded
        }
    }

    /// The one that has closed the issue for longest. The order of deliveries does not matter.
    fn first(&self, wanted: impl Fn(&Pull) -> bool) -> Option<&'a Pull> {
        let pulls = self.pulls.iter().copied().filter(|pull| wanted(pull));
        pulls.min_by_key(|pull| {
            let added = pull.closing.added.get(&self.claim.number).copied();
            let since = pull.facts.created_at.max(added);
            (since.max(pull.closing.reopened_at), pull.facts.number)
        })
    }

    pub(super) fn pull(&self, key: PullKey) -> Option<&'a Pull> {
        self.pulls.iter().copied().find(|pull| pull.key() == key)
    }
}

/// The pull request that the agent named last, even if a derived one replaced it. `Some(None)` is an address that resolves to
/// no pull request.
#[expect(
    clippy::option_option,
    reason = "an address that nobody can follow is named too"
)]
pub(super) fn named_by_agent(claim: &Claim) -> Option<Option<PullKey>> {
    match claim.link_origin()? {
        LinkOrigin::Agent => Some(claim.pull),
        LinkOrigin::Derived => {
            let replaces = claim.link.as_ref()?.replaces.as_ref()?;
            Some(replaces.pull)
        }
    }
}

/// Whether a pull request was opened after the other.
fn is_newer(pull: &Pull, key: PullKey, than: Option<&Pull>) -> bool {
    if pull.repo == key.0 {
        return pull.facts.number > key.1;
    }
    let opened = than.and_then(|than| than.facts.created_at);
    pull.facts.created_at > opened
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::claim::{Claim, ClaimStatus, Followed, Link, NamedPull, StatusEntry};
    use crate::domain::id::{AgentId, ClaimId, IssueNumber, Principal, RepoId};
    use crate::domain::pull_request::{Activity, Closing, PullRequestSnapshot, PullValidators};
    use crate::domain::repo_name::RepoName;

    const MADE: i64 = 100;

    fn n(number: i64) -> IssueNumber {
        IssueNumber::new(number).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp(second * 1000)
    }

    /// A claim of issue 1, made at second [`MADE`], with the link that the text describes.
    fn claim(link: &str) -> Claim {
        let status = ClaimStatus::InProgress;
        let (origin, pull) = match link.split_once(' ') {
            None => (None, None),
            Some(("agent", "text")) => (Some(LinkOrigin::Agent), None),
            Some(("agent", number)) => (Some(LinkOrigin::Agent), Some(number)),
            Some((_, number)) => (Some(LinkOrigin::Derived), Some(number)),
        };
        let (pull, replaced) = match pull.map(|pull| pull.split_once(" for ")) {
            Some(Some((pull, replaced))) => (Some(pull), Some(replaced)),
            _ => (pull, None),
        };
        let key = |number: &str| (RepoId(1), n(number.parse().unwrap()));
        Claim {
            earlier: 0,
            id: ClaimId(uuid::Uuid::nil()),
            agent: AgentId::parse("ann").unwrap(),
            principal: Principal::System,
            repo: RepoId(1),
            repo_name: RepoName::parse("acme/api").unwrap(),
            number: n(1),
            title: String::new(),
            labels: Vec::new(),
            assignees: Vec::new(),
            status,
            before_stale: None,
            claimed_at: at(MADE),
            last_updated: at(MADE),
            history: vec![StatusEntry {
                status,
                timestamp: at(MADE),
                note: None,
            }],
            pr_url: origin.map(|_| String::new()),
            pull: pull.map(key),
            link: origin.map(|origin| Link {
                followed: Followed::Opened,
                replaces: replaced.map(|number| {
                    let (url, pull) = (String::new(), Some(key(number)));
                    Box::new(NamedPull { url, pull })
                }),
                ..Link::new(origin)
            }),
            notice: None,
            pull_notice: None,
            github_closed_at: None,
        }
    }

    /// A pull request from text: its number, then its traits. By default it is open, closes issue 1, has a trusted author, and
    /// was opened as many seconds after the claim as its number.
    fn pull(words: &str) -> Pull {
        let (number, words) = words.split_once(' ').unwrap_or((words, ""));
        let number: i64 = number.parse().unwrap();
        let thin = PullRequestSnapshot::thin(n(number), String::new(), String::new());
        let mut pull = Pull {
            repo: RepoId(1),
            facts: PullRequestSnapshot {
                trusted: true,
                created_at: Some(at(MADE + number)),
                ..thin
            },
            pushed_at: None,
            closed_or_reopened_at: None,
            validators: PullValidators::default(),
            activity: Activity::default(),
            closing: Closing {
                issues: [n(1)].into(),
                ..Closing::default()
            },
        };
        for word in words.split(", ").filter(|word| !word.is_empty()) {
            match word {
                "closed" => pull.facts.open = false,
                "merged" => {
                    (pull.facts.open, pull.facts.merged) = (false, true);
                    pull.facts.merged_at = Some(at(MADE + 50));
                }
                "merged before" => {
                    (pull.facts.open, pull.facts.merged) = (false, true);
                    pull.facts.merged_at = Some(at(MADE - 1));
                }
                "closes nothing" => pull.closing.issues.clear(),
                "closes #2" => pull.closing.issues = [n(2)].into(),
                "of a stranger" => pull.facts.trusted = false,
                "elsewhere" => pull.repo = RepoId(2),
                "older" => pull.facts.created_at = Some(at(MADE - 1)),
                "of the same second" => pull.facts.created_at = Some(at(MADE)),
                "of unknown age" => pull.facts.created_at = None,
                "reopened" => pull.closing.reopened_at = Some(at(MADE + 40)),
                "reworded" => {
                    pull.closing.added.insert(n(1), at(MADE + 40));
                }
                other => panic!("{other}"),
            }
        }
        pull
    }

    /// The verdict on a claim with this link and these pull requests. The last one is the current news.
    fn judged(link: &str, pulls: &[&str]) -> String {
        let (claim, pulls): (_, Vec<Pull>) =
            (claim(link), pulls.iter().map(|it| pull(it)).collect());
        let case = Case {
            claim: &claim,
            made_at: at(MADE),
            pulls: pulls.iter().collect(),
            told: pulls.last().unwrap().key(),
        };
        let verdict = match case.judge() {
            Verdict::Nothing => "none".to_owned(),
            Verdict::Named => "agent's".to_owned(),
            Verdict::Derived(pull) => format!("#{}", pull.facts.number),
            Verdict::Ended(end) => format!("{end:?}").to_lowercase(),
        };
        let own = match case.judge() {
            Verdict::Derived(pull) => Some(pull.key()),
            Verdict::Named => named_by_agent(&claim).flatten(),
            Verdict::Nothing | Verdict::Ended(_) => None,
        };
        let mut rivals: Vec<String> = case
            .rivals(own)
            .map(|it| format!("#{}", it.facts.number))
            .collect();
        rivals.sort();
        match rivals.as_slice() {
            [] => verdict,
            rivals => format!("{verdict}, beside {}", rivals.join(" ")),
        }
    }

    #[test]
    fn the_rules() {
        // The claim's link before; the known pull requests; the verdict.
        let table: &[(&str, &[&str], &str)] = &[
            // Open, in the issue's repository, newer than the claim, by an author with write access.
            ("none", &["7"], "#7"),
            ("none", &["7 of the same second"], "#7"),
            ("none", &["7 older"], "none"),
            ("none", &["7 of unknown age"], "none"),
            ("none", &["7 of a stranger"], "none"),
            ("none", &["7 elsewhere"], "none"),
            ("none", &["7 closes #2"], "none"),
            ("none", &["7 closes nothing"], "none"),
            ("none", &["7 closed"], "none"),
            // A merge counts if the pull request was opened after the claim, even if the opening arrives later.
            ("none", &["7 merged"], "#7"),
            ("none", &["7 merged, older"], "none"),
            ("none", &["7 merged, closes nothing"], "none"),
            ("none", &["7 merged", "8 closed"], "none"),
            // Of several, the one that has closed the issue for longest; the others are rivals.
            ("none", &["8", "7"], "#7, beside #8"),
            ("none", &["7 reworded", "8"], "#8, beside #7"),
            ("none", &["7 reopened", "8"], "#8, beside #7"),
            ("derived 7", &["7", "8"], "#7, beside #8"),
            ("derived 7", &["7", "8 of a stranger"], "#7"),
            ("derived 7", &["7", "8 merged"], "#7"),
            // A derived link ends, and the next one that fits replaces it.
            ("derived 7", &["7 closes #2"], "reworded"),
            ("derived 7", &["7 closes nothing"], "reworded"),
            ("derived 7", &["7 closed"], "closed"),
            ("derived 7", &["7 elsewhere"], "unfit"),
            ("derived 7", &["7 older"], "unfit"),
            ("derived 7", &["7 of unknown age"], "#7"),
            ("derived 7", &["8", "7 closed"], "#8"),
            ("derived 7", &["7 closed", "8"], "#8"),
            ("derived 7", &["8", "7 closes nothing"], "#8"),
            ("derived 7", &["8 merged", "7 closed"], "closed"),
            ("derived 7", &["7 merged"], "#7"),
            ("derived 7", &["7 merged", "6"], "#7, beside #6"),
            ("derived 7", &["7 merged, closes nothing"], "reworded"),
            // The named pull request stands, whatever GitHub suggests.
            ("agent 7", &["7", "8"], "agent's, beside #8"),
            ("agent 7", &["8"], "agent's, beside #8"),
            (
                "agent 7",
                &["7 closes nothing, older, of a stranger", "8"],
                "agent's, beside #8",
            ),
            ("agent 7", &["7 merged", "8"], "agent's, beside #8"),
            ("agent text", &["8"], "agent's, beside #8"),
            // If it was closed unmerged, or merged before the claim, a newer one replaces it.
            ("agent 7", &["7 closed"], "agent's"),
            ("agent 7", &["7 closed", "8"], "#8"),
            ("agent 7", &["7 closed", "6"], "agent's, beside #6"),
            ("agent 7", &["7 closed", "8 of a stranger"], "agent's"),
            ("agent 7", &["7 merged before", "8"], "#8"),
            // The named one returns when it is open again or the derived one has ended.
            ("derived 8 for 7", &["7 closed", "8"], "#8"),
            ("derived 8 for 7", &["8"], "#8"),
            ("derived 8 for 7", &["8", "7"], "agent's, beside #8"),
            ("derived 8 for 7", &["7 closed", "8 closed"], "agent's"),
            ("derived 8 for 7", &["7 closed", "8 merged"], "#8"),
            ("derived 8 for 7", &["7 closed", "8 closed", "9"], "#9"),
        ];
        for (link, pulls, wanted) in table {
            assert_eq!(judged(link, pulls), *wanted, "{link}: {pulls:?}");
        }
    }
}
