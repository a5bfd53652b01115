//! The cost of the next issue in a small and in a big mirror.

use std::time::{Duration, Instant};

use issuecommand_testkit::postgres::Server;

use crate::client::Connection;
use crate::data::{Place, REPO, fill};
use crate::github;
use crate::process::Program;
use crate::times::report;

/// On SQLite, or in a database of this server.
pub(crate) async fn run(server: Option<&Server>) {
    let bodies = [
        ("any", String::new()),
        ("of a repository", format!(",\"repo\":\"{REPO}\"")),
        ("with a label", ",\"label\":\"bug\"".to_owned()),
    ];
    let github = github::without_comments();
    let mut small = Vec::new();
    for (issues, claimed) in [(1_000, 100), (100_000, 10_000)] {
        let folder = tempfile::tempdir().unwrap();
        let place = match server {
            Some(server) => Place::Server(server.database()),
            None => Place::File(folder.path().join("issuecommand.db")),
        };
        fill(&place, issues, claimed).await;
        println!(
            "{issues} issues, {claimed} claimed: {} kB of database",
            place.size().await / 1024
        );
        let program = Program::start(&place, &github).await;
        let mut connection = Connection::open(program.port).await.unwrap();
        for (n, (what, fields)) in bodies.iter().enumerate() {
            let mut times: Vec<Duration> = Vec::new();
            for turn in 0..300 {
                let body = format!("{{\"agent_id\":\"agent-{turn}\"{fields}}}");
                let begun = Instant::now();
                let (status, _) = connection.post("/api/next", &body).await.unwrap();
                // The first hundred calls warm up the caches.
                if turn >= 100 {
                    times.push(begun.elapsed());
                }
                assert_eq!(status, 200);
            }
            let of = format!("{issues} issues, {claimed} claimed");
            let median = report(&format!("next issue, {what}"), times, &of, small.get(n));
            small.push(median);
        }
    }
    println!();
}
