//! Random histories: several agents, GitHub, time and the background work on a few issues of three repositories.

mod answering;
mod news;

use std::sync::Arc;

use issuecommand_core::domain::access::{Caller, Scope};
use issuecommand_core::domain::claim::{Claim, ClaimStatus};
use issuecommand_core::domain::event::SyncStats;
use issuecommand_core::domain::followup::WorkItemId;
use issuecommand_core::domain::id::{ClaimId, IdGenerator, Principal};
use issuecommand_core::domain::issue::{Issue, IssueFilter, IssueLookup, WithheldReason};
use issuecommand_core::domain::lease::LeaseProof;
use issuecommand_core::domain::outbox::OutboxEntry;
use issuecommand_core::domain::policy::{AttemptPolicy, Policy};
use issuecommand_core::domain::repo::RepoSnapshot;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::{Action, Command, Reading};
use issuecommand_core::memory::{MemoryStore, Snapshot};
use issuecommand_testkit::builders::{
    agent, facts, failure, finish_sync, issue, key, lease_proof, no_entry, number, repo,
    unreachable,
};
use issuecommand_testkit::clock::TestClock;
use issuecommand_testkit::ids::TestIds;
use proptest::prelude::*;

pub(crate) use self::answering::Answering;
use self::answering::answering;
pub(crate) use self::news::News;
use self::news::news;

/// Two names of each repository; the fourth is never seen.
pub(crate) const NAMES: [&str; 4] = ["acme/api", "acme/web", "acme/old", "acme/none"];
const AGENTS: [&str; 4] = ["ann", "bob", "eve", "Ann"];
const LABELS: [&[&str]; 5] = [
    &[],
    &["bug"],
    &["p0", "bug"],
    &["low"],
    &["BUG", "priority: high"],
];

/// One step. Numbers are choices, modulo the number of options.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Time before it, in seconds; negative if the clock is set back.
    pub(crate) seconds: i64,
    pub(crate) what: StepKind,
    /// With this idempotency key, for a request of this digest.
    keyed: Option<(u8, u8)>,
    /// Under a lease with this epoch.
    leased: Option<i64>,
    /// By a caller that may see only this repository.
    confined: Option<usize>,
}

