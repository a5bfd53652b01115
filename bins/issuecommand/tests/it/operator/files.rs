//! Backups, exports and imports.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use issuecommand_github_emulator::World;
use issuecommand_testkit::postgres::Server;
use serde_json::{Value, json};

use super::{run, stderr, stdout};
use crate::harness::{Http, PATIENCE, Program, Site};

#[test]
fn a_backup_under_load_opens_and_passes_doctor() {
    let site = Site::with_issues("acme/harbour", 300);
    let mut service = site.program(Program::Combined).start();
    let address = service.address();
    let over = AtomicBool::new(false);
    let copy = site.folder().join("backup.db");
    let copy = copy.to_str().unwrap();
    std::thread::scope(|scope| {
        for n in 0..4 {
            let (http, over) = (Http::at(&address), &over);
            scope.spawn(move || {
                let agent = json!({"agent_id": format!("agent-{n}")});
                while !over.load(Ordering::Relaxed) && http.post("/api/next", &agent).status == 200
                {
                }
            });
        }
        let made = run(&site, &["backup", copy], &[]);
        over.store(true, Ordering::Relaxed);
        assert!(made.status.success(), "{made:?}");
        assert!(stdout(&made).contains("passed the integrity check"));
    });
    let again = run(&site, &["backup", copy], &[]);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("overwrites nothing"), "{again:?}");

    let of_copy = [("SQLITE_PATH", Some(copy))];
    let told = run(&site, &["doctor", "--json"], &of_copy);
    let told: Value = serde_json::from_str(&stdout(&told)).unwrap();
    let checks = told["checks"].as_array().unwrap();
    let ours = [
        "database",
        "schema",
        "integrity",
        "invariant",
        "log",
        "file system",
    ];
    let of_database = |check: &&Value| ours.contains(&check["check"].as_str().unwrap());
    let checks: Vec<_> = checks.iter().filter(of_database).collect();
    assert!(
        checks.len() >= 8 && checks.iter().all(|check| check["verdict"] == "ok"),
        "{told:#}"
    );
    // And it can be opened.
    let mut second = site
        .program(Program::Combined)
        .env("SQLITE_PATH", copy)
        .start();
    let http = Http::at(second.address());
    assert_eq!(http.get("/api/claims").status, 200);
    service.signal("TERM");
    second.signal("TERM");
    assert!(service.wait_for_end(PATIENCE).success());
    assert!(second.wait_for_end(PATIENCE).success());
}

#[test]
fn an_export_fills_another_database_and_a_torn_one_none() {
    let site = Site::with_issues("acme/harbour", 5);
    let mut service = site.program(Program::Combined).start();
    let http = Http::at(service.address());
    for agent in ["ann", "bob"] {
        let taken = http.post("/api/next", &json!({"agent_id": agent}));
        assert_eq!(taken.status, 200);
    }
    let path = |name: &str| site.folder().join(name).to_str().unwrap().to_owned();
    let whole = path("all.jsonl");
    let out = run(&site, &["export", &whole], &[]);
    assert!(out.status.success(), "{out:?}");
    assert!(stderr(&out).contains("2 claims"), "{out:?}");
    let claims = http.get("/api/claims").body;
    service.signal("TERM");
    assert!(service.wait_for_end(PATIENCE).success());
    let text = std::fs::read_to_string(&whole).unwrap();
    // To standard output the same, while nothing changes.
    let piped = stdout(&run(&site, &["export", "-"], &[]));
    assert_eq!(piped.lines().next(), text.lines().next());

    let second = path("second.db");
    let there = [("SQLITE_PATH", Some(second.as_str()))];
    let lines: Vec<&str> = text.lines().collect();
    let torn = [
        lines[..lines.len() - 1].join("\n"),
        text.replace("\"bob\"", "\"eve\""),
        lines[1..].join("\n"),
        text.replacen("{\"table\":\"claim\"", "{\"table\":\"clam\"", 1),
        format!("{}\n{}\n{}", lines[0], lines[2..].join("\n"), ""),
    ];
    for (n, torn) in torn.iter().enumerate() {
        let file = path(&format!("torn-{n}.jsonl"));
        std::fs::write(&file, torn).unwrap();
        let refused = run(&site, &["import", &file], &there);
        assert_eq!(refused.status.code(), Some(1), "{n}: {refused:?}");
    }
    let taken = run(&site, &["import", &whole], &there);
    assert!(taken.status.success(), "{taken:?}");
    assert!(stderr(&taken).contains("invariants agree"), "{taken:?}");
    let twice = run(&site, &["import", &whole], &there);
    assert!(
        stderr(&twice).contains("holds something already"),
        "{twice:?}"
    );

    let start = site.program(Program::Combined).env("SQLITE_PATH", &second);
    let mut moved = start.start();
    let there = Http::at(moved.address());
    assert_eq!(there.get("/api/claims").body, claims);
    // The export was made while the service held the lease; nothing waits for that lease.
    moved.wait_until_logged("does the background work now", Duration::from_secs(10));
    moved.signal("TERM");
    assert!(moved.wait_for_end(PATIENCE).success());
}

