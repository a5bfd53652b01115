//! Permissions, associations with a repository, and Apps.

use issuecommand_github_emulator::{
    Association, GithubEmulator, NewIssue, NewPull, NewRepo, Permission, World,
};

use super::world_with;
use crate::raw::{Answer, get, send};

async fn permission(github: &GithubEmulator, repo: &str, user: &str) -> Answer {
    let path = format!("/repos/{repo}/collaborators/{user}/permission");
    get(github.url(), &path).await
}

fn words(answer: &Answer) -> (String, String) {
    let json = answer.json();
    let word = |name: &str| json[name].as_str().unwrap().to_owned();
    (word("permission"), word("role_name"))
}

fn pair(permission: &str, role: &str) -> (String, String) {
    (permission.to_owned(), role.to_owned())
}

#[tokio::test]
async fn permissions_use_githubs_names() {
    let mut world = world_with(0);
    for (login, given) in [
        ("ada", Permission::Admin),
        ("max", Permission::Maintain),
        ("wim", Permission::Write),
        ("tri", Permission::Triage),
        ("rea", Permission::Read),
        ("nil", Permission::None),
    ] {
        world.set_permission("acme/app", login, given);
    }
    world.add_user("stranger");
    world.add_member("acme/app", "mem", Association::Member);
    world.add_repo(NewRepo::named("acme/secret").private());
    let github = crate::raw::start(world).await;
    for (login, word, role) in [
        ("ada", "admin", "admin"),
        ("MAX", "write", "maintain"),
        ("wim", "write", "write"),
        ("tri", "read", "triage"),
        ("rea", "read", "read"),
        ("nil", "none", "none"),
        ("mem", "write", "write"),
        ("acme", "admin", "admin"),
        // Everybody may read a public repository.
        ("stranger", "read", "read"),
    ] {
        let answer = permission(&github, "acme/app", login).await;
        assert_eq!(answer.status, 200, "{login}: {answer:?}");
        assert_eq!(words(&answer), pair(word, role), "{login}");
        let named = answer.json()["user"]["login"].clone();
        assert!(named.as_str().unwrap().eq_ignore_ascii_case(login));
    }
    let answer = permission(&github, "acme/secret", "stranger").await;
    assert_eq!(words(&answer), pair("none", "none"));
}

#[tokio::test]
async fn unknown_users_are_404_and_unauthorized_callers_403() {
    let mut world = world_with(0);
    world.add_user("helper[bot]");
    world.accept_installation_token("app-token", "helper");
    let github = crate::raw::start(world).await;
    for login in ["nobody", "helper[bot]"] {
        let answer = permission(&github, "acme/app", login).await;
        assert_eq!(answer.status, 404, "{answer:?}");
        assert_eq!(answer.json()["message"], format!("{login} is not a user"));
    }
    github.world(|world| world.set_writable("acme/app", false));
    let path = "/repos/acme/app/collaborators/octo-agent/permission";
    let refused = get(github.url(), path).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("Must have push access"));
    let app = [("authorization", "Bearer app-token")];
    let refused = send(github.url(), "GET", path, &app, "").await;
    assert_eq!(refused.status, 403);
    assert!(
        refused
            .body
            .contains("Resource not accessible by integration")
    );
}

#[tokio::test]
async fn a_permission_that_changes_changes_its_tag() {
    let mut world = world_with(0);
    world.add_user("rita");
    let github = crate::raw::start(world).await;
    let before = permission(&github, "acme/app", "rita").await;
    github.world(|world| world.set_permission("acme/app", "rita", Permission::Write));
    let after = permission(&github, "acme/app", "rita").await;
    assert_ne!(before.header("etag"), after.header("etag"));
    assert_eq!(words(&after), pair("write", "write"));
}

/// The association of an issue's author with the repository.
fn standing(world: &mut World, author: &str) -> Association {
    let number = world.open_issue("acme/app", NewIssue::titled("Hm").by(author));
    world.issue("acme/app", number).unwrap().association
}

