//! What people look at: `/api/overview`, `/api/issues`, `/api/events/latest`.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::access_key::NewKey;
use issuecommand_core::domain::time::Timestamp;
use issuecommand_core::engine::command::{Action, Command, Outcome};
use issuecommand_core::ports::store::Store as _;
use issuecommand_http::secret_hash;
use issuecommand_testkit::builders::{
    claim, create_key, facts, finish_poll, issue, local, new_key, number, record_issues,
    record_repos, repo,
};
use serde_json::{Value, json};

use crate::world::World;

const WEB: &str = "acme/web";

/// `acme/api` of the fake GitHub, where an agent has 1 and a person 3, and three issues of `acme/web`.
async fn mixed() -> World {
    let world = World::new().await;
    world.github.keep_for(3, "No-Agent", "kim");
    world.get("/api/repos/acme/api/issues").await;
    for command in [
        record_repos(&[facts(WEB)]),
        record_issues(WEB, (1..=3).map(issue)),
        finish_poll(WEB, Timestamp(i64::MAX / 2)),
    ] {
        noted(&world, command).await;
    }
    world.claim("ada", 1).await;
    world
}

async fn noted(world: &World, command: Command) {
    let outcome = world.store.transact(command).await.unwrap();
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
}

async fn get(world: &World, path: &str) -> Value {
    let reply = world.get(path).await;
    assert_eq!(reply.status, 200, "{path}: {reply:?}");
    reply.json_without_id()
}

/// The same with a key that sees `acme/web` alone.
async fn get_bound(world: &World, path: &str) -> (u16, Value) {
    let headers = [("Authorization", "Bearer ick_web")];
    let reply = world.send_bytes("GET", path, &headers, b"").await;
    (reply.status, reply.json_without_id())
}

async fn bind(world: &World) {
    let bound = NewKey {
        scope: Scope::Only([repo(WEB)].into()),
        hash: secret_hash(b"ick_web"),
        ..new_key("web", 1)
    };
    noted(world, create_key(bound)).await;
}

