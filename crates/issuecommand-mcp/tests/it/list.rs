//! The result of `tools/list`.

use issuecommand_mcp::Shown;
use serde_json::Value;

use crate::world::World;
use crate::world::github::HOSTILE;

#[tokio::test]
async fn the_tools_their_inputs_and_their_hints() {
    let (_world, client) = World::met().await;
    let tools = client.list_all_tools().await.unwrap();
    let mut lines = String::new();
    for tool in &tools {
        let needed = &tool
            .input_schema
            .get("required")
            .cloned()
            .unwrap_or_default();
        let fields: Vec<String> = tool
            .input_schema
            .get("properties")
            .and_then(Value::as_object)
            .unwrap()
            .keys()
            .map(|name| {
                let optional = !needed
                    .as_array()
                    .is_some_and(|all| all.iter().any(|one| one == name));
                format!("{name}{}", if optional { "?" } else { "" })
            })
            .collect();
        let hints = tool.annotations.as_ref().unwrap();
        // What the protocol takes for granted is not said.
        let word = |hint: Option<bool>, otherwise: bool, yes: &'static str, no: &'static str| {
            if hint.unwrap_or(otherwise) { yes } else { no }
        };
        let reads = hints.read_only_hint.unwrap_or(false);
        let line = format!(
            "{} ({}): {} {} {} {}\n",
            tool.name,
            fields.join(", "),
            word(hints.read_only_hint, false, "reads", "writes"),
            word(hints.destructive_hint, !reads, "destructive", "-"),
            word(hints.idempotent_hint, reads, "idempotent", "-"),
            word(hints.open_world_hint, true, "open", "closed"),
        );
        lines.push_str(&line);
    }
    insta::assert_snapshot!(lines, @r"
    list_repos (cursor?, include_counts?, limit?): reads - idempotent open
    list_open_issues (cursor?, include_body?, label?, limit?, milestone?, ready?, repo): reads - idempotent open
    get_issue_details (comments_limit?, issue_number, repo): reads - idempotent open
    next_issue (agent_id?, idempotency_key?, label?, labels_any?, labels_none?, milestone?, repo?, types?): writes - - open
    next_work (agent_id?, idempotency_key?, label?, labels_any?, labels_none?, milestone?, repo?, types?, wait_seconds?): writes - - open
    claim_issue (agent_id?, idempotency_key?, issue_number, repo, take_over?): writes - idempotent open
    release_issue (agent_id, claim_id, idempotency_key?, outcome?, reason?): writes destructive idempotent closed
    update_claim_status (agent_id, claim_id, idempotency_key?, lean?, note?, pr_url?, status): writes - idempotent open
    get_followups (claimed_by_agent_id?, cursor?, limit?, pr_number?, repo?, status?): reads - idempotent open
    update_followup_status (agent_id?, idempotency_key?, lean?, note?, status, work_item_id): writes - idempotent closed
    get_my_claims (agent_id?, cursor?, limit?): reads - idempotent closed
    get_my_work (agent_id?): reads - idempotent closed
    get_all_claims (agent_id?, cursor?, limit?, repo?, status?): reads - idempotent closed
    get_claim_history (agent_id?, cursor?, limit?, repo?): reads - idempotent closed
    explain_work (agent_id?, issue_number?, repo?): reads - idempotent closed
    system_health (repo?): reads - idempotent closed
    ");
}

/// Clients ask their user before each call of a destructive tool.
#[tokio::test]
async fn heartbeat_tools_are_not_destructive() {
    let (_world, client) = World::met().await;
    for tool in client.list_all_tools().await.unwrap() {
        let hints = tool.annotations.unwrap();
        let reads = hints.read_only_hint.unwrap_or(false);
        let destructive = hints.destructive_hint.unwrap_or(!reads);
        assert_eq!(destructive, tool.name == "release_issue", "{}", tool.name);
    }
}

#[tokio::test]
async fn every_tool_describes_itself_in_full() {
    let (_world, client) = World::met().await;
    for tool in client.list_all_tools().await.unwrap() {
        let name = &tool.name;
        assert!(
            tool.title.as_ref().is_some_and(|title| !title.is_empty()),
            "{name}"
        );
        assert!(
            tool.description
                .as_ref()
                .is_some_and(|text| text.len() > 60),
            "{name}"
        );
        let output = tool.output_schema.expect("an output schema");
        for schema in [&*tool.input_schema, &*output] {
            assert_eq!(schema["type"], "object", "{name}");
            assert!(!schema.contains_key("$schema"), "{name}");
            let text = serde_json::to_string(schema).unwrap();
            assert!(!text.contains("int64"), "{name}: {text}");
            jsonschema::draft202012::meta::validate(&Value::Object(schema.clone())).unwrap();
            for (field, schema) in schema["properties"].as_object().unwrap() {
                let about = schema["description"].as_str().unwrap_or_default();
                assert!(!about.is_empty(), "{name}: {field} has no description");
            }
        }
    }
}

#[tokio::test]
async fn the_bounds_of_arguments_stand_in_the_schemas() {
    let (_world, client) = World::met().await;
    let tools = client.list_all_tools().await.unwrap();
    let field = |tool: &str, field: &str| {
        let tool = tools.iter().find(|one| one.name == tool).unwrap();
        tool.input_schema["properties"][field].clone()
    };
    assert_eq!(field("claim_issue", "issue_number")["minimum"], 1);
    assert_eq!(field("claim_issue", "issue_number")["maximum"], i32::MAX);
    assert_eq!(field("get_claim_history", "limit")["maximum"], 200);
    assert!(
        field("claim_issue", "agent_id")["description"]
            .as_str()
            .unwrap()
            .contains("the same in every call")
    );
    for tool in &tools {
        assert_eq!(
            tool.input_schema["additionalProperties"], false,
            "{}",
            tool.name
        );
        // Some bridges to other protocols refuse a tool without any.
        let properties = tool.input_schema["properties"].as_object().unwrap();
        assert!(!properties.is_empty(), "{}", tool.name);
        let output = tool.output_schema.as_ref().unwrap();
        let warnings = &output["properties"]["warnings"];
        assert_eq!(
            (&warnings["type"], &warnings["items"]["type"]),
            (&"array".into(), &"string".into()),
            "{}",
            tool.name
        );
    }
    let words = field("update_claim_status", "status")["enum"].clone();
    let all = [
        "claimed",
        "in_progress",
        "pr_submitted",
        "pr_merged",
        "closed",
        "released",
        "stale",
    ];
    assert_eq!(words.as_array().unwrap().len(), all.len());
    for word in all {
        assert!(words.as_array().unwrap().contains(&word.into()), "{word}");
    }
}

#[tokio::test]
async fn a_tool_that_can_refuse_describes_refusals_too() {
    let (_world, client) = World::met().await;
    let refusing = [
        "next_issue",
        "next_work",
        "claim_issue",
        "release_issue",
        "update_claim_status",
        "update_followup_status",
    ];
    for tool in client.list_all_tools().await.unwrap() {
        let output = tool.output_schema.unwrap();
        let fields = output["properties"].as_object().unwrap();
        let refuses = refusing.contains(&&*tool.name);
        assert_eq!(
            fields.contains_key("reason") && fields.contains_key("message"),
            refuses,
            "{}",
            tool.name
        );
        if refuses {
            assert_eq!(
                output["required"],
                serde_json::json!(["ok"]),
                "{}",
                tool.name
            );
        }
    }
}

/// The list is the same before and after untrusted text is in the mirror.
#[tokio::test]
async fn text_of_issues_never_gets_into_descriptions() {
    let (world, client) = World::met().await;
    let before = client.list_all_tools().await.unwrap();
    let issues = crate::world::call(
        &client,
        "list_open_issues",
        &serde_json::json!({ "repo": "acme/api", "include_body": true }),
    )
    .await;
    assert!(crate::world::text(&issues).contains(HOSTILE));
    assert_eq!(client.list_all_tools().await.unwrap(), before);
    assert!(
        !client
            .peer_info()
            .unwrap()
            .instructions
            .clone()
            .unwrap()
            .contains(HOSTILE)
    );
    drop(world);
}

/// Clients show their models neither the schemas of answers nor more than 2 KB of a text.
#[tokio::test]
async fn the_list_is_small_unless_schemas_of_answers_are_asked_for() {
    for output_schemas in [false, true] {
        let (_world, client) = World::met_with(Shown { output_schemas }).await;
        let tools = client.list_all_tools().await.unwrap();
        for tool in &tools {
            assert_eq!(
                tool.output_schema.is_some(),
                output_schemas,
                "{}",
                tool.name
            );
            let about = tool.description.as_ref().unwrap();
            assert!(about.len() <= 900, "{}: {}", tool.name, about.len());
        }
        let bytes = serde_json::to_string(&tools).unwrap().len();
        assert_eq!(bytes <= 16 * 1024, !output_schemas, "{bytes} bytes");
        let info = client.peer_info().unwrap();
        let instructions = info.instructions.as_ref().unwrap().len();
        assert!(instructions <= 1_900, "{instructions} bytes");
    }
}
