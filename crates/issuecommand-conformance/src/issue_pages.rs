//! Pages of open issues and searches among them.

use std::collections::BTreeSet;

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::id::IssueKey;
use issuecommand_core::domain::issue::IssueFilter;
use issuecommand_core::domain::policy::{Policy, Route};
use issuecommand_core::domain::readiness::ReasonCode;
use issuecommand_core::ports::read_model::{
    BlockedCursor, FoundIssue, IssueLine, IssuePageQuery, QueueCursor, Search, SearchQuery,
};
use issuecommand_testkit::builders::{
    agent, issue, mark_repo_unavailable, number, release, repo, rerank,
};

use super::world::{API, World};

const WEB: &str = "acme/web";

fn query<C>(scope: Scope, who: Option<&str>, limit: u32) -> IssuePageQuery<C> {
    IssuePageQuery {
        scope,
        agent: who.map(agent),
        after: None,
        limit,
    }
}

fn only(names: &[&str]) -> Scope {
    Scope::Only(names.iter().map(|name| repo(name)).collect())
}

/// The names of issues, as `api#1`.
async fn named(world: &World, keys: impl IntoIterator<Item = IssueKey>) -> Vec<String> {
    let repos = world.store.repos().await.expect("repositories are read");
    let name = |(id, n): IssueKey| {
        let row = repos
            .iter()
            .find(|row| row.repo.id == id)
            .expect("a repository");
        let name = row.repo.facts.name.as_str();
        format!("{}#{n}", name.rsplit('/').next().unwrap_or_default())
    };
    keys.into_iter().map(name).collect()
}

/// All pages that are ready, of so many lines each.
async fn ready(world: &World, scope: Scope, who: Option<&str>, limit: u32) -> Vec<String> {
    let mut query: IssuePageQuery<QueueCursor> = query(scope, who, limit);
    let mut keys = Vec::new();
    loop {
        let page = world
            .store
            .ready_page(&query)
            .await
            .expect("a page is read");
        assert!(page.len() <= limit as usize);
        let Some(last) = page.last() else {
            return named(world, keys).await;
        };
        query.after = Some(*last);
        keys.extend(page.iter().map(|place| place.key));
    }
}

/// All pages that are blocked, with their first reasons.
async fn blocked(
    world: &World,
    scope: Scope,
    who: Option<&str>,
    reason: Option<ReasonCode>,
) -> Vec<(String, String)> {
    let mut query: IssuePageQuery<BlockedCursor> = query(scope, who, 2);
    let mut places = Vec::new();
    loop {
        let page = world.store.blocked_page(&query, reason).await;
        let page = page.expect("a page is read");
        let Some(last) = page.last() else {
            break;
        };
        query.after = Some(last.clone());
        places.extend(page);
    }
    let names = named(world, places.iter().map(|place| place.key)).await;
    let firsts = places.into_iter().map(|place| place.first);
    firsts.zip(names).collect()
}

/// Issues that are ready, held and blocked, in two repositories.
async fn mixed(world: &World) {
    let api = [
        issue(1).labels(&["bug"]),
        issue(2).labels(&["bug", "P0"]),
        issue(3).assignees(&["kim"]),
        issue(4).labels(&["no-agent", "bug"]),
        issue(5),
        issue(6).assignees(&["kim"]).labels(&["no-agent"]),
    ];
    world.mirror(API, api).await;
    let web = [issue(1), issue(2).assignees(&["kim"]), issue(3)];
    world.mirror(WEB, web).await;
    world.claim("ann", API, 5).await;
}

pub(super) async fn ready_ones_come_in_serving_order(world: &World) {
    assert_eq!(ready(world, Scope::All, None, 3).await, [""; 0]);
    mixed(world).await;
    let rows = world.store.open_issues(&IssueFilter::default()).await;
    let keys = rows.expect("issues are read").into_iter();
    let served = named(world, keys.map(|row| row.key())).await;
    assert_eq!(served[0], "api#2", "the most urgent");
    assert_eq!(served.len(), 4);
    for limit in [1, 2, 3, 10] {
        assert_eq!(ready(world, Scope::All, None, limit).await, served);
        assert_eq!(ready(world, only(&[API, WEB]), None, limit).await, served);
    }
    assert_eq!(
        ready(world, only(&[WEB]), None, 1).await,
        ["web#1", "web#3"]
    );
    assert_eq!(ready(world, only(&[]), None, 1).await, [""; 0]);
    let held = world.holder(API, 5).await.expect("it is held");
    world.note(release(&held)).await;
    assert!(
        ready(world, Scope::All, None, 2)
            .await
            .contains(&"api#5".to_owned())
    );
    world.note(mark_repo_unavailable(WEB)).await;
    assert_eq!(ready(world, only(&[WEB]), None, 9).await, [""; 0]);
    let left = ready(world, Scope::All, None, 2).await;
    assert!(left.iter().all(|name| name.starts_with("api")), "{left:?}");
}

