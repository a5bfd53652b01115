//! Values as JSON text.

use serde_json::Value as Json;

use crate::value::Value;

/// On several lines: objects, and arrays that hold objects; the first line is not indented.
pub(super) fn lines(value: &Value, indent: &str, unit: &str, line_end: &str) -> String {
    let inner = format!("{indent}{unit}");
    let block = |open: char, items: Vec<String>, close: char| {
        let items = items.join(&format!(",{line_end}{inner}"));
        format!("{open}{line_end}{inner}{items}{line_end}{indent}{close}")
    };
    match value {
        Value::Object(members) if !members.is_empty() => {
            let members = members.iter().map(|(key, value)| {
                let value = lines(value, &inner, unit, line_end);
                format!("{}: {value}", quoted(key))
            });
            block('{', members.collect(), '}')
        }
        Value::List(values)
            if values
                .iter()
                .any(|value| matches!(value, Value::Object(_) | Value::List(_))) =>
        {
            let values = values
                .iter()
                .map(|value| lines(value, &inner, unit, line_end));
            block('[', values.collect(), ']')
        }
        value => line(value),
    }
}

/// On one line.
pub(super) fn line(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(text),
        Value::Flag(flag) => flag.to_string(),
        Value::Other(spelling) => spelling.clone(),
        Value::List(values) => {
            let values: Vec<_> = values.iter().map(line).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Object(members) => {
            let members: Vec<_> = members
                .iter()
                .map(|(key, value)| format!("{}: {}", quoted(key), line(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

pub(super) fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}
