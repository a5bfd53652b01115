//! Settings that nobody reads, and names of repositories that lead nowhere, are told of.

use issuecommand_testkit::github::World;

use super::{run, stderr, stdout};
use crate::harness::{Http, PATIENCE, Program, Site};

fn world() -> World {
    let mut world = World::new();
    world.follow_system_clock();
    for repo in ["acme/harbour", "acme/old", "acme/quiet"] {
        world.add_repo(repo);
        world.open_issue(repo, "One");
        world.open_issue(repo, "Two");
    }
    world.set_archived("acme/old", true);
    world.set_has_issues("acme/quiet", false);
    world
}

#[test]
fn a_misspelt_setting_is_told_by_the_start_the_check_and_doctor() {
    let site = Site::new(world());
    let told = "ALOWED_REPOS in the environment is no setting, and nothing reads it: did you mean ALLOWED_REPOS?";
    let change = [("ALOWED_REPOS", Some("acme/harbour"))];
    let check = run(&site, &["config", "check"], &change);
    assert!(check.status.success(), "{check:?}");
    assert!(stderr(&check).contains(told), "{check:?}");
    let doctor = stdout(&run(&site, &["doctor"], &change));
    assert!(
        doctor.contains(&format!("warn  settings        {told}")),
        "{doctor}"
    );
    let mut service = site
        .program(Program::Combined)
        .env("ALOWED_REPOS", "acme/harbour")
        .start();
    let line = service.wait_until_logged(told, PATIENCE);
    assert_eq!(
        (&line["level"], &line["event"]),
        (&"warn".into(), &"settings.warning".into())
    );
    let health = Http::at(service.address()).get("/api/health").body;
    assert!(
        health["health"]["warnings"].to_string().contains(told),
        "{health}"
    );
}

#[test]
fn each_name_of_allowed_repos_is_reported() {
    let site = Site::new(world());
    let names = "acme/harbour,acme/old,acme/quiet,acme/missing";
    let doctor = stdout(&run(&site, &["doctor"], &[("ALLOWED_REPOS", Some(names))]));
    for line in [
        "found of what ALLOWED_REPOS names (1 of 4): acme/harbour",
        "ALLOWED_REPOS names acme/old, which is archived or without issues",
        "ALLOWED_REPOS names acme/quiet, which is archived or without issues",
        "ALLOWED_REPOS names acme/missing, which the token cannot see",
    ] {
        assert!(doctor.contains(line), "{line}\n{doctor}");
    }
    let mut service = site
        .program(Program::Combined)
        .env("ALLOWED_REPOS", names)
        .start();
    let seen = service.wait_until_logged("GitHub is asked with the credential of", PATIENCE);
    assert_eq!(seen["event"], "github.sees");
    assert_eq!(
        (
            &seen["details"]["repositories"],
            &seen["details"]["open_issues"]
        ),
        (&1.into(), &2.into())
    );
    let found =
        service.wait_until_logged("ALLOWED_REPOS names a repository that is offered", PATIENCE);
    assert_eq!(found["details"]["repo"], "acme/harbour");
    for name in [
        "acme/old, which is archived",
        "acme/quiet, which is archived",
        "acme/missing, which the token cannot see",
    ] {
        let line = service.wait_until_logged(&format!("ALLOWED_REPOS names {name}"), PATIENCE);
        assert_eq!(line["event"], "allowed.not_offered", "{line}");
    }
    let health = Http::at(service.address()).get("/api/health").body;
    let warnings = health["health"]["warnings"].to_string();
    assert!(
        warnings.contains("acme/missing") && !warnings.contains("acme/harbour,"),
        "{health}"
    );
}
