//! Two sessions of one name are never both at work on one issue, unless one of them said `take_over`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::id::{AgentId, ClaimId, IssueNumber};
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::notice::NoticeOf;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::session::{
    CallerSession, ProcessRef, SessionEnd, SessionId, Transport,
};
use issuecommand_core::domain::time::{Clock as _, Millis};
use issuecommand_core::engine::command::{Action, Answer, CandidateChecks, Command, Outcome};
use issuecommand_core::memory::MemoryStore;
use issuecommand_testkit::builders::{
    agent, facts, issue, local, number, record_issues, record_repos, repo, sweep,
};
use issuecommand_testkit::clock::TestClock;
use issuecommand_testkit::ids::TestIds;
use issuecommand_testkit::prove::rounds;

const API: &str = "acme/api";
const ISSUES: i64 = 3;
const STEPS: usize = 60;

/// A small generator, so that each interleaving can be repeated by its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % most
    }
}

/// What one session believes of the issues that it works on.
#[derive(Debug, Default)]
struct Side {
    /// Issues on which its last answer was yes, and when it was heard last.
    at_work: BTreeMap<IssueNumber, ClaimId>,
    heard: i64,
    crashed: bool,
}

struct Game {
    store: MemoryStore,
    clock: Arc<TestClock>,
    sides: [Side; 2],
    dice: Dice,
    /// Issues that were taken over since the other side was heard.
    taken_over: BTreeSet<IssueNumber>,
}

fn who() -> AgentId {
    agent("ann")
}

fn caller(side: usize) -> Caller {
    Caller {
        session: Some(CallerSession {
            id: id(side),
            agent: None,
            client: None,
            transport: Transport::Stdio,
            process: Some(process(side)),
        }),
        ..local()
    }
}

fn id(side: usize) -> SessionId {
    SessionId::parse(["one", "two"][side]).unwrap()
}

fn process(side: usize) -> ProcessRef {
    ProcessRef {
        host: "here".to_owned(),
        pid: 7,
        started: i64::try_from(side).unwrap(),
    }
}

impl Game {
    fn new(seed: u64) -> Self {
        let clock = Arc::new(TestClock::default());
        let policy = Policy {
            jump_is_silence: true,
            ..Policy::default()
        };
        let store = MemoryStore::new(policy, clock.clone(), Box::new(TestIds::default()));
        for command in [
            record_repos(&[facts(API)]),
            record_issues(API, (1..=ISSUES).map(issue)),
        ] {
            store.run(command).unwrap();
        }
        Self {
            store,
            clock,
            sides: Default::default(),
            dice: Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            taken_over: BTreeSet::new(),
        }
    }

    fn hear(&mut self, side: usize) {
        let action = Action::Heard {
            agent: who(),
            beats: false,
            resumes: true,
            holds: false,
            recorded: false,
        };
        let outcome = self.store.run(Command::new(&caller(side), action)).unwrap();
        let Outcome::Done(Answer::Heard { notices, .. }) = outcome else {
            panic!("{outcome:?}")
        };
        // A session that is told that it lost something stops to work on it.
        for notice in notices {
            if let NoticeOf::Claim { number, id, .. } = notice.body.of
                && self.sides[side].at_work.get(&number) == Some(&id)
            {
                self.sides[side].at_work.remove(&number);
                self.taken_over.remove(&number);
            }
        }
        self.sides[side].heard = self.clock.now().0;
        self.sides[side].crashed = false;
    }

    fn ask(&mut self, side: usize, action: Action) -> Outcome {
        self.hear(side);
        self.store.run(Command::new(&caller(side), action)).unwrap()
    }

    fn claim(&mut self, side: usize, take_over: bool) {
        let n = 1 + i64::try_from(self.dice.below(ISSUES.unsigned_abs())).unwrap();
        let action = Action::ClaimIssue {
            agent: who(),
            repo: repo(API),
            number: number(n),
            unreachable: true,
            take_over,
        };
        match self.ask(side, action) {
            Outcome::Done(Answer::Claim { claim, .. }) => {
                if take_over && self.sides[1 - side].at_work.contains_key(&claim.number) {
                    self.taken_over.insert(claim.number);
                }
                self.sides[side].at_work.insert(claim.number, claim.id);
            }
            Outcome::Refused(_) => {
                self.sides[side].at_work.remove(&number(n));
            }
            other @ (Outcome::Done(_) | Outcome::Missing(_)) => panic!("{other:?}"),
        }
    }

