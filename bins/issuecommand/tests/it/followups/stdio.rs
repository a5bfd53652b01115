//! An agent uses MCP with a process of its own, while another process receives deliveries.

use serde_json::json;

use super::talk::{say, site, sources_of};
use crate::harness::{Http, Program, Store};

on_each_store!(feedback_heard_by_one_process_is_served_over_stdio_by_another);

fn feedback_heard_by_one_process_is_served_over_stdio_by_another(store: Store) {
    let site = site(store, 1, 2);
    let mut hearing = site.program(Program::Http).start();
    let http = Http::at(hearing.address());
    let mut mcp = site.program(Program::Mcp).start_mcp();
    mcp.greet();
    let mut other = site.program(Program::Mcp).start_mcp();
    other.greet();

    let told = site.github.world(|world| say(world, 2, 0));
    for told in &told {
        assert_eq!(http.deliver(&told.delivery).unwrap().status, 202);
    }
    let given = mcp.call("next_work", &json!({ "agent_id": "ada" }));
    assert_eq!(
        (&given["ok"], &given["kind"]),
        (&json!(true), &json!("pr_followup"))
    );
    let item = &given["work_item"];
    assert_eq!(
        (&item["repo"], &item["pr_number"]),
        (&json!("acme/harbour"), &json!(2))
    );
    assert_eq!(
        Some(sources_of(item)),
        told.last().map(|told| vec![told.source.clone().unwrap()])
    );
    assert_eq!(item["sources"][0]["body"], "Remark 0");

    // Every process returns its held follow-up; another agent gets the issue instead.
    for mcp in [&mut mcp, &mut other] {
        let mine = mcp.call("get_my_work", &json!({ "agent_id": "ada" }));
        assert_eq!(
            mine["work"]["followups"][0]["work_item_id"],
            item["work_item_id"]
        );
    }
    let theirs = other.call("next_work", &json!({ "agent_id": "bob" }));
    assert_eq!(theirs["kind"], "issue", "{theirs}");

    // More feedback meanwhile is reserved for this agent.
    let more = site.github.world(|world| say(world, 2, 2));
    assert_eq!(http.deliver(&more[0].delivery).unwrap().status, 202);
    let theirs = other.call("next_work", &json!({ "agent_id": "bob" }));
    assert_eq!(theirs["ok"], false, "{theirs}");
    let second = mcp.call("next_work", &json!({ "agent_id": "ada" }));
    assert_eq!(second["work_item"]["pr_number"], 2, "{second}");
    assert_ne!(second["work_item"]["work_item_id"], item["work_item_id"]);

    for item in [item, &second["work_item"]] {
        let done =
            json!({ "agent_id": "ada", "work_item_id": item["work_item_id"], "status": "done" });
        assert_eq!(mcp.call("update_followup_status", &done)["ok"], true);
    }
    assert_eq!(
        other.call("get_followups", &json!({})),
        json!({ "followups": [] })
    );
    assert_eq!(http.get("/api/followups").body, json!({ "followups": [] }));
    site.assert_sound();
}
