//! A model of GitHub, just big enough to tell of pull requests and issues as GitHub would, and to be asked how they are.

use std::collections::BTreeMap;

use issuecommand_core::followup::{Ending, Source, SourceId, SourceKind};
use issuecommand_core::github::Seen;
use issuecommand_core::issue::{Doubt, Issue, IssueState};
use issuecommand_core::pull::PullFacts;
use issuecommand_core::repo::{RepoFacts, RepoName};
use issuecommand_core::time::{Millis, Timestamp};
use issuecommand_core::webhook::{Meaning, PullChange, PullGlance, RepoSeen};
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

/// One thing that people do on GitHub, on the chosen issue and pull request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deed {
    /// Seconds since the last one. Times of GitHub are whole seconds, so 0 makes ties.
    seconds: i64,
    repo: usize,
    n: i64,
    what: Do,
}

#[derive(Clone, Copy, Debug)]
enum Do {
    Say(SourceKind),
    Dismiss(usize),
    Resolve(usize),
    Push,
    Merge,
    Close,
    Reopen,
    /// Its words now close the issue of its place, or no longer.
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

pub(super) fn deed() -> impl Strategy<Value = Deed> {
    let seconds = prop_oneof![1 => Just(0_i64), 4 => 1..100_i64];
    let what = prop_oneof![
        10 => prop::sample::select(&SourceKind::ALL[..]).prop_map(Do::Say),
        2 => (0..3_usize).prop_map(Do::Dismiss),
        2 => (0..3_usize).prop_map(Do::Resolve),
        4 => Just(Do::Push),
        1 => Just(Do::Merge),
        3 => Just(Do::Close),
        4 => Just(Do::Reopen),
        2 => any::<bool>().prop_map(Do::Reword),
        1 => Just(Do::Retitle),
        1 => Just(Do::IssueRetitle),
        1 => any::<bool>().prop_map(Do::IssueLabel),
        2 => Just(Do::IssueClose),
        2 => Just(Do::IssueReopen),
        1 => Just(Do::IssueDelete),
        1 => Just(Do::IssueTransfer),
        1 => Just(Do::Rename),
    ];
    (seconds, 0..2_usize, 0..ISSUES, what).prop_map(|(seconds, repo, n, what)| Deed {
        seconds,
        repo,
        n,
        what,
    })
}

#[derive(Clone, Debug)]
pub(super) struct HubPull {
    pub(super) facts: PullFacts,
    closed_at: Option<Timestamp>,
    committed_at: Timestamp,
    /// It closed the issue of its place at some time, in words of somebody who may write.
    pub(super) ever_closes: bool,
    said: Vec<Said>,
}

/// What somebody said, and whether it still asks for something.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) source: Source,
    pub(super) live: bool,
    dismissed: bool,
}

#[derive(Clone, Debug)]
pub(super) struct HubIssue {
    pub(super) facts: Issue,
    pub(super) gone: Option<Doubt>,
    pub(super) ever_closed: bool,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Hub {
    now: Timestamp,
    names: [RepoName; 2],
    next: i64,
    pub(super) pulls: BTreeMap<Key, HubPull>,
    pub(super) issues: BTreeMap<Key, HubIssue>,
    /// All that GitHub would deliver, in order.
    pub(super) told: Vec<Meaning>,
}

impl Hub {
    /// Issues that are open for long, and pull requests that were opened just now, each of the second repository by a stranger.
    pub(super) fn new() -> Self {
        let mut hub = Self {
            now: minute(60),
            names: REPOS.map(repo),
            next: 1,
            pulls: BTreeMap::new(),
            issues: BTreeMap::new(),
            told: Vec::new(),
        };
        for (place, name) in REPOS.iter().enumerate() {
            for n in 0..ISSUES {
                let row = HubIssue {
                    facts: issue(n + 1).build(),
                    gone: None,
                    ever_closed: false,
                };
                hub.issues.insert((place, n), row);
                let row = HubPull {
                    facts: pull(name, FIRST_PULL + n).at(60).facts(),
                    closed_at: None,
                    committed_at: minute(59),
                    ever_closes: false,
                    said: Vec::new(),
                };
                hub.pulls.insert((place, n), row);
                // The second of each repository is told of first by what is said about it.
                if n == 0 {
                    hub.tell_pull((place, n), "opened", PullChange::Facts);
                }
            }
        }
        hub
    }

    pub(super) fn does(&mut self, deed: Deed) {
        self.now = self.now.plus(Millis::seconds(deed.seconds));
        let key = (deed.repo, deed.n);
        match deed.what {
            Do::Say(kind) => self.say(key, kind),
            Do::Dismiss(which) => self.withdraw(key, SourceKind::ReviewChangesRequested, which),
            Do::Resolve(which) => self.withdraw(key, SourceKind::ReviewComment, which),
            Do::Rename => self.rename(deed.repo),
            Do::Push | Do::Merge | Do::Close | Do::Reopen | Do::Reword(_) | Do::Retitle => {
                self.change_pull(key, deed.what);
            }
            _ => self.change_issue(key, deed.what),
        }
    }

