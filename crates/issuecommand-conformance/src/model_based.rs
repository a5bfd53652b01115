//! Runs random histories through the memory store, which is the reference, and through another store. Every outcome and every
//! query must be the same. `ISSUECOMMAND_SEED` repeats one history.
#![allow(
    clippy::unwrap_used,
    reason = "a test that stands here for every backend"
)]

mod coverage;
mod history;
mod reads;

use std::sync::Arc;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::explain::ExplainQuery;
use issuecommand_core::domain::id::IdGenerator;
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::policy::{Policy, ReadinessPolicy, ResolveOnPush};
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::engine::command::{Command, Outcome};
use issuecommand_core::memory::MemoryStore;
use issuecommand_core::ports::store::{
    ClaimFilter, FollowupFilter, HistoryCursor, HistoryQuery, Store,
};
use issuecommand_testkit::builders::{agent, number, repo};
use issuecommand_testkit::clock::TestClock;
use issuecommand_testkit::ids::TestIds;

use self::coverage::Coverage;
use self::history::{AGENTS, History, ISSUES, NAMES, PULLS};

const STEPS: usize = 120;

/// Runs so many histories. `open` opens a new, empty store under these settings, this clock and these ids, with a value that
/// keeps its place; both are dropped at the end of each history.
///
/// # Panics
/// When the two differ, and when the histories did not come to all that can happen.
#[expect(clippy::disallowed_methods, reason = "the seed of a run to repeat")]
pub fn random_histories<P>(
    rounds: u32,
    mut open: impl AsyncFnMut(Policy, Arc<dyn Clock>, Box<dyn IdGenerator>) -> (P, Arc<dyn Store>),
) {
    let seeds: Vec<u64> = match std::env::var("ISSUECOMMAND_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => (1..=u64::from(rounds)).collect(),
    };
    let all = seeds.len() > 1;
    let mut coverage = Coverage::default();
    for seed in seeds {
        // One thread, so that commands sent together are taken together, and both stores make the same batches.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(both(seed, &mut open, &mut coverage));
    }
    if all {
        coverage.is_all_there_is();
    }
}

async fn both<P>(
    seed: u64,
    open: &mut impl AsyncFnMut(Policy, Arc<dyn Clock>, Box<dyn IdGenerator>) -> (P, Arc<dyn Store>),
    coverage: &mut Coverage,
) {
    let clock = Arc::new(TestClock::default());
    let mut history = History::new(seed);
    let policy = Policy {
        claim_timeout: Millis::minutes(history.of(&[60, 6_000])),
        stale_auto_release: history.one_in(2).then(|| Millis::minutes(30)),
        auto_close: history.one_in(2),
        history_max: 6,
        event_keep: Millis::minutes(600),
        remember: Millis::minutes(300),
        followup_stale: Millis::minutes(90),
        followup_max: 4,
        coalesce: !history.one_in(3),
        affinity: Millis::minutes(history.of(&[30, 3_000])),
        resolve_on_push: history.of(&[
            ResolveOnPush::All,
            ResolveOnPush::All,
            ResolveOnPush::Owned,
            ResolveOnPush::Never,
        ]),
        ignore_bots: history.one_in(2),
        deliveries_max: 8,
        jump_is_silence: history.of(&[true, true, false]),
        readiness: ReadinessPolicy {
            agent_logins: Some(["octo".to_owned()].into()),
            ..ReadinessPolicy::default()
        },
        ..Policy::default()
    };
    let memory = MemoryStore::new(
        policy.clone(),
        clock.clone(),
        Box::new(TestIds::seeded(seed)),
    );
    let ids = Box::new(TestIds::seeded(seed));
    let (place, other) = open(policy, clock.clone(), ids).await;
    for step in 0..STEPS {
        clock.advance(history.pause());
        let size = if history.one_in(3) {
            history.below(12) + 1
        } else {
            1
        };
        let mut commands = Vec::new();
        for _ in 0..size {
            commands.push(history.command(&memory, &*clock).await);
        }
        let place = format!("ISSUECOMMAND_SEED={seed}, step {step}, {commands:#?}");
        let expected = in_memory(&memory, &commands);
        let sent = commands
            .iter()
            .map(|command| other.transact(command.clone()));
        let outcomes: Result<Vec<Outcome>, _> = futures_util::future::join_all(sent)
            .await
            .into_iter()
            .collect();
        assert_eq!(outcomes.as_ref(), Ok(&expected), "{place}");
        for (command, outcome) in commands.iter().zip(expected) {
            coverage.heard(command, &outcome);
            history.learn(outcome);
        }
        counted(&memory, &*other, &mut history, &place).await;
        if step % 10 == 9 || step + 1 == STEPS {
            same(&memory, &*other, &mut history, &*clock, &place).await;
            reads::same(&memory, &*other, step / 10, &*clock, &place).await;
        }
    }
    coverage.told(&memory.events_after(0, u32::MAX).await.unwrap());
    drop(other);
    drop(place);
}

