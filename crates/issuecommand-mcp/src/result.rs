//! Results of calls as MCP has them: an answer and a refusal as text and as an object, everything else as an error with one text.

use issuecommand_wire::ApiError;
use rmcp::model::{CallToolResult, ContentBlock};
use uuid::Uuid;

use crate::registry::TABLE;
use crate::tool::ToolResult;

/// The result of a tool that ran to its end.
pub(crate) fn result(result: ToolResult) -> CallToolResult {
    let error = match result {
        Ok(answer) => return CallToolResult::structured(answer),
        Err(error) => error,
    };
    if error.is_failure() {
        failure(&error)
    } else {
        CallToolResult::structured(error.json())
    }
}

/// Logs what really happened: the caller gets none of the inner words, so they must be found here.
pub(crate) fn log_cause(error: &ApiError) {
    if let Some(cause) = &error.cause {
        tracing::warn!(name: "mcp.failed", cause, "a tool failed");
    }
}

/// There is no such tool.
pub(crate) fn unknown_tool(name: &str) -> CallToolResult {
    let names: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
    // The name is repeated up to the length that a name may have.
    let name: String = name.chars().take(64).collect();
    no_call(format!(
        "There is no tool {name:?}. The tools are: {}.",
        names.join(", ")
    ))
}

/// A call of a tool without a name, or with arguments that are no object.
pub(crate) fn malformed_call() -> CallToolResult {
    let what = "A call of a tool needs the tool's name as a string, and its arguments as a JSON object, not as text, a \
                list or a number. tools/list shows the names and what each tool takes.";
    no_call(what)
}

/// The error for a call that reached no tool; it has an id all the same, so that it is found in the log.
fn no_call(what: impl Into<String>) -> CallToolResult {
    let request_id = Uuid::new_v4().to_string();
    tracing::debug!(name: "mcp.no_call", request_id, "a call that reached no tool");
    failure(&ApiError::bad_request(what).for_request(&request_id))
}

fn failure(error: &ApiError) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(error.json().to_string())])
}
