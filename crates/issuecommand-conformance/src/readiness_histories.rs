//! Random histories of issues, blockers, children, pull requests, labels, assignees, attempts and time. After each step everything
//! that stands against each issue is what a model says that knows nothing of the engine, whoever is asked; what `next` gives has no
//! reason against it; and what has none is given.
//!
//! No issue starves: of all that are ready, agents that ask get the first of the queue, so that an issue waits behind those alone
//! that stand before it; and issues whose labels stay keep their places to each other, so that with the same priority none that is
//! opened later comes before one.

mod agents;
mod model;
mod steps;

use std::collections::BTreeMap;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::explain::ExplainQuery;
use issuecommand_core::domain::issue::{Issue, IssueFilter};
use issuecommand_core::domain::policy::{Authors, Parents, Policy, ReadinessPolicy};
use issuecommand_core::domain::readiness::{NotReady, ReasonCode, ReasonSet};
use issuecommand_core::domain::refusal::Refusal;
use issuecommand_core::domain::time::{Clock as _, Timestamp};
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome};
use issuecommand_testkit::builders::{next_of, number, release, repo};
use issuecommand_testkit::prove::rounds;

use self::model::{Model, SILENT, STALE};
use super::random::Numbers;
use super::world::{World, at_once, claim_of};

const STEPS: usize = 80;

/// How often what was to be seen was seen.
#[derive(Debug, Default)]
struct Seen {
    reasons: BTreeMap<ReasonCode, u64>,
    given: u64,
    cooled: u64,
    warned: u64,
    drained: u64,
}

struct Game {
    world: World,
    name: String,
    model: Model,
    random: Numbers,
    seen: Seen,
    /// How many agents there were that only asked.
    asked: u32,
    /// The issues that were ready after the last step, with their labels.
    queue: Vec<(i64, Vec<&'static str>)>,
}

pub(super) async fn prove_next_gives_what_has_no_reason_and_leaves_nothing(world: &World) {
    let mut seen = Seen::default();
    for seed in 1..=rounds(10, 100) {
        let policy = policy(seed % 2 == 0);
        let mut game = Game {
            world: world.under(policy.clone()).await,
            name: format!("acme/r{seed}"),
            model: Model::new(policy),
            random: Numbers(u64::from(seed)),
            seen,
            asked: 0,
            queue: Vec::new(),
        };
        game.begin().await;
        for step in 0..STEPS {
            let place = format!("seed {seed}, step {step}: {}", game.step().await);
            game.check(&place).await;
            if step % 5 == 4 && !game.model.paused {
                game.drain(&place).await;
            }
        }
        seen = game.seen;
    }
    let rare = |code: &ReasonCode| seen.reasons.get(code).is_none_or(|times| *times < 3);
    let rare: Vec<ReasonCode> = ReasonCode::ALL.into_iter().filter(rare).collect();
    assert!(rare.is_empty(), "{rare:?} hardly ever: {seen:?}");
    let enough = seen.given > 10 && seen.cooled > 3 && seen.warned > 3 && seen.drained > 30;
    assert!(enough, "{seen:?}");
}

/// The default settings, or others by which other reasons hold. No agent is in a loop.
fn policy(strict: bool) -> Policy {
    let other = ReadinessPolicy {
        skip_assigned: false,
        require_labels: vec!["bug".to_owned()],
        parents: Parents::Offer,
        authors: Authors::Write,
        ..ReadinessPolicy::default()
    };
    Policy {
        claim_timeout: SILENT,
        stale_auto_release: Some(STALE),
        readiness: if strict {
            other
        } else {
            ReadinessPolicy::default()
        },
        ..super::attempts::policy()
    }
}

impl Game {
    fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    fn filter(&self) -> IssueFilter {
        IssueFilter::new(Some(repo(&self.name)), None, None)
    }

    async fn begin(&mut self) {
        let none: [Issue; 0] = [];
        self.world.mirror(&self.name, none).await;
        self.set_rights("octocat", true).await;
        for n in 1..=6 {
            self.open(n).await;
        }
    }

