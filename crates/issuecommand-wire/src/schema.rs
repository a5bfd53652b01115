//! JSON schemas of the calls, for tools and for the document of the HTTP surface: generated from the parameter lists that the
//! parser reads, and from the response types.

mod components;

use issuecommand_core::domain::claim::ClaimStatus;
use issuecommand_core::domain::followup::FollowupStatus;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

pub use self::components::Components;
use crate::call::Call;
use crate::error::RefusalRecord;
use crate::params::{Param, ParamType};

/// The parameters of a call for a tool; others are refused. The parser also accepts digits in a text as a number and `"true"`
/// as `true`; the schema has the preferred types.
pub fn input<C: Call>() -> Map<String, Value> {
    let properties: Map<String, Value> = C::PARAMS
        .iter()
        .map(|input| (input.name.to_owned(), field(input)))
        .collect();
    let needed: Vec<&str> = C::PARAMS
        .iter()
        .filter(|input| input.needed && !input.of_session)
        .map(|input| input.name)
        .collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), "object".into());
    schema.insert("properties".to_owned(), properties.into());
    if !needed.is_empty() {
        schema.insert("required".to_owned(), needed.into());
    }
    schema.insert("additionalProperties".to_owned(), false.into());
    schema
}

/// One parameter.
pub fn field(input: &Param) -> Value {
    let about = input.description;
    match input.kind {
        ParamType::String => json!({ "type": "string", "description": about }),
        ParamType::Bool => json!({ "type": "boolean", "description": about }),
        ParamType::Integer { least, most } => {
            json!({ "type": "integer", "minimum": least, "maximum": most, "description": about })
        }
        ParamType::Status => {
            json!({ "type": "string", "enum": ClaimStatus::ALL.map(ClaimStatus::as_str), "description": about })
        }
        ParamType::OneOf(words) => {
            json!({ "type": "string", "enum": words, "description": about })
        }
        ParamType::FollowupStatus => {
            json!({ "type": "string", "enum": FollowupStatus::ALL.map(FollowupStatus::as_str), "description": about })
        }
    }
}

/// The response of a call. A refusal is a response too: its fields are among the others if it can occur, and only common fields
/// are required.
pub fn output<C: Call>() -> Map<String, Value> {
    let mut yes = of::<C::Response>();
    if let Some(Value::Object(properties)) = yes.get_mut("properties") {
        properties.insert("warnings".to_owned(), warnings());
        properties.insert("notices".to_owned(), notices());
        if C::GIVES_WORK {
            properties.insert(
                "agent_id".to_owned(),
                text("your name here, if you left agent_id out"),
            );
        }
        if C::GIVES_WORK && !C::BY_NUMBER {
            properties.insert("also_yours".to_owned(), also_yours());
        }
    }
    if !C::REFUSES {
        return yes;
    }
    let mut no = of::<RefusalRecord>();
    let both: Vec<Value> = match (yes.get("required"), no.get("required")) {
        (Some(Value::Array(yes)), Some(Value::Array(no))) => {
            yes.iter().filter(|f| no.contains(f)).cloned().collect()
        }
        _ => Vec::new(),
    };
    if let (Some(Value::Object(into)), Some(Value::Object(more))) =
        (yes.get_mut("properties"), no.remove("properties"))
    {
        let gives_any_work = into.contains_key("chosen_because");
        for (name, schema) in more {
            // Only a call for any work is refused with it.
            if name == "why" && !gives_any_work {
                continue;
            }
            // A refusal contains a record only if the response does, so its definition exists already.
            if !RECORDS.contains(&name.as_str()) {
                into.entry(name).or_insert(schema);
            }
        }
    }
    yes.insert("required".to_owned(), both.into());
    // The two descriptions of `ok` differ; the response's would be wrong for refusals.
    if let Some(ok) = yes.get_mut("properties").and_then(|p| p.get_mut("ok")) {
        *ok =
            json!({ "type": "boolean", "description": "false: a refusal, see reason and message" });
    }
    yes
}

fn warnings() -> Value {
    json!({
        "type": "array",
        "items": { "type": "string" },
        "description": "what was taken but will not do what was most likely meant; absent where there is nothing to warn of"
    })
}

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn notices() -> Value {
    json!({
        "type": "array",
        "items": { "type": "object" },
        "description": "what became of your work by another's hand: notice (lost, ended, taken_over, given), of what, why, and who \
            has it now; each is told once"
    })
}

fn also_yours() -> Value {
    json!({
        "type": "array",
        "items": { "type": "object" },
        "description": "what else you hold"
    })
}

/// The fields of a refusal that are records.
const RECORDS: [&str; 4] = ["claim", "work_item", "notices", "also_yours"];

fn of<T: JsonSchema>() -> Map<String, Value> {
    let mut generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    let mut schema = match generator.root_schema_for::<T>().to_value() {
        Value::Object(schema) => schema,
        _ => Map::new(),
    };
    schema.remove("title");
    schema.remove("description");
    schema
}
