//! Repositories, pages of issues, and comments.

use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::domain::issue::{CommentGap, IssueState};
use issuecommand_core::domain::pull_request::ListedPull;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::{Millis, Timestamp};
use issuecommand_core::ports::github::{Fetched, GitHub, IssueList, IssuePage};
use issuecommand_github_emulator::{Fault, NewComment, NewIssue, NewRepo, World};

use crate::setup::{Setup, app, client, failed, number};

crate::setup::both_ways! {
    all_open_issues_come_page_by_page_and_no_pull_request_with_them,
    the_newest_moment_counts_pull_requests_too,
    what_changed_since_a_moment_comes_closed_or_open,
    an_empty_list_is_a_page_without_rows,
    a_quiet_list_costs_an_unchanged_answer_and_no_request_of_the_budget,
    a_renamed_repository_is_followed_page_by_page,
    a_renamed_repository_answers_unchanged_through_its_redirect,
    all_repositories_come_and_each_says_what_it_is,
    a_repository_out_of_sight_is_not_found,
    a_list_of_issues_that_are_switched_off_is_not_an_empty_list,
    all_comments_come_the_oldest_first,
    of_too_many_comments_the_first_and_the_last_come,
    the_last_comments_come_in_few_requests_and_unchanged_ones_for_none,
    a_break_in_the_middle_of_a_list_is_no_short_list,
    a_row_that_cannot_be_read_is_named_and_the_others_count,
    pull_requests_are_told_by_number_and_state,
}

fn page(fetched: Fetched<IssuePage>) -> IssuePage {
    match fetched {
        Fetched::New(page) => page,
        Fetched::Unchanged => panic!("unchanged, though nothing was known"),
    }
}

async fn every_page(setup: &Setup, list: IssueList) -> Vec<IssuePage> {
    let mut pages = vec![page(
        setup.rest.issues(&app(), list, None, None).await.unwrap(),
    )];
    while let Some(next) = pages[pages.len() - 1].next.clone() {
        let fetched = setup.rest.issues(&app(), list, Some(&next), None).await;
        pages.push(page(fetched.unwrap()));
    }
    pages
}

fn numbers(pages: &[IssuePage]) -> Vec<i64> {
    let mut numbers: Vec<i64> = pages
        .iter()
        .flat_map(|page| &page.issues)
        .map(|issue| issue.number.get())
        .collect();
    numbers.sort_unstable();
    numbers
}

/// 250 issues; every fifth number is a pull request's.
fn busy_world() -> (World, Vec<i64>) {
    let mut world = World::new();
    world.add_repo("acme/app");
    let mut issues = Vec::new();
    for n in 0..312 {
        world.advance(std::time::Duration::from_mins(1));
        if n % 5 == 4 {
            world.open_pull("acme/app", "Work");
        } else {
            let number = world.open_issue("acme/app", "Something is wrong");
            issues.push(i64::try_from(number).unwrap());
        }
    }
    assert_eq!(issues.len(), 250);
    (world, issues)
}

async fn all_open_issues_come_page_by_page_and_no_pull_request_with_them() {
    let (world, expected) = busy_world();
    let setup = Setup::with(world).await;
    let pages = every_page(&setup, IssueList::Open).await;
    assert_eq!(numbers(&pages), expected);
    assert_eq!(pages.len(), 4, "312 rows, 100 a page");
    assert_eq!(setup.github.requests().len(), 4);
    let first = &setup.github.requests()[0];
    let asked = ["state", "sort", "direction", "per_page", "since"].map(|name| first.param(name));
    assert_eq!(
        asked,
        [
            Some("open"),
            Some("updated"),
            Some("desc"),
            Some("100"),
            None
        ]
    );
}

async fn the_newest_moment_counts_pull_requests_too() {
    let mut world = World::new();
    world.add_repo("acme/app");
    world.open_issue("acme/app", "Old");
    world.advance(std::time::Duration::from_secs(90));
    let expected = Timestamp(world.now().as_millisecond());
    world.open_pull("acme/app", "New");
    let setup = Setup::with(world).await;
    let page = page(
        setup
            .rest
            .issues(&app(), IssueList::Open, None, None)
            .await
            .unwrap(),
    );
    assert_eq!((page.issues.len(), page.newest), (1, Some(expected)));
}

