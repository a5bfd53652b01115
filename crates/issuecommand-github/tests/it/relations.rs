//! Blockers, sub-issues and other facts that not every server has.

use std::collections::BTreeMap;

use issuecommand_core::domain::failure::GithubErrorKind;
use issuecommand_core::domain::issue::{
    Issue, IssueFacts, IssueLookup, RelatedIssue, RelationCount, Said,
};
use issuecommand_core::ports::github::{Fetched, GitHub, IssueList};
use issuecommand_github_emulator::{
    Association, Corruption, Fault, Feature, NewIssue, NewRepo, World,
};

use crate::setup::{Setup, app, failed, number};

crate::setup::both_ways! {
    blockers_and_sub_issues_are_read_to_their_end,
    what_the_credential_cannot_see_is_counted_and_not_listed,
    a_server_without_the_lists_cannot_say,
    facts_come_with_lists_and_single_issues,
    a_file_is_read_conditionally,
}

/// Issue 1 of `acme/app`, and a private repository.
fn world() -> World {
    let mut world = World::new();
    world.add_repo("acme/app");
    world.open_issue("acme/app", "Waits");
    world.add_repo(NewRepo::named("Acme/Hidden").private());
    world
}

fn lines(related: &[RelatedIssue]) -> Vec<String> {
    let line = |it: &RelatedIssue| {
        let open = it
            .open
            .map_or("?", |open| if open { "open" } else { "closed" });
        format!("{}#{} {open}", it.place.repo, it.place.number)
    };
    related.iter().map(line).collect()
}

async fn blockers_and_sub_issues_are_read_to_their_end() {
    let mut world = world();
    world.open_issue("Acme/Hidden", "Elsewhere");
    world.close_issue("Acme/Hidden", 1);
    world.block("acme/app", 1, ("Acme/Hidden", 1));
    for n in 2..=121 {
        world.open_issue("acme/app", format!("Issue {n}").as_str());
        world.block("acme/app", 1, ("acme/app", n));
    }
    world.add_sub_issue("acme/app", 1, ("acme/app", 2));
    let setup = Setup::with(world).await;
    let blockers = setup.rest.blocked_by(&app(), number(1)).await.unwrap();
    let blockers = lines(&blockers.unwrap());
    assert_eq!(blockers.len(), 121);
    assert_eq!(blockers[0], "Acme/Hidden#1 closed");
    assert_eq!(blockers[120], "acme/app#121 open");
    assert_eq!(setup.github.requests().len(), 2);
    let children = setup.rest.sub_issues(&app(), number(1)).await.unwrap();
    assert_eq!(lines(&children.unwrap()), ["acme/app#2 open"]);
    let none = setup.rest.sub_issues(&app(), number(2)).await.unwrap();
    assert_eq!(none, Some(Vec::new()));
}

async fn what_the_credential_cannot_see_is_counted_and_not_listed() {
    let mut world = world();
    world.open_issue("Acme/Hidden", "Elsewhere");
    world.open_issue("acme/app", "Garbled");
    world.block("acme/app", 1, ("Acme/Hidden", 1));
    world.block("acme/app", 1, ("acme/app", 2));
    world.narrow_token("test-token", &["acme/app"]);
    let id = world.issue("acme/app", 2).unwrap().id;
    let setup = Setup::with(world).await;
    let seen = setup.rest.blocked_by(&app(), number(1)).await.unwrap();
    assert_eq!(lines(&seen.unwrap()), ["acme/app#2 open"]);
    let counted = issue(&setup).await.more.blockers;
    assert_eq!(counted, Some(RelationCount { open: 2, total: 2 }));
    setup
        .github
        .world(|world| world.garble(id, Corruption::Empty));
    let seen = setup.rest.blocked_by(&app(), number(1)).await.unwrap();
    assert_eq!(
        seen,
        Some(Vec::new()),
        "a row that cannot be read is left out"
    );
}

async fn issue(setup: &Setup) -> Issue {
    match setup.rest.issue(&app(), number(1), None).await.unwrap() {
        IssueLookup::Issue { issue, .. } => *issue,
        other => panic!("{other:?}"),
    }
}

