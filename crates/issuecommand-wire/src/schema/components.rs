//! Schemas that share their definitions, as an OpenAPI document has them.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::warnings;
use crate::call::Call;
use crate::record::{HeldRecord, NoticeRecord};

/// Schemas of answers. The definitions that they refer to are collected.
#[derive(Debug)]
pub struct Components(SchemaGenerator);

impl Default for Components {
    fn default() -> Self {
        let settings = SchemaSettings::draft2020_12().for_serialize();
        let settings = settings.with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self(settings.into_generator())
    }
}

impl Components {
    /// The schema of a type.
    pub fn of<T: JsonSchema>(&mut self) -> Value {
        self.0.subschema_for::<T>().to_value()
    }

    /// The answer to a call that was not refused.
    pub fn answer<C: Call>(&mut self) -> Value {
        let answer = self.of::<C::Response>();
        let notices = self.of::<Vec<NoticeRecord>>();
        let mut beside = json!({ "warnings": warnings(), "notices": notices });
        if C::GIVES_WORK && !C::BY_NUMBER {
            beside["also_yours"] = self.of::<Vec<HeldRecord>>();
        }
        json!({ "allOf": [answer, { "type": "object", "properties": beside }] })
    }

    /// The definitions, by name.
    pub fn into_definitions(mut self) -> Map<String, Value> {
        self.0.take_definitions(true)
    }
}
