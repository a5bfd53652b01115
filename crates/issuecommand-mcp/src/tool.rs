//! What a tool is: one row of the table, made of a call of wire and of words for the model that uses it.

use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;

use issuecommand_core::domain::access::Caller;
use issuecommand_core::service::Service;
use issuecommand_wire::{ApiError, Call, ParamSource, call, schema};
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::Value;

use crate::tools::TABLE;

/// Someone called a tool.
pub(crate) struct ToolCall {
    pub(crate) service: Service,
    pub(crate) caller: Caller,
    pub(crate) arguments: JsonObject,
}

/// What came of it: the answer's JSON, or a "no".
pub(crate) type ToolResult = Result<Value, ApiError>;

/// A tool at work.
pub(crate) type Running = Pin<Box<dyn Future<Output = ToolResult> + Send>>;

/// What a client may assume of a tool without calling it.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the protocol has four hints, each a yes or no"
)]
pub(crate) struct Hints {
    /// It changes nothing.
    pub(crate) reads: bool,
    /// It is made to take something away. Clients ask their user before each call of such a tool, so it is not said of those
    /// that are called again and again as a sign of life, although they can end a claim too.
    pub(crate) ends: bool,
    /// The same call again has no further effect.
    pub(crate) repeats: bool,
    /// It may ask GitHub, or tells what strangers wrote there.
    pub(crate) open: bool,
}

/// One tool.
pub(crate) struct Row {
    /// Its name, the contract's.
    pub(crate) name: &'static str,
    /// Its name for people.
    pub(crate) title: &'static str,
    /// When to use it, what it answers, what to do on each "no". Constant: text of issues never gets in here.
    pub(crate) description: &'static str,
    pub(crate) hints: Hints,
    input: fn() -> JsonObject,
    output: fn() -> JsonObject,
    pub(crate) run: fn(ToolCall) -> Running,
}

impl Row {
    /// The tool of a call.
    pub(crate) const fn of<C: Call>(
        title: &'static str,
        hints: Hints,
        description: &'static str,
    ) -> Self {
        Self {
            name: C::NAME,
            title,
            description,
            hints,
            input: schema::input::<C>,
            output: schema::output::<C>,
            run: run::<C>,
        }
    }

    fn described(&self) -> Tool {
        let Hints {
            reads,
            ends,
            repeats,
            open,
        } = self.hints;
        let title = Some(self.title.to_owned());
        Tool::new(self.name, self.description, plain((self.input)()))
            .with_title(self.title)
            .with_raw_output_schema(plain((self.output)()).into())
            .with_annotations(ToolAnnotations::from_raw(
                title,
                Some(reads),
                Some(ends),
                Some(repeats),
                Some(open),
            ))
    }
}

fn run<C: Call>(asked: ToolCall) -> Running {
    Box::pin(async move {
        let call = call::read::<C>(asked.arguments.into(), ParamSource::Tool)?;
        let answered = call.run(&asked.service, &asked.caller).await;
        let mut answer = answered.inspect_err(|no| {
            // The caller gets none of the inner words, so they must be found here.
            if let Some(cause) = &no.cause {
                tracing::warn!(name: "mcp.failed", cause, "a tool failed");
            }
        })?;
        answer.leave_out_unread();
        serde_json::to_value(answer).map_err(|error| {
            tracing::error!(name: "mcp.broken", %error, "an answer cannot be written as JSON");
            ApiError::internal()
        })
    })
}

/// The tool of that name.
pub(crate) fn find(name: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.name == name)
}

/// All tools as `tools/list` tells them; they never change, so they are made once.
pub(crate) fn described() -> &'static [Tool] {
    static TOOLS: LazyLock<Vec<Tool>> =
        LazyLock::new(|| TABLE.iter().map(Row::described).collect());
    &TOOLS
}

/// Leaves out what only troubles clients: the dialect (2020-12 is the protocol's default, and some validators know no other
/// by that name), and formats of integers, which JSON Schema does not have.
fn plain(mut schema: JsonObject) -> JsonObject {
    schema.remove("$schema");
    for value in schema.values_mut() {
        unformat(value);
    }
    schema
}

fn unformat(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let integer = matches!(map.get("format"), Some(Value::String(f)) if f.trim_start_matches('u').starts_with("int"));
            if integer {
                map.remove("format");
            }
            map.values_mut().for_each(unformat);
        }
        Value::Array(items) => items.iter_mut().for_each(unformat),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