/// The lines between the first and the last, sorted, with both databases' booleans alike. Leases are not imported.
fn rows(path: &str) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let rows = lines[1..lines.len() - 1].iter();
    let mut rows: Vec<String> = rows
        .map(|line| {
            let mut row: Value = serde_json::from_str(line).unwrap();
            for value in row["row"].as_object_mut().unwrap().values_mut() {
                if let Some(yes) = value.as_bool() {
                    *value = json!(i64::from(yes));
                }
            }
            if row["table"] == "lease" {
                row["row"]["until"] = json!(0);
            }
            row.to_string()
        })
        .collect();
    rows.sort();
    rows
}

#[test]
fn a_database_moves_from_sqlite_to_postgresql_and_back() {
    let Some(server) = Server::shared() else {
        return;
    };
    let site = Site::with_issues("acme/harbour", 30);
    site.github.world(World::follow_system_clock);
    let mut service = site.program(Program::Combined).start();
    let http = Http::at(service.address());
    for n in 0..5 {
        let agent = json!({"agent_id": format!("agent-{n}")});
        assert_eq!(http.post("/api/next", &agent).status, 200);
    }
    let claims = http.get("/api/claims").body;
    service.signal("TERM");
    assert!(service.wait_for_end(PATIENCE).success());

    let path = |name: &str| site.folder().join(name).to_str().unwrap().to_owned();
    let (out, back) = (path("sqlite.jsonl"), path("postgres.jsonl"));
    let good = |args: &[&str], changes: &[(&str, Option<&str>)]| {
        let output = run(&site, args, changes);
        assert!(output.status.success(), "{args:?}: {output:?}");
        stdout(&output)
    };
    good(&["export", &out], &[]);
    let database = server.database();
    let url = database.url();
    let there = [("DATABASE_URL", Some(url)), ("SQLITE_PATH", None)];
    good(&["import", &out], &there);
    let twice = run(&site, &["import", &out], &there);
    assert!(
        stderr(&twice).contains("holds something already"),
        "{twice:?}"
    );
    let well = good(&["doctor"], &there);
    assert!(
        well.contains("PostgreSQL") && well.contains("one holder a pull request"),
        "{well}"
    );
    let backup = run(&site, &["backup", &path("no.db")], &there);
    assert!(stderr(&backup).contains("pg_dump"), "{backup:?}");
    good(&["export", &back], &there);
    assert_eq!(rows(&out), rows(&back));

    let start = site.program(Program::Combined).without("SQLITE_PATH");
    let mut moved = start.env("DATABASE_URL", url).start();
    let http = Http::at(moved.address());
    assert_eq!(http.get("/api/claims").body, claims);
    // The next id follows the imported ones.
    let taken = http.post("/api/next", &json!({"agent_id": "late"}));
    assert_eq!(taken.status, 200, "{taken:?}");
    moved.signal("TERM");
    assert!(moved.wait_for_end(PATIENCE).success());

    let again = path("again.db");
    let again = [("SQLITE_PATH", Some(again.as_str()))];
    good(&["import", &back], &again);
    let third = path("third.jsonl");
    good(&["export", &third], &again);
    assert_eq!(rows(&third), rows(&out));
}