/// The issues of a list, as `api#1`.
fn names(list: &Value) -> Vec<String> {
    let name = |line: &Value| {
        let repo = line["repo"].as_str().unwrap();
        format!("{}#{}", &repo[5..], line["issue_number"])
    };
    list["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(name)
        .collect()
}

/// All pages of a list.
async fn pages(world: &World, query: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = get(world, &format!("/api/issues?{query}{cursor}")).await;
        all.extend(names(&page));
        let Some(next) = page["next_cursor"].as_str() else {
            assert_eq!(page["total"].as_u64().unwrap(), all.len() as u64, "{page}");
            return all;
        };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn issues_are_listed_part_by_part() {
    let world = mixed().await;
    let ready = ["api#2", "api#4", "web#1", "web#2", "web#3"];
    let listed = pages(&world, "state=ready").await;
    let mut sorted = listed.clone();
    sorted.sort();
    assert_eq!(sorted, ready);
    assert_eq!(pages(&world, "state=held").await, ["api#1"]);
    assert_eq!(pages(&world, "state=blocked").await, ["api#3"]);
    let all = [listed.clone(), vec!["api#1".to_owned(), "api#3".to_owned()]].concat();
    for limit in [1, 2, 3, 5, 6, 7, 50] {
        assert_eq!(
            pages(&world, &format!("limit={limit}")).await,
            all,
            "{limit}"
        );
    }
    assert_eq!(pages(&world, "state=ready&limit=2").await, listed);
    assert_eq!(pages(&world, "repo=acme/web&limit=2").await.len(), 3);
    assert_eq!(pages(&world, "agent_id=bob&state=held").await, [""; 0]);
    assert_eq!(pages(&world, "agent_id=ada&state=held").await, ["api#1"]);
    assert_eq!(pages(&world, "reason=assigned").await, ["api#3"]);
    assert_eq!(pages(&world, "reason=withheld").await, [""; 0]);
    assert_eq!(pages(&world, "q=issue%203").await, ["web#3", "api#3"]);
    assert_eq!(pages(&world, "q=sue").await, [""; 0]);
    assert_eq!(pages(&world, "q=%233&limit=1").await, ["web#3", "api#3"]);
    assert_eq!(pages(&world, "label=no-agent").await, ["api#3"]);
    assert_eq!(
        pages(&world, "q=issue&state=ready&limit=2&repo=acme/web")
            .await
            .len(),
        3
    );
}

#[tokio::test]
async fn a_line_says_where_the_issue_stands_and_why() {
    let world = mixed().await;
    let ready = get(&world, "/api/issues?state=ready&limit=2").await;
    let positions: Vec<&Value> = ready["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["position"])
        .collect();
    assert_eq!(positions, [&json!(1), &json!(2)]);
    let cursor = ready["next_cursor"].as_str().unwrap();
    let next = get(
        &world,
        &format!("/api/issues?state=ready&limit=2&cursor={cursor}"),
    )
    .await;
    assert_eq!(next["issues"][0]["position"], 3, "{next}");
    assert_eq!(
        ready["counts"],
        json!({
            "ready": 5,
            "held": 1,
            "blocked": 1,
            "by_reason": [
                { "reason": "assigned", "words": "assigned to a person", "count": 1 },
            ],
        })
    );
    let held = &get(&world, "/api/issues?state=held").await["issues"][0];
    assert_eq!(
        (&held["state"], &held["agent_id"], &held["status"]),
        (&json!("held"), &json!("ada"), &json!("claimed"))
    );
    assert_eq!(
        held["not_ready"],
        json!([{ "reason": "held", "words": "ada has it" }])
    );
    let blocked = &get(&world, "/api/issues?state=blocked").await["issues"][0];
    assert_eq!(
        blocked["not_ready"],
        json!([
            { "reason": "assigned", "words": "assigned to @kim" },
            { "reason": "excluded_label", "words": "has an excluded label" },
        ])
    );
    assert_eq!(blocked["position"], Value::Null);
}

#[tokio::test]
async fn a_bound_key_sees_its_repositories_alone() {
    let world = mixed().await;
    bind(&world).await;
    noted(&world, claim("bob", WEB, 2)).await;
    let (status, list) = get_bound(&world, "/api/issues").await;
    assert_eq!(
        (status, names(&list)),
        (
            200,
            vec!["web#1".to_owned(), "web#3".to_owned(), "web#2".to_owned()]
        )
    );
    assert_eq!(list["counts"]["ready"], 2);
    assert_eq!(list["counts"]["held"], 1);
    assert_eq!(list["counts"]["blocked"], 0);
    let (status, refused) = get_bound(&world, "/api/issues?repo=acme/api").await;
    assert_eq!(
        (status, &refused["error"]),
        (403, &json!("repo_not_allowed"))
    );
    let (status, refused) = get_bound(&world, "/api/overview?repo=acme/api").await;
    assert_eq!(
        (status, &refused["error"]),
        (403, &json!("repo_not_allowed"))
    );
    for query in ["q=issue", "q=%231", "label=no-agent"] {
        let (_, found) = get_bound(&world, &format!("/api/issues?{query}")).await;
        assert!(
            names(&found).iter().all(|name| name.starts_with("web")),
            "{found}"
        );
    }
    let (_, seen) = get_bound(&world, "/api/overview").await;
    let seen = &seen["overview"];
    assert_eq!(
        (&seen["counts"]["working"], &seen["counts"]["ready"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(seen["work"]["claims"][0]["agent_id"], "bob");
    assert_eq!(seen["events"].as_array().unwrap().len(), 1, "{seen}");
    let (_, events) = get_bound(&world, "/api/events/latest").await;
    let repos: Vec<&Value> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["repo"])
        .collect();
    assert_eq!(repos, [&json!(WEB)]);
}

#[tokio::test]
async fn the_overview_answers_the_four_questions() {
    let world = mixed().await;
    let park = Action::ParkIssue {
        repo: repo(WEB),
        number: number(3),
        note: "wait for the design".to_owned(),
    };
    noted(&world, Command::new(&local(), park)).await;
    let seen = get(&world, "/api/overview").await;
    let seen = &seen["overview"];
    assert_eq!(
        seen["counts"],
        json!({
            "needs_person": 1,
            "working": 1,
            "in_review": 0,
            "stale": 0,
            "feedback_waiting": 0,
            "ready": 4,
            "merged_today": 0,
            "agents": 1,
        })
    );
    let line = &seen["needs_person"]["items"][0];
    assert_eq!(
        (
            &line["kind"],
            &line["key"],
            &line["repo"],
            &line["issue_number"],
            &line["command"]
        ),
        (
            &json!("issue_parked"),
            &json!("issue_parked:acme/web#3"),
            &json!(WEB),
            &json!(3),
            &json!("issuecommand offer acme/web#3")
        )
    );
    assert!(
        line["message"]
            .as_str()
            .unwrap()
            .ends_with("wait for the design"),
        "{line}"
    );
    let work = &seen["work"];
    assert_eq!((&work["total"], &work["agents"]), (&json!(1), &json!(1)));
    let claim = &work["claims"][0];
    assert_eq!(
        (&claim["agent_id"], &claim["issue_number"], &claim["status"]),
        (&json!("ada"), &json!(1), &json!("claimed"))
    );
    assert!(
        claim["stale_at"].is_string() && claim["last_sign_of_life"].is_string(),
        "{claim}"
    );
    assert_eq!(seen["next"].as_array().unwrap().len(), 4);
    assert_eq!(seen["next"][0]["position"], 1);
    let kinds: Vec<&Value> = seen["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["type"])
        .collect();
    assert_eq!(kinds, [&json!("issue.parked"), &json!("claim.created")]);
    assert_eq!(seen["last_event_id"], seen["events"][0]["event_id"]);
    let adas = get(&world, "/api/overview?agent_id=bob").await;
    assert_eq!(adas["overview"]["counts"]["working"], 0);
    let webs = get(&world, "/api/overview?repo=acme/web").await;
    let webs = &webs["overview"];
    assert_eq!(
        (&webs["counts"]["working"], &webs["counts"]["ready"]),
        (&json!(0), &json!(2))
    );
    let unknown = world.get("/api/overview?repo=acme/gone").await;
    assert_eq!(unknown.status, 404, "{unknown:?}");
}

#[tokio::test]
async fn events_are_read_from_the_newest_on() {
    let world = mixed().await;
    for n in 1..=3 {
        noted(&world, claim("bob", WEB, n)).await;
    }
    let first = get(&world, "/api/events/latest?limit=2").await;
    let numbers = |page: &Value| -> Vec<i64> {
        let events = page["events"].as_array().unwrap().iter();
        events
            .map(|event| event["issue_number"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(numbers(&first), [3, 2]);
    let before = first["next_before"].as_str().unwrap();
    let rest = get(
        &world,
        &format!("/api/events/latest?limit=2&before={before}"),
    )
    .await;
    assert_eq!(numbers(&rest), [1, 1]);
    assert_eq!(rest["next_before"], Value::Null, "{rest}");
    let adas = get(&world, "/api/events/latest?agent_id=ada").await;
    assert_eq!(numbers(&adas), [1]);
    let webs = get(
        &world,
        "/api/events/latest?repo=acme/web&types=claim.created",
    )
    .await;
    assert_eq!(numbers(&webs), [3, 2, 1]);
    let none = get(&world, "/api/events/latest?types=claim.stale").await;
    assert_eq!(none, json!({ "events": [] }));
}

#[tokio::test]
async fn bad_input_is_refused_with_what_is_allowed() {
    let world = World::new().await;
    for (path, words) in [
        ("/api/issues?state=open", "one of ready, held, blocked, all"),
        ("/api/issues?reason=closed", "must be one of withheld"),
        (
            "/api/issues?reason=assigned&state=ready",
            "only blocked issues have one",
        ),
        ("/api/issues?limit=0", "from 1 to 200"),
        ("/api/issues?limit=201", "from 1 to 200"),
        (
            "/api/issues?cursor=1.r.x",
            "cursor is not one that was given out",
        ),
        ("/api/issues?q=%2D%2D", "no letter and no digit"),
        ("/api/issues?repo=acme", "owner/name"),
        ("/api/events/latest?limit=501", "from 1 to 500"),
        ("/api/events/latest?before=-1", "before"),
        ("/api/events/latest?types=claim.made", "no type of event"),
        ("/api/overview?agent_id=%00", "agent_id"),
    ] {
        let reply = world.get(path).await;
        assert_eq!(reply.status, 400, "{path}: {reply:?}");
        let message = reply.json_without_id()["message"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(message.contains(words), "{path}: {message}");
    }
}
