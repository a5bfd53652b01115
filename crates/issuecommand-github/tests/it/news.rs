//! Polling a pull request gives the same events as webhooks.

use std::time::Duration;

use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::domain::followup::{FeedbackEvent, Resolution, SourceId, SourceKind};
use issuecommand_core::domain::id::IssueNumber;
use issuecommand_core::domain::pull_request::{LinkedPull, PullRequestSnapshot, PullValidators};
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::domain::webhook::{GithubEvent, PullChange};
use issuecommand_core::engine::command::HeadQuestion;
use issuecommand_core::ports::github::{GitHub, PullRequestUpdates};
use issuecommand_github_emulator::{
    Association, Fault, NewComment, NewIssue, NewPull, ReviewState, World,
};

use crate::setup::{Setup, app, client, failed, number};

crate::setup::both_ways! {
    a_first_poll_tells_all_there_is_and_a_quiet_one_nothing,
    a_new_comment_alone_is_told_where_the_rest_is_quiet,
    a_push_is_told_by_its_head_and_no_commit_is_asked_for_its_date,
    a_commit_is_looked_up_once_and_not_for_long,
    a_dismissed_review_is_withdrawn,
    an_approval_resolves_its_reviewers_change_requests,
    a_review_with_words_is_feedback_and_drafts_are_not,
    what_was_edited_says_since_when,
    what_waited_and_is_gone_was_deleted,
    a_list_that_lacks_a_row_is_no_proof,
    a_merge_and_a_close_are_told_apart,
    more_than_a_page_of_comments_comes_whole_each_time,
    a_renamed_repository_is_followed_and_named_anew,
    what_is_no_pull_request_or_out_of_sight_is_not_found,
    half_a_poll_is_no_poll,
    the_viewer_is_whom_the_token_speaks_for,
}

const MINUTE: Duration = Duration::from_mins(1);

/// `acme/app` with the issue 1 and the open pull request 2 that closes it.
async fn setup() -> Setup {
    let mut world = World::new();
    world.add_repo("acme/app");
    world.open_issue("acme/app", "Login loops");
    world.add_member("acme/app", "ada", Association::Member);
    let new = NewIssue::titled("Mend login").body("Closes #1").by("ada");
    world.open_pull("acme/app", NewPull::from_branch("mend", new));
    world.advance(MINUTE);
    Setup::with(world).await
}

fn unseen(number: IssueNumber) -> LinkedPull {
    LinkedPull {
        repo: app(),
        number,
        head: None,
        waiting: Vec::new(),
        validators: PullValidators::default(),
    }
}

/// The input of the next poll after these updates of this pull request.
fn after(pull: &LinkedPull, news: &PullRequestUpdates) -> LinkedPull {
    let head = facts(news).and_then(|(facts, _)| facts.head.clone());
    LinkedPull {
        head: head.or_else(|| pull.head.clone()),
        validators: news.validators.clone(),
        ..pull.clone()
    }
}

fn facts(news: &PullRequestUpdates) -> Option<(&PullRequestSnapshot, PullChange)> {
    match news.meanings.first()? {
        GithubEvent::Pull { pull, change, .. } => Some((pull, *change)),
        _ => None,
    }
}

fn sources(news: &PullRequestUpdates) -> Vec<&FeedbackEvent> {
    let mut found = Vec::new();
    for meaning in &news.meanings {
        if let GithubEvent::Feedback { source, .. } = meaning {
            found.push(source);
        }
    }
    found
}

async fn poll(setup: &Setup, pull: &mut LinkedPull) -> PullRequestUpdates {
    let news = setup.rest.pull_news(pull).await.unwrap();
    *pull = after(pull, &news);
    news
}

fn now(setup: &Setup) -> Timestamp {
    setup
        .github
        .world(|world| Timestamp(world.now().as_millisecond()))
}

