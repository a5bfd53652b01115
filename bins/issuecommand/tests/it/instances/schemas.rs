//! Instances of two versions on one database, and many that create it at once.

use std::thread;

use issuecommand_testkit::prove::rounds;
use serde_json::json;

use super::{REPO, site};
use crate::harness::{Http, PATIENCE, Process, Program};

const INSTANCES: u32 = 8;

#[test]
fn an_older_version_refuses_a_newer_schema_with_a_sentence() {
    let Some(site) = site(1) else { return };
    let mut server = site.program(Program::Http).start();
    server.address();
    server.signal("TERM");
    assert!(server.wait_for_end(PATIENCE).success());
    site.ask_database(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9001, 'from tomorrow', true, '\\x00', 0) RETURNING description",
    );
    let before = site.rows();
    for program in [Program::Http, Program::Mcp, Program::Combined] {
        let done = site.program(program).output();
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(!done.status.success(), "{program:?} ran: {said}");
        let sentence = "the database has schema 9001, newer than";
        assert!(said.contains(sentence), "{program:?}: {said}");
        assert!(!said.contains("panicked"), "{program:?}: {said}");
    }
    assert_eq!(site.rows(), before, "a refused database was changed");

    site.ask_database("DELETE FROM _sqlx_migrations WHERE version = 9001 RETURNING description");
    site.program(Program::Http).start().address();
}

#[test]
fn prove_eight_instances_start_at_once_on_an_empty_database() {
    for _ in 0..rounds(1, 10) {
        let Some(site) = site(INSTANCES) else {
            return;
        };
        assert!(site.rows().is_empty(), "the database is not empty");
        let start = |_| site.program(Program::Http).start();
        let mut servers: Vec<Process> = (0..INSTANCES).map(start).collect();
        // Each has an issue of its own, so that all write and all see the result.
        thread::scope(|scope| {
            for (server, issue) in servers.iter_mut().zip(1..) {
                scope.spawn(move || {
                    let http = Http::at(server.address());
                    let claim = json!({
                        "agent_id": format!("agent-{issue}"), "repo": REPO, "issue_number": issue,
                    });
                    let reply = http.post("/api/claims", &claim);
                    assert_eq!(reply.status, 200, "{}", reply.body);
                });
            }
        });
        for server in &mut servers {
            let http = Http::at(server.address());
            let claims = http.get("/api/claims").body["claims"].clone();
            assert_eq!(claims.as_array().unwrap().len(), INSTANCES as usize);
        }
        site.assert_sound();
    }
}
