//! The MCP server: its name and instructions, its tools, resources and prompts. The caller comes with each request, as an
//! extension that the transport put there, so that one server can answer several callers.

use ::http::request::Parts;
use issuecommand_core::domain::access::Caller;
use issuecommand_core::domain::policy::Policy;
use issuecommand_executor::{CallContext, Executor};
use issuecommand_wire::ApiError;
use rmcp::ServerHandler;
use rmcp::model::{
    CallToolRequestMethod, CallToolRequestParams, CallToolResponse, CompleteRequestMethod,
    CompleteRequestParams, CompleteResult, ConstString, CustomRequest, CustomResult, ErrorCode,
    ErrorData, GetPromptRequestMethod, GetPromptRequestParams, GetPromptResponse, Implementation,
    InitializeRequestParams, InitializeResult, JsonObject, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ProtocolVersion, ReadResourceRequestMethod, ReadResourceRequestParams, ReadResourceResponse,
    ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{RequestContext, RoleServer};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use crate::http::{begin_session, identity_of};
use crate::identity::Identity;
use crate::lines::Calls;
use crate::prompts;
use crate::registry::{descriptions, find};
use crate::resources;
use crate::result;
use crate::tool::{Shown, ToolCall, ToolEntry, ToolResult};

/// The instructions of the handshake: the work loop in a few lines.
pub(crate) const INSTRUCTIONS: &str = include_str!("instructions.md");

/// The instructions with warnings for the operator. Those texts are this program's own; no text from GitHub is in them.
fn instructions(warnings: &[String], policy: &Policy) -> String {
    let mut text = with_interval(INSTRUCTIONS, policy);
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

/// The text with the minutes after which a sign of life is due: a quarter of the time after which a claim goes stale.
pub(crate) fn with_interval(text: &str, policy: &Policy) -> String {
    let quarter = policy.claim_timeout.0 / 60_000 / 4;
    text.replace("{minutes}", &quarter.clamp(1, 30).to_string())
}

/// What the instructions say of the agent's own name.
fn name_of(caller: &Caller) -> Option<String> {
    let agent = caller.session.as_ref()?.agent.as_ref()?;
    Some(format!(
        "You are {:?} here: leave agent_id out where you may, or send exactly this.\n\n",
        agent.as_str()
    ))
}

/// The instructions of a program that could not start.
fn unavailable_instructions(why: &str) -> String {
    format!(
        "IssueCommand could not start, so that every tool of it answers only why: {why}\n\nTell your user, who can set it \
         right; you cannot. Take no work without it: another agent may be at work on the same issue.\n"
    )
}

/// The instructions of a process that has given its database up.
fn given_up_instructions(why: &str) -> String {
    format!(
        "IssueCommand hands out nothing in this process, and every tool of it answers only why: {why}\n\nTell your user, who \
         can set it right; you cannot. Take no work without it: another agent may be at work on the same issue.\n"
    )
}

/// What is behind the tools.
#[derive(Clone, Debug)]
pub(crate) enum Backing {
    /// The service.
    Service(Executor),
    /// Nothing, since the program could not start: why, and what to do about it.
    Unavailable(String),
}

/// IssueCommand for one MCP client.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    backing: Backing,
    calls: Calls,
    shown: Shown,
}

impl Server {
    pub(crate) fn new(backing: Backing, calls: Calls, shown: Shown) -> Self {
        Self {
            backing,
            calls,
            shown,
        }
    }

    pub(crate) fn calls(&self) -> &Calls {
        &self.calls
    }

    fn policy(&self) -> Policy {
        match &self.backing {
            Backing::Service(executor) => executor.service().policy().clone(),
            Backing::Unavailable(_) => Policy::default(),
        }
    }

    /// The tools, with the interval of this installation in their texts.
    fn tools(&self) -> Vec<Tool> {
        let policy = self.policy();
        let mut tools = descriptions(self.shown).to_vec();
        for tool in &mut tools {
            let text = tool.description.as_deref().unwrap_or_default();
            tool.description = Some(with_interval(text, &policy).into());
        }
        tools
    }

    /// Runs a tool for whoever sent a request, when there is room for one more.
    async fn run(
        &self,
        tool: &'static ToolEntry,
        arguments: JsonObject,
        request: &RequestContext<RoleServer>,
    ) -> ToolResult {
        let running = self.calls.wait_for_slot().await;
        let left = request.ct.clone();
        let result = self.call(tool, arguments, caller_of(request), left).await;
        self.calls.finished(&request.id, running);
        result
    }

    async fn call(
        &self,
        tool: &'static ToolEntry,
        arguments: JsonObject,
        caller: Option<Caller>,
        left: CancellationToken,
    ) -> ToolResult {
        let executor = match &self.backing {
            Backing::Service(executor) => executor.clone(),
            Backing::Unavailable(why) => return Err(ApiError::not_started(why)),
        };
        let Some(caller) = caller else {
            return Err(ApiError::unauthorized());
        };
        let request_id = Uuid::new_v4().to_string();
        let principal = String::from(caller.principal.clone());
        let span = tracing::info_span!("mcp", tool = tool.name, request_id, principal);
        let context = CallContext {
            caller,
            request_id,
            left,
        };
        let tool_call = ToolCall {
            executor,
            context,
            arguments,
        };
        let run = async { (tool.run)(tool_call).await.inspect_err(result::log_cause) };
        run.instrument(span).await
    }
}

/// Who sent a request: over a pair of streams the transport's caller, over HTTP the one whose key came with it.
fn caller_of(context: &RequestContext<RoleServer>) -> Option<Caller> {
    let extensions = &context.extensions;
    let over_http = || extensions.get::<Parts>().and_then(identity_of);
    let caller = extensions.get::<Caller>().cloned();
    caller.or_else(|| over_http().map(Identity::caller))
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let us = Implementation::new("issuecommand", env!("CARGO_PKG_VERSION"))
            .with_title("IssueCommand");
        let can = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .enable_prompts();
        ServerConfig::new(can.build())
            .with_server_info(us)
            .with_instructions(match &self.backing {
                Backing::Service(executor) => {
                    let standing = executor.service().standing_warnings();
                    standing.given_up().map_or_else(
                        || instructions(&standing.all(), executor.service().policy()),
                        |why| given_up_instructions(&why),
                    )
                }
                Backing::Unavailable(why) => unavailable_instructions(why),
            })
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        context.peer.set_peer_info(request.clone());
        let mut result = self.negotiate_initialize(&request)?;
        let client = &request.client_info;
        let over_http = context.extensions.get::<Parts>();
        let begun = over_http
            .and_then(|parts| begin_session(parts, &client.name, &client.version))
            .map(|identity| identity.caller());
        let caller = begun.or_else(|| caller_of(&context));
        let own = caller.as_ref().and_then(name_of);
        if let (Backing::Service(executor), Some(own)) = (&self.backing, own)
            && executor.service().standing_warnings().given_up().is_none()
        {
            result
                .instructions
                .get_or_insert_default()
                .insert_str(0, &own);
        }
        Ok(result)
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools().into_iter().find(|tool| tool.name == name)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = find(&request.name) else {
            return Ok(result::unknown_tool(&request.name).into());
        };
        let arguments = request.arguments.unwrap_or_default();
        Ok(result::result(self.run(tool, arguments, &context).await).into())
    }

    // A request whose parameters have not the protocol's form arrives here, since rmcp takes it for a method of our own. The
    // model that called a tool must read what was wrong, which it could not if this were a protocol error.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        match request.method.as_str() {
            CallToolRequestMethod::VALUE => {}
            ReadResourceRequestMethod::VALUE => return Err(resources::malformed()),
            GetPromptRequestMethod::VALUE => return Err(prompts::malformed()),
            // The transport makes a sentence of it.
            _ => {
                return Err(ErrorData::new(
                    ErrorCode::METHOD_NOT_FOUND,
                    request.method,
                    None,
                ));
            }
        }
        let mut result = result::malformed_call();
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

    async fn list_resources(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(resources::list()))
    }

    async fn list_resource_templates(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let templates = resources::templates();
        Ok(ListResourceTemplatesResult::with_all_items(templates))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let (tool, arguments) = resources::find(&request.uri)?;
        let result = self.run(tool, arguments, &context).await;
        Ok(resources::contents(request.uri, result)?.into())
    }

    async fn list_prompts(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(prompts::list()))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let caller = caller_of(&context);
        let prompt = prompts::get(&request.name, arguments, caller.as_ref(), &self.policy());
        Ok(prompt?.into())
    }

    // It is not declared; rmcp would answer with an empty list.
    async fn complete(
        &self,
        _request: CompleteRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        Err(ErrorData::method_not_found::<CompleteRequestMethod>())
    }
}

#[cfg(test)]
mod tests {
    use issuecommand_core::domain::time::Millis;

    use super::*;

    #[test]
    fn startup_warnings_follow_the_instructions() {
        let policy = Policy::default();
        let plain = INSTRUCTIONS.replace("{minutes}", "30");
        assert_eq!(instructions(&[], &policy), plain);
        let told = instructions(&["Two databases.".to_owned()], &policy);
        assert!(told.starts_with(&plain) && told.ends_with("- Two databases.\n"));
    }

    #[test]
    fn the_interval_is_a_quarter_of_the_time_out() {
        for (minutes, told) in [(120, "30"), (40, "10"), (600, "30"), (1, "1"), (0, "1")] {
            let policy = Policy {
                claim_timeout: Millis::minutes(minutes),
                ..Policy::default()
            };
            assert_eq!(with_interval("{minutes}", &policy), told);
        }
    }
}