async fn a_first_poll_tells_all_there_is_and_a_quiet_one_nothing() {
    let setup = setup().await;
    let (review, on_line, under) = setup.github.world(|world| {
        let no = NewComment::saying("No").by("rita");
        let review = world.review("acme/app", 2, ReviewState::ChangesRequested, no);
        let here = NewComment::saying("here").by_ghost().in_review(review);
        let on_line = world.review_comment("acme/app", 2, here);
        let hm = NewComment::saying("Hm").by("lint[bot]");
        let under = world.comment("acme/app", 2, hm);
        let yes = NewComment::saying("Yes").by("eve");
        world.review("acme/app", 2, ReviewState::Approved, yes);
        let wait = NewComment::saying("Wait").by("octo-agent");
        world.review("acme/app", 2, ReviewState::Pending, wait);
        (review, on_line, under)
    });
    let mut pull = unseen(number(2));
    let news = poll(&setup, &mut pull).await;
    let (seen, change) = facts(&news).unwrap();
    assert_eq!((seen.open, seen.merged, seen.trusted), (true, false, true));
    assert_eq!(seen.closes, [(app(), number(1))]);
    assert_eq!(seen.url, "https://github.com/acme/app/pull/2");
    assert_eq!(change, PullChange::Facts);
    let names = |id: u64| i64::try_from(id).unwrap();
    let told: Vec<_> = sources(&news)
        .into_iter()
        .map(|source| (source.id.clone(), source.kind, source.body.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                SourceId::review(names(review)),
                SourceKind::ReviewChangesRequested,
                "No"
            ),
            (
                SourceId::review_comment(names(on_line)),
                SourceKind::ReviewComment,
                "here"
            ),
            (
                SourceId::issue_comment(names(under)),
                SourceKind::PrComment,
                "Hm"
            ),
        ]
    );
    let bots: Vec<bool> = news
        .meanings
        .iter()
        .filter_map(|meaning| match meaning {
            GithubEvent::Feedback { voice, .. } => Some(voice.bot),
            _ => None,
        })
        .collect();
    assert_eq!(bots, [false, false, true]);
    let [asked, on_line, _] = sources(&news)[..] else {
        panic!("{news:?}")
    };
    assert_eq!(asked.requested_by.as_deref(), Some("rita"));
    assert_eq!(asked.created_at, Some(now(&setup)));
    assert_eq!(on_line.requested_by, None, "a ghost");
    assert!(on_line.path.is_some() && on_line.line.is_some());

    setup.github.forget_requests();
    let left = setup.rest.budget().remaining;
    let quiet = poll(&setup, &mut pull).await;
    assert_eq!(quiet.meanings, []);
    assert_eq!(quiet.validators, news.validators);
    assert_eq!(setup.rest.budget().remaining, left, "304 costs nothing");
    assert_eq!(setup.github.requests().len(), 4);
}

async fn a_new_comment_alone_is_told_where_the_rest_is_quiet() {
    let setup = setup().await;
    let mut pull = unseen(number(2));
    poll(&setup, &mut pull).await;
    setup.github.world(|world| {
        world.advance(MINUTE);
        world.comment("acme/app", 2, "And this?");
    });
    // The pull request itself is unchanged, unlike often on the real GitHub.
    setup
        .github
        .fault("GET /repos/acme/app/pulls/2", Fault::status(304));
    let news = poll(&setup, &mut pull).await;
    let [source] = sources(&news)[..] else {
        panic!("{news:?}")
    };
    assert_eq!(
        (source.body.as_str(), news.meanings.len()),
        ("And this?", 1)
    );
}

async fn a_push_is_told_by_its_head_and_no_commit_is_asked_for_its_date() {
    let setup = setup().await;
    let mut pull = unseen(number(2));
    poll(&setup, &mut pull).await;
    let sha = setup.github.world(|world| {
        world.advance(MINUTE);
        world.push("acme/app", 2)
    });
    setup.github.forget_requests();
    let news = poll(&setup, &mut pull).await;
    let (seen, change) = facts(&news).unwrap();
    assert_eq!(
        (seen.head.as_deref(), change),
        (Some(&*sha), PullChange::Facts)
    );
    let requests = setup.github.requests();
    assert!(
        !requests
            .iter()
            .any(|request| request.path.contains("/commits/")),
        "{requests:?}"
    );
}