    fn change_pull(&mut self, key: Key, what: Do) {
        let (now, n) = (self.now, self.next);
        let pull = self.pulls.get_mut(&key).unwrap();
        let (open, merged) = (pull.facts.open, pull.facts.merged);
        let (action, change) = match what {
            Do::Push if open => {
                (pull.facts.head, pull.committed_at) = (Some(format!("c{n}")), now);
                ("synchronize", PullChange::Pushed(Some(now)))
            }
            Do::Merge if open => {
                (pull.facts.open, pull.facts.merged) = (false, true);
                pull.closed_at = Some(now);
                ("closed", PullChange::Facts)
            }
            Do::Close if open => {
                (pull.facts.open, pull.closed_at) = (false, Some(now));
                ("closed", PullChange::Cut(Some(now)))
            }
            Do::Reopen if !open && !merged => {
                pull.facts.open = true;
                ("reopened", PullChange::Cut(Some(now)))
            }
            Do::Reword(closes) => {
                // The first of a repository closes an issue of its own, the second one of the other by its full name.
                let place = if key.1 == 0 { key.0 } else { 1 - key.0 };
                let name = repo(REPOS[place]);
                pull.facts.closes = if closes {
                    vec![(name, number(key.1 + 1))]
                } else {
                    Vec::new()
                };
                ("edited", PullChange::Facts)
            }
            Do::Retitle => {
                pull.facts.title = format!("Title {n}");
                ("edited", PullChange::Facts)
            }
            _ => return,
        };
        pull.facts.updated_at = Some(now);
        pull.ever_closes |= !pull.facts.closes.is_empty();
        self.next += 1;
        for said in &mut pull.said {
            said.live &= matches!(change, PullChange::Facts) && !pull.facts.merged;
        }
        self.tell_pull(key, action, change);
    }

    fn say(&mut self, key: Key, kind: SourceKind) {
        let id = self.next;
        self.next += 1;
        let said: SourceDraft = match kind {
            SourceKind::ReviewChangesRequested => review(id),
            SourceKind::ReviewComment => line_comment(id),
            SourceKind::PrComment => comment(id),
        };
        let mut source = said.source();
        source.created_at = Some(self.now);
        let pull = self.pulls.get_mut(&key).unwrap();
        pull.facts.updated_at = Some(self.now);
        // What was said in the very second of a push or a closing counts as said before it.
        let cut = [pull.closed_at, self.last_cut(key), self.last_push(key)];
        let pull = self.pulls.get_mut(&key).unwrap();
        let live = pull.facts.open && cut.into_iter().flatten().all(|cut| cut < self.now);
        pull.said.push(Said {
            source: source.clone(),
            live,
            dismissed: false,
        });
        let meaning = Meaning::Feedback {
            repo: self.place(key.0),
            pull: self.glance(key, kind),
            source,
            bot: false,
        };
        self.told.push(meaning);
    }

    fn last_cut(&self, key: Key) -> Option<Timestamp> {
        self.last(key, |change| match change {
            PullChange::Cut(at) => at,
            _ => None,
        })
    }

    fn last_push(&self, key: Key) -> Option<Timestamp> {
        self.last(key, |change| match change {
            PullChange::Pushed(at) => at,
            _ => None,
        })
    }

    fn last(&self, key: Key, of: impl Fn(PullChange) -> Option<Timestamp>) -> Option<Timestamp> {
        let id = facts(REPOS[key.0]).github_id;
        let moments = self.told.iter().filter_map(|meaning| match meaning {
            Meaning::Pull {
                repo, pull, change, ..
            } => {
                let here = repo
                    .facts
                    .as_ref()
                    .is_some_and(|facts| facts.github_id == id);
                of(*change).filter(|_| here && pull.number == number(FIRST_PULL + key.1))
            }
            _ => None,
        });
        moments.max()
    }

    fn withdraw(&mut self, key: Key, kind: SourceKind, which: usize) {
        let ending = match kind {
            SourceKind::ReviewChangesRequested => Ending::Dismissed,
            _ => Ending::Resolved,
        };
        let pull = self.pulls.get_mut(&key).unwrap();
        let of_kind = pull.said.iter_mut().filter(|said| said.source.kind == kind);
        let mut of_kind: Vec<&mut Said> = of_kind.filter(|said| !said.dismissed).collect();
        if which >= of_kind.len() {
            return;
        }
        let said = of_kind.remove(which);
        (said.live, said.dismissed) = (false, true);
        let sources = vec![said.source.id.clone()];
        pull.facts.updated_at = Some(self.now);
        let meaning = Meaning::Withdrawn {
            repo: self.place(key.0),
            pull: self.glance(key, kind),
            sources,
            ending,
        };
        self.told.push(meaning);
    }

