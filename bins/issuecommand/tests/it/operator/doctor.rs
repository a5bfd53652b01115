//! Each planted fault is found, with a remedy, and nothing else is reported.

use std::net::TcpListener;

use issuecommand_github_emulator::{Fault, World};
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use super::{run, stdout};
use crate::harness::{PATIENCE, Program, Site, block_on, wait_for};

const LONG: &str = "a-long-enough-secret-of-the-tests";

fn site() -> Site {
    let mut world = World::new();
    world.follow_system_clock();
    world.add_repo("acme/harbour");
    for n in 1..=3 {
        world.open_issue("acme/harbour", format!("Issue {n}").as_str());
    }
    Site::new(world)
}

/// The findings that are not ok, as `verdict check`, each with a remedy; and the exit code.
fn ills(site: &Site, changes: &[(&str, Option<&str>)]) -> (Vec<String>, Option<i32>) {
    let mut all = vec![
        ("API_KEY", Some(LONG)),
        ("GITHUB_WEBHOOK_SECRET", Some(LONG)),
    ];
    all.extend(changes);
    let output = run(site, &["doctor", "--json"], &all);
    let told: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let checks = told["checks"].as_array().unwrap().iter();
    let ill = checks.filter(|check| check["verdict"] != "ok");
    let ill: Vec<String> = ill
        .map(|check| {
            assert!(check["remedy"].is_string(), "{check}");
            let word = |key: &str| check[key].as_str().unwrap().to_owned();
            format!("{} {}", word("verdict"), word("check"))
        })
        .collect();
    (ill, output.status.code())
}

#[track_caller]
fn finds(site: &Site, changes: &[(&str, Option<&str>)], ill: &[&str]) {
    let code = i32::from(ill.iter().any(|line| line.starts_with("fail")));
    let (found, exit) = ills(site, changes);
    assert_eq!(
        (found, exit),
        (ill.iter().map(ToString::to_string).collect(), Some(code))
    );
}

/// A site whose database was used once.
fn used() -> Site {
    let site = site();
    let mut service = site.program(Program::Combined).start();
    let http = crate::harness::Http::at(service.address());
    let taken = http.post("/api/next", &serde_json::json!({"agent_id": "ann"}));
    assert_eq!(taken.status, 200, "{taken:?}");
    service.signal("TERM");
    assert!(service.wait_for_end(PATIENCE).success());
    site
}

fn spoil(site: &Site, sql: &str) {
    let path = site.folder().join("issuecommand.db");
    block_on(async {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(false);
        let mut conn = options.connect().await.unwrap();
        conn.execute(AssertSqlSafe(sql.to_owned())).await.unwrap();
        conn.close().await.unwrap();
    });
}

#[test]
fn doctor_passes_before_during_and_after_a_run() {
    let site = site();
    finds(&site, &[], &[]);
    assert!(!site.has_database(), "doctor made a database");
    let mut service = site.program(Program::Combined).start();
    let address = service.address();
    let port = address.rsplit(':').next().unwrap();
    finds(&site, &[("HTTP_PORT", Some(port))], &[]);
    service.signal("TERM");
    assert!(service.wait_for_end(PATIENCE).success());
    finds(&site, &[], &[]);
    let told = stdout(&run(&site, &["doctor"], &[]));
    assert!(
        told.contains("ok    invariant       one active claim an issue"),
        "{told}"
    );
}

#[test]
fn doctor_reports_token_and_github_errors() {
    let site = site();
    finds(&site, &[("GITHUB_TOKEN", None)], &["fail token"]);
    finds(
        &site,
        &[("GITHUB_TOKEN", Some("revoked-token"))],
        &["fail token"],
    );
    site.github
        .world(|world| world.accept_fine_grained_token("fine-grained", "ann"));
    finds(&site, &[("GITHUB_TOKEN", Some("fine-grained"))], &[]);
    for (scopes, ill) in [
        ("repo, admin:org", &[][..]),
        ("public_repo", &["warn token"]),
        ("repo", &["warn token"]),
        ("gist", &["fail token"]),
        ("", &["fail token"]),
    ] {
        let other = Fault::text("{}").header("x-oauth-scopes", scopes);
        let id = site.github.fault("GET /rate_limit", other);
        finds(&site, &[], ill);
        site.github.end_fault(id);
    }

    let nowhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nowhere.local_addr().unwrap());
    drop(nowhere);
    finds(
        &site,
        &[("GITHUB_API_URL", Some(&address))],
        &["fail github"],
    );
    let id = site.github.fault("GET /rate_limit", Fault::status(503));
    finds(&site, &[], &["fail github"]);
    site.github.end_fault(id);
    let limit = Fault::secondary_limit(403, Some(60));
    let id = site.github.fault("GET /rate_limit", limit);
    finds(&site, &[], &["fail github"]);
    site.github.end_fault(id);

    site.github.world(|world| world.set_rate_limit(0));
    finds(&site, &[], &["fail budget"]);
}