async fn a_server_without_the_lists_cannot_say() {
    let mut world = world();
    for feature in [
        Feature::Dependencies,
        Feature::SubIssues,
        Feature::IssueTypes,
        Feature::IssueFields,
    ] {
        world.set_feature(feature, false);
    }
    let setup = Setup::with(world).await;
    let rest = &setup.rest;
    assert_eq!(rest.blocked_by(&app(), number(1)).await.unwrap(), None);
    assert_eq!(rest.sub_issues(&app(), number(1)).await.unwrap(), None);
    let expected = IssueFacts {
        author_association: Some("MEMBER".to_owned()),
        author_bot: Some(false),
        ..IssueFacts::default()
    };
    assert_eq!(issue(&setup).await.more, expected);
    setup.github.world(|world| {
        for feature in [Feature::Dependencies, Feature::SubIssues] {
            world.set_feature(feature, true);
        }
    });
    let gone = rest.blocked_by(&app(), number(9)).await.unwrap();
    assert_eq!(gone, None, "an issue that is not there says nothing");
    let fault = Fault::status(502);
    setup.github.fault("GET /repos/acme/app/issues/1/**", fault);
    let broken = rest.blocked_by(&app(), number(1)).await;
    failed(broken, GithubErrorKind::Unreachable);
}

async fn facts_come_with_lists_and_single_issues() {
    let mut world = world();
    world.add_member("acme/app", "helper[bot]", Association::Contributor);
    let crash = NewIssue::titled("Crash")
        .by("helper[bot]")
        .kind("Bug")
        .field("Priority", "Urgent");
    let crash = world.open_issue("acme/app", crash);
    world.block("acme/app", crash, ("acme/app", 1));
    world.add_sub_issue("acme/app", 1, ("acme/app", crash));
    let setup = Setup::with(world).await;
    let Fetched::New(page) =
        (setup.rest.issues(&app(), IssueList::Open, None, None).await).unwrap()
    else {
        panic!("unchanged without a validator")
    };
    let listed = |n: u64| {
        let mut issues = page.issues.iter();
        issues.find(|it| it.number == number(n)).unwrap().clone()
    };
    let more = listed(crash).more;
    assert_eq!(more.kind, Said::Is("Bug".to_owned()));
    let parent = more.parent.value().unwrap();
    assert_eq!((parent.repo.clone(), parent.number), (app(), number(1)));
    assert_eq!(more.author_association.as_deref(), Some("CONTRIBUTOR"));
    assert_eq!(more.author_bot, Some(true));
    let fields = BTreeMap::from([("Priority".to_owned(), "Urgent".to_owned())]);
    assert_eq!(more.fields, Some(fields));
    assert_eq!(more.blockers, Some(RelationCount { open: 1, total: 1 }));
    assert_eq!(more.children, Some(RelationCount::default()));
    let waits = listed(1).more;
    assert_eq!(
        (&waits.kind, &waits.parent),
        (&Said::Nothing, &Said::Nothing)
    );
    assert_eq!(waits.children, Some(RelationCount { open: 1, total: 1 }));
    assert_eq!(issue(&setup).await.more, waits);
}

async fn a_file_is_read_conditionally() {
    let setup = Setup::with(world()).await;
    let path = ".github/issuecommand.toml";
    let read = async |etag: Option<&str>| setup.rest.file(&app(), path, etag).await;
    assert_eq!(read(None).await.unwrap(), Fetched::New(None));
    let put = |text: &str| {
        let write = |world: &mut World| world.put_file("acme/app", path, text);
        setup.github.world(write);
    };
    put("types = [\"Bug\"]\n# é\n");
    let Fetched::New(Some(file)) = read(None).await.unwrap() else {
        panic!("there is a file")
    };
    assert_eq!(file.text, "types = [\"Bug\"]\n# é\n");
    let etag = file.etag.as_deref();
    assert_eq!(read(etag).await.unwrap(), Fetched::Unchanged);
    let asked = setup.github.requests_to("GET /repos/acme/app/contents/**");
    assert!(
        asked.iter().all(|request| request.query.is_empty()),
        "the default branch"
    );
    put("types = []\n");
    let Fetched::New(Some(file)) = read(etag).await.unwrap() else {
        panic!("there is a file")
    };
    assert_eq!(file.text, "types = []\n");
    put(&"x".repeat(70_000));
    failed(read(None).await, GithubErrorKind::Unexpected);
    let renamed = |world: &mut World| {
        world.put_file("acme/app", path, "");
        world.rename_repo("acme/app", "acme/web");
    };
    setup.github.world(renamed);
    let Fetched::New(Some(file)) = read(None).await.unwrap() else {
        panic!("a renamed repository is followed")
    };
    assert_eq!(file.text, "");
}
