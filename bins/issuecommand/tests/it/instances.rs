//! Several instances on one PostgreSQL keep every promise of a single one, whatever happens to them, their connections and
//! their clients.

mod agent;
mod contended;
mod fleet;
mod heard;
mod hung_up;
mod paused;
mod schemas;
mod severed;
mod waiting;

use std::collections::BTreeMap;

use issuecommand_testkit::postgres::Server;

use self::agent::AgentStats;
use self::fleet::Fleet;
use crate::harness::{EventLog, Site, Store};

const REPO: &str = "acme/harbour";

/// The number of sessions that the database ended, and of those that disconnected without a message, which includes connections
/// broken in use.
const BROKEN: &str = "
    SELECT CAST(sessions_fatal + sessions_abandoned + sessions_killed AS TEXT)
    FROM pg_stat_database WHERE datname = current_database()";

/// The holder of an issue, and its claim.
type Owner = (String, String);

/// A site with so many issues on the shared PostgreSQL. `None` if there is none.
fn site(issues: u32) -> Option<Site> {
    Server::shared()?;
    Some(Site::with_issues_on(Store::Postgres, REPO, issues))
}

/// Asserts that responses, service, database and event log agree on the holders, and that no issue ever had two at a time.
fn assert_all_agree(fleet: &Fleet, tally: &AgentStats) {
    let told = tally.held();
    for http in fleet.faces() {
        let claims = http.get("/api/claims").body["claims"].clone();
        let mut active = BTreeMap::new();
        for claim in claims.as_array().unwrap() {
            let text = |name: &str| claim[name].as_str().unwrap().to_owned();
            let owner = (text("agent_id"), text("claim_id"));
            let before = active.insert(claim["issue_number"].as_u64().unwrap(), owner);
            assert_eq!(before, None, "two active claims of one issue: {claims}");
        }
        assert_eq!(active, told, "the agents' responses and the stored claims");
    }
    let rows = fleet.site().ask_database(
        "SELECT number || '|' || agent_id || '|' || claim_id FROM claim WHERE status NOT IN ('closed', 'released')",
    );
    let rows: BTreeMap<u64, Owner> = rows
        .iter()
        .map(|row| {
            let [number, agent, claim] = row.split('|').collect::<Vec<_>>()[..] else {
                panic!("{row}")
            };
            (number.parse().unwrap(), (agent.into(), claim.into()))
        })
        .collect();
    assert_eq!(rows, told, "the database");
    let log = EventLog::read(fleet.address(0));
    assert_eq!(owners_by(&log), told, "the log of events");
    fleet.site().assert_sound();
}

/// The final holders by the event log, in order. No issue may be given to an agent while another has it.
fn owners_by(log: &EventLog) -> BTreeMap<u64, Owner> {
    let mut owners: BTreeMap<u64, Owner> = BTreeMap::new();
    for event in log.iter() {
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        let (owner, issue) = (
            (text("agent_id"), text("claim_id")),
            event["issue_number"].as_u64().unwrap_or_default(),
        );
        match event["type"].as_str().unwrap() {
            "claim.created" => {
                let before = owners.insert(issue, owner);
                assert_eq!(before, None, "it was held: {event}");
            }
            "claim.released" => {
                let before = owners.remove(&issue);
                assert_eq!(before, Some(owner), "it was not theirs: {event}");
            }
            _ => {}
        }
    }
    owners
}
