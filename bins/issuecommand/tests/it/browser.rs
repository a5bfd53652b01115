//! The dashboard in Chromium, driven by `tests/browser/dashboard.mjs`. It runs only where `ISSUECOMMAND_TEST_BROWSER` names a folder with
//! the packages of `tests/browser`, as `cargo xtask prove browser` makes it, and where Chromium and Node.js are installed. The pictures
//! are kept in `browser-shots` beside the programs.
//!
//! Playwright drives it because it waits for pages by itself and has touch screens, colour schemes and keyboards; the Rust drivers
//! speak the same protocol without these.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use issuecommand_github_emulator::{NewComment, NewIssue, NewPull, ReviewState, World};
use issuecommand_testkit::machine::skipped;
use issuecommand_testkit::prove::is_full;
use serde_json::{Value, json};

use crate::harness::{
    API_KEY, Http, PATIENCE, Process, Program, Site, Store, free_port, path_of, wait_for,
};

on_each_store!(prove_browser_shows_the_dashboard);

const REPO: &str = "acme/web";

/// Chromium as Debian and others name it.
fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut folders = std::env::split_paths(&path);
    folders.find_map(|folder| {
        let names = ["chromium", "chromium-browser"].iter();
        names
            .map(|name| folder.join(name))
            .find(|path| path.is_file())
    })
}

fn world() -> World {
    let mut world = World::new();
    world.add_repo(REPO);
    world.add_repo("acme/docs");
    let titles = [
        "Price shown with wrong currency",
        "Retry uploads that were cut off",
        "<script>alert('x')</script> \u{202e}txt.exe \u{200b}hidden",
        "עברית ואז English, and العربية",
        "A title as long as GitHub allows, which goes on and on so that the table has to wrap it, \
         withoutanyspaceatthisplacewhichisthehardcaseforatablethatmustnotscrollsideways",
    ];
    for title in titles {
        world.open_issue(REPO, title);
    }
    for n in 0..60 {
        world.open_issue(
            "acme/docs",
            NewIssue::titled(&format!("Chapter {n}")).by("ada"),
        );
    }
    let title = NewIssue::titled("Show the price in euros")
        .by("ada")
        .body("Closes #1");
    world.open_pull(REPO, NewPull::from_branch("euros", title));
    world.record_deliveries();
    world
}

/// Puts something onto every screen.
fn play(site: &Site, http: &Http) {
    let claim = |agent: &str, number: u32| -> Value {
        let input = json!({ "agent_id": agent, "repo": REPO, "issue_number": number });
        let answer = http.post("/api/claims", &input);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["claim"]["claim_id"].clone()
    };
    let move_to = |claim: &Value, body: &Value| {
        let path = format!("/api/claims/{}", claim.as_str().unwrap());
        let answer = http.ask("PATCH", &path, Some(body)).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    let first = claim("claude-a", 1);
    let pull = format!("https://github.com/{REPO}/pull/6");
    move_to(
        &first,
        &json!({ "agent_id": "claude-a", "status": "pr_submitted", "pr_url": pull }),
    );
    let second = claim("codex-1", 2);
    move_to(
        &second,
        &json!({ "agent_id": "codex-1", "status": "in_progress", "note": "Reading the uploader" }),
    );
    let third = claim("<b>agent</b> \u{202e}x", 5);
    let path = format!("/api/claims/{}", third.as_str().unwrap());
    let back = json!({ "agent_id": "<b>agent</b> \u{202e}x", "reason": format!("<img src=x onerror=alert(1)> {}", "very long ".repeat(700)) });
    assert_eq!(http.ask("DELETE", &path, Some(&back)).unwrap().status, 200);
    let park = json!({ "note": "Wait for the new design & <i>then</i>" });
    assert_eq!(
        http.post(&format!("/api/issues/{REPO}/4/park"), &park)
            .status,
        200
    );
    let told = site.github.world(|world| {
        let words =
            NewComment::saying("Please use <strong>integers</strong>, not floats").by("rita");
        world.review(REPO, 6, ReviewState::ChangesRequested, words);
        world.deliveries()
    });
    for delivery in told {
        let status = http.deliver(&delivery).unwrap().status;
        assert!((200..300).contains(&status), "{status}");
    }
}

fn prove_browser_shows_the_dashboard(store: Store) {
    let Some(folder) = std::env::var_os("ISSUECOMMAND_TEST_BROWSER").map(PathBuf::from) else {
        skipped("Playwright is not installed: cargo xtask prove browser");
        return;
    };
    let Some(chromium) = chromium() else {
        skipped("Chromium is not installed");
        return;
    };
    if matches!(store, Store::Postgres) && !is_full() {
        skipped("on PostgreSQL the browser runs at full counts alone: cargo xtask prove browser");
        return;
    }
    let site = Site::on(store, world());
    let port = free_port();
    let start = || {
        let mut service = site.program(Program::Combined).port(port).start();
        service.address();
        service
    };
    let mut service = Some(start());
    let http = Http::at(format!("127.0.0.1:{port}"));
    wait_for("the first sync", PATIENCE, || {
        let known = http.get("/api/repos/acme/web/issues");
        let issues = known.body["issues"].as_array()?.len();
        (issues >= 5).then_some(())
    });
    play(&site, &http);

    let shots = path_of(Program::Combined)
        .with_file_name("browser-shots")
        .join(format!("{store:?}").to_lowercase());
    fs::create_dir_all(&shots).unwrap();
    let script = folder.join("dashboard.mjs");
    fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/dashboard.mjs"),
        &script,
    )
    .unwrap();
    let mut driver = Command::new("node")
        .arg(&script)
        .current_dir(&folder)
        .env("BASE", format!("http://127.0.0.1:{port}"))
        .env("KEY", API_KEY)
        .env("OUT", &shots)
        .env("CHROMIUM", chromium)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answers = driver.stdin.take().unwrap();
    for line in BufReader::new(driver.stdout.take().unwrap()).lines() {
        match line.unwrap().as_str() {
            "stop" => {
                let mut stopped: Process = service.take().expect("it runs");
                stopped.signal("TERM");
                stopped.wait_for_end(PATIENCE);
            }
            "start" => service = Some(start()),
            other => panic!("the driver said {other}"),
        }
        writeln!(answers, "done").unwrap();
    }
    let status = driver.wait().unwrap();
    eprintln!("pictures: {}", shots.display());
    assert!(status.success(), "the browser found something; see above");
    assert!(service.is_some());
    site.assert_sound();
}
