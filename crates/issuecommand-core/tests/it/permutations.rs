//! Every order of GitHub's deliveries, with any duplicates, gives one final state: that of GitHub.

mod github_model;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::Resolution;
use issuecommand_core::domain::issue::{Issue, WithheldReason};
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::pull_request::PullRequestSnapshot;
use issuecommand_core::domain::time::Millis;
use issuecommand_core::domain::webhook::{GithubEvent, Refetch};
use issuecommand_core::engine::command::{Action, Answer, Command, Missing, Outcome};
use issuecommand_core::memory::MemoryStore;
use issuecommand_testkit::builders::{
    agent, deliver, facts, hear, issue, number, record_issue, record_issues, record_repos, repo,
};
use issuecommand_testkit::clock::TestClock;
use issuecommand_testkit::ids::TestIds;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::random::config;

use self::github_model::{
    FIRST_PULL, GithubAction, GithubModel, ISSUES, Key, REPOS, github_action,
};

/// What each issue's holder did before: nothing, or named the pull request of the same index.
type Holders = Vec<Option<bool>>;

/// The final state without times, ids and history.
#[derive(Debug, PartialEq)]
struct FinalState {
    names: Vec<String>,
    issues: BTreeMap<Key, (Issue, Option<WithheldReason>)>,
    pulls: BTreeMap<Key, PullRequestSnapshot>,
    /// The waiting events of each pull request.
    live: BTreeMap<Key, Vec<String>>,
    /// The number of known reviews and comments.
    known: usize,
    claims: BTreeMap<Key, (ClaimStatus, Option<String>, bool, bool)>,
}

struct Replica {
    store: MemoryStore,
    clock: Arc<TestClock>,
}

impl Replica {
    /// A store in which everything is known and claimed before the first delivery.
    fn new(holders: &Holders) -> Self {
        let clock = Arc::new(TestClock::default());
        let ids = Box::new(TestIds::default());
        // Whether a reopened issue restores its claim depends on how many closes were delivered before, which is not tested
        // here.
        let policy = Policy {
            reopen_grace: None,
            ..Policy::default()
        };
        let store = MemoryStore::new(policy, clock.clone(), ids);
        let place = Self { store, clock };
        place.run(record_repos(&REPOS.map(facts)));
        for (at, name) in REPOS.iter().enumerate() {
            place.run(record_issues(name, (1..=ISSUES).map(issue)));
            for n in 0..ISSUES {
                let holder =
                    holders[at * usize::try_from(ISSUES).unwrap() + usize::try_from(n).unwrap()];
                if let Some(named) = holder {
                    place.claim((at, n), name, named);
                }
            }
        }
        // GitHub's hour begins after that.
        place.clock.advance(Millis::minutes(24 * 60));
        place
    }