#[test]
fn a_private_member_looks_like_a_contributor() {
    let mut world = world_with(0);
    world.add_private_member("acme/app", "pia");
    assert_eq!(standing(&mut world, "pia"), Association::Contributor);
    assert_eq!(standing(&mut world, "stranger"), Association::None);
}

#[tokio::test]
async fn an_app_opens_pull_requests_from_the_repository_itself() {
    let mut world = world_with(0);
    let pull = NewPull::from_branch("agent/1", NewIssue::titled("Fix").by("helper[bot]"));
    world.open_pull("acme/app", pull);
    world.merge_pull("acme/app", 1);
    assert_eq!(standing(&mut world, "helper[bot]"), Association::None);
    let github = crate::raw::start(world).await;
    let pull = get(github.url(), "/repos/acme/app/pulls/1").await.json();
    assert_eq!(
        (&pull["user"]["type"], &pull["user"]["login"]),
        (&"Bot".into(), &"helper[bot]".into())
    );
    assert_eq!(pull["author_association"], "NONE");
    assert_eq!(pull["head"]["repo"]["id"], pull["base"]["repo"]["id"]);
}

#[test]
fn member_changes_send_deliveries() {
    let mut world = world_with(0);
    world.record_deliveries();
    world.add_collaborator("acme/app", "cole", Permission::Write);
    assert_eq!(standing(&mut world, "cole"), Association::Collaborator);
    world.add_collaborator("acme/app", "cole", Permission::Admin);
    world.remove_collaborator("acme/app", "cole");
    assert_eq!(standing(&mut world, "cole"), Association::None);
    let told = world.deliveries();
    let told: Vec<_> = told.iter().filter(|d| d.event == "member").collect();
    let actions: Vec<&str> = told.iter().map(|d| d.action.as_str()).collect();
    assert_eq!(actions, ["added", "edited", "removed"]);
    let edited = told[1].json();
    assert_eq!(edited["member"]["login"], "cole");
    assert_eq!(edited["changes"]["permission"]["from"], "write");
    assert_eq!(edited["changes"]["permission"]["to"], "admin");
}

#[tokio::test]
async fn a_role_decides_what_a_user_may_change() {
    let mut world = world_with(0);
    for (login, role) in [
        ("wim", Permission::Write),
        ("tri", Permission::Triage),
        ("rea", Permission::Read),
    ] {
        world.accept_token(login, login);
        world.set_permission("acme/app", login, role);
        world.open_issue("acme/app", NewIssue::titled("Mine").by(login));
    }
    let github = crate::raw::start(world).await;
    let edit = async |login: &str, number: u64| {
        let headers = [("authorization", format!("Bearer {login}"))];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let body = r#"{"title":"Other","labels":["agent-ok"],"type":"Bug"}"#;
        let path = format!("/repos/acme/app/issues/{number}");
        send(github.url(), "PATCH", &path, &headers, body).await
    };
    let shown = async |login: &str| {
        let headers = [("authorization", format!("Bearer {login}"))];
        let headers = headers
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let repo = send(github.url(), "GET", "/repos/acme/app", &headers, "").await;
        let may = repo.json()["permissions"].clone();
        ["pull", "triage", "push", "admin"].map(|word| may[word] == true)
    };
    assert_eq!(shown("rea").await, [true, false, false, false]);
    assert_eq!(shown("tri").await, [true, true, false, false]);
    assert_eq!(shown("wim").await, [true, true, true, false]);

    let foreign = edit("rea", 1).await;
    assert_eq!(foreign.status, 403);
    let own = edit("rea", 3).await.json();
    assert_eq!(
        (&own["title"], &own["labels"], &own["type"]),
        (
            &"Other".into(),
            &serde_json::json!([]),
            &serde_json::Value::Null
        )
    );
    let triaged = edit("tri", 3).await.json();
    assert_eq!(
        (&triaged["labels"][0]["name"], &triaged["type"]),
        (&"agent-ok".into(), &serde_json::Value::Null)
    );
    let written = edit("wim", 3).await.json();
    assert_eq!(written["type"]["name"], "Bug");
}
