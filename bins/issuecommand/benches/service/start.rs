//! The time from the start on a big database to the first healthy response, and the resources of an idle program.

use std::time::Duration;

use crate::claims::NO_GITHUB;
use crate::data::{Place, fill};
use crate::process::Program;

pub(crate) async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::File(folder.path().join("issuecommand.db"));
    fill(&place, 100_000, 10_000).await;
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..9 {
        times.push(Program::start(&place, NO_GITHUB).await.started_in);
    }
    times.sort();
    println!(
        "start on 100,000 issues to the first healthy answer: median {:.0?}, slowest of nine {:.0?}",
        times[4], times[8]
    );
    let program = Program::start(&place, NO_GITHUB).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    println!(
        "idle on 100,000 issues: {:.1} MB resident",
        program.resident()
    );
    let (sqlite, rest) = program.worked();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let (sqlite_now, rest_now) = program.worked();
    println!(
        "idle for ten seconds: {:.1?} on a processor\n",
        (sqlite_now + rest_now).saturating_sub(sqlite + rest)
    );
}