async fn a_commit_is_looked_up_once_and_not_for_long() {
    let setup = setup().await;
    let question = |sha: &str| HeadQuestion {
        repo: app(),
        number: number(2),
        sha: sha.to_owned(),
        base: Some("main".to_owned()),
        base_sha: Some("ba5e".to_owned()),
    };
    let commits = "GET /repos/acme/app/commits/*";
    let merge = r#"{"parents": [{"sha": "a"}, {"sha": "ba5e"}], "committer": null, "commit": {}}"#;
    let id = setup.github.fault(commits, Fault::text(merge));
    setup.github.forget_requests();
    let told = setup.rest.merges_base(&question("c0ffee")).await.unwrap();
    assert_eq!(told.as_deref(), Some("a"));
    assert_eq!(setup.github.requests().len(), 1);
    // Hashes are escaped before they are put into a path.
    assert_eq!(
        setup.rest.merges_base(&question("../../x")).await.unwrap(),
        None
    );
    assert_eq!(setup.github.requests().len(), 1);
    setup.github.end_fault(id);
    setup.github.fault(commits, Fault::status(404));
    let told = setup.rest.merges_base(&question("5ca1ab1e")).await;
    assert_eq!(told.unwrap(), None);
}

async fn an_approval_resolves_its_reviewers_change_requests() {
    let setup = setup().await;
    setup.github.world(|world| {
        let yes = NewComment::saying("Yes, thank you").by("rita");
        world.review("acme/app", 2, ReviewState::Approved, yes);
    });
    let news = poll(&setup, &mut unseen(number(2))).await;
    assert_eq!(sources(&news), Vec::<&FeedbackEvent>::new());
    let at = Some(now(&setup));
    let approved = news.meanings.iter().any(|meaning| {
        matches!(meaning, GithubEvent::Withdrawn { sources, ending: Resolution::Approved, reviewer, at: told, .. }
            if sources.is_empty() && reviewer.as_deref() == Some("rita") && *told == at)
    });
    assert!(approved, "{news:?}");
}

async fn a_review_with_words_is_feedback_and_drafts_are_not() {
    let setup = setup().await;
    let (review, draft) = setup.github.world(|world| {
        let words = NewComment::saying("Have you thought of Windows?").by("rita");
        let review = world.review("acme/app", 2, ReviewState::Commented, words);
        world.review(
            "acme/app",
            2,
            ReviewState::Commented,
            NewComment::saying("").by("rita"),
        );
        let pending = NewComment::saying("Not yet").by("octo-agent");
        let pending = world.review("acme/app", 2, ReviewState::Pending, pending);
        let line = NewComment::saying("A draft")
            .by("octo-agent")
            .in_review(pending);
        (review, world.review_comment("acme/app", 2, line))
    });
    let mut pull = unseen(number(2));
    let news = poll(&setup, &mut pull).await;
    let [said] = sources(&news)[..] else {
        panic!("{news:?}")
    };
    let id = SourceId::review(i64::try_from(review).unwrap());
    assert_eq!((&said.id, said.kind), (&id, SourceKind::PrComment));
    // A draft is requested again, because only its review changes when it is submitted.
    let _ = draft;
    assert!(news.validators.reviews.is_some());
}

async fn what_was_edited_says_since_when() {
    let setup = setup().await;
    let comment = setup
        .github
        .world(|world| world.comment("acme/app", 2, "In progress"));
    let mut pull = unseen(number(2));
    poll(&setup, &mut pull).await;
    setup.github.world(|world| {
        world.advance(MINUTE);
        world.edit_comment("acme/app", 2, comment, "Three findings");
    });
    let news = poll(&setup, &mut pull).await;
    let [said] = sources(&news)[..] else {
        panic!("{news:?}")
    };
    assert_eq!(said.body, "Three findings");
    assert_eq!(said.updated_at, Some(now(&setup)));
    assert!(said.created_at < said.updated_at);
}