async fn what_changed_since_a_moment_comes_closed_or_open() {
    let (world, _) = busy_world();
    let setup = Setup::with(world).await;
    let since = setup.github.world(|world| {
        world.advance(std::time::Duration::from_mins(1));
        let since = Timestamp(world.now().as_millisecond());
        world.close_issue("acme/app", 1);
        world.edit_title("acme/app", 7, "Something else is wrong");
        since
    });
    let pages = every_page(&setup, IssueList::ChangedSince(since)).await;
    assert_eq!((pages.len(), numbers(&pages)), (1, vec![1, 7]));
    let closed = pages[0]
        .issues
        .iter()
        .find(|issue| issue.number == number(1))
        .unwrap();
    assert_eq!(closed.state, IssueState::Closed);
    let first = &setup.github.requests()[0];
    let asked = ["state", "since"].map(|name| first.param(name));
    assert_eq!(asked, [Some("all"), Some(since.as_github().as_str())]);
}

async fn an_empty_list_is_a_page_without_rows() {
    let mut world = World::new();
    world.add_repo("acme/app");
    let setup = Setup::with(world).await;
    let page = page(
        setup
            .rest
            .issues(&app(), IssueList::Open, None, None)
            .await
            .unwrap(),
    );
    assert_eq!((page.issues.len(), page.newest, page.next), (0, None, None));
}

async fn a_quiet_list_costs_an_unchanged_answer_and_no_request_of_the_budget() {
    let setup = Setup::small().await;
    let ask = async |etag: Option<&str>| {
        setup
            .rest
            .issues(&app(), IssueList::Open, None, etag)
            .await
            .unwrap()
    };
    let etag = page(ask(None).await).etag.unwrap();
    let left = setup.rest.budget().remaining;
    assert_eq!(ask(Some(&etag)).await, Fetched::Unchanged);
    assert_eq!(setup.rest.budget().remaining, left);
    setup.github.world(|world| {
        world.advance(std::time::Duration::from_secs(1));
        world.label("acme/app", 1, "bug");
    });
    let changed = page(ask(Some(&etag)).await);
    assert_eq!(changed.issues[0].labels, ["bug"]);
    assert_ne!(changed.etag, Some(etag));
}

#[tokio::test]
async fn a_validator_of_another_credential_is_not_sent() {
    let mut world = crate::setup::small_world();
    world.accept_token("other-token", "somebody");
    let setup = Setup::with(world).await;
    let etag = page(
        setup
            .rest
            .issues(&app(), IssueList::Open, None, None)
            .await
            .unwrap(),
    )
    .etag;
    let other = client(setup.github.url(), "other-token", &setup.clock, |_| {});
    setup.github.forget_requests();
    let fetched = other
        .issues(&app(), IssueList::Open, None, etag.as_deref())
        .await;
    assert_eq!(page(fetched.unwrap()).issues.len(), 1);
    assert_eq!(setup.github.requests()[0].header("if-none-match"), None);
}

async fn a_renamed_repository_is_followed_page_by_page() {
    let (mut world, expected) = busy_world();
    world.rename_repo("acme/app", "acme/product");
    let setup = Setup::with(world).await;
    assert_eq!(
        numbers(&every_page(&setup, IssueList::Open).await),
        expected
    );
    let facts = setup.rest.repo(&app()).await.unwrap();
    assert_eq!(facts.name.as_str(), "acme/product");
}

async fn a_renamed_repository_answers_unchanged_through_its_redirect() {
    let mut world = crate::setup::small_world();
    world.rename_repo("acme/app", "acme/product");
    let setup = Setup::with(world).await;
    let etag = page(
        setup
            .rest
            .issues(&app(), IssueList::Open, None, None)
            .await
            .unwrap(),
    )
    .etag;
    let again = setup
        .rest
        .issues(&app(), IssueList::Open, None, etag.as_deref())
        .await;
    assert_eq!(again.unwrap(), Fetched::Unchanged);
}

async fn all_repositories_come_and_each_says_what_it_is() {
    let mut world = World::new();
    for n in 0..130 {
        world.add_repo(NewRepo::named(&format!("acme/r{n:03}")));
    }
    world.add_repo(
        NewRepo::named("Zeta/Secret")
            .private()
            .description("Not for all"),
    );
    world.open_issue("Zeta/Secret", "One");
    world.open_pull("Zeta/Secret", "Two");
    world.set_has_issues("acme/r000", false);
    let setup = Setup::with(world).await;
    let repos = setup.rest.repos().await.unwrap();
    assert_eq!(repos.len(), 131);
    let secret = repos
        .iter()
        .find(|repo| repo.name.as_str() == "Zeta/Secret")
        .unwrap();
    assert_eq!(secret.description.as_deref(), Some("Not for all"));
    assert_eq!(
        (secret.private, secret.archived, secret.open_count),
        (true, false, 2)
    );
    let shut = repos
        .iter()
        .find(|repo| repo.name.as_str() == "acme/r000")
        .unwrap();
    assert!(
        shut.archived,
        "nobody can work on issues that are switched off"
    );
    assert_eq!(*secret, setup.rest.repo(&secret.name).await.unwrap());
}

