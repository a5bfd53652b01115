//! What is there before the calls: an agent for each of them, with what its call concerns; and what is there after them.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::followups::talk::{REPO, say, site};
use crate::harness::{EventLog, Http, PATIENCE, Process, Program, Site, Store, wait_for};
use crate::waiting::{MCP_HEADERS, Surface};

/// The repository of issues that are given out.
const GIVEN: &str = "acme/quay";

/// What all agents have, in one statement, so that all of it is of one moment.
const ROWS: &str = "
    SELECT 'claim|' || agent_id || '|' || claim_id || '|' || status || '|' || CAST(claimed_at AS TEXT) || '|'
        || CAST(last_updated AS TEXT) || '|'
        || (SELECT CAST(count(*) AS TEXT) FROM claim_status WHERE claim_n = claim.n)
    FROM claim
    UNION ALL SELECT 'item|' || work_item_id || '|' || status || '|' || CAST(last_updated AS TEXT) FROM followup
    UNION ALL SELECT 'key|' || key FROM idempotency
    ORDER BY 1";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Claim,
    Next,
    Move,
    Release,
    /// The same status again.
    Sign,
    /// Over MCP there is none but `Sign`.
    Heartbeat,
    Answer,
}

const KINDS: [Kind; 7] = [
    Kind::Claim,
    Kind::Next,
    Kind::Move,
    Kind::Release,
    Kind::Sign,
    Kind::Heartbeat,
    Kind::Answer,
];

/// One call of one agent.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) n: usize,
    kind: Kind,
    surface: Surface,
    agent: String,
    key: String,
    /// The claim or follow-up that it concerns.
    id: String,
}

impl Case {
    fn new(n: usize, surface: Surface) -> Self {
        // One kind after the other, each with both fates.
        let kind = match (KINDS[n / 2 % KINDS.len()], surface) {
            (Kind::Heartbeat, Surface::Mcp) => Kind::Sign,
            (kind, _) => kind,
        };
        Self {
            n,
            kind,
            surface,
            agent: format!("a{n}"),
            key: format!("key-{n}"),
            id: String::new(),
        }
    }

    fn issue(&self) -> u64 {
        self.n as u64 + 1
    }

    fn holds_claim(&self) -> bool {
        matches!(
            self.kind,
            Kind::Move | Kind::Release | Kind::Sign | Kind::Heartbeat
        )
    }

    /// Whether its answer is kept. A heartbeat needs no key.
    pub(super) fn is_remembered(&self) -> bool {
        self.kind != Kind::Heartbeat
    }

    /// The tool, and method and path of HTTP.
    fn call(&self) -> (&'static str, &'static str, String) {
        let claim = format!("/api/claims/{}", self.id);
        match self.kind {
            Kind::Claim => ("claim_issue", "POST", "/api/claims".to_owned()),
            Kind::Next => ("next_work", "POST", "/api/next-work".to_owned()),
            Kind::Move | Kind::Sign => ("update_claim_status", "PATCH", claim),
            Kind::Release => ("release_issue", "DELETE", claim),
            Kind::Heartbeat => ("", "POST", "/api/heartbeat".to_owned()),
            Kind::Answer => {
                let path = format!("/api/followups/{}", self.id);
                ("update_followup_status", "PATCH", path)
            }
        }
    }

    /// What both faces have in their bodies.
    fn body(&self) -> Value {
        let agent = &self.agent;
        match self.kind {
            Kind::Claim => json!({ "agent_id": agent, "repo": REPO, "issue_number": self.issue() }),
            Kind::Next => json!({ "agent_id": agent, "repo": GIVEN }),
            Kind::Move => json!({ "agent_id": agent, "status": "in_progress", "note": "begun" }),
            Kind::Sign => json!({ "agent_id": agent, "status": "claimed" }),
            Kind::Release => json!({ "agent_id": agent, "reason": "not mine" }),
            Kind::Heartbeat => json!({ "agent_id": agent }),
            Kind::Answer => json!({ "agent_id": agent, "status": "done", "note": "answered" }),
        }
    }