impl Step {
    /// So many seconds after the one before, by a caller without restrictions.
    pub(crate) fn after(seconds: i64, what: StepKind) -> Self {
        Self {
            seconds,
            what,
            keyed: None,
            leased: None,
            confined: None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum StepKind {
    Claim {
        who: usize,
        name: usize,
        n: i64,
        unreachable: bool,
    },
    Next {
        who: usize,
        name: Option<usize>,
        label: bool,
    },
    Update {
        which: usize,
        who: Option<usize>,
        to: ClaimStatus,
        pull: bool,
    },
    /// The agent moves to its next status.
    GoOn {
        which: usize,
    },
    Release {
        which: usize,
        who: Option<usize>,
    },
    Answering(Answering),
    News(News),
    List {
        name: usize,
        rows: Vec<Row>,
    },
    Look {
        name: usize,
        row: Row,
        seen: u8,
    },
    Repos(Vec<(usize, usize, bool)>),
    Lose(usize),
    Poll {
        name: usize,
        ago: i64,
    },
    FinishSync,
    Sweep,
    Rerank,
    Take {
        holder: u8,
    },
    Give {
        holder: u8,
        epoch: i64,
    },
    Settle {
        which: usize,
        fails: bool,
    },
}

/// GitHub's data of an issue.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    n: i64,
    open: bool,
    labels: usize,
    minutes: i64,
}

fn row() -> impl Strategy<Value = Row> {
    (
        1..=5_i64,
        prop::bool::weighted(0.8),
        0..LABELS.len(),
        0..40_i64,
    )
        .prop_map(|(n, open, labels, minutes)| Row {
            n,
            open,
            labels,
            minutes,
        })
}

fn what() -> impl Strategy<Value = StepKind> {
    let name = || prop_oneof![40 => 0..3_usize, 1 => Just(3_usize)];
    let who = || 0..AGENTS.len();
    let other = || prop_oneof![12 => Just(None), 1 => (0..AGENTS.len()).prop_map(Some)];
    let status = prop::sample::select(&ClaimStatus::ALL[..]);
    prop_oneof![
        18 => (who(), name(), 1..=6_i64, any::<bool>())
            .prop_map(|(who, name, n, unreachable)| StepKind::Claim { who, name, n, unreachable }),
        14 => (who(), prop::option::weighted(0.3, name()), prop::bool::weighted(0.2))
            .prop_map(|(who, name, label)| StepKind::Next { who, name, label }),
        18 => (any::<usize>(), other(), status, prop::bool::weighted(0.3))
            .prop_map(|(which, who, to, pull)| StepKind::Update { which, who, to, pull }),
        24 => any::<usize>().prop_map(|which| StepKind::GoOn { which }),
        5 => (any::<usize>(), other()).prop_map(|(which, who)| StepKind::Release { which, who }),
        26 => answering().prop_map(StepKind::Answering),
        40 => news().prop_map(StepKind::News),
        8 => (name(), prop::collection::vec(row(), 0..5)).prop_map(|(name, rows)| StepKind::List { name, rows }),
        8 => (name(), row(), 0..8_u8).prop_map(|(name, row, seen)| StepKind::Look { name, row, seen }),
        3 => prop::collection::vec((0..4_usize, 0..3_usize, prop::bool::weighted(0.1)), 1..4).prop_map(StepKind::Repos),
        1 => name().prop_map(StepKind::Lose),
        8 => (name(), 0..300_i64).prop_map(|(name, ago)| StepKind::Poll { name, ago }),
        1 => Just(StepKind::FinishSync),
        6 => Just(StepKind::Sweep),
        1 => Just(StepKind::Rerank),
        2 => (0..3_u8).prop_map(|holder| StepKind::Take { holder }),
        1 => (0..3_u8, 1..3_i64).prop_map(|(holder, epoch)| StepKind::Give { holder, epoch }),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(which, fails)| StepKind::Settle { which, fails }),
    ]
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let seconds = prop_oneof![
        10 => Just(0_i64),
        20 => 1..50_i64,
        6 => 60..3_600_i64,
        2 => 7_000..8_000_i64,
        1 => 500_000..900_000_i64,
        1 => -300..0_i64,
    ];
    let keyed = prop::option::weighted(0.1, (0..4_u8, 0..2_u8));
    let leased = prop::option::weighted(0.05, 1..3_i64);
    let confined = prop::option::weighted(0.1, 0..3_usize);
    (seconds, what(), keyed, leased, confined).prop_map(
        |(seconds, what, keyed, leased, confined)| Step {
            seconds,
            what,
            keyed,
            leased,
            confined,
        },
    )
}

/// The settings with the most effects: everything ends, and little is kept.
pub(crate) fn policy() -> Policy {
    Policy {
        stale_auto_release: Some(Millis::minutes(60)),
        auto_close: true,
        history_max: 8,
        followup_max: 2,
        deliveries_max: 5,
        followup_stale: Millis::minutes(120),
        affinity: Millis::minutes(10),
        event_keep: Millis::minutes(3 * 24 * 60),
        jump_is_silence: true,
        // The promises do not know of cool-downs.
        attempts: AttemptPolicy::ignored(),
        ..Policy::default()
    }
}

/// A store, its clock, and the ids known to its agents.
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) clock: Arc<TestClock>,
    /// Every claim ever seen, including ended and trimmed ones.
    claims: Vec<ClaimId>,
    writes: Vec<OutboxEntry>,
    /// The same of follow-ups.
    items: Vec<WorkItemId>,
}

impl World {
    pub(crate) fn new(auto_close: bool) -> Self {
        let clock = Arc::new(TestClock::default());
        let policy = Policy {
            auto_close,
            ..policy()
        };
        let store = MemoryStore::new(policy, clock.clone(), Box::new(TestIds::default()));
        Self {
            store,
            clock,
            claims: Vec::new(),
            writes: Vec::new(),
            items: Vec::new(),
        }
    }

