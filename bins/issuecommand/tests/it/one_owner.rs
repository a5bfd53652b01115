//! The main promise: each issue goes to exactly one agent, for any number of agents and processes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Barrier;
use std::thread;

use issuecommand_testkit::prove::rounds;
use serde_json::{Value, json};

use crate::harness::{
    Http, JsonResponse, Mcp, PATIENCE, Program, Site, Store, free_port, wait_for,
};

on_each_store!(
    prove_one_owner_of_each_issue_that_all_want,
    prove_one_owner_of_each_issue_that_is_given_out,
);

const REPO: &str = "acme/harbour";

/// An agent on one of the two surfaces.
enum Agent {
    Mcp(String, Box<Mcp>),
    Http(String, Http),
}

impl Agent {
    fn name(&self) -> &str {
        match self {
            Self::Mcp(name, _) | Self::Http(name, _) => name,
        }
    }

    /// Connects as in reality: an MCP client shakes hands as soon as its process runs; over HTTP it waits for a server.
    fn arrive(&mut self) {
        match self {
            Self::Mcp(_, mcp) => mcp.greet(),
            Self::Http(_, http) => {
                let healthy = || {
                    http.ask("GET", "/healthz", None)
                        .ok()
                        .filter(|r| r.status == 200)
                };
                wait_for("a process that serves HTTP", PATIENCE, healthy);
            }
        }
    }

    /// The response. It must not be a failure.
    fn ask(&mut self, tool: &str, path: &str, input: &Value) -> Value {
        match self {
            Self::Mcp(_, mcp) => mcp.call_until_free(tool, input),
            Self::Http(name, http) => {
                let JsonResponse { status, body, .. } = http.post(path, input);
                assert!(
                    [200, 409].contains(&status),
                    "{name} {path} {input}: {status} {body}"
                );
                assert_eq!(body["ok"], status == 200, "{body}");
                body
            }
        }
    }
}

/// Starts four `issuecommand` with one port and four `issuecommand-mcp`, all at once and on a new database; eight agents use
/// MCP with one each, two more HTTP on the shared port. All do the same at the same time.
fn crowd<T: Send>(site: &Site, work: impl Fn(&mut Agent) -> T + Sync) -> Vec<(String, T)> {
    let port = free_port();
    let starting = (0..8).map(|n| {
        let program = if n % 2 == 0 {
            Program::Combined
        } else {
            Program::Mcp
        };
        let mcp = site.program(program).port(port).start_mcp();
        Agent::Mcp(format!("over-mcp-{n}"), Box::new(mcp))
    });
    let mut agents: Vec<Agent> = starting.collect();
    for n in 0..2 {
        agents.push(Agent::Http(
            format!("over-http-{n}"),
            Http::at(format!("127.0.0.1:{port}")),
        ));
    }
    // A failed agent must not leave the others at the barrier.
    thread::scope(|scope| {
        for agent in &mut agents {
            scope.spawn(|| agent.arrive());
        }
    });
    let here = Barrier::new(agents.len());
    let told = thread::scope(|scope| {
        let (here, work) = (&here, &work);
        let busy = agents.iter_mut().map(|agent| {
            scope.spawn(move || {
                here.wait();
                work(agent)
            })
        });
        let busy: Vec<_> = busy.collect();
        busy.into_iter()
            .map(|busy| busy.join().unwrap())
            .collect::<Vec<T>>()
    });
    let told = agents
        .iter()
        .map(|agent| agent.name().to_owned())
        .zip(told)
        .collect();

    // The database agrees, and so does every process.
    site.assert_sound();
    told
}

/// The holders by issue, as the service returns them.
fn owners(site: &Site) -> BTreeMap<u64, String> {
    let mut mcp = site.program(Program::Mcp).start_mcp();
    mcp.greet();
    let all = mcp.call("get_all_claims", &json!({}));
    let mut owners = BTreeMap::new();
    for claim in all["claims"].as_array().unwrap() {
        let (issue, agent) = (claim["issue_number"].as_u64(), claim["agent_id"].as_str());
        let before = owners.insert(issue.unwrap(), agent.unwrap().to_owned());
        assert_eq!(
            before, None,
            "issue {issue:?} stands twice among the active claims"
        );
    }
    owners
}

fn prove_one_owner_of_each_issue_that_all_want(store: Store) {
    let issues = rounds(20, 200);
    let site = Site::with_issues_on(store, REPO, issues);

    let told = crowd(&site, |agent| {
        let claim = |number| {
            let input = json!({ "agent_id": agent.name(), "repo": REPO, "issue_number": number });
            agent.ask("claim_issue", "/api/claims", &input)
        };
        (1..=issues).map(claim).collect::<Vec<Value>>()
    });

    for n in 0..issues as usize {
        let (won, lost): (Vec<_>, Vec<_>) = told
            .iter()
            .map(|(agent, heard)| (agent, &heard[n]))
            .partition(|(_, heard)| heard["ok"] == true);
        let [(owner, answer)] = won[..] else {
            panic!("owners of issue {}: {won:?}", n + 1)
        };
        assert_eq!(answer["claim"]["agent_id"], **owner);
        assert_eq!(answer["idempotent"], false);
        for (agent, heard) in lost {
            assert_eq!(heard["reason"], "already_claimed", "{agent}: {heard}");
            assert_eq!(heard["owner_agent_id"], **owner, "{agent}: {heard}");
            assert_eq!(heard["claim"]["claim_id"], answer["claim"]["claim_id"]);
        }
    }
    assert_eq!(owners(&site).len(), issues as usize);
}

fn prove_one_owner_of_each_issue_that_is_given_out(store: Store) {
    let issues = rounds(40, 400);
    let site = Site::with_issues_on(store, REPO, issues);

    let told = crowd(&site, |agent| {
        let input = json!({ "agent_id": agent.name() });
        let mut given = Vec::new();
        loop {
            let heard = agent.ask("next_issue", "/api/next", &input);
            if heard["ok"] == true {
                assert_eq!(heard["claim"]["agent_id"], agent.name());
                given.push(heard["issue"]["number"].as_u64().unwrap());
                continue;
            }
            assert_eq!(
                heard["message"], "No eligible unclaimed issues found",
                "{heard}"
            );
            return given;
        }
    });

    let mut given = BTreeMap::new();
    for (agent, numbers) in told {
        for number in numbers {
            let before = given.insert(number, agent.clone());
            assert_eq!(before, None, "issue {number} was given to {agent} too");
        }
    }
    let all: BTreeSet<u64> = (1..=u64::from(issues)).collect();
    assert_eq!(
        given.keys().copied().collect::<BTreeSet<_>>(),
        all,
        "nothing is left"
    );
    assert_eq!(
        owners(&site),
        given,
        "each is held by the agent that got it"
    );
}