/// Like the writer: a deferred command comes first in the next batch.
fn in_memory(memory: &MemoryStore, commands: &[Command]) -> Vec<Outcome> {
    let mut outcomes: Vec<Option<Outcome>> = vec![None; commands.len()];
    let mut waiting: Vec<usize> = (0..commands.len()).collect();
    while !waiting.is_empty() {
        let batch: Vec<Command> = waiting.iter().map(|n| commands[*n].clone()).collect();
        for (n, outcome) in waiting.iter().zip(memory.run_batch(&batch).unwrap()) {
            outcomes[*n] = outcome;
        }
        waiting.retain(|n| outcomes[*n].is_none());
    }
    outcomes.into_iter().flatten().collect()
}

/// Compares how many issues are ready and why the others are not: the other store may keep numbers, which each step changes.
async fn counted(memory: &MemoryStore, other: &dyn Store, history: &mut History, place: &str) {
    let scope = match history.below(3) {
        0 => Scope::Only([repo(NAMES[0]), repo(NAMES[2])].into()),
        _ => Scope::All,
    };
    let who = history.one_in(2).then(|| agent(AGENTS[0]));
    let filtered = ExplainQuery {
        most: 3,
        ..ExplainQuery::new(history.filter(), scope.clone(), who.clone())
    };
    for query in [
        ExplainQuery::new(IssueFilter::default(), scope, who),
        filtered,
    ] {
        let expected = memory.explain(&query).await.unwrap();
        let found = other.explain(&query).await;
        assert_eq!(found.as_ref(), Ok(&expected), "{query:?} of {place}");
    }
}

/// Compares all queries of both.
async fn same(
    memory: &MemoryStore,
    other: &dyn Store,
    history: &mut History,
    clock: &dyn Clock,
    place: &str,
) {
    /// The same query of both.
    macro_rules! ask {
        ($call:ident ( $($arg:expr),* )) => {{
            let expected = memory.$call($($arg),*).await.unwrap();
            assert_eq!(
                other.$call($($arg),*).await.as_ref(),
                Ok(&expected),
                "{}{:?} of {place}",
                stringify!($call),
                ($(&$arg),*)
            );
            expected
        }};
    }
    ask!(health(&Scope::All));
    ask!(health(&Scope::Only(
        [repo(NAMES[0]), repo(NAMES[2])].into()
    )));
    ask!(keys());
    ask!(last_event());
    ask!(oldest_event());
    ask!(repos());
    ask!(due_outbox(clock.now().plus(Millis::minutes(1)), 3));
    let last = ask!(events_after(0, 1_000_000));
    ask!(events_after(last.get(3).map_or(0, |event| event.seq), 5));
    for name in NAMES {
        ask!(repo(&repo(name)));
        ask!(unready_issues(&repo(name)));
        for n in 1..=ISSUES {
            ask!(issue(&repo(name), number(n)));
        }
    }
    ask!(linked_pulls());
    ask!(deferred_deliveries(1));
    ask!(deferred_deliveries(1_000));
    ask!(followups(&FollowupFilter::default()));
    for n in 1..=PULLS {
        let filter = FollowupFilter {
            number: Some(number(n)),
            repo: Some(repo(NAMES[history.below(NAMES.len())])),
            ..FollowupFilter::default()
        };
        ask!(followups(&filter));
    }
    for who in AGENTS {
        let filter = FollowupFilter {
            owner: Some(agent(who)),
            status: history.one_in(2).then(|| history.followup_status()),
            scope: Scope::Only([repo(NAMES[0]), repo(NAMES[3])].into()),
            ..FollowupFilter::default()
        };
        ask!(followups(&filter));
    }
    ask!(open_issues(&IssueFilter::default()));
    for _ in 0..4 {
        let filter = history.filter();
        ask!(open_issues(&filter));
    }
    let mut filters = vec![ClaimFilter::default()];
    for who in AGENTS {
        filters.push(ClaimFilter {
            agent: Some(agent(who)),
            ..ClaimFilter::default()
        });
    }
    filters.push(ClaimFilter {
        repo: Some(repo(NAMES[0])),
        status: Some(history.status()),
        ..ClaimFilter::default()
    });
    filters.push(ClaimFilter {
        scope: Scope::Only([repo(NAMES[1])].into()),
        ..ClaimFilter::default()
    });
    for filter in &filters {
        ask!(claims(filter));
        let mut query = HistoryQuery {
            status: None,
            agent: filter.agent.clone(),
            repo: filter.repo.clone(),
            scope: filter.scope.clone(),
            limit: 2,
            after: None,
        };
        loop {
            let page = ask!(history(&query));
            let Some(last) = page.last() else { break };
            query.after = Some(HistoryCursor {
                ended: last.last_updated,
                claim: last.id.to_string(),
            });
        }
    }
}
