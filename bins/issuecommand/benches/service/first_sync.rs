//! The first sync of a big repository.

use std::time::{Duration, Instant};

use issuecommand_github_emulator::{GithubEmulator, NewIssue, NewRepo, World};
use serde_json::Value;

use crate::client::Connection;
use crate::data::{Place, REPO};
use crate::process::Program;

pub(crate) async fn run() {
    let quiet = once(0).await;
    println!("first sync of no issue: peak {:.1} MB", quiet.peak);
    let big = once(10_000).await;
    println!(
        "first sync of 10,000 issues: {} requests, {:.1} s, peak {:.1} MB, {:.1} MB more than without\n",
        big.requests,
        big.took.as_secs_f64(),
        big.peak,
        big.peak - quiet.peak
    );
}

struct Seen {
    requests: usize,
    took: Duration,
    peak: f64,
}

async fn once(issues: usize) -> Seen {
    let mut world = World::new();
    world.add_repo(NewRepo::named(REPO));
    let body = "It does not do what it should when asked twice. ".repeat(20);
    for n in 0..issues {
        let about = format!("Saving a draft loses its attachments, seen {n} times");
        world.open_issue(REPO, NewIssue::titled(&about).body(&body).label("bug"));
        world.advance(Duration::from_mins(1));
    }
    let github = GithubEmulator::start(world).await;
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let place = Place::File(folder.path().join("issuecommand.db"));
    let program = Program::start(&place, github.url()).await;
    let mut connection = Connection::open(program.port).await.unwrap();
    loop {
        let (_, health) = connection.get("/api/health").await.unwrap();
        let health: Value = serde_json::from_slice(health).unwrap();
        if !health["health"]["last_github_sync_at"].is_null() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let took = begun.elapsed();
    let (_, repos) = connection.get("/api/repos").await.unwrap();
    let repos: Value = serde_json::from_slice(repos).unwrap();
    assert_eq!(repos["repos"][0]["open_issue_count"], issues);
    Seen {
        requests: github.requests_to("/repos/**").len(),
        took,
        peak: program.peak(),
    }
}
