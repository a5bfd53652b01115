//! Compares what people look at.

use std::collections::BTreeSet;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::daily::Day;
use issuecommand_core::domain::id::{AgentId, IssueKey};
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::domain::time::{Clock, Millis};
use issuecommand_core::memory::MemoryStore;
use issuecommand_core::ports::read_model::{
    AttentionQuery, EventPlace, FoundIssue, IssueLines, IssuePageQuery, ReadModel as _, Search,
    SearchQuery, WorkingCursor, WorkingQuery,
};
use issuecommand_core::ports::store::Store;
use issuecommand_testkit::builders::{agent, number, repo};

use super::history::{AGENTS, ISSUES, NAMES};

/// The same query of both stores, sorted if the answer has no order.
macro_rules! ask {
    ($memory:ident, $other:ident, $place:ident, $call:ident ( $($arg:expr),* ), $sort:expr) => {{
        let sort = $sort;
        let expected = sort($memory.$call($($arg),*).await.unwrap());
        let found = $other.$call($($arg),*).await.map(sort);
        assert_eq!(
            found.as_ref(),
            Ok(&expected),
            "{}{:?} of {}",
            stringify!($call),
            ($(&$arg),*),
            $place
        );
        expected
    }};
    ($memory:ident, $other:ident, $place:ident, $call:ident ( $($arg:expr),* )) => {
        ask!($memory, $other, $place, $call ( $($arg),* ), |answer| answer)
    };
}

/// Compares all questions of the read model.
pub(super) async fn same(
    memory: &MemoryStore,
    other: &dyn Store,
    turn: usize,
    clock: &dyn Clock,
    place: &str,
) {
    let scope = match turn % 3 {
        0 => Scope::Only([repo(NAMES[0]), repo(NAMES[2])].into()),
        1 => Scope::Only([repo(NAMES[1])].into()),
        _ => Scope::All,
    };
    let who = turn
        .is_multiple_of(2)
        .then(|| agent(AGENTS[turn % AGENTS.len()]));
    events(memory, other, turn, place).await;
    pages(memory, other, turn, &scope, who.as_ref(), place).await;
    searches(memory, other, turn, &scope, place).await;
    work(memory, other, turn, &scope, who.as_ref(), place).await;
    let query = AttentionQuery {
        scope: scope.clone(),
        unclaimed_before: (!turn.is_multiple_of(3)).then(|| clock.now().minus(Millis::minutes(20))),
        most: 4,
    };
    ask!(memory, other, place, attention(&query));
    let today = Day::of(clock.now());
    for (from, to) in [(Day(0), today), (today, today), (Day(today.0 - 1), today)] {
        ask!(memory, other, place, daily(&scope, from, to));
    }
    for who in AGENTS {
        ask!(memory, other, place, agent_totals(&agent(who)));
    }
    ask!(memory, other, place, agents_count());
    let behind = agent(AGENTS[turn % AGENTS.len()]);
    for behind in [None, Some(&behind)] {
        ask!(memory, other, place, agents_page(behind, 2));
    }
    ask!(memory, other, place, waiting_deliveries(5));
    ask!(memory, other, place, outbox(&scope, 3));
}

async fn events(memory: &MemoryStore, other: &dyn Store, turn: usize, place: &str) {
    let last = memory.last_event().await.unwrap();
    let mut subjects = BTreeSet::new();
    for name in NAMES {
        let n = i64::try_from(turn % 5).unwrap() + 1;
        subjects.insert((repo(name).key().to_owned(), number(n)));
    }
    let of = agent(AGENTS[turn % AGENTS.len()]);
    for of in [
        EventPlace::All,
        EventPlace::Agent(of),
        EventPlace::Subjects(subjects),
    ] {
        for before in [i64::MAX, last - 5] {
            ask!(memory, other, place, events_before(&of, before, 9));
        }
    }
}

async fn pages(
    memory: &MemoryStore,
    other: &dyn Store,
    turn: usize,
    scope: &Scope,
    who: Option<&AgentId>,
    place: &str,
) {
    let mut query = IssuePageQuery {
        scope: scope.clone(),
        agent: who.cloned(),
        after: None,
        limit: 3,
    };
    loop {
        let page = ask!(memory, other, place, ready_page(&query));
        let Some(last) = page.last() else { break };
        query.after = Some(*last);
    }
    let reason = turn.is_multiple_of(2).then_some(ReasonCode::Withheld);
    let mut query = IssuePageQuery {
        scope: scope.clone(),
        agent: who.cloned(),
        after: None,
        limit: 2,
    };
    loop {
        let page = ask!(memory, other, place, blocked_page(&query, reason));
        let Some(last) = page.last() else { break };
        query.after = Some(last.clone());
    }
}

async fn searches(
    memory: &MemoryStore,
    other: &dyn Store,
    turn: usize,
    scope: &Scope,
    place: &str,
) {
    let n = i64::try_from(turn % 4).unwrap() + 1;
    let words = |words: &[&str]| Search::Words(words.iter().map(|&word| word.to_owned()).collect());
    for (search, labels) in [
        (words(&["pl"]), &[][..]),
        (words(&["more", "quo"]), &[]),
        (words(&["lain"]), &[]),
        (words(&["line", "break"]), &[]),
        (Search::Number(number(n)), &[]),
        (Search::Number(number(n)), &["bug"]),
        (words(&["with"]), &["bug"]),
        (Search::Labels, &["bug"]),
        (Search::Labels, &["bug", "docs"]),
    ] {
        let labels = labels.iter().map(|&label| label.to_owned()).collect();
        let query = SearchQuery {
            search,
            labels,
            scope: scope.clone(),
            most: 1_000,
        };
        ask!(memory, other, place, search(&query), |mut found: Vec<
            FoundIssue,
        >| {
            found.sort_by_key(|found| found.key);
            found
        });
    }
    let mut keys: Vec<IssueKey> = Vec::new();
    for name in NAMES {
        let Some(known) = memory.repo(&repo(name)).await.unwrap() else {
            continue;
        };
        keys.extend((1..=ISSUES).map(|n| (known.id, number(n))));
    }
    keys.sort_unstable();
    keys.dedup();
    ask!(
        memory,
        other,
        place,
        issue_lines(&keys),
        |mut lines: IssueLines| {
            lines.lines.sort_by_key(|line| line.issue.key());
            lines
        }
    );
    for key in keys {
        ask!(memory, other, place, pulls_of_issue(key));
    }
}

async fn work(
    memory: &MemoryStore,
    other: &dyn Store,
    turn: usize,
    scope: &Scope,
    who: Option<&AgentId>,
    place: &str,
) {
    ask!(memory, other, place, working_counts(who, scope));
    let mut query = WorkingQuery {
        agent: who.cloned(),
        status: turn.is_multiple_of(2).then_some(ClaimStatus::InProgress),
        scope: scope.clone(),
        after: None,
        limit: 2,
    };
    loop {
        let page = ask!(memory, other, place, working(&query));
        let Some(last) = page.last() else { break };
        query.after = Some(WorkingCursor {
            claimed_at: last.claim.claimed_at,
            claim: last.claim.id.to_string(),
        });
    }
}
