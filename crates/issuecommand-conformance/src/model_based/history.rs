//! A random history: mostly everyday commands of agents and GitHub, some of them nonsense.

mod mirror;
mod news;
mod values;

use issuecommand_core::domain::access::IdempotencyKey;
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::followup::WorkItemId;
use issuecommand_core::domain::id::{AgentId, ClaimId, IssueKey};
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::lease::{LeaseOutcome, LeaseProof};
use issuecommand_core::domain::outbox::WriteFailure;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::domain::webhook::{GithubEvent, WebhookAnswer};
use issuecommand_core::engine::command::{Action, Answer, Command, Outcome, Reading};
use issuecommand_core::memory::MemoryStore;
use issuecommand_core::ports::store::Store;
use issuecommand_testkit::builders::{no_entry, number};

use self::news::KnownFeedback;
pub(crate) use self::news::PULLS;

pub(crate) const AGENTS: [&str; 4] = ["ann", "bob", "çağla 🦊", "dee\"';--"];
pub(crate) const NAMES: [&str; 5] = ["acme/api", "acme/web", "Acme/Old", "zoo/api", "zoo/gone"];
pub(crate) const ISSUES: i64 = 9;
const KEYS: [&str; 3] = ["ci", "böt's \"key\"", "ops"];
const LABELS: [&str; 6] = ["bug", "Bug", "P0", "priority: low", "é{\"a\":[1]}", "docs"];
const TEXTS: [&str; 5] = [
    "plain",
    "with \"quotes\" \\ and 'more'",
    "line\nbreak\t\u{1}",
    "日本 🦀",
    "",
];

/// The random numbers, and the ids known so far.
pub(crate) struct History {
    random: u64,
    claims: Vec<(ClaimId, AgentId)>,
    items: Vec<(WorkItemId, Option<AgentId>)>,
    leases: Vec<LeaseProof>,
    page: Option<IssueKey>,
    minute: i64,
    hurried: bool,
    said: Vec<KnownFeedback>,
    last_feedback: Option<GithubEvent>,
    secrets: u64,
}