async fn a_repository_out_of_sight_is_not_found() {
    let setup = Setup::small().await;
    setup.github.world(|world| world.remove_access("acme/app"));
    failed(setup.rest.repo(&app()).await, GithubErrorKind::NotFound);
    let list = setup.rest.issues(&app(), IssueList::Open, None, None).await;
    failed(list, GithubErrorKind::NotFound);
    let never = RepoName::parse("acme/never").unwrap();
    failed(setup.rest.repo(&never).await, GithubErrorKind::NotFound);
}

async fn a_list_of_issues_that_are_switched_off_is_not_an_empty_list() {
    let setup = Setup::small().await;
    setup
        .github
        .world(|world| world.set_has_issues("acme/app", false));
    let list = setup.rest.issues(&app(), IssueList::Open, None, None).await;
    failed(list, GithubErrorKind::NotFound);
}

async fn all_comments_come_the_oldest_first() {
    let mut world = World::new();
    world.add_repo("acme/app");
    let issue = world.open_issue("acme/app", NewIssue::titled("Talk").by_ghost());
    for n in 0..120 {
        world.comment(
            "acme/app",
            issue,
            NewComment::saying(&format!("{n}")).by("ada"),
        );
    }
    world.comment("acme/app", issue, NewComment::saying("boo").by_ghost());
    let setup = Setup::with(world).await;
    let list = setup.rest.comments(&app(), number(issue)).await.unwrap();
    let (comments, gap) = (list.comments, list.gap);
    assert_eq!(gap, None);
    let bodies: Vec<&str> = comments
        .iter()
        .map(|comment| comment.body.as_str())
        .collect();
    let expected: Vec<String> = (0..120)
        .map(|n| n.to_string())
        .chain(["boo".to_owned()])
        .collect();
    assert_eq!(bodies, expected);
    assert_eq!(comments[0].author.as_deref(), Some("ada"));
    assert_eq!(comments[120].author, None);
    setup
        .github
        .world(|world| world.delete_issue("acme/app", issue));
    failed(
        setup.rest.comments(&app(), number(issue)).await,
        GithubErrorKind::NotFound,
    );
}

async fn of_too_many_comments_the_first_and_the_last_come() {
    let mut world = World::new();
    world.add_repo("acme/app");
    let issue = world.open_issue("acme/app", NewIssue::titled("Talk"));
    for n in 0..10_250 {
        world.comment("acme/app", issue, NewComment::saying(&n.to_string()));
    }
    let setup = Setup::with(world).await;
    let list = setup.rest.comments(&app(), number(issue)).await.unwrap();
    let numbers = list
        .comments
        .iter()
        .map(|comment| comment.body.parse().unwrap());
    let numbers: Vec<usize> = numbers.collect();
    let expected: Vec<usize> = (0..500).chain(9_800..10_250).collect();
    assert_eq!(numbers, expected);
    let gap = CommentGap {
        after: 500,
        count: Some(9_300),
    };
    assert_eq!(list.gap, Some(gap));
    assert_eq!(setup.github.requests().len(), 10);
}

async fn the_last_comments_come_in_few_requests_and_unchanged_ones_for_none() {
    let mut world = World::new();
    world.add_repo("acme/app");
    let issue = world.open_issue("acme/app", NewIssue::titled("Talk"));
    let setup = Setup::with(world).await;
    let route = format!("GET /repos/acme/app/issues/{issue}/comments");
    let mut said = 0_usize;
    for (until, most) in [
        (0, 1),
        (1, 1),
        (3, 1),
        (9, 1),
        (10, 1),
        (11, 2),
        (12, 2),
        (20, 2),
        (21, 2),
        (47, 2),
    ] {
        setup.github.world(|world| {
            for n in said..until {
                world.comment("acme/app", issue, NewComment::saying(&n.to_string()));
            }
        });
        said = until;
        let told = async |most: usize| {
            let before = setup.github.requests_to(&route).len();
            let latest = setup.rest.latest_comments(&app(), number(issue)).await;
            let latest = latest.unwrap();
            let bodies: Vec<&str> = latest
                .comments
                .iter()
                .map(|one| one.body.as_str())
                .collect();
            let expected: Vec<String> = (until.saturating_sub(3)..until)
                .map(|n| n.to_string())
                .collect();
            assert_eq!(
                (bodies, latest.total),
                (expected.iter().map(String::as_str).collect(), until)
            );
            let asked = setup.github.requests_to(&route).len() - before;
            assert!(asked <= most, "{until} comments: {asked} requests");
        };
        // The page that was the last one before is requested first.
        told(most + 1).await;
        let left = setup.rest.budget().remaining;
        told(most).await;
        let full = until > 0 && until % 10 == 0;
        assert!(
            full || setup.rest.budget().remaining == left,
            "{until}: it costs nothing"
        );
    }
    let comment = setup
        .github
        .world(|world| world.comment("acme/app", issue, "gone"));
    setup
        .rest
        .latest_comments(&app(), number(issue))
        .await
        .unwrap();
    setup
        .github
        .world(|world| world.delete_comment("acme/app", issue, comment));
    let latest = setup
        .rest
        .latest_comments(&app(), number(issue))
        .await
        .unwrap();
    assert_eq!((latest.total, &*latest.comments[2].body), (47, "46"));
    setup
        .github
        .world(|world| world.delete_issue("acme/app", issue));
    failed(
        setup.rest.latest_comments(&app(), number(issue)).await,
        GithubErrorKind::NotFound,
    );
}

