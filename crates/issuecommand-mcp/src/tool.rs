//! A tool: a call of wire with a description for the model that uses it.

use std::future::Future;
use std::pin::Pin;

use issuecommand_executor::{CallContext, Executor};
use issuecommand_wire::{ApiError, Call, ParamSource, schema};
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::Value;

/// A call of a tool.
pub(crate) struct ToolCall {
    pub(crate) executor: Executor,
    pub(crate) context: CallContext,
    pub(crate) arguments: JsonObject,
}

/// The answer's JSON, or an error as it is told.
pub(crate) type ToolResult = Result<Value, ApiError>;

/// A tool at work.
pub(crate) type Running = Pin<Box<dyn Future<Output = ToolResult> + Send>>;

/// What a client may assume of a tool without calling it, beside that it changes nothing, which its call says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hints {
    /// It is made to take something away. Clients ask their user before each call of such a tool, so it is not said of tools
    /// that are called again and again as a sign of life, although they can end a claim too.
    pub(crate) destructive: bool,
    /// The same call again has no further effect.
    pub(crate) idempotent: bool,
    /// It may ask GitHub, or its answer has text that strangers wrote there.
    pub(crate) open_world: bool,
}

/// What `tools/list` shows of the tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The schemas of the answers, 3 to 20 KB a tool, which clients do not show to their models.
    pub output_schemas: bool,
}

/// One tool.
pub(crate) struct ToolEntry {
    /// Its name, the contract's.
    pub(crate) name: &'static str,
    /// Its name for people.
    title: &'static str,
    /// When to use it, what it answers, what to do on each error. Constant: text of issues never gets in here.
    description: &'static str,
    hints: Hints,
    read_only: bool,
    input: fn() -> JsonObject,
    output: fn() -> JsonObject,
    pub(crate) run: fn(ToolCall) -> Running,
}

impl ToolEntry {
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
            read_only: !C::CHANGES,
            input: schema::input::<C>,
            output: schema::output::<C>,
            run: run::<C>,
        }
    }

    /// The tool as `tools/list` shows it. Hints that say what the protocol takes for granted are left out.
    pub(crate) fn describe(&self, shown: Shown) -> Tool {
        let Hints {
            destructive,
            idempotent,
            open_world,
        } = self.hints;
        let changes = !self.read_only;
        let hints = ToolAnnotations::from_raw(
            None,
            self.read_only.then_some(true),
            (changes && !destructive).then_some(false),
            (changes && idempotent).then_some(true),
            (!open_world).then_some(false),
        );
        let tool = Tool::new(self.name, self.description, plain((self.input)()))
            .with_title(self.title)
            .with_annotations(hints);
        if shown.output_schemas {
            tool.with_raw_output_schema(plain((self.output)()).into())
        } else {
            tool
        }
    }
}

fn run<C: Call>(tool_call: ToolCall) -> Running {
    let ToolCall {
        executor,
        context,
        arguments,
    } = tool_call;
    Box::pin(async move {
        let mut answer = executor
            .call::<C>(context, arguments.into(), ParamSource::Tool)
            .await?;
        answer.make_lean();
        serde_json::to_value(answer).map_err(|error| {
            tracing::error!(name: "mcp.broken", %error, "an answer cannot be written as JSON");
            ApiError::internal()
        })
    })
}

/// Removes parts that some clients reject: the dialect (2020-12 is the protocol's default, and some validators know no other
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