impl History {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            claims: Vec::new(),
            items: Vec::new(),
            leases: Vec::new(),
            page: None,
            minute: 0,
            hurried: seed.is_multiple_of(2),
            said: Vec::new(),
            last_feedback: None,
            secrets: 0,
        }
    }

    /// Xorshift, from 0 up to but not including `end`. Another generator would, for the same seeds, not produce the rare cases
    /// that `coverage` requires.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from((self.random >> 11) % end as u64).unwrap()
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Mostly a short pause, sometimes exactly a timeout, and rarely a step back of the clock. Every other history is hurried,
    /// so that much of its work comes too late.
    pub(crate) fn pause(&mut self) -> Millis {
        match self.below(if self.hurried { 12 } else { 60 }) {
            0 => Millis::minutes(45),
            1 => Millis::minutes(-3),
            2 => Millis::minutes(200),
            3 => Millis::minutes(30),
            4 => Millis::minutes(90),
            _ => Millis(i64::try_from(self.below(30_000)).unwrap()),
        }
    }

    pub(crate) fn learn(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Done(Answer::Claim { claim, .. }) => {
                let Claim { id, agent, .. } = *claim;
                if self.claims.iter().all(|(known, _)| *known != id) {
                    self.claims.push((id, agent));
                }
            }
            Outcome::Done(Answer::Followup { item, .. }) => self.learn_item(item.id, item.owner),
            Outcome::Done(Answer::Delivery {
                answer:
                    WebhookAnswer::Feedback {
                        item: Some(item), ..
                    },
                ..
            }) => self.learn_item(item, None),
            Outcome::Done(Answer::Lease(LeaseOutcome::Acquired(proof))) => self.leases.push(proof),
            Outcome::Done(Answer::Reranked(page)) => self.page = page,
            _ => {}
        }
    }

    pub(crate) async fn command(&mut self, memory: &MemoryStore, clock: &dyn Clock) -> Command {
        let action = self.action(memory, clock).await;
        let caller = self.caller();
        let mut command = Command::new(&caller, action);
        if self.one_in(8) {
            let digest = if self.one_in(4) { "other" } else { "digest" };
            command = command.keyed(Some(IdempotencyKey {
                key: format!("key-{}", self.below(6)),
                request: digest.to_owned(),
            }));
        }
        if !self.leases.is_empty() && self.one_in(12) {
            let n = self.below(self.leases.len());
            command = command.under(Some(&self.leases[n].clone()));
        }
        command
    }

    async fn action(&mut self, memory: &MemoryStore, clock: &dyn Clock) -> Action {
        if self.one_in(2) {
            return self.news_or_answer(clock);
        }
        let issue_number = number(i64::try_from(self.below(9)).unwrap() + 1);
        match self.below(42) {
            0..=2 => Action::RecordRepos((0..=self.below(3)).map(|_| self.facts()).collect()),
            3 if self.one_in(3) => Action::MarkRepoUnavailable(self.repo()),
            3..=7 => Action::RecordIssues {
                repo: self.repo(),
                issues: (0..self.below(8)).map(|_| self.issue()).collect(),
                pulls: (0..self.below(3)).map(|_| self.listed_pull()).collect(),
            },
            8..=10 => self.seen(),
            11..=13 => Action::FinishPoll {
                repo: self.repo(),
                began: clock.now().plus(self.pause()),
                watermark: self.one_in(2).then(|| clock.now()),
                etag: self.text(),
                reading: Reading {
                    full: self.one_in(3),
                    gaps: self.one_in(4),
                },
            },
            14 if self.one_in(2) => Action::CompareCounts {
                repo: self.repo(),
                gap: i64::try_from(self.below(3)).unwrap() - 1,
            },
            14 => self.finished_sync(),
            15..=20 => Action::ClaimIssue {
                agent: self.agent(),
                repo: self.repo(),
                number: issue_number,
                unreachable: self.one_in(2),
                take_over: false,
            },
            21..=25 => Action::NextIssue {
                agent: self.agent(),
                filter: if self.one_in(2) {
                    self.filter()
                } else {
                    IssueFilter::default()
                },
                checks: self.checks(),
            },
            26..=32 => {
                let (claim, agent) = self.claim();
                Action::UpdateClaim {
                    claim,
                    agent,
                    to: if self.one_in(2) {
                        self.of(&[ClaimStatus::InProgress, ClaimStatus::PrSubmitted])
                    } else {
                        self.status()
                    },
                    note: self.text(),
                    pr_url: self.pr_url(),
                }
            }
            33 | 34 => {
                let (claim, agent) = self.claim();
                Action::ReleaseClaim {
                    claim,
                    agent,
                    reason: self.text(),
                    outcome: None,
                }
            }
            35 => Action::Sweep,
            36 => Action::Rerank(self.page),
            37 => self.lease(),
            38 if self.one_in(2) => Action::CreateKey(Box::new(self.key())),
            39 if self.one_in(4) => Action::RevokeKey(self.of(&KEYS).to_owned()),
            _ => self.settle(memory, clock).await,
        }
    }

    fn lease(&mut self) -> Action {
        let name = (self.of(&["sync", "sweep"])).to_owned();
        if !self.leases.is_empty() && self.one_in(3) {
            let n = self.below(self.leases.len());
            return Action::ReleaseLease(self.leases[n].clone());
        }
        Action::AcquireLease {
            name,
            holder: (self.of(&["one", "two"])).to_owned(),
            length: Millis::seconds(600),
        }
    }

    async fn settle(&mut self, memory: &MemoryStore, clock: &dyn Clock) -> Action {
        let due = memory
            .due_outbox(clock.now().plus(Millis::minutes(600)), 10)
            .await
            .unwrap();
        let entry = if due.is_empty() {
            no_entry()
        } else {
            due[self.below(due.len())].clone()
        };
        let failure = self.text().map(|words| WriteFailure {
            words,
            status: self.of(&[None, Some(403), Some(502)]),
            limited: self.below(4) == 0,
        });
        Action::SettleOutbox {
            entry: Box::new(entry),
            failure,
        }
    }
}
