//! The server's name and capabilities, and the end of a session.

use issuecommand_mcp::SessionEnd;
use rmcp::model::{
    ArgumentInfo, CallToolRequestParams, CompleteRequestParams, ErrorCode, Reference,
};
use rmcp::service::ServiceError;
use serde_json::json;

use crate::world::{PATIENCE, World, modern};

#[tokio::test]
async fn name_version_and_instructions() {
    let (_world, client) = World::met().await;
    let info = client.peer_info().unwrap();
    let us = info.server_info.as_ref().unwrap();
    assert_eq!(us.name, "issuecommand");
    assert_eq!(us.version, env!("CARGO_PKG_VERSION"));
    let words = info.instructions.as_ref().unwrap();
    for word in [
        "next_work",
        "update_claim_status",
        "in_progress",
        "pr_submitted",
        "pr_url",
        "pr_merged",
        "closed",
        "get_my_work",
        "already_claimed",
        "agent_id",
        "untrusted",
    ] {
        assert!(words.contains(word), "{word}");
    }
    let can = serde_json::to_value(&info.capabilities).unwrap();
    assert_eq!(can, json!({ "tools": {}, "resources": {}, "prompts": {} }));
}

/// Every tool that the instructions and descriptions name exists.
#[tokio::test]
async fn instructions_name_only_existing_tools() {
    let (_world, client) = World::met().await;
    let tools = client.list_all_tools().await.unwrap();
    let mut words = client.peer_info().unwrap().instructions.clone().unwrap();
    for tool in &tools {
        words += tool.description.as_ref().unwrap();
    }
    let verbs = ["list_", "get_", "next_", "release_", "update_", "system_"];
    for word in words.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        let named = verbs.iter().any(|verb| word.starts_with(verb)) && word != "next_cursor";
        assert!(
            !named || tools.iter().any(|tool| tool.name == word),
            "{word}"
        );
    }
}

#[tokio::test]
async fn undeclared_capabilities_are_rejected() {
    let (_world, client) = World::met().await;
    let prompt = Reference::for_prompt("work_loop");
    let argument = ArgumentInfo::new("repo", "a");
    let not = client
        .complete(CompleteRequestParams::new(prompt, argument))
        .await;
    let Err(ServiceError::McpError(error)) = not else {
        panic!("{not:?}")
    };
    assert_eq!(error.code, ErrorCode::METHOD_NOT_FOUND);
}

#[tokio::test]
async fn a_client_of_the_newest_protocol_version_is_served() {
    let (world, stream) = World::open();
    let client = modern(stream).await;
    assert_eq!(client.list_all_tools().await.unwrap().len(), 16);
    let arguments = json!({ "agent_id": "ann" }).as_object().unwrap().clone();
    let work = client
        .call_tool(CallToolRequestParams::new("next_work").with_arguments(arguments))
        .await
        .unwrap();
    assert_eq!(work.structured_content.unwrap()["ok"], true);
    client.cancel().await.unwrap();
    assert_eq!(world.end().await, SessionEnd::ClientLeft);
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_session() {
    let (mut world, client) = World::met().await;
    tokio::time::timeout(PATIENCE, world.there.wait_for(|there| *there))
        .await
        .unwrap()
        .unwrap();
    client.cancel().await.unwrap();
    assert_eq!(world.end().await, SessionEnd::ClientLeft);
}

#[tokio::test]
async fn an_input_closed_before_any_request_ends_with_no_client() {
    let (world, stream) = World::open();
    let there = world.there.clone();
    drop(stream);
    assert_eq!(world.end().await, SessionEnd::NoClient);
    assert!(!*there.borrow());
}

#[tokio::test]
async fn a_cancelled_session_ends() {
    let (world, _client) = World::met().await;
    world.stop.cancel();
    assert_eq!(world.end().await, SessionEnd::Stopped);
    let (world, _stream) = World::open();
    world.stop.cancel();
    assert_eq!(world.end().await, SessionEnd::Stopped);
}