/// The deletions that a poll finds, if these comments were known to wait.
async fn deleted(setup: &Setup, waiting: &[&str]) -> Vec<String> {
    let linked = LinkedPull {
        waiting: waiting
            .iter()
            .map(|id| SourceId((*id).to_owned()))
            .collect(),
        ..unseen(number(2))
    };
    let news = setup.rest.pull_news(&linked).await.unwrap();
    let mut gone = Vec::new();
    for meaning in news.meanings {
        if let GithubEvent::Withdrawn {
            sources,
            ending: Resolution::Deleted,
            ..
        } = meaning
        {
            gone.extend(sources.into_iter().map(|id| id.0));
        }
    }
    gone
}

async fn what_waited_and_is_gone_was_deleted() {
    let setup = setup().await;
    let kept = setup
        .github
        .world(|world| world.comment("acme/app", 2, "Hm"));
    let kept = format!("issue_comment:{kept}");
    let edited = "issue_comment:404@2026-01-01T00:00:00Z";
    let waiting = [&*kept, edited, "review_comment:405", "review:406"];
    let gone = deleted(&setup, &waiting).await;
    assert_eq!(gone, ["issue_comment:404", "review_comment:405"]);
}

async fn a_list_that_lacks_a_row_is_no_proof() {
    let setup = setup().await;
    let there = setup
        .github
        .world(|world| world.comment("acme/app", 2, "Hm"));
    let list = "GET /repos/acme/app/issues/2/comments";
    setup.github.fault(list, Fault::text("[]"));
    let itself = format!("GET /repos/acme/app/issues/comments/{there}");
    let shown = setup.github.fault(&itself, Fault::text("{}"));
    let waiting = format!("issue_comment:{there}");
    assert_eq!(deleted(&setup, &[&waiting]).await, Vec::<String>::new());
    setup.github.end_fault(shown);
    setup.github.fault(&itself, Fault::status(502));
    let linked = LinkedPull {
        waiting: vec![SourceId(waiting)],
        ..unseen(number(2))
    };
    failed(
        setup.rest.pull_news(&linked).await,
        GithubErrorKind::Unreachable,
    );
}

async fn a_dismissed_review_is_withdrawn() {
    let setup = setup().await;
    let review = setup
        .github
        .world(|world| world.review("acme/app", 2, ReviewState::ChangesRequested, "No"));
    let mut pull = unseen(number(2));
    assert_eq!(sources(&poll(&setup, &mut pull).await).len(), 1);
    setup.github.world(|world| {
        world.advance(MINUTE);
        world.dismiss_review("acme/app", 2, review);
    });
    let news = poll(&setup, &mut pull).await;
    let withdrawn = news.meanings.iter().any(|meaning| {
        matches!(meaning, GithubEvent::Withdrawn { sources, ending: Resolution::Dismissed, .. }
            if *sources == [SourceId::review(i64::try_from(review).unwrap())])
    });
    assert!(withdrawn, "{news:?}");
    assert_eq!(sources(&news).len(), 0);
}

async fn a_merge_and_a_close_are_told_apart() {
    let setup = setup().await;
    let mut merged = unseen(number(2));
    poll(&setup, &mut merged).await;
    let dropped = setup.github.world(|world| {
        world.advance(MINUTE);
        world.merge_pull("acme/app", 2);
        world.open_pull("acme/app", "Dropped")
    });
    let news = poll(&setup, &mut merged).await;
    let (seen, change) = facts(&news).unwrap();
    assert_eq!(
        (seen.merged, seen.open, change),
        (true, false, PullChange::Facts)
    );
    let mut dropped_pull = unseen(number(dropped));
    poll(&setup, &mut dropped_pull).await;
    let closed_at = setup.github.world(|world| {
        world.advance(MINUTE);
        world.close_pull("acme/app", dropped);
        let closed_at = Timestamp(world.now().as_millisecond());
        world.advance(MINUTE);
        world.comment("acme/app", dropped, "A pity");
        closed_at
    });
    let news = poll(&setup, &mut dropped_pull).await;
    let (seen, change) = facts(&news).unwrap();
    assert_eq!(
        (seen.merged, seen.open, change),
        (false, false, PullChange::ClosedOrReopened(Some(closed_at)))
    );
}

