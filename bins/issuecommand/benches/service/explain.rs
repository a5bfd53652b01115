//! The cost of saying why an agent gets no issue, in a small and in a big mirror.

use std::time::{Duration, Instant};

use issuecommand_testkit::postgres::Server;

use crate::claims::NO_GITHUB;
use crate::client::Connection;
use crate::data::{Place, REPO, fill_with};
use crate::process::Program;
use crate::times::report;

/// On SQLite, or in a database of this server.
pub(crate) async fn run(server: Option<&Server>) {
    let paths = [
        ("of all", "/api/explain?agent_id=agent-1".to_owned()),
        (
            "of a repository",
            format!("/api/explain?agent_id=agent-1&repo={REPO}"),
        ),
        ("health", "/api/health".to_owned()),
    ];
    for (issues, claimed, unready) in [(1_000, 100, 300), (100_000, 10_000, 30_000)] {
        let folder = tempfile::tempdir().unwrap();
        let place = match server {
            Some(server) => Place::Server(server.database()),
            None => Place::File(folder.path().join("issuecommand.db")),
        };
        fill_with(&place, issues, claimed, unready).await;
        let program = Program::start(&place, NO_GITHUB).await;
        let mut connection = Connection::open(program.port).await.unwrap();
        for (what, path) in &paths {
            let mut times: Vec<Duration> = Vec::new();
            for turn in 0..200 {
                let begun = Instant::now();
                let (status, _) = connection.get(path).await.unwrap();
                // The first calls warm up the caches.
                if turn >= 50 {
                    times.push(begun.elapsed());
                }
                assert_eq!(status, 200);
            }
            let of = format!("{issues} issues, {claimed} claimed, {unready} not ready");
            report(&format!("explain, {what}"), times, &of, None);
        }
    }
    println!();
}