    fn run(&self, command: Command) -> Answer {
        match self.store.run(command).unwrap() {
            Outcome::Done(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    /// Runs a command, and looks up the commits that it needs.
    fn run_informed(&self, command: &Command, github_model: &GithubModel) -> Answer {
        for _ in 0..50 {
            let question = match self.store.run(command.clone()).unwrap() {
                Outcome::Done(answer) => return answer,
                Outcome::Missing(Missing::Head(question)) => question,
                other => panic!("{other:?}"),
            };
            self.run(Command::system(Action::RecordHead {
                merges_base_into: github_model.commit(&question.sha),
                repo: question.repo,
                number: question.number,
                sha: question.sha,
            }));
        }
        panic!("it asks without end: {command:?}")
    }

    fn poll(&self, key: Key, github_model: &GithubModel) {
        for meaning in github_model.polled(key) {
            self.run_informed(&hear(meaning), github_model);
        }
    }

    fn claim(&self, key: Key, name: &str, named: bool) {
        let number = number(key.1 + 1);
        let agent = agent(&format!("agent-{key:?}"));
        let claim = Action::ClaimIssue {
            agent: agent.clone(),
            repo: repo(name),
            number,
            unreachable: false,
            take_over: false,
        };
        let Answer::Claim { claim, .. } = self.run(Command::system(claim)) else {
            panic!("it is free")
        };
        if named {
            self.run(Command::system(Action::UpdateClaim {
                claim: claim.id,
                agent,
                to: ClaimStatus::InProgress,
                note: None,
                pr_url: Some(format!(
                    "https://github.com/{name}/pull/{}",
                    FIRST_PULL + key.1
                )),
            }));
        }
    }

    /// Applies a delivery, and does its refetches.
    fn take(&self, id: usize, meaning: GithubEvent, github_model: &GithubModel) {
        self.clock.advance(Millis::seconds(1));
        let answer = self.run_informed(&deliver(&format!("d-{id}"), meaning), github_model);
        let Answer::Delivery { look, .. } = answer else {
            panic!("{answer:?}")
        };
        match look {
            None | Some(Refetch::Repos | Refetch::Issues(_) | Refetch::Edges(..)) => {}
            Some(Refetch::Issue(name, n)) => {
                let seen = github_model.asked((github_model.named(&name), n.get() - 1));
                self.run(record_issue(name.as_str(), n.get(), seen));
            }
            Some(Refetch::Pull(name, n)) => {
                self.poll(
                    (github_model.named(&name), n.get() - FIRST_PULL),
                    github_model,
                );
            }
            Some(Refetch::Repo(name)) => {
                let seen = github_model.place(github_model.named(&name));
                self.run(record_repos(&[seen.facts.unwrap()]));
            }
        }
    }

    fn end(&self, github_model: &GithubModel) -> FinalState {
        let now = self.store.snapshot();
        let place = |id| {
            let repo = now.repos().find(|repo| repo.id == id).unwrap();
            let same = |name: &&str| facts(name).github_id == repo.facts.github_id;
            REPOS.iter().position(same).unwrap()
        };
        let mut names: Vec<String> = now
            .repos()
            .map(|repo| repo.facts.name.to_string())
            .collect();
        names.sort();
        let issues = now.issues().map(|row| {
            let key = (place(row.repo), row.facts.number.get() - 1);
            (
                key,
                (row.facts.clone(), row.withheld.map(|(reason, _)| reason)),
            )
        });
        let pulls = now.pulls().map(|row| {
            let key = (place(row.repo), row.facts.number.get() - FIRST_PULL);
            // Names in its text may be older than the last one.
            let mut facts = row.facts.clone();
            for (name, _) in &mut facts.closes {
                *name = repo(REPOS[github_model.named(name)]);
            }
            // A poll also sees the time of a comment.
            facts.updated_at = None;
            (key, facts)
        });
        let mut live: BTreeMap<Key, Vec<String>> = BTreeMap::new();
        for row in now.sources().filter(|row| row.ended.is_none()) {
            let key = (place(row.pull.0), row.pull.1.get() - FIRST_PULL);
            live.entry(key).or_default().push(row.id.base().to_owned());
        }
        for names in live.values_mut() {
            names.sort();
        }
        let bases: BTreeSet<String> = now.sources().map(|row| row.id.base().to_owned()).collect();
        let claims = now.claims().map(|claim| {
            let key = (place(claim.repo), claim.number.get() - 1);
            let active = claim.is_active();
            let pull = claim
                .pull
                .filter(|_| active)
                .map(|pull| format!("{pull:?}"));
            let told = |notice: &Option<String>| active && notice.is_some();
            (
                key,
                (
                    claim.status,
                    pull,
                    told(&claim.pull_notice),
                    told(&claim.notice),
                ),
            )
        });
        FinalState {
            names,
            issues: issues.collect(),
            pulls: pulls.collect(),
            live,
            known: bases.len(),
            claims: claims.collect(),
        }
    }
}

/// The final state equals that of GitHub.
fn is_as_on(github_model: &GithubModel, end: &FinalState) {
    for (key, (row, reason)) in &end.issues {
        let on = &github_model.issues[key];
        assert_eq!((row, reason), (&on.facts, &on.gone), "issue {key:?}");
    }
    for (key, row) in &end.pulls {
        let on = &github_model.pulls[key].facts;
        let seen = (row.open, row.merged, &row.title, &row.head, &row.closes);
        // A pull request with only comments is known incompletely.
        if row.head.is_some() {
            assert_eq!(
                seen,
                (on.open, on.merged, &on.title, &on.head, &on.closes),
                "{key:?}"
            );
        }
        let live = github_model.live(*key, false);
        assert_eq!(
            end.live.get(key).cloned().unwrap_or_default(),
            live,
            "pull request {key:?}"
        );
    }
    assert_eq!(end.known, github_model.said());
    for (key, (status, pull, pull_notice, notice)) in &end.claims {
        let on = &github_model.issues[key];
        if on.ever_closed {
            assert_eq!(*status, ClaimStatus::Closed, "issue {key:?}");
            continue;
        }
        assert_eq!(*notice, on.gone.is_some());
        assert!(!pull_notice || pull.is_some());
        assert_ne!(*status, ClaimStatus::Closed, "issue {key:?}");
    }
}

fn one_end(actions: &[GithubAction], holders: &Holders, order: &[(usize, bool)]) -> (usize, usize) {
    let mut github_model = GithubModel::new();
    for github_action in actions {
        github_model.does(*github_action);
    }
    let in_order = Replica::new(holders);
    for (id, meaning) in github_model.told.iter().enumerate() {
        in_order.take(id, meaning.clone(), &github_model);
    }
    let expected = in_order.end(&github_model);
    is_as_on(&github_model, &expected);
    let shuffled = Replica::new(holders);
    // The order is given by random numbers, and some deliveries are doubled.
    let mut ids: Vec<(usize, usize)> = Vec::new();
    for (id, _) in github_model.told.iter().enumerate() {
        let (at, twice) = order[id % order.len()];
        ids.push((at.wrapping_mul(id + 1) % 1_009, id));
        if twice {
            ids.push((at.wrapping_mul(id + 7) % 1_009, id));
        }
    }
    ids.sort_unstable();
    for (_, id) in &ids {
        shuffled.take(*id, github_model.told[*id].clone(), &github_model);
    }
    let end = shuffled.end(&github_model);
    assert_eq!(
        end.claims, expected.claims,
        "in this order: {ids:?} of {:#?}",
        github_model.told
    );
    assert_eq!(
        end, expected,
        "in this order: {ids:?} of {:#?}",
        github_model.told
    );
    (
        expected.live.values().map(Vec::len).sum(),
        github_model.told.len(),
    )
}

/// Some deliveries are lost, and a poll repairs that. The time of a lost push is only known to lie between two events of its
/// pull request, so feedback in between waits rather than being lost.
fn repaired(actions: &[GithubAction], holders: &Holders, order: &[(usize, bool)]) -> usize {
    let mut github_model = GithubModel::new();
    for github_action in actions {
        github_model.does(*github_action);
    }
    let (place, mut dropped) = (Replica::new(holders), 0);
    for (id, meaning) in github_model.told.iter().enumerate() {
        let (_, lost) = order[id % order.len()];
        // Polls cannot see threads, and issues have a poll of their own, so these deliveries must arrive.
        let shown = match meaning {
            GithubEvent::Feedback { .. } | GithubEvent::Pull { .. } => true,
            GithubEvent::Withdrawn { ending, .. } => *ending != Resolution::Resolved,
            GithubEvent::Unresolved { .. }
            | GithubEvent::Issue { .. }
            | GithubEvent::Transferred { .. }
            | GithubEvent::Dependency { .. }
            | GithubEvent::SubIssue { .. }
            | GithubEvent::IssueComment { .. }
            | GithubEvent::Relabelled { .. }
            | GithubEvent::Member { .. }
            | GithubEvent::Repo { .. }
            | GithubEvent::Access { .. }
            | GithubEvent::Ping
            | GithubEvent::Ignored(_) => false,
        };
        if lost && shown {
            dropped += 1;
        } else {
            place.take(id, meaning.clone(), &github_model);
        }
    }
    let keys: Vec<Key> = github_model.pulls.keys().copied().collect();
    for key in &keys {
        place.poll(*key, &github_model);
    }
    let end = place.end(&github_model);
    for key in keys {
        let live = end.live.get(&key).cloned().unwrap_or_default();
        let (least, most) = (github_model.live(key, false), github_model.live(key, true));
        let kept = least.iter().all(|id| live.contains(id));
        let asked = live.iter().all(|id| most.contains(id));
        assert!(
            kept && asked,
            "{key:?}: {live:?} of {least:?} to {most:?}\n{:#?}",
            github_model.told
        );
    }
    dropped
}

#[test]
fn prove_polls_repair_lost_deliveries() {
    let config = config(2_000, 20_000);
    let holders = prop::collection::vec(prop::option::of(any::<bool>()), 4);
    let order = prop::collection::vec((1..10_000_usize, prop::bool::weighted(0.3)), 1..40);
    let worlds = (
        prop::collection::vec(github_action(), 1..40),
        holders,
        order,
    );
    let seen = std::cell::Cell::new(0);
    let run = TestRunner::new(config).run(&worlds, |(actions, holders, order)| {
        seen.set(seen.get() + repaired(&actions, &holders, &order));
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
    assert!(seen.get() > 100, "nothing was lost");
}

#[test]
fn prove_every_delivery_order_gives_the_same_state() {
    let config = config(10_000, 100_000);
    let holders = prop::collection::vec(prop::option::of(any::<bool>()), 4);
    let order = prop::collection::vec((1..10_000_usize, prop::bool::weighted(0.3)), 1..40);
    let worlds = (
        prop::collection::vec(github_action(), 1..40),
        holders,
        order,
    );
    let seen = std::cell::Cell::new((0, 0));
    let run = TestRunner::new(config).run(&worlds, |(actions, holders, order)| {
        let (live, told) = one_end(&actions, &holders, &order);
        seen.set((seen.get().0 + live, seen.get().1 + told));
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
    let (live, told) = seen.get();
    assert!(
        live > 50 && told > 1_000,
        "{live} alive of {told}: nothing was proven"
    );
}