/// They contain texts of agents and reviewers.
#[cfg(unix)]
#[test]
fn databases_and_their_backups_are_their_owners_alone() {
    use std::os::unix::fs::MetadataExt;

    let site = Site::with_issues("acme/harbour", 3);
    let mut service = site.program(Program::Combined).start();
    let http = Http::at(service.address());
    let taken = http.post("/api/next", &json!({"agent_id": "ann"}));
    assert_eq!(taken.status, 200);
    let copy = site.folder().join("backup.db");
    let made = run(&site, &["backup", copy.to_str().unwrap()], &[]);
    assert!(made.status.success(), "{made:?}");
    let piped = run(&site, &["backup", "-"], &[]);
    assert!(piped.status.success(), "{piped:?}");
    assert!(stderr(&piped).contains("passed the integrity check"));
    service.signal("TERM");
    assert!(service.wait_for_end(PATIENCE).success());

    let mut seen = Vec::new();
    for file in std::fs::read_dir(site.folder()).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let head = std::fs::read(file.path()).unwrap_or_default();
        if head.starts_with(b"SQLite format 3") {
            assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600, "{name}");
            seen.push(name);
        }
    }
    assert_eq!(seen.len(), 2, "{seen:?}");
    // The output is a complete database too.
    let second = site.folder().join("piped.db");
    std::fs::write(&second, &piped.stdout).unwrap();
    let of_copy = [("SQLITE_PATH", second.to_str())];
    let told = run(&site, &["doctor", "--json"], &of_copy);
    let told: Value = serde_json::from_str(&stdout(&told)).unwrap();
    let integrity = told["checks"].as_array().unwrap().iter();
    let integrity: Vec<_> = integrity
        .filter(|check| check["check"] == "integrity")
        .collect();
    assert_eq!(integrity.len(), 1);
    assert_eq!(integrity[0]["verdict"], "ok", "{told:#}");
}

#[test]
fn sync_uses_an_existing_database_and_counts_new_issues() {
    let site = Site::with_issues("acme/harbour", 3);
    let none = run(&site, &["sync"], &[]);
    assert_eq!(none.status.code(), Some(1), "{none:?}");
    assert!(
        stderr(&none).contains("there is no database at") && stderr(&none).contains("SQLITE_PATH"),
        "{none:?}"
    );
    assert!(!site.has_database());
    assert_eq!(site.github.requests_to("/**").len(), 0, "GitHub was read");

    // An empty database.
    let made = run(&site, &["key", "create", "ann"], &[]);
    assert!(made.status.success(), "{made:?}");
    let first = run(&site, &["sync"], &[]);
    assert!(first.status.success(), "{first:?}");
    assert!(
        stderr(&first).contains("database: /") && stderr(&first).contains("issuecommand.db"),
        "{first:?}"
    );
    assert!(
        stdout(&first).contains("3 open issues; new: 3,"),
        "{first:?}"
    );
    let again = run(&site, &["sync"], &[]);
    assert!(stdout(&again).contains("new: 0,"), "{again:?}");
    site.github.world(|world| {
        world.open_issue("acme/harbour", "One more");
    });
    let more = run(&site, &["sync"], &[]);
    assert!(stdout(&more).contains("4 open issues; new: 1,"), "{more:?}");
}

#[test]
fn a_truncated_import_file_is_reported_and_creates_no_database() {
    let site = Site::with_issues("acme/harbour", 2);
    let mut service = site.program(Program::Combined).start();
    let http = Http::at(service.address());
    assert_eq!(
        http.post("/api/next", &json!({"agent_id": "ann"})).status,
        200
    );
    service.signal("TERM");
    assert!(service.wait_for_end(PATIENCE).success());
    let whole = site.folder().join("whole.jsonl");
    let out = run(&site, &["export", whole.to_str().unwrap()], &[]);
    assert!(out.status.success(), "{out:?}");
    let text = std::fs::read_to_string(&whole).unwrap();
    let cut = site.folder().join("cut.jsonl");
    let lines: Vec<&str> = text.lines().collect();
    std::fs::write(&cut, lines[..lines.len() - 1].join("\n") + "\n").unwrap();
    let (cut, new) = (cut.to_str().unwrap(), site.folder().join("new.db"));
    let there = [("SQLITE_PATH", Some(new.to_str().unwrap()))];
    let refused = run(&site, &["import", cut], &there);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    let words = stderr(&refused);
    assert!(words.starts_with(&format!("error: {cut} line ")), "{words}");
    assert!(
        words.contains("it is not whole") && !words.contains("database"),
        "{words}"
    );
    assert!(!new.exists(), "an empty database is left");
}
