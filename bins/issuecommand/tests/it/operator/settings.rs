//! Unused settings, and repository names that do not resolve, are reported.

use issuecommand_github_emulator::World;

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
fn a_misspelt_setting_is_reported_by_start_check_and_doctor() {
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

#[test]
fn a_misspelt_setting_is_named_where_the_one_that_was_meant_is_missing() {
    let site = Site::new(world());
    let change = [("API_KEY", None), ("APIKEY", Some("a-secret-of-somebody"))];
    let hint = "API_KEY is not set: set it to";
    let meant = "(APIKEY is set: did you mean API_KEY?)";
    let check = run(&site, &["config", "check"], &change);
    assert_eq!(check.status.code(), Some(1), "{check:?}");
    let words = stderr(&check);
    let warning = words.find("warning: APIKEY in the environment").unwrap();
    assert!(
        warning < words.find(hint).unwrap() && words.contains(meant),
        "{words}"
    );

    let start = site.program(Program::Combined).without("API_KEY");
    let mut mcp = start.env("APIKEY", "a-secret-of-somebody").start_mcp();
    let mut told = vec![mcp.greeted()];
    told.push(mcp.fail("next_work", &serde_json::json!({ "agent_id": "ann" })));
    for text in told {
        assert!(text.contains(hint) && text.contains(meant), "{text}");
        assert!(!text.contains("a-secret-of-somebody"), "{text}");
    }
    mcp.leave();
}

#[test]
fn settings_are_taken_in_front_of_a_command_and_behind_it() {
    let site = Site::new(world());
    let file = site.folder().join("other.toml");
    std::fs::write(&file, "http_port = 4711\n").unwrap();
    let file = file.to_str().unwrap();
    let unset = [("HTTP_PORT", None)];
    let set = "LOG_LEVEL=warn";
    for args in [
        &["--config", file, "--set", set, "config", "show"][..],
        &["config", "show", "--config", file, "--set", set],
        &["--config", file, "config", "show", "--set", set],
        &[
            "--set",
            "LOG_LEVEL=debug",
            "config",
            "show",
            "--set",
            set,
            "--config",
            file,
        ],
    ] {
        let shown = run(&site, args, &unset);
        assert!(shown.status.success(), "{args:?}: {shown:?}");
        let text = stdout(&shown);
        let has = |name: &str, value: &str| {
            text.lines()
                .any(|line| line.starts_with(name) && line.contains(value))
        };
        assert!(
            has("HTTP_PORT", "4711") && has("LOG_LEVEL", "\"warn\""),
            "{args:?}: {text}"
        );
    }
    let elsewhere = site.folder().join("elsewhere.db");
    let path = format!("SQLITE_PATH={}", elsewhere.display());
    for args in [
        ["key", "list", "--set", &path],
        ["key", "--set", &path, "list"],
        ["--set", &path, "key", "list"],
    ] {
        let listed = run(&site, &args, &[]);
        assert!(
            stderr(&listed).contains("elsewhere.db"),
            "{args:?}: {listed:?}"
        );
    }
    let demo = run(&site, &["--set", set, "demo"], &[]);
    assert_eq!(demo.status.code(), Some(2), "{demo:?}");
    assert!(stderr(&demo).contains("reads no settings"), "{demo:?}");
}
