//! Each field of each response, in turn missing, null and of every other type: nothing panics, valid rows are used, nothing is
//! closed or merged by it, skipped rows are named, and one clean reading repairs the result.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use issuecommand_core::domain::issue::{Issue, IssueLookup, IssueState};
use issuecommand_core::domain::pull_request::{LinkedPull, PullValidators};
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::GithubEvent;
use issuecommand_core::engine::command::HeadQuestion;
use issuecommand_core::ports::github::{Fetched, GitHub, IssueList, IssuePage};
use issuecommand_github::Rest;
use issuecommand_github_emulator::{
    Alteration, Association, Fault, NewComment, NewIssue, NewPull, NewRepo, ReviewState, World,
};
use issuecommand_testkit::http::github_json;
use issuecommand_testkit::prove::rounds;

use crate::setup::{Setup, app, number};

/// A draft that only its author may see.
const DRAFT: &str = "not yet";

/// All requests to GitHub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Query {
    Repos,
    Repo,
    RepoById,
    Open,
    Changed,
    Issue,
    Comments,
    News,
    Writer,
    Viewer,
    Commit,
}

const ALL: [Query; 11] = [
    Query::Repos,
    Query::Repo,
    Query::RepoById,
    Query::Open,
    Query::Changed,
    Query::Issue,
    Query::Comments,
    Query::News,
    Query::Writer,
    Query::Viewer,
    Query::Commit,
];

/// The result of a request, part by part.
#[derive(Clone, Debug, Default, PartialEq)]
struct ReadResult {
    parts: BTreeSet<String>,
    /// An unreadable row was named.
    named: bool,
    failed: bool,
    validators: PullValidators,
}

impl ReadResult {
    fn of(parts: impl IntoIterator<Item = String>) -> Self {
        Self {
            parts: parts.into_iter().collect(),
            ..Self::default()
        }
    }

    fn failed() -> Self {
        Self {
            failed: true,
            ..Self::default()
        }
    }
}

fn of_issue(issue: &Issue) -> String {
    let state = if issue.state == IssueState::Closed {
        "closed"
    } else {
        "open"
    };
    format!("issue {} {state} {:?}", issue.number, issue.title)
}

fn of_page(page: Fetched<IssuePage>) -> ReadResult {
    let Fetched::New(page) = page else {
        panic!("unchanged without a validator")
    };
    let pulls = page.pulls.iter().map(|pull| format!("pull {pull:?}"));
    ReadResult {
        named: !page.unreadable.is_empty(),
        ..ReadResult::of(page.issues.iter().map(of_issue).chain(pulls))
    }
}

fn of_meaning(meaning: &GithubEvent) -> String {
    match meaning {
        GithubEvent::Pull { pull, .. } => {
            let merged = if pull.merged { "merged" } else { "unmerged" };
            format!("itself open={} {merged} {:?}", pull.open, pull.closes)
        }
        GithubEvent::Feedback { source, .. } => format!("{} {:?}", source.id.0, source.body),
        GithubEvent::Withdrawn {
            reviewer, ending, ..
        } => format!("{reviewer:?} {ending:?}"),
        other => panic!("{other:?}"),
    }
}

async fn ask(
    asked: Query,
    (setup, sha): (&Setup, &str),
    validators: &PullValidators,
) -> ReadResult {
    let (rest, app): (&Rest, _) = (&setup.rest, app());
    let kept = match asked {
        Query::Repos => rest.repo_listing().await.map(|listing| ReadResult {
            named: !listing.unreadable.is_empty(),
            ..ReadResult::of(listing.repos.iter().map(|repo| repo.name.to_string()))
        }),
        Query::Repo => rest
            .repo(&app)
            .await
            .map(|it| ReadResult::of([it.name.to_string()])),
        Query::RepoById => {
            let id = setup.github.world(|world| world.repos().next().unwrap().id);
            let repo = rest.repo_by_id(i64::try_from(id).unwrap()).await;
            repo.map(|it| ReadResult::of([it.name.to_string()]))
        }
        Query::Open => (rest.issues(&app, IssueList::Open, None, None).await).map(of_page),
        Query::Changed => {
            let list = IssueList::ChangedSince(Timestamp(0));
            rest.issues(&app, list, None, None).await.map(of_page)
        }
        Query::Issue => rest
            .issue(&app, number(1), None)
            .await
            .map(|seen| match seen {
                IssueLookup::Issue { issue, .. } => ReadResult::of([of_issue(&issue)]),
                other => ReadResult::of([format!("{other:?}")]),
            }),
        Query::Comments => (rest.comments(&app, number(1)).await)
            .map(|it| ReadResult::of(it.comments.into_iter().map(|comment| comment.body))),
        Query::News => {
            let pull = LinkedPull {
                repo: app.clone(),
                number: number(4),
                head: None,
                waiting: Vec::new(),
                validators: validators.clone(),
            };
            rest.pull_news(&pull).await.map(|news| ReadResult {
                named: !news.unreadable.is_empty(),
                validators: news.validators,
                ..ReadResult::of(news.meanings.iter().map(of_meaning))
            })
        }
        Query::Writer => rest
            .can_write(&app, "ada")
            .await
            .map(|may| ReadResult::of([may.to_string()])),
        Query::Viewer => rest.viewer().await.map(|login| ReadResult::of([login])),
        Query::Commit => {
            let question = HeadQuestion {
                repo: app.clone(),
                number: number(4),
                sha: sha.to_owned(),
                base: Some("main".to_owned()),
                base_sha: None,
            };
            let answer = rest.merges_base(&question).await;
            answer.map(|merge| ReadResult::of([format!("{merge:?}")]))
        }
    };
    kept.unwrap_or_else(|_| ReadResult::failed())
}