pub(super) async fn blocked_ones_come_by_their_first_reason(world: &World) {
    assert_eq!(blocked(world, Scope::All, None, None).await, []);
    mixed(world).await;
    let of = |reason: &str, names: &[&str]| -> Vec<(String, String)> {
        let names = names.iter();
        names
            .map(|&name| (reason.to_owned(), name.to_owned()))
            .collect()
    };
    let assigned = of("assigned", &["web#2", "api#3", "api#6"]);
    let labelled = of("excluded_label", &["api#4"]);
    let all = [assigned.clone(), labelled.clone()].concat();
    assert_eq!(blocked(world, Scope::All, None, None).await, all);
    assert_eq!(
        blocked(world, Scope::All, None, Some(ReasonCode::Assigned)).await,
        assigned
    );
    assert_eq!(
        blocked(world, Scope::All, None, Some(ReasonCode::ExcludedLabel)).await,
        labelled
    );
    assert_eq!(
        blocked(world, Scope::All, None, Some(ReasonCode::Withheld)).await,
        []
    );
    let web = of("assigned", &["web#2"]);
    assert_eq!(blocked(world, only(&[WEB]), None, None).await, web);
    // An agent that was sent to one by number has it: then it is held.
    world.claim("bob", WEB, 2).await;
    assert_eq!(blocked(world, only(&[WEB]), None, None).await, []);
    world.note(mark_repo_unavailable(API)).await;
    assert_eq!(blocked(world, Scope::All, None, None).await, []);
}

pub(super) async fn an_agents_list_has_what_is_for_it(world: &World) {
    mixed(world).await;
    let route = Route::new(
        vec!["bug".to_owned()],
        vec![],
        vec![],
        vec!["codex-*".to_owned()],
    );
    let policy = Policy {
        routes: vec![route.expect("a route")],
        ..Policy::default()
    };
    let world = &world.under(policy).await;
    world.note(rerank(None)).await;
    assert_eq!(
        ready(world, Scope::All, Some("codex-1"), 2).await,
        ready(world, Scope::All, None, 2).await
    );
    let others = ready(world, Scope::All, Some("ann"), 2).await;
    let others: BTreeSet<&str> = others.iter().map(String::as_str).collect();
    assert_eq!(others, ["web#1", "web#3"].into());
    let codes: Vec<String> = blocked(world, Scope::All, Some("ann"), None)
        .await
        .into_iter()
        .map(|(_, name)| name)
        .collect();
    assert_eq!(codes, ["web#2", "api#3", "api#6"]);
}

async fn search(world: &World, search: Search, labels: &[&str], scope: Scope) -> Vec<String> {
    let query = SearchQuery {
        search,
        labels: labels.iter().map(|&label| label.to_owned()).collect(),
        scope,
        most: 100,
    };
    let found = world
        .store
        .search(&query)
        .await
        .expect("a search is answered");
    let mut names = named(world, found.iter().map(|found| found.key)).await;
    names.sort();
    names
}

fn words(words: &[&str]) -> Search {
    Search::Words(words.iter().map(|&word| word.to_owned()).collect())
}