    /// Method, path, headers and body on its surface.
    fn request(&self) -> (&'static str, String, Vec<(&str, &str)>, Value) {
        let (tool, method, path) = self.call();
        let mut body = self.body();
        match self.surface {
            Surface::Http => (method, path, vec![("Idempotency-Key", &self.key)], body),
            Surface::Mcp => {
                body["idempotency_key"] = json!(self.key);
                match self.kind {
                    Kind::Claim | Kind::Next => {}
                    Kind::Answer => body["work_item_id"] = json!(self.id),
                    Kind::Move | Kind::Release | Kind::Sign | Kind::Heartbeat => {
                        body["claim_id"] = json!(self.id);
                    }
                }
                let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
                    "params": {"name": tool, "arguments": body}});
                ("POST", "/mcp".to_owned(), MCP_HEADERS.to_vec(), message)
            }
        }
    }

    pub(super) fn bytes(&self, http: &Http) -> Vec<u8> {
        let (method, path, headers, body) = self.request();
        http.bytes(method, &path, &headers, &body.to_string())
    }

    /// Makes the call to its end. It must succeed.
    pub(super) fn repeat(&self, http: &Http) -> Value {
        let (method, path, headers, body) = self.request();
        let answer = http.ask_with(method, &path, &headers, Some(&body));
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, 200, "{self:?}: {}", answer.body);
        let answer = match self.surface {
            Surface::Http => answer.body,
            Surface::Mcp => answer.body["result"]["structuredContent"].clone(),
        };
        assert_eq!(answer["ok"], true, "{self:?}: {answer}");
        answer
    }
}

/// What the database and the event log have of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// The claim or follow-up as it is after the call, if it is so: id and time.
    changed: Vec<(String, i64)>,
    /// How many events tell of it.
    events: usize,
    /// Whether its answer is kept under its key.
    kept: bool,
}

impl Facts {
    pub(super) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn is_whole(&self, case: &Case) -> bool {
        let events = match case.kind {
            // Nothing tells whether there was one.
            Kind::Heartbeat => return self.is_nothing(),
            Kind::Sign => 0,
            Kind::Claim | Kind::Next | Kind::Move | Kind::Release | Kind::Answer => 1,
        };
        self.kept && self.changed.len() == 1 && self.events == events
    }

    /// Whether an answer tells of this.
    pub(super) fn is_told_by(&self, answer: &Value) -> bool {
        let Some((id, _)) = self.changed.first() else {
            return true;
        };
        let of = [
            &answer["claim"]["claim_id"],
            &answer["claim_id"],
            &answer["work_item"]["work_item_id"],
        ];
        of.into_iter().any(|told| told == id.as_str())
    }
}

/// Two processes on one database, and all calls.
pub(super) struct Stage {
    pub(super) site: Site,
    pub(super) cases: Vec<Case>,
    faces: [Http; 2],
    address: String,
    _servers: [Process; 2],
}

impl Stage {
    pub(super) fn set(store: Store, surface: Surface, calls: usize) -> Self {
        let mut cases: Vec<Case> = (0..calls).map(|n| Case::new(n, surface)).collect();
        let answers = cases
            .iter()
            .filter(|case| case.kind == Kind::Answer)
            .count();
        let site = site(store, calls as u64, answers as u64);
        site.github.world(|world| {
            world.add_repo(GIVEN);
            for case in cases.iter().filter(|case| case.kind == Kind::Next) {
                world.open_issue(GIVEN, format!("Issue for {}", case.agent).as_str());
            }
            // The first sync reads them.
            world.deliveries();
        });
        let start = || {
            let program = site.program(Program::Http);
            program.env("MCP_ALLOWED_HOSTS", "test").start()
        };
        let mut servers = [start(), start()];
        let addresses = servers.each_mut().map(Process::address);
        let faces = addresses.each_ref().map(Http::at);
        for repo in [REPO, GIVEN] {
            let list = format!("/api/repos/{repo}/issues?limit=1");
            wait_for("the mirror", PATIENCE, || {
                (faces[0].get(&list).status == 200).then_some(())
            });
        }
        for case in cases.iter_mut().filter(|case| case.holds_claim()) {
            let body =
                json!({ "agent_id": case.agent, "repo": REPO, "issue_number": case.issue() });
            let given = faces[0].post("/api/claims", &body).body;
            let id = given["claim"]["claim_id"].as_str();
            id.unwrap_or_else(|| panic!("{given}"))
                .clone_into(&mut case.id);
        }
        let waiting = cases.iter_mut().filter(|case| case.kind == Kind::Answer);
        for (n, case) in waiting.enumerate() {
            let pull = (calls + n + 1) as u64;
            case.id = take_feedback(&site, &faces[0], pull, &case.agent);
        }
        let [address, _] = addresses;
        Self {
            site,
            cases,
            faces,
            address,
            _servers: servers,
        }
    }

