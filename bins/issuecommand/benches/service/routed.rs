//! The cost of the next issue where many issues are not ready, and many routes give issues to some agents alone.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use issuecommand_core::domain::policy::{Policy, Route};
use issuecommand_testkit::postgres::Server;

use crate::client::Connection;
use crate::data::{Place, fill_by};
use crate::github;
use crate::process::Program;
use crate::times::report;

const ROUTES: i64 = 200;

/// As the policy and as the setting: each route for agents of its team, and all of them for the lead.
fn routes() -> (Vec<Route>, String) {
    let mut setting = String::new();
    let routes = (0..ROUTES).map(|team| {
        let (label, agents) = (format!("team: {team}"), format!("team-{team}-*"));
        let comma = if team == 0 { "" } else { ", " };
        let table = format!("{comma}{{labels = [\"{label}\"], agents = [\"{agents}\", \"lead\"]}}");
        setting.push_str(&table);
        let agents = vec![agents, "lead".to_owned()];
        Route::new(vec![label], Vec::new(), Vec::new(), agents).unwrap()
    });
    let routes = routes.collect();
    let mut all = String::new();
    write!(all, "[{setting}]").unwrap();
    (routes, all)
}

/// On SQLite, or in a database of this server.
pub(crate) async fn run(server: Option<&Server>) {
    let (routes, setting) = routes();
    let policy = Policy {
        routes,
        ..Policy::default()
    };
    let github = github::without_comments();
    let mut small = Vec::new();
    for (issues, unready) in [(1_000, 300), (100_000, 30_000)] {
        let folder = tempfile::tempdir().unwrap();
        let place = match server {
            Some(server) => Place::Server(server.database()),
            None => Place::File(folder.path().join("issuecommand.db")),
        };
        fill_by(&policy, &place, issues, 0, unready).await;
        let settings = [("ROUTE", setting.as_str())];
        let program = Program::start_with(&place, &github, &settings).await;
        let mut connection = Connection::open(program.port).await.unwrap();
        for (n, who) in ["someone", "team-7-a", "lead"].into_iter().enumerate() {
            let mut times: Vec<Duration> = Vec::new();
            for turn in 0..90 {
                let body = format!("{{\"agent_id\":\"{who}\"}}");
                let begun = Instant::now();
                let (status, answer) = connection.post("/api/next", &body).await.unwrap();
                // The first calls warm up the caches.
                if turn >= 30 {
                    times.push(begun.elapsed());
                }
                assert_eq!(status, 200, "{}", String::from_utf8_lossy(answer));
            }
            let of = format!("{issues} issues, {unready} not ready, {ROUTES} routes");
            let median = report(&format!("next issue of {who}"), times, &of, small.get(n));
            small.push(median);
        }
    }
    println!();
}
