//! The MCP face of the service: who we are, which tools there are, and how a call of one is answered.

use std::time::Duration;

use issuecommand_core::domain::access::Caller;
use issuecommand_core::service::Service;
use issuecommand_wire::ApiError;
use metrics::counter;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestMethod, CallToolRequestParams, CallToolResponse, CallToolResult,
    CompleteRequestMethod, CompleteRequestParams, CompleteResult, ConstString, CustomRequest,
    CustomResult, ErrorCode, ErrorData, Implementation, JsonObject, ListPromptsRequestMethod,
    ListPromptsResult, ListResourceTemplatesRequestMethod, ListResourceTemplatesResult,
    ListResourcesRequestMethod, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ProtocolVersion, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::Instrument;
use uuid::Uuid;

use crate::answer;
use crate::lines::Calls;
use crate::tool::{ToolCall, ToolResult, described, find};

/// What every client is told at the handshake: the work loop in a few lines.
pub(crate) const INSTRUCTIONS: &str = include_str!("instructions.md");

/// The same, and what the operator should look at. Those texts are this program's own; no text from GitHub is in them.
fn instructions(warnings: &[String]) -> String {
    let mut text = INSTRUCTIONS.to_owned();
    if !warnings.is_empty() {
        text.push_str(
            "\n\nWarnings about this installation; tell your user of them before you begin:\n",
        );
        for warning in warnings {
            text.push_str("- ");
            text.push_str(warning);
            text.push('\n');
        }
    }
    text
}

/// What is told at the handshake where there is nothing behind the tools.
fn apology(why: &str) -> String {
    format!(
        "IssueCommand could not start, so that every tool of it answers only why: {why}\n\nTell your user, who can set it \
         right; you cannot. Take no work without it: another agent may be at work on the same issue.\n"
    )
}

/// What is told at the handshake by a process that has given its database up.
fn resignation(why: &str) -> String {
    format!(
        "IssueCommand hands out nothing in this process, and every tool of it answers only why: {why}\n\nTell your user, who \
         can set it right; you cannot. Take no work without it: another agent may be at work on the same issue.\n"
    )
}

/// How long a client waits for a tool: less than the minute after which most of them give up by themselves and tell their
/// model nothing.
const PATIENCE: Duration = Duration::from_secs(50);

/// What is behind the tools.
#[derive(Clone, Debug)]
pub(crate) enum Behind {
    /// The service, for this caller.
    Service(Box<Service>, Caller),
    /// Nothing, since the program could not start: why, and what to do about it.
    Nothing(String),
}

/// IssueCommand for one MCP client.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    behind: Behind,
    calls: Calls,
}

impl Server {
    pub(crate) fn new(behind: Behind, calls: Calls) -> Self {
        Self { behind, calls }
    }

    async fn call(&self, name: &str, arguments: JsonObject) -> CallToolResult {
        let Some(tool) = find(name) else {
            return answer::unknown_tool(name);
        };
        let (service, caller) = match &self.behind {
            Behind::Service(service, caller) => (Service::clone(service), caller.clone()),
            Behind::Nothing(why) => return answer::result(Err(ApiError::not_started(why))),
        };
        let request_id = Uuid::new_v4().to_string();
        let principal = String::from(caller.principal.clone());
        let asked = ToolCall {
            service,
            caller,
            arguments,
        };
        let span = tracing::info_span!("mcp", tool = tool.name, request_id, principal);
        // A task of its own: a client that leaves or cancels must not cut a use case in two, and a fault in one call
        // must not leave the client waiting for ever.
        let task = tokio::spawn((tool.run)(asked).instrument(span.clone()));
        let told = finish(PATIENCE, task).instrument(span).await;
        let outcome = match &told {
            Ok(_) => "ok",
            Err(no) if no.is_failure() => "failed",
            Err(_) => "refused",
        };
        counter!("issuecommand_mcp_calls_total", "tool" => tool.name, "outcome" => outcome)
            .increment(1);
        answer::result(told.map_err(|no| no.for_request(&request_id)))
    }
}

/// Waits for a tool that runs in a task of its own. One that takes too long goes on without its client.
async fn finish(patience: Duration, task: JoinHandle<ToolResult>) -> ToolResult {
    match timeout(patience, task).await {
        Ok(Ok(told)) => told,
        Ok(Err(error)) => {
            tracing::error!(name: "mcp.broken", %error, "a tool broke off");
            Err(ApiError::internal())
        }
        Err(_) => Err(ApiError::call_timed_out()),
    }
}

fn absent<T, M: ConstString>() -> Result<T, ErrorData> {
    Err(ErrorData::method_not_found::<M>())
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let us = Implementation::new("issuecommand", env!("CARGO_PKG_VERSION"))
            .with_title("IssueCommand");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(us)
            .with_instructions(match &self.behind {
                Behind::Service(service, _) => {
                    let standing = service.standing_warnings();
                    standing
                        .given_up()
                        .map_or_else(|| instructions(&standing.all()), |why| resignation(&why))
                }
                Behind::Nothing(why) => apology(why),
            })
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(described().to_vec()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        described().iter().find(|tool| tool.name == name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let at_work = self.calls.begin().await;
        let result = self
            .call(&request.name, request.arguments.unwrap_or_default())
            .await;
        self.calls.finished(&context.id, at_work);
        Ok(result.into())
    }

    // A call whose parameters have not the protocol's form arrives here, since rmcp takes it for a method of our own. The
    // model that made it must read what was wrong, which it could not if this were a protocol error.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        if request.method != CallToolRequestMethod::VALUE {
            // What the transport makes a sentence of.
            return Err(ErrorData::new(
                ErrorCode::METHOD_NOT_FOUND,
                request.method,
                None,
            ));
        }
        let mut result = answer::malformed_call();
        if context
            .protocol_version()
            .is_none_or(|version| version < ProtocolVersion::V_2026_07_28)
        {
            result.result_type = None;
        }
        let json = serde_json::to_value(result)
            .map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        Ok(CustomResult::new(json))
    }

    // What is not declared as a capability is not there; rmcp would answer with empty lists.

    async fn complete(
        &self,
        _request: CompleteRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        absent::<_, CompleteRequestMethod>()
    }

    async fn list_prompts(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        absent::<_, ListPromptsRequestMethod>()
    }

    async fn list_resources(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        absent::<_, ListResourcesRequestMethod>()
    }

    async fn list_resource_templates(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        absent::<_, ListResourceTemplatesRequestMethod>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_stand_behind_the_work_loop() {
        assert_eq!(instructions(&[]), INSTRUCTIONS);
        let told = instructions(&["Two databases.".to_owned()]);
        assert!(told.starts_with(INSTRUCTIONS) && told.ends_with("- Two databases.\n"));
    }

    #[tokio::test]
    async fn a_tool_that_takes_too_long_goes_on_without_its_client() {
        let (go, wait) = tokio::sync::oneshot::channel::<()>();
        let (done, heard) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(async move {
            wait.await.unwrap();
            done.send("done").unwrap();
            Ok(serde_json::Value::Null)
        });
        let no = finish(Duration::from_millis(1), task).await.unwrap_err();
        let text = no.json().to_string();
        assert!(text.contains("get_my_work"), "{text}");
        go.send(()).unwrap();
        assert_eq!(heard.await, Ok("done"));
    }
}
