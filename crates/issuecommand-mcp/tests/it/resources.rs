//! Resources and prompts.

use issuecommand_core::domain::access::Scope;
use issuecommand_core::domain::policy::Policy;
use issuecommand_core::domain::repo_name::RepoName;
use issuecommand_core::domain::time::Millis;
use rmcp::ServiceExt;
use rmcp::model::{
    ErrorCode, ErrorData, GetPromptRequestParams, ReadResourceRequestParams, ResourceContents,
};
use rmcp::service::ServiceError;
use serde_json::{Value, json};

use crate::world::{Client, FakeBehaviour, Raw, World, call, modern};

async fn read(client: &Client, uri: &str) -> Result<Value, ErrorData> {
    let request = ReadResourceRequestParams::new(uri);
    let told = match client.read_resource(request).await {
        Ok(told) => told,
        Err(ServiceError::McpError(error)) => return Err(error),
        Err(other) => panic!("{uri}: {other:?}"),
    };
    let [
        ResourceContents::TextResourceContents {
            uri: at,
            mime_type,
            text,
            ..
        },
    ] = &told.contents[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!(
        (at.as_str(), mime_type.as_deref()),
        (uri, Some("application/json"))
    );
    Ok(serde_json::from_str(text).unwrap())
}

/// The text of a prompt.
async fn prompt(client: &Client, name: &str, arguments: &Value) -> Result<String, ErrorData> {
    let arguments = arguments.as_object().unwrap().clone();
    let request = GetPromptRequestParams::new(name).with_arguments(arguments);
    match client.get_prompt(request).await {
        Ok(prompt) => {
            let [message] = &prompt.messages[..] else {
                panic!("{prompt:?}")
            };
            Ok(message.content.as_text().unwrap().text.clone())
        }
        Err(ServiceError::McpError(error)) => Err(error),
        Err(other) => panic!("{name}: {other:?}"),
    }
}

#[tokio::test]
async fn resources_are_listed() {
    let (_world, client) = World::met().await;
    let resources = client.list_all_resources().await.unwrap();
    let templates = client.list_all_resource_templates().await.unwrap();
    let addresses: Vec<&str> = (resources.iter().map(|one| one.uri.as_str()))
        .chain(templates.iter().map(|one| one.uri_template.as_str()))
        .collect();
    let all = [
        "issuecommand://claims",
        "issuecommand://work/{agent_id}",
        "issuecommand://issues/{owner}/{repo}/{number}",
    ];
    assert_eq!(addresses, all);
    for json in [json!(resources), json!(templates)] {
        for one in json.as_array().unwrap() {
            let told = ["name", "title", "description"].map(|field| one[field].as_str());
            assert!(told.iter().all(Option::is_some), "{one}");
            assert_eq!(one["mimeType"], "application/json");
        }
    }
}

#[tokio::test]
async fn a_resource_is_the_answer_of_its_tool() {
    let (_world, client) = World::met().await;
    let odd = "ann/7 é";
    for agent in ["ann", odd] {
        call(&client, "next_work", &json!({ "agent_id": agent })).await;
    }
    for (uri, tool, arguments) in [
        ("issuecommand://claims", "get_all_claims", json!({})),
        (
            "issuecommand://work/ann",
            "get_my_work",
            json!({ "agent_id": "ann" }),
        ),
        (
            "issuecommand://work/ann%2F7%20%C3%A9",
            "get_my_work",
            json!({ "agent_id": odd }),
        ),
        (
            "issuecommand://issues/acme/api/1",
            "get_issue_details",
            json!({ "repo": "acme/api", "issue_number": 1 }),
        ),
    ] {
        let told = call(&client, tool, &arguments).await.structured_content;
        assert_eq!(Some(read(&client, uri).await.unwrap()), told, "{uri}");
    }
    let claims = read(&client, "issuecommand://claims").await.unwrap();
    assert_eq!(claims["claims"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_unknown_address_is_not_found_and_the_error_says_which_there_are() {
    let (_world, client) = World::met().await;
    for uri in [
        "issuecommand://claims/ann",
        "issuecommand://work/",
        "file:///etc/passwd",
    ] {
        let error = read(&client, uri).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::RESOURCE_NOT_FOUND, "{uri}");
        assert_eq!(error.data.as_ref().unwrap()["uri"], uri);
        for known in [
            "issuecommand://claims",
            "issuecommand://work/{agent_id}",
            "issuecommand://issues/{owner}/{repo}/{number}",
        ] {
            assert!(error.message.contains(known), "{error}");
        }
    }
    // The newest version of the protocol has another code for it.
    let (_world, stream) = World::open();
    let client = modern(stream).await;
    let request = ReadResourceRequestParams::new("issuecommand://nothing");
    match client.read_resource(request).await {
        Err(ServiceError::McpError(error)) => assert_eq!(error.code, ErrorCode::INVALID_PARAMS),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_the_tool_refuses_is_an_error_with_its_words() {
    let only = Scope::Only([RepoName::parse("acme/api").unwrap()].into());
    let (world, stream) = World::of(Policy::default(), only);
    let client = ().serve(stream).await.unwrap();
    let events = world.events().await;
    for (uri, code, word) in [
        (
            "issuecommand://issues/acme/api/99",
            ErrorCode::RESOURCE_NOT_FOUND,
            "issue_not_found",
        ),
        (
            "issuecommand://issues/acme/api/6",
            ErrorCode::RESOURCE_NOT_FOUND,
            "issue_not_found",
        ),
        (
            "issuecommand://issues/acme/api/x",
            ErrorCode::INVALID_PARAMS,
            "request_failed",
        ),
        (
            "issuecommand://issues/acme/a%2Fpi/1",
            ErrorCode::INVALID_PARAMS,
            "request_failed",
        ),
        (
            "issuecommand://issues/acme/other/1",
            ErrorCode::INVALID_PARAMS,
            "repo_not_allowed",
        ),
        (
            "issuecommand://work/a%0Ab",
            ErrorCode::INVALID_PARAMS,
            "request_failed",
        ),
    ] {
        let error = read(&client, uri).await.unwrap_err();
        let data = error.data.unwrap();
        assert_eq!((error.code, &data["error"]), (code, &json!(word)), "{uri}");
        assert_eq!(data["message"], json!(error.message), "{uri}");
        assert!(data["request_id"].is_string(), "{data}");
    }
    world.github.be(FakeBehaviour::Down);
    let error = read(&client, "issuecommand://issues/acme/api/2").await;
    match error {
        // What is in the mirror is shown with a warning; without a mirror there is nothing to show.
        Ok(issue) => assert!(issue["warnings"].is_array(), "{issue}"),
        Err(error) => assert_eq!(error.code, ErrorCode::INTERNAL_ERROR),
    }
    assert_eq!(world.events().await, events);
}

#[tokio::test]
async fn prompts_are_listed_and_are_short_and_name_tools_that_exist() {
    let (_world, client) = World::met().await;
    let prompts = client.list_all_prompts().await.unwrap();
    let names: Vec<&str> = prompts.iter().map(|prompt| prompt.name.as_str()).collect();
    assert_eq!(names, ["work_loop", "answer_review"]);
    let tools = client.list_all_tools().await.unwrap();
    for entry in &prompts {
        let arguments = entry.arguments.as_ref().unwrap();
        let arguments = arguments
            .iter()
            .map(|one| (one.name.as_str(), one.required));
        let both = [("agent_id", Some(false)), ("repo", Some(false))];
        assert_eq!(arguments.collect::<Vec<_>>(), both);
        assert!(entry.title.is_some() && entry.description.is_some());
        let text = prompt(&client, &entry.name, &json!({})).await.unwrap();
        assert!(text.len() <= 2_500, "{}: {}", entry.name, text.len());
        assert!(!text.contains('{') && text.contains("strangers"), "{text}");
        assert!(text.contains("Choose an agent_id"), "{text}");
        let verbs = [
            "get_",
            "next_w",
            "next_i",
            "update_",
            "release_",
            "claim_iss",
        ];
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let called: Vec<&str> = words
            .filter(|word| verbs.iter().any(|verb| word.starts_with(verb)))
            .collect();
        assert!(called.len() > 4, "{called:?}");
        for word in called {
            assert!(tools.iter().any(|tool| tool.name == word), "{word}");
        }
    }
}

#[tokio::test]
async fn a_prompt_has_the_names_that_it_is_given() {
    let policy = Policy {
        claim_timeout: Millis::minutes(40),
        ..Policy::default()
    };
    let (_world, stream) = World::of(policy, Scope::All);
    let client = ().serve(stream).await.unwrap();
    let given = json!({ "agent_id": "ann {where}", "repo": "acme/api" });
    let text = prompt(&client, "work_loop", &given).await.unwrap();
    for words in [
        r#"Your agent_id is "ann {where}""#,
        r#"give repo "acme/api" to next_work"#,
        "about every 10 minutes",
    ] {
        assert!(text.contains(words), "{text}");
    }
    let text = prompt(&client, "answer_review", &given).await.unwrap();
    assert!(
        text.contains(r#"give repo "acme/api" to get_followups"#),
        "{text}"
    );
    for (name, arguments, words) in [
        (
            "work",
            json!({}),
            "The prompts are: work_loop, answer_review",
        ),
        (
            "work_loop",
            json!({ "agent": "ann" }),
            "takes agent_id, repo",
        ),
        ("work_loop", json!({ "repo": 7 }), "must be text"),
        ("work_loop", json!({ "repo": "acme" }), "owner/name"),
        (
            "answer_review",
            json!({ "agent_id": "a\nb" }),
            "control characters",
        ),
    ] {
        let error = prompt(&client, name, &arguments).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::INVALID_PARAMS, "{name} {arguments}");
        assert!(error.message.contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_request_of_a_wrong_form_is_told_what_it_needs() {
    let (_world, stream) = World::open();
    let mut raw = Raw::met(stream).await;
    for (id, (method, params, words)) in (1..).zip([
        ("resources/read", json!({}), "needs uri"),
        ("resources/read", json!({ "uri": 7 }), "needs uri"),
        ("prompts/get", json!({}), "needs name, one of work_loop"),
        (
            "prompts/get",
            json!({ "name": "work_loop", "arguments": [] }),
            "an object of texts",
        ),
    ]) {
        let answer = raw.request(id, method, params).await;
        assert_eq!(answer["error"]["code"], -32602, "{method}: {answer}");
        let told = answer["error"]["message"].as_str().unwrap();
        assert!(told.contains(words), "{told}");
    }
}