    /// Three polled repositories with four issues each.
    pub(crate) fn founding(&self) -> Vec<Command> {
        let names = &NAMES[..3];
        let repos: Vec<RepoSnapshot> = names.iter().copied().map(facts).collect();
        let mut commands = vec![Command::system(Action::RecordRepos(repos))];
        for name in names {
            let issues = (1..=4)
                .map(|n| issue(n).labels(LABELS[usize::try_from(n).unwrap()]).build())
                .collect();
            commands.push(Command::system(Action::RecordIssues {
                repo: repo(name),
                issues,
                pulls: Vec::new(),
            }));
            commands.push(Command::system(poll(name, 0, &self.clock)));
        }
        commands
    }

    /// Reads the current ids, for the choices of the next steps.
    pub(crate) fn learn(&mut self, now: &Snapshot) {
        for claim in now.claims() {
            if !self.claims.contains(&claim.id) {
                self.claims.push(claim.id);
            }
        }
        for item in now.followups() {
            if !self.items.contains(&item.id) {
                self.items.push(item.id);
            }
        }
        for entry in now.outbox() {
            if self.writes.iter().all(|known| known.id != entry.id) {
                self.writes.push(entry.clone());
            }
        }
    }

    /// The command of a step in this world.
    pub(crate) fn command(&self, step: &Step, now: &Snapshot) -> Command {
        let mut command = Command::system(self.action(&step.what, now));
        if is_an_agents(&step.what) {
            let scope = match step.confined {
                Some(name) => Scope::Only([repo(NAMES[name])].into()),
                None => Scope::All,
            };
            command.caller = Caller {
                scope,
                ..Caller::full(Principal::Local)
            };
        }
        let key = step
            .keyed
            .map(|(name, request)| key(&name.to_string(), &request.to_string()));
        let lease = step.leased.map(|epoch| proof(0, epoch));
        command.keyed(key).under(lease.as_ref())
    }

    /// Mostly an active claim, sometimes any claim ever seen.
    fn chosen<'a>(&self, which: usize, now: &'a Snapshot) -> (ClaimId, Option<&'a Claim>) {
        let alive: Vec<&Claim> = now.claims().filter(|claim| claim.is_active()).collect();
        if !which.is_multiple_of(8) && !alive.is_empty() {
            let claim = alive[which / 8 % alive.len()];
            return (claim.id, Some(claim));
        }
        let id = match self.claims.len() {
            0 => ClaimId(TestIds::seeded(99).uuid()),
            n => self.claims[which / 8 % n],
        };
        (id, now.claims().find(|claim| claim.id == id))
    }

    fn action(&self, what: &StepKind, now: &Snapshot) -> Action {
        let named = |name: usize| repo(NAMES[name]);
        let who = |who: usize| agent(AGENTS[who]);
        let owner =
            |claim: Option<&Claim>| claim.map_or_else(|| who(0), |claim| claim.agent.clone());
        match what {
            StepKind::Claim {
                who: asks,
                name,
                n,
                unreachable,
            } => Action::ClaimIssue {
                agent: who(*asks),
                repo: named(*name),
                number: number(*n),
                unreachable: *unreachable,
                take_over: false,
            },
            StepKind::Next {
                who: asks,
                name,
                label,
            } => Action::NextIssue {
                agent: who(*asks),
                filter: IssueFilter::new(name.map(named), label.then_some("bug"), None),
                checks: unreachable(),
            },
            StepKind::Update {
                which,
                who: asks,
                to,
                pull,
            } => {
                let (id, claim) = self.chosen(*which, now);
                let agent = asks.map_or_else(|| owner(claim), who);
                update(id, agent, *to, *pull)
            }
            StepKind::GoOn { which } => {
                let (id, claim) = self.chosen(*which, now);
                let stale = claim.and_then(|claim| claim.before_stale);
                let to = match claim.map(|claim| claim.status) {
                    Some(ClaimStatus::Stale) if which % 3 > 0 => {
                        stale.unwrap_or(ClaimStatus::Claimed)
                    }
                    Some(ClaimStatus::InProgress) => ClaimStatus::PrSubmitted,
                    Some(ClaimStatus::PrSubmitted) => ClaimStatus::PrMerged,
                    Some(ClaimStatus::PrMerged) => ClaimStatus::Closed,
                    _ => ClaimStatus::InProgress,
                };
                update(id, owner(claim), to, which % 5 > 0)
            }
            StepKind::Release { which, who: asks } => {
                let (id, claim) = self.chosen(*which, now);
                let agent = asks.map_or_else(|| owner(claim), who);
                Action::ReleaseClaim {
                    claim: id,
                    agent,
                    reason: Some("no time".to_owned()),
                    outcome: None,
                }
            }
            StepKind::Answering(what) => self.answer(what, now),
            StepKind::News(news) => news.action(self.clock.now()),
            StepKind::List { name, rows } => Action::RecordIssues {
                repo: named(*name),
                issues: rows.iter().map(seen_row).collect(),
                pulls: Vec::new(),
            },
            StepKind::Look { name, row, seen } => Action::RecordIssue {
                repo: named(*name),
                number: number(row.n),
                seen: seen_as(row, *seen),
            },
            StepKind::Repos(rows) => Action::RecordRepos(rows.iter().map(seen_repo).collect()),
            StepKind::Lose(name) => Action::MarkRepoUnavailable(named(*name)),
            StepKind::Poll { name, ago } => poll(NAMES[*name], *ago, &self.clock),
            StepKind::FinishSync => finish_sync(SyncStats::default(), &[]).action,
            StepKind::Sweep => Action::Sweep,
            StepKind::Rerank => Action::Rerank(None),
            StepKind::Take { holder } => Action::AcquireLease {
                name: "sync".to_owned(),
                holder: holder.to_string(),
                length: Millis::minutes(5),
            },
            StepKind::Give { holder, epoch } => Action::ReleaseLease(proof(*holder, *epoch)),
            StepKind::Settle { which, fails } => Action::SettleOutbox {
                entry: Box::new(match self.writes.len() {
                    0 => no_entry(),
                    n => self.writes[which % n].clone(),
                }),
                failure: fails.then(|| failure("no", (which % 3 == 0).then_some(403))),
            },
        }
    }
}