/// Two repositories; the first has three open issues, one with comments, and a pull request with feedback, with the commit at
/// its head.
fn world() -> (World, String) {
    let mut world = World::new();
    world.add_repo(NewRepo::named("acme/app").description("The app"));
    world.add_repo("acme/web");
    world.add_member("acme/app", "ada", Association::Member);
    for n in 1..=3 {
        let issue = NewIssue::titled(&format!("Issue {n}"))
            .body("It is broken.")
            .label("bug")
            .assignee("ada")
            .milestone("v1");
        world.open_issue("acme/app", issue);
    }
    for text in ["one", "two", "three"] {
        world.comment("acme/app", 1, NewComment::saying(text).by("rita"));
    }
    let new = NewIssue::titled("Mend it").body("Closes #1").by("ada");
    world.open_pull("acme/app", NewPull::from_branch("mend", new));
    let draft = NewComment::saying("").by("octo-agent");
    let pending = world.review("acme/app", 4, ReviewState::Pending, draft);
    let no = NewComment::saying("No").by("rita");
    let review = world.review("acme/app", 4, ReviewState::ChangesRequested, no);
    let yes = NewComment::saying("Yes").by("eve");
    world.review("acme/app", 4, ReviewState::Approved, yes);
    for text in ["here", "there"] {
        let on_line = NewComment::saying(text).by("rita").in_review(review);
        world.review_comment("acme/app", 4, on_line.on_line("src/a.rs", 3));
    }
    let draft = NewComment::saying(DRAFT)
        .by("octo-agent")
        .in_review(pending);
    world.review_comment("acme/app", 4, draft.on_line("src/a.rs", 4));
    for text in ["Hm", "Well"] {
        world.comment("acme/app", 4, NewComment::saying(text).by("rita"));
    }
    let sha = world.push("acme/app", 4);
    // It is first in a list sorted by the last change.
    world.advance(Duration::from_mins(1));
    world.edit_title("acme/app", 3, "Issue three");
    (world, sha)
}

#[tokio::test]
async fn prove_one_altered_field_hides_no_valid_rows() {
    let (world, sha) = world();
    let setup = Setup::with(world).await;
    let at = (&setup, sha.as_str());
    setup.github.world(|world| world.set_rate_limit(10_000_000));
    let none = PullValidators::default();
    let (mut count, mut shapes) = (0_u32, BTreeMap::new());
    for asked in ALL {
        setup.github.forget_requests();
        let clean = ask(asked, at, &none).await;
        assert!(!clean.failed && !clean.named, "{asked:?}: {clean:?}");
        assert!(!clean.parts.is_empty(), "{asked:?}");
        for request in setup.github.requests() {
            let route = format!("GET {}", request.path);
            let document = github_json(setup.github.url(), "test-token", &request.target()).await;
            let is_list = document.is_array();
            let without = if is_list {
                let fault = setup.github.fault(&route, Fault::altered("/0", None));
                let heard = ask(asked, at, &none).await;
                setup.github.end_fault(fault);
                heard.parts
            } else {
                let others = clean
                    .parts
                    .iter()
                    .filter(|part| !part.starts_with("itself"));
                let others = others.filter(|_| asked == Query::News);
                others.cloned().collect()
            };
            let all = Alteration::all_of(&document);
            shapes.insert((asked, request.path.clone()), all.len());
            for alteration in all {
                count += 1;
                // Every kind of alteration in turn: a field has six of them.
                if !count.is_multiple_of(rounds(5, 1)) {
                    continue;
                }
                let fault = Fault::altered(&alteration.pointer, alteration.to.clone());
                let fault = setup.github.fault(&route, fault);
                let heard = ask(asked, at, &none).await;
                setup.github.end_fault(fault);
                let case = format!("{asked:?} {route} {alteration:?}");
                assert!(!heard.failed || !is_list, "{case}: the list was lost");
                for part in without.iter().filter(|part| !part.contains(DRAFT)) {
                    assert!(heard.parts.contains(part), "{case}: {part} of {heard:?}");
                }
                for part in &heard.parts {
                    let ended = part.contains(" closed ") || part.contains(" merged ");
                    assert!(!ended && !part.contains(DRAFT), "{case}: {part}");
                }
                let wrong = alteration.to.as_ref().is_some_and(|to| !to.is_null());
                let lists = matches!(
                    asked,
                    Query::Repos | Query::Open | Query::Changed | Query::News
                );
                if wrong && lists && heard.parts.len() < clean.parts.len() {
                    assert!(heard.named, "{case}: skipped and not named: {heard:?}");
                }
                let healed = ask(asked, at, &heard.validators).await;
                let known: BTreeSet<_> = heard.parts.union(&healed.parts).collect();
                for part in &clean.parts {
                    assert!(known.contains(part), "{case}: {part} stays lost");
                }
                assert!(!healed.named, "{case}");
            }
        }
    }
    assert!(shapes.len() >= 14, "{shapes:?}");
    assert!(shapes.values().all(|fields| *fields > 0), "{shapes:?}");
}
