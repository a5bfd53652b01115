//! Whichever way a command has to the service, it prints the same.

use std::fs;
use std::process::Command;

use super::{REPO, Schemas, claim, command, document, printed, run, serve, told};
use crate::harness::{API_KEY, Http, Program, Site, Store, free_port};

on_each_store!(every_way_leads_to_the_same_answer);

fn every_way_leads_to_the_same_answer(store: Store) {
    let site = Site::with_issues_on(store, REPO, 3);
    let port = free_port();
    let mut service = site.program(Program::Combined).port(port).start();
    let address = service.address();
    let http = Http::at(&address);
    claim(&http, "codex-1", 2);
    let schemas = Schemas::of(&http);

    let base = format!("http://{address}");
    let list = ["list", "--json"];
    let own = run(&site, &list);
    let ours = command(&site, &list).port(port).output();
    let url = command(&site, &[&list[..], &["--url", &base]].concat())
        .env("ISSUECOMMAND_KEY", API_KEY)
        .output();
    let set = command(&site, &list)
        .env("ISSUECOMMAND_URL", &base)
        .env("ISSUECOMMAND_KEY", API_KEY)
        .output();
    let documents = [own, ours, url, set].map(|output| {
        printed(&output);
        document(&output)
    });
    schemas.check("ClaimsResponse", &documents[0]);
    assert_eq!(documents[0]["claims"][0]["agent_id"], "codex-1");
    assert!(
        documents.iter().all(|other| *other == documents[0]),
        "{documents:?}"
    );

    let events = ["events", "--since", "0", "--types", "claim.created"];
    let own = run(&site, &events);
    assert!(told(&own).contains("events of the database"), "{own:?}");
    let ours = command(&site, &events).port(port).output();
    assert!(
        told(&ours).contains(&format!("events of the service at {base}/")),
        "{ours:?}"
    );
    assert_eq!(printed(&own), printed(&ours));

    // A service that has another key is not ours, so that the database is asked.
    let other = command(&site, &events)
        .port(port)
        .env("API_KEY", "another-key-of-the-tests")
        .output();
    assert!(told(&other).contains("events of the database"), "{other:?}");
}

#[test]
fn login_keeps_a_key_that_is_good_and_no_other() {
    let site = Site::with_issues(REPO, 2);
    let (_service, http, address) = serve(&site);
    claim(&http, "codex-1", 1);
    let base = format!("http://{address}");
    let hosts = site.folder().join("home/.config/issuecommand/hosts.toml");

    let (wrong, _) = command(&site, &["login", &base]).answer_to("a-wrong-key\n");
    assert_eq!(wrong.status.code(), Some(4), "{wrong:?}");
    let (none, _) = command(&site, &["login", &base]).answer_to("\n");
    assert_eq!(none.status.code(), Some(2), "{none:?}");
    assert!(!hosts.exists());

    let (good, _) =
        command(&site, &["login", &format!("{base}/mcp")]).answer_to(&format!("{API_KEY}\n"));
    assert!(printed(&good).contains("signed in"), "{good:?}");
    assert!(!printed(&good).contains(API_KEY), "{good:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&hosts).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // From now on it is asked, also where there is no database and no key.
    let elsewhere = |args: &[&str]| {
        command(&site, args)
            .without("API_KEY")
            .env("SQLITE_PATH", "none.db")
            .output()
    };
    assert!(printed(&elsewhere(&["list"])).starts_with("acme/harbour#1\tcodex-1\t"));
    let agents = elsewhere(&["agents", "--json"]);
    assert_eq!(document(&agents)["agents"][0]["agent_id"], "codex-1");

    printed(&elsewhere(&["login", &base, "--remove"]));
    let gone = elsewhere(&["list"]);
    assert_eq!(gone.status.code(), Some(1), "{gone:?}");
    assert!(told(&gone).contains("there is no database"), "{gone:?}");
    assert!(!fs::read_to_string(&hosts).unwrap().contains(API_KEY));
}

#[test]
fn an_issue_is_named_in_a_checkout_by_its_number() {
    let site = Site::with_issues(REPO, 2);
    let (_service, http, _) = serve(&site);
    claim(&http, "codex-1", 2);
    let checkout = site.folder().join("checkout/deep");
    fs::create_dir_all(&checkout).unwrap();
    let git = |args: &[&str]| {
        let done = Command::new("git")
            .args(args)
            .current_dir(site.folder().join("checkout"))
            .env("HOME", site.folder())
            .output();
        assert!(done.unwrap().status.success(), "git {args:?}");
    };
    git(&["init", "-q"]);
    git(&["remote", "add", "origin", "git@github.com:acme/harbour.git"]);
    let database = site.folder().join("issuecommand.db");
    let there = |args: &[&str]| {
        let start = command(&site, args)
            .in_folder(&checkout)
            .env("SQLITE_PATH", database.to_str().unwrap());
        printed(&start.output())
    };
    assert!(there(&["explain", "2"]).starts_with("acme/harbour#2\theld\t"));
    for name in [
        "harbour#1",
        "acme/harbour#1",
        "https://github.com/acme/harbour/issues/1",
    ] {
        assert_eq!(
            printed(&run(&site, &["explain", name])),
            "acme/harbour#1\tready\t\n",
            "{name}"
        );
    }
    let nowhere = run(&site, &["explain", "1"]);
    assert_eq!(nowhere.status.code(), Some(2), "{nowhere:?}");
}