    /// All who can be asked say the same, and what the model says.
    async fn check(&mut self, place: &str) {
        let asks = self.model.items.keys().map(|n| {
            let (repo, number) = (repo(&self.name), number(*n));
            Command::system(Action::AskReadiness { repo, number })
        });
        let asks: Vec<Command> = asks.collect();
        let answers = at_once(&[&self.world], asks).await;
        for (n, answer) in self.model.items.keys().copied().zip(answers) {
            let Outcome::Done(Answer::Readiness { reasons, .. }) = answer else {
                panic!("{answer:?} for #{n} of {place}");
            };
            let told: Vec<ReasonCode> = reasons.iter().map(NotReady::code).collect();
            assert_eq!(told, self.model.reasons(n), "#{n} of {place}");
            for code in told {
                *self.seen.reasons.entry(code).or_default() += 1;
            }
        }
        let query = ExplainQuery::new(self.filter(), Scope::All, None);
        let explained = self.world.store.explain(&query).await;
        let explained = explained.expect("issues are counted");
        let mut counts = self.model.counts();
        let ready = counts.remove(&None).unwrap_or_default();
        let counts = counts.into_iter();
        let counts: BTreeMap<ReasonCode, u64> =
            counts.filter_map(|(code, n)| Some((code?, n))).collect();
        assert_eq!(
            (explained.ready(), explained.reasons()),
            (ready, counts),
            "{place}"
        );
        let unready = self.world.store.unready_issues(&repo(&self.name)).await;
        let unready = unready.expect("issues are read").into_iter();
        let unready: BTreeMap<i64, ReasonSet> = unready
            .map(|(row, reasons)| (row.facts.number.get(), reasons))
            .collect();
        assert_eq!(unready, self.model.unready(), "{place}");
        self.check_queue(place).await;
    }

    /// The queue has all that is ready, and whoever stays in it keeps the place.
    async fn check_queue(&mut self, place: &str) {
        let offered = self.world.offered(&self.filter()).await;
        let mut ready = offered.clone();
        ready.sort_unstable();
        assert_eq!(ready, self.model.ready(), "{place}");
        let labels = |n: i64| self.model.items[&n].labels.clone();
        let queue: Vec<_> = offered.iter().map(|n| (*n, labels(*n))).collect();
        let stays = |row: &&(i64, _)| self.queue.contains(row) && queue.contains(row);
        let now: Vec<_> = queue.iter().filter(stays).collect();
        let before: Vec<_> = self.queue.iter().filter(stays).collect();
        assert_eq!(now, before, "{place}");
        for (at, (one, of)) in queue.iter().enumerate() {
            let mut later = queue[at..].iter().filter(|(_, labels)| labels == of);
            let created = |n: &i64| self.model.items[n].created;
            assert!(
                later.all(|(other, _)| created(one) <= created(other)),
                "#{one} is not the oldest of its priority: {queue:?} of {place}"
            );
        }
        self.queue = queue;
    }

    /// As many agents ask as there are issues that are ready. Each gets the next one, and gives it back.
    async fn drain(&mut self, place: &str) {
        let queue: Vec<i64> = self.queue.iter().map(|(n, _)| *n).collect();
        let mut given = Vec::new();
        let mut claims = Vec::new();
        loop {
            self.asked += 1;
            let who = format!("asks-{}", self.asked);
            match self.world.ask_now(next_of(&who, self.filter())).await {
                Outcome::Done(answer) => claims.push(claim_of(answer).0),
                Outcome::Refused(Refusal::NothingEligible) => break,
                other => panic!("{other:?} of {place}"),
            }
            given.extend(claims.last().map(|claim| claim.number.get()));
        }
        assert_eq!(given, queue, "{place}");
        self.seen.drained += u64::try_from(given.len()).unwrap_or_default();
        for claim in claims {
            self.world.note(release(&claim)).await;
        }
        self.check(place).await;
    }
}