async fn a_break_in_the_middle_of_a_list_is_no_short_list() {
    let mut world = World::new();
    for n in 0..130 {
        world.add_repo(NewRepo::named(&format!("acme/r{n:03}")));
    }
    let setup = Setup::with(world).await;
    let fault = issuecommand_github_emulator::Fault::status(502).on_page(2);
    setup.github.fault("GET /user/repos", fault);
    failed(setup.rest.repos().await, GithubErrorKind::Unreachable);
    setup.pass(Millis::seconds(1));
    setup.github.end_faults();
    assert_eq!(setup.rest.repos().await.unwrap().len(), 130);
}

async fn a_row_that_cannot_be_read_is_named_and_the_others_count() {
    let setup = Setup::small().await;
    let good = r#"{"number": 7, "title": "Good", "state": "open", "created_at": "2025-01-02T03:04:05Z",
        "updated_at": "2025-01-02T03:04:05Z", "html_url": "https://github.test/7"}"#;
    for (bad, known) in [
        (
            r#"{"number": 8, "title": null, "updated_at": "2025-02-02T03:04:05Z"}"#,
            Some(8),
        ),
        (r#"{"number": "8", "title": 7, "updated_at": 12}"#, Some(8)),
        (r#"{"number": 1e21, "title": "Huge"}"#, None),
        ("null", None),
        ("{}", None),
    ] {
        let text = format!("[{good}, {bad}]");
        let fault = setup
            .github
            .fault("GET /repos/*/*/issues", Fault::text(&text));
        let list = setup.rest.issues(&app(), IssueList::Open, None, None).await;
        let page = page(list.unwrap());
        assert_eq!(numbers(std::slice::from_ref(&page)), [7], "{bad}");
        let [row] = &page.unreadable[..] else {
            panic!("{bad}: {:?}", page.unreadable)
        };
        assert_eq!(
            row.number
                .map(issuecommand_core::domain::id::IssueNumber::get),
            known,
            "{bad}"
        );
        assert!(!row.reason.is_empty() && !row.reason.contains("Huge"));
        // The watermark must not stop before an unreadable row.
        let newest = if bad.contains("2025-02") {
            "2025-02-02T03:04:05Z"
        } else {
            "2025-01-02T03:04:05Z"
        };
        assert_eq!(page.newest, Timestamp::parse(newest), "{bad}");
        setup.github.end_fault(fault);
    }
    let fault = Fault::text(
        r#"[{"id": 1}, {"full_name": "acme/app", "id": 2, "html_url": "x", "private": false, "open_issues_count": 0}]"#,
    );
    setup.github.fault("GET /user/repos", fault);
    assert_eq!(setup.rest.repos().await.unwrap().len(), 1);
}

async fn pull_requests_are_told_by_number_and_state() {
    let mut world = World::new();
    world.add_repo("acme/app");
    world.open_issue("acme/app", "An issue");
    let (first, second) = (
        world.open_pull("acme/app", "One"),
        world.open_pull("acme/app", "Two"),
    );
    world.close_pull("acme/app", first);
    let setup = Setup::with(world).await;
    let since = IssueList::ChangedSince(Timestamp(0));
    let list = setup.rest.issues(&app(), since, None, None).await;
    let mut pulls = page(list.unwrap()).pulls;
    pulls.sort_by_key(|pull| pull.number);
    let told = [(first, false), (second, true)];
    let told = told.map(|(n, open)| ListedPull {
        number: number(n),
        open,
    });
    assert_eq!(pulls, told);
}