    fn next(&mut self, side: usize) {
        let action = Action::NextWork {
            agent: who(),
            filter: IssueFilter::default(),
            checks: CandidateChecks {
                unreachable: true,
                ..CandidateChecks::default()
            },
        };
        if let Outcome::Done(Answer::Claim { claim, .. }) = self.ask(side, action) {
            self.sides[side].at_work.insert(claim.number, claim.id);
        }
    }

    fn update(&mut self, side: usize, release: bool) {
        let Some((number, claim)) = self.sides[side].at_work.pop_first() else {
            return;
        };
        let action = if release {
            Action::ReleaseClaim {
                claim,
                agent: who(),
                reason: None,
                outcome: None,
            }
        } else {
            Action::UpdateClaim {
                claim,
                agent: who(),
                to: ClaimStatus::InProgress,
                note: None,
                pr_url: None,
            }
        };
        if matches!(self.ask(side, action), Outcome::Done(_)) && !release {
            self.sides[side].at_work.insert(number, claim);
        }
    }

    fn step(&mut self) {
        let side = usize::try_from(self.dice.below(2)).unwrap();
        match self.dice.below(20) {
            0..=4 => self.claim(side, false),
            5 => self.claim(side, true),
            6..=8 => self.next(side),
            9..=12 => self.update(side, false),
            13 => self.update(side, true),
            14 => self.hear(side),
            15 => {
                // The client leaves in order, or its process is gone and somebody notices. It works on nothing any more.
                let (agent, session, process) = (who(), id(side), Some(process(side)));
                let end = if self.dice.below(2) == 0 {
                    SessionEnd::Left
                } else {
                    SessionEnd::Gone
                };
                let action = Action::EndSession {
                    agent,
                    session,
                    process,
                    end,
                };
                self.store.run(Command::system(action)).unwrap();
                self.sides[side] = Side::default();
            }
            16 => self.sides[side].crashed = true,
            17 => {
                self.store.run(sweep()).unwrap();
            }
            _ => {
                let minutes = self.dice.below(6);
                self.clock
                    .advance(Millis::minutes(i64::try_from(minutes).unwrap()));
            }
        }
    }

    /// A session is at work if its last answer was yes and it calls at least every ten minutes, as a session does that works.
    fn works(&self, side: usize) -> BTreeSet<IssueNumber> {
        let side = &self.sides[side];
        let silent = self.clock.now().0 - side.heard >= Millis::minutes(10).0;
        if side.crashed || silent {
            return BTreeSet::new();
        }
        side.at_work.keys().copied().collect()
    }
}

#[test]
fn prove_two_sessions_of_one_name_are_never_at_work_on_one_issue() {
    let (mut taken, mut refused, mut resumed) = (0, 0, 0);
    let interleavings = u64::from(rounds(250, 1_000));
    for seed in 1..=interleavings {
        let mut game = Game::new(seed);
        for step in 0..STEPS {
            let before = game.works(0).len() + game.works(1).len();
            game.step();
            let (one, two) = (game.works(0), game.works(1));
            let both: BTreeSet<_> = one.intersection(&two).copied().collect();
            let unsaid: Vec<_> = both.difference(&game.taken_over).collect();
            assert!(unsaid.is_empty(), "seed {seed}, step {step}: {unsaid:?}");
            taken += usize::from(!both.is_empty());
            refused += usize::from(one.len() + two.len() < before);
            resumed += usize::from(one.len() + two.len() > before);
        }
    }
    // The interleavings come to all of it.
    assert!(
        taken > 25 && refused > 250 && resumed > 250,
        "{taken} {refused} {resumed}"
    );
}