pub(super) async fn a_search_finds_words_numbers_and_labels(world: &World) {
    let api = [
        issue(1)
            .title("Price shown with wrong currency")
            .labels(&["bug"]),
        issue(2)
            .title("Retry uploads: S3 time-outs")
            .labels(&["bug", "infra"]),
        issue(3).title("Über-long prices (in EUR)"),
        issue(4).title("'; DROP TABLE issue; -- \" * % _"),
    ];
    world.mirror(API, api).await;
    world
        .mirror(WEB, [issue(1).title("price of uploads")])
        .await;
    let all = || Scope::All;
    assert_eq!(
        search(world, words(&["price"]), &[], all()).await,
        ["api#1", "api#3", "web#1"]
    );
    assert_eq!(
        search(world, words(&["price"]), &[], only(&[API])).await,
        ["api#1", "api#3"]
    );
    assert_eq!(
        search(world, words(&["pri", "cur"]), &[], all()).await,
        ["api#1"]
    );
    assert_eq!(search(world, words(&["rice"]), &[], all()).await, [""; 0]);
    assert_eq!(search(world, words(&["s3"]), &[], all()).await, ["api#2"]);
    assert_eq!(search(world, words(&["out"]), &[], all()).await, ["api#2"]);
    assert_eq!(
        search(world, words(&["drop", "tab"]), &[], all()).await,
        ["api#4"]
    );
    assert_eq!(
        search(world, words(&["price"]), &["bug"], all()).await,
        ["api#1"]
    );
    assert_eq!(
        search(world, Search::Labels, &["bug"], all()).await,
        ["api#1", "api#2"]
    );
    assert_eq!(
        search(world, Search::Labels, &["bug", "infra"], all()).await,
        ["api#2"]
    );
    assert_eq!(
        search(world, Search::Labels, &["bug"], only(&[WEB])).await,
        [""; 0]
    );
    assert_eq!(
        search(world, Search::Number(number(1)), &[], all()).await,
        ["api#1", "web#1"]
    );
    assert_eq!(
        search(world, Search::Number(number(1)), &["bug"], all()).await,
        ["api#1"]
    );
    assert_eq!(
        search(world, Search::Number(number(9)), &[], all()).await,
        [""; 0]
    );
    // What changes on GitHub is found by its new words, and what is closed is not.
    world
        .mirror(
            API,
            [
                issue(1)
                    .title("Amount shown with wrong currency")
                    .changed(90),
                issue(2).closed().changed(90),
            ],
        )
        .await;
    assert_eq!(
        search(world, words(&["price"]), &[], all()).await,
        ["api#3", "web#1"]
    );
    assert_eq!(
        search(world, words(&["amount"]), &[], all()).await,
        ["api#1"]
    );
    assert_eq!(
        search(world, words(&["upload"]), &[], all()).await,
        ["web#1"]
    );
}

pub(super) async fn a_search_says_where_each_stands(world: &World) {
    mixed(world).await;
    let query = SearchQuery {
        search: words(&["issue"]),
        labels: Vec::new(),
        scope: Scope::All,
        most: 4,
    };
    let found = world
        .store
        .search(&query)
        .await
        .expect("a search is answered");
    assert_eq!(found.len(), 4, "no more than asked for");
    let query = SearchQuery { most: 100, ..query };
    let found = world
        .store
        .search(&query)
        .await
        .expect("a search is answered");
    let mut ready: Vec<QueueCursor> = found
        .iter()
        .filter(|found| found.first.is_none() && found.held.is_none() && found.offered)
        .map(|found| QueueCursor {
            turn: found.turn,
            created_at: found.created_at,
            key: found.key,
        })
        .collect();
    ready.sort();
    let page: IssuePageQuery<QueueCursor> = self::query(Scope::All, None, 100);
    assert_eq!(world.store.ready_page(&page).await, Ok(ready));
    let held: Vec<&FoundIssue> = found.iter().filter(|found| found.held.is_some()).collect();
    let [held] = held[..] else {
        panic!("{held:?}");
    };
    let claim = world.holder(API, 5).await.expect("it is held");
    let (cursor, holder) = held.held.as_ref().expect("a claim");
    assert_eq!(
        (cursor.claimed_at, cursor.claim.as_str(), holder),
        (
            claim.claimed_at,
            claim.id.to_string().as_str(),
            &claim.agent
        )
    );
}

pub(super) async fn lines_say_how_issues_stand(world: &World) {
    mixed(world).await;
    let row = world.row(API, 3).await;
    let api = row.repo;
    let keys: Vec<IssueKey> = [3, 5, 99].map(|n| (api, number(n))).to_vec();
    let lines = world
        .store
        .issue_lines(&keys)
        .await
        .expect("lines are read");
    let mut found: Vec<IssueLine> = lines.lines;
    found.sort_by_key(|line| line.issue.key());
    let [third, fifth] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!(third.issue, row);
    let reasons = third.standing.as_ref().map(|standing| standing.reasons);
    assert_eq!(reasons, Some([ReasonCode::Assigned].into_iter().collect()));
    assert_eq!(third.claim, None);
    let claim = fifth.claim.as_ref().expect("a claim");
    assert_eq!(claim.agent, agent("ann"));
    assert_eq!(fifth.issue.facts.body, "", "without the text");
    assert_eq!(lines.repos.keys().copied().collect::<Vec<_>>(), [api]);
    assert_eq!(world.store.issue_lines(&[]).await, Ok(Default::default()));
}
