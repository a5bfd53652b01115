//! How what came of a call is told: an answer and a refusal as JSON twice over, everything else as an error with one text.

use issuecommand_wire::ApiError;
use rmcp::model::{CallToolResult, ContentBlock};
use uuid::Uuid;

use crate::tool::ToolResult;
use crate::tools::TABLE;

/// The result of a tool that ran to its end.
pub(crate) fn result(told: ToolResult) -> CallToolResult {
    match told {
        Ok(answer) => CallToolResult::structured(answer),
        Err(no) if no.is_failure() => error(&no),
        Err(no) => CallToolResult::structured(no.json()),
    }
}

/// There is no such tool.
pub(crate) fn unknown_tool(name: &str) -> CallToolResult {
    let names: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
    // What was sent as a name is repeated no longer than a name may be.
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

/// What was asked reached no tool; it has an id all the same, so that it is found in the log.
fn no_call(what: impl Into<String>) -> CallToolResult {
    let request_id = Uuid::new_v4().to_string();
    tracing::debug!(name: "mcp.no_call", request_id, "a call that reached no tool");
    error(&ApiError::bad_request(what).for_request(&request_id))
}

fn error(no: &ApiError) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(no.json().to_string())])
}