#[test]
fn doctor_reports_a_wrong_clock() {
    let site = site();
    for (off, ill) in [(3, &[][..]), (60, &["warn clock"]), (3600, &["fail clock"])] {
        site.github.world(|world| {
            world.follow_system_clock();
            let ahead = world.now();
            world.set_now(ahead);
            world.advance(std::time::Duration::from_secs(off));
        });
        finds(&site, &[], ill);
    }
}

#[test]
fn doctor_reports_settings_key_secret_and_port_errors() {
    let site = site();
    finds(&site, &[("HTTP_PORT", Some("eighty"))], &["fail settings"]);
    finds(&site, &[("API_KEY", None)], &["fail api key"]);
    finds(&site, &[("API_KEY", Some("short"))], &["warn api key"]);
    finds(
        &site,
        &[("GITHUB_WEBHOOK_SECRET", None)],
        &["warn webhook secret"],
    );
    finds(
        &site,
        &[("GITHUB_WEBHOOK_SECRET", Some("short"))],
        &["warn webhook secret"],
    );
    let off = [
        ("GITHUB_WEBHOOK_SECRET", None),
        ("WEBHOOK_ENABLED", Some("no")),
    ];
    finds(&site, &off, &[]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    finds(&site, &[("HTTP_PORT", Some(&port))], &["fail port"]);
    finds(&site, &[("HTTP_HOST", Some("192.0.2.1"))], &["fail port"]);
}

#[test]
fn doctor_reports_database_errors() {
    let site = used();
    finds(&site, &[], &[]);
    for (sql, ill) in [
        (
            "DROP INDEX claim_active;
             INSERT INTO claim (claim_id, repo_id, number, agent_id, principal, title, labels, assignees, status,
                 claimed_at, last_updated)
             SELECT '00000000-0000-4000-8000-000000000001', repo_id, number, 'bob', principal, title, labels, assignees,
                 status, claimed_at, last_updated FROM claim;
             INSERT INTO claim_status (claim_n, n, status, timestamp) SELECT n, 0, status, 1 FROM claim WHERE agent_id = 'bob'",
            &["fail invariant"][..],
        ),
        (
            "DELETE FROM claim_status; DELETE FROM claim WHERE agent_id = 'bob'",
            // No history now; the other one is fine again.
            &["fail invariant"],
        ),
        (
            "INSERT INTO claim_status (claim_n, n, status, timestamp) SELECT n, 0, status, 1 FROM claim;
             INSERT INTO pr_hold (repo_id, number, agent_id) VALUES (1, 9, 'ann')",
            &["fail invariant"],
        ),
        ("DELETE FROM pr_hold; DELETE FROM queue", &["fail invariant"]),
        ("DELETE FROM repo", &["fail integrity"]),
        (
            "DELETE FROM _sqlx_migrations WHERE version > 1",
            &["warn schema", "fail integrity"],
        ),
    ] {
        spoil(&site, sql);
        finds(&site, &[], ill);
    }
    spoil(
        &site,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9001, 'from tomorrow', 1, x'00', 0)",
    );
    finds(&site, &[], &["fail schema", "fail integrity"]);

    let path = site.folder().join("issuecommand.db");
    std::fs::write(&path, "this is not a database").unwrap();
    finds(&site, &[], &["fail database"]);
    let lost = site.folder().join("nowhere").join("issuecommand.db");
    let lost = lost.to_str().unwrap();
    finds(&site, &[("SQLITE_PATH", Some(lost))], &["fail database"]);
    let url = "postgres://127.0.0.1:1/nobody";
    finds(
        &site,
        &[("DATABASE_URL", Some(url)), ("SQLITE_PATH", None)],
        &["fail database"],
    );
}

#[test]
fn damaged_pages() {
    let site = used();
    let path = site.folder().join("issuecommand.db");
    let mut content = std::fs::read(&path).unwrap();
    for page in content.chunks_mut(4096).skip(5).step_by(3) {
        page.fill(0x5a);
    }
    std::fs::write(&path, content).unwrap();
    let (ill, exit) = ills(&site, &[]);
    let told = ["fail integrity", "fail database"];
    assert!(
        ill.iter().any(|line| told.contains(&line.as_str())),
        "{ill:?}"
    );
    assert_eq!(exit, Some(1));
}

#[test]
fn doctor_fails_for_a_service_without_its_database() {
    let site = used();
    // With a client it answers for some seconds more, so that the client gets the reason.
    let mut mcp = site.program(Program::Combined).start_mcp();
    mcp.greet();
    let address = mcp.process.address();
    let port = address.rsplit(':').next().unwrap();
    finds(&site, &[("HTTP_PORT", Some(port))], &[]);
    let path = site.folder().join("issuecommand.db");
    let aside = site.folder().join("aside.db");
    std::fs::copy(&path, &aside).unwrap();
    std::fs::rename(&aside, &path).unwrap();
    wait_for("the service to notice", PATIENCE, || {
        mcp.process.stderr().contains("store.fenced").then_some(())
    });
    let (ill, exit) = ills(&site, &[("HTTP_PORT", Some(port))]);
    assert!(mcp.process.is_running(), "it ended before doctor did");
    assert!(ill.contains(&"fail port".to_owned()), "{ill:?}");
    assert_eq!(exit, Some(1));
}