async fn more_than_a_page_of_comments_comes_whole_each_time() {
    let setup = setup().await;
    setup.github.world(|world| {
        for n in 0..100 {
            world.comment("acme/app", 2, format!("{n}").as_str());
        }
    });
    let mut pull = unseen(number(2));
    let news = poll(&setup, &mut pull).await;
    assert_eq!(sources(&news).len(), 100);
    assert_eq!(
        news.validators.comments, None,
        "a full page stays as it is while the next one begins"
    );
    assert!(news.validators.reviews.is_some());
    for n in 100..230 {
        setup
            .github
            .world(|world| world.comment("acme/app", 2, format!("{n}").as_str()));
    }
    for _ in 0..2 {
        let news = poll(&setup, &mut pull).await;
        let bodies: Vec<String> = sources(&news).iter().map(|s| s.body.clone()).collect();
        let expected: Vec<String> = (0..230).map(|n| n.to_string()).collect();
        assert_eq!(bodies, expected);
        assert_eq!(news.validators.comments, None);
    }
}

#[tokio::test]
async fn validators_are_for_the_credential_that_got_them() {
    let setup = setup().await;
    setup
        .github
        .world(|world| world.accept_token("other-token", "somebody"));
    let mut pull = unseen(number(2));
    poll(&setup, &mut pull).await;
    let other = client(setup.github.url(), "other-token", &setup.clock, |_| {});
    setup.github.forget_requests();
    let news = other.pull_news(&pull).await.unwrap();
    assert!(facts(&news).is_some());
    for request in setup.github.requests() {
        assert_eq!(request.header("if-none-match"), None, "{request:?}");
    }
}

async fn a_renamed_repository_is_followed_and_named_anew() {
    let setup = setup().await;
    setup.github.world(|world| {
        world.rename_repo("acme/app", "acme/product");
        world.comment("acme/product", 2, "Hm");
    });
    let news = setup.rest.pull_news(&unseen(number(2))).await.unwrap();
    assert_eq!(news.meanings.len(), 2);
    let present = RepoName::parse("acme/product").unwrap();
    for meaning in &news.meanings {
        let (GithubEvent::Pull { repo, .. } | GithubEvent::Feedback { repo, .. }) = meaning else {
            panic!("{meaning:?}")
        };
        assert_eq!(repo.name, present);
        let facts = repo.facts.as_ref().unwrap();
        assert_eq!((&facts.name, facts.github_id > 0), (&present, true));
    }
}

async fn what_is_no_pull_request_or_out_of_sight_is_not_found() {
    let setup = setup().await;
    for absent in [number(1), number(99)] {
        let news = setup.rest.pull_news(&unseen(absent)).await;
        failed(news, GithubErrorKind::NotFound);
    }
    setup.github.world(|world| world.remove_access("acme/app"));
    let news = setup.rest.pull_news(&unseen(number(2))).await;
    failed(news, GithubErrorKind::NotFound);
}

async fn half_a_poll_is_no_poll() {
    let setup = setup().await;
    for part in ["pulls/2/reviews", "pulls/2/comments", "issues/2/comments"] {
        let route = format!("GET /repos/acme/app/{part}");
        let id = setup.github.fault(&route, Fault::status(502));
        let news = setup.rest.pull_news(&unseen(number(2))).await;
        failed(news, GithubErrorKind::Unreachable);
        setup.github.end_fault(id);
    }
    setup.github.fault(
        "GET /repos/acme/app/pulls/2",
        Fault::text(r#"{"number": 3}"#),
    );
    let news = setup.rest.pull_news(&unseen(number(2))).await;
    failed(news, GithubErrorKind::Unexpected);
}

async fn the_viewer_is_whom_the_token_speaks_for() {
    let setup = setup().await;
    setup
        .github
        .world(|world| world.accept_token("other-token", "somebody"));
    let other = client(setup.github.url(), "other-token", &setup.clock, |_| {});
    assert_eq!(other.viewer().await.unwrap(), "somebody");
    setup
        .github
        .world(|world| world.revoke_token("other-token"));
    failed(other.viewer().await, GithubErrorKind::Refused);
}