    pub(super) fn faces(&self) -> [&Http; 2] {
        self.faces.each_ref()
    }

    /// What is there of each call, once none is at work any more.
    pub(super) fn facts(&self) -> Vec<Facts> {
        let mut rows = self.site.ask_database(ROWS);
        loop {
            std::thread::sleep(Duration::from_millis(700));
            let now = self.site.ask_database(ROWS);
            if now == rows {
                break;
            }
            rows = now;
        }
        let mut facts: Vec<Facts> = vec![Facts::default(); self.cases.len()];
        let of = |name: &dyn Fn(&Case) -> &String| -> BTreeMap<String, usize> {
            let named = self.cases.iter().map(|case| (name(case).clone(), case.n));
            named.collect()
        };
        let (agents, keys) = (of(&|case| &case.agent), of(&|case| &case.key));
        let items = of(&|case| &case.id);
        for row in &rows {
            match row.split('|').collect::<Vec<_>>()[..] {
                ["key", key] => facts[keys[key]].kept = true,
                ["item", id, status, at] => {
                    if status == "done" {
                        let changed = (id.to_owned(), at.parse().unwrap());
                        facts[items[id]].changed.push(changed);
                    }
                }
                ["claim", agent, id, status, begun, at, steps] => {
                    let n = agents[agent];
                    let is_changed = match (self.cases[n].kind, status, steps) {
                        (Kind::Claim | Kind::Next, "claimed", "1")
                        | (Kind::Move, "in_progress", "2")
                        | (Kind::Release, "released", "2") => true,
                        (Kind::Sign, "claimed", "1") => begun != at,
                        (Kind::Move | Kind::Release | Kind::Heartbeat, "claimed", "1") => false,
                        _ => panic!("{:?}: {row}", self.cases[n]),
                    };
                    if is_changed {
                        let changed = (id.to_owned(), at.parse().unwrap());
                        facts[n].changed.push(changed);
                    }
                }
                _ => panic!("{row}"),
            }
        }
        for event in EventLog::read(&self.address).iter() {
            let kind = event["type"].as_str().unwrap();
            let Some(n) = event["agent_id"].as_str().and_then(|name| agents.get(name)) else {
                continue;
            };
            facts[*n].events += usize::from(match self.cases[*n].kind {
                Kind::Claim | Kind::Next => true,
                Kind::Move | Kind::Release | Kind::Sign | Kind::Heartbeat => {
                    kind != "claim.created"
                }
                Kind::Answer => kind == "followup.done",
            });
        }
        facts
    }
}

/// A review comes, and the agent takes it. Returns the follow-up's id.
fn take_feedback(site: &Site, http: &Http, pull: u64, agent: &str) -> String {
    for told in site.github.world(|world| say(world, pull, 0)) {
        let reply = http.deliver(&told.delivery).expect("an answer");
        assert_eq!(reply.status, 202, "{}", reply.body);
    }
    let sql = format!("SELECT work_item_id FROM followup WHERE number = {pull}");
    let id = site.ask_database(&sql).remove(0);
    let body = json!({ "agent_id": agent, "status": "claimed" });
    let taken = http.ask("PATCH", &format!("/api/followups/{id}"), Some(&body));
    let taken = taken.expect("an answer");
    assert_eq!(taken.status, 200, "{}", taken.body);
    id
}