    fn change_issue(&mut self, key: Key, what: Do) {
        let n = self.next;
        let row = self.issues.get_mut(&key).unwrap();
        if row.gone.is_some() {
            return;
        }
        let open = row.facts.state == IssueState::Open;
        let action = match what {
            Do::IssueRetitle => {
                row.facts.title = format!("Title {n}");
                "edited"
            }
            Do::IssueLabel(high) => {
                let label = if high { "p0" } else { "low" };
                row.facts.labels = vec![label.to_owned()];
                "labeled"
            }
            Do::IssueClose if open => {
                (row.facts.state, row.ever_closed) = (IssueState::Closed, true);
                "closed"
            }
            Do::IssueReopen if !open => {
                row.facts.state = IssueState::Open;
                "reopened"
            }
            Do::IssueDelete => {
                row.gone = Some(Doubt::Gone);
                "deleted"
            }
            Do::IssueTransfer => {
                row.gone = Some(Doubt::Moved);
                "transferred"
            }
            _ => return,
        };
        self.next += 1;
        if row.gone.is_none() {
            row.facts.updated_at = self.now;
        }
        let meaning = Meaning::Issue {
            issue: Box::new(row.facts.clone()),
            action: action.to_owned(),
            gone: row.gone,
            repo: self.place(key.0),
        };
        self.told.push(meaning);
    }

    fn rename(&mut self, place: usize) {
        self.names[place] = repo(&format!("acme/new-{}", self.next));
        self.next += 1;
        let meaning = Meaning::Repo {
            repo: self.place(place),
            action: "renamed".to_owned(),
            deleted: false,
        };
        self.told.push(meaning);
    }

    fn tell_pull(&mut self, key: Key, action: &str, change: PullChange) {
        let meaning = Meaning::Pull {
            repo: self.place(key.0),
            pull: self.shown(key),
            action: action.to_owned(),
            change,
        };
        self.told.push(meaning);
    }

    /// A pull request as GitHub shows it now: a bare number in its words is an issue of its repository, whatever its name.
    pub(super) fn shown(&self, key: Key) -> PullFacts {
        let mut facts = self.pulls[&key].facts.clone();
        if key.1 == 0 {
            for (name, _) in &mut facts.closes {
                name.clone_from(&self.names[key.0]);
            }
        }
        facts
    }

    pub(super) fn place(&self, place: usize) -> RepoSeen {
        let name = self.names[place].clone();
        let facts = RepoFacts {
            name: name.clone(),
            ..facts(REPOS[place])
        };
        RepoSeen {
            name,
            facts: Some(facts),
        }
    }

    fn glance(&self, key: Key, kind: SourceKind) -> PullGlance {
        let facts = self.shown(key);
        PullGlance {
            number: facts.number,
            title: Some(facts.title.clone()),
            url: Some(facts.url.clone()),
            open: Some(facts.open),
            facts: (kind != SourceKind::PrComment).then_some(facts),
        }
    }

    /// Which repository has or had this name.
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

    /// What GitHub says when it is asked for that very issue.
    pub(super) fn asked(&self, key: Key) -> Seen {
        let row = &self.issues[&key];
        match row.gone {
            Some(doubt) => Seen::Doubtful(doubt),
            None => Seen::Issue {
                issue: Box::new(row.facts.clone()),
                etag: None,
            },
        }
    }

    /// What a poll of a pull request finds.
    pub(super) fn polled(&self, key: Key) -> Vec<Meaning> {
        let (row, repo) = (&self.pulls[&key], self.place(key.0));
        let change = if row.facts.merged {
            PullChange::Facts
        } else if row.facts.open {
            PullChange::Pushed(Some(row.committed_at))
        } else {
            PullChange::Cut(row.closed_at)
        };
        let mut found = vec![Meaning::Pull {
            repo: repo.clone(),
            pull: self.shown(key),
            action: "poll".to_owned(),
            change,
        }];
        let pull = PullGlance {
            number: row.facts.number,
            title: None,
            url: None,
            open: None,
            facts: None,
        };
        for said in &row.said {
            let dismissed =
                said.dismissed && said.source.kind == SourceKind::ReviewChangesRequested;
            let (repo, pull) = (repo.clone(), pull.clone());
            found.push(if dismissed {
                Meaning::Withdrawn {
                    repo,
                    pull,
                    sources: vec![said.source.id.clone()],
                    ending: Ending::Dismissed,
                }
            } else {
                Meaning::Feedback {
                    repo,
                    pull,
                    source: said.source.clone(),
                    bot: false,
                }
            });
        }
        found
    }

    /// Events that ask for something still.
    pub(super) fn live(&self, key: Key) -> Vec<SourceId> {
        let said = self.pulls[&key].said.iter().filter(|said| said.live);
        let mut live: Vec<SourceId> = said.map(|said| said.source.id.clone()).collect();
        live.sort();
        live
    }

    /// Everything that was ever said.
    pub(super) fn said(&self) -> usize {
        self.pulls.values().map(|pull| pull.said.len()).sum()
    }
}