fn is_an_agents(what: &StepKind) -> bool {
    matches!(
        what,
        StepKind::Claim { .. }
            | StepKind::Next { .. }
            | StepKind::Update { .. }
            | StepKind::GoOn { .. }
            | StepKind::Release { .. }
            | StepKind::Answering(_)
    )
}

fn update(
    claim: ClaimId,
    agent: issuecommand_core::domain::id::AgentId,
    to: ClaimStatus,
    pull: bool,
) -> Action {
    let pr_url = pull.then(|| "https://github.com/acme/web/pull/7".to_owned());
    Action::UpdateClaim {
        claim,
        agent,
        to,
        note: None,
        pr_url,
    }
}

fn poll(name: &str, seconds_ago: i64, clock: &TestClock) -> Action {
    let began = clock.now().minus(Millis::seconds(seconds_ago));
    Action::FinishPoll {
        repo: repo(name),
        began,
        watermark: None,
        etag: None,
        reading: Reading::default(),
    }
}

fn seen_as(row: &Row, seen: u8) -> IssueLookup {
    match seen {
        0 => IssueLookup::Unchanged,
        1 => IssueLookup::Withheld(WithheldReason::NotFound),
        2 => IssueLookup::Withheld(WithheldReason::Gone),
        3 => IssueLookup::Withheld(WithheldReason::Moved),
        4 => IssueLookup::PullRequest,
        _ => IssueLookup::Issue {
            issue: Box::new(seen_row(row)),
            etag: Some(format!("\"{seen}\"")),
        },
    }
}

fn seen_row(row: &Row) -> Issue {
    let mut issue = issue(row.n)
        .labels(LABELS[row.labels])
        .changed(row.minutes)
        .build();
    // Sometimes as after an agent's work, which is later than any of these minutes.
    if row.minutes % 5 == 4 {
        issue.updated_at = issue.updated_at.plus(Millis::minutes(600_000));
    }
    if !row.open {
        issue.state = issuecommand_core::domain::issue::IssueState::Closed;
    }
    issue
}

/// The repository that had this name at first, or a new one for the fourth name.
fn seen_repo((who, name, archived): &(usize, usize, bool)) -> RepoSnapshot {
    let github_id = facts(NAMES[*who]).github_id;
    RepoSnapshot {
        github_id,
        archived: *archived,
        ..facts(NAMES[*name])
    }
}

fn proof(holder: u8, epoch: i64) -> LeaseProof {
    lease_proof("sync", &holder.to_string(), epoch)
}
