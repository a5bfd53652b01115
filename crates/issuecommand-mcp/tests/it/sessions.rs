//! Sessions: who a client is where it names no agent, and one name in two sessions.

use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::id::{AgentId, Principal};
use issuecommand_core::domain::session::{CallerSession, SessionId, Transport};
use issuecommand_core::service::Service;
use issuecommand_mcp::{Shown, serve};
use rmcp::ServiceExt;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::world::{Client, World, call};

/// A client in a session of its own, over the same service.
async fn join(service: &Service, session: &str, agent: Option<&str>) -> (Client, JoinHandle<()>) {
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let caller = Caller {
        session: Some(CallerSession {
            id: SessionId::parse(session).unwrap(),
            agent: agent.map(|name| AgentId::parse(name).unwrap()),
            client: None,
            transport: Transport::Stdio,
            process: None,
        }),
        ..Caller::full(Principal::Local)
    };
    let (input, output) = tokio::io::split(theirs);
    let (service, stop) = (service.clone(), CancellationToken::new());
    let server = tokio::spawn(async move {
        serve(
            service,
            caller,
            Shown::default(),
            input,
            output,
            watch::channel(false).0,
            stop,
        )
        .await;
    });
    (().serve(ours).await.unwrap(), server)
}

async fn ask(client: &Client, tool: &'static str, arguments: Value) -> Value {
    let result = call(client, tool, &arguments).await;
    assert_ne!(result.is_error, Some(true), "{tool}: {result:?}");
    result.structured_content.unwrap()
}

#[tokio::test]
async fn the_session_names_the_agent_where_a_call_names_none() {
    let (world, _stream) = World::open();
    let (client, _server) = join(&world.service, "7f3e9a00", None).await;
    let given = ask(&client, "next_work", json!({})).await;
    let name = given["agent_id"].as_str().unwrap().to_owned();
    assert!(name.ends_with("-7f3e"), "{name}");
    assert_eq!(given["claim"]["agent_id"], json!(name));
    let told = client.peer_info().unwrap().instructions.clone().unwrap();
    assert!(
        told.starts_with(&format!("You are {name:?} here")),
        "{told}"
    );
    assert!(told.len() <= 2048, "{}", told.len());
    let mine = ask(&client, "get_my_work", json!({})).await;
    assert_eq!(mine["agent_id"], json!(name));
    assert_eq!(mine["work"]["claims"].as_array().unwrap().len(), 1);
    // A name of one's own counts, and is not told back.
    let other = ask(&client, "next_work", json!({ "agent_id": "ann" })).await;
    assert_eq!(other["agent_id"], Value::Null);
    let (named, _server) = join(&world.service, "11112222", Some("bob")).await;
    let mine = ask(&named, "get_my_work", json!({})).await;
    assert_eq!(mine["agent_id"], "bob");
}

#[tokio::test]
async fn what_else_is_ones_own_stands_in_the_answer() {
    let (world, _stream) = World::open();
    let (client, _server) = join(&world.service, "7f3e9a00", None).await;
    let first = ask(&client, "next_issue", json!({})).await;
    assert_eq!(first["also_yours"], Value::Null);
    let second = ask(&client, "next_issue", json!({})).await;
    let also = second["also_yours"].as_array().unwrap();
    assert_eq!(also.len(), 1);
    assert_eq!(also[0]["claim_id"], first["claim"]["claim_id"]);
    assert!(also[0]["stale_at"].is_string() && first["claim"]["stale_at"].is_string());
}

#[tokio::test]
async fn two_sessions_of_one_name_never_have_one_issue() {
    let (world, _stream) = World::open();
    let (one, _one) = join(&world.service, "one-session", Some("ann")).await;
    let (two, two_ends) = join(&world.service, "two-session", Some("ann")).await;
    let given = ask(&one, "next_issue", json!({})).await;
    let (claim, number) = (&given["claim"]["claim_id"], &given["issue"]["number"]);
    let issue = json!({ "repo": given["issue"]["repo"], "issue_number": number });
    for _ in 0..20 {
        let no = ask(&two, "claim_issue", issue.clone()).await;
        assert_eq!(
            (&no["reason"], &no["owner_session"]),
            (&json!("already_claimed"), &json!("one-session"))
        );
        assert!(
            no["message"].as_str().unwrap().contains("take_over:true"),
            "{no}"
        );
        let status = json!({ "agent_id": "ann", "claim_id": claim, "status": "in_progress" });
        let no = ask(&two, "update_claim_status", status).await;
        assert_eq!(
            (&no["reason"], &no["owner_session"]),
            (&json!("agent_mismatch"), &json!("one-session"))
        );
    }
    let mine = ask(&two, "get_my_work", json!({})).await;
    assert_eq!(mine["work"]["claims"][0]["session"], "other");
    let mine = ask(&one, "get_my_work", json!({})).await;
    assert_eq!(mine["work"]["claims"][0]["session"], Value::Null);
    // The second one says that it goes on: the first one hears of it, once.
    let mut taking = issue.clone();
    taking["take_over"] = json!(true);
    let taken = ask(&two, "claim_issue", taking).await;
    assert_eq!(
        (&taken["idempotent"], &taken["claim"]["claim_id"]),
        (&json!(true), claim)
    );
    let no = ask(&one, "claim_issue", issue.clone()).await;
    assert_eq!(
        (&no["reason"], &no["owner_session"]),
        (&json!("already_claimed"), &json!("two-session"))
    );
    assert_eq!(no["notices"][0]["notice"], "taken_over");
    assert_eq!(no["notices"][0]["now_held_by"], "ann");
    let quiet = ask(&one, "get_my_work", json!({})).await;
    assert_eq!(quiet["notices"], Value::Null);
    // The second one leaves in order: its session is over at once, and the first one resumes.
    two.cancel().await.unwrap();
    two_ends.await.unwrap();
    let resumed = ask(&one, "claim_issue", issue).await;
    assert_eq!(
        (&resumed["ok"], &resumed["claim"]["claim_id"]),
        (&json!(true), claim)
    );
}
